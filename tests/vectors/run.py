#!/usr/bin/env python3
"""Runs a vector runner on recorded files.

usage: run.py RUNNER PATH...     a PATH that begins with "shared:" lies in $LAMBENT_SHARED_VECTORS or in ../shared/vectors

Where a shared path is absent the test is skipped (exit 77) and says so; with LAMBENT_REQUIRE_SHARED=1 it fails instead.
"""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
shared = pathlib.Path(os.environ.get("LAMBENT_SHARED_VECTORS") or SOURCE.parent / "shared" / "vectors")
paths = []
for argument in sys.argv[2:]:
    path = shared / argument[len("shared:"):] if argument.startswith("shared:") else pathlib.Path(argument)
    if not path.exists():
        print(f"SKIPPED: {path} is absent; set LAMBENT_SHARED_VECTORS to the folder that holds the recorded vectors")
        sys.exit(1 if os.environ.get("LAMBENT_REQUIRE_SHARED") == "1" else 77)
    paths.append(str(path))
sys.exit(subprocess.run([sys.argv[1], *paths]).returncode)
