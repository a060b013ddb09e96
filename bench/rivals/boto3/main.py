#!/usr/bin/env python3
"""The same work through boto3, one thread for each invocation in flight. "tuned" raises `max_pool_connections` to that
number, as botocore's guide says; "default" keeps its ten connections."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measured

sys.path.pop(0)
import boto3
from botocore.config import Config

given = measured.arguments()
config = Config(max_pool_connections=given.in_flight) if given.variant == "tuned" else Config()
client = boto3.client("lambda", region_name="eu-west-1", endpoint_url=given.endpoint, verify=given.ca_file or None, config=config)
payload = measured.payload_of(given.payload_size)
tally = measured.Tally()


def invoke():
    return client.invoke(FunctionName="bench", Payload=payload)["Payload"].read()


def invoke_until_stopped():
    while not tally.stopped:
        begun = time.perf_counter()
        try:
            invoke()
            tally.add(begun)
        except Exception:   # counted, not examined
            tally.fail()


if given.once:
    print(invoke().decode())
    sys.exit(0)
threads = [threading.Thread(target=invoke_until_stopped, daemon=True) for _ in range(given.in_flight)]
for thread in threads:
    thread.start()
time.sleep(given.warmup)
tally.begin()
time.sleep(given.duration)
tally.end()
for thread in threads:
    thread.join(10)
tally.print(f"boto3-{given.variant}", f"boto3 {boto3.__version__}, Python {sys.version.split()[0]}")
