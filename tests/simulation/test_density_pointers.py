"""POINTERs of inserted mechanisms, against plain NEURON."""

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

COUPLED = """
NEURON { SUFFIX coupled  NONSPECIFIC_CURRENT i  RANGE g, k  POINTER beyond, here }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2)  k = 1e-3 }
ASSIGNED { v (mV)  beyond (mV)  here  i (mA/cm2) }
BREAKPOINT { i = g*(v - beyond) + k*here }
"""
CYLINDER = {"soma": {"region": "soma", "L": 200, "diam": 5}}
ELSEWHERE = {"at": ["right", "soma", 0, 0.5], "variable": "v"}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compile_mechanisms(tmp_path_factory.mktemp("pointers"), {"coupled": COUPLED})


def points(**pointers) -> dict:
    return {"pointers": [{"of": "coupled", "set": pointers}]}


def document(*more_left: dict, right: dict | None = None, **pointers) -> dict:
    """Return that of two cells, of which the left has the mechanism in three segments."""
    rule = {"in": ["all"], "insert": {"hh": {}, "coupled": {}}, **points(**pointers)}
    passive = {"in": ["all"], "insert": {"pas": {"e": -20}}} | (right or {})
    return make_document(
        {
            "left": make_cell(CYLINDER, rule, *more_left, segments={"nseg": 3}),
            "right": make_cell(CYLINDER, passive),
        },
        traces={str(i): voltage(["left", "soma", 0, (i + 0.5) / 3]) for i in range(3)},
    )


ORACLE = """
left, right = n.Section(name="left"), n.Section(name="right")
for section in left, right:
    section.L, section.diam = 200, 5
left.nseg = 3
left.insert("hh"); left.insert("coupled"); right.insert("pas"); right.e_pas = -20
for i, segment in enumerate(left):
    n.setpointer(right(0.5)._ref_v, "beyond", segment.coupled)
    n.setpointer(REFERENCE, "here", segment.coupled)
    record(str(i), segment._ref_v)
run(10)
"""
HERE = {
    "ina": "segment._ref_ina",
    "hh.m": "segment.hh._ref_m",
}


@pytest.mark.parametrize("variable", HERE)
def test_they_point_to_another_place_and_to_the_same_segment(library, variable):
    oracle = ORACLE.replace("REFERENCE", HERE[variable])
    expected = plain_neuron(oracle, library.parents[1])
    result = simulate_well(document(beyond=ELSEWHERE, here={"variable": variable}), library=library)
    for name, samples in expected.items():
        np.testing.assert_array_equal(result.traces[name], samples)


def test_a_later_rule_overrides(library):
    later = {"in": ["soma"], **points(here={"variable": "hh.m"})}
    expected = plain_neuron(ORACLE.replace("REFERENCE", HERE["hh.m"]), library.parents[1])
    result = simulate_well(
        document(later, beyond=ELSEWHERE, here={"variable": "ina"}), library=library
    )
    np.testing.assert_array_equal(result.traces["0"], expected["0"])


@pytest.mark.parametrize(
    ("mistaken", "message"),
    [
        (document(beyond=ELSEWHERE, here={"variable": "cad.ca"}), 'no variable "cad.ca"'),
        (document(beyond={**ELSEWHERE, "variable": "ik"}), 'no variable "ik"'),
        (document(beyond={**ELSEWHERE, "at": ["up", "soma", 0, 0.5]}), 'no cell is called "up"'),
        (document(beyand=ELSEWHERE), "POINTER beyand"),
        (
            document(right=points(beyond=ELSEWHERE), beyond=ELSEWHERE, here={"variable": "hh.m"}),
            "pointers of coupled: it is not inserted in right",
        ),
    ],
)
def test_what_cannot_be_pointed_to_is_named(library, mistaken, message):
    result = simulate(mistaken, library=library)
    assert result.status != "ok"
    assert message in result.message
