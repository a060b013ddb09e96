#!/usr/bin/env python3
"""`lambent` before LocalStack 1.4, which runs Python functions in processes of its own, without containers.

usage: localstack_test.py LAMBENT
"""
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

import third_party

third_party.skip_unless_asked("localstack")

import boto3
from botocore.config import Config

import servers

LAMBENT = sys.argv.pop(1)
HANDLERS = """
import time

def echo(event, context):
    print("a line of the log")
    return {"event": event, "version": context.function_version}

def failing(event, context):
    raise ValueError("bad id")

def slow(event, context):
    time.sleep(20)

def big(event, context):
    return {"text": "x" * event["length"]}

def text(event, context):
    return "a text"

def tenth(event, context):
    if event["id"] % 10 == 0:
        raise ValueError("bad id")
    return {"seen": event["id"]}
"""


def package():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", HANDLERS)
    return packed.getvalue()


class LocalStack(third_party.Party):
    LAMBENT = LAMBENT

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        port = servers.free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        binaries = third_party.INSTALLED.resolve() / "localstack/bin"
        environment = {
            "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin", "HOME": str(cls.folder), "TMPDIR": str(cls.folder), "FILESYSTEM_ROOT": str(cls.folder),
            "SERVICES": "lambda,sts,iam", "LAMBDA_EXECUTOR": "local", "EDGE_BIND_HOST": "127.0.0.1", "EDGE_PORT": str(port), "DNS_ADDRESS": "0",
            "SKIP_SSL_CERT_DOWNLOAD": "1", "DISABLE_EVENTS": "1", "EAGER_SERVICE_LOADING": "0"}
        cls.log = open(cls.folder / "log", "w+b")
        cls.addClassCleanup(cls.log.close)
        cls.party = servers.Process([str(binaries / "localstack"), "start", "--host"], env=environment, cwd=cls.folder, stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.party.stop)
        servers.wait_until(lambda: servers.listens(port) or cls.party.child.poll() is not None, "LocalStack's start", 90)
        client = boto3.Session("dummy", "dummy", region_name=third_party.REGION).client(
            "lambda", endpoint_url=cls.endpoint, config=Config(retries={"max_attempts": 5}, read_timeout=60))
        for name in ("echo", "failing", "slow", "big", "text", "tenth"):
            client.create_function(FunctionName=name, Runtime="python3.9", Role="arn:aws:iam::000000000000:role/r", Handler="app." + name,
                                   Code={"ZipFile": package()}, Timeout=3 if name == "slow" else 30)
        cls.version = client.publish_version(FunctionName="echo")["Version"]
        client.create_alias(FunctionName="echo", Name="prod", FunctionVersion=cls.version)

    def test_success_and_log_tail(self):
        answer, said = self.invoke("echo", '{"id":7}', "-v", "--log-tail")
        self.assertEqual(json.loads(answer)["event"], {"id": 7})
        self.assertIn("version $LATEST", said)
        self.assertIn("a line of the log", said)

    def test_names_and_qualifiers(self):
        for name, arguments in (("echo", ["--qualifier", self.version]), ("echo", ["--qualifier", "prod"]), ("echo:prod", []),
                                ("arn:aws:lambda:eu-west-1:000000000000:function:echo", [])):
            answer, _ = self.invoke(name, '{"id":1}', *arguments)
            self.assertEqual(json.loads(answer)["event"], {"id": 1}, name)

    def test_function_error(self):
        answer, said = self.invoke("failing", "{}", code=10)
        self.assertEqual(json.loads(answer)["errorMessage"], "bad id")
        self.assertIn("function error: Unhandled: ", said)

    def test_not_found(self):
        _, said = self.invoke("nope", "{}", code=12)
        self.assertRegex(said, "StatusCode: 404, .*ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nope")

    def test_event_and_dry_run(self):
        self.assertIn("answered 202", self.invoke("echo", "{}", "-v", "--type", "Event")[1])
        self.assertIn("answered 204", self.invoke("echo", "{}", "-v", "--type", "DryRun")[1])

    def test_time_out_of_the_function_and_our_own(self):
        self.assertIn("function error: Unhandled: TimeoutError: Function execution timed out", self.invoke("slow", "{}", code=10)[1])
        self.invoke("slow", "{}", "--timeout", "1s", code=13)

    def test_large_payloads(self):
        text = "x" * 1_000_000
        self.assertEqual(json.loads(self.invoke("echo", json.dumps({"text": text}))[0])["event"]["text"], text)
        self.assertEqual(json.loads(self.invoke("big", '{"length": 1000000}')[0])["text"], text)

    def test_a_text_comes_without_its_quotes(self):
        """Lambda answers JSON, "a text" with quotes; LocalStack does not, and we pass on what came."""
        self.assertEqual(self.invoke("text", "{}")[0], "a text")

    def test_a_pipeline(self):
        lines = [json.loads(line) for line in self.run_pipeline("tenth", [json.dumps({"id": n}) for n in range(1, 41)], self.folder)]
        self.assertEqual(sorted(line["id"] for line in lines), list(range(1, 41)))
        self.assertEqual({line["id"] for line in lines if "why" in line}, {10, 20, 30, 40})
        self.assertTrue(all("bad id" in line["why"] for line in lines if "why" in line))
        self.assertTrue(all(line["answer"] == {"seen": line["id"]} for line in lines if "answer" in line))


if __name__ == "__main__":
    unittest.main(verbosity=2)
