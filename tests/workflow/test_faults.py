"""Simulations that fail, each through the real workflow: what is recorded, said, left unharmed."""

import copy
import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from faults import CELL, FAULT_MOD, FAULT_MODEL, sweep
from spikesweep.figures.data import UNPHYSICAL, FigureData

# kind of fault -> status and message. The mechanism has VERBATIM, so that nothing is packed.
MACHINE = {
    0: ("ok", ""),
    1: ("not_finite", "v is not a finite number from 1.025 ms on"),
    2: ("crashed", "SIGSEGV"),
    3: ("timeout", "took longer than 5 s"),
    4: ("memory", "ran out of memory"),
    5: ("error", "its own code ended it, as HOC's quit() does"),
    6: ("crashed", "SIGKILL"),
}
# L of the dendrite, gkbar, amplitude, morphology -> status and message; all would be one pack.
MODEL = [
    ((100, 0.036, 0.3), "ok", ""),
    ((0, 0.036, 0.3), "error", "section dend: L = 0.0 um, diam = 1.0 um; expected more than 0"),
    ((100, -5, 0.3), "unphysical", "bounds: -200 to 200 mV"),  # a negative conductance
    ((100, 0.036, 1e6), "unphysical", "bounds: -200 to 200 mV"),  # an absurd current
    ((100, 0.036, 1e308), "not_finite", "v is not a finite number from 2.025 ms on"),
    ((100, 0.036, 0.2), "ok", ""),
]
# kind of fault in a Python model -> status and message
CODE = [
    ("timeout", "took longer than 4 s"),  # in the first simulation, of which the structure is told
    ("error", 'cell cell has no section "dend[0]"'),
    ("error", "models/faulty.py, line 19: ValueError: no such kind"),
    ("error", "its own code ended it, as HOC's quit() does"),
    ("error", "HOC: syntax error"),
    ("error", "HOC: Couldn't find: missing5.hoc"),
    ("error", "as HOC's quit() does"),
    ("error", "models/faulty.py, line 34: ZeroDivisionError: division by zero"),
    ("ok", ""),  # without a standard output
    ("error", r"models/faulty.py, line 38: ValueError: \ud800 \x1b[31m"),
    (
        "error",
        'File "models/faulty.py", line 6, in fail',
    ),  # without the folder of this run's copies
]
# gkbar, by CVode's steps -> status and message
CVODE = [(0.036, "ok", ""), (-5, "error", "variable step integrator error")]
# morphology -> status and message: a place that is there in the first only
SHAPES = [
    ("morphologies/pyramidal.swc", "ok", ""),
    ("morphologies/lone.swc", "error", 'cell cell has no section "apical[0]"'),
]


def machine_sweep(kinds):
    cell = copy.deepcopy(CELL)
    cell["biophysics"][0]["insert"]["fault"] = {"kind": 0}
    return sweep(
        model={"mechanisms": "faulty", "cells": {"cell": cell}},
        axes={"kind": {"values": list(kinds), "sets": "cell.soma.fault.kind"}},
        limits={"timeout": "5 s", "memory": "200 MB"},
        simulations_per_job=100,
    )


def model_sweep(rows):
    names = ("L", "gkbar", "amp")
    targets = ("cell.dend.L", "cell.soma.hh.gkbar", "step.amp")
    return sweep(
        axes={name: {"sets": target} for name, target in zip(names, targets, strict=True)},
        design={"table": "config/rows.csv"},
        simulations_per_job=100,
        figures=[{"kind": "heatmap", "of": "v_max", "x": "L", "y": "amp"}],
    ), "\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)])


def code_sweep(kinds):
    plain = sweep()
    record = plain["record"] | {"traces": {"v": {"of": "cell.dend(0.5).v"}}}
    return sweep(
        model={"cells": {"cell": {"python": "models/faulty.py:Faulty", "parameters": {"kind": 0}}}},
        record=record,
        axes={"kind": {"values": list(kinds), "sets": "cell.parameters.kind"}},
        limits={"timeout": "4 s"},
        simulations_per_job=100,
    )


def shape_sweep():
    cell = {"morphology": "morphologies/pyramidal.swc", "biophysics": CELL["biophysics"][:1]}
    values = [shape for shape, *_ in SHAPES]
    plain = sweep()
    step = plain["protocol"]["processes"]["step"] | {"at": "cell.apical(0.5)"}
    return sweep(
        model={"cells": {"cell": cell}},
        protocol={"tstop": 5, "processes": {"step": step}},
        axes={"shape": {"values": values, "sets": "cell.morphology"}},
    )


