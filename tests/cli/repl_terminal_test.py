"""`lambent blobl` on a pseudo-terminal: editing, completion, interruption, and a history that is bounded and kept.

usage: repl_terminal_test.py LAMBENT
"""
import os
import pathlib
import pty
import re
import select
import signal
import stat
import sys
import tempfile
import termios
import time

LAMBENT = sys.argv[1]
WITHIN_S = 20
failures = []


class Terminal:
    def __init__(self, state, *flags):
        environment = dict(os.environ, XDG_STATE_HOME=str(state), TERM="vt100", LC_ALL="C.UTF-8")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(LAMBENT, [LAMBENT, "blobl", *flags], environment)
        self.seen = ""

    def expect(self, text):
        """Waits until `text` is on the terminal, and forgets everything up to it."""
        until = time.monotonic() + WITHIN_S
        while text not in plain(self.seen):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                failures.append(f"waited for {text!r}, seen {plain(self.seen)!r}")
                return
            try:
                got = os.read(self.fd, 4096)
            except OSError:  # Linux's way of telling that the other side is closed
                got = b""
            if not got:
                failures.append(f"ended before {text!r}, seen {plain(self.seen)!r}")
                return
            self.seen += got.decode(errors="replace")
        self.seen = plain(self.seen).split(text, 1)[1]

    def type(self, text):
        """Once the line is edited: libedit shows its prompt first and takes the terminal over after, and what comes between is read
        by the kernel's line discipline, to which Ctrl-D is an end and a tab a tab."""
        until = time.monotonic() + WITHIN_S
        while termios.tcgetattr(self.fd)[3] & termios.ICANON:
            if time.monotonic() > until:
                failures.append(f"no line is edited that {text!r} could be typed into")
                return
            time.sleep(0.001)
        os.write(self.fd, text.encode())

    def end(self):
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 4096)
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        failures.append("it does not end")
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        return -1


def plain(text):
    """Without the terminal's control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07", "", text).replace("\r", "")


def check(what, good):
    if not good:
        failures.append(what)


with tempfile.TemporaryDirectory(prefix="lambent_repl_") as folder:
    state = pathlib.Path(folder) / "state"
    history = state / "lambent" / "blobl_history"
    documents = pathlib.Path(folder) / "documents.jsonl"
    documents.write_text('{"name":"ann"}\n{"name":"bob"}\n')

    first = Terminal(state)
    first.expect("blobl> ")
    os.kill(first.pid, signal.SIGINT)       # what Ctrl-C is while no line is edited: the session outlives it
    first.type(':in {"name":"\u00e9va","n":[1,2,3]}\n')
    first.expect("blobl> ")
    first.type("this.n.le\t)\n")            # the one method that starts so far
    first.expect("this.n.length()")
    first.expect("3")
    first.expect("blobl> ")
    first.type("this.name.re_fi\t\t")       # several: their common start, then a list
    first.expect("re_find_all_submatch(")
    first.type("\x03")                      # Ctrl-C drops the line, and the session goes on
    first.expect("blobl> ")
    first.type("root = [1,\n")
    first.expect("...> ")
    first.type("2].sum()\n")
    first.expect("3")
    first.expect("blobl> ")
    first.type("root = {\n")
    first.expect("...> ")
    first.type("\x03")
    first.expect("blobl> ")
    first.type("root.a = nope()\n")
    first.expect("unrecognised function 'nope'")
    first.expect("^---")
    first.expect("blobl> ")
    first.type("this.name.uppercasex\x7f()\n")  # backspace
    first.expect('"\u00c9VA"')
    first.expect("blobl> ")
    first.type("\x04")
    check("Ctrl-D ends it with 0", first.end() == 0)
    check("the history is kept", history.exists() and "uppercase()" in history.read_text(encoding="utf-8").replace("\\040", " "))
    check("the history is the user's alone", history.exists() and stat.S_IMODE(history.stat().st_mode) == 0o600)

    second = Terminal(state, "--repl", "-i", str(documents))
    second.expect("blobl> ")
    second.type("\x1b[A\n")                 # the last entry of the session before
    second.expect('"ANN"')
    second.expect("blobl> ")
    for i in range(30):
        second.type(f"{i} + {i}\n")
        second.expect(f"\n{i + i}\n")
        second.expect("blobl> ")
    second.type(":quit\n")
    check(":quit ends it with 0", second.end() == 0)

    lines = history.read_text(encoding="utf-8").splitlines()
    history.write_text("\n".join(lines[:1] + [f"old\\040{n}" for n in range(3000)]) + "\n", encoding="utf-8")
    third = Terminal(state)
    third.expect("blobl> ")
    third.type("1 + 1\n")
    third.expect("\n2\n")
    third.expect("blobl> ")
    third.type("\x04")
    check("it ends with a long history", third.end() == 0)
    check("the history is bounded", len(history.read_text(encoding="utf-8").splitlines()) <= 1001)

for failure in failures:
    print("FAIL", failure)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
