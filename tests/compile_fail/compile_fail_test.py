"""What the public headers must refuse, and beside each its twin that they must take.

usage: compile_fail_test.py SOURCE_DIR BUILD_DIR CXX

A case is one file: compiled with -DREFUSED it must fail with a message that matches its first line ("// refused: <regex>"); without, it
must compile. "// clang only" in the second line: g++ 12 does not report it.
"""
import concurrent.futures
import pathlib
import re
import shutil
import sys
import tempfile

from compiler import Compiler

SOURCE, BUILD, CXX = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


def verdict(file, compiler):
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = lines[0].removeprefix("// refused: ")
    twin = compiler.complaints(file)
    if twin:
        return f"FAIL {file.name}: the twin that is right does not compile:\n{twin}"
    said = compiler.complaints(file, "-DREFUSED")
    if not said:
        return f"FAIL {file.name}: is taken, and must not be"
    if not re.search(expected, said):
        return f"FAIL {file.name}: refused for another reason than /{expected}/:\n{said}"
    return f"refused {file.name}"


def main():
    cases = sorted((SOURCE / "tests/compile_fail/cases").glob("*.cpp"))
    clang_only = [file for file in cases if "// clang only" in file.read_text(encoding="utf-8")]
    clang = shutil.which("clang++-19") or shutil.which("clang++")
    with tempfile.TemporaryDirectory(prefix="compile_fail_", dir=BUILD) as folder, concurrent.futures.ThreadPoolExecutor(2) as threads:
        compiler = Compiler(CXX, BUILD, folder)
        others = compiler if compiler.is_clang else Compiler(clang, BUILD, folder) if clang else None
        pairs = [(file, others if file in clang_only else compiler) for file in cases]
        skipped = [file.name for file, which in pairs if which is None]
        verdicts = list(threads.map(lambda pair: verdict(*pair), [pair for pair in pairs if pair[1]]))
    print("\n".join(verdicts))
    for name in skipped:
        print(f"SKIPPED {name}: needs clang (clang-19)")
    failed = sum(line.startswith("FAIL") for line in verdicts)
    print(f"{len(verdicts) - failed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
