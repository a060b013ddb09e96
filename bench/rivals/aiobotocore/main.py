#!/usr/bin/env python3
"""The same work through aiobotocore. "tuned" runs on uvloop and raises `max_pool_connections` to the number in flight;
"default" keeps ten connections and asyncio's own loop."""
import asyncio
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measured

sys.path.pop(0)
import aiobotocore
import uvloop
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

given = measured.arguments()
payload = measured.payload_of(given.payload_size)
tally = measured.Tally()


async def invoke(client):
    reply = await client.invoke(FunctionName="bench", Payload=payload)
    return await reply["Payload"].read()


async def invoke_until_stopped(client):
    while not tally.stopped:
        begun = time.perf_counter()
        try:
            await invoke(client)
            tally.add(begun)
        except Exception:   # counted, not examined
            tally.fail()


async def main():
    config = AioConfig(max_pool_connections=given.in_flight) if given.variant == "tuned" else AioConfig()
    async with get_session().create_client("lambda", region_name="eu-west-1", endpoint_url=given.endpoint,
                                           verify=given.ca_file or None, config=config) as client:
        if given.once:
            print((await invoke(client)).decode())
            return
        workers = [asyncio.create_task(invoke_until_stopped(client)) for _ in range(given.in_flight)]
        await asyncio.sleep(given.warmup)
        tally.begin()
        await asyncio.sleep(given.duration)
        tally.end()
        await asyncio.wait(workers, timeout=10)


if given.variant == "tuned":
    uvloop.install()
asyncio.run(main())
if not given.once:
    tally.print(f"aiobotocore-{given.variant}", f"aiobotocore {aiobotocore.__version__}, Python {sys.version.split()[0]}")
