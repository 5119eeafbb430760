"""Every parameter and variable of every one of NEURON's own mechanisms: set, read back, recorded at
every step, written into the structure. The oracle is NEURON's MechanismStandard, its own way to
speak of all variables of a mechanism, in a process of its own."""

import json

import numpy as np
import pytest
import yaml

from simulating import plain_neuron, simulate_well
from spikesweep.errors import UserError
from spikesweep.jobs.structure import snapshot, structure
from spikesweep.mechanisms.builtin import BUILTIN
from spikesweep.plan.telling import tell
from spikesweep.simulation.simulator import Simulator

pytestmark = pytest.mark.workflow

DENSITY = sorted(name for name, m in BUILTIN.items() if m.kind == "density")
PROCESSES = sorted(name for name, m in BUILTIN.items() if m.kind != "density")
ION_STYLE = [3, 1, 0, 0, 0]  # concentrations and potential are what they are set to

# Sets and records by NEURON's own names. A soma and a dendrite, since xraxial needs two.
PLAIN = """
import json
kind, name, values, names = json.loads(sys.argv[2])
soma, dend = n.Section("soma"), n.Section("dend")
dend.connect(soma(1))
for section, L, diam in ((soma, 20, 20), (dend, 100, 2)):
    section.L, section.diam, section.nseg = L, diam, 1
    section.insert("hh")
    if kind == "density":
        section.insert(name)
    if name.endswith("_ion"):
        n.ion_style(name, 3, 1, 0, 0, 0, sec=section)
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 1, 0.5
place = soma(0.5)
if kind == "density":
    instance = soma
else:
    instance = getattr(n, name)(*([place] if kind == "point" else []))
text, kinds = n.ref(""), n.MechanismStandard(name, 0)

def held(standard, i):
    size = int(standard.name(text, i))
    return text[0], [standard.get(text[0], j) for j in range(size)]

if name.endswith("_ion"):  # whose quantities are parameters or not by the style
    for variable, value in values.items():
        for section in (soma, dend):
            setattr(section, variable, value[0])
else:
    standard = n.MechanismStandard(name, 1)
    for variable, value in values.items():
        for j, number in enumerate(value):
            standard.set(variable, number, j)
    if kind == "density":
        standard.out(0.5, sec=soma)
        standard.out(0.5, sec=dend)
    else:
        standard.out(instance)

def look():
    if kind == "density":
        kinds._in(0.5, sec=soma)
    else:
        kinds._in(instance)
    own = {} if name != "extracellular" else {  # of which it misreads the second element
        "vext": [place.vext[0], place.vext[1]]
    }
    found = dict(held(kinds, i) for i in range(int(kinds.count())))
    return {variable: numbers for variable, numbers in (found | own).items() if variable in names}

n.dt, n.steps_per_ms = 0.025, 40
n.finitialize(-65)
seen = [look()]
for _ in range(200):
    n.fadvance()
    seen.append(look())
for variable in seen[0]:
    recorded[variable] = [numbers[variable] for numbers in seen]
np.savez(sys.argv[1], **recorded)
"""


def neuron_name(mechanism, variable):
    """What MechanismStandard calls a variable."""
    if mechanism.kind != "density":
        return "del" if variable == "delay" else variable
    plain = mechanism.name.endswith("_ion") or (
        mechanism.name == "extracellular" and variable != "e"
    )
    return variable if plain else f"{variable}_{mechanism.name}"


def unlike_the_default(variable):
    """Values that nothing else has, one an element: half as much again, and some more."""
    return [variable.default * 1.5 + 0.25 * (i + 1) for i in range(variable.size)]


