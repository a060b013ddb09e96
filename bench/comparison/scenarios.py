"""What is measured. A scenario is a server and the runs that alternate against it; `quick` ones are part of --quick."""
import dataclasses
import os

import running
from rivals import Load


@dataclasses.dataclass
class Scenario:
    name: str
    title: str
    server: str                  # tls, plain, tls-5ms, tls-close-1, nginx
    loads: list                  # [(label or "", clients or None for all, changes to Load)]
    quick: bool = True
    note: str = ""


FAST = ["wrk", "lambent"]
SERIOUS = ["wrk", "lambent", "rust-sdk-tuned", "go-sdk-tuned"]
TUNED = [*SERIOUS, "awscrt", "node-tuned", "boto3-tuned", "aiobotocore-tuned", "java-netty", "java-crt"]

ALTERNATING = [
    Scenario("tls-64", "TLS 1.3, 64 in flight, 256 B, every request signed", "tls", [("", None, {})],
             note="The main comparison: every client there is, tuned as its manual says and with its defaults."),
    Scenario("plain-64", "Plain HTTP, 64 in flight, 256 B", "plain", [("", TUNED, {})], quick=False),
    Scenario("depth", "Pipelining over 64 TLS connections", "tls",
             [("", FAST, {}), ("depth 4", FAST, {"depth": 4, "in_flight": 256}), ("depth 16", FAST, {"depth": 16, "in_flight": 1024})],
             note="Ratios are to wrk at depth 1. No official client pipelines."),
    Scenario("one", "One in flight over TLS: latency", "tls",
             [("", [*SERIOUS, "awscrt"], {"in_flight": 1, "connections": 1})]),
    Scenario("eight", "Eight in flight over TLS", "tls", [("", [*SERIOUS, "awscrt"], {"in_flight": 8, "connections": 8})],
             quick=False),
    Scenario("5ms-512", "A function of 5 ms, 512 in flight over TLS", "tls-5ms",
             [("", SERIOUS, {"in_flight": 512, "connections": 512, "warmup": 2})]),
    Scenario("5ms-5000", "A function of 5 ms, 5,000 in flight over TLS on one core", "tls-5ms",
             [("", FAST, {"in_flight": 5000, "connections": 5000, "warmup": 12})], quick=False),
    Scenario("16k", "16 KiB of payload, 64 in flight over TLS", "tls", [("", SERIOUS, {"payload": 16384})]),
    Scenario("1m", "1 MiB of payload, 64 in flight over TLS", "tls", [("", SERIOUS, {"payload": 1 << 20})], quick=False),
    Scenario("churn", "The server closes after each answer, 64 in flight over TLS", "tls-close-1", [("", SERIOUS, {})],
             note="Handshakes are the work here: resumption, and how many are made at once."),
    Scenario("shards", "Two shards on two cores", "tls",
             [("one shard", ["lambent"], {}), ("two shards", ["lambent"], {"shards": 2, "in_flight": 128, "connections": 128})], quick=False),
    Scenario("nginx", "nginx as the server, TLS, 64 in flight", "nginx", [("", [*SERIOUS, "awscrt"], {})], quick=False,
             note="nginx is slower than fast clients and so hides their order; it stands here as a second opinion."),
]
COLD_CLIENTS = ["lambent", "go-sdk-tuned", "rust-sdk-tuned", "node-tuned", "boto3-tuned", "awscrt", "bento-default"]
STREAM_CLIENTS = ["bento-default", "bento-tuned"]
NAMES = [scenario.name for scenario in ALTERNATING] + ["cold", "memory", "stream"]


def server_of(kind, tools):
    arguments = {"tls-5ms": ["--latency", "5ms"], "tls-close-1": ["--close-after", "1"]}.get(kind, [])
    if kind == "nginx":
        return running.Nginx(tools.bench.server_cores, tools.certificates, tools.bench.folder)
    return running.LeanServer(tools.lean_server, tools.bench.server_cores, tools.certificates, kind != "plain", arguments)


def alternating(scenario, tools, record):
    """All runs of a scenario in rounds, each round beginning with another client."""
    bench = tools.bench
    with server_of(scenario.server, tools) as server:
        runs = [(label, client, changes) for label, names, changes in scenario.loads for client in tools.clients
                if names is None or client.name in names]
        for number in range(bench.rounds):
            turn = number % max(1, len(runs))
            for label, client, changes in runs[turn:] + runs[:turn]:
                load = dataclasses.replace(Load(server.endpoint, server.ca_file, seconds=bench.seconds), **changes)
                load.warmup = max(bench.warmup, changes.get("warmup", 0))   # many connections take a while to be made
                cores = tools.more_client_cores if load.shards > 1 else None
                record(scenario.name, number, client.name, label, bench.measured(server, client, load, cores))


def cold(tools, record):
    """One invoke, the whole process from its start to its end."""
    bench = tools.bench
    rounds = max(5, 2 * bench.rounds + 1)
    with server_of("tls", tools) as server:
        load = Load(server.endpoint, server.ca_file)
        runs = [client for client in tools.clients if client.name in COLD_CLIENTS and client.argv_once(load)]
        environment = running.client_environment(server.ca_file)
        rss_mb = {}
        for number in range(-1, rounds):   # the first fills the page cache and looks at memory every millisecond
            turn = number % max(1, len(runs))
            for client in runs[turn:] + runs[:turn]:
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


SPECIAL = {"cold": cold, "memory": memory, "stream": stream}


def estimated_minutes(names, clients, bench):
    """Roughly, for the reader who waits."""
    seconds = 0.0
    for scenario in (known for known in ALTERNATING if known.name in names):
        for _, wanted, _ in scenario.loads:
            runs = [client for client in clients if wanted is None or client.name in wanted]
            warmups = [max(bench.warmup, getattr(getattr(client, "rival", None), "warmup_min", 0)) for client in runs]
            seconds += bench.rounds * sum(warmup + bench.seconds + 0.3 for warmup in warmups)
    return seconds / 60

