"""A seed reaches mechanisms that draw by exprand, scop_random or nrnran123 in VERBATIM."""

import pytest
import yaml

from simulating import compile_mechanisms
from spikesweep.execution.child import in_child
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.together import simulate

DRAWS = {
    "shot": "x = exprand(1)",
    "scop": "x = scop_random()",
    "own": "VERBATIM\n nrnran123_State* r = nrnran123_newstream(1, 2);\n"
    " x = nrnran123_dblpick(r);\n nrnran123_deletestream(r);\nENDVERBATIM",
}
SOURCE = """NEURON {{ POINT_PROCESS {name} RANGE x NONSPECIFIC_CURRENT i }}
VERBATIM
#include "nrnran123.h"
ENDVERBATIM
ASSIGNED {{ x i }}
INITIAL {{
{draws}
}}
BREAKPOINT {{ i = 0 }}
"""
SOURCES = {name: SOURCE.format(name=name, draws=draws) for name, draws in DRAWS.items()}
SWEEP = """
title: Draws
model: {mechanisms: default, cells: {c: {sections: {soma: {L: 10, diam: 10}}}}}
protocol: {tstop: 1, processes: {p: {type: NAME, at: c.soma(0.5)}}}
record: {traces: {x: {of: p.x, every: 1}}}
axes: {seed: {values: [1, 2, 3], sets: protocol.seed}}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compile_mechanisms(tmp_path_factory.mktemp("draws"), SOURCES)


class Drawn:
    """Observes nothing but what a process has drawn."""

    probe_count = 0

    def __init__(self, simulation: Simulation, _):
        self.simulation = simulation

    def expect(self, *_):
        """Make no room."""

    def begin(self):
        """Look at nothing."""

    def take(self, *_):
        """Leave what is recorded."""


@pytest.mark.parametrize("name", DRAWS)
def test_seeds_make_replicates(plan_text, tmp_path, library, name):
    (tmp_path / "mod").mkdir()
    (tmp_path / f"mod/{name}.mod").write_text(SOURCES[name])
    plan = plan_text(yaml.safe_dump(yaml.safe_load(SWEEP.replace("NAME", name))))
    assert plan.packing  # none shares NEURON's generators with another
    documents = [plan.template.fill(values) for values in zip(*plan.columns, strict=True)]

    def drawn(document):
        def run():
            [observer] = simulate([document], Simulator(library), Drawn)
            return observer.simulation.processes["p"].x

        outcome = in_child(run, timeout=60)
        assert outcome.status == "ok", outcome.message
        return outcome.value

    values = [drawn(document) for document in documents]
    assert len(set(values)) == 3
    assert [drawn(document) for document in documents] == values