def sweep_of(mechanism, values):
    """Return the text of a sweep that sets all parameters and records all variables."""
    parameters = {name: v if len(v) > 1 else v[0] for name, v in values.items()}
    variables = {**mechanism.parameters, **mechanism.recordable}.values()
    at = f"cell.soma(0.5).{mechanism.name}" if mechanism.kind == "density" else "process"
    rule = {"in": "all", "insert": {"hh": {}}}
    processes = {
        "clamp": {"type": "IClamp", "at": "cell.soma(0.5)", "delay": 1, "dur": 1, "amp": 0.5}
    }
    if mechanism.kind == "density":
        rule["insert"][mechanism.name] = parameters
    else:
        place = {"at": "cell.soma(0.5)"} if mechanism.kind == "point" else {}
        processes["process"] = {"type": mechanism.name, **place, **parameters}
    if mechanism.name.endswith("_ion"):
        rule["ion_style"] = {mechanism.name.removesuffix("_ion"): ION_STYLE}
    names = [element for variable in variables for element in variable.elements]
    traces = {f"t{i}": {"of": f"{at}.{name}", "every": "step"} for i, name in enumerate(names)}
    spikes = {} if names else {"soma": {"at": "cell.soma(0.5)"}}
    sections = {
        "soma": {"L": 20, "diam": 20, "nseg": 1},
        "dend": {"L": 100, "diam": 2, "nseg": 1, "parent": "soma(1)"},
    }
    sweep = {
        "title": mechanism.name,
        "model": {"cells": {"cell": {"sections": sections, "biophysics": [rule]}}},
        "protocol": {"tstop": 5, "processes": processes},
        "record": {"precision": "float64", "traces": traces, "spikes": spikes},
    }
    return yaml.safe_dump(sweep, sort_keys=False), names


# PatternStim has times alone (test_event_times.py): its parameter is about gids, which no cell has.
@pytest.mark.parametrize("name", sorted(BUILTIN.keys() - {"PatternStim"}))
def test_every_parameter_and_variable(plan_text, name):
    mechanism = BUILTIN[name]
    values = {n: unlike_the_default(v) for n, v in mechanism.parameters.items()}
    text, names = sweep_of(mechanism, values)
    plan = plan_text(text)
    document = plan.template.fill([])
    result = simulate_well(document)

    asked = {neuron_name(mechanism, n): v for n, v in values.items()}
    known = [neuron_name(mechanism, n) for n in (*mechanism.parameters, *mechanism.recordable)]
    arguments = json.dumps([mechanism.kind, name, asked, known])
    expected = plain_neuron(PLAIN, arguments=[arguments])
    assert expected.keys() == set(known)
    for i, element in enumerate(names):
        base, _, index = element.removesuffix("]").partition("[")
        columns = expected[neuron_name(mechanism, base)]
        np.testing.assert_array_equal(
            result.traces[f"t{i}"], columns[:, int(index or 0)], err_msg=element
        )
    # What was set is what NEURON has at the start: the test itself sets something.
    assert {n: expected[n][0].tolist() for n in asked} == asked

    if mechanism.kind == "density":
        units = plan.catalogue.parameter_units(plan.mechanisms)
        for row in structure(document, Simulator()):
            for variable, numbers in values.items():
                of_structure = {
                    f"{name}.{element}": number
                    for element, number in zip(
                        mechanism.parameters[variable].elements, numbers, strict=True
                    )
                }
                assert of_structure.items() <= row.items()
                assert of_structure.keys() <= units.keys()
        snapshot(document, Simulator())


FIELD = """
title: A cell with a space around it
model:
  cells:
    cell:
      sections:
        soma: {L: 20, diam: 20, nseg: 1}
        dend: {L: 300, diam: 2, nseg: 3, parent: soma(1)}
      biophysics:
        - {in: all, insert: {hh: {}, extracellular: {xg: [1e9, 0.02], "xraxial[0]": 5}}}
        - {in: dend, insert: {extracellular: {xc: [0.1, "0.1 + distance / 1000"]}}}
protocol:
  tstop: 10
  secondorder: 2
  play: {field: {into: cell.soma(0.5).e_extracellular, expression: "5 * t", every: 1}}
  processes: {clamp: {type: IClamp, at: cell.soma(0.5), delay: 1, dur: 1, amp: 1}}
record:
  precision: float64
  traces:
    near: {of: "cell.soma(0.5).vext[0]", every: step}
    far: {of: "cell.dend(0.9).extracellular.vext[1]", every: step}
    membrane: {of: "cell.dend(0.5).i_membrane", every: step}
axes: {leak: {values: [0.5, 2], unit: S/cm2, sets: "cell.soma.extracellular.xg[0]"}}
figures: [{kind: morphology, of: "extracellular.xg[0]"}]
"""


