"""What the figures were measured on, and what else went on meanwhile."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def _said(*command):
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()), "")


def facts():
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.*)", cpu)
    flags = set((re.search(r"flags\s*:\s*(.*)", cpu) or [None, ""])[1].split())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {
        "cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(),
        "instructions": [name for name in ("sha_ni", "aes", "vaes", "avx2", "avx512f") if name in flags],
        "memory_gib": round(int(memory[1]) / 2**20, 1) if memory else None,
        "kernel": platform.release(), "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "virtual": "hypervisor" in flags, "load_average": list(os.getloadavg()),
    }


def tool_versions():
    asked = {
        "openssl": ("openssl", "version"), "g++": ("g++", "--version"), "wrk": ("wrk", "-v"), "nginx": ("nginx", "-v"),
        "go": ("go", "version"), "cargo": ("cargo", "--version"), "node": ("node", "--version"), "python3": ("python3", "--version"),
        "java": ("java", "-version"), "mvn": ("mvn", "-q", "--version"),
    }
    return {name: re.sub(r"\x1b\[[0-9;]*m|https?://\S+", "", _said(*command)).strip() or "absent" for name, command in asked.items()}


def sha256_us(payload_bytes):
    """Microseconds of one SHA-256 of so many bytes, as `openssl speed` finds them; None where it cannot be asked."""
    try:
        said = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(payload_bytes), "-evp", "sha256"],
                              capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"^\+F:\d+:[^:]+:([\d.]+)", said, re.MULTILINE)
    return payload_bytes / float(found[1]) * 1e6 if found else None


def busy_seconds():
    """CPU seconds that all cores together have spent working, stolen time included."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _waiting, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / TICKS


def cpu_seconds_of(pid):
    """CPU seconds of a running process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
