"""Time, processor time and memory of a command; and what machine measured them."""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What a command and all that it started took.

    wall: seconds from start to end. cpu: seconds of processor time, of all its processes together.
    memory: bytes, the most that any one of these processes held.
    """

    wall: float
    cpu: float
    memory: int
    output: str = ""


def measure(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> Measured:
    """Run a command in a folder and return what it took.

    A small process stands between: a child is charged with the memory of the process that it was
    started from, and that of the benchmark grows with the results that it compares.

    Raises:
        RuntimeError: it failed; with what it printed.
    """
    environment = {**os.environ, "NEURON_MODULE_OPTIONS": "-nogui", **(environment or {})}
    # Where it is set, every process would compile whatever it imports once more.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, __file__, *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    output, _, numbers = done.stdout.rstrip().rpartition("\n")
    wall, cpu, memory = map(float, numbers.split())
    return Measured(wall, cpu, int(memory), output)


def _main() -> int:
    """Run the command of the arguments, then print seconds, seconds of processor, and bytes."""
    start = time.perf_counter()
    done = subprocess.run(sys.argv[1:], check=False)
    wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # and of all that it waited for
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    print(f"\n{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss * unit}", flush=True)
    return done.returncode


def machine() -> str:
    """Return one line on the machine: processor, cores, memory, load, versions."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("neuron", "snakemake", "numpy"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}; "
        f"load at the start {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(_main())