def test_extracellular_as_neuron_users_write_it(plan_text):
    plan = plan_text(FIELD)
    documents = [plan.template.fill(values) for values in zip(*plan.columns, strict=True)]
    expected = plain_neuron(
        """
soma, dend = n.Section("soma"), n.Section("dend")
dend.connect(soma(1))
for section, L, diam, nseg in ((soma, 20, 20, 1), (dend, 300, 2, 3)):
    section.L, section.diam, section.nseg = L, diam, nseg
    section.insert("hh")
    section.insert("extracellular")
    for segment in section:
        segment.xg[0], segment.xg[1], segment.xraxial[0] = 1e9, 0.02, 5
soma(0.5).xg[0] = 2
for segment in dend:
    segment.xc[0], segment.xc[1] = 0.1, 0.1 + n.distance(soma(0.5), segment) / 1000
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 1, 1
times, values = n.Vector(range(11)), n.Vector([5 * t for t in range(11)])
values.play(soma(0.5)._ref_e_extracellular, times, 1)
record("near", soma(0.5)._ref_vext[0])
record("far", dend(0.9)._ref_vext[1])
record("membrane", dend(0.5)._ref_i_membrane)
n.secondorder = 2
run(10)
"""
    )
    result = simulate_well(documents[1])
    for name, trace in expected.items():
        np.testing.assert_array_equal(result.traces[name], trace)
    [soma, *dend] = structure(documents[0], Simulator())
    assert soma["extracellular.xg[0]"] == 0.5
    assert [row["extracellular.xg[1]"] for row in dend] == [0.02] * 3
    assert "not packed" in tell(plan, ())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("xg: [1e9, 0.02]", "xg: [1e9]", r"xg: 1 values; expected 2"),
        ("xg: [1e9, 0.02]", "xg: 1e9", r'"xg" of extracellular, .* 2 values; expected xg\[0\]'),
        ("xraxial[0]", "xraxial[2]", r'"xraxial\[2\]" of extracellular'),
        ("vext[0]", "vext", r'"vext" of extracellular, which holds 2 values; expected vext\[0\]'),
        ("i_membrane", "i_membrane[0]", r"expected i_membrane"),
        ('"xraxial[0]": 5', '"xg[0]": 5', r"xg\[0\] stands here twice"),
    ],
)
def test_elements_that_are_not_there(plan_text, old, new, says):
    assert old in FIELD
    with pytest.raises(UserError, match=says):
        plan_text(FIELD.replace(old, new))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_order_of_integration(plan_text, order):
    """Crank-Nicolson and implicit Euler, against a plain run of the same order."""
    text = FIELD.replace("secondorder: 2", f"secondorder: {order}")
    text = text.replace(', extracellular: {xg: [1e9, 0.02], "xraxial[0]": 5}', "")
    text = text[: text.index("        - {in: dend")] + text[text.index("protocol:") :]
    text = text[: text.index("  play:")] + text[text.index("  processes:") :]
    text = text[: text.index("    near:")] + "    v: {of: cell.soma(0.5).v, every: step}\n"
    expected = plain_neuron(
        f"""
soma, dend = n.Section("soma"), n.Section("dend")
dend.connect(soma(1))
for section, L, diam, nseg in ((soma, 20, 20, 1), (dend, 300, 2, 3)):
    section.L, section.diam, section.nseg = L, diam, nseg
    section.insert("hh")
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 1, 1
record("v", soma(0.5)._ref_v)
n.secondorder = {order}
run(10)
"""
    )
    result = simulate_well(plan_text(text).template.fill([]))
    np.testing.assert_array_equal(result.traces["v"], expected["v"])