def cvode_sweep():
    step = sweep()["protocol"]["processes"]["step"]
    return sweep(
        protocol={"tstop": 20, "cvode": {"atol": 1e-3}, "processes": {"step": step}},
        axes={"gkbar": {"values": [g for g, *_ in CVODE], "sets": "cell.soma.hh.gkbar"}},
        simulations_per_job=100,
    )


@pytest.fixture(scope="module")
def faulty(shared_project):
    """The sweeps with faults, run; before, on a store of their own, those without."""
    project = shared_project
    (project.root / "mod/faulty").mkdir()
    (project.root / "mod/faulty/fault.mod").write_text(FAULT_MOD)
    (project.root / "morphologies/lone.swc").write_text("1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n")
    (project.root / "models").mkdir()
    (project.root / "models/faulty.py").write_text(FAULT_MODEL)
    rows = project.root / "config/rows.csv"

    def run(kinds, model_rows):
        project.write_sweep("machine", machine_sweep(kinds))
        text, table = model_sweep(model_rows)
        project.write_sweep("model", text)
        rows.write_text(table + "\n")
        project.write_sweep("shapes", shape_sweep())
        project.write_sweep("code", code_sweep(range(len(CODE))))
        project.write_sweep("cvode", cvode_sweep())
        project.configure("machine", "model", "shapes", "code", "cvode")
        return project.snakemake()

    run([0], [row for row, status, _ in MODEL if status == "ok"])
    project.healthy = {name: dataset(project, name).v.values for name in ("machine", "model")}
    shutil.rmtree(project.root / "results/store")
    project.said = run(MACHINE, [row for row, *_ in MODEL])
    return project


def dataset(project, name):
    return xr.load_dataset(project.root / f"results/{name}/dataset.nc")


def table(project, name, file):
    return pd.read_csv(project.root / f"results/{name}/{file}.csv", index_col="index")


def expected_of(name):
    rows = {
        "machine": list(MACHINE.values()),
        "model": [row[1:] for row in MODEL],
        "shapes": [row[1:] for row in SHAPES],
        "code": CODE,
        "cvode": [row[1:] for row in CVODE],
    }
    return rows[name]


SWEEPS = ("machine", "model", "shapes", "code", "cvode")
CASES = [(name, i) for name in SWEEPS for i in range(len(expected_of(name)))]


@pytest.mark.parametrize(("name", "index"), CASES)
def test_status_message_and_command(faulty, name, index):
    status, message = expected_of(name)[index]
    failures = table(faulty, name, "failures")
    if status == "ok":
        assert index not in failures.index
    else:
        assert failures.status[index] == status
        assert message in failures.message[index]
        assert failures.command[index] == f"spikesweep run {name} --index {index}"


@pytest.mark.parametrize("name", ["machine", "model"])
def test_the_others_have_the_same_bytes(faulty, name):
    ok = [i for i, (status, _) in enumerate(expected_of(name)) if status == "ok"]
    assert dataset(faulty, name).v.values[ok].tobytes() == faulty.healthy[name].tobytes()


@pytest.mark.parametrize("name", ["machine", "model"])
def test_dataset_and_statistics_of_failures_are_empty(faulty, name):
    expected = np.array([status for status, _ in expected_of(name)])
    statistics = table(faulty, name, "statistics")
    assert list(statistics.status) == list(expected)
    assert (statistics.n_spikes.notna() == (expected == "ok")).all()
    lost = np.isin(expected, ["ok", "unphysical"], invert=True)  # what is judged keeps its data
    assert (dataset(faulty, name).v.isnull().any("time").values == lost).all()


@pytest.mark.parametrize("name", ["machine", "model", "code", "cvode"])
def test_failures_are_the_simulations_that_are_not_ok(faulty, name):
    """And the dataset says the same of those that did not run to their end."""
    simulations, failures = table(faulty, name, "simulations"), table(faulty, name, "failures")
    expected = [status for status, _ in expected_of(name)]
    assert list(simulations.status) == expected
    failed = simulations[simulations.status != "ok"]
    assert failures.drop(columns="command").equals(failed)


def test_figures_know_what_failed(faulty):
    made = faulty.root / "results/model"
    data = FigureData(dataset=made / "dataset.nc", simulations=made / "simulations.csv")
    unphysical = [status == "unphysical" for _, status, _ in MODEL]
    assert list(data.simulations.status == UNPHYSICAL) == unphysical
    assert data.status_text(UNPHYSICAL) == "unphysical"


