#!/usr/bin/env python3
"""Our signatures before a referee that is not ours: moto in its signature-verifying mode, invoked by `lambent invoke`.

usage: moto_test.py LAMBENT
"""
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request
import zipfile

import boto3
from botocore.config import Config

import servers

LAMBENT = sys.argv.pop(1)
REGION = "eu-west-1"
FUNCTION = "referee"
REFUSED = 12  # exit code of `lambent invoke`
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]}


def post(url, body):
    urllib.request.urlopen(urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"}), timeout=10).read()


def function_code():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return event\n")
    return packed.getvalue()


class Referee(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = servers.free_port()
        cls.endpoint = f"http://127.0.0.1:{cls.port}"
        # moto lets everybody in until this many actions were done, or the count is reset.
        cls.moto = servers.Process(
            [str(pathlib.Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(cls.port)],
            env=servers.clean_environment(INITIAL_NO_AUTH_ACTION_COUNT="999999"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.moto.stop)
        servers.wait_until(lambda: servers.listens(cls.port), "moto's start")
        post(cls.endpoint + "/moto-api/config", json.dumps({"lambda": {"use_docker": False}}))
        session = boto3.Session("setup", "setup", region_name=REGION)
        client = lambda service: session.client(service, endpoint_url=cls.endpoint, config=Config(retries={"max_attempts": 0}))
        iam = client("iam")
        iam.create_user(UserName="caller")
        key = iam.create_access_key(UserName="caller")["AccessKey"]
        cls.key_id, cls.secret = key["AccessKeyId"], key["SecretAccessKey"]
        iam.put_user_policy(UserName="caller", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
        role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(POLICY))["Role"]["Arn"]
        iam.put_role_policy(RoleName="role", PolicyName="invoke", PolicyDocument=json.dumps(POLICY))
        cls.temporary = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        client("lambda").create_function(FunctionName=FUNCTION, Runtime="python3.11", Role=role, Handler="app.handler",
                                         Code={"ZipFile": function_code()})
        post(cls.endpoint + "/moto-api/reset-auth", "0")

    def invoke(self, payload='{"id":7}', key_id=None, secret=None, endpoint=None, token=None, arguments=()):
        environment = servers.clean_environment(AWS_ACCESS_KEY_ID=key_id or self.key_id, AWS_SECRET_ACCESS_KEY=secret or self.secret,
                                                AWS_REGION=REGION)
        if token:
            environment["AWS_SESSION_TOKEN"] = token
        return subprocess.run(
            [LAMBENT, "invoke", FUNCTION, "-d", payload, "--endpoint", endpoint or self.endpoint, "--retries", "0", *arguments],
            env=environment, capture_output=True, text=True, timeout=60)

    def test_the_right_key_is_let_in(self):
        for payload in ("{}", '{"id":7}', '{"text":"é漢🦊 %2F +&="}', json.dumps({"big": "x" * 1_000_000})):
            done = self.invoke(payload) if len(payload) < 100_000 else self.invoke_file(payload)
            self.assertEqual(done.returncode, 0, done.stderr)

    def invoke_file(self, payload):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(payload)
            file.flush()
            return subprocess.run([LAMBENT, "invoke", FUNCTION, "-f", file.name, "--endpoint", self.endpoint, "--retries", "0"],
                                  env=servers.clean_environment(AWS_ACCESS_KEY_ID=self.key_id, AWS_SECRET_ACCESS_KEY=self.secret, AWS_REGION=REGION),
                                  capture_output=True, text=True, timeout=60)

    def test_qualifiers_types_and_context_are_signed_too(self):
        for arguments in (["--qualifier", "$LATEST"], ["--type", "Event"], ["--type", "DryRun"], ["--log-tail"],
                          ["--client-context", '{"custom":{"a":"é"}}']):
            done = self.invoke(arguments=arguments)
            self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")

    def test_temporary_credentials_are_let_in_with_their_token_only(self):
        given = self.temporary
        done = self.invoke(key_id=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
        self.assertEqual(done.returncode, 0, done.stderr)
        other = self.invoke(key_id=given["AccessKeyId"], secret=given["SecretAccessKey"], token="another")
        self.assertEqual(other.returncode, REFUSED, other.stderr)

    def test_a_wrong_secret_is_refused(self):
        done = self.invoke(secret="wrong")
        self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
        self.assertIn("403", done.stderr)

    def test_an_unknown_key_is_refused(self):
        self.assertEqual(self.invoke(key_id="AKIAUNKNOWN000000000").returncode, REFUSED)

    def test_a_payload_changed_on_its_way_is_refused(self):
        with servers.TamperingProxy(self.port, b'{"id":7}', b'{"id":8}') as proxy:
            done = self.invoke(endpoint=f"http://127.0.0.1:{proxy.port}")
            self.assertEqual(proxy.tampered, 1)
            self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
        # The control: the same way, nothing changed.
        with servers.TamperingProxy(self.port, b"nothing like it", b"") as proxy:
            self.assertEqual(self.invoke(endpoint=f"http://127.0.0.1:{proxy.port}").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
