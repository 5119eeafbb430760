"""Idioms of published models, side by side and alone: NEURON says which may share a process, and
none that may not passes our reading of its source."""

import json

import numpy as np
import pytest
from test_mechanisms_compiled import assert_as_neuron_has_it, describe, in_neuron

from idioms import IDIOMS
from nmodl_sources import write
from simulating import SOMA, make_cell, make_document, plain_neuron, simulate_well, voltage
from spikesweep.mechanisms.compile import compile_set
from spikesweep.mechanisms.sets import read_set

# A cell for each mechanism and each value of `own`, in this order; those of one mechanism differ
# in nothing else. {mechanism: {own: [out and v at every step]}}
RUN = """
import json, sys
from neuron import n
assert n.nrn_load_dll(sys.argv[1]) == 1
names, values = json.loads(sys.argv[2]), json.loads(sys.argv[3])
kept, found = [], {name: {} for name in names}
for name in names:
    for own in values:
        section = n.Section(f"{name}_{own}")
        section.L = section.diam = 20
        section.insert("pas")
        section.insert(name)
        getattr(section(0.5), name).own = own
        clamp = n.IClamp(section(0.5))
        clamp.delay, clamp.dur, clamp.amp = 1, 10, 0.1
        traces = [n.Vector().record(getattr(section(0.5), name)._ref_out),
                  n.Vector().record(section(0.5)._ref_v)]
        kept += [section, clamp]
        found[name][own] = traces
n.finitialize(-65)
while n.t < 3:
    n.fadvance()
print(json.dumps({name: {own: [value.hex() for trace in traces for value in trace]
                         for own, traces in of.items()} for name, of in found.items()}))
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    root = tmp_path_factory.mktemp("idioms")
    folder = write(root / "mod", **{idiom.name: idiom.source for idiom in IDIOMS})
    return folder, compile_set(folder, root / "made")


@pytest.fixture(scope="module")
def mechanisms(compiled):
    return read_set(compiled[0]).mechanisms


@pytest.fixture(scope="module")
def equal(compiled, tmp_path_factory):
    """Which mechanisms compute the same in all orders of instances, with and without the others."""
    names = json.dumps([idiom.name for idiom in IDIOMS])

    def run(*values):
        folder = tmp_path_factory.mktemp("run")
        return in_neuron(RUN, compiled[1], names, json.dumps(values), cwd=folder)

    alone = run(1.0), run(3.0)
    together = run(1.0, 3.0), run(3.0, 1.0)
    return {
        idiom.name: all(
            side[idiom.name][own] == single[idiom.name][own]
            for side in together
            for own, single in zip(("1.0", "3.0"), alone, strict=True)
        )
        for idiom in IDIOMS
    }


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.name)
def test_may_share_a_process(idiom, mechanisms, equal):
    packs = not mechanisms[idiom.name].pack_hazards
    assert equal[idiom.name] == idiom.equal, "NEURON"
    assert packs == idiom.packs, "our reading"
    assert equal[idiom.name] or not packs


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.name)
def test_is_simulated_as_plain_neuron_does(idiom, compiled):
    """Bit by bit, alone in a process."""
    insert = {"pas": {}, idiom.name: {"own": 3.0}}
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, {"in": ["all"], "insert": insert})},
        processes={
            "clamp": {
                "type": "IClamp", "at": SOMA, "parameters": {"delay": 1, "dur": 10, "amp": 0.1}
            }
        },
        traces={"v": voltage(SOMA), "out": {**voltage(SOMA), "variable": f"{idiom.name}.out"}},
        tstop=3,
    )  # fmt: skip
    traces = simulate_well(document, library=compiled[1]).traces
    oracle = plain_neuron(f"""
assert n.nrn_load_dll({str(compiled[1])!r}) == 1
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("pas"), soma.insert("{idiom.name}")
soma(0.5).{idiom.name}.own = 3
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 10, 0.1
record("v", soma(0.5)._ref_v), record("out", soma(0.5).{idiom.name}._ref_out)
run(3)
""")
    for name in ("v", "out"):
        np.testing.assert_array_equal(traces[name], oracle[name])


def test_the_corpus_is_large_and_has_both_kinds():
    assert len(IDIOMS) >= 40
    assert sum(idiom.packs for idiom in IDIOMS) >= 20
    assert sum(not idiom.equal for idiom in IDIOMS) >= 15


def test_is_read_as_neuron_has_it(compiled, mechanisms, tmp_path):
    found = describe(mechanisms.values(), compiled[1], tmp_path)
    for mechanism in mechanisms.values():
        assert_as_neuron_has_it(mechanism, found[mechanism.name])
