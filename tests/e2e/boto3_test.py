#!/usr/bin/env python3
"""`lambent emulate` before a client that is not ours: boto3, unchanged, over TLS.

usage: boto3_test.py LAMBENT
"""
import base64
import datetime
import hashlib
import json
import os
import pathlib
import signal
import sys
import tempfile
import threading
import unittest
from unittest import mock

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

import servers

LAMBENT = sys.argv.pop(1)
REGION = "eu-west-1"
KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None)
TEMPORARY = ("ASIATEMPORARY", "temporary/secret", "the-token==")
FUNCTIONS = """
keys:
  - {id: AKIDEXAMPLE, secret: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY}
  - {id: ASIATEMPORARY, secret: temporary/secret, token: the-token==}
  - {id: ASIAEXPIRED, secret: s, token: t, expired: true}
region: eu-west-1
account: "123456789012"
concurrency: 50
seed: 7
functions:
  foo:
    mapping: |
      root = if this.id.or(1) % 10 == 0 { throw("bad id") } else { {"seen": this.id, "by": meta("function_name")} }
  echo: {}
  fixed: {reply: '{"statusCode":200}'}
  context: {mapping: 'root = meta("client_context")'}
  versioned: {versions: [1, 2], aliases: {prod: 2}}
  huge: {reply: '"HUGE"'}
  slow: {latency: {kind: fixed, mean: 1500ms}, concurrency: 1}
  stuck: {latency: {kind: fixed, mean: 10s}, timeout: 250ms}
  stopped: {concurrency: 0}
  throttled: {faults: {throttle: 1}}
  broken: {faults: {service_500: 1}}
  gateway: {faults: {bad_gateway_502: 1}}
  reset: {faults: {reset_before: 1}}
  reset_after: {faults: {reset_after: 1}}
  truncated: {faults: {truncate: 1}, reply: '{"a":"a text that is long enough to be cut"}'}
  dribbling: {faults: {slow_body: 1}, reply: '{"a":"a text that is long enough to be sent in pieces"}'}
  hanging: {faults: {hang: 1}}
""".replace("HUGE", "x" * 6291555)


