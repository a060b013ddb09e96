"""The table of goals: what was aimed at, what lambent reaches, the best official client, the original processor."""
from runs import Runs, shown, spread

OFFICIAL = ("rust-sdk", "go-sdk", "awscrt", "boto3", "aiobotocore", "node", "java")


class Row:
    def __init__(self, work, goal, ours, met, official="–", original="–"):
        self.work, self.goal, self.ours, self.met, self.official, self.original = work, goal, ours, met, official, original

    def cells(self):
        return [self.work, self.goal, self.ours, "–" if self.met is None else "yes" if self.met else "**no**", self.official, self.original]


HEAD = ["work", "goal", "lambent", "met", "best official client", "Bento's `aws_lambda`"]


def _median(values):
    found = spread(values)
    return found[0] if found else None


def _number(value):
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class Summary:
    def __init__(self, records, descriptions):
        self._what = descriptions
        self._records = [record for record in records if record["kind"] == "run"]
        self._start = next(record for record in records if record["kind"] == "start")
        self.rows = []

    def runs(self, scenario):
        found = [record for record in self._records if record["scenario"] == scenario]
        return Runs(found, "go-sdk-tuned" if scenario == "cold" else "wrk")

    def _best(self, runs, what, names, lowest):
        """The best median ratio among the clients whose names begin so, and whose it is."""
        found = [(_median(runs.ratios(key, what)), key) for key in runs.good if key[0].startswith(names)]
        found = [(value, key) for value, key in found if value is not None]
        if not found:
            return "–"
        value, (client, _) = (min if lowest else max)(found)
        return f"{_number(value)} ({self._what.get(client, client).replace('AWS SDK for ', '').replace(', tuned', '')})" if names is OFFICIAL else _number(value)

    def ratio(self, work, goal, scenario, what, bound, label="", client="lambent"):
        """A ratio within rounds; `bound` = (lowest or None, highest or None)."""
        runs = self.runs(scenario)
        ours = spread(runs.ratios((client, label), what)) if (client, label) in runs.good else None
        if ours is None:
            return
        lowest, highest = bound
        met = (lowest is None or ours[0] >= lowest) and (highest is None or ours[0] <= highest)
        others = [self._best(runs, what, names, lowest is None) for names in (OFFICIAL, ("bento",))]
        self.rows.append(Row(work, goal, f"{_number(ours[0])} ({_number(ours[1])}–{_number(ours[2])})", met, *others))

    def value(self, work, goal, scenario, label, what, highest, unit=""):
        runs = self.runs(scenario)
        ours = _median(runs.values(("lambent", label), what)) if ("lambent", label) in runs.good else None
        if ours is not None:
            self.rows.append(Row(work, goal, _number(ours) + unit, None if highest is None else ours <= highest))

    def hashed(self, work, scenario):
        """CPU against wrk's, the payload's SHA-256 as `openssl speed` finds it, and 5 % on both."""
        runs, floor = self.runs(scenario), self._start["sha256_us"].get(scenario)
        ours = _median(runs.values(("lambent", ""), "cpu")) if ("lambent", "") in runs.good else None
        wrk = _median([run["cpu_us_per_request"] for run in runs.baseline.values()])
        if ours and wrk and floor:
            bound = 1.05 * (wrk + floor)
            others = [(_median(runs.values(key, "cpu")), key[0]) for key in runs.good if key[0].startswith(OFFICIAL)]
            best = min(others, default=None)
            self.rows.append(Row(work, f"≤ {_number(bound)} µs (wrk {_number(wrk)}, SHA-256 {_number(floor)}, 5 %)", f"{_number(ours)} µs", ours <= bound,
                                 f"{_number(best[0])} µs ({self._what.get(best[1], best[1]).replace('AWS SDK for ', '').replace(', tuned', '')})" if best else "–"))

    def memory(self):
        runs = self.runs("memory")
        few, many = runs.good.get(("lambent", "1,000 connections")), runs.good.get(("lambent", "10,000 connections"))
        for what, goal, title in (("fresh", 20, "fresh"), ("used", 26, "after two requests")):
            if few:
                ours = _median([run[f"rss_kib_per_connection_{what}"] for run in few.values()])
                self.rows.append(Row(f"RSS per idle TLS connection, {title}", f"≤ {goal} KiB", f"{_number(ours)} KiB", ours <= goal))
        if many:
            one = {name: _median([run[name] for run in many.values()]) for name in ("busy_p99_us", "busy_p99_us_without", "errors", "rss_mb")}
            self.rows.append(Row("10,000 idle connections beside 64 busy callers: the busy ones' p99", "as without them, no errors",
                                 f"{_number(one['busy_p99_us'])} µs; without {_number(one['busy_p99_us_without'])} µs; {_number(one['rss_mb'])} MB; "
                                 f"{one['errors']:.0f} errors", one["errors"] == 0 and one["busy_p99_us"] <= 1.1 * one["busy_p99_us_without"]))

    def shards(self):
        runs = self.runs("shards")
        one, two = (_median(runs.values(("lambent", label), "cpu")) if ("lambent", label) in runs.good else None for label in ("one shard", "two shards"))
        if one and two:
            self.rows.append(Row("two shards, CPU per request to one shard's", "≤ 1.05", _number(two / one), two <= 1.05 * one))

    def fairness(self):
        found = self.runs("fairness").good.get(("lambent", "1,000 callers"))
        if found:
            waits = [(run["latency_us"]["max"], 1000 / run["requests_per_second"] * 1e6) for run in found.values()]
            ours = _median([longest / mean for longest, mean in waits])
            self.rows.append(Row("1,000 callers, 64 connections: longest wait to the mean of a queue", "≤ 2", _number(ours), ours <= 2))

    def churn(self):
        found = self.runs("churn").good.get(("lambent", ""))
        if found and all("handshakes" in run for run in found.values()):
            resumed = _median([run["resumed"] / max(1, run["handshakes"]) for run in found.values()])
            errors = max(run["errors"] for run in found.values())
            self.rows.append(Row("server closes after each answer: resumed handshakes", "no stall, no errors", f"{100 * resumed:.1f} %; {errors:.0f} errors", errors == 0))
        self.value("1,000 handshakes a second, open loop: p99", "no stall", "churn", "1,000 a second, open loop", "p99", None, " µs")


