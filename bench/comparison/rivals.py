"""The clients that are compared: how each is set up from its package registry and how it is started."""
import dataclasses
import hashlib
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys

SETUP_SECONDS_MAX = 1800   # one rival's whole set-up: a cold build of the Rust SDK or of Bento on two cores


@dataclasses.dataclass
class Load:
    """What one run shall do."""
    endpoint: str
    ca_file: str            # empty for plain HTTP
    in_flight: int = 64
    connections: int = 64
    depth: int = 1
    payload: int = 256
    warmup: float = 1
    seconds: float = 5
    shards: int = 1
    rate: float = 0         # open loop: requests due a second; 0: closed loop


@dataclasses.dataclass
class Rival:
    """A client of another maker. Its folder is copied to the build folder and built there by `steps`."""
    name: str
    tools: list             # programs that must be on PATH
    steps: list             # commands, run in the copy
    command: list           # how it is started, from the build folder; `{here}` is its copy
    variants: list
    what: str               # for the table
    warmup_min: float = 0   # seconds; just-in-time compilers need them
    environment: dict = dataclasses.field(default_factory=dict)


def _python(name, what, variants=("tuned", "default")):
    return Rival(name, ["python3"], [["python3", "-m", "venv", "venv"],
                                     ["venv/bin/pip", "install", "-q", "-r", "requirements.txt"]],
                 ["{here}/venv/bin/python", "{here}/main.py"], list(variants), what)


