#!/usr/bin/env python3
"""The same work through the AWS Common Runtime's Python binding: its signer and its HTTP client on one event loop, a
connection for each invocation in flight. The binding has no Lambda client, so that the request is put together here."""
import io
import pathlib
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measured

sys.path.pop(0)
import awscrt
from awscrt import auth, http
from awscrt import io as runtime

given = measured.arguments(variants=("tuned",))
payload = measured.payload_of(given.payload_size)
where = urllib.parse.urlsplit(given.endpoint)
tally = measured.Tally()
loops = runtime.EventLoopGroup(1)
bootstrap = runtime.ClientBootstrap(loops, runtime.DefaultHostResolver(loops))
credentials = auth.AwsCredentialsProvider.new_default_chain(bootstrap)


def connect():
    tls = None
    if where.scheme == "https":
        options = runtime.TlsContextOptions()
        if given.ca_file:
            options.override_default_trust_store_from_path(None, given.ca_file)
        tls = runtime.ClientTlsContext(options).new_connection_options()
        tls.set_server_name(where.hostname)
    return http.HttpClientConnection.new(where.hostname, where.port, bootstrap, tls_connection_options=tls).result(30)


class Worker:
    """One connection: signs, sends, and begins again when the answer is whole, all on the runtime's thread."""

    def __init__(self):
        self.connection = connect()
        self.ended = threading.Event()
        self.body = bytearray()

    def begin(self):
        self.begun = time.perf_counter()
        headers = http.HttpHeaders([("host", where.netloc), ("content-type", "application/octet-stream"),
                                    ("content-length", str(len(payload)))])
        request = http.HttpRequest("POST", "/2015-03-31/functions/bench/invocations", headers, io.BytesIO(payload))
        config = auth.AwsSigningConfig(credentials_provider=credentials, region="eu-west-1", service="lambda")
        auth.aws_sign_request(request, config).add_done_callback(self.send)

    def send(self, signed):
        self.body.clear()
        self.status = 0
        try:
            stream = self.connection.request(signed.result(), on_response=self.answered, on_body=self.arrived)
        except Exception as problem:   # counted once; this worker is over
            print(problem, file=sys.stderr)
            tally.fail()
            self.ended.set()
            return
        stream.completion_future.add_done_callback(self.completed)
        stream.activate()

    def answered(self, http_stream, status_code, headers, **_):
        self.status = status_code

    def arrived(self, http_stream, chunk, **_):
        self.body += chunk

    def completed(self, outcome):
        broken = outcome.exception() is not None
        if broken or self.status != 200:
            tally.fail()
        else:
            tally.add(self.begun)
        if broken or tally.stopped or given.once:
            self.ended.set()
        else:
            self.begin()


workers = [Worker() for _ in range(1 if given.once else given.in_flight)]
for worker in workers:
    worker.begin()
if given.once:
    workers[0].ended.wait(30)
    print(workers[0].body.decode())
    sys.exit(0 if workers[0].status == 200 else 1)
time.sleep(given.warmup)
tally.begin()
time.sleep(given.duration)
tally.end()
for worker in workers:
    worker.ended.wait(10)
tally.print("awscrt-python", f"awscrt {awscrt.__version__}, Python {sys.version.split()[0]}")
