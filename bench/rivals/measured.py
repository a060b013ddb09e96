"""What the Python clients share: the arguments, the tally and its one JSON line."""
import argparse
import json
import resource
import time


def arguments(variants=("tuned", "default")):
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", default="https://127.0.0.1:9444")
    parser.add_argument("--ca-file", default="")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--warmup", type=float, default=1)
    parser.add_argument("--duration", type=float, default=5)
    parser.add_argument("--payload-size", type=int, default=256)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--once", action="store_true")
    return parser.parse_args()


def payload_of(size):
    return b'{"data":"' + b"x" * max(0, size - len('{"data":""}')) + b'"}'


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Tally:
    """Counts between `begin` and `end`; whatever completes before or after is warm-up and after-run."""

    def __init__(self):
        self.measuring = False
        self.stopped = False
        self.errors = 0
        self.latencies = []   # seconds

    def add(self, begun):
        if self.measuring:
            self.latencies.append(time.perf_counter() - begun)

    def fail(self):
        if self.measuring:
            self.errors += 1

    def begin(self):
        self.cpu, self.begun = cpu_seconds(), time.perf_counter()
        self.measuring = True

    def end(self):
        self.measuring = False
        self.seconds = time.perf_counter() - self.begun
        self.cpu = cpu_seconds() - self.cpu
        self.stopped = True

    def print(self, name, version):
        found = sorted(self.latencies)

        def quantile(q):
            return found[min(len(found) - 1, int(q * len(found)))] * 1e6 if found else 0

        print(json.dumps({
            "name": name, "version": version, "requests": len(found), "seconds": self.seconds, "errors": self.errors,
            "cpu_us_per_request": self.cpu * 1e6 / max(1, len(found)),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "latency_us": {"p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99), "p999": quantile(0.999),
                           "max": quantile(1)},
        }), flush=True)
