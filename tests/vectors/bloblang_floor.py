#!/usr/bin/env python3
"""Runs bloblang_vectors and fails when fewer cases pass than before.

usage: bloblang_floor.py RUNNER FLOOR FILE...    FLOOR may only rise; "shared:x" is ../shared/vectors/x (see run.py)
"""
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
shared = pathlib.Path(os.environ.get("LAMBENT_SHARED_VECTORS") or SOURCE.parent / "shared" / "vectors")
paths = []
for argument in sys.argv[3:]:
    path = shared / argument[len("shared:"):] if argument.startswith("shared:") else pathlib.Path(argument)
    if not path.exists():
        print(f"SKIPPED: {path} is absent; set LAMBENT_SHARED_VECTORS to the folder that holds the recorded vectors")
        sys.exit(1 if os.environ.get("LAMBENT_REQUIRE_SHARED") == "1" else 77)
    paths.append(str(path))
run = subprocess.run([sys.argv[1], *paths], capture_output=True, env=dict(os.environ, TZ="UTC"))
text = run.stdout.decode(errors="replace")
print(text, end="")
counts = re.match(r"(\d+) passed, (\d+) failed", text.strip().split("\n")[-1])
if not counts:
    sys.exit(f"the runner gave no counts; exit {run.returncode}: {run.stderr.decode(errors='replace')}")
passed = int(counts.group(1))
if passed < int(sys.argv[2]):
    sys.exit(f"{passed} cases pass, {sys.argv[2]} did before")
