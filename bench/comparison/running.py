"""Starts servers and clients on their cores and measures one run."""
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time

import machine

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


def client_environment(ca_file=""):
    """The same for every client: keys, region, and nothing of the user's own configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **KEYS, "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **({"AWS_CA_BUNDLE": ca_file} if ca_file else {})}


@contextlib.contextmanager
def on_cores(cores):
    """What is started within inherits these cores: no `taskset` in between, which a cold start would count."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclasses.dataclass
class Usage:
    cpu_seconds: float
    rss_mb: float          # the peak, as far as it was looked at
    wall_seconds: float


@dataclasses.dataclass
class Ended:
    status: int       # 124: it took too long and was ended
    output: str
    errors: str
    usage: Usage


def run(argv, cores, seconds_max, environment, folder, look_every=0.5):
    """Runs a program to its end. Its output goes through files, so that nobody reads a pipe on the client's core meanwhile."""
    with open(folder / "client.out", "w+b") as out, open(folder / "client.err", "w+b") as err:
        with on_cores(cores):
            begun = time.perf_counter()
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, close_fds=False)
        usage = _wait(process, begun + seconds_max, look_every)
        usage.wall_seconds = time.perf_counter() - begun
        status = 124 if process.returncode == -signal.SIGKILL and usage.wall_seconds >= seconds_max else process.returncode
        out.seek(0)
        err.seek(0)
        return Ended(status, out.read().decode(errors="replace"), err.read().decode(errors="replace"), usage)


def _wait(process, until, look_every):
    """Waits in the kernel, so that a cold start is not measured in polls. The peak of memory is looked up by a timer: what
    the kernel reports at the end (ru_maxrss) includes this Python's own, from before the child's exec."""
    peak_kb = 0

    def look(*_):
        nonlocal peak_kb
        if time.perf_counter() >= until:
            process.kill()
        with contextlib.suppress(OSError):
            found = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
            peak_kb = int(found[1]) if found else peak_kb

    previous = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, look_every, look_every)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(usage.ru_utime + usage.ru_stime, peak_kb / 1024, 0)


class LeanServer:
    """lean_server with these arguments, pinned; a context."""

    def __init__(self, program, cores, certificates, tls, arguments=()):
        self._argv = [str(program), *arguments]
        if tls:
            self._argv += ["--cert", str(certificates / "server.pem"), "--key", str(certificates / "server.key")]
        self._cores, self._tls = cores, tls
        self.said_at_end = None   # TLS: {"handshakes": ..., "resumed": ...}
        self.ca_file = str(certificates / "ca.pem") if tls else ""

    def __enter__(self):
        with on_cores(self._cores):
            self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.endpoint = json.loads(self._process.stdout.readline())["endpoint"]
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
        with self._process.stdout as rest:
            self.said_at_end = last_json_line(rest.read())

    def cpu_seconds(self):
        return machine.cpu_seconds_of(self._process.pid)


NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err crit;
events {{ worker_connections 16384; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; client_body_buffer_size 2m; client_max_body_size 8m;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl; server_name localhost;
        ssl_certificate {certificates}/server.pem; ssl_certificate_key {certificates}/server.key; ssl_protocols TLSv1.3;
        location / {{ default_type application/json; return 200 '{{"ok":true}}'; }}
    }}
}}
"""


class Nginx:
    """nginx as it comes, one worker, TLS; it discards bodies. A context."""

    def __init__(self, cores, certificates, folder):
        self._cores, self._folder, self._certificates = cores, folder / "nginx", certificates
        self.ca_file = str(certificates / "ca.pem")

    def __enter__(self):
        import socket
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._folder.mkdir(exist_ok=True)
        written = self._folder / "nginx.conf"
        written.write_text(NGINX.format(folder=self._folder, certificates=self._certificates, port=port))
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        with on_cores(self._cores):
            self._process = subprocess.Popen([program, "-c", str(written), "-e", str(self._folder / "nginx.err")],
                                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.endpoint = f"https://127.0.0.1:{port}"
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return self
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError(f"nginx does not listen; see {self._folder}/nginx.err")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)

    def cpu_seconds(self):
        return machine.cpu_seconds_of(self._process.pid)


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def last_json_line(text):
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return None


class OutOfTime(Exception):
    """The minutes that were given are over."""


class Bench:
    """Where and how the runs are made."""

    def __init__(self, folder, server_cores, client_cores, warmup, seconds, rounds, rounds_of_others):
        self.folder, self.server_cores, self.client_cores = pathlib.Path(folder), server_cores, client_cores
        self.warmup, self.seconds, self.rounds, self.rounds_of_others = warmup, seconds, rounds, rounds_of_others
        self.until = None   # time.monotonic() after which no run begins

    def check_time(self):
        if self.until is not None and time.monotonic() > self.until:
            raise OutOfTime

    def measured(self, server, client, load, client_cores=None):
        """One run as a dict: the client's line with what was seen from outside; or {"failed": why}."""
        if not client.can(load):
            return {"failed": "cannot do this"}
        if client.name == "wrk" and load.connections > 256:
            return self._without_its_start(server, client, load)
        return self._once(server, client, load, client_cores or self.client_cores)

    def _without_its_start(self, server, client, load):
        """wrk has no warm-up: a short run's requests, seconds and CPU, its connections' making included, are taken off a
        longer one's. Latencies are the longer one's."""
        short = self._once(server, client, dataclasses.replace(load, seconds=load.warmup), self.client_cores)
        found = self._once(server, client, dataclasses.replace(load, seconds=load.warmup + load.seconds), self.client_cores)
        if "failed" in short or "failed" in found:
            return found if "failed" in found else short
        cpu = found["cpu_us_per_request"] * found["requests"] - short["cpu_us_per_request"] * short["requests"]
        for part in ("requests", "seconds"):
            found[part] -= short[part]
        found["requests_per_second"] = found["requests"] / found["seconds"]
        found["cpu_us_per_request"] = cpu / max(1, found["requests"])
        return found

    def _once(self, server, client, load, client_cores):
        load_before, busy, served, begun = os.getloadavg()[0], machine.busy_seconds(), server.cpu_seconds(), time.perf_counter()
        ended = run(client.argv(load), client_cores, 4 * (load.warmup + load.seconds) + 60, client_environment(load.ca_file), self.folder)
        wall = time.perf_counter() - begun
        busy, served = machine.busy_seconds() - busy, server.cpu_seconds() - served
        line = last_json_line(ended.output)
        if ended.status != 0 or line is None:
            said = (ended.errors.strip() or ended.output.strip() or "no words").splitlines()[-1][:200]
            return {"failed": f"exit status {ended.status}: {said}"}
        found = client.read(line, ended.usage)
        found.pop("name", None)
        if found["seconds"] < 0.75 * load.seconds:   # its clock and its counts do not belong together
            return {"failed": f"it measured {found['seconds']:.2f} s where {load.seconds:g} s were asked for"}
        found["requests_per_second"] = found["requests"] / found["seconds"] if found["seconds"] else 0
        found["rss_mb"] = ended.usage.rss_mb
        found["load_average"] = load_before
        # What neither client nor server did: other programs' work, in cores. Steal counts as theirs.
        found["others_cores"] = max(0.0, (busy - ended.usage.cpu_seconds - served) / wall)
        found["server_busy"] = served / wall
        return found
