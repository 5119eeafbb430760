"""Ions that rules set come out as in plain NEURON."""

import re

import numpy as np
import pytest

from simulating import (
    compile_mechanisms,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
    voltage,
)

MECHANISMS = {
    "pump": """NEURON { SUFFIX pump USEION ca READ cai, ica WRITE cai RANGE rest, tau }
UNITS { (mM) = (milli/liter) (mA) = (milliamp) }
PARAMETER { rest = 1e-4 (mM) tau = 5 (ms) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { cai' = -0.1 * ica + (rest - cai) / tau }
""",
    "kca": """NEURON { SUFFIX kca USEION k READ ek WRITE ik USEION ca READ cai RANGE g }
UNITS { (mM) = (milli/liter) (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-3 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) cai (mM) }
BREAKPOINT { ik = g * cai / (cai + 1e-3) * (v - ek) }
""",
    "cal": """NEURON { SUFFIX cal USEION ca READ eca WRITE ica RANGE g }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-5 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
BREAKPOINT { ica = g * (v - eca) }
""",
}


@pytest.fixture(scope="module")
def calcium(tmp_path_factory):
    """A folder with MECHANISMS compiled, and their library."""
    folder = tmp_path_factory.mktemp("calcium")
    return folder, compile_mechanisms(folder, MECHANISMS)


PAS = {"in": ["all"], "Ra": 100, "insert": {"pas": {}}}


def ions_document(*rules):
    soma = {"L": 20, "diam": 20, "region": "soma"}
    dend = {"L": 200, "diam": 1, "region": "basal", "parent": ["soma", 1.0], "nseg": 3}
    cell = make_cell({"soma": soma, "dend": dend}, PAS, *rules)
    sites = {"soma": ["cell", "soma", 0, 0.5], "dend": ["cell", "dend", 0, 0.5]}
    traces = {f"v_{name}": voltage(at) for name, at in sites.items()}
    for name in rules[-1].pop("record", []):
        traces[name] = {"at": sites["dend"], "variable": name, "every": 0.025}
    return make_document({"cell": cell}, traces=traces, v_init=-70)


IONS = """
soma, dend = n.Section("soma"), n.Section("dend")
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 1, 3
dend.connect(soma(1))
for section in (soma, dend):
    section.Ra = 100
    section.insert("pas")
record("v_soma", soma(0.5)._ref_v)
record("v_dend", dend(0.5)._ref_v)
"""
# Rules, and the same in plain NEURON.
ION_CASES = {
    "a concentration that is read": (
        [
            {"in": ["all"], "insert": {"kca": {}}, "ions": {"cai": 1e-3, "ek": -90}},
            {"in": ["dend"], "ions": {"cai": "2e-3 * x"}, "record": ["cai", "ik"]},
        ],
        """
for section in (soma, dend):
    section.insert("kca")
    section.ek, section.cai = -90, 1e-3
for segment in dend:
    segment.cai = 2e-3 * segment.x
""",
    ),
    "a concentration that is written starts from the rule's value": (
        [
            {"in": ["all"], "insert": {"kca": {}, "pump": {}, "cal": {}}},
            {"in": ["dend"], "ions": {"cai": 4e-3}, "record": ["cai", "cao", "eca", "ica"]},
        ],
        """
for section in (soma, dend):
    for name in ("kca", "pump", "cal"):
        section.insert(name)
dend.cai = 4e-3
n.ion_style("ca_ion", 3, 2, 1, 1, 0, sec=dend)  # not from cai0_ca_ion
""",
    ),
    "outside": (
        [
            {"in": ["all"], "insert": {"pump": {}, "cal": {}}},
            {"in": ["all"], "ions": {"cao": 5}, "record": ["cai", "cao", "eca"]},
        ],
        """
for section in (soma, dend):
    section.insert("pump")
    section.insert("cal")
    section.cao = 5
    n.ion_style("ca_ion", 3, 2, 1, 1, 0, sec=section)
""",
    ),
    "a potential that mechanisms only read": (
        [
            {"in": ["dend"], "insert": {"cal": {}}},
            {"in": ["dend"], "ions": {"eca": 100}, "record": ["eca", "ica"]},
        ],
        """
dend.insert("cal")
dend.eca = 100
""",
    ),
}


@pytest.mark.parametrize(("rules", "plain"), ION_CASES.values(), ids=ION_CASES)
def test_ions_are_plain_neuron(calcium, rules, plain):
    folder, library = calcium
    names = rules[-1]["record"]
    document = ions_document(*(dict(rule) for rule in rules))
    recorded = "".join(f'record("{name}", dend(0.5)._ref_{name})\n' for name in names)
    oracle = plain_neuron(f"{IONS}{plain}{recorded}run(10, v_init=-70)", folder)
    traces = simulate_well(document, library=library).traces
    for name in ("v_soma", "v_dend", *names):
        np.testing.assert_array_equal(traces[name], oracle[name])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"insert": {"hh": {}}, "ions": {"nai": 20}}, '"nai" has no effect.* no mechanism there'),
        (
            {"insert": {"pump": {}, "cal": {}}, "ions": {"eca": 99}},
            '"eca" has no effect.* computes',
        ),
        ({"ions": {"cai": 1}}, 'ion parameter "cai": no mechanism inserted in cell.soma'),
    ],
)
def test_ions_without_effect_are_refused(calcium, rule, said):
    document = ions_document({"in": ["all"], **rule})
    result = simulate(document, library=calcium[1])
    assert result.status == "error"
    assert re.search(said, result.message)
