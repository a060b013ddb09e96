"""Servers for end-to-end tests: processes of their own, on free ports of 127.0.0.1, with a bounded life."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

LIFE_S = 240


def clean_environment(**extra):
    """This process's environment without anything that steers AWS clients, and with no way to the internet's metadata service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "_X_AMZN_"))}
    kept.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", **extra)
    return kept


class Process:
    """A child that is stopped on leaving the `with`, and at the latest after LIFE_S."""

    def __init__(self, arguments, **how):
        self.child = subprocess.Popen(arguments, **how)
        self.watchdog = threading.Timer(LIFE_S, self.child.kill)
        self.watchdog.daemon = True
        self.watchdog.start()

    def stop(self, number=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(number)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.watchdog.cancel()
        if self.child.stdout:
            self.child.stdout.close()
        return self.child.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Emulator(Process):
    """`lambent emulate`, over HTTP and HTTPS."""

    def __init__(self, lambent, functions, folder, stderr=None):
        folder = pathlib.Path(folder)
        self.functions = folder / "functions.yaml"
        self.functions.write_text(functions, encoding="utf-8")
        self.call_log = folder / "calls.jsonl"
        super().__init__(
            [lambent, "emulate", str(self.functions), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--ready-json",
             "--call-log", str(self.call_log)],
            stdout=subprocess.PIPE, stderr=stderr, env=clean_environment(), text=True)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"lambent emulate did not start (exit code {self.child.wait(10)})")
        ready = json.loads(line)
        self.http, self.https, self.ca_file = ready["http"], ready["https"], ready["ca_file"]

    def calls(self):
        return [json.loads(line) for line in self.call_log.read_text(encoding="utf-8").splitlines()]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, within_s=30):
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not happen within {within_s} s")
        time.sleep(0.02)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class TamperingProxy:
    """Passes bytes to a server, with one replacement in what the client sends."""

    def __init__(self, port, before, after):
        self.to, self.before, self.after = port, before, after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.tampered = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                threading.Thread(target=self.copy, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self.copy, args=(server, client, False), daemon=True).start()

    def copy(self, source, target, tamper):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if tamper and self.before in data:
                    data = data.replace(self.before, self.after)
                    self.tampered += 1
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
