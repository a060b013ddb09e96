"""What the tests with heavy third parties have in common: when they run, and how they call `lambent`."""
import os
import pathlib
import subprocess
import sys
import unittest

import servers

INSTALLED = pathlib.Path(__file__).resolve().parents[2] / "build/third-parties"
REGION = "eu-west-1"
PIPELINE = """
http: {{enabled: false}}
input: {{file: {{paths: [{folder}/in.jsonl], scanner: {{lines: {{}}}}}}}}
pipeline:
  threads: 4
  processors:
    - branch:
        processors:
          - aws_lambda: {{function: {function}, endpoint: '{endpoint}', region: eu-west-1, retries: 0, timeout: 30s}}
        result_map: |
          root.answer = if meta().exists("lambda_function_error") {{ throw("function error: " + this.errorMessage) }} else {{ this }}
    - catch: [{{mapping: 'root = {{"id": this.id, "why": error()}}'}}]
output: {{file: {{path: {folder}/out.jsonl, codec: lines}}}}
"""


def skip_unless_asked(name):
    """Exits 77, which ctest shows as skipped."""
    why = None
    if os.environ.get("LAMBENT_THIRD_PARTIES") != "1":
        why = "not asked for (scripts/test --third-parties)"
    elif not (INSTALLED / (name + ".done")).exists():
        why = "not installed (scripts/third-parties-env)"
    if why:
        print(f"SKIPPED: the test with {name}: {why}", file=sys.stderr)
        sys.exit(77)


class Party(unittest.TestCase):
    """`lambent` and an endpoint. The child class sets LAMBENT, endpoint and starts the party."""

    def invoke(self, function, payload="{}", *arguments, code=0):
        environment = servers.clean_environment(AWS_ACCESS_KEY_ID="dummy", AWS_SECRET_ACCESS_KEY="dummy-secret", AWS_REGION=REGION)
        done = subprocess.run([self.LAMBENT, "invoke", function, "-", "--endpoint", self.endpoint, "--retries", "0", *([] if "--timeout" in arguments else ["--timeout", "60s"]),
                               *arguments],
                              input=payload.encode(), env=environment, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, f"{function} {arguments}: {done.stderr.decode()}")
        return done.stdout.decode(), done.stderr.decode()

    def run_pipeline(self, function, documents, folder):
        """The lines that came out, in any order."""
        folder = pathlib.Path(folder)
        (folder / "in.jsonl").write_text("\n".join(documents) + "\n")
        (folder / "run.yaml").write_text(PIPELINE.format(folder=folder, function=function, endpoint=self.endpoint))
        (folder / "out.jsonl").unlink(missing_ok=True)
        environment = servers.clean_environment(AWS_ACCESS_KEY_ID="dummy", AWS_SECRET_ACCESS_KEY="dummy-secret", AWS_REGION=REGION)
        done = subprocess.run([self.LAMBENT, "run", str(folder / "run.yaml")], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return (folder / "out.jsonl").read_text().splitlines()
