"""A model's own init() in place of the initialisation: against stdinit() and run() of plain NEURON
with the same files, and what it must not do."""

from pathlib import Path

import numpy as np
import pytest

from code_models import changed, plan, results, write
from simulating import plain_neuron
from spikesweep.errors import UserError

SHAPE = """\
load_file("stdrun.hoc")
create soma, dend
objref noise
access soma
noise = new Random(1)
extra = 1
proc shape() {
    soma { L = 20 diam = 20 }
    dend { L = 200 diam = 2 nseg = 5 insert pas g_pas = 1e-4 }
    connect dend(0), soma(1)
}
shape()
"""
# What init() is redefined for, as the models of ModelDB do it.
INSERTS = "soma insert hh\n finitialize(v_init)"
BALANCES = """\
soma insert hh
    finitialize(v_init)
    fcurrent()
    forsec "dend" for (x, 0) e_pas(x) = v(x)
    soma { insert pas g_pas = 1e-3 e_pas = v + (ina + ik + gl_hh*(v - el_hh))/g_pas }
    if (cvode.active()) { cvode.re_init() } else { fcurrent() }
    frecord_init()"""
RESEEDS = """\
soma insert hh
    noise.MCellRan4(7)
    noise.uniform(0.1, 0.2)
    soma gnabar_hh = noise.repick()
    finitialize(v_init)"""
SETTLES = """\
soma insert hh
    finitialize(v_init)
    soma gkbar_hh = 0.03
    was = cvode.active()
    cvode.active(0)
    t = -1000
    old = dt
    dt = 5
    while (t < -5) fadvance()
    dt = old
    if (was) cvode.active(1)
    t = 0
    if (cvode.active()) { cvode.re_init() } else { fcurrent() }
    frecord_init()"""
KINDS = {"inserts": INSERTS, "balances": BALANCES, "reseeds": RESEEDS, "settles": SETTLES}
OWN_INIT = "\nproc init() {{\n    {}\n}}\n"

SWEEP = {
    "title": "A model with its own init()",
    "model": {"initialise": "init", "cells": {"pyr": {"hoc": "models/pyr.hoc"}}},
    "protocol": {
        "celsius": 8,
        "v_init": -70,
        "tstop": 30,
        "processes": {
            "step": {"type": "IClamp", "at": "pyr.soma(0.5)", "delay": 2, "dur": 20, "amp": 0.5}
        },
    },
    "record": {
        "precision": "float64",
        "traces": {
            "v": {"of": "pyr.soma(0.5).v", "every": "step"},
            "m": {"of": "pyr.soma(0.5).hh.m", "every": "step"},
            "d": {"of": "pyr.dend(0.9).v", "every": "step"},
        },
        "spikes": {"soma": {"at": "pyr.soma(0.5)", "threshold": 0}},
    },
}
CVODE = {"atol": 1e-4, "rtol": 0.0}
ORACLE = """
n.load_file("pyr.hoc")
step = n.IClamp(n.soma(0.5))
step.delay, step.dur, step.amp = 2, 20, 0.5
n.celsius, n.v_init, n.tstop = 8, -70, 30
n.dt, n.steps_per_ms = 0.025, 40
{script}
counter = spikes("soma", n.soma(0.5), 0)
def started():  # what init() inserts can be recorded from then on
    record("v", n.soma(0.5)._ref_v)
    record("m", n.soma(0.5).hh._ref_m)
    record("d", n.dend(0.9)._ref_v)
handler = n.FInitializeHandler(3, started)
{run}
np.savez(sys.argv[1], **{{name: np.array(vector) for name, vector in recorded.items()}})
"""


pytestmark = pytest.mark.usefixtures("entered")


def model(init, shape=SHAPE):
    write({"models/pyr.hoc": shape + OWN_INIT.format(init)})


def oracle(cvode=None):
    script, run = "", "n.run()"
    if cvode:  # in one go: run() stops on the way, which adds steps
        script = "c = n.CVode()\nc.active(1); c.atol(1e-4); c.rtol(0); c.condition_order(2)"
        run = "n.stdinit()\nc.solve(30)"
    return plain_neuron(ORACLE.format(script=script, run=run), Path("models"))