class Boto3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.emulator = servers.Emulator(LAMBENT, FUNCTIONS, cls.folder.name)
        cls.addClassCleanup(cls.emulator.stop)

    def client(self, key=KEY, endpoint=None, attempts=1, region=REGION, verify=None, **config):
        key_id, secret, token = key
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, **config)
        return boto3.Session(key_id, secret, token, region_name=region).client(
            "lambda", endpoint_url=endpoint or self.emulator.https, config=config, verify=verify or self.emulator.ca_file)

    def invoke(self, function, payload=b"{}", client=None, **parameters):
        return (client or self.client()).invoke(FunctionName=function, Payload=payload, **parameters)

    def refused(self, code, status, function="foo", payload=b"{}", client=None, **parameters):
        with self.assertRaises(ClientError) as raised:
            self.invoke(function, payload, client, **parameters)
        answer = raised.exception.response
        self.assertEqual((answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]), (code, status))
        self.assertRegex(answer["ResponseMetadata"]["RequestId"], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")
        return answer

    def logged(self, request_id):
        """The call log's line of one request, once it is there."""
        found = []
        servers.wait_until(lambda: found.extend(c for c in self.emulator.calls() if c["request_id"] == request_id) or found, "the log line")
        self.assertEqual(len(found), 1)
        return found[0]

    def test_success(self):
        for endpoint in (self.emulator.https, self.emulator.http):
            answer = self.invoke("foo", b'{"id":7}', self.client(endpoint=endpoint))
            self.assertEqual(answer["StatusCode"], 200)
            self.assertEqual(answer["ExecutedVersion"], "$LATEST")
            self.assertNotIn("FunctionError", answer)
            self.assertEqual(json.load(answer["Payload"]), {"seen": 7, "by": "foo"})
            logged = self.logged(answer["ResponseMetadata"]["RequestId"])
            self.assertEqual((logged["function"], logged["outcome"], logged["status"]), ("foo", "ok", 200))
            self.assertEqual(logged["payload_sha256"], hashlib.sha256(b'{"id":7}').hexdigest())
        self.assertEqual(self.invoke("fixed")["Payload"].read(), b'{"statusCode":200}')

    def test_payloads_come_back_as_they_went(self):
        for payload in (b"null", '{"text":"é漢🦊 \\u0000"}'.encode(), b'"' + b"x" * (6291456 - 2) + b'"'):
            self.assertEqual(self.invoke("echo", payload)["Payload"].read(), payload)
        self.assertEqual(self.invoke("echo", b"")["Payload"].read(), b"{}")
        self.assertEqual(self.client().invoke(FunctionName="echo")["Payload"].read(), b"{}")

    def test_temporary_credentials(self):
        self.assertEqual(self.invoke("echo", client=self.client(TEMPORARY))["StatusCode"], 200)
        self.refused("UnrecognizedClientException", 403, client=self.client(TEMPORARY[:2] + ("another",)))
        self.refused("UnrecognizedClientException", 403, client=self.client(TEMPORARY[:2] + (None,)))
        self.refused("UnrecognizedClientException", 403, client=self.client(KEY[:2] + ("unasked",)))
        self.refused("ExpiredTokenException", 403, client=self.client(("ASIAEXPIRED", "s", "t")))

    def test_function_error(self):
        answer = self.invoke("foo", b'{"id":10}')
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertEqual(json.load(answer["Payload"]), {"errorMessage": "bad id", "errorType": "Error"})
        self.assertEqual(self.logged(answer["ResponseMetadata"]["RequestId"])["outcome"], "function_error")

    def test_function_that_takes_too_long(self):
        answer = self.invoke("stuck")
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertRegex(json.load(answer["Payload"])["errorMessage"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z " + answer["ResponseMetadata"]["RequestId"] + r" Task timed out after 0\.25 seconds$")

    def test_answer_too_large(self):
        answer = self.invoke("huge")
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertEqual(json.load(answer["Payload"])["errorType"], "Function.ResponseSizeTooLarge")

    def test_throttling(self):
        answer = self.refused("TooManyRequestsException", 429, "throttled")
        self.assertEqual(answer["Error"]["Message"], "Rate Exceeded.")
        self.assertEqual(answer["Reason"], "ConcurrentInvocationLimitExceeded")
        self.assertEqual(answer["Type"], "User")
        client = self.client()
        with self.assertRaises(client.exceptions.TooManyRequestsException):
            self.invoke("stopped", client=client)
        self.assertEqual(self.refused("TooManyRequestsException", 429, "stopped")["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded")

    def test_reserved_concurrency(self):
        outcomes = []

        def call():
            try:
                outcomes.append(self.invoke("slow")["StatusCode"])
            except ClientError as error:
                outcomes.append(error.response["Reason"])

        callers = [threading.Thread(target=call) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        self.assertIn(200, outcomes)
        self.assertIn("ReservedFunctionConcurrentInvocationLimitExceeded", outcomes)
        self.assertEqual(len(set(outcomes)), 2, outcomes)

    def test_boto3_retries_what_may_be_retried(self):
        for function, code in (("throttled", "TooManyRequestsException"), ("broken", "ServiceException")):
            payload = json.dumps({"once": function}).encode()
            self.refused(code, {"throttled": 429, "broken": 500}[function], function, payload, self.client(attempts=2))
            digest = hashlib.sha256(payload).hexdigest()
            self.assertEqual(len([call for call in self.emulator.calls() if call["payload_sha256"] == digest]), 2)

    def test_service_errors(self):
        self.assertEqual(self.refused("ServiceException", 500, "broken")["Type"], "Service")
        with self.assertRaises(ClientError) as raised:
            self.invoke("gateway")
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 502)

    def test_broken_connections(self):
        with self.assertRaises((botocore.exceptions.ConnectionClosedError, botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError)):
            self.invoke("reset")
        for function in ("reset_after", "truncated"):
            with self.assertRaises(Exception) as raised:
                self.invoke(function)["Payload"].read()
            self.assertNotIsInstance(raised.exception, (ClientError, AssertionError), function)
        with self.assertRaises(botocore.exceptions.ReadTimeoutError):
            self.invoke("hanging", client=self.client(read_timeout=0.5))
        self.assertEqual(json.load(self.invoke("dribbling")["Payload"])["a"], "a text that is long enough to be sent in pieces")
        outcomes = {call["function"]: (call["outcome"], call["executed"]) for call in self.emulator.calls()}
        self.assertEqual(outcomes["reset"], ("reset_before", False))
        for function, outcome in (("reset_after", "reset_after"), ("truncated", "truncate"), ("hanging", "hang"), ("dribbling", "slow_body")):
            self.assertEqual(outcomes[function], (outcome, True))

    def test_wrong_secret(self):
        answer = self.refused("InvalidSignatureException", 403, client=self.client((KEY[0], "wrong", None)))
        message = answer["Error"]["Message"]
        self.assertIn("The request signature we calculated does not match the signature you provided.", message)
        self.assertIn("The Canonical String for this request should have been\n'POST\n/2015-03-31/functions/foo/invocations\n", message)
        self.assertIn("The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n", message)

    def test_unknown_key(self):
        answer = self.refused("UnrecognizedClientException", 403, client=self.client(("AKIANOBODY", "x", None)))
        self.assertEqual(answer["Error"]["Message"], "The security token included in the request is invalid.")

    def test_unsigned(self):
        answer = self.refused("MissingAuthenticationTokenException", 403, client=self.client(signature_version=botocore.UNSIGNED))
        self.assertEqual(answer["Error"]["Message"], "Missing Authentication Token")

    def test_wrong_region_and_service(self):
        self.assertIn("Credential should be scoped to a valid region",
                      self.refused("InvalidSignatureException", 403, client=self.client(region="us-east-1"))["Error"]["Message"])
        client = self.client()
        client.meta.events.register("choose-signer.lambda.*", lambda **_: None)
        client.meta.events.register("before-sign.lambda.*", lambda request, **_: request.context.setdefault("signing", {}).update(signing_name="s3x"))
        self.assertIn("Credential should be scoped to correct service: 'lambda'",
                      self.refused("InvalidSignatureException", 403, client=client)["Error"]["Message"])

    def test_wrong_clock(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        for offset, words in ((-400, "Signature expired: "), (400, "Signature not yet current: ")):
            skewed = now + datetime.timedelta(seconds=offset)
            with mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: skewed.replace(tzinfo=None) if remove_tzinfo else skewed):
                answer = self.refused("InvalidSignatureException", 403)
            self.assertTrue(answer["Error"]["Message"].startswith(words), answer["Error"]["Message"])
            self.assertIn("5 min.)", answer["Error"]["Message"])

    def test_not_found(self):
        answer = self.refused("ResourceNotFoundException", 404, "nope")
        self.assertEqual(answer["Error"]["Message"], "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nope")
        self.assertEqual(self.refused("ResourceNotFoundException", 404, "versioned:3")["Error"]["Message"],
                         "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:versioned:3")
        client = self.client()
        with self.assertRaises(client.exceptions.ResourceNotFoundException):
            self.invoke("nope", client=client)
        elsewhere = self.refused("ResourceNotFoundException", 404, "arn:aws:lambda:us-east-1:123456789012:function:foo")
        self.assertEqual(elsewhere["Error"]["Message"], "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')")
        self.refused("AccessDeniedException", 403, "210987654321:function:foo")

    def test_names_and_qualifiers(self):
        for name in ("versioned", "123456789012:function:versioned", "arn:aws:lambda:eu-west-1:123456789012:function:versioned"):
            self.assertEqual(self.invoke(name)["ExecutedVersion"], "$LATEST")
            self.assertEqual(self.invoke(name + ":1")["ExecutedVersion"], "1")
            self.assertEqual(self.invoke(name + ":prod")["ExecutedVersion"], "2")
            self.assertEqual(self.invoke(name, Qualifier="prod")["ExecutedVersion"], "2")
            self.assertEqual(self.invoke(name, Qualifier="$LATEST")["ExecutedVersion"], "$LATEST")
        self.refused("InvalidParameterValueException", 400, "versioned:1", Qualifier="2")
        self.assertEqual(self.invoke("foo:anything")["StatusCode"], 200)

    def test_bad_requests(self):
        answer = self.refused("InvalidRequestContentException", 400, payload=b"hello")
        self.assertTrue(answer["Error"]["Message"].startswith("Could not parse request body into json: "), answer["Error"]["Message"])
        self.refused("InvalidRequestContentException", 400, ClientContext="no base64!")
        client = self.client()
        client.meta.events.register("before-call.lambda.Invoke", lambda params, **_: params["headers"].update({"X-Amz-Invocation-Type": "Later"}))
        self.refused("ValidationException", 400, client=client)

    def test_too_large(self):
        answer = self.refused("RequestTooLargeException", 413, payload=b'"' + b"x" * 6291456 + b'"')
        self.assertEqual(answer["Error"]["Message"], "Request must be smaller than 6291456 bytes for the InvokeFunction operation")
        self.refused("RequestTooLargeException", 413, payload=b'"' + b"x" * 1048576 + b'"', InvocationType="Event")

    def test_event(self):
        answer = self.invoke("foo", b'{"id":5}', InvocationType="Event")
        self.assertEqual(answer["StatusCode"], 202)
        self.assertEqual(answer["Payload"].read(), b"")
        logged = self.logged(answer["ResponseMetadata"]["RequestId"])
        self.assertEqual((logged["type"], logged["outcome"], logged["executed"]), ("Event", "ok", True))
        failed = self.invoke("foo", b'{"id":10}', InvocationType="Event")
        self.assertEqual(self.logged(failed["ResponseMetadata"]["RequestId"])["outcome"], "function_error")

    def test_dry_run(self):
        answer = self.invoke("foo", InvocationType="DryRun")
        self.assertEqual(answer["StatusCode"], 204)
        logged = self.logged(answer["ResponseMetadata"]["RequestId"])
        self.assertEqual((logged["outcome"], logged["executed"]), ("dry_run", False))
        self.refused("ResourceNotFoundException", 404, "nope", InvocationType="DryRun")

    def test_log_and_context(self):
        answer = self.invoke("foo", LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode()
        request_id = answer["ResponseMetadata"]["RequestId"]
        self.assertTrue(log.startswith(f"START RequestId: {request_id} Version: $LATEST\n"), log)
        self.assertIn(f"REPORT RequestId: {request_id}\tDuration: ", log)
        context = base64.b64encode(json.dumps({"custom": {"a": "é"}}).encode()).decode()
        echoed = json.load(self.invoke("context", ClientContext=context)["Payload"])
        self.assertEqual(json.loads(echoed), {"custom": {"a": "é"}})

    def test_without_the_ca_the_certificate_is_refused(self):
        session = boto3.Session(*KEY[:2], region_name=REGION)
        client = session.client("lambda", endpoint_url=self.emulator.https, config=Config(retries={"total_max_attempts": 1}))
        with self.assertRaises(botocore.exceptions.SSLError):
            self.invoke("echo", client=client)

    def test_the_certificate_is_for_localhost_too(self):
        port = self.emulator.https.rsplit(":", 1)[1]
        self.assertEqual(self.invoke("echo", client=self.client(endpoint=f"https://localhost:{port}"))["StatusCode"], 200)


class Life(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_signal_lets_calls_end(self):
        emulator = servers.Emulator(LAMBENT, FUNCTIONS, self.folder)
        self.addCleanup(emulator.stop)
        client = boto3.Session(*KEY[:2], region_name=REGION).client("lambda", endpoint_url=emulator.https, verify=emulator.ca_file)
        answers = []
        caller = threading.Thread(target=lambda: answers.append(client.invoke(FunctionName="slow", Payload=b'"last words"')["Payload"].read()))
        caller.start()
        # Nothing tells from outside that the call has arrived but that a second one is throttled.
        def arrived():
            try:
                boto3.Session(*KEY[:2], region_name=REGION).client(
                    "lambda", endpoint_url=emulator.http, config=Config(retries={"total_max_attempts": 1})).invoke(
                        FunctionName="slow", Payload=b"1", InvocationType="RequestResponse")
            except ClientError as error:
                return error.response["Error"]["Code"] == "TooManyRequestsException"
            return False
        servers.wait_until(arrived, "the call's arrival")
        self.assertEqual(emulator.stop(signal.SIGTERM), 0)
        caller.join()
        self.assertEqual(answers, [b'"last words"'])
        self.assertFalse(os.path.exists(emulator.ca_file))
        self.assertIn(hashlib.sha256(b'"last words"').hexdigest(), [c["payload_sha256"] for c in emulator.calls() if c["outcome"] == "ok"])

    def refused(self, functions):
        path = self.folder / "functions.yaml"
        path.write_text(functions, encoding="utf-8")
        with servers.Process([LAMBENT, "emulate", str(path), "--http", "127.0.0.1:0", "--ready-json"], stdout=servers.subprocess.PIPE,
                             stderr=servers.subprocess.PIPE, text=True, env=servers.clean_environment()) as process:
            out, err = process.child.communicate(timeout=30)
            self.assertEqual((process.child.returncode, out), (1, ""))
        self.assertEqual(err.count("\n"), 1, err)
        return err.replace(str(path), "functions.yaml").strip()

    def test_a_bad_file_is_told_with_its_place(self):
        for functions, expected in (
            ("functions: {foo: {latncy: 5ms}}", "functions.yaml(1,19) function 'foo': unknown field 'latncy'"),
            ("functions:\n  foo:\n    mapping: |\n      root.a = this.a\n      root.b = nope()\n", "functions.yaml(5,"),
            ("functions:\n  foo: {timeout: 3}\n", "functions.yaml(2,18) function 'foo': field 'timeout': "),
            ("functions:\n  foo:\n    faults: {throttle: 1.5}\n", "functions.yaml(3,24) function 'foo': "),
            ("functions:\n  'a b': {}\n", "functions.yaml(2,3) function 'a b': a name is made of"),
            ("concurrency: many\n", "functions.yaml(1,14) field 'concurrency' must be a whole number, not negative, got `many`"),
            ("keys: [{id: a}]\n", "functions.yaml(1,8) key 1: fields 'id' and 'secret' are required"),
            ("functions: [\n", "functions.yaml("),
            ("hello\n", "functions.yaml(1,1) a functions file is a map"),
        ):
            message = self.refused(functions)
            self.assertTrue(message.startswith("lambent emulate: " + expected), f"{functions!r}: {message}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
