"""Faults around the simulations, each a real one: in results, sources, on the disk, of two runs."""

import copy
import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from faults import CELL, sweep
from project import Project


@pytest.fixture(scope="module")
def sound(shared_project):
    """A small sweep, run without any fault."""
    shared_project.write_sweep("small", sweep())
    shared_project.configure("small")
    shared_project.snakemake()
    return shared_project


@pytest.fixture
def small(sound, tmp_path):
    """A copy of the sound project, to be harmed."""
    return Project(tmp_path / "project", of=sound)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def remove_products(project, *stems):
    for stem in stems:
        for path in (project.root / "results/made/small").glob(f"{stem}_*"):
            path.unlink()


def first_segment(project):
    return min((project.root / "results/store").glob("*.h5"))


def cut_segment(project):
    segment = first_segment(project)
    segment.write_bytes(segment.read_bytes()[:-100])
    remove_products(project, "dataset")


def flip_segment(project):
    segment = first_segment(project)
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    remove_products(project, "dataset")


def lose_segment(project):
    first_segment(project).unlink()
    remove_products(project, "dataset")


def cut_dataset(project):
    path = (project.root / "results/small/dataset.nc").resolve()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    remove_products(project, "statistics")


def scribble_on_batch(project):
    path = next((project.root / "results/made/small").glob("batch_*.csv"))
    path.write_text(path.read_text().replace("ok", "crashed"))
    remove_products(project, "dataset")


@pytest.mark.parametrize(
    ("harm", "said", "heals_by_itself"),
    [
        (cut_segment, "was changed or cut off after it was written; {held} lost", True),
        (flip_segment, "was changed or cut off after it was written; {held} lost", True),
        (lose_segment, "cannot be read (No such file or directory)", True),
        (cut_dataset, "nc was changed after it was made", False),
        (scribble_on_batch, "was changed after it was made", False),
    ],
)
def test_damage_is_said_and_healed(sound, small, harm, said, heals_by_itself):
    segment = first_segment(small)
    # Its name ends with the number of its simulations, those that were done when it was written.
    n = int(segment.stem.rpartition("-")[2])
    held = f"{n} simulation" + "s" * (n > 1)
    harm(small)
    done = small.snakemake(check=False)
    assert done.returncode == 1
    assert said.format(held=held) in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    if not heals_by_itself:  # the message has the command
        command = done.stderr.split("Make it anew: ")[1].split(" && ")[0]
        subprocess.run(command.split(), cwd=small.root, check=True)
    small.snakemake()
    for name in ("dataset.nc", "simulations.csv", "statistics.csv", "failures.csv", "flags.csv"):
        path = f"results/small/{name}"
        assert sha256(small.root / path) == sha256(sound.root / path)


def test_what_verify_says_brings_lost_results_back(sound, small):
    """Also where all that was made of them is there, so that no stage misses them."""
    first_segment(small).unlink()
    said = small.spikesweep("verify", ".", check=False).stdout
    command = said.split("simulate them again: snakemake ")[1].splitlines()[0]
    small.snakemake(*command.split())
    assert "damaged" not in small.spikesweep("verify", ".").stdout
    path = "results/small/dataset.nc"
    assert sha256(small.root / path) == sha256(sound.root / path)


MOD = "NEURON {{ SUFFIX {name} RANGE g }}\nPARAMETER {{ g = 1 }}\n"
TWICE = {"one.mod": MOD.format(name="same"), "two.mod": MOD.format(name="same")}
STATE_GLOBAL = {
    "bad.mod": "NEURON { SUFFIX bad GLOBAL s }\nSTATE { s }\nINITIAL { s = 0 }\n"
    "BREAKPOINT { SOLVE states METHOD cnexp }\nDERIVATIVE states { s' = -s }\n"
}
NO_NMODL = {"bad.mod": "this is no NMODL\n"}
WRONG_C = {
    "bad.mod": "NEURON { SUFFIX bad RANGE g }\nPARAMETER { g = 1 }\n"
    "INITIAL {\nVERBATIM\n  nonsense(;\nENDVERBATIM\n}\n"
}
GOOD = {"good.mod": MOD.format(name="good")}


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (TWICE, '"same" is also the name of the mechanism in mod/bad/one.mod'),
        (STATE_GLOBAL, "mod/bad"),
        (NO_NMODL, "mod/bad/bad.mod"),
        (WRONG_C, "mod/bad: nrnivmodl could not compile the mechanisms"),
        ({"readme.txt": "nothing\n"}, "mod/bad holds no .mod file"),
    ],
    ids=["one SUFFIX twice", "STATE also GLOBAL", "no NMODL", "wrong C", "empty folder"],
)
def test_mechanisms_that_do_not_compile(small, sources, said):
    (small.root / "mod/bad").mkdir()
    for name, text in sources.items():
        (small.root / "mod/bad" / name).write_text(text)
    cell = copy.deepcopy(CELL)
    cell["biophysics"][0]["insert"] |= {"bad": {}} if "bad.mod" in sources else {}
    small.write_sweep("small", sweep(model={"mechanisms": "bad", "cells": {"cell": cell}}))
    refused(small, said)


