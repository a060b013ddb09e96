#!/usr/bin/env python3
"""`lambent-invoke` says and answers what `lambent invoke` does.

usage: invoke_alone_test.py LAMBENT LAMBENT_INVOKE
"""
import json
import os
import subprocess
import sys

LAMBENT, ALONE = sys.argv[1:]


def ended(program, arguments):
    environment = {**os.environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_REGION": "eu-west-1",
                   "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
    environment.pop("AWS_CA_BUNDLE", None)
    done = subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=60, env=environment, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def main():
    emulator = subprocess.Popen([LAMBENT, "emulate", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--ready-json"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)
    try:
        where = json.loads(emulator.stdout.readline())
        secure = ["--endpoint", where["https"], "--ca-file", where["ca_file"]]
        cases = [(0, ["echo", "-d", '{"a":1}', *secure]), (12, ["nobody", "-d", "{}", *secure]), (14, ["echo", "--endpoint", where["https"], "--retries", "0"]),
                 (1, ["echo", "--bogus"]), (0, ["--help"])]
        for code, arguments in cases:
            whole, alone = ended([LAMBENT, "invoke"], arguments), ended([ALONE], arguments)
            assert whole[0] == code, (arguments, whole)
            assert (alone[0], alone[1]) == (whole[0], whole[1]), (arguments, whole, alone)
            if code != 12:   # a refusal's text carries its request's id
                assert alone[2] == whole[2], (arguments, whole, alone)
    finally:
        emulator.terminate()
        emulator.communicate(timeout=20)
    print("lambent-invoke: as lambent invoke")


main()
