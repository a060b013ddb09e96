"""What is measured. A scenario is a server and the runs that alternate against it; `quick` ones are part of --quick."""
import contextlib
import dataclasses
import json
import os
import pathlib

import running
from rivals import LambentInvoke, Load


@dataclasses.dataclass
class Scenario:
    name: str
    title: str
    server: str                  # tls, plain, tls-5ms, tls-close-1, nginx
    loads: list                  # [(label or "", clients or None for all, changes to Load)]
    quick: bool = True
    note: str = ""
    rounds_max: int = 1000


FAST = ["wrk", "lambent"]
SERIOUS = ["wrk", "lambent", "rust-sdk-tuned", "go-sdk-tuned"]
TUNED = [*SERIOUS, "awscrt", "node-tuned", "boto3-tuned", "aiobotocore-tuned"]

# In the order of their weight: where the time does not suffice for all, the last ones are left out.
ALTERNATING = [
    Scenario("tls-64", "TLS 1.3, 64 in flight, 256 B, every request signed", "tls", [("", None, {})],
             note="The main comparison: every client there is, tuned as its manual says and with its defaults."),
    Scenario("one", "One in flight over TLS: latency", "tls",
             [("", [*SERIOUS, "awscrt"], {"in_flight": 1, "connections": 1})]),
    Scenario("depth", "Pipelining over TLS, 128 in flight", "tls",
             [("", FAST, {}), ("depth 4", FAST, {"depth": 4, "in_flight": 128, "connections": 32}),
              ("depth 16", FAST, {"depth": 16, "in_flight": 128, "connections": 8}),
              ("depth 16, 64 connections", ["lambent"], {"depth": 16, "in_flight": 1024})],
             note="Ratios are to wrk at depth 1 over 64 connections. No official client pipelines."),
    Scenario("plain-64", "Plain HTTP, 64 in flight, 256 B", "plain", [("", TUNED, {})], quick=False),
    Scenario("5ms-512", "A function of 5 ms, 512 in flight over TLS", "tls-5ms",
             [("", SERIOUS, {"in_flight": 512, "connections": 512, "warmup": 2})]),
    Scenario("16k", "16 KiB of payload, 64 in flight over TLS", "tls", [("", SERIOUS, {"payload": 16384})]),
    Scenario("eight", "Eight in flight over TLS", "tls", [("", [*SERIOUS, "awscrt"], {"in_flight": 8, "connections": 8})],
             quick=False),
    Scenario("1m", "1 MiB of payload, 64 in flight over TLS", "tls", [("", SERIOUS, {"payload": 1 << 20})], quick=False),
    Scenario("5ms-5000", "A function of 5 ms, 5,000 in flight over TLS on one core", "tls-5ms",
             [("", FAST, {"in_flight": 5000, "connections": 5000, "warmup": 12})], quick=False, rounds_max=3),
    Scenario("shards", "Two shards on two cores", "tls",
             [("one shard", ["lambent"], {}), ("two shards", ["lambent"], {"shards": 2, "in_flight": 128, "connections": 128})], quick=False,
             note="On two cores one of the shards shares its core with the server: CPU per request is what is worth reading."),
    Scenario("churn", "The server closes after each answer, 64 in flight over TLS", "tls-close-1",
             [("", SERIOUS, {}), ("1,000 a second, open loop", ["lambent"], {"rate": 1000})],
             note="Handshakes are the work here: resumption, and how many are made at once. Each run has a server of its own, which counts them."),
    Scenario("fairness", "1,000 callers at 64 connections over TLS", "tls",
             [("1,000 callers", ["lambent"], {"in_flight": 1000, "connections": 64})],
             note="Callers wait for a connection, first come first served."),
    Scenario("nginx", "nginx as the server, TLS, 64 in flight", "nginx", [("", [*SERIOUS, "awscrt"], {})], quick=False, rounds_max=5,
             note="nginx is slower than fast clients and so hides their order; it stands here as a second opinion."),
]
COLD_CLIENTS = ["lambent", "go-sdk-tuned", "rust-sdk-tuned", "node-tuned", "boto3-tuned", "awscrt", "bento-default"]
STREAM_CLIENTS = ["bento-default", "bento-tuned"]
NAMES = [scenario.name for scenario in ALTERNATING]
NAMES[NAMES.index("eight"):NAMES.index("eight")] = ["cold", "stream", "micro", "memory"]
NAMES.insert(NAMES.index("nginx"), "instructions")


def server_of(kind, tools):
    arguments = {"tls-5ms": ["--latency", "5ms"], "tls-close-1": ["--close-after", "1"]}.get(kind, [])
    if kind == "nginx":
        return running.Nginx(tools.bench.server_cores, tools.certificates, tools.bench.folder)
    return running.LeanServer(tools.lean_server, tools.bench.server_cores, tools.certificates, kind != "plain", arguments)


def _runs_of(scenario, clients):
    return [(label, client, changes) for label, names, changes in scenario.loads for client in clients
            if names is None or client.name in names]


