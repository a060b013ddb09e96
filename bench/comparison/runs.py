"""Records of runs: values, and ratios taken round by round."""
import collections
import statistics


def value_of(run, what):
    return {"cpu": lambda: run.get("cpu_us_per_request"), "p50": lambda: run["latency_us"]["p50"], "p99": lambda: run["latency_us"]["p99"],
            "rate": lambda: run["requests_per_second"]}.get(what, lambda: run.get(what))()


def spread(values):
    values = [value for value in values if value is not None]
    return (statistics.median(values), min(values), max(values)) if values else None


def shown(spread, digits=None):
    if spread is None:
        return "–"
    median = spread[0]
    return f"{median:,.{digits if digits is not None else (0 if median >= 100 else 1 if median >= 10 else 2)}f}"


def ratio_text(spread):
    return "–" if spread is None else f"{spread[0]:.3g} ({spread[1]:.3g}–{spread[2]:.3g})"


class Runs:
    """The records of one scenario, by client and label, with ratios taken round by round."""

    def __init__(self, records, baseline):
        self.good = collections.defaultdict(dict)
        self.failed = {}
        for record in records:
            key = (record["client"], record["label"])
            if "failed" in record:
                self.failed[key] = record["failed"]
            else:
                self.good[key][record["round"]] = record
        self.baseline = self.good.get((baseline, ""), {})

    def values(self, key, what):
        return [value_of(run, what) for run in self.good[key].values()]

    def ratios(self, key, what):
        pairs = [(run, self.baseline.get(number)) for number, run in self.good[key].items()]
        pairs = [(value_of(run, what), value_of(base, what)) for run, base in pairs if base]
        return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]

    def keys(self, what, highest_first):
        def order(key):
            found = spread(self.values(key, what))
            return 0 if found is None else (-found[0] if highest_first else found[0])
        return sorted(self.good, key=order)
