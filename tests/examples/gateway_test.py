"""examples/gateway.cpp against `lambent emulate`, with Python's HTTP client.

usage: gateway_test.py LAMBENT GATEWAY
"""
import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from servers import Emulator, Process, clean_environment, wait_until  # noqa: E402

LAMBENT, GATEWAY = sys.argv.pop(1), sys.argv.pop(1)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "AWS_REGION": "eu-west-1"}
FUNCTIONS = """
concurrency: 1000
seed: 7
functions:
  echo: {}
  big: {mapping: 'root.text = "0123456789abcdef".repeat(60000)'}
  faulty:
    mapping: 'root = if this.n % 10 == 3 { throw("bad n") } else { {"seen": this.n} }'
    latency: {kind: lognormal, median: 3ms, p99: 30ms}
    faults: {throttle: 0.05, service_500: 0.03, bad_gateway_502: 0.03, reset_before: 0.03, reset_after: 0.03, truncate: 0.03, slow_body: 0.02}
  throws: {mapping: 'throw("no")'}
  overruns: {mapping: 'root = this', latency: {kind: fixed, mean: 5s}, timeout: 20ms}
  slow: {mapping: 'root.seen = this.n', latency: {kind: fixed, mean: 700ms}, timeout: 10s}
  hangs: {mapping: 'root = this', faults: {hang: 1}}
  throttled: {mapping: 'root = this', faults: {throttle: 1}}
  broken: {mapping: 'root = this', faults: {service_500: 1}}
"""
NAMES = ["echo", "big", "faulty", "throws", "overruns", "slow", "hangs", "throttled", "broken", "nowhere"]


class Gateway(Process):
    def __init__(self, emulator, *flags):
        routes = [part for name in NAMES for part in ("--route", f"/{name}={name}")]
        environment = clean_environment(**KEYS, AWS_ENDPOINT_URL_LAMBDA=emulator.https, AWS_CA_BUNDLE=emulator.ca_file)
        super().__init__([GATEWAY, "--port", "0", *routes, *flags], stderr=subprocess.PIPE, text=True, env=environment)
        first = self.child.stderr.readline()
        self.port = int(re.search(r"port (\d+)", first).group(1))
        self.said = []
        self.reader = threading.Thread(target=lambda: self.said.extend(self.child.stderr), daemon=True)
        self.reader.start()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    def ask(self, path, body=b"", connection=None, headers=None):
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        own.request("POST", path, body, headers or {})
        answer = own.getresponse()
        text = answer.read()
        if connection is None:
            own.close()
        return answer.status, dict(answer.getheaders()), text

    def __exit__(self, *_):
        self.stop()
        self.reader.join(10)
        self.child.stderr.close()


class GatewayTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lambent_gateway_")
        cls.emulator = Emulator(LAMBENT, FUNCTIONS, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()
        cls.folder.cleanup()

    def ran(self, function):
        return sum(call["function"] == function and call["outcome"] == "ok" for call in self.emulator.calls())

    def test_each_outcome_has_its_status(self):
        with Gateway(self.emulator, "--timeout-ms", "10000", "--body-max", "100000") as gateway:
            status, headers, text = gateway.ask("/echo?verbose=1", b'{"hello":"world"}')
            self.assertEqual((status, text), (200, b'{"hello":"world"}'))
            self.assertRegex(headers["X-Request-Id"], r"^[0-9a-f-]{36}$")
            self.assertIn(headers["X-Request-Id"], {call["request_id"] for call in self.emulator.calls()})
            status, _, text = gateway.ask("/throws", b"{}")
            self.assertEqual((status, json.loads(text)["errorMessage"][-2:]), (502, "no"))
            status, _, text = gateway.ask("/overruns", b"{}")
            self.assertEqual(status, 504)
            self.assertIn(b"Task timed out after 0.02 seconds", text)
            status, headers, _ = gateway.ask("/throttled", b"{}")
            self.assertEqual((status, headers["Retry-After"]), (429, "1"))
            self.assertEqual(gateway.ask("/broken", b"{}")[0], 502)
            self.assertEqual(gateway.ask("/nowhere", b"{}")[0], 502)  # a route to a function that is not there
            self.assertEqual(gateway.ask("/unrouted", b"{}")[0], 404)
            self.assertEqual(gateway.ask("/echo", b"x" * 100001)[0], 413)
            status, _, text = gateway.ask("/big", b"{}")
            self.assertEqual((status, len(json.loads(text)["text"])), (200, 960000))
            with socket.create_connection(("127.0.0.1", gateway.port), 10) as plain:
                plain.sendall(b"this is no HTTP\r\n\r\n")
                self.assertTrue(plain.recv(1000).startswith(b"HTTP/1.1 400"))

    def test_a_call_that_takes_too_long_is_504(self):
        with Gateway(self.emulator, "--timeout-ms", "150") as gateway:
            self.assertEqual(gateway.ask("/hangs", b"{}")[0], 504)
            self.assertEqual(gateway.ask("/slow", b'{"n":1}')[0], 504)
            self.assertEqual(gateway.ask("/echo", b"{}")[0], 200)

    def test_a_full_queue_is_503(self):
        with Gateway(self.emulator, "--timeout-ms", "20000", "--connections", "1", "--queue", "2") as gateway, \
                concurrent.futures.ThreadPoolExecutor(12) as threads:
            statuses = collections.Counter(status for status, _, _ in threads.map(lambda n: gateway.ask("/slow", b'{"n":%d}' % n), range(12)))
            self.assertEqual(set(statuses), {200, 503})
            self.assertGreaterEqual(statuses[200], 3)  # one on the connection, two in the queue

    def test_under_load_and_faults_every_answer_is_the_one_asked_for(self):
        per_client, clients = 250, 16
        with Gateway(self.emulator, "--timeout-ms", "20000") as gateway:
            gateway.ask("/echo", b"{}")
            before = gateway.descriptors()
            statuses = collections.Counter()

            def client(index):
                seen = collections.Counter()
                kept = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
                for turn in range(per_client):
                    n = index * per_client + turn
                    name = "faulty" if turn % 2 else "echo"
                    status, _, text = gateway.ask(f"/{name}", b'{"n":%d}' % n, kept)
                    seen[(name, status)] += 1
                    if name == "echo" and (status, text) != (200, b'{"n":%d}' % n):
                        raise AssertionError(f"echo of {n}: {status} {text}")
                    if name == "faulty" and status == 200 and text != b'{"seen":%d}' % n:
                        raise AssertionError(f"faulty {n}: {text}")
                    if name == "faulty" and status == 502 and text.startswith(b"{") and n % 10 != 3:
                        raise AssertionError(f"{n} is no bad n: {text}")
                    if name == "faulty" and n % 10 == 3 and status == 200:
                        raise AssertionError(f"bad n {n} was answered {text}")
                kept.close()
                return seen

            with concurrent.futures.ThreadPoolExecutor(clients) as threads:
                for seen in threads.map(client, range(clients)):
                    statuses += seen
            print("under load:", dict(sorted(statuses.items())))
            self.assertEqual(statuses[("echo", 200)], per_client * clients // 2)
            self.assertEqual({status for _, status in statuses} - {200, 429, 502}, set())
            self.assertGreater(statuses[("faulty", 200)], per_client * clients // 4)
            self.assertGreater(statuses[("faulty", 502)], 0)
            # What is left is the pool of open connections to Lambda: at most one a client that called at once.
            wait_until(lambda: gateway.descriptors() <= before + clients, "the clients' connections being closed")
            self.assertEqual(gateway.stop(), 0)

    def test_sigterm_under_load_answers_what_was_begun(self):
        with Gateway(self.emulator, "--timeout-ms", "20000") as gateway:
            outcomes, started = collections.Counter(), threading.Semaphore(0)
            ran_before = self.ran("slow")

            def client(index):
                for turn in range(1000):
                    begun = False
                    kept = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
                    try:
                        kept.connect()
                        kept.request("POST", "/slow", b'{"n":%d}' % index)
                        begun = True
                        started.release()
                        answer = kept.getresponse()
                        text = answer.read()
                    except OSError:
                        # Not accepted, or cut before its request was read: the gateway had closed its door.
                        outcomes["cut" if begun else "refused"] += 1
                        return
                    finally:
                        kept.close()
                    if answer.status != 200 or text != b'{"seen":%d}' % index:
                        outcomes[f"wrong: {answer.status} {text}"] += 1
                    outcomes["answered"] += 1

            threads = [threading.Thread(target=client, args=(index,)) for index in range(12)]
            for thread in threads:
                thread.start()
            for _ in range(24):
                started.acquire()
            gateway.child.send_signal(signal.SIGTERM)
            self.assertEqual(gateway.child.wait(30), 0)
            for thread in threads:
                thread.join(60)
            print("SIGTERM:", dict(outcomes))
            self.assertEqual([name for name in outcomes if name.startswith("wrong")], [])
            # Each client ends once, refused or cut; and the function did not run for anybody who was not answered.
            self.assertGreaterEqual(outcomes["answered"], 12)
            self.assertEqual(outcomes["answered"], self.ran("slow") - ran_before)
            self.assertEqual(outcomes["cut"] + outcomes["refused"], 12)

    def test_what_outlives_the_grace_is_503(self):
        with Gateway(self.emulator, "--timeout-ms", "60000", "--grace-ms", "100") as gateway, concurrent.futures.ThreadPoolExecutor(1) as threads:
            before = gateway.descriptors()
            asked = threads.submit(gateway.ask, "/hangs", b"{}")
            wait_until(lambda: gateway.descriptors() >= before + 2, "a call being out")
            gateway.child.send_signal(signal.SIGTERM)
            self.assertEqual(asked.result(30)[0], 503)
            self.assertEqual(gateway.child.wait(30), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
