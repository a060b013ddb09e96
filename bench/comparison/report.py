"""Records in, a Markdown page with tables and plots out."""
import statistics

import plot
import summary
from runs import Runs, ratio_text, shown, spread, value_of

PAPER = {   # scenario -> (what is plotted, its unit)
    "one": ("p50", "median latency, µs"), "cold": ("wall_ms", "milliseconds from start to end of the process"),
    "churn": ("p50", "median latency, µs"), "fairness": ("p50", "median latency, µs"),
    "16k": ("cpu", "client CPU, µs a request"), "1m": ("cpu", "client CPU, µs a request"), "shards": ("cpu", "client CPU, µs a request"),
}


def _label(key, description):
    client, label = key
    return f"{description.get(client, client)}{', ' + label if label else ''}"


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _load_section(runs, what):
    rows = []
    for key in runs.keys("rate", True):
        name = _label(key, what)
        medians = {name: spread(runs.values(key, name)) for name in ("rate", "cpu", "rss_mb", "server_busy", "others_cores", "errors")}
        resumed = [100 * run["resumed"] / max(1, run["handshakes"]) for run in runs.good[key].values() if "handshakes" in run]
        if resumed:
            name += f" ({spread(resumed)[0]:.0f} % of handshakes resumed)"
        latency = [spread([(run.get("latency_us") or {}).get(name) for run in runs.good[key].values()]) for name in ("p50", "p99", "max")]
        rows.append([f"**{name}**" if key[0] == "lambent" else name, shown(medians["rate"], 0), ratio_text(spread(runs.ratios(key, "rate"))),
                     shown(medians["cpu"]), ratio_text(spread(runs.ratios(key, "cpu"))), *[shown(one) for one in latency],
                     shown(medians["rss_mb"], 0), f"{medians['errors'][2]:.0f}" if medians["errors"] else "–",
                     shown(medians["server_busy"], 2), shown(medians["others_cores"], 2)])
    return _table(["client", "requests/s", "ratio to wrk", "CPU µs", "CPU to wrk's", "p50 µs", "p99 µs", "max µs", "RSS MB", "errors",
                   "server busy", "others' cores"], rows)


def _cold_section(runs, what):
    rows = []
    for key in runs.keys("wall_ms", False):
        name = _label(key, what)
        wall = spread(runs.values(key, "wall_ms"))
        rows.append([f"**{name}**" if key[0].startswith("lambent") else name, f"{wall[0]:.1f} ({wall[1]:.1f}–{wall[2]:.1f})",
                     ratio_text(spread(runs.ratios(key, "wall_ms"))), shown(spread(runs.values(key, "cpu_ms"))),
                     shown(spread(runs.values(key, "rss_mb")), 0)])
    return _table(["client", "ms, median (range)", "ratio to Go's", "CPU ms", "RSS MB"], rows)


def _memory_section(runs, what):
    names = ["connections", "rss_kib_per_connection_fresh", "rss_kib_per_connection_used", "rss_kib_per_connection_untrimmed", "busy_p50_us", "busy_p99_us",
             "busy_p99_us_without", "rss_mb", "errors"]
    rows = [[_label(key, what), *[shown(spread(runs.values(key, name))) for name in names[1:]]] for key in runs.good]
    return _table(["client", "KiB a connection, fresh", "after two requests", "with free heap", "busy p50 µs", "busy p99 µs", "the same without idle ones",
                   "RSS MB", "errors"], rows)


def _micro_section(runs, what):
    names = ["sha_blocks", "allocs", "allocations", "frames_allocated", "largest_frame"]
    rows = []
    for key in runs.good:
        times = [run["real_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[run.get("time_unit", "ns")] for run in runs.good[key].values()]
        counted = {name: spread(runs.values(key, name)) for name in names}
        rows.append([key[1], shown(spread(times)), shown(counted["sha_blocks"]), shown(counted["allocs"] or counted["allocations"], 2),
                     shown(counted["frames_allocated"], 2), shown(counted["largest_frame"], 0)])
    return _table(["what", "ns", "SHA-256 blocks", "allocations", "frames not recycled", "largest frame, B"], rows)


def _instructions_section(runs, what):
    rows = [[name, _total(count, sum(run["by_object"].values()))] for one in runs.good.values() for run in one.values()
            for name, count in [("**all**", run["instructions"]), *run["by_object"].items()]]
    return _table(["where", "instructions a call"], rows)


def _total(count, whole):
    return f"{count:,.0f} ({100 * count / whole:.0f} %)"


def _hash_notes(runs, payload, sha256_us):
    """The 16 KiB and 1 MiB goal: wrk's CPU and the payload's SHA-256, and 5 % on both."""
    ours = spread(runs.values(("lambent", ""), "cpu")) if ("lambent", "") in runs.good else None
    wrk = spread(value_of(run, "cpu") for run in runs.baseline.values())
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
    cut = next((record["scenarios"] for record in records if record["kind"] == "out of time"), [])
    if cut:
        lines += [f"> **The time given was over** before these were done: {', '.join(cut)}.", ""]
    goals = summary.rows(records, what)
    if goals:
        lines += ["## Goals", "", "Medians; in brackets the lowest and the highest round. Ratios are taken within each round.", "",
                  *_table(summary.HEAD, [row.cells() for row in goals]), ""]
    for scenario, title, note in scenarios:
        found = [record for record in records if record["kind"] == "run" and record["scenario"] == scenario]
        if not found:
            continue
        baseline = "go-sdk-tuned" if scenario == "cold" else "wrk"
        runs = Runs(found, baseline)
        lines += [f"## {title}", ""] + ([note, ""] if note else [])
        section = {"cold": _cold_section, "memory": _memory_section, "micro": _micro_section, "instructions": _instructions_section}.get(scenario, _load_section)
        if runs.good:
            lines += section(runs, what)
        if scenario in ("16k", "1m"):
            lines += _hash_notes(runs, None, start["sha256_us"].get(scenario))
        if runs.good and scenario not in ("memory", "micro", "instructions"):
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
        found = spread(values)
        if found:
            rows.append((_label(key, {}), *found, key[0].startswith("lambent")))
    return plot.bars(title, unit, rows, 1.0 if measure == "ratio" else None)
