"""Killed at any moment, a run goes on with a plain `snakemake`, and comes to the same bytes."""

import hashlib
import os
import random
import shutil
import signal
import sys
import time

import pytest

from killing import alive, command, find, kill, start
from project import Project
from spikesweep.store.store import Store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")

KILLS = 20
MANY, FEWER = 1000, 200  # simulations: enough for all kills, and for one
PER_JOB = 20  # simulations of a job, and the largest pack therefore
SWEEP = {
    "title": "Many somata",
    "model": {
        "cells": {
            "cell": {
                "sections": {"soma": {"L": 20, "diam": 20}},
                "biophysics": [{"in": "soma", "insert": {"hh": {}}}],
            }
        }
    },
    "protocol": {
        "tstop": 2000,  # 18 ms a simulation: long enough for processes to be found and killed
        "processes": {
            "step": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 5, "dur": 1980, "amp": 0.2}
        },
    },
    "record": {
        "traces": {"v": {"of": "cell.soma(0.5).v", "every": 5}},
        "spikes": {"soma": {"at": "cell.soma(0.5)"}},
    },
    "axes": {
        "gnabar": {"sets": "cell.soma.hh.gnabar"},
        "amp": {"values": {"linspace": [0.05, 0.5, 25]}, "sets": "step.amp"},
    },
    "simulations_per_job": PER_JOB,
}


def write(project, simulations):
    gnabar = {"values": {"linspace": [0.08, 0.16, simulations // 25]}, **SWEEP["axes"]["gnabar"]}
    project.write_sweep("many", SWEEP | {"axes": SWEEP["axes"] | {"gnabar": gnabar}})
    project.configure("many")


def settle(run, within=20.0):
    """Wait until a killed run has left no process behind; no orphan outlives its run."""
    run.wait(timeout=300)
    deadline = time.monotonic() + within
    while (left := alive(run.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left, [command(process) for process in left]


def stored(project):
    """Return how many results the store holds, and of how many simulations."""
    names = [path.stem for path in (project.root / "results/store").glob("*.h5")]
    return sum(int(name.partition("-")[2]) for name in names), len(
        Store(project.root / "results/store").index()
    )


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, request):
    """A run without any kill, of so many simulations as a test asks for."""
    project = Project(tmp_path_factory.mktemp("undisturbed") / "project")
    project.simulations = request.param
    write(project, project.simulations)
    project.snakemake()
    assert stored(project) == (project.simulations, project.simulations)
    return project


@pytest.fixture
def fresh(undisturbed, project):
    write(project, undisturbed.simulations)
    return project


many = pytest.mark.parametrize("undisturbed", [MANY], indirect=True)
fewer = pytest.mark.parametrize("undisturbed", [FEWER], indirect=True)


def same_bytes(project, undisturbed):
    for name in (
        "dataset.nc",
        "simulations.csv",
        "statistics.csv",
        "isi.csv",
        "failures.csv",
        "flags.csv",
    ):
        path = f"results/many/{name}"
        assert sha256(project.root / path) == sha256(undisturbed.root / path), name


@many
def test_killed_at_twenty_moments(undisturbed, fresh):
    dice = random.Random(6)
    kinds = [("snakemake", "job", "child", "forking")[i % 4] for i in range(KILLS)]
    done, run = [], start(fresh)
    while kinds:
        if run.poll() is not None:
            settle(run)
            assert stored(fresh)[1] < MANY, f"finished after {len(done)} kills only"
            run = start(fresh)
        process = find(run, kinds[0], dice)
        time.sleep(dice.uniform(0, 0.1 if kinds[0] == "child" else 0.4))
        if process is not None and kill(process):
            done.append(kinds.pop(0))
            if process == run.pid:
                settle(run)
    settle(run)
    assert len(done) == KILLS
    fresh.snakemake()
    same_bytes(fresh, undisturbed)
    results, simulations = stored(fresh)
    assert simulations == MANY
    assert results - simulations <= KILLS * PER_JOB
    assert "Nothing to be done" in fresh.snakemake().stderr


@fewer
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(undisturbed, fresh, number):
    """Ctrl-C goes to the whole session, as a terminal sends it; SIGTERM to Snakemake alone."""
    run = start(fresh)
    find(run, "child", random.Random(6))
    (os.killpg if number == signal.SIGINT else os.kill)(run.pid, number)
    settle(run)
    before = stored(fresh)[1]
    fresh.snakemake()
    same_bytes(fresh, undisturbed)
    results, simulations = stored(fresh)
    assert simulations == FEWER > before
    assert results == simulations  # nothing that was finished ran again


@fewer
def test_store_survives_the_loss_of_all_else(undisturbed, fresh):
    """Whatever a kill leaves of results/made, the store has what was finished."""
    shutil.copytree(undisturbed.root / "results/store", fresh.root / "results/store")
    said = fresh.snakemake().stdout
    assert f"simulations  {FEWER}: 0 run, {FEWER} found in the store" in said
    same_bytes(fresh, undisturbed)
