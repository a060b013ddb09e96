#!/usr/bin/env python3
"""lean_server reads what it is sent to the end, answers each request once, and gives its descriptors back.

usage: lean_server_test.py LEAN_SERVER CERTIFICATES_SCRIPT
"""
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

BODY_BYTES_MAX = 8 << 20


def request(size):
    return b"POST /x HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: %d\r\nX: y\r\n\r\n" % size + b"z" * size


def answers(stream, count):
    got = b""
    while got.count(b'{"ok":true}') < count:
        part = stream.recv(65536)
        if not part:
            break
        got += part
    return got


class Server:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(10) == 0

    def connect(self, ca_file):
        stream = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return ssl.create_default_context(cafile=ca_file).wrap_socket(stream, server_hostname="localhost") if ca_file else stream

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def check(program, arguments, ca_file):
    with Server(program, *arguments) as server:
        idle = server.descriptors()
        stream = server.connect(ca_file)
        for size in (0, 1, 256, 16384, 1 << 20, BODY_BYTES_MAX):
            stream.sendall(request(size))
            assert answers(stream, 1).count(b"200 OK") == 1, size
        stream.sendall(request(256) * 40)
        assert answers(stream, 40).count(b"200 OK") == 40, "pipelined"
        for byte in request(30) * 2:
            stream.sendall(bytes([byte]))
        assert answers(stream, 2).count(b"200 OK") == 2, "split at every byte"
        stream.sendall(request(BODY_BYTES_MAX + 1)[:500])
        assert answers(stream, 1) == b"", "a body beyond the limit"
        others = [server.connect(ca_file) for _ in range(50)]
        for other in others:
            other.sendall(request(3))
        for other in others:
            assert answers(other, 1).count(b"200 OK") == 1
            other.close()
        stream.close()
        until = time.monotonic() + 10
        while server.descriptors() > idle and time.monotonic() < until:
            time.sleep(0.01)
        assert server.descriptors() == idle, "descriptors given back"
    with Server(program, *arguments, "--latency", "20ms") as server:
        stream = server.connect(ca_file)
        begun = time.monotonic()
        stream.sendall(request(5) * 3)
        assert answers(stream, 3).count(b"200 OK") == 3
        assert time.monotonic() - begun >= 0.02, "answered before the latency had passed"
        stream.sendall(request(5))
        stream.close()   # an owed answer without a reader harms nobody
        assert answers_of(server.connect(ca_file)) == 1
    with Server(program, *arguments, "--close-after", "2") as server:
        stream = server.connect(ca_file)
        stream.sendall(request(5) * 5)
        got = answers(stream, 5)
        assert (got.count(b"200 OK"), got.count(b"Connection: close")) == (2, 1), got
        assert stream.recv(1) == b""


def answers_of(stream):
    stream.sendall(request(5))
    return answers(stream, 1).count(b"200 OK")


def main():
    program, certificates = sys.argv[1:]
    check(program, [], None)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([certificates, folder], check=True)
        check(program, ["--cert", f"{folder}/server.pem", "--key", f"{folder}/server.key"], f"{folder}/ca.pem")
    print("lean_server: all well, plain and TLS")


main()
