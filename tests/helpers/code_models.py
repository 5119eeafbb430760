"""What the tests of HOC and Python models share: a folder with a model, planned and simulated."""

import copy
from pathlib import Path

import yaml

from simulating import KEY, judged
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.modelcode.closure import copy_files
from spikesweep.plan.making import make_plan
from spikesweep.simulation.simulator import Simulator

# A small cell as a Python user writes it, with a module and a table of its own beside it.
PYR = '''
"""A soma with dendrites."""
from neuron import n
from dimensions import diameter


class Pyr:
    def __init__(self, g, dendrites=2):
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = self.soma.diam = diameter("sizes/soma.csv")
        self.soma.insert(n.hh)
        self.soma.gkbar_hh = g
        self.dend = [n.Section(name=f"dend[{i}]", cell=self) for i in range(int(dendrites))]
        for dend in self.dend:
            dend.connect(self.soma(1))
            dend.L, dend.diam, dend.nseg = 100, 1, 3
            dend.insert(n.pas)
        self.syn = n.ExpSyn(self.dend[0](0.5))
        self.stim = n.NetStim()
        self.stim.number, self.stim.start, self.stim.interval, self.stim.noise = 20, 1, 2, 1
        self.drive = n.NetCon(self.stim, self.syn, 0, 1, 0.002)
'''
LINE = PYR.count("\n") + 1  # that a test adds to PYR
DIMENSIONS = "def diameter(table):\n    return float(open(table).read())\n"
FILES = {"models/pyr.py": PYR, "models/dimensions.py": DIMENSIONS, "models/sizes/soma.csv": "20\n"}

SWEEP = {
    "title": "A cell that Python builds",
    "model": {"cells": {"pyr": {"python": "models/pyr.py:Pyr", "parameters": {"g": 0.036}}}},
    "protocol": {
        "tstop": 30,
        "processes": {
            "step": {"type": "IClamp", "at": "pyr.soma(0.5)", "delay": 2, "dur": 20, "amp": 0.5}
        },
    },
    "record": {
        "precision": "float64",
        "traces": {
            "v": {"of": "pyr.soma(0.5).v", "every": 0.025},
            "g": {"of": "pyr.syn.g", "every": 0.025},
        },
        "spikes": {"soma": {"at": "pyr.soma(0.5)"}},
    },
}


def write(files: dict[str, str | bytes]) -> None:
    """Write files, by their paths from here."""
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


def changed(sweep: dict, **parts) -> dict:
    """Return a sweep with more in it, merged key by key."""
    sweep = copy.deepcopy(sweep)
    for key, value in parts.items():
        both = isinstance(value, dict) and isinstance(sweep.get(key), dict)
        sweep[key] = changed(sweep[key], **value) if both else value
    return sweep


def in_far(**parts) -> dict:
    """More of the cell, with a region: from the tip of one dendrite only the other is far."""
    far = {"in": "basal", "where": "distance > 100"}
    cell = {"distance_from": "dend[0](1)", "regions": {"far": far}}
    return {"model": {"cells": {"pyr": cell | parts}}}


def axis(target: str, *values, **more) -> dict:
    """One axis of a sweep."""
    return {"axes": {"a": {"values": list(values), "sets": target, **more}}}


def plan(sweep: dict):
    """Return the plan of a sweep in the project here."""
    write({"config/sweeps/s.yaml": yaml.safe_dump(sweep, sort_keys=False)})
    return make_plan(Path(), "s")


def results(sweep: dict, scratch: Path, library: Path | None = None) -> list:
    """Return what each simulation of a sweep gives, alone in a child."""
    return [
        judged(
            _in_child(lambda d=document: run_alone((KEY, d), Simulator(library, models=scratch)))
        )
        for document in _documents(sweep, scratch)
    ]


def packed(sweep: dict, scratch: Path) -> list:
    """Return what the simulations of a sweep give in one pack."""
    members = [(KEY, document) for document in _documents(sweep, scratch)]
    return list(map(judged, _in_child(lambda: run_together(members, Simulator(models=scratch)))))


def _documents(sweep: dict, scratch: Path) -> list[dict]:
    made = plan(sweep)
    copy_files(Path(), made.template.files.models, scratch)
    return [made.template.fill(values) for values in list(zip(*made.columns, strict=True)) or [()]]


def _in_child(function):
    outcome = in_child(function, timeout=60)
    assert outcome.status == "ok", outcome.message
    return outcome.value