def _rounds_of(scenario, client, bench):
    return min(scenario.rounds_max, bench.rounds if client.name in SERIOUS else bench.rounds_of_others)


def alternating(scenario, tools, record):
    """All runs of a scenario in rounds, each round beginning with another client. Those that are far behind run in the first rounds only."""
    bench = tools.bench
    own_servers = scenario.server == "tls-close-1"
    with contextlib.nullcontext() if own_servers else server_of(scenario.server, tools) as shared:
        runs = _runs_of(scenario, tools.clients)
        for number in range(bench.rounds):
            turn = number % max(1, len(runs))
            for label, client, changes in runs[turn:] + runs[:turn]:
                if number >= _rounds_of(scenario, client, bench):
                    continue
                bench.check_time()
                with server_of(scenario.server, tools) if own_servers else contextlib.nullcontext(shared) as server:
                    load = dataclasses.replace(Load(server.endpoint, server.ca_file, seconds=bench.seconds), **changes)
                    load.warmup = max(bench.warmup, changes.get("warmup", 0))   # many connections take a while to be made
                    cores = tools.more_client_cores if load.shards > 1 else None
                    found = bench.measured(server, client, load, cores)
                if own_servers and server.said_at_end:
                    found |= server.said_at_end
                record(scenario.name, number, client.name, label, found)


def cold(tools, record):
    """One invoke, the whole process from its start to its end."""
    bench = tools.bench
    rounds = max(5, 2 * bench.rounds + 1)
    with server_of("tls", tools) as server:
        load = Load(server.endpoint, server.ca_file)
        runs = [client for client in tools.clients if client.name in COLD_CLIENTS and client.argv_once(load)]
        alone = tools.lean_server.with_name("lambent-invoke")
        runs += [LambentInvoke(alone)] if alone.is_file() else []
        environment = running.client_environment(server.ca_file)
        rss_mb = {}
        for number in range(-1, rounds):   # the first fills the page cache and looks at memory every millisecond
            turn = number % max(1, len(runs))
            for client in runs[turn:] + runs[:turn]:
                bench.check_time()
                ended = running.run(client.argv_once(load), bench.client_cores, 60, environment, bench.folder,
                                    look_every=0.001 if number < 0 else 60)
                if number < 0:
                    rss_mb[client.name] = ended.usage.rss_mb
                if ended.status != 0:
                    said = (ended.errors.strip() or "no words").splitlines()[-1][:200]
                    record("cold", max(0, number), client.name, "", {"failed": f"exit status {ended.status}: {said}"})
                elif number >= 0:
                    record("cold", number, client.name, "", {
                        "wall_ms": ended.usage.wall_seconds * 1e3, "cpu_ms": ended.usage.cpu_seconds * 1e3,
                        "rss_mb": rss_mb[client.name], "load_average": os.getloadavg()[0]})


def memory(tools, record):
    """What an idle connection costs, and 10,000 of them beside busy ones; `bench_connections` holds and measures them."""
    if not tools.connections_program.is_file():
        record("memory", 0, "lambent", "", {"failed": f"{tools.connections_program} is not built"})
        return
    for number in range(min(3, tools.bench.rounds)):
        for connections in (1000, 10000):
            tools.bench.check_time()
            with server_of("tls", tools) as server:
                argv = [str(tools.connections_program), "--endpoint", server.endpoint, "--ca-file", server.ca_file,
                        "--connections", str(connections), "--duration", f"{tools.bench.seconds:g}"]
                ended = running.run(argv, tools.bench.client_cores, 180, running.client_environment(server.ca_file), tools.bench.folder)
                line = running.last_json_line(ended.output)
                if ended.status != 0 or line is None:
                    line = {"failed": f"exit status {ended.status}: {(ended.errors.strip() or 'no words').splitlines()[-1][:200]}"}
                record("memory", number, "lambent", f"{connections:,} connections", line)


STREAM = """
http: {{enabled: false}}
logger: {{level: error}}
metrics: {{none: {{}}}}
input: {{generate: {{interval: "", count: {count}, batch_size: {batch}, mapping: 'root = {{"data": "{filling}"}}'}}}}
pipeline:
  threads: 1
  processors:
    - aws_lambda: {{parallel: true, function: bench, region: eu-west-1, endpoint: {endpoint},
                    credentials: {{id: {id}, secret: {secret}}}}}
output: {{drop: {{}}}}
"""


def _stream_run(tools, server, count):
    written = tools.bench.folder / "stream.yaml"
    written.write_text(STREAM.format(count=count, batch=64, filling="x" * 245, endpoint=server.endpoint,
                                     id=running.KEYS["AWS_ACCESS_KEY_ID"], secret=running.KEYS["AWS_SECRET_ACCESS_KEY"]))
    return running.run([str(tools.lambent), "run", str(written)], tools.bench.client_cores, 240,
                       running.client_environment(server.ca_file), tools.bench.folder)


