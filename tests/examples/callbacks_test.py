"""examples/callbacks.cpp against `lambent emulate`.

usage: callbacks_test.py LAMBENT CALLBACKS
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from servers import Emulator, clean_environment  # noqa: E402

LAMBENT, CALLBACKS = sys.argv.pop(1), sys.argv.pop(1)
FUNCTIONS = """
functions:
  twice: {mapping: 'root.twice = this.n * 2', latency: {kind: fixed, mean: 20ms}}
  throws: {mapping: 'throw("no")'}
"""


class CallbacksTest(unittest.TestCase):
    def run_callbacks(self, emulator, *arguments):
        environment = clean_environment(
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", AWS_REGION="eu-west-1",
            AWS_ENDPOINT_URL_LAMBDA=emulator.http)
        return subprocess.run([CALLBACKS, *arguments], capture_output=True, text=True, env=environment, timeout=60, check=False)

    def test_futures_callbacks_and_a_cancelled_call(self):
        with tempfile.TemporaryDirectory(prefix="lambent_callbacks_") as name, Emulator(LAMBENT, FUNCTIONS, name) as emulator:
            done = self.run_callbacks(emulator, "twice", '{"n":4}', "25")
            self.assertEqual(done.returncode, 0, done.stderr)
            said = done.stdout.splitlines()
            self.assertEqual(said[:2], ['future: {"twice":8}', "callbacks: 25 answered"])
            self.assertRegex(said[2], "^cancelled: operation error Lambda: Invoke, .*context canceled$")
            self.assertEqual(len(said), 3)
            done = self.run_callbacks(emulator, "throws", "{}", "2")
            self.assertEqual(done.returncode, 1)
            self.assertIn("callbacks: 0 answered", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