def test_the_run_ends_well_and_says_what_failed(faulty):
    said = faulty.said.stdout
    assert faulty.said.returncode == 0
    assert "simulations  7: 7 run, 0 found in the store, 6 failed" in said
    assert "1 x timeout: took longer than 5 s" in said
    assert "2 x unphysical" in said
    assert "results/machine/failures.csv" in said
    assert "spikesweep run machine --index 2" in said


@pytest.mark.parametrize(
    ("index", "exit_code", "said"),
    [
        (0, 0, "ok"),
        (1, 1, "not_finite: v is not a finite number"),
        (2, -11, "kind = 2\n"),  # it crashes as it would in any shell
        (7, 1, "--index 7: the sweep machine has 7 simulations; expected 0 to 6"),
    ],
)
def test_one_alone_in_the_foreground(faulty, index, exit_code, said):
    done = faulty.spikesweep("run", "machine", "--index", str(index), check=False)
    assert done.returncode == exit_code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_one_alone_whose_model_ends_neuron_is_an_error(faulty):
    quits = [i for i, (_, message) in enumerate(CODE) if "quit()" in message]
    for index in quits:  # while it is built, and while it runs
        done = faulty.spikesweep("run", "code", "--index", str(index), check=False)
        assert done.returncode == 1
        assert "error: its own code ended it, as HOC's quit() does" in done.stdout


def test_retry_tries_what_the_machine_decided_and_no_more(faulty):
    before = (faulty.root / "results/machine/dataset.nc").read_bytes()
    said = faulty.spikesweep("retry", "machine").stdout
    assert "machine: 5 simulations are tried again" in said  # that which its code ended, too
    # It may be empty, if the cells could not be built for the same reasons.
    assert not list((faulty.root / "results/made/machine").glob("structure_*"))
    said = faulty.snakemake().stdout
    assert "simulations  7: 5 run, 2 found in the store, 6 failed" in said
    assert (faulty.root / "results/machine/dataset.nc").read_bytes() == before
    assert "no simulation ended by" in faulty.spikesweep("retry", "model").stdout
    assert "Nothing to be done" in faulty.snakemake().stderr


def test_on_failure_stop(faulty):
    faulty.write_sweep("machine", machine_sweep(MACHINE) | {"on_failure": "stop"})
    done = faulty.snakemake("machine", check=False)
    assert done.returncode == 1
    assert "machine: simulation 1 failed (not_finite: v is not" in done.stderr
    assert "Traceback" not in done.stderr
    faulty.write_sweep("machine", machine_sweep(MACHINE))
    assert "Nothing to be done" in faulty.snakemake("machine").stderr


FOLLOWS = """
NEURON { SUFFIX follows NONSPECIFIC_CURRENT i POINTER there }
ASSIGNED { v (mV) there (mV) i (mA/cm2) }
BREAKPOINT { i = 1e-4*(v - there) }
"""
LEAVES_IT_UNSET = """
from neuron import n

class Cell:
    def __init__(self):
        self.soma = n.Section(name="soma", cell=self)
        self.soma.insert(n.follows)
"""


def test_a_crash_names_the_pointers_that_code_may_leave_unset(faulty):
    """The rule of the second sweep sets it in the cell that the code builds."""
    (faulty.root / "mod/pointers").mkdir()
    (faulty.root / "mod/pointers/follows.mod").write_text(FOLLOWS)
    (faulty.root / "models/unset.py").write_text(LEAVES_IT_UNSET)
    unset = {
        "title": "A POINTER",
        "model": {"mechanisms": "pointers", "cells": {"cell": {"python": "models/unset.py:Cell"}}},
        "protocol": {"tstop": 1},
        "record": {"traces": {"v": {"of": "cell.soma(0.5).v"}}},
    }
    well = copy.deepcopy(unset)
    rule = {"in": "all", "pointers": {"follows": {"there": "v"}}}
    well["model"]["cells"]["cell"]["biophysics"] = [rule]
    faulty.write_sweep("unset", unset)
    faulty.write_sweep("well", well)
    faulty.snakemake("unset", "well")
    failures = pd.read_csv(faulty.root / "results/unset/failures.csv")
    assert failures.status[0] == "crashed", failures.message[0]
    assert "a POINTER is unset that a mechanism follows: follows.there" in failures.message[0]
    assert pd.read_csv(faulty.root / "results/well/failures.csv").empty
