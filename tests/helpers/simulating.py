"""What the tests of simulations share: documents, runs in a child, and plain NEURON as oracle."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from spikesweep.execution.child import in_child
from spikesweep.execution.together import record, run_alone
from spikesweep.recording.recordings import Recording
from spikesweep.recording.results import Result
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator

KEY = "0" * 64

# Every oracle begins with this: NEURON's standard run system, which the package does not use.
ORACLE = """
import sys
import numpy as np
from neuron import n

n.load_file("stdrun.hoc")
recorded = {}

def record(name, reference):
    recorded[name] = n.Vector().record(reference)

def spikes(name, segment, threshold):
    recorded[name] = n.Vector()
    netcon = n.NetCon(segment._ref_v, None, sec=segment.sec)
    netcon.threshold = threshold
    netcon.record(recorded[name])
    return netcon

def run(tstop, dt=0.025, v_init=-65):
    n.dt, n.steps_per_ms = dt, 1 / dt
    n.finitialize(v_init)
    n.continuerun(tstop)
    np.savez(sys.argv[1], **{name: np.array(vector) for name, vector in recorded.items()})
"""


def plain_neuron(
    script: str, folder: Path | None = None, arguments: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """Run a script after ORACLE in a Python of its own, and return what it recorded.

    folder: where it runs; NEURON loads the mechanisms compiled there.
    arguments: what it finds in sys.argv, from the third on.
    """
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "recorded.npz"
        subprocess.run(
            [sys.executable, "-c", ORACLE + script, output, *arguments],
            cwd=folder or scratch,
            env=os.environ | {"NEURON_MODULE_OPTIONS": "-nogui"},
            check=True,
            timeout=60,
        )
        with np.load(output) as recorded:
            return dict(recorded)


def compile_mechanisms(folder: Path, sources: dict[str, str]) -> Path:
    """Write NMODL sources (name -> text) to a folder, compile them there; return the library."""
    for name, text in sources.items():
        (folder / f"{name}.mod").write_text(text)
    nrnivmodl = Path(sys.executable).parent / "nrnivmodl"
    subprocess.run([nrnivmodl], cwd=folder, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*/libnrnmech.*"))


def make_cell(sections: dict, *biophysics: dict, segments: dict | None = None) -> dict:
    """Return the document of a cell of literal sections."""
    return {
        "sections": sections,
        "segments": segments or {"nseg": 1},
        "biophysics": list(biophysics),
    }


def make_document(
    cells: dict,
    *,
    processes: dict | None = None,
    connections: dict | None = None,
    traces: dict | None = None,
    spikes: dict | None = None,
    precision: str = "float64",
    **protocol,
) -> dict:
    """Return a simulation document; the protocol's defaults are NEURON's own."""
    return {
        "cells": cells,
        "protocol": {
            **{"celsius": 6.3, "v_init": -65, "tstop": 10, "dt": 0.025, "globals": {}},
            **protocol,
            "processes": processes or {},
            "connections": connections or {},
        },
        "record": {"precision": precision, "traces": traces or {}, "spikes": spikes or {}},
        "mechanisms": {},
        "seed": 0,
    }


def clamp(at: list, delay: float, dur: float, amp: float) -> dict:
    return {"type": "IClamp", "at": at, "parameters": {"delay": delay, "dur": dur, "amp": amp}}


def voltage(at: list, every: float = 0.025) -> dict:
    return {"at": at, "variable": "v", "every": every}


def detector(at: list, threshold: float, times: str = "netcon") -> dict:
    return {"at": at, "threshold": threshold, "times": times}


SOMA = ["cell", "soma", 0, 0.5]
HH = {"in": ["all"], "insert": {"hh": {}}}


def make_soma_document(amp: float = 0.1, L: float = 10, diam: float = 10, **more) -> dict:
    """Return a Hodgkin-Huxley soma that gets a current pulse from 2 ms on."""
    settings = {
        "processes": {"pulse": clamp(SOMA, 2, 100, amp)},
        "traces": {"v": voltage(SOMA)},
        "spikes": {"soma": detector(SOMA, 0)},
    } | more
    soma = {"L": L, "diam": diam, "region": "soma"}
    return make_document({"cell": make_cell({"soma": soma}, HH)}, **settings)


def make_two_cells(**settings) -> dict:
    second = ["second", "soma", 0, 0.5]
    soma = make_cell({"soma": {"L": 10, "diam": 10}}, HH)
    return make_document(
        {"first": soma, "second": soma},
        processes={
            "pulse": clamp(["first", "soma", 0, 0.5], 2, 0.1, 1),
            "synapse": {"type": "ExpSyn", "at": second, "parameters": {"e": 0}},
        },
        connections={
            "c": {
                "from": ["first", "soma", 0, 0.5],
                "to": "synapse",
                "threshold": 10,
                "delay": 1.3,
                "weight": 5,
            }
        },
        traces={"first": voltage(["first", "soma", 0, 0.5]), "second": voltage(second)},
        spikes={
            # Two thresholds where the connection has a third: NEURON alone keeps one a place.
            "first": detector(["first", "soma", 0, 0.5], -20),
            "late": detector(["first", "soma", 0, 0.5], 30),
            "second": detector(second, 10),
        },
        **settings,
    )


def built(document: dict, **simulator) -> tuple[Simulation, Recording]:
    """Return a simulation as NEURON objects, and what records it; for a child."""
    made = Simulation(document, Simulator(**simulator))
    return made, record(made, document)


def simulate(document: dict, **simulator) -> Result:
    """Return what `run_alone` gives in a child."""
    outcome = in_child(lambda: run_alone((KEY, document), Simulator(**simulator)), timeout=60)
    assert outcome.status == "ok", outcome.message
    return judged(outcome.value)


def judged(result: Result) -> Result:
    """Return a result with the status that a sweep which asks for all of it gives it."""
    status, message = next(result.all_failures(), ("ok", ""))
    return replace(result, status=status, message=message)


def simulate_well(document: dict, **simulator) -> Result:
    """Return the result of a simulation that nothing is wrong with."""
    result = simulate(document, **simulator)
    assert (result.status, result.message) == ("ok", "")
    return result
