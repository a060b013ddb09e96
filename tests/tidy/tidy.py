#!/usr/bin/env python3
"""Reads the repository and fails on what the house forbids; reports what is only a habit.

usage: tidy.py SOURCE_DIR ROOMS_FILE PUBLIC_HEADERS_FILE
rooms.txt and public_headers.txt are written by CMake: "http: core" and "lambent/http/client.hpp" a line.
Exceptions stand in exceptions.txt beside this file, one "rule path" a line; the list may only shrink, so an unused one fails too.
"""
import pathlib
import re
import subprocess
import sys

ROOMS = ["core", "sigv4", "http", "aws", "emulator", "data", "config", "bloblang", "processor", "stream", "cli"]
BELOW_THE_LINE = {"core", "sigv4", "http", "aws"}
# Third parties with one home. The key is the include's beginning.
HOMES = {
    "yaml.h": {"config", "bloblang"},
    "simdjson": {"data", "aws"},
    "CLI/": {"cli"},
    "boost/beast": {"http"},
    "boost/asio/ssl": {"http"},
    "openssl/ssl.h": {"http"},
}
# An installed header may name the standard library, Asio, Boost.System and other installed headers; nothing else, by include or by name.
PUBLIC_THIRD_PARTY = re.compile(r"boost/(asio/(?!ssl)|system/)")
STANDARD = re.compile(r"[a-z_0-9]+$")
FOREIGN_NAMES = re.compile(r"\b(ssl_st|ssl_ctx_st|x509_st|evp_\w+|SSL|SSL_CTX|z_stream)\b|\b(beast|fmt|YAML|simdjson)::|\basio::ssl\b")
BANNED = [  # rule, pattern, rooms or None for all, files that may
    ("spawn", re.compile(r"\bco_spawn\b"), None, {"core/task_group.cpp", "core/shard.cpp", "core/shard_set.cpp"}),
    ("detached", re.compile(r"\basio::detached\b"), None, {"core/task_group.cpp", "core/shard.cpp", "core/shard_set.cpp"}),
    ("clock", re.compile(r"\b(system_clock|steady_clock)::now\b|\bgettimeofday\b|\bclock_gettime\b|\bstd::time\(|(?<![\w.:>])time\((nullptr|NULL|0)\)"), None,
     {"core/timekeeper.cpp"}),
    ("chance", re.compile(r"\bstd::random_device\b|\bstd::rand\b|\bmt19937\b"), None, {"core/entropy.cpp"}),
    ("getenv", re.compile(r"\bgetenv\b"), None, {"aws/environment.cpp"}),
    ("throw", re.compile(r"(?<![\w\"`])throw\b(?![\w\"`(])"), BELOW_THE_LINE, {"core/error.cpp"}),
    ("sleep", re.compile(r"\bsleep_for\b|\busleep\b|\bsleep_until\(std"), None, set()),
    ("left undone", re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b"), None, set()),
    ("name", re.compile(r"\b(class|struct|namespace)\s+\w*(manager|util|helper|misc)\w*\b"), None, set()),
    ("awaited choice", re.compile(r"\?[^;:]*\bco_await\b[^;]*:|:[^;:?]*\bco_await\b[^;]*;(?<=\?)"), None, set()),
    ("awaited list", re.compile(r"\bco_await\s+[\w.>:()-]+\(\s*\{"), None, set()),
    ("awaited lambda", re.compile(r"\bco_await\s+\[[^\]]"), None, set()),
]


def strip(text):
    """Comments and string contents out, line structure kept."""
    out, i, n = [], 0, len(text)
    while i < n:
        if text.startswith("//", i):
            while i < n and text[i] != "\n":
                i += 1
        elif text.startswith("/*", i):
            end = text.find("*/", i + 2)
            end = n if end < 0 else end + 2
            out.append("\n" * text.count("\n", i, end))
            i = end
        elif text.startswith('R"', i) and (i == 0 or not (text[i - 1].isalnum() or text[i - 1] == "_")):
            open_paren = text.find("(", i)
            close = ")" + text[i + 2:open_paren] + '"'
            end = text.find(close, open_paren)
            end = n if end < 0 else end + len(close)
            out.append('""' + "\n" * text.count("\n", i, end))
            i = end
        elif text[i] == '"':
            i += 1
            while i < n and text[i] != '"' and text[i] != "\n":
                i += 2 if text[i] == "\\" else 1
            out.append('""')
            i += 1
        elif text[i] == "'" and i and text[i - 1].isalnum():
            out.append(text[i])  # digit separator
            i += 1
        elif text[i] == "'":
            i += 1
            while i < n and text[i] != "'" and text[i] != "\n":
                i += 2 if text[i] == "\\" else 1
            out.append("' '")
            i += 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def main():
    root = pathlib.Path(sys.argv[1])
    rooms = {}
    for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
        name, _, depends = line.partition(":")
        rooms[name] = set(depends.split())
    public = {line[len("lambent/"):] for line in pathlib.Path(sys.argv[3]).read_text().split()}
    seen_public = set()
    exceptions_file = root / "tests/tidy/exceptions.txt"
    exceptions = {}
    for line in exceptions_file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            rule, path = line.split("#")[0].rsplit(None, 1)
            exceptions[(rule.strip(), path)] = 0
    failures, reports = [], []

    def fail(rule, path, line, text):
        key = (rule, path)
        if key in exceptions:
            exceptions[key] += 1
        else:
            failures.append(f"{path}:{line}: {rule}: {text.strip()[:120]}")

    def closure(room):
        seen, todo = set(), [room]
        while todo:
            for other in rooms.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    sources = []
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and path.is_file():
                sources.append((room, path))
    included = set()
    arrows = {}
    for room, path in sources:
        name = str(path.relative_to(root))
        text = path.read_text()
        code = strip(text)
        allowed = rooms.get(room, set()) if room != "cli" else set(ROOMS)
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if not match:
                continue
            target = match.group(1)
            if target.startswith("lambent/"):
                other = target.split("/")[1]
                included.add(target[len("lambent/"):])
                if other != room:
                    arrows.setdefault(room, set()).add(other)
                    if other not in allowed:
                        fail("include direction", name, number, f"{room} may not include {target}")
            for prefix, homes in HOMES.items():
                if target.startswith(prefix) and room not in homes:
                    fail("third party's home", name, number, target)
            if name in public and not PUBLIC_THIRD_PARTY.match(target) and not STANDARD.match(target):
                if not target.startswith("lambent/"):
                    fail("public header", name, number, f"{target}: neither the standard library's, Asio's nor ours")
                elif target[len("lambent/"):] not in public:
                    fail("public header", name, number, f"{target} is not installed")
        if path.suffix == ".hpp" and "#pragma once" not in text:
            fail("guard", name, 1, "no #pragma once")
        lines = code.splitlines()
        if name in public:
            seen_public.add(name)
            for number, line in enumerate(lines, 1):
                if FOREIGN_NAMES.search(line):
                    fail("public header", name, number, line)
        for rule, pattern, where, may in BANNED:
            if (where is None or room in where) and name not in may:
                for number, line in enumerate(lines, 1):
                    if pattern.search(line):
                        fail(rule, name, number, line)
        if len(text.splitlines()) > 400:
            reports.append(f"{name}: {len(text.splitlines())} lines")
    for room, path in sources:
        name = str(path.relative_to(root))
        if path.suffix == ".hpp" and name not in included:
            tests = subprocess.run(["grep", "-rlF", f"lambent/{name}", str(root / "tests"), str(root / "examples"), str(root / "bench")],
                                   capture_output=True, text=True).stdout
            if not tests:
                fail("dead header", name, 1, "nobody includes it")
    for name in sorted(public - seen_public):
        failures.append(f"{name} is listed under HEADERS but does not exist")
    categories = subprocess.run(["grep", "-rnE", r"error_category\(0x", "--include=*.cpp", "--include=*.hpp"] + [str(root / r) for r in ROOMS],
                                capture_output=True, text=True).stdout.splitlines()
    ids = {}
    for line in categories:
        identity = re.search(r"error_category\((0x[0-9a-f']+)", line).group(1)
        if identity in ids:
            failures.append(f"{line}: a second category with the id of {ids[identity]}")
        ids[identity] = line.split(":")[0]
    # docs/architecture.md states the directions; CMake is the source.
    stated = {}
    for line in (root / "docs/architecture.md").read_text().splitlines():
        match = re.match(r"^(\w+)\s+-> (.*)$", line)
        if match:
            stated[match.group(1)] = set(match.group(2).replace("-", "").split())
    for room in ROOMS:
        if room not in rooms:
            continue
        if room == "cli" and stated.get(room) == {"all"}:
            continue
        if stated.get(room) != rooms[room]:
            failures.append(f"docs/architecture.md: {room} -> {sorted(stated.get(room, []))}, but CMake says {sorted(rooms[room])}")
        unused = rooms[room] - arrows.get(room, set())
        if unused:
            failures.append(f"{room}/CMakeLists.txt: DEPENDS names {sorted(unused)}, which no file of the room includes")
    for (rule, path), used in exceptions.items():
        if not used:
            failures.append(f"tests/tidy/exceptions.txt: '{rule} {path}' is no longer needed; remove it")
    for room in sorted(arrows):
        print(f"{room:10} includes {' '.join(sorted(arrows[room]))}")
    for line in reports:
        print("habit:", line)
    for line in failures:
        print("FAIL", line)
    print(f"{len(sources)} files, {len(seen_public)} installed headers, {len(failures)} failures, {len(reports)} long files")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
