"""Runs started in the background, and their processes found and killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

PATIENCE = 120.0  # s until a process to be killed is there


def start(project):
    """Start a plain `snakemake --cores 2` in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=project.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(project.root / "workflow")}, start_new_session=True,
    )  # fmt: skip


def children(process):
    """Return the process ids of the children of a process, whichever thread started them."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    return found


def command(process):
    try:
        with open(f"/proc/{process}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def name(process):
    """Return the name by which the system knows a process."""
    try:
        with open(f"/proc/{process}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def forking(run):
    """Return the processes that jobs of a run are forked from."""
    return [process for process in children(run.pid) if "import end_at_once" in command(process)]


def jobs(run):
    """Return the jobs that simulate, be they started by a shell or forked."""
    started = [job for job in children(run.pid) if "make batch" in command(job)]
    forked = [job for process in forking(run) for job in children(process)]
    return started + [job for job in forked if name(job) == "make batch"]


def find(run, kind, dice):
    """Return a process of a kind, or None where the run ended before there was one."""
    deadline = time.monotonic() + PATIENCE
    while run.poll() is None and time.monotonic() < deadline:
        there = {
            "snakemake": [run.pid],
            "job": jobs(run),
            "child": [child for job in jobs(run) for child in children(job)],
            "forking": forking(run),
        }[kind]
        if there and jobs(run):
            return dice.choice(there)
        time.sleep(0.002)
    return None


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def alive(group):
    """Return the processes of a session that go on."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                state, _, _, session = file.read().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) == group and state != "Z":
            found.append(int(entry))
    return found
