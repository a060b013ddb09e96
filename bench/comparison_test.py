#!/usr/bin/env python3
"""The comparison's page says what the lines say: ratios within a round, spreads, failures, a warning on a busy machine.

usage: comparison_test.py COMPARE
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.dom.minidom


def run(client, number, rate, cpu, others=0.0):
    return {"kind": "run", "scenario": "tls-64", "round": number, "client": client, "label": "", "requests": 5 * rate, "seconds": 5,
            "requests_per_second": rate, "errors": 0, "cpu_us_per_request": cpu, "version": client + " 1", "rss_mb": 10,
            "latency_us": {"p50": 100, "p90": 200, "p99": 300, "p999": 400, "max": 500}, "load_average": 0.1,
            "others_cores": others, "server_busy": 0.5}


def page(lines, folder):
    written = folder / "made-up.jsonl"
    written.write_text("".join(json.dumps(line) + "\n" for line in lines))
    subprocess.run([sys.argv[1], "--report", written], check=True, stdout=subprocess.DEVNULL)
    return (folder / "made-up.md").read_text()


START = {"kind": "start", "time": "2026-01-02 03:04 UTC", "command": "bench/compare", "rounds": 3, "seconds": 5, "warmup": 1,
         "server_cores": 0, "client_cores": 1, "tools": {"wrk": "wrk 4"}, "missing": {"java": "java not on PATH"},
         "clients": {"wrk": "the ceiling", "lambent": "lambent"}, "sha256_us": {},
         "machine": {"cpu": "a CPU", "cores": 2, "virtual": True, "memory_gib": 8, "instructions": ["sha_ni"], "kernel": "6",
                     "system": "Debian", "load_average": [0.1, 0.1, 0.1]}}


def main():
    # The machine's speed doubles in the second round; the ratio does not care. The third round's wrk failed: no ratio.
    lines = [START, run("wrk", 0, 1000, 10), run("lambent", 0, 1200, 9), run("wrk", 1, 2000, 5), run("lambent", 1, 2600, 4.5),
             {"kind": "run", "scenario": "tls-64", "round": 2, "client": "wrk", "label": "", "failed": "exit status 1: no words"},
             run("lambent", 2, 9000, 9)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text = page(lines, folder)
        assert "1.25 (1.2–1.3)" in text, text
        assert "0.9 (0.9–0.9)" in text, text
        assert "- Missing: the ceiling: exit status 1: no words" in text, text
        assert "- java: java not on PATH" in text, text
        assert "not idle" not in text, text
        assert "| TLS 1.3, 64 in flight, 256 B, signed: requests/s | ≥ 1.10 × wrk | 1.25 (1.2–1.3) | yes |" in text, text
        assert "| the same: CPU per request | ≤ 1.0 × wrk | 0.9 (0.9–0.9) | yes |" in text, text
        xml.dom.minidom.parse(str(folder / "made-up-tls-64.svg"))
        readme = folder / "README.md"
        readme.write_text("before\n<!-- bench: written by bench/readme_table -->\nold\n<!-- bench: end -->\nafter\n")
        for _ in range(2):   # written twice it is the same
            subprocess.run([pathlib.Path(sys.argv[1]).with_name("readme_table"), folder / "made-up.jsonl", readme], check=True, stdout=subprocess.DEVNULL)
            shown = readme.read_text()
            assert shown.startswith("before\n") and shown.endswith("after\n") and "old" not in shown, shown
            assert shown.count("1.25 (1.2–1.3)") == 1 and "bench/results/made-up-tls-64.svg" in shown, shown
        text = page([{**line, "others_cores": 0.8} if "others_cores" in line else line for line in lines], folder)
        assert "not idle" in text, text
    print("comparison: the page says what the lines say")


main()
