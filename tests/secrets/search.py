#!/usr/bin/env python3
"""Searches what the tests wrote for the tests' secrets, in each form in which a secret may leave a program.

usage: search.py BUILD_DIR      after ctest: its log, and every text file that a test left in the build folder
       search.py --check        the search finds what is planted, and list.txt holds every secret of the sources
"""
import base64
import pathlib
import re
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Tests whose output holds a signature by design, and why. Secrets are searched for in these too.
SIGNATURES_BY_DESIGN = {
    "e2e.sign": "prints what `lambent sign` prints where a case fails",
    "e2e.signing_page": "runs the commands of docs/signing.md, which shows signatures",
    "vectors_sigv4_suite": "prints expected and got signatures where a case fails",
    "vectors_sigv4_lambda": "prints expected and got signatures where a case fails",
}
SIGNATURE = re.compile(rb"Signature=[0-9a-f]{64}")
# Assignments of a secret in the tests' sources.
SOURCES = re.compile(
    r"""(?i)(?:SECRET_ACCESS_KEY|SESSION_TOKEN|AUTHORIZATION_TOKEN|secret|\btoken)\\?["']?(?:: |=| = |", )\\?["']?([A-Za-z0-9/+=_.-]{6,})""")
# What the expression also finds: names, members and words.
NO_SECRET = re.compile(r"[a-z_]*[_.][a-z_.]+|X-AMZ-[\w-]+|DIR/\w+|another|secret")
SECRETS_MIN = 6
SKIPPED_SUFFIXES = {".o", ".a", ".so", ".d", ".ninja", ".cmake", ".gch"}
FILE_BYTES_MAX = 64 * 1024 * 1024


def secrets():
    return [line for line in (HERE / "list.txt").read_text().splitlines() if line and not line.startswith("#")]


def forms(secret):
    """The secret as it is, percent-encoded, in JSON with escaped slashes, in hex, and inside a longer base64 text at each of the three alignments."""
    raw = secret.encode()
    found = {raw, urllib.parse.quote(secret, safe="").encode(), secret.replace("/", "\\/").encode(), raw.hex().encode(), raw.hex().upper().encode()}
    for before in range(3):
        # Only the characters that depend on nothing but the secret.
        whole = base64.b64encode(b"\0" * before + raw)
        start = -(-before * 8 // 6)
        sure = whole[start:(before + len(raw)) * 8 // 6]
        if len(sure) >= 8:
            found |= {sure, sure.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def needles(of=None):
    return {form: secret for secret in (of or secrets()) for form in forms(secret)}


def search(text, where, wanted, signatures=True):
    """Sentences about what was found; they name the secret by its first characters only."""
    found = []
    for form, secret in wanted.items():
        at = text.find(form)
        if at >= 0:
            found.append(f"{where}: byte {at}: the secret {secret[:4]}... in the form {form[:4].decode(errors='replace')}...")
    if signatures and (match := SIGNATURE.search(text)):
        found.append(f"{where}: byte {match.start()}: a signature")
    return found


def sections(log):
    """The parts of ctest's LastTest.log: (test, its output). A test's command line, which names no secrets, is part of it."""
    parts = re.split(rb"^\d+/\d+ Testing: (.*)\n", log, flags=re.M)
    return [("ctest", parts[0])] + [(parts[i].decode(), parts[i + 1]) for i in range(1, len(parts), 2)]


def text_files(build, since):
    for path in sorted(build.rglob("*")):
        inside = path.relative_to(build).parts
        if (not path.is_file() or path.is_symlink() or "CMakeFiles" in inside or inside[0] in ("bin", "include", "runs", "findings")
                or inside[-1].startswith((".ninja", "LastTest.log")) or path.suffix in SKIPPED_SUFFIXES or path.stat().st_mtime < since
                or path.stat().st_size > FILE_BYTES_MAX):
            continue
        yield path


def search_build(build):
    log = build / "Testing/Temporary/LastTest.log"
    if not log.is_file():
        print(f"secrets: {log} is not there; run ctest first")
        return 1
    wanted, found, size = needles(), [], 0
    parts = sections(log.read_bytes())
    for test, text in parts:
        size += len(text)
        found += search(text, f"output of {test}", wanted, test not in SIGNATURES_BY_DESIGN)
    # What the run wrote: not older than its beginning, which the log's first lines tell only in local time.
    started = log.stat().st_mtime - sum(float(s) for s in re.findall(rb"Test time =\s+([\d.]+) sec", log.read_bytes())) - 60
    files = list(text_files(build, started))
    for path in files:
        text = path.read_bytes()
        size += len(text)
        found += search(text, str(path), wanted)
    for line in found:
        print("FOUND", line)
    print(f"secrets: {len(secrets())} secrets in {len(wanted)} forms, and signatures, searched for in {size:,} bytes "
          f"(output of {len(parts) - 1} tests, {len(files)} files): {len(found)} found")
    return 1 if found else 0


def check_the_search():
    """A planted secret is found in every form and in both places; a clean run is clean."""
    for secret in secrets():
        for form in forms(secret):
            assert search(b"before " + form + b" behind", "", needles([secret])), (secret, form)
        for before in ("", "x", "xy"):
            assert search(base64.b64encode((before + secret + "tail").encode()), "", needles([secret])) or len(secret) < 9, secret
    with tempfile.TemporaryDirectory() as folder:
        build = pathlib.Path(folder)
        (build / "Testing/Temporary").mkdir(parents=True)
        log = build / "Testing/Temporary/LastTest.log"
        head = b"Start testing: now\n-----\n1/2 Testing: clean\n1/2 Test: clean\nOutput:\nall is well\nTest time =   0.01 sec\n2/2 Testing: e2e.sign\n2/2 Test: e2e.sign\n"
        signature = b"Signature=" + b"0a" * 32
        for planted, place, expected in ((b"", log, 0), (secrets()[0].encode(), log, 1), (signature, log, 0), (signature, build / "client.log", 1),
                                         (secrets()[-1].encode(), build / "client.log", 1)):
            log.write_bytes(head)
            (build / "client.log").write_bytes(b"")
            with open(place, "ab") as file:
                file.write(planted)
            assert search_build(build) == expected, (planted, place)
        log.write_bytes(head.replace(b"e2e.sign", b"e2e.other") + signature)
        assert search_build(build) == 1


def check_the_list():
    known, missing = set(secrets()), {}
    for path in sorted((ROOT / "tests").rglob("*")):
        if not path.is_file() or path.suffix not in (".py", ".cpp", ".hpp", ".json", ".yaml", "") or {"corpus", "bloblang", "lint"} & set(path.parts):
            continue
        for literal in SOURCES.findall(path.read_text(errors="replace")):
            if not any(literal.startswith(secret) or secret.startswith(literal) for secret in known) and not NO_SECRET.fullmatch(literal):
                missing.setdefault(literal, path.relative_to(ROOT))
    for literal, path in missing.items():
        print(f"{path}: '{literal}' looks like a secret and is not in tests/secrets/list.txt (if it is none: NO_SECRET)")
    assert all(len(secret) >= SECRETS_MIN for secret in known)
    return missing


def main():
    if sys.argv[1:] == ["--check"]:
        check_the_search()
        missing = check_the_list()
        print("the search finds what is planted" + ("" if missing else ", and the list is complete"))
        return 1 if missing else 0
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    return search_build(pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
