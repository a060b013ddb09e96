#!/usr/bin/env python3
"""`lambent` before serverless-offline 13, which runs Node handlers.

usage: serverless_offline_test.py LAMBENT
"""
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import third_party

third_party.skip_unless_asked("serverless")

import servers

LAMBENT = sys.argv.pop(1)
PROJECT = pathlib.Path(__file__).resolve().parent / "serverless"
PREFIX = "third-dev-"


class ServerlessOffline(third_party.Party):
    LAMBENT = LAMBENT

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        project = cls.folder / "project"
        shutil.copytree(PROJECT, project)
        modules = third_party.INSTALLED.resolve() / "serverless/node_modules"
        (project / "node_modules").symlink_to(modules)
        port = servers.free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        cls.log = open(cls.folder / "log", "w+b")
        cls.addClassCleanup(cls.log.close)
        cls.party = servers.Process(
            ["node", str(modules / "serverless/bin/serverless.js"), "offline", "start", "--host", "127.0.0.1", "--httpPort", str(servers.free_port()), "--lambdaPort", str(port)],
            env=servers.clean_environment(AWS_ACCESS_KEY_ID="dummy", AWS_SECRET_ACCESS_KEY="dummy-secret", HOME=str(cls.folder), SLS_TELEMETRY_DISABLED="1",
                                          SLS_NOTIFICATIONS_MODE="off"),
            cwd=project, stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.party.stop)
        servers.wait_until(lambda: servers.listens(port) or cls.party.child.poll() is not None, "the start of serverless-offline", 90)

    def test_success(self):
        answer, _ = self.invoke(PREFIX + "echo", '{"id":7,"text":"é漢🦊"}')
        self.assertEqual(json.loads(answer), {"event": {"id": 7, "text": "é漢🦊"}, "name": PREFIX + "echo", "version": "$LATEST"})

    def test_function_error(self):
        answer, said = self.invoke(PREFIX + "failing", "{}", code=10)
        self.assertEqual(json.loads(answer)["errorMessage"], "bad id")
        self.assertIn("function error: Unhandled: Error: bad id", said)

    def test_time_out_of_the_function_and_our_own(self):
        answer, _ = self.invoke(PREFIX + "slow", "{}", code=10)
        self.assertEqual(json.loads(answer)["errorMessage"], "[504] - Lambda timeout.")
        self.invoke(PREFIX + "slow", "{}", "--timeout", "200ms", code=13)

    def test_not_found(self):
        for name in (PREFIX + "nope", PREFIX + "echo:prod", "arn:aws:lambda:eu-west-1:000000000000:function:" + PREFIX + "echo"):
            _, said = self.invoke(name, "{}", code=12)
            self.assertIn("StatusCode: 404", said)

    def test_event_and_dry_run(self):
        self.assertIn("answered 202", self.invoke(PREFIX + "echo", "{}", "-v", "--type", "Event")[1])
        self.assertIn("'DryRun' not supported by serverless-offline", self.invoke(PREFIX + "echo", "{}", "--type", "DryRun", code=12)[1])

    def test_a_qualifier_is_ignored(self):
        self.assertEqual(json.loads(self.invoke(PREFIX + "echo", "{}", "--qualifier", "prod")[0])["version"], "$LATEST")

    def test_a_payload_that_is_no_json_breaks_it(self):
        self.assertIn("StatusCode: 500", self.invoke(PREFIX + "echo", "no json", code=15)[1])

    def test_large_payloads(self):
        text = "x" * 1_000_000
        self.assertEqual(json.loads(self.invoke(PREFIX + "echo", json.dumps({"text": text}))[0])["event"]["text"], text)
        self.assertEqual(json.loads(self.invoke(PREFIX + "big", '{"length": 1000000}')[0]), text)

    def test_a_pipeline(self):
        lines = [json.loads(line) for line in self.run_pipeline(PREFIX + "echo", [json.dumps({"id": n}) for n in range(1, 41)], self.folder)]
        self.assertEqual(sorted(line["answer"]["event"]["id"] for line in lines), list(range(1, 41)))
        lines = [json.loads(line) for line in self.run_pipeline(PREFIX + "failing", ['{"id":1}'], self.folder)]
        self.assertEqual((lines[0]["id"], "bad id" in lines[0]["why"]), (1, True))


if __name__ == "__main__":
    unittest.main(verbosity=2)
