#!/usr/bin/env python3
"""TLS says no: `lambent` before servers of OpenSSL and nginx that it must refuse, in the words that docs/tls.md promises.

usage: tls_test.py LAMBENT [unittest options]      with tls_resumption beside LAMBENT
       tls_test.py LAMBENT --serve                 starts all the servers, prints the command for each case, and ends with stdin
"""
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import unittest

import certificates
import servers
import tls_servers
from tls_servers import BrokenServer, CuttingRelay, Nginx, OpensslServer, nginx_identity

LAMBENT = sys.argv.pop(1)
HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs/tls.md"
BODY = 100_000
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BODY + b"x" * BODY
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * BODY
NAMES = "127.0.0.1 localhost example.test api.example.test a.api.example.test\n"


def promised():
    """The table of docs/tls.md: case -> (servers, exit code, words), "…" in the words standing for anything."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"`\w+`", cells[0]):
            words = re.fullmatch(r"`(.*)`", cells[4])
            rows[cells[0].strip("`")] = (cells[1].split(", "), int(cells[3]), words.group(1) if words else "")
    return rows


class Lab:
    """All the servers of the table; `where[case][server]` is an endpoint."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.running, self.where = [], {}
        self.hosts = self.folder / "hosts"
        self.hosts.write_text(NAMES)
        shop = certificates.Workshop(self.folder)
        self.root = shop.root("root", "lambent test root")
        self.stranger = shop.root("stranger", "somebody else's root")
        intermediate = shop.issue(self.root, "intermediate", "lambent test intermediate", authority=True)
        identities = {
            "right_name": ("api.example.test", shop.issue(self.root, "right_name", "server", ["DNS:other.example.test", "DNS:api.example.test"])),
            "wildcard": ("api.example.test", shop.issue(self.root, "wildcard", "server", ["DNS:*.example.test"])),
            "right_address": ("127.0.0.1", shop.issue(self.root, "right_address", "server", ["IP:127.0.0.1"])),
            "intermediate": ("api.example.test", shop.issue(intermediate, "chained", "server", ["DNS:api.example.test"])),
            "wrong_name": ("api.example.test", shop.issue(self.root, "wrong_name", "server", ["DNS:other.example.test"])),
            "wildcard_two_levels": ("a.api.example.test", shop.issue(self.root, "two_levels", "server", ["DNS:*.example.test"])),
            "wildcard_itself": ("example.test", shop.issue(self.root, "itself", "server", ["DNS:*.example.test"])),
            "wildcard_partial": ("api.example.test", shop.issue(self.root, "partial", "server", ["DNS:a*.example.test"])),
            "wrong_address": ("127.0.0.1", shop.issue(self.root, "wrong_address", "server", ["IP:127.0.0.2"])),
            "address_as_name": ("127.0.0.1", shop.issue(self.root, "address_as_name", "server", ["DNS:127.0.0.1"])),
            "subject_only": ("api.example.test", shop.issue(self.root, "subject_only", "api.example.test")),
            "expired": ("api.example.test", shop.issue(self.root, "expired", "server", ["DNS:api.example.test"], since_days=-9, until_days=-2)),
            "not_yet_valid": ("api.example.test", shop.issue(self.root, "early", "server", ["DNS:api.example.test"], since_days=2, until_days=9)),
            "self_signed": ("api.example.test", shop.self_signed("self_signed", "server", ["subjectAltName=DNS:api.example.test"])),
            "unknown_authority": ("api.example.test", shop.issue(self.stranger, "unknown", "server", ["DNS:api.example.test"])),
            "client_certificate": ("api.example.test", shop.issue(self.root, "client", "server", ["DNS:api.example.test"], use="clientAuth")),
            "intermediate_missing": ("api.example.test", shop.issue(intermediate, "unchained", "server", ["DNS:api.example.test"])),
            "issuer_is_no_authority": ("api.example.test", None),
            "weak_key": ("api.example.test", shop.issue(self.root, "weak_key", "server", ["DNS:api.example.test"], rsa_bits=1024)),
            "weak_digest": ("api.example.test", shop.issue(intermediate, "weak_digest", "server", ["DNS:api.example.test"], digest="sha1")),
        }
        good = identities["right_name"][1]
        identities["issuer_is_no_authority"] = ("api.example.test", shop.issue(good, "forged", "server", ["DNS:api.example.test"]))
        identities["issuer_is_no_authority"][1].chain = good.certificate
        identities["intermediate"][1].chain = intermediate.certificate
        identities["weak_digest"][1].chain = intermediate.certificate
        loose = {"weak_key", "weak_digest"}
        blocks = {case: nginx_identity(identity, ciphers="DEFAULT@SECLEVEL=0" if case in loose else "DEFAULT")
                  for case, (_, identity) in identities.items()}
        for case, (host, identity) in identities.items():
            self.add(case, "openssl", OpensslServer(identity, *(["-cipher", "DEFAULT@SECLEVEL=0"] if case in loose else [])), host)
        old, none = "DEFAULT@SECLEVEL=0", "NULL-SHA256:@SECLEVEL=0"
        self.add("tls_1_2", "openssl", OpensslServer(good, "-tls1_2"))
        self.add("tls_1_1", "openssl", OpensslServer(good, "-tls1_1", "-cipher", old))
        self.add("no_common_cipher", "openssl", OpensslServer(good, "-tls1_2", "-cipher", none))
        self.add("wants_client_certificate", "openssl", OpensslServer(good, "-tls1_2", "-Verify", "1"))
        self.add("truncated", "openssl", OpensslServer(good, reply=LONG), relay=BODY // 2)
        self.add("truncated_until_close", "openssl", OpensslServer(good, reply=UNTIL_CLOSE), relay=BODY // 2)
        for case, deed in (("closes_in_handshake", "close"), ("hangs_in_handshake", "hold")):
            self.add(case, "socket", BrokenServer(deed))
        blocks["tls_1_2"] = nginx_identity(good, "TLSv1.2")
        blocks["tls_1_1"] = nginx_identity(good, "TLSv1.1", old)
        blocks["no_common_cipher"] = nginx_identity(good, "TLSv1.2", none)
        blocks["unknown_server_name"] = "ssl_reject_handshake on;"
        blocks["truncated"] = f"set $piece {'x' * 4000};\n" + nginx_identity(good).replace("'{}'", "'" + "$piece" * (BODY // 4000) + "'")
        blocks["plain_http"] = "location / { return 200 '{}'; }"
        if tls_servers.NGINX:
            nginx = Nginx(self.folder / "nginx", blocks)
            self.running.append(nginx)
            for case, port in nginx.ports.items():
                host = identities[case][0] if case in identities else "api.example.test"
                if case == "truncated":
                    port = self.relay(port, BODY // 2)
                self.put(case, "nginx", f"https://{host}:{port}")

    def relay(self, port, after):
        made = CuttingRelay(port, after)
        self.running.append(made)
        return made.port

    def add(self, case, kind, server, host="api.example.test", relay=None):
        self.running.append(server)
        self.put(case, kind, f"https://{host}:{self.relay(server.port, relay) if relay else server.port}")

    def put(self, case, kind, endpoint):
        self.where.setdefault(case, {})[kind] = endpoint

    def stop(self):
        for server in reversed(self.running):
            server.stop()

    def command(self, case, kind, retries=0):
        timeout = "1s" if case == "hangs_in_handshake" else "20s"
        return [str(HERE / "with-hosts"), str(self.hosts), LAMBENT, "invoke", "f", "-d", "{}", "--endpoint", self.where[case][kind],
                "--ca-file", str(self.root.certificate), "--retries", str(retries), "--timeout", timeout]


def environment(**extra):
    return servers.clean_environment(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                     AWS_REGION="eu-west-1", **extra)


def pattern(words):
    return ".*".join(map(re.escape, words.split("…")))


class TlsSaysNo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.lab = Lab(cls.temporary.name)
        cls.addClassCleanup(cls.lab.stop)

    def run_command(self, arguments, **extra):
        return subprocess.run(arguments, env=environment(**extra), capture_output=True, text=True, timeout=120)

    def test_every_case_of_the_page(self):
        rows = promised()
        self.assertEqual(set(rows), set(self.lab.where), "the table of docs/tls.md and the servers here")
        self.assertGreater(len(rows), 25)
        for case, (kinds, code, words) in rows.items():
            for kind in kinds:
                if kind == "nginx" and not tls_servers.NGINX:
                    continue
                with self.subTest(case=case, server=kind):
                    done = self.run_command(self.lab.command(case, kind))
                    said = done.stderr.strip()
                    self.assertEqual(done.returncode, code, f"{case} by {kind}: {said}")
                    if code == 0:
                        self.assertEqual((done.stdout, said), ("{}", ""))
                    else:
                        self.assertEqual(done.stdout, "")
                        self.assertRegex(said, pattern(words))

    def test_each_case_is_shown_to_all_its_servers(self):
        for case, (kinds, _, _) in promised().items():
            self.assertEqual(set(kinds) - (set() if tls_servers.NGINX else {"nginx"}), set(self.lab.where[case]), case)

    def test_a_session_made_without_verification_is_never_resumed_with_it(self):
        if not tls_servers.NGINX:
            self.skipTest("nginx, which says whether a session was reused, is not installed")
        for protocol in ("TLSv1.2", "TLSv1.3"):
            identity = certificates.Identity(self.lab.folder, "right_address")
            block = nginx_identity(identity, protocol).replace("'{}'", "$ssl_session_reused")
            with Nginx(self.lab.folder / f"resuming_{protocol}", {"resuming": f"ssl_session_cache shared:a:1m;\nkeepalive_timeout 0;\n{block}"}) as nginx:
                done = self.run_command([str(pathlib.Path(LAMBENT).with_name("tls_resumption")), str(nginx.ports["resuming"]),
                                         str(self.lab.root.certificate), str(self.lab.stranger.certificate)])
            said = done.stdout.splitlines()
            self.assertEqual(said[:4] + said[5:], ["careless: .", "careless: r", "strict: .", "strict: r", "careless: r"], f"{protocol}: {done.stdout}")
            self.assertRegex(said[4], "^stranger: .*certificate signed by unknown authority")

    def test_the_processor_says_why(self):
        config = self.lab.folder / "run.yaml"
        config.write_text(f"""
input: {{generate: {{count: 1, interval: "", mapping: 'root = {{}}'}}}}
pipeline:
  processors:
    - aws_lambda:
        function: f
        endpoint: {self.lab.where["wrong_name"]["openssl"]}
        retries: 0
    - catch:
        - mapping: 'root = error()'
output: {{stdout: {{}}}}
""")
        done = self.run_command([str(HERE / "with-hosts"), str(self.lab.hosts), LAMBENT, "run", str(config)],
                                AWS_CA_BUNDLE=str(self.lab.root.certificate))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'operation error Lambda: Invoke, .*: tls: failed to verify certificate: x509: certificate is valid for '
                                      r'other\.example\.test, not api\.example\.test')

    def test_a_server_that_was_once_refused_stays_refused(self):
        done = self.run_command(self.lab.command("wrong_name", "openssl", retries=3) + ["-v"])
        self.assertEqual(done.returncode, 14)
        self.assertEqual(done.stderr.count("connecting to"), 1, "a refused certificate is not tried again")

    def test_the_environment_may_name_the_authorities(self):
        command = self.lab.command("right_name", "openssl")
        at = command.index("--ca-file")
        del command[at:at + 2]
        self.assertEqual(self.run_command(command).returncode, 14)
        for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE"):
            done = self.run_command(command, **{name: str(self.lab.root.certificate)})
            self.assertEqual((done.returncode, done.stdout), (0, "{}"), f"{name}: {done.stderr}")

    def test_a_ca_file_that_cannot_be_used_is_a_configuration_error(self):
        nonsense = self.lab.folder / "nonsense.pem"
        nonsense.write_text("this is no certificate\n")
        for path, why in ((nonsense, "cannot be used: "), (self.lab.folder / "absent.pem", "No such file or directory")):
            command = self.lab.command("right_name", "openssl")
            command[command.index("--ca-file") + 1] = str(path)
            done = self.run_command(command)
            self.assertNotIn(done.returncode, (0, 10), done.stderr)
            self.assertIn(str(path), done.stderr)
            self.assertIn(why, done.stderr)

    def test_no_option_of_the_commands_turns_verification_off(self):
        for option in ("--insecure", "-k", "--no-verify", "--no-verify-ssl", "--dangerously-skip-certificate-verification"):
            done = self.run_command(self.lab.command("self_signed", "openssl") + [option])
            self.assertEqual(done.returncode, 1, option)
        for command in ("invoke", "run", "emulate"):
            told = self.run_command([LAMBENT, command, "--help"]).stdout
            self.assertRegex(told, r"(?i)usage")
            self.assertNotRegex(told, r"(?i)insecure|skip.*verif|no.?verify")

    def test_nothing_reaches_a_refused_server(self):
        server = OpensslServer(certificates.Workshop(self.lab.folder).issue(self.lab.stranger, "silent", "server", ["DNS:api.example.test"]))
        try:
            self.lab.put("silent", "openssl", f"https://api.example.test:{server.port}")
            self.assertEqual(self.run_command(self.lab.command("silent", "openssl")).returncode, 14)
        finally:
            del self.lab.where["silent"]
            server.stop()
        self.assertNotIn(b"POST", server.told)
        self.assertNotIn(b"AKIDEXAMPLE", server.told)


def serve():
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder)
        print("export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY AWS_REGION=eu-west-1\n")
        for case, kinds in lab.where.items():
            for kind in kinds:
                print(f"# {case}, {kind}\n{shlex.join(lab.command(case, kind))}")
        print(f"\nThe servers run until stdin ends, at most {servers.LIFE_S} s.", flush=True)
        sys.stdin.read()
        lab.stop()


if __name__ == "__main__":
    try:
        subprocess.run([str(HERE / "with-hosts"), "/dev/null", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("SKIPPED: tls_test.py needs mount namespaces (unshare --map-root-user --mount) to give its servers names", file=sys.stderr)
        sys.exit(77)
    if not tls_servers.NGINX:
        print("SKIPPED: the rows with nginx, which is not installed (apt-get install nginx-light)", file=sys.stderr)
    if "--serve" in sys.argv:
        serve()
    else:
        unittest.main(verbosity=2)
