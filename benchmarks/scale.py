"""How a sweep grows: seconds, memory, files and bytes of each stage, by its simulations.

    python benchmarks/scale.py --sizes 1000 10000 100000 1000000 --cores 2

One Hodgkin-Huxley compartment for 20 ms of which only the spikes are kept, so that what is measured
is all that lies around the integration. docs/cluster.md shows one run and what follows from it.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import work
from measuring import Measured, machine, measure

SNAKEMAKE = [sys.executable, "-m", "snakemake"]
# What Snakemake is asked for, one after another: all before it is there by then.
STAGES = ("plan", "simulate", "collect", "simulations", "statistics", "all")


@dataclass(frozen=True)
class Grown:
    """What a stage took, and what lay under `results/` after it."""

    took: Measured
    files: int
    largest_folder: int  # entries of one folder
    bytes: int


def sweep(n: int) -> dict:
    """Return the sweep file of n short simulations of the small cell, spikes only, no pictures."""
    found = work.hh_sweep(n)
    step = {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 2, "dur": 16, "amp": 0.2}
    del found["record"]["traces"]
    return found | {
        "protocol": {"tstop": 20, "processes": {"step": step}},
        "explorer": {"off": True},
    }


def grow(project: Path, n: int, cores: int, say=print) -> dict[str, Grown]:
    """Run a sweep of n simulations stage by stage; return what each took.

    Two stages more: "read", a dry run when all is there to be done, and "again", a run that finds
    nothing to do.
    """
    name = f"hh_{n}"
    work.write_sweep(project, name, sweep(n))
    asked = {"read": ["--dry-run", "--quiet", "all"]}
    asked |= {stage: ["--until", stage] for stage in STAGES[:-1]}
    asked |= {"all": [], "again": []}
    grown = {}
    for stage, words in asked.items():
        command = [*SNAKEMAKE, "--cores", str(cores), "--config", "allow_large=true"]
        took = measure([*command, *words, "--", name], project)
        grown[stage] = _grown(took, project / "results")
        say(
            f"{n:>9} {stage:>12}: {took.wall:8.1f} s, {took.cpu:8.1f} s of processor, "
            f"{took.memory / 1e6:6.0f} MB; {grown[stage].files} files, "
            f"{grown[stage].largest_folder} in one folder, {grown[stage].bytes / 1e6:.1f} MB",
            flush=True,
        )
    return grown


def _grown(took: Measured, results: Path) -> Grown:
    files = [path for path in results.rglob("*") if path.is_file() and not path.is_symlink()]
    folders = [sum(1 for _ in path.iterdir()) for path in results.rglob("*") if path.is_dir()]
    return Grown(
        took, len(files), max(folders, default=0), sum(path.stat().st_size for path in files)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--to", type=Path, help="a JSON file, written after each size")
    options = parser.parse_args()
    print(machine(), flush=True)
    measured = {}
    for n in options.sizes:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            grown = grow(work.make_project(Path(folder) / "project"), n, options.cores)
        measured[n] = {stage: asdict(one) for stage, one in grown.items()}
        if options.to:
            options.to.write_text(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
