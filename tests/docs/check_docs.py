"""The documentation against the code: C++ blocks compile, tables of options and headers are complete, cited tests and links exist.

usage: check_docs.py SOURCE_DIR BUILD_DIR CXX [--write]     --write: first brings the header table of docs/embedding.md up to date
"""
import concurrent.futures
import pathlib
import re
import sys
import tempfile

SOURCE, BUILD, CXX = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(SOURCE / "tests/compile_fail"))
from compiler import Compiler  # noqa: E402

PAGES = [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]
EMBEDDING = SOURCE / "docs/embedding.md"
LEFT_BEHIND = SOURCE / "docs/what_a_call_leaves_behind.md"
HEADERS = ("<!-- headers: checked by tests/docs; tests/docs/check_docs.py --write brings the counts up to date -->\n", "<!-- end of headers -->")
# A count may drift by this much before the page must be written anew: every change of a header would fail the test otherwise.
DRIFT = 0.25
failures = []


def fail(text):
    failures.append(text)
    print("FAIL", text)


def blocks():
    """(page, line, text) of every C++ block."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(r"^```cpp\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            yield page, text.count("\n", 0, found.start(1)) + 1, found.group(1)


def check_blocks(folder):
    prelude = SOURCE / "tests/docs/prelude.hpp"
    with_asio = [line.split("<")[1].rstrip(">") for line in prelude.read_text(encoding="utf-8").splitlines() if line.startswith("#include")]
    compiler = Compiler(CXX, BUILD, folder, with_asio)
    files = []
    for page, line, text in blocks():
        name = page.relative_to(SOURCE)
        file = pathlib.Path(folder) / f"{name.stem}_{line}.cpp"
        head = "" if "#include" in text else prelude.read_text(encoding="utf-8")
        file.write_text(f'{head}\n#line {line} "{name}"\n{text}', encoding="utf-8")
        files.append((f"{name}:{line}", file))
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        for (where, _), said in zip(files, threads.map(lambda entry: compiler.complaints(entry[1]), files)):
            if said:
                fail(f"{where}: this block does not compile\n{said}")
    return f"{len(files)} C++ blocks"


def spoken(default, kind):
    """A member's initializer as the table says it."""
    if default is None:
        return "empty" if kind == "std::string" else None
    found = re.fullmatch(r"std::chrono::(milliseconds|seconds|minutes)\((\d+)\)", default)
    if found:
        return f"{found.group(2)} " + {"milliseconds": "ms", "seconds": "s", "minutes": "min"}[found.group(1)]
    known = {"core::forever": "none", "core::duration::zero()": "0", "false": "off", "true": "on", "64 * 1024": "64 KiB",
             "6 * 1024 * 1024 + 64 * 1024": "6 MiB + 64 KiB"}
    return known.get(default, default)


def members(structs, name, prefix=""):
    for kind, member, default in structs[name]:
        short = kind.split("::")[-1]
        if short in structs:
            yield from members(structs, short, f"{prefix}{member}.")
        else:
            yield prefix + member, spoken(default, kind)


def check_options():
    structs = {}
    for header in ("aws/lambda_client.hpp", "http/client.hpp"):
        for found in re.finditer(r"^struct (\w+_options)\n\{\n(.*?)^\};", (SOURCE / header).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            structs[found.group(1)] = [part.groups() for part in re.finditer(
                r"^    ([\w:]+) (\w+)(?: = ([^;]+))?;", found.group(2), re.MULTILINE)]
    expected = dict(members(structs, "lambda_options"))
    table = EMBEDDING.read_text(encoding="utf-8").split("<!-- options:")[1].split("<!-- end of options -->")[0]
    stated = dict(re.findall(r"^\| `([\w.]+)` \| ([^|]*?) \|", table, re.MULTILINE))
    for name in expected.keys() | stated.keys():
        if expected.get(name) != stated.get(name):
            fail(f"docs/embedding.md: option {name}: the header says {expected.get(name, 'nothing')}, the table {stated.get(name, 'nothing')}")
    return f"{len(expected)} options"


def header_table():
    rooms = {}
    for spelling in (BUILD / "public_headers.txt").read_text(encoding="utf-8").split():
        _, room, name = spelling.split("/", 2)
        lines = len((SOURCE / room / name).read_text(encoding="utf-8").splitlines())
        rooms.setdefault(room, []).append((name, lines))
    text = "| room | headers and their lines | lines |\n| --- | --- | --- |\n"
    for room, headers in rooms.items():
        listed = ", ".join(f"`{name}` {lines}" for name, lines in headers)
        text += f"| `{room}` | {listed} | {sum(lines for _, lines in headers)} |\n"
    total = sum(lines for headers in rooms.values() for _, lines in headers)
    return text + f"\n{sum(len(headers) for headers in rooms.values())} headers, {total} lines.\n"


def check_headers():
    text = EMBEDDING.read_text(encoding="utf-8")
    before, rest = text.split(HEADERS[0])
    stated, after = rest.split(HEADERS[1])
    now = header_table()
    if "--write" in sys.argv:
        EMBEDDING.write_text(before + HEADERS[0] + now + HEADERS[1] + after, encoding="utf-8")
        stated = now
    pattern = r"`([\w.]+hpp)` (\d+)"
    for room in re.findall(r"^\| `(\w+)` \|.*$", now, re.MULTILINE):
        row = rf"^\| `{room}` \|.*$"
        real = dict(re.findall(pattern, re.search(row, now, re.MULTILINE).group()))
        line = re.search(row, stated, re.MULTILINE)
        told = dict(re.findall(pattern, line.group())) if line else {}
        if real.keys() != told.keys():
            fail(f"docs/embedding.md: headers of {room}: {sorted(real.keys() ^ told.keys())} installed but not listed, or the other way round")
        for name in real.keys() & told.keys():
            if abs(int(real[name]) - int(told[name])) > max(15, DRIFT * int(real[name])):
                fail(f"docs/embedding.md: {room}/{name} has {real[name]} lines, not {told[name]}; run this with --write")
    return now.strip().splitlines()[-1]


def check_citations():
    cases = set()
    for file in (SOURCE / "tests").rglob("*.cpp"):
        cases.update(re.findall(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"', file.read_text(encoding="utf-8")))
    prefixes = "|".join(sorted({re.escape(name.split(":")[0]) for name in cases if ": " in name}))
    cited = re.findall(rf"`((?:{prefixes}): [^`]+)`", LEFT_BEHIND.read_text(encoding="utf-8"))
    for name in cited:
        if name not in cases:
            fail(f"{LEFT_BEHIND.relative_to(SOURCE)}: no test is called \"{name}\"")
    return f"{len(cited)} cited tests"


def check_links():
    links = 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" in target or target.startswith("mailto:"):
                continue
            links += 1
            if not (page.parent / target).exists():
                fail(f"{page.relative_to(SOURCE)}: links to {target}, which is not there")
    return f"{links} links"


def main():
    with tempfile.TemporaryDirectory(prefix="docs_", dir=BUILD) as folder:
        for said in (check_headers(), check_options(), check_citations(), check_links(), check_blocks(folder)):
            print(said)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
