"""Builds the bytes half alone, installs it, moves it, and uses it as strangers would: CMake package, pkg-config, source subdirectory.

usage: package_test.py SOURCE_DIR BUILD_DIR CMAKE CXX
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CMAKE, CXX = sys.argv[3], sys.argv[4]
HERE = SOURCE / "tests/package"
sys.path.insert(0, str(SOURCE / "tests/e2e"))
import servers  # noqa: E402

# What the bytes half may ask the system for, and what a program of it may need at run time.
LOOKED_FOR = {"Boost", "OpenSSL", "Threads", "ZLIB"}
NEEDED = re.compile(r"^(lib(ssl|crypto|z|stdc\+\+|m|gcc_s|c)\.so|ld-linux)")
FOREIGN = re.compile(r"yaml|simdjson|cli11|re2|fmt|spdlog|catch|benchmark|zstd|lz4|snappy|xxhash|date", re.IGNORECASE)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "AWS_REGION": "eu-west-1"}

STATED = dict(zip(("client", "in_process"), map(int, re.search(
    r"is (\d+) KiB stripped.*?, (\d+) KiB with the\s+emulator", (SOURCE / "docs/embedding.md").read_text(encoding="utf-8"), re.DOTALL).groups())))


def run(*command, **how):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"FAIL {' '.join(map(str, command))}: exit code {done.returncode}")
    return done.stdout


def check(good, what):
    if not good:
        sys.exit(f"FAIL {what}")


def bytes_half_alone(folder):
    """Configures and builds with LAMBENT_STREAM=OFF: what it looks for is what it needs."""
    trace = folder / "trace.jsonl"
    run(CMAKE, "-S", SOURCE, "-B", folder / "alone", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}", "-DCMAKE_BUILD_TYPE=Release",
        "-DLAMBENT_STREAM=OFF", "-DLAMBENT_DEVELOPER=OFF", "--trace", "--trace-format=json-v1", f"--trace-redirect={trace}")
    looked_for = set()
    for line in trace.read_text(encoding="utf-8").splitlines():
        step = json.loads(line)
        own = str(step.get("file", "")).startswith(str(SOURCE))
        if own and step["cmd"].lower() in ("find_package", "find_library", "find_path", "pkg_check_modules"):
            looked_for.add(step["args"][0])
    check(looked_for == LOOKED_FOR, f"the bytes half looks for {sorted(looked_for)}, not for {sorted(LOOKED_FOR)}")
    cache = (folder / "alone/CMakeCache.txt").read_text(encoding="utf-8")
    names = [line.split(":")[0] for line in cache.splitlines() if re.match(r"^\w[\w.+-]*:", line)]
    foreign = [name for name in names if re.match(r"(?i)(yaml|simdjson|cli11|re2|fmt|catch2|benchmark|date)", name)]
    check(not foreign, f"CMakeCache.txt knows {foreign}")
    run(CMAKE, "--build", folder / "alone", "-j", "2")
    libraries = sorted(path.name for path in (folder / "alone").rglob("*.a"))
    check(libraries == [f"liblambent_{room}.a" for room in ("aws", "core", "emulator", "http", "sigv4")], f"built {libraries}")
    return "looks for " + ", ".join(sorted(looked_for))


def developer_alone(folder):
    """With its tests too, the bytes half stands without the other one's rooms."""
    run(CMAKE, "-S", SOURCE, "-B", folder / "developer", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}", "-DLAMBENT_STREAM=OFF", "-DLAMBENT_DEVELOPER=ON")
    return "configured"


