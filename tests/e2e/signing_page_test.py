#!/usr/bin/env python3
"""Runs the commands of docs/signing.md, in order, and compares what they print; "…" on the page stands for anything.

usage: signing_page_test.py LAMBENT
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import servers

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/signing.md"
END = "the command has ended"


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def steps(block):
    """(command, what it prints) pairs."""
    command, printed = None, []
    for line in block.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, "\n".join(printed)
            command, printed = line[2:], []
        else:
            printed.append(line)
    if command:
        yield command, "\n".join(printed)


def matches(expected, got):
    return re.fullmatch(".*".join(map(re.escape, expected.rstrip("\n").split("…"))), got.rstrip("\n"))


class Shell:
    """One shell for the whole page, so that what it exports stays."""

    def __init__(self, folder, environment):
        self.child = subprocess.Popen(["sh"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, command):
        self.child.stdin.write(f"{command}\necho\necho '{END}'\n")
        self.child.stdin.flush()
        said = ""
        for line in self.child.stdout:
            if line.rstrip("\n") == END:
                break
            said += line
        return said.strip("\n")


def main():
    lambent = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("curl"):
        print("SKIPPED: signing_page_test.py needs curl, which is the one that signs wrongly (apt-get install curl)")
        return 77
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout.split()[1]
    port = str(servers.free_port())
    text = PAGE.read_text(encoding="utf-8").replace("9001", port)
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        environment = servers.clean_environment(PATH=f"{lambent.parent}:{os.environ['PATH']}", NO_PROXY="127.0.0.1")
        shell = Shell(folder, environment)
        running = []
        try:
            for kind, block in blocks(text):
                if kind == "yaml":
                    pathlib.Path(folder, re.match(r"# (\S+)\n", block).group(1)).write_text(block)
                    continue
                for command, expected in steps(block):
                    done += 1
                    if command.startswith("lambent emulate"):
                        running.append(servers.Process(["sh", "-c", "exec " + command], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
                        servers.wait_until(lambda: servers.listens(int(port)), "the emulator's start")
                        continue
                    said = shell.run(command)
                    if not matches(expected, said):
                        print(f"FAILED {command}\n--- the page says\n{expected}\n--- it printed\n{said}")
                        if "encoded" in command or "answer.json" in command:
                            print(f"(curl {version}: later ones may encode as AWS wants)")
                        return 1
        finally:
            shell.child.stdin.close()
            shell.child.wait(10)
            for server in running:
                server.stop()
    print(f"{done} commands of {PAGE.name} do what the page says (curl {version})")
    return 0 if done > 10 else 1


sys.exit(main())
