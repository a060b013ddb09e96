"""TLS servers that are not ours, for the tests that refuse them: `openssl s_server`, nginx, and sockets that break off."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import servers

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class OpensslServer(servers.Process):
    """`openssl s_server`; what stands in `reply` goes to whoever has sent a whole request header."""

    def __init__(self, identity, *options, reply=ANSWER):
        arguments = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", str(identity.key), "-cert", str(identity.certificate), *options]
        if identity.chain:
            arguments += ["-cert_chain", str(identity.chain)]
        super().__init__(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reply, self.told, self.port = reply, b"", None
        while line := self.child.stdout.readline():
            self.told += line
            if found := re.match(rb"ACCEPT \S*:(\d+)", line):
                self.port = int(found.group(1))
                break
        if not self.port:
            raise RuntimeError(f"openssl s_server did not start: {self.told.decode(errors='replace')}")
        self.reader = threading.Thread(target=self._answer, daemon=True)
        self.reader.start()

    def _answer(self):
        with contextlib.suppress(OSError, ValueError):
            request = b""
            while data := os.read(self.child.stdout.fileno(), 65536):
                self.told += data
                request += data
                if re.search(rb"POST /\S+ HTTP/1\.1\r?\n(?:[^\r\n]+\r?\n)+\r?\n", request):
                    request = b""
                    self.child.stdin.write(self.reply)
                    self.child.stdin.flush()

    def stop(self, *_):
        code = super().stop()
        self.reader.join()
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        return code


class Nginx(servers.Process):
    """nginx with one server block for each (name, directives); `ports` says where they listen."""

    def __init__(self, folder, blocks):
        folder = pathlib.Path(folder)
        folder.mkdir()
        self.ports = {}
        text = "daemon off;\nmaster_process off;\n"
        text += f"error_log {folder}/error.log info;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\ndefault_type application/json;\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
            text += f"{kind}_temp_path {folder}/{kind};\n"
        for name, directives in blocks.items():
            port = self.ports[name] = servers.free_port()
            how = "" if name.startswith("plain") else " ssl"
            text += f"server {{\nlisten 127.0.0.1:{port}{how};\n{directives}\n}}\n"
        (folder / "nginx.conf").write_text(text + "}\n")
        self.log = folder / "error.log"
        super().__init__([NGINX, "-p", str(folder), "-e", str(self.log), "-c", str(folder / "nginx.conf")],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for port in self.ports.values():
            servers.wait_until(lambda: servers.listens(port) or self.child.poll() is not None, "nginx's start")
            if self.child.poll() is not None:
                raise RuntimeError(f"nginx did not start: {self.log.read_text()}")


def nginx_identity(identity, protocols="TLSv1.2 TLSv1.3", ciphers="DEFAULT"):
    return (f"ssl_certificate {identity.full_chain()};\nssl_certificate_key {identity.key};\nssl_protocols {protocols};\nssl_ciphers {ciphers};\n"
            "location / { return 200 '{}'; }")


class BrokenServer:
    """Takes connections; after the first bytes it does `deed` to each: close it, hold it, or leave a reset behind."""

    def __init__(self, deed):
        self.deed, self.held = deed, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.recv(65536)
                if self.deed == "hold":
                    self.held.append(client)
                else:
                    client.close()

    def stop(self):
        self.listener.close()
        for client in self.held:
            client.close()


class CuttingRelay:
    """Passes bytes between a client and a server, and closes both ends once so many bytes of the server's have passed."""

    def __init__(self, port, after):
        self.to, self.after = port, after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    @staticmethod
    def _up(client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)

    def _down(self, client, server):
        left = self.after
        with contextlib.suppress(OSError):
            while left > 0 and (data := server.recv(min(left, 65536))):
                client.sendall(data)
                left -= len(data)
            client.shutdown(socket.SHUT_WR)
            server.close()

    def stop(self):
        self.listener.close()