def test_missing_compiler(small):
    """Of PATH all is left but what compiles."""
    (small.root / "mod/good").mkdir()
    (small.root / "mod/good/good.mod").write_text(GOOD["good.mod"])
    cell = copy.deepcopy(CELL)
    cell["biophysics"][0]["insert"] |= {"good": {}}
    small.write_sweep("small", sweep(model={"mechanisms": "good", "cells": {"cell": cell}}))
    tools = small.root.parent / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "which", "git", "uname", "make", "perl"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    environment = os.environ | {"PATH": str(tools)}
    environment.pop("CXX", None)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=small.root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "mechanisms cannot be compiled without a C++ compiler; install" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("broken.swc", "1 1 0 0 0 10 -1\n2 3 0 0 9 1 7\n", ", line 2"),
        ("broken.swc", "1 1 0 0 0 10 -1\n2 3 0 0 nine 1 1\n", ", line 2"),
        ("broken.swc", "", ""),
        ("broken.swc", "\x00\x01", ""),
        ("broken.asc", "((Dendrite)\n(0 0 0 2) (0 9 0 2)\n", ", line 1"),
    ],
    ids=["no such parent", "no number", "empty", "binary", "ASC cut off"],
)
def test_broken_morphology(small, file, text, said):
    (small.root / "morphologies" / file).write_text(text)
    cell = {"morphology": f"morphologies/{file}"}
    small.write_sweep("small", sweep(model={"cells": {"cell": cell}}))
    refused(small, f"morphologies/{file}{said}")


def refused(project, said):
    done = project.snakemake(check=False)
    assert done.returncode == 1
    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert (project.root / "results/small/dataset.nc").exists()  # what was made before stays


# ---- the disk ----------------------------------------------------------------------------------


@pytest.fixture
def mounted(project):
    """Mount a tmpfs on the results of a project; skip where that is not allowed."""
    results = project.root / "results"

    def mount(*options):
        done = subprocess.run(["mount", *options, results], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")

    results.mkdir()
    project.write_sweep("small", sweep())
    project.configure("small")
    yield project, mount
    subprocess.run(["umount", "-l", results], capture_output=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
@pytest.mark.parametrize("size", ["16k", "48k", "80k", "96k", "104k", "112k"])
def test_full_disk(sound, mounted, size):
    project, mount = mounted
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs")
    done = project.snakemake(check=False)
    assert done.returncode == 1
    assert "the disk is full; make room and run snakemake again" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    mount("-o", "remount,size=50m")
    project.snakemake()
    assert sha256(project.root / "results/small/dataset.nc") == sha256(
        sound.root / "results/small/dataset.nc"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_read_only_results(mounted):
    project, mount = mounted
    mount("-t", "tmpfs", "-o", "ro", "tmpfs")
    done = project.snakemake(check=False)
    assert done.returncode == 1
    assert (
        "spikesweep: results: nothing can be written there (Read-only file system)" in done.stderr
    )
    assert "Traceback" not in done.stderr
    mount("-o", "remount,rw")
    project.snakemake()


# ---- two runs at once --------------------------------------------------------------------------


def test_a_second_run_is_refused_and_a_look_is_not(small):
    from spikesweep.snakefile.lock import LOCK

    hold = (
        "import sys; from pathlib import Path; from spikesweep.snakefile.lock import hold_lock;"
        "hold_lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    environment = os.environ | {"PYTHONPATH": str(small.root / "workflow")}
    with subprocess.Popen(
        [sys.executable, "-c", hold, small.root / LOCK],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as first:  # fmt: skip
        assert first.stdout.readline() == "held\n"
        second = small.snakemake(check=False)
        assert second.returncode == 1
        (said,) = [line for line in second.stderr.splitlines() if "spikesweep:" in line]
        assert f"another run works on it (process {first.pid} on " in said
        assert "another run works on it" in small.spikesweep("retry", "small", check=False).stderr
        assert small.snakemake("--dry-run").returncode == 0
        assert small.snakemake("-np").returncode == 0
        first.kill()
    assert small.snakemake().returncode == 0  # the lock died with its process
