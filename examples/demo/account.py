#!/usr/bin/env python3
"""Accounts for every order of a demo run, from outside the program: files in, files out, and the emulator's call log.

usage: account.py --orders FILE --delivered FILE --rejected FILE --calls FILE --function NAME --summary FILE [--partial]

Passes only when delivered and rejected are disjoint, each order is in one of them (with --partial: each order that was read),
every call that the emulator saw carries one of the orders, and it saw as many calls as the program says it made.
"""
import argparse
import hashlib
import json
import sys
from collections import Counter


def request_of(order, function):
    """The payload that the config sends for an order, as bytes."""
    if function == "trigger_user_update":
        request = {"id": order["doc"]["id"], "username": order["user"]["name"]}
        return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
    return None  # the whole message


def ids(path):
    """Order ids of a file of delivered or rejected messages, in whichever form they have by then."""
    found = []
    try:
        lines = open(path, encoding="utf-8").read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        document = json.loads(line)
        if "content" in document:
            document = json.loads(document["content"])
        found.append(document["doc"]["id"] if "doc" in document else document["id"])
    return found


def main():
    parser = argparse.ArgumentParser()
    for name in ("orders", "delivered", "rejected", "calls", "function", "summary"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--partial", action="store_true")
    args = parser.parse_args()

    digests, all_ids = {}, set()
    for line in open(args.orders, encoding="utf-8").read().splitlines():
        order = json.loads(line)
        payload = request_of(order, args.function) or line.encode()
        digests[hashlib.sha256(payload).hexdigest()] = order["doc"]["id"]
        all_ids.add(order["doc"]["id"])
    delivered, rejected = ids(args.delivered), ids(args.rejected)
    calls = [json.loads(line) for line in open(args.calls, encoding="utf-8")]
    calls = [call for call in calls if call["function"] == args.function]
    summary = json.load(open(args.summary, encoding="utf-8"))

    wrong = []

    def must(condition, text):
        if not condition:
            wrong.append(text)

    must(len(set(delivered)) == len(delivered), f"{len(delivered) - len(set(delivered))} orders were delivered twice")
    must(len(set(rejected)) == len(rejected), f"{len(rejected) - len(set(rejected))} orders were rejected twice")
    both = set(delivered) & set(rejected)
    must(not both, f"both delivered and rejected: {sorted(both)[:10]}")
    accounted = set(delivered) | set(rejected)
    must(accounted <= all_ids, f"orders that nobody sent: {sorted(accounted - all_ids)[:10]}")
    if not args.partial:
        must(accounted == all_ids, f"unaccounted for: {sorted(all_ids - accounted)[:10]} ({len(all_ids - accounted)} orders)")
    must(summary["messages_in"] == len(accounted), f"the program read {summary['messages_in']} orders, {len(accounted)} are accounted for")
    unknown = [call for call in calls if call["payload_sha256"] not in digests]
    must(not unknown, f"{len(unknown)} calls carry something that is no order")
    called = {digests[call["payload_sha256"]] for call in calls if call["payload_sha256"] in digests}
    must(called <= accounted, f"called, but neither delivered nor rejected: {sorted(called - accounted)[:10]}")
    must(accounted <= called, f"delivered or rejected without a call: {sorted(accounted - called)[:10]}")
    must(len(calls) == summary["attempts"], f"the emulator saw {len(calls)} attempts, the program says {summary['attempts']}")

    outcomes = Counter(call["outcome"] for call in calls)
    left = len(all_ids) - len(accounted)
    print(f"    {len(all_ids)} orders = {len(delivered)} delivered + {len(rejected)} rejected" + (f" + {left} never read" if left else ""))
    print(f"    {len(calls)} attempts seen by the emulator: " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    for text in wrong:
        print("    WRONG:", text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
