"""Records in, a Markdown page with tables and plots out."""
import collections
import statistics

import plot

PAPER = {   # scenario -> (what is plotted, its unit)
    "one": ("p50", "median latency, µs"), "cold": ("wall_ms", "milliseconds from start to end of the process"),
    "16k": ("cpu", "client CPU, µs a request"), "1m": ("cpu", "client CPU, µs a request"), "shards": ("cpu", "client CPU, µs a request"),
}


def _value(run, what):
    return {"cpu": lambda: run.get("cpu_us_per_request"), "p50": lambda: run["latency_us"]["p50"], "p99": lambda: run["latency_us"]["p99"],
            "rate": lambda: run["requests_per_second"]}.get(what, lambda: run.get(what))()


def _spread(values):
    values = [value for value in values if value is not None]
    return (statistics.median(values), min(values), max(values)) if values else None


def _shown(spread, digits=None):
    if spread is None:
        return "–"
    median = spread[0]
    return f"{median:,.{digits if digits is not None else (0 if median >= 100 else 1 if median >= 10 else 2)}f}"


def _ratio(spread):
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
        return [_value(run, what) for run in self.good[key].values()]

    def ratios(self, key, what):
        pairs = [(run, self.baseline.get(number)) for number, run in self.good[key].items()]
        pairs = [(_value(run, what), _value(base, what)) for run, base in pairs if base]
        return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]

    def keys(self, what, highest_first):
        def order(key):
            found = _spread(self.values(key, what))
            return 0 if found is None else (-found[0] if highest_first else found[0])
        return sorted(self.good, key=order)


def _label(key, description):
    client, label = key
    return f"{description.get(client, client)}{', ' + label if label else ''}"


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _load_section(runs, what):
    rows = []
    for key in runs.keys("rate", True):
        medians = {name: _spread(runs.values(key, name)) for name in ("rate", "cpu", "rss_mb", "server_busy", "others_cores", "errors")}
        latency = [_spread([(run.get("latency_us") or {}).get(name) for run in runs.good[key].values()]) for name in ("p50", "p99", "max")]
        name = _label(key, what)
        rows.append([f"**{name}**" if key[0] == "lambent" else name, _shown(medians["rate"], 0), _ratio(_spread(runs.ratios(key, "rate"))),
                     _shown(medians["cpu"]), _ratio(_spread(runs.ratios(key, "cpu"))), *[_shown(one) for one in latency],
                     _shown(medians["rss_mb"], 0), f"{medians['errors'][2]:.0f}" if medians["errors"] else "–",
                     _shown(medians["server_busy"], 2), _shown(medians["others_cores"], 2)])
    return _table(["client", "requests/s", "ratio to wrk", "CPU µs", "CPU to wrk's", "p50 µs", "p99 µs", "max µs", "RSS MB", "errors",
                   "server busy", "others' cores"], rows)


def _cold_section(runs, what):
    rows = []
    for key in runs.keys("wall_ms", False):
        name = _label(key, what)
        wall = _spread(runs.values(key, "wall_ms"))
        rows.append([f"**{name}**" if key[0] == "lambent" else name, f"{wall[0]:.1f} ({wall[1]:.1f}–{wall[2]:.1f})",
                     _ratio(_spread(runs.ratios(key, "wall_ms"))), _shown(_spread(runs.values(key, "cpu_ms"))),
                     _shown(_spread(runs.values(key, "rss_mb")), 0)])
    return _table(["client", "ms, median (range)", "ratio to Go's", "CPU ms", "RSS MB"], rows)


def _memory_section(runs, what):
    names = ["connections", "rss_kib_per_connection_fresh", "rss_kib_per_connection_used", "rss_kib_per_connection_untrimmed", "busy_p50_us", "busy_p99_us",
             "busy_p99_us_without", "rss_mb", "errors"]
    rows = [[_label(key, what), *[_shown(_spread(runs.values(key, name))) for name in names[1:]]] for key in runs.good]
    return _table(["client", "KiB a connection, fresh", "after two requests", "with free heap", "busy p50 µs", "busy p99 µs", "the same without idle ones",
                   "RSS MB", "errors"], rows)