GO_BUILD = {"GOFLAGS": "-buildvcs=false -mod=mod"}
RIVALS = [
    Rival("rust-sdk", ["cargo"], [["cargo", "build", "--release", "-q"]], ["{here}/target/release/rust-sdk"], ["tuned", "default"],
          "AWS SDK for Rust"),
    Rival("go-sdk", ["go"], [["go", "mod", "tidy"], ["go", "build", "-p", "1", "-o", "go-sdk", "."]], ["{here}/go-sdk"],
          ["tuned", "default"], "AWS SDK for Go v2", environment=GO_BUILD),
    _python("awscrt", "AWS CRT from Python", ["tuned"]),
    _python("boto3", "boto3, a thread for each in flight"),
    _python("aiobotocore", "aiobotocore"),
    Rival("node", ["node", "npm"], [["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]],
          ["node", "--no-warnings", "{here}/main.mjs"], ["tuned", "default"], "AWS SDK for JavaScript v3"),
    Rival("java", ["java", "mvn"], [["mvn", "-q", "-B", "compile", "dependency:copy-dependencies", "-DincludeScope=runtime",
                                     "-DoutputDirectory=target/lib"]],
          ["java", "-cp", "{here}/target/classes:{here}/target/lib/*", "rival.Main"], ["netty", "crt", "default"],
          "AWS SDK for Java v2", warmup_min=10),
    Rival("bento", ["go"], [["go", "mod", "tidy"], ["go", "build", "-p", "1", "-o", "bento", "."]], ["{here}/bento"],
          ["default", "tuned"], "Bento's aws_lambda, the original processor", environment=GO_BUILD),
]


def _digest(folder):
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _run_bounded(command, folder, environment, log, seconds):
    """The command's exit status; 124 where it took longer. Its children end with it."""
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return 124


def set_up(rival, source, build):
    """Makes the rival ready in `build`/<name>. Returns None, or why it cannot be had."""
    absent = [tool for tool in rival.tools if shutil.which(tool) is None]
    if absent:
        return f"{' and '.join(absent)} not on PATH"
    here, digest, mark = build / rival.name, _digest(source / rival.name), build / f"{rival.name}.ready"
    shutil.copy(source / "measured.py", build)
    if mark.is_file() and mark.read_text() == digest:
        return None
    shutil.copytree(source / rival.name, here, dirs_exist_ok=True)
    print(f"compare: setting up {rival.name} (log: {build / rival.name}.log)", file=sys.stderr, flush=True)
    with open(build / f"{rival.name}.log", "wb") as log:
        for step in rival.steps:
            status = _run_bounded(step, here, {**os.environ, **rival.environment}, log, SETUP_SECONDS_MAX)
            if status != 0:
                why = f"longer than {SETUP_SECONDS_MAX} s" if status == 124 else f"exit status {status}"
                return f"`{' '.join(step)}` failed ({why}); see {build / rival.name}.log"
    mark.write_text(digest)
    return None


class RivalClient:
    """One variant of a rival, ready to be started."""

    def __init__(self, rival, variant, build):
        self.name = rival.name if len(rival.variants) == 1 else f"{rival.name}-{variant}"
        self.what = rival.what + ("" if len(rival.variants) == 1 else f", {variant}")
        self.rival, self.variant = rival, variant
        self._start = [part.replace("{here}", str(build / rival.name)) for part in rival.command]

    def can(self, load):
        return load.depth == 1 and load.shards == 1 and load.rate == 0

    def argv(self, load):
        return self._start + ["--endpoint", load.endpoint, "--ca-file", load.ca_file, "--in-flight", str(load.in_flight),
                              "--warmup", str(max(load.warmup, self.rival.warmup_min)), "--duration", str(load.seconds),
                              "--payload-size", str(load.payload), "--variant", self.variant]

    def argv_once(self, load):
        return self._start + ["--endpoint", load.endpoint, "--ca-file", load.ca_file, "--payload-size", str(load.payload),
                              "--variant", self.variant, "--once"]

    def read(self, line, _):
        return line


class Wrk:
    name, what = "wrk", "wrk, a load generator that signs nothing: the ceiling"

    def __init__(self, script):
        self._script = script

    def can(self, load):
        return load.shards == 1 and load.rate == 0

    def argv(self, load):
        threads = ["wrk", "-t1", f"-c{load.connections}", f"-d{max(1, math.ceil(load.seconds))}s", "--timeout", "20s"]
        return threads + ["-s", str(self._script), load.endpoint + "/", "--", str(load.depth), str(load.payload)]

    def argv_once(self, load):
        return None

    def read(self, line, usage):
        line["cpu_us_per_request"] = usage.cpu_seconds * 1e6 / max(1, line["requests"])
        # Pipelined, its correction of latencies overflows now and then: a tail below the median is none.
        median = line["latency_us"]["p50"]
        line["latency_us"] = {name: value if value >= median else None for name, value in line["latency_us"].items()}
        return line


class LambentInvoke:
    """`lambent invoke` as a program of its own: only for the cold start."""
    name, what = "lambent-invoke", "lambent-invoke, a program of its own"

    def __init__(self, program):
        self._program = str(program)

    def argv_once(self, load):
        return [self._program, *Lambent(self._program, "").argv_once(load)[2:]]


class Lambent:
    name, what = "lambent", "lambent, everything on"

    def __init__(self, program, version):
        self._program, self._version = str(program), version

    def can(self, load):
        return True

    def argv(self, load):
        trusted = ["--ca-file", load.ca_file] if load.ca_file else []
        paced = ["-r", f"{load.rate:g}"] if load.rate else []
        return [self._program, "bench", *paced, "--endpoint", load.endpoint, *trusted, "--function", "bench", "-c", str(load.in_flight),
                "--connections", str(load.connections), "--depth", str(load.depth), "--duration", f"{load.seconds:g}s",
                "--warmup", f"{load.warmup:g}s", "--payload-size", str(load.payload), "--shards", str(load.shards), "--json"]

    def argv_once(self, load):
        trusted = ["--ca-file", load.ca_file] if load.ca_file else []
        payload = '{"data":"' + "x" * max(0, load.payload - 11) + '"}'
        return [self._program, "invoke", "bench", "-d", payload, "--endpoint", load.endpoint, *trusted, "--region", "eu-west-1"]

    def read(self, line, _):
        return {"name": self.name, "version": self._version, "requests": line["requests"], "errors": line["errors"],
                "seconds": line.get("duration_s") or line["requests"] / line["requests_per_second"],
                "cpu_us_per_request": line["cpu_us_per_request"], "latency_us": line["latency_us"],
                "phases_us": line.get("phases_us"), "errors_by_class": line.get("errors_by_class")}