def examples(folder):
    """The examples are a project of their own beside an installed lambent."""
    run(CMAKE, "-S", SOURCE / "examples", "-B", folder / "examples", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_PREFIX_PATH={folder / 'moved'}")
    run(CMAKE, "--build", folder / "examples", "--target", "example_batch")
    return "example_batch built"


def install(folder):
    """Installs and moves: neither CMake's files nor pkg-config's may remember where they were."""
    run(CMAKE, "--install", folder / "alone", "--prefix", folder / "before")
    run(CMAKE, "--install", BUILD, "--prefix", folder / "before", "--component", "program")
    (folder / "before").rename(folder / "moved")
    headers = {str(path.relative_to(folder / "moved/include")) for path in (folder / "moved/include").rglob("*") if path.is_file()}
    public = set((BUILD / "public_headers.txt").read_text(encoding="utf-8").split())
    check(headers == public, f"installed but not public, or the other way round: {sorted(headers ^ public)}")
    left = [str(path) for path in (folder / "moved").rglob("*") if path.suffix in (".cmake", ".pc")
            and re.search(re.escape(str(folder)) + "|" + re.escape(str(SOURCE)), path.read_text(encoding="utf-8"))]
    check(not left, f"files name the folder of the build: {left}")
    version = run(folder / "moved/bin/lambent", "version").strip()
    return f"{len(headers)} headers; {version.splitlines()[0]}"


def use(folder, programs):
    """The built programs really invoke functions, and need nothing but OpenSSL, zlib and the C++ runtime."""
    sizes = []
    for name in ("client", "in_process"):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", programs / name))
        check(all(NEEDED.match(one) for one in needed), f"{name} needs {needed}")
        symbols = run("nm", "-C", "--defined-only", programs / name)
        foreign = [line for line in symbols.splitlines() if re.search(r"\b(YAML|simdjson|re2|CLI|fmt)::", line)]
        check(not foreign, f"{name} holds {foreign[:3]}")
        run("strip", "-o", programs / (name + ".stripped"), programs / name)
        size = (programs / (name + ".stripped")).stat().st_size / 1024
        sizes.append(f"{name} {size:.0f} KiB")
        check(abs(size - STATED[name]) < 0.15 * size, f"{name} is {size:.0f} KiB stripped; docs/embedding.md says {STATED[name]}")
    check("answered" in run(programs / "in_process", folder / "ca.pem", env=servers.clean_environment()), "in_process")
    with servers.Emulator(str(folder / "moved/bin/lambent"), "functions:\n  twice: {mapping: 'root.twice = this.n * 2'}\n", folder) as lambda_service:
        answer = run(programs / "client", lambda_service.http, "twice", '{"n":21}', env=servers.clean_environment(**KEYS))
        check(answer == '{"twice":42}\n', f"client printed {answer!r}")
    return "stripped: " + ", ".join(sizes)


def cmake_package(folder):
    run(CMAKE, "-S", HERE / "installed", "-B", folder / "consumer", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}",
        "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={folder / 'moved'}")
    run(CMAKE, "--build", folder / "consumer", "-j", "2")
    return use(folder, folder / "consumer")


def find(folder, prefix, components, targets):
    """What CMake says against a project that asks for these components and uses these targets; empty: nothing."""
    asked = folder / f"asked_{components or 'nothing'}_{prefix.name}"
    asked.mkdir()
    wanted = f"COMPONENTS {components}" if components else ""
    lines = ["cmake_minimum_required(VERSION 3.25)", "project(asked LANGUAGES CXX)", f"find_package(lambent REQUIRED {wanted})"]
    for target in targets:
        lines.append(f"get_target_property(includes {target} INTERFACE_INCLUDE_DIRECTORIES)")
    (asked / "CMakeLists.txt").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([CMAKE, "-S", asked, "-B", asked / "build", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_PREFIX_PATH={prefix}"],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def components(folder):
    """Asking for what is not there is refused by name, and the library does without the emulator."""
    said = find(folder, folder / "moved", "bloblang", [])
    check("no component 'bloblang'" in said, f"a component that does not exist was found: {said}")
    run(CMAKE, "--install", folder / "alone", "--prefix", folder / "lean", "--component", "library")
    said = find(folder, folder / "lean", "", ["lambent::aws", "lambent::http", "lambent::sigv4", "lambent::core"])
    check(not said, f"the library alone is no package: {said}")
    said = find(folder, folder / "lean", "emulator", [])
    check("no component 'emulator' here; it has: core;sigv4;http;aws" in said, f"an emulator that is not installed was found: {said}")
    return "refused by name; the library alone is found"


def pkg_config(folder):
    programs = folder / "by_hand"
    programs.mkdir()
    where = dict(os.environ, PKG_CONFIG_PATH=str(next((folder / "moved").rglob("pkgconfig"))))
    # The packages that each program names; the rest is pkg-config's affair.
    for name, packages in {"client": ["lambent"], "in_process": ["lambent-emulator"]}.items():
        flags = run("pkg-config", "--cflags", "--libs", "--static", *packages, env=where).split()
        run(CXX, "-std=c++20", "-O1", HERE / "installed" / (name + ".cpp"), "-o", programs / name, *flags)
    return use(folder, programs)


def subdirectory(folder):
    run(CMAKE, "-S", HERE / "subproject", "-B", folder / "carrier", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={CXX}", f"-DLAMBENT={SOURCE}")
    run(CMAKE, "--build", folder / "carrier", "-j", "2")
    installs = [str(path) for path in (folder / "carrier/lambent").rglob("cmake_install.cmake") if ".a\"" in path.read_text(encoding="utf-8")]
    check(not installs, f"a carrier would install our files: {installs}")
    return "signature " + run(folder / "carrier/sign").strip()[:16] + "..."


def main():
    for tool in ("ninja", "pkg-config", "readelf", "nm", "strip"):
        check(shutil.which(tool), f"{tool} is not installed; scripts/set-up test")
    # Within the build folder: there is room, and a compiler cache that knows its own folders serves it.
    with tempfile.TemporaryDirectory(prefix="package_", dir=BUILD) as name:
        folder = pathlib.Path(name)
        for step in (bytes_half_alone, developer_alone, install, cmake_package, components, pkg_config, examples, subdirectory):
            started = time.monotonic()
            said = step(folder)
            print(f"{step.__name__:18} {time.monotonic() - started:6.1f} s  {said}", flush=True)


if __name__ == "__main__":
    main()
