#!/usr/bin/env python3
"""The commands at their most talkative, with secrets in the environment, in YAML and in profiles: nothing of theirs is printed.

usage: commands_test.py LAMBENT
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import search
import servers

LAMBENT = sys.argv.pop(1)
KEY, TOKEN, CONTAINER = (secret for secret in search.secrets() if secret.startswith("Planted"))
WANTED = search.needles()
FUNCTIONS = f"""
keys: [{{id: AKIDPLANTED, secret: "{KEY}", token: "{TOKEN}"}}, {{id: ASIAEXPIRED, secret: "{KEY}", token: "{TOKEN}", expired: true}}]
region: eu-west-1
functions:
  echo: {{}}
  failing: {{mapping: 'root = throw("bad id")'}}
  throttled: {{faults: {{throttle: 1}}}}
  broken: {{faults: {{service_500: 1}}}}
  reset: {{faults: {{reset_before: 1}}}}
  truncated: {{faults: {{truncate: 1}}, reply: '{{"a":"a text that is long enough to be cut"}}'}}
  hanging: {{faults: {{hang: 1}}}}
"""


class Quiet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.emulator_log = open(cls.folder / "emulator.log", "w+b")
        cls.addClassCleanup(cls.emulator_log.close)
        cls.emulator = servers.Emulator(LAMBENT, FUNCTIONS, cls.folder, stderr=cls.emulator_log)
        cls.addClassCleanup(cls.emulator.stop)

    def keys(self, key_id="AKIDPLANTED", secret=KEY, token=TOKEN):
        kept = servers.clean_environment(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret, AWS_REGION="eu-west-1")
        if token:
            kept["AWS_SESSION_TOKEN"] = token
        return kept

    def clean(self, text, what):
        found = search.search(text, what, WANTED)
        self.assertEqual(found, [], f"{what}: {text.decode(errors='replace')[:2000]}")

    def run_quietly(self, *arguments, env=None, stdin=b"", within_s=60):
        """Runs a command, searches both of its outputs, and gives them back."""
        done = subprocess.run([LAMBENT, *map(str, arguments)], env=env or self.keys(), input=stdin, capture_output=True, timeout=within_s)
        self.clean(done.stdout, f"stdout of {arguments}")
        self.clean(done.stderr, f"stderr of {arguments}")
        self.assertGreaterEqual(done.returncode, 0, "ended by a signal")
        return done

    def write(self, name, text):
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return path

    def test_the_search_would_find_it(self):
        with self.assertRaises(AssertionError):
            self.clean(b"x " + KEY.encode(), "planted")

    def test_invoke(self):
        for function, code in (("echo", 0), ("failing", 10), ("throttled", 11), ("nope", 12), ("broken", 15), ("reset", 14), ("truncated", 15), ("hanging", 13)):
            for endpoint in (self.emulator.https, self.emulator.http):
                done = self.run_quietly("invoke", function, "-d", "{}", "-v", "--log-tail", "--retries", "1", "--timeout", "1s", "--endpoint", endpoint,
                                        "--ca-file", self.emulator.ca_file)
                self.assertEqual(done.returncode, code, f"{function}: {done.stderr.decode()}")

    def test_invoke_refused_by_its_keys(self):
        """The answer to a wrong signature quotes the canonical request, the session token in it."""
        wrong_secret, wrong_token = KEY[:-1] + "m", TOKEN[:-1] + "+"
        for env, code in ((self.keys(secret=wrong_secret), "InvalidSignatureException"), (self.keys(token=wrong_token), "UnrecognizedClientException"),
                          (self.keys(key_id="AKIDNOBODY"), "UnrecognizedClientException"), (self.keys(key_id="ASIAEXPIRED"), "ExpiredTokenException"),
                          (self.keys(token=None), "UnrecognizedClientException")):
            done = self.run_quietly("invoke", "echo", "-d", "{}", "-v", "--retries", "0", "--endpoint", self.emulator.http, env=env)
            self.assertEqual(done.returncode, 12)
            self.assertIn(code, done.stderr.decode())
            for secret in (wrong_secret, wrong_token):
                self.assertEqual(search.search(done.stderr, "stderr", search.needles([secret])), [], done.stderr.decode())

    def test_invoke_with_keys_of_a_profile(self):
        credentials = self.write("credentials", f"""\
            [good]
            aws_access_key_id = AKIDPLANTED
            aws_secret_access_key = {KEY}
            aws_session_token = {TOKEN}
            [half]
            aws_secret_access_key = {KEY}
            [odd]
            aws_access_key_id = AKIDPLANTED
            aws_secret_access_key {KEY}
            {TOKEN}
            [odd2
            aws_secret_access_key = {KEY}
            """)
        for profile, code in (("good", 0), ("half", 1), ("odd", 1), ("absent", 1)):
            env = servers.clean_environment(AWS_REGION="eu-west-1")
            env.update(AWS_SHARED_CREDENTIALS_FILE=str(credentials))
            done = self.run_quietly("invoke", "echo", "-d", "{}", "-v", "--profile", profile, "--endpoint", self.emulator.http, env=env)
            self.assertEqual(done.returncode, code, done.stderr.decode())

    def test_invoke_with_settings_that_are_refused(self):
        for arguments in (["--timeout", KEY], ["--retries", KEY], ["--type", KEY]):
            # A value that is quoted is what the caller typed there; only the keys are secrets.
            done = subprocess.run([LAMBENT, "invoke", "echo", *arguments], env=self.keys(), capture_output=True)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(search.search(done.stderr, "", search.needles([TOKEN])), [])
        self.run_quietly("invoke", "a\r\nb", "-d", "{}", "-v", "--endpoint", self.emulator.http)
        self.run_quietly("invoke", "echo", "-d", "{}", "-v", "--endpoint", "http://127.0.0.1:1", "--retries", "0")
        self.run_quietly("invoke", "echo", "-d", "{}", "-v", "--endpoint", "nonsense://x")

    def config(self, function, credentials, more=""):
        return f"""
logger: {{level: ALL, add_timestamp: false}}
http: {{enabled: false}}
input: {{generate: {{count: 3, interval: "", mapping: 'root = {{"id":1}}'}}}}
pipeline:
  processors:
    - aws_lambda:
        function: {function}
        endpoint: {self.emulator.http}
        region: eu-west-1
        retries: 1
        timeout: 1s
        credentials: {credentials}
    - log: {{level: ERROR, message: '${{! error() }} ${{! meta() }}'}}
    - catch: [{{mapping: 'root = {{"why": error(), "meta": meta()}}'}}]
output: {{stdout: {{}}}}
{more}"""

    def test_run(self):
        literal = f'{{id: AKIDPLANTED, secret: "{KEY}", token: "{TOKEN}"}}'
        wrong = f'{{id: AKIDPLANTED, secret: "{KEY}x", token: "{TOKEN}"}}'
        variables = "{id: '${AWS_ACCESS_KEY_ID}', secret: '${AWS_SECRET_ACCESS_KEY}', token: '${AWS_SESSION_TOKEN}'}"
        for credentials in (literal, wrong, variables, "{}"):
            for function in ("echo", "failing", "throttled", "nope", "reset", "truncated", "hanging"):
                if function not in ("echo", "nope") and credentials in (variables, "{}"):
                    continue
                path = self.folder / "run.yaml"
                path.write_text(self.config(function, credentials))
                done = self.run_quietly("run", "--log.level", "ALL", "--summary=json", path)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                self.assertEqual(len(done.stdout.splitlines()), 3)
                self.assertIn(b"level=error", done.stderr)

    def test_run_that_is_stopped(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            path = self.folder / "stopped.yaml"
            path.write_text(self.config("hanging", f'{{id: AKIDPLANTED, secret: "{KEY}", token: "{TOKEN}"}}').replace("count: 3", "count: 0").replace("timeout: 1s", "timeout: 500ms"))
            with open(self.folder / "stopped.out", "w+b") as out:
                run = servers.Process([LAMBENT, "run", "--log.level", "ALL", str(path)], env=self.keys(), stdout=out, stderr=out)
                calls = len(self.emulator.calls())
                servers.wait_until(lambda: len(self.emulator.calls()) > calls or run.child.poll() is not None, "a call")
                self.assertIn(run.stop(number), (0, 1))
                out.seek(0)
                self.clean(out.read(), f"a run stopped by {number}")

    def test_lint_and_refused_configs(self):
        """Every way to get the neighbourhood of a secret wrong: the error names the place, not the value."""
        good = f'{{id: AKIDPLANTED, secret: "{KEY}", token: "{TOKEN}"}}'
        wrongs = {
            "a map for the secret": f'{{id: a, secret: {{"{KEY}": 1}}, token: [ "{TOKEN}" ]}}',
            "a list for the secret": f'{{id: a, secret: ["{KEY}"], token: {{a: "{TOKEN}"}}}}',
            "a text for the credentials": f'"{KEY}"',
            "a list for the credentials": f'["{KEY}", "{TOKEN}"]',
            "an unknown field": f'{{id: a, secret: "{KEY}", tokens: "{TOKEN}"}}',
            "a secret where a truth belongs": f'{{id: a, secret: "{KEY}", from_ec2_role: "{TOKEN}"}}',
            "a field that is refused at start": f'{{id: a, secret: "{KEY}", token: "{TOKEN}", role: "arn:aws:iam::123456789012:role/x"}}',
            "an open quote": f'{{id: a, secret: "{KEY}, token: {TOKEN}}}',
            "an open bracket": f'{{id: a, secret: "{KEY}", token: "{TOKEN}"',
            "a tab": f'\n\t  secret: "{KEY}"\n\t  token: "{TOKEN}"',
            "an unknown anchor": f'{{id: a, secret: *a{KEY[:7]}, token: "{TOKEN}"}}',
            "a key twice": f'{{id: a, secret: "{KEY}", secret: "{KEY}", token: "{TOKEN}"}}',
            "a missing variable": f'{{id: a, secret: "{KEY}", token: "${{NOT_THERE_AT_ALL}}"}}',
            "variables of a wrong type": "{id: a, secret: ['${AWS_SECRET_ACCESS_KEY}'], token: {a: '${AWS_SESSION_TOKEN}'}}",
            "variables that break the syntax": '{id: a, secret: "${AWS_SECRET_ACCESS_KEY}"", token: ${AWS_SESSION_TOKEN}: : [',
        }
        for what, credentials in wrongs.items():
            path = self.folder / "wrong.yaml"
            path.write_text(self.config("echo", credentials))
            with self.subTest(what):
                self.run_quietly("lint", path)
                self.run_quietly("run", "--log.level", "ALL", path)
                self.run_quietly("run", "--chilled", "--log.level", "ALL", path)
        for what, more in (("an unknown root field", f'{KEY[:7]}x: 1'), ("a broken mapping", "x: {mapping: 'root = '}")):
            path = self.folder / "wrong.yaml"
            path.write_text(self.config("echo", good, more))
            self.run_quietly("lint", path)
            self.run_quietly("run", "--chilled", "--log.level", "ALL", path)
        path.write_text(self.config("echo", good))
        self.run_quietly("run", "-s", "pipeline.threads=many", path)
        self.run_quietly("run", "-r", path, path)

    def test_emulate(self):
        for wrong in (f'keys: [{{id: a, secret: {{"{KEY}": 1}}}}]', f'keys: [{{id: a, secret: "{KEY}", tokens: "{TOKEN}"}}]', f'keys: ["{KEY}"]', f'keys: "{KEY}"',
                      f'keys: [{{id: a, secret: "{KEY}}}]'):
            path = self.folder / "functions_wrong.yaml"
            path.write_text(wrong + "\nfunctions: {f: {}}\n")
            with self.subTest(wrong):
                self.assertEqual(self.run_quietly("emulate", path, "--http", "127.0.0.1:0").returncode, 1)
        # What the emulator itself wrote of all calls until now.
        self.emulator_log.seek(0)
        self.clean(self.emulator_log.read(), "the emulator's stderr")
        self.clean(self.emulator.call_log.read_bytes(), "the emulator's call log")

    def test_sign(self):
        """Its output is a signature by design; its errors are not, and the secret is in neither."""
        request = b"POST /f HTTP/1.1\nHost: h\n\n{}"
        for form in ("authorization", "canonical-request", "string-to-sign", "signature", "request", "curl", "all"):
            done = subprocess.run([LAMBENT, "sign", "--show", form], env=self.keys(token=None), input=request, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(search.search(done.stdout, form, WANTED, signatures=False), [])
        for broken in (b"", b"POST\n\n", b"POST f\n\n", b"POST /f HTTP/1.1\nno colon\n\n", b"POST /f HTTP/1.1\n\n"):
            self.run_quietly("sign", stdin=broken)
        self.run_quietly("sign", "--time", "yesterday", stdin=request)


if __name__ == "__main__":
    unittest.main(verbosity=2)