def _hash_notes(runs, payload, sha256_us):
    """The 16 KiB and 1 MiB goal: wrk's CPU and the payload's SHA-256, and 5 % on both."""
    ours = _spread(runs.values(("lambent", ""), "cpu")) if ("lambent", "") in runs.good else None
    wrk = _spread(_value(run, "cpu") for run in runs.baseline.values())
    if not (ours and wrk and sha256_us):
        return []
    bound = 1.05 * (wrk[0] + sha256_us)
    return ["", f"SHA-256 of the payload alone takes {sha256_us:.1f} µs here (`openssl speed`). wrk's {wrk[0]:.1f} µs and that and 5 % are "
                f"{bound:.1f} µs; lambent takes {ours[0]:.1f} µs."]


def write(records, folder, stem, scenarios, command):
    """Writes `stem`.md and its plots; `records` as `compare` keeps them."""
    start = next(record for record in records if record["kind"] == "start")
    what = start["clients"]
    machine = start["machine"]
    lines = [f"# {stem}", "", f"Written by `{command}` at {start['time']}; {start['rounds']} rounds of {start['seconds']:g} s after "
             f"{start['warmup']:g} s of warm-up. What the columns mean: [docs/benchmarks.md](../../docs/benchmarks.md).", "",
             f"{machine['cpu']}, {machine['cores']} cores{', virtual' if machine['virtual'] else ''}, {machine['memory_gib']} GiB, "
             f"{', '.join(machine['instructions'])}; Linux {machine['kernel']}, {machine['system']}. Server on core "
             f"{start['server_cores']}, client on core {start['client_cores']}; load average at the start {machine['load_average'][0]:.2f}.", ""]
    busy = [record["load_average"] for record in records if record.get("load_average") is not None]
    others = [record["others_cores"] for record in records if record.get("others_cores") is not None]
    if others and statistics.median(others) > 0.1:
        lines += [f"> **The machine was not idle:** other programs used {statistics.median(others):.2f} cores in the median run (load average "
                  f"{min(busy):.1f}–{max(busy):.1f}). These figures show that everything works; do not quote them.", ""]
    for scenario, title, note in scenarios:
        found = [record for record in records if record["kind"] == "run" and record["scenario"] == scenario]
        if not found:
            continue
        baseline = "go-sdk-tuned" if scenario == "cold" else "wrk"
        runs = Runs(found, baseline)
        lines += [f"## {title}", ""] + ([note, ""] if note else [])
        section = {"cold": _cold_section, "memory": _memory_section}.get(scenario, _load_section)
        if runs.good:
            lines += section(runs, what)
        if scenario in ("16k", "1m"):
            lines += _hash_notes(runs, None, start["sha256_us"].get(scenario))
        if runs.good and scenario != "memory":
            name = f"{stem}-{scenario}.svg"
            (folder / name).write_text(_plot(runs, scenario, title, what))
            lines += ["", f"![{title}]({name})"]
        lines += ["", *[f"- Missing: {_label(key, what)}: {why}" for key, why in sorted(runs.failed.items())], ""]
    lines += ["## Versions", ""] + [f"- {name}: {version}" for name, version in start["tools"].items()]
    seen = {}
    for record in records:
        if record.get("version"):
            seen[record["client"]] = record["version"]
    lines += [f"- {what.get(client, client)}: {version}" for client, version in sorted(seen.items())]
    missing = start["missing"]
    lines += ["", "## Not to be had", ""] + ([f"- {name}: {why}" for name, why in missing.items()] or ["Nothing is missing."])
    (folder / f"{stem}.md").write_text("\n".join(lines) + "\n")
    return folder / f"{stem}.md"


def _plot(runs, scenario, title, what):
    measure, unit = PAPER.get(scenario, ("ratio", "requests per second, as a ratio to wrk's in the same round"))
    rows = []
    for key in runs.keys("rate" if measure == "ratio" else measure, measure == "ratio"):
        values = runs.ratios(key, "rate") if measure == "ratio" else runs.values(key, measure)
        spread = _spread(values)
        if spread:
            rows.append((_label(key, {}), *spread, key[0] == "lambent"))
    return plot.bars(title, unit, rows, 1.0 if measure == "ratio" else None)
