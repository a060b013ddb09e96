"""examples/batch.cpp against `lambent emulate`: every line is answered once, whatever the service does.

usage: batch_test.py LAMBENT BATCH
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from servers import Emulator, clean_environment  # noqa: E402

LAMBENT, BATCH = sys.argv.pop(1), sys.argv.pop(1)
FUNCTIONS = """
seed: 3
functions:
  flaky:
    mapping: 'root = if this.n == 17 { throw("seventeen") } else { {"twice": this.n * 2} }'
    latency: {kind: fixed, mean: 2ms}
    faults: {throttle: 0.01, reset_before: 0.01}
"""


class BatchTest(unittest.TestCase):
    def run_batch(self, emulator, *arguments):
        environment = clean_environment(
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", AWS_REGION="eu-west-1",
            AWS_ENDPOINT_URL_LAMBDA=emulator.http)
        return subprocess.run([BATCH, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=120, check=False)

    def test_every_line_is_answered_or_told_of_once(self):
        with tempfile.TemporaryDirectory(prefix="lambent_batch_") as name, Emulator(LAMBENT, FUNCTIONS, name) as emulator:
            lines = pathlib.Path(name) / "lines.jsonl"
            lines.write_text("".join(f'{{"n":{n}}}\n' for n in range(1, 401)), encoding="utf-8")
            done = self.run_batch(emulator, "flaky", lines, 16)
            self.assertEqual(done.returncode, 1)
            answers = {}
            for line in done.stdout.splitlines():
                number, payload = line.split("\t")
                self.assertNotIn(number, answers)
                answers[number] = json.loads(payload)
            told = {line.split(":")[0].removeprefix("line ") for line in done.stderr.splitlines() if line.startswith("line ")}
            self.assertIn("17", told)
            self.assertIn("seventeen", done.stderr)
            self.assertEqual({str(n) for n in range(1, 401)}, set(answers) | told)
            self.assertFalse(set(answers) & told)
            for number, answer in answers.items():
                self.assertEqual(answer, {"twice": int(number) * 2})
            # The rest of what failed is said to be of unknown outcome: reset before an answer, and so never repeated.
            for line in done.stderr.splitlines():
                if line.startswith("line ") and not line.startswith("line 17:"):
                    self.assertIn("(maybe executed)", line)
            self.assertRegex(done.stderr, r"400 lines, \d+ failed, \d+ attempts over (\d|1[0-9]|2[0-9]) connections")

    def test_wrong_arguments_are_named(self):
        with tempfile.TemporaryDirectory(prefix="lambent_batch_") as name, Emulator(LAMBENT, FUNCTIONS, name) as emulator:
            done = self.run_batch(emulator, "flaky", "/does/not/exist")
            self.assertEqual((done.returncode, done.stderr), (2, "batch: the file cannot be read\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