def stream(tools, record):
    """generate (batches of 64) -> aws_lambda (parallel) -> drop, through `lambent run` and through the original's engine.

    `lambent run` gets two numbers of messages; what lies between the two ends is the rate, without start and stop."""
    bench = tools.bench
    few, many = 6400, max(64000, round(bench.seconds) * 64000)
    with server_of("tls", tools) as server:
        rivals = [client for client in tools.clients if client.name in ("wrk", *STREAM_CLIENTS)]
        for number in range(bench.rounds):
            load = Load(server.endpoint, server.ca_file, warmup=bench.warmup, seconds=bench.seconds)
            for client in rivals:
                if number >= (bench.rounds if client.name == "wrk" else bench.rounds_of_others):
                    continue
                bench.check_time()
                record("stream", number, client.name, "", bench.measured(server, client, load))
            if tools.lambent is None:
                continue
            short, long = _stream_run(tools, server, few), _stream_run(tools, server, many)
            failed = next((ended for ended in (short, long) if ended.status != 0), None)
            if failed:
                said = (failed.errors.strip() or "no words").splitlines()[-1][:200]
                record("stream", number, "lambent", "lambent run", {"failed": f"exit status {failed.status}: {said}"})
                continue
            seconds = long.usage.wall_seconds - short.usage.wall_seconds
            cpu = long.usage.cpu_seconds - short.usage.cpu_seconds
            record("stream", number, "lambent", "lambent run", {
                "requests": many - few, "seconds": seconds, "requests_per_second": (many - few) / seconds, "errors": 0,
                "cpu_us_per_request": cpu * 1e6 / (many - few), "rss_mb": long.usage.rss_mb,
                "load_average": os.getloadavg()[0]})


MICRO = [  # (program, filter): what is counted and what is timed without a network
    ("bench_sign", "."), ("bench_invoke_memory", "/[0-9]+$"), ("bench_http", "."), ("bench_core", "."),
]


def micro(tools, record):
    """The micro-benches: signatures in units of a SHA-256 block, allocations, times."""
    programs = tools.lean_server.parent
    for number in range(min(3, tools.bench.rounds)):
        for name, wanted in MICRO:
            tools.bench.check_time()
            if not (programs / name).is_file():
                record("micro", number, "lambent", name, {"failed": f"{programs / name} is not built (libbenchmark-dev)"})
                continue
            ended = running.run([str(programs / name), f"--benchmark_filter={wanted}", "--benchmark_format=json", "--benchmark_min_time=0.1"],
                                tools.bench.client_cores, 120, running.client_environment(), tools.bench.folder)
            if ended.status != 0:
                record("micro", number, "lambent", name, {"failed": f"exit status {ended.status}: {ended.errors.strip()[-200:]}"})
                continue
            known = {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations"}
            for found in json.loads(ended.output)["benchmarks"]:
                figures = {key: value for key, value in found.items() if isinstance(value, (int, float)) and key not in known}
                record("micro", number, "lambent", f"{name.removeprefix('bench_')}: {found['name']}", {"error": found.get("error_message"), **figures})


def instructions(tools, record):
    """Instructions of one invocation in memory, by callgrind: the same on every run."""
    script = pathlib.Path(__file__).resolve().parent.parent / "instructions"
    ended = running.run([str(script), str(tools.lean_server.parent)], tools.bench.client_cores, 300, running.client_environment(), tools.bench.folder)
    line = running.last_json_line(ended.output)
    if ended.status != 0 or line is None:
        line = {"failed": (ended.errors.strip() or "no words").splitlines()[-1][:200]}
    record("instructions", 0, "lambent", line.pop("what", ""), line)


SPECIAL = {"cold": cold, "instructions": instructions, "memory": memory, "micro": micro, "stream": stream}


def planned(names, clients, bench):
    """(seconds that do not depend on how long a run is measured, how often that length is measured), roughly."""
    fixed, measured = 0.0, 0
    for scenario in (known for known in ALTERNATING if known.name in names):
        for _, client, changes in _runs_of(scenario, clients):
            rounds = _rounds_of(scenario, client, bench)
            warmup = max(bench.warmup, changes.get("warmup", 0), getattr(getattr(client, "rival", None), "warmup_min", 0))
            twice = client.name == "wrk" and changes.get("connections", 64) > 256
            start = 0.3 if client.name in SERIOUS else 1.5
            fixed += rounds * (warmup * (2 if twice else 0 if client.name == "wrk" else 1) + start)
            measured += rounds
    others = min(bench.rounds, bench.rounds_of_others)
    fixed += ("cold" in names) * (2 * bench.rounds + 1) * 1.2
    if "memory" in names:
        fixed, measured = fixed + min(3, bench.rounds) * 24, measured + 4 * min(3, bench.rounds)
    fixed += ("instructions" in names) * 25
    fixed += ("micro" in names) * min(3, bench.rounds) * 13
    if "stream" in names:
        fixed, measured = fixed + bench.rounds * 1.5 + 3 * others, measured + 2 * bench.rounds + 2 * others
    return fixed, measured