def rows(records, descriptions):
    s = Summary(records, descriptions)
    s.ratio("TLS 1.3, 64 in flight, 256 B, signed: requests/s", "≥ 1.10 × wrk", "tls-64", "rate", (1.10, None))
    s.ratio("the same: CPU per request", "≤ 1.0 × wrk", "tls-64", "cpu", (None, 1.0))
    s.ratio("plain HTTP, 64 in flight: requests/s", "≥ 1.05 × wrk", "plain-64", "rate", (1.05, None))
    s.ratio("pipelining depth 4 over TLS: requests/s", "≥ 3 × wrk at depth 1", "depth", "rate", (3, None), "depth 4")
    s.ratio("pipelining depth 16 over TLS: requests/s", "≥ 6 × wrk at depth 1", "depth", "rate", (6, None), "depth 16")
    s.ratio("one in flight: p50", "≤ 1.05 × wrk", "one", "p50", (None, 1.05))
    s.ratio("one in flight: p99", "< wrk", "one", "p99", (None, 0.9999))
    s.ratio("eight in flight: requests/s", "≥ 1.0 × wrk", "eight", "rate", (1.0, None))
    s.ratio("5 ms function, 512 in flight: requests/s", "≥ 1.05 × wrk", "5ms-512", "rate", (1.05, None))
    s.value("5 ms function, 512 in flight: p99", "≤ 15 ms", "5ms-512", "", "p99", 15000, " µs")
    s.value("5 ms function, 5,000 in flight: errors", "0", "5ms-5000", "", "errors", 0)
    s.value("5 ms function, 5,000 in flight: p99", "reported", "5ms-5000", "", "p99", None, " µs")
    s.hashed("16 KiB payload: CPU per request", "16k")
    s.hashed("1 MiB payload: CPU per request", "1m")
    s.value("signing 256 B by the template, in SHA-256 blocks", "≤ 11", "micro", "sign: from_template/256/0", "sha_blocks", 11)
    s.value("signing 256 B by the general path, in SHA-256 blocks", "≤ 25", "micro", "sign: without_token/256", "sha_blocks", 25)
    s.value("heap allocations of a signature", "0", "micro", "sign: from_template/256/0", "allocs", 0)
    s.value("heap allocations per invocation, in all", "≤ 2", "micro", "invoke_memory: invoke_in_memory/256", "allocations", 2)
    s.memory()
    s.ratio("one invoke over TLS, whole process: `lambent-invoke`", "≤ 0.9 × Go's", "cold", "wall_ms", (None, 0.9), client="lambent-invoke")
    s.ratio("the same by `lambent invoke`", "≤ 0.9 × Go's", "cold", "wall_ms", (None, 0.9))
    s.shards()
    s.ratio("`lambent run`: generate → aws_lambda (parallel) → drop", "≥ 0.7 × wrk", "stream", "rate", (0.7, None), "lambent run")
    s.churn()
    s.fairness()
    return s.rows