@pytest.mark.parametrize("cvode", [None, CVODE], ids=["fixed", "cvode"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_models_init_is_what_stdinit_makes_of_it(tmp_path, kind, cvode):
    model(KINDS[kind])
    expected = oracle(cvode)
    sweep = changed(SWEEP, protocol={"cvode": cvode}) if cvode else SWEEP
    [result] = results(sweep, tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")
    for name in ("v", "m", "d"):
        np.testing.assert_array_equal(result.traces[name], expected[name])
    np.testing.assert_array_equal(result.spikes["soma"], expected["soma"])
    assert len(expected["soma"]) > 0


def test_what_init_does_matters(tmp_path):
    """So that the tests above can fail: the kinds differ from each other, and from no init()."""
    found = []
    for kind in KINDS.values():
        model(kind)
        found += [result.traces["v"] for result in results(SWEEP, tmp_path / "copy")]
    assert len({trace.tobytes() for trace in found}) == len(KINDS)


@pytest.mark.parametrize(
    ("axis", "script"),
    [
        ("pyr.dend.pas.g", "n.dend.g_pas = 2e-4"),
        ("step.amp", "step.amp = 2e-4"),
        ("pyr.globals.extra", "n.extra = 2e-4"),
    ],
)
def test_axes_act_before_init(tmp_path, axis, script):
    model(BALANCES.replace("gl_hh*", "extra + gl_hh*"))
    expected = plain_neuron(ORACLE.format(script=script, run="n.run()"), Path("models"))
    sweep = changed(
        SWEEP,
        axes={"a": {"values": [2e-4], "sets": axis}},
        model={"cells": {"pyr": {"globals": {"extra": 0}} if "globals" in axis else {}}},
    )
    [result] = results(sweep, tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")
    np.testing.assert_array_equal(result.traces["v"], expected["v"])


SET = {"in": "dend", "insert": {"pas": {"g": 2e-4}}, "Ra": 100, "cm": 2}


@pytest.mark.parametrize(
    ("init", "more", "said"),
    [
        ("finitialize(v_init)\n dend g_pas = 1e-4", {}, "changed pas.g of dend(0.1) (pyr)"),
        ("dend Ra = 50\n finitialize(v_init)", {}, "changed Ra of dend(0.1) (pyr) from 100 to 50"),
        ("finitialize(v_init)\n dend cm(0.5) = 1", {}, "changed cm of dend(0.5) (pyr)"),
        ("celsius = 30\n finitialize(v_init)", {}, "changed celsius from 8 to 30"),
        ("dt = 0.1\n finitialize(v_init)", {}, "changed dt from 0.025 to 0.1"),
        ("tstop = 9\n finitialize(v_init)", {}, "changed tstop from 30 to 9"),
        ("v_init = -60\n finitialize(v_init)", {}, "changed v_init from -70 to -60"),
        ("secondorder = 2\n finitialize(v_init)", {}, "changed secondorder"),
        ("cvode.active(1)\n finitialize(v_init)", {}, "changed cvode from 0 to 1"),
        ("IClamp[0].amp = 0\n finitialize(v_init)", {}, "changed amp of"),
        ("extra = 3\n finitialize(v_init)", {"globals": {"extra": 2}}, "changed extra (pyr)"),
        ("usetable_hh = 0\n finitialize(v_init)", {}, "changed usetable_hh from 1 to 0"),
        ("dend nseg = 3\n finitialize(v_init)", {}, "to nothing that is there"),
        ("x = 1", {}, "init() calls no finitialize"),
        ("finitialize(v_init)\n t = 5", {}, "init() leaves t at 5 ms"),
        ("finitialize(v_init)\n while (t < 5) fadvance()\n t = 0", {}, "expected frecord_init()"),
        ("create other\n finitialize(v_init)", {}, "makes or deletes sections"),
        ("create dend\n finitialize(v_init)", {}, "makes or deletes sections"),
        ("soma delete_section()\n finitialize(v_init)", {}, "makes or deletes sections"),
        ("finitialize(v_init)\n nosuch()", {},
         "nosuch undefined function, in init(), which pyr.hoc defines at line 14"),
        ("celsius = 30\n finitialize(v_init)", {}, "the sweep sets, in its file or by default"),
    ],
)  # fmt: skip
def test_what_init_must_not_do(tmp_path, init, more, said):
    model(init)
    cell = {"biophysics": [SET], **more}
    sweep = changed(SWEEP, model={"cells": {"pyr": cell}}, protocol={"globals": {"usetable_hh": 1}})
    del sweep["record"]["traces"]["m"]
    [result] = results(sweep, tmp_path / "copy")
    assert result.status == "error"
    assert said in result.message


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_sweep_sets_may_stand(tmp_path, kind):
    """Values that init() does not touch are no mistake, though NEURON initialises."""
    model(KINDS[kind])
    ions = {"in": "soma", "ions": {"ena": 55}, "insert": {"hh": {"gnabar": 0.1}}}
    rules = [{"in": "dend", "insert": {"pas": {"g": 2e-4}}}] + ([] if kind == "reseeds" else [ions])
    sweep = changed(SWEEP, model={"cells": {"pyr": {"biophysics": rules}}})
    if kind == "settles":
        sweep["protocol"]["play"] = {"w": {"into": "step.amp", "expression": "t / 60", "every": 1}}
    [result] = results(sweep, tmp_path / "copy")
    assert (result.status, result.message) == ("ok", "")


def test_such_models_share_no_neuron():
    model(INSERTS)
    assert "initialise: the model's own init()" in plan(SWEEP).packing


def test_it_is_in_the_key():
    write({"models/pyr.hoc": SHAPE})
    without = {"model": {"cells": SWEEP["model"]["cells"]}}
    keys = [plan(SWEEP | without).keys]
    for init in (INSERTS, SETTLES, SETTLES + "  // a comment"):
        model(init)
        keys.append(plan(SWEEP).keys)
    assert keys[0] != keys[1] != keys[2] == keys[3]


@pytest.mark.parametrize(
    ("text", "parts", "said"),
    [
        (INSERTS, {"initialise": None}, "redefines init(), which nothing here calls"),
        (INSERTS, {"initialise": None}, "`spikesweep docs models_with_init`"),
        (INSERTS + "\n}\nproc run() {\n", {}, "redefines run(), which nothing here calls"),
        (None, {}, "no file of the model redefines init()"),
        (INSERTS, {"initialise": "run"}, "initialise"),
        (INSERTS, {"cells": {"pyr": {"hoc": "models/pyr.hoc"}, "too": {"hoc": "models/pyr.hoc"}}},
         "the code of pyr, too redefines init(), which NEURON has once"),
    ],
)  # fmt: skip
def test_mistakes_are_told_by_the_plan(text, parts, said):
    write({"models/pyr.hoc": SHAPE}) if text is None else model(text)
    with pytest.raises(UserError) as error:
        plan(changed(SWEEP, model=parts))
    assert said in str(error.value)
