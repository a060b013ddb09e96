#!/usr/bin/env python3
"""Nothing allocates more than bench/counts.json says: signer, parser, session, limiter, and whole invocations with and without a socket.

Counts, never times: they are the same on a busy machine. usage: counts_test.py BIN_DIR CERTIFICATES_SCRIPT
"""
import json
import pathlib
import subprocess
import sys
import tempfile

LIMITS = json.loads((pathlib.Path(__file__).resolve().parent / "counts.json").read_text())
# What a turn allocates is a whole number; what is left over was allocated once and belongs to the beginning.
ONCE = 0.05


def micro(program):
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.01"], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{program}: exit status {done.returncode}: {done.stderr[-500:]}"
    found = {one["name"]: one for one in json.loads(done.stdout)["benchmarks"]}
    for name, one in found.items():
        assert not one.get("error_occurred"), f"{program.name} {name}: {one.get('error_message')}"
    return found


def over_sockets(programs, certificates):
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([certificates, folder], check=True)
        secured = ["--cert", f"{folder}/server.pem", "--key", f"{folder}/server.key"]
        for name, arguments, trusted in (("plain", [], []), ("tls", secured, ["--ca-file", f"{folder}/ca.pem"])):
            server = subprocess.Popen([programs / "lean_server", *arguments], stdout=subprocess.PIPE, text=True)
            try:
                endpoint = json.loads(server.stdout.readline())["endpoint"]
                done = subprocess.run([programs / "bench_invoke_socket", "--endpoint", endpoint, *trusted], capture_output=True, text=True, timeout=240)
            finally:
                server.terminate()
                server.communicate(timeout=20)
            assert done.returncode == 0, f"bench_invoke_socket {name}: {done.stderr}"
            found[name] = json.loads(done.stdout)
    return found


def main():
    programs, certificates = (pathlib.Path(given) for given in sys.argv[1:])
    wrong = []
    for program, limits in LIMITS.items():
        if program == "about":
            continue
        found = over_sockets(programs, certificates) if program == "bench_invoke_socket" else micro(programs / program)
        for name, counters in limits.items():
            if name not in found:
                wrong.append(f"{program} has no benchmark {name}: counts.json and the program must agree")
                continue
            for counter, limit in counters.items():
                value = found[name][counter]
                print(f"{program} {name}: {counter} {value:.3g}, at most {limit}")
                if value > limit + ONCE:
                    wrong.append(f"{program} {name}: {counter} is {value:.3g}, the limit is {limit}")
    assert not wrong, "more is allocated than before:\n" + "\n".join(wrong)
    print("counts: all within their limits")


main()
