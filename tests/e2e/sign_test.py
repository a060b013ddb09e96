#!/usr/bin/env python3
"""`lambent sign` through its command line, over every recorded signature: each stage that --show knows, requests with LF and with CRLF.

usage: sign_test.py LAMBENT SUITE_JSON LAMBDA_JSON      a path that begins with "shared:" as in ../vectors/run.py
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import servers

FORMS = ["authorization", "canonical-request", "string-to-sign", "signature", "request", "curl"]
LF, CRLF = "\n", "\r\n"


def payload_bytes(payload):
    if "utf8" in payload:
        return payload["utf8"].encode()
    x, out = payload["lcg32"]["seed"], bytearray()
    for _ in range(payload["lcg32"]["length"]):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(x >> 24)
    return bytes(out)


def basic_time(timestamp):
    return timestamp.replace("-", "").replace(":", "")


def request_text(method, target, headers, body, line_end):
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}:{value}".replace("\n", line_end) for name, value in headers]
    return (line_end.join(lines) + line_end * 2).encode() + body


def plain_headers(headers):
    return sorted((name.lower(), re.sub(r"\s*\r?\n\s*", " ", value).strip()) for name, value in headers)


def parameters(target):
    path, _, query = target.partition("?")
    return [path] + sorted(query.split("&"))


class Job:
    """One request to sign, and what each stage must be."""

    def __init__(self, name, request, arguments, key, token, expected, body):
        self.name, self.request, self.arguments, self.expected, self.body = name, request, arguments, expected, body
        self.environment = servers.clean_environment(AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1])
        if token:
            self.environment["AWS_SESSION_TOKEN"] = token

    def sign(self, form):
        return subprocess.run([LAMBENT, "sign", *self.arguments, "--show", form], input=self.request, env=self.environment, capture_output=True, timeout=60)

    def check(self, form):
        """What is wrong, or nothing."""
        done = self.sign(form)
        if form == "curl" and b"\0" in self.body:
            return None if done.returncode == 1 and b"NUL" in done.stderr else f"a body with NUL: {done.returncode} {done.stderr!r}"
        if done.returncode != 0:
            return f"exit {done.returncode}: {done.stderr.decode()}"
        return getattr(self, "check_" + form.replace("-", "_"))(done.stdout)

    def same(self, what, expected, got):
        return None if expected == got else f"{what}\n  expected: {expected!r}\n  got:      {got!r}"

    def check_all(self, out):
        got = json.loads(out)
        for stage in ("canonical_request", "string_to_sign", "signature"):
            if wrong := self.same(stage, self.expected[stage], got[stage]):
                return wrong
        if wrong := self.same("authorization", self.expected.get("authorization"), got["authorization"]):
            return wrong
        if "signed_target" in self.expected:
            if wrong := self.same("signed_target", parameters(self.expected["signed_target"]), parameters(got["signed_target"])):
                return wrong
        return self.same("headers", plain_headers(self.expected["headers"]), plain_headers(got["signed_request_headers"]))

    def check_authorization(self, out):
        if "authorization" in self.expected:
            return self.same("authorization", self.expected["authorization"] + "\n", out.decode())
        return self.same("target", parameters(self.expected["signed_target"]), parameters(out.decode().rstrip("\n")))

    def check_canonical_request(self, out):
        return self.same("canonical request", self.expected["canonical_request"] + "\n", out.decode())

    def check_string_to_sign(self, out):
        return self.same("string to sign", self.expected["string_to_sign"] + "\n", out.decode())

    def check_signature(self, out):
        return self.same("signature", self.expected["signature"] + "\n", out.decode())

    def check_request(self, out):
        """The whole request again: its line ends, its body, its headers."""
        end = b"\r\n" if b"\r\n" in self.request.partition(b"\n\n")[0] else b"\n"
        head, _, body = out.partition(end * 2)
        if end == b"\r\n" and re.search(rb"(?<!\r)\n", head):
            return "a lone LF among lines that end in CRLF"
        lines = re.sub(rb"\s*\r?\n[ \t]+", b" ", head).decode().split(end.decode())
        if wrong := self.same("body", self.body, body):
            return wrong
        if "signed_target" in self.expected:
            if wrong := self.same("target", parameters(self.expected["signed_target"]), parameters(lines[0].split(" ", 1)[1].rsplit(" ", 1)[0])):
                return wrong
        return self.same("headers", plain_headers(self.expected["headers"]), plain_headers(line.split(":", 1) for line in lines[1:]))

    def check_curl(self, out):
        words = shlex.split(out.decode().replace("\\\n", " "))
        sent = [words[i + 1].split(":", 1) for i, word in enumerate(words) if word == "-H" and not words[i + 1] == "Content-Type:"]
        data = [words[i + 1] for i, word in enumerate(words) if word == "--data-binary"]
        if wrong := self.same("data", [self.body.decode()] if self.body else [], data):
            return wrong
        wanted = [header for header in plain_headers(self.expected["headers"]) if header[0] not in ("host", "content-length")]
        return self.same("headers", [(name, re.sub(r"\s+", " ", value)) for name, value in wanted],
                         [(name, re.sub(r"\s+", " ", value)) for name, value in plain_headers(sent)])


def suite_jobs(path):
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        request, context = case["request"], case["context"]
        key = context["credentials"]["access_key_id"], context["credentials"]["secret_access_key"]
        for variant in ("header", "query"):
            expected = dict(case[variant], headers=case[variant]["signed_request_headers"])
            arguments = ["--region", context["region"], "--service", context["service"], "--time", basic_time(context["timestamp"])]
            arguments += ["--no-normalize"] * (not context["normalize"]) + ["--omit-session-token"] * context.get("omit_session_token", False)
            arguments += ["--sign-body"] * (context["sign_body"] and variant == "header")
            if variant == "query":
                arguments += ["--query", "--expires", str(context["expiration_in_seconds"])]
            for line_end, forms in ((LF, ["all", *FORMS]), (CRLF, ["all", "request"])):
                body = request["body"].encode()
                text = request_text(request["method"], request["target"], request["headers"], body, line_end)
                job = Job(f"{case['name']} ({variant}, {'CRLF' if line_end == CRLF else 'LF'})", text, arguments, key, context["credentials"].get("token"), expected, body)
                yield job, forms


def lambda_jobs(path):
    for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))["cases"]):
        credentials = case["credentials"]
        key, token = (credentials["access_key_id"], credentials["secret_access_key"]), credentials["session_token"]
        own = [["host", case["host"]]] + [h for h in case["headers"] if h[0].lower() in case["signed_headers"]]
        date = basic_time(case["timestamp"])
        bare = [h for h in own if h[0].lower() not in ("x-amz-date", "x-amz-security-token")]
        body = payload_bytes(case["payload"])
        expected = dict(case, headers=bare + [["x-amz-date", date], ["authorization", case["authorization"]]] + ([["x-amz-security-token", token]] if token else []))
        expected.pop("signed_target", None)
        target = case["path"] + ("?" + case["query"] if case["query"] else "")
        arguments = ["--region", case["region"], "--service", case["service"]]
        # Once with time and token from outside, once as the request itself brings them.
        outside = request_text(case["method"], target, bare, body, LF)
        inside = request_text(case["method"], target, own, body, CRLF)
        rotating = FORMS[number % len(FORMS)]
        yield Job(f"{case['name']} (LF)", outside, arguments + ["--time", date], key, token, expected, body), ["all", rotating]
        yield Job(f"{case['name']} (CRLF)", inside, arguments, key, None, expected, body), ["all"] + (["request"] if number % 7 == 0 else [])


def resolve(path):
    shared = pathlib.Path(os.environ.get("LAMBENT_SHARED_VECTORS") or pathlib.Path(__file__).resolve().parents[2].parent / "shared/vectors")
    return shared / path[len("shared:"):] if path.startswith("shared:") else pathlib.Path(path)


def main():
    paths = [resolve(path) for path in sys.argv[2:4]]
    for path in paths:
        if not path.exists():
            print(f"SKIPPED: {path} is absent; set LAMBENT_SHARED_VECTORS to the folder that holds the recorded vectors")
            return 1 if os.environ.get("LAMBENT_REQUIRE_SHARED") == "1" else 77
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for path, jobs in zip(paths, (suite_jobs, lambda_jobs)):
            cases, runs = set(), []
            for job, forms in jobs(path):
                cases.add(re.sub(r", (?:CR)?LF\)| \((?:CR)?LF\)", "", job.name))
                runs += [(job, form, pool.submit(job.check, form)) for form in forms]
            for job, form, run in runs:
                if wrong := run.result():
                    failed += 1
                    print(f"FAILED {job.name} --show {form}: {wrong}")
                else:
                    passed += 1
            print(f"{path.name}: {len(cases)} cases, {len(runs)} runs of lambent sign")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


LAMBENT = sys.argv[1]
sys.exit(main())
