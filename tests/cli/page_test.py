#!/usr/bin/env python3
"""`lambent bench --html` in a browser: the page loads without a word on the console, its plots are drawn, in light and in dark.

usage: page_test.py LAMBENT      Without chromium on PATH it says so and is skipped.
"""
import html.parser
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

SKIPPED = 77
PLOTS = 4   # histogram, percentiles, throughput, latency over time
ACCENT, PAPER = {"light": (0x0B, 0x6E, 0x99), "dark": (0x5A, 0xB4, 0xDC)}, {"light": (255, 255, 255), "dark": (0x13, 0x18, 0x20)}


class Page(html.parser.HTMLParser):
    """What the browser made of it."""

    def __init__(self, text):
        super().__init__()
        self.shapes, self.texts, self._in_style = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self._in_style = tag == "style"
        if tag == "svg":
            self.shapes.append(0)
        elif tag == "rect" and float(given["height"]) > 0 and float(given["width"]) > 0:
            self.shapes[-1] += 1
        elif tag == "path":
            self.shapes[-1] += given["d"].count("L")
        assert tag not in ("script", "link", "img"), f"the page must need nothing else, and has <{tag}>"

    def handle_data(self, data):
        if not self._in_style and data.strip():
            self.texts.append(data.strip())


def chromium(program, folder, *arguments):
    done = subprocess.run([program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
                           f"--user-data-dir={folder}/profile", "--window-size=1000,2200", *arguments],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-1000:]
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not said, said
    return done.stdout


def pixels(picture):
    """How often each colour occurs in a PNG of 8-bit RGB or RGBA (ISO/IEC 15948)."""
    data, at, packed = picture.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    assert depth == 8 and colour in (2, 6)
    size = 3 if colour == 2 else 4
    raw, stride, before, found = zlib.decompress(packed), width * size, bytearray(width * size), {}
    for row in range(height):
        kind, line = raw[row * (stride + 1)], bytearray(raw[row * (stride + 1) + 1:(row + 1) * (stride + 1)])
        for i in range(stride):
            left, up, corner = line[i - size] if i >= size else 0, before[i], before[i - size] if i >= size else 0
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                near = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))
                line[i] = (line[i] + near[2]) & 255
        before = line
        for i in range(0, stride, size):
            pixel = (line[i], line[i + 1], line[i + 2])
            found[pixel] = found.get(pixel, 0) + 1
    return found


def made_page(lambent, folder):
    """A page about a second of calls to an emulator, and what the command printed as JSON."""
    environment = {**os.environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    emulator = subprocess.Popen([lambent, "emulate", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--ready-json"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)
    try:
        endpoint = json.loads(emulator.stdout.readline())["http"]
        page = folder / "report.html"
        done = subprocess.run([lambent, "bench", "--endpoint", endpoint, "--function", "echo", "-c", "8", "--warmup", "100ms", "--duration", "1s", "--json",
                               "--html", page], capture_output=True, text=True, timeout=60, env=environment)
        assert done.returncode == 0, done.stderr
        return page, json.loads(done.stdout)
    finally:
        emulator.terminate()
        emulator.communicate(timeout=20)


def main():
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("page: SKIPPED: chromium is not on PATH (Debian: chromium)")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        written, figures = made_page(sys.argv[1], folder)
        page = Page(chromium(program, folder, "--dump-dom", written.as_uri()))
        assert len(page.shapes) == PLOTS and all(count >= 2 for count in page.shapes), f"shapes in the plots: {page.shapes}"
        answered = f"{figures['requests'] - figures['errors']:,}"
        for wanted in ("requests per second", "p50", "p99", "p99.9", "CPU per request", "Latency histogram", "Percentiles", "Throughput over time",
                       "Answered requests", answered):
            assert wanted in page.texts, f"{wanted!r} is not on the page: {page.texts}"
        for scheme, setting in (("light", 1), ("dark", 0)):
            picture = folder / f"{scheme}.png"
            chromium(program, folder, f"--blink-settings=preferredColorScheme={setting}", f"--screenshot={picture}", written.as_uri())
            seen = pixels(picture)
            assert max(seen, key=seen.get) == PAPER[scheme], f"{scheme}: the page is {max(seen, key=seen.get)}"
            assert seen.get(ACCENT[scheme], 0) > 2000, f"{scheme}: only {seen.get(ACCENT[scheme], 0)} pixels of the plots' colour"
            if len(sys.argv) > 2:
                shutil.copy(picture, sys.argv[2])
    print("page: loads in silence, and its plots are drawn")
    return 0


sys.exit(main())
