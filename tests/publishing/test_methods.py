"""The draft of the Methods: what is specified stands in it, of every sweep that ships."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from project import ROOT
from spikesweep.document.axes import samples
from spikesweep.plan.making import make_plan
from spikesweep.publishing import analyses
from spikesweep.publishing.methods import _statistics, _told_once, _weight, methods
from spikesweep.sweepfile.design import Named
from spikesweep.tables import sensitivity
from spikesweep.tables.columns import COLUMNS
from spikesweep.tables.hill import fit

SHIPPED = sorted(
    path.stem for folder in ("sweeps", "examples") for path in ROOT.glob(f"config/{folder}/*.yaml")
)


@pytest.mark.parametrize("name", SHIPPED)
def test_all_that_is_specified_is_told(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    plan = make_plan(Path(), name)
    contents = json.loads(json.dumps(plan.contents))  # as a job reads them
    text = methods([contents], "A title", "1.2.3")
    assert text == methods([contents], "A title", "1.2.3")
    document = plan.template.document
    protocol = document["protocol"]
    named = [
        *document["cells"], *protocol["processes"], *protocol["connections"],
        *plan.mechanisms, *plan.sources_used, *plan.template.files.morphologies.values(),
        *plan.sweep.axes, *document["record"].get("traces", {}),
    ]  # fmt: skip
    lacking = [word for word in named if not re.search(rf"(?<!\w){re.escape(word)}", text)]
    assert lacking == []
    assert f"NEURON {document['engine']['neuron']}" in text
    assert "spikesweep 1.2.3" in text
    has_code = any({"hoc", "python"} & cell.keys() for cell in document["cells"].values())
    assert has_code == ("structure.csv tells what its code inserts" in text)
    assert "CVode" in text if "cvode" in protocol else "backward Euler" in text
    assert not re.search(r"None|\{|\}|\(\)|  ", text), text
    assert "/work" not in text


def test_numbers_stand_with_their_units_and_swept_ones_as_such(monkeypatch):
    monkeypatch.chdir(ROOT)
    told = {name: methods([make_plan(Path(), name).contents], "A title", "1") for name in (
        "hh_gkbar", "hay_kind", "replicates", "cvode", "hoc_template", "population", "ramp_noise",
        "field_stimulation", "electrode", "distance_dependent_gkbar", "two_cells", "random_network",
    )}  # fmt: skip
    for name, words in (
        ("hh_gkbar", "hh (gnabar 0.12 S/cm2, gkbar swept S/cm2)"),
        ("hh_gkbar", "IClamp at axon.soma(0.5) (delay 20 ms, dur 160 ms, amp 0.2 nA)"),
        ("hh_gkbar", "gkbar (gkbar of hh): 20, 25, 30, 35, 40, 45, 50 mS/cm2"),
        ("hay_kind", "ena 50 mV, ek -90 mV"),
        ("hay_kind", "cad (gamma 0.0005, tau 460 ms)"),
        ("hay_kind", "ih (gbar (2e-4 * ("),
        ("hay_kind", "nat (mod/hay_kind/nat.mod, source "),
        ("replicates", "soma[0] to soma[29] were detected at cell[0].soma(0.5)"),
        (
            "replicates",
            "it sets protocol.seed; each is a replicate, with random streams of its own.",
        ),
        ("replicates", "delay (1 + distance / 300) ms"),
        ("replicates", "delay 1 ms, weight 0.005 uS, pattern one_to_one"),
        ("replicates", "weight swept uS, threshold 0 mV"),
        ("replicates", "position x (40 * (i % 6)) um, y (40 * floor(i / 6)) um, z 0 um"),
        ("ramp_noise", "noise (mean 0 nA, sd swept nA, every 0.1 ms, tau 3 ms)"),
        ("field_stimulation", "(-field * exp(-((t - 1) / 0.3)**2)) mV, every 0.025 ms"),
        ("distance_dependent_gkbar", "expressions name: lam swept um."),
        ("cvode", "every time step"),
        ("hoc_template", "dendrites.pas.g set by an axis."),  # its number waits for it
        ("population", "AP_amplitude were computed by eFEL while step lasts (f; threshold 0 mV)."),
        ("population", "v at cell.soma(0.5) from 0 to 19 ms (at)."),
        ("ramp_noise", "AP_width were computed by eFEL from 10 to 90 ms (soma; threshold -20 mV)."),
    ):
        assert words in told[name]


def test_samples_are_told_by_how_they_were_drawn(monkeypatch):
    monkeypatch.chdir(ROOT)
    told = {name: methods([make_plan(Path(), name).contents], "A title", "1")
            for name in ("sensitivity", "sampled", "population")}  # fmt: skip
    for name, words in (
        ("sensitivity", "The values of gna, gk, gl are 128 points of a Latin hypercube"),
        (
            "sensitivity",
            "with the seed 1. gna (sodium conductance): uniform from 100 to 140 mS",
        ),
        (
            "sampled",
            "gk (gkbar of hh): normal with mean 36 and SD 10, truncated to 10 to 60",
        ),
        ("sampled", "celsius (temperature): 6.3, 16 degC; it sets"),
        ("sampled", "mV at a swept temperature with a fixed"),
        (
            "population",
            "gna, gk, gl are 64 points of a scrambled Sobol sequence",
        ),  # within a grid with amp
        ("population", "gl (gl of hh): uniform in the logarithm from 0.1 to 1 mS/cm2; it sets"),
        ("sensitivity", "How rate, v_max follow gna, gk, gl was told from 128 simulations by PAWN"),
        ("sensitivity", "200 bootstrap samples (Efron 1979; seed 1)"),
    ):
        assert words in told[name]
    assert "Sensitivity" not in told["sampled"]


def test_every_way_to_sample_and_every_method_has_words():
    """By the constants that the code of the methods has."""
    assert analyses.METHODS.keys() == sensitivity.METHODS.keys()
    assert f"over {sensitivity.SLICES} slices" in analyses.METHODS["pawn"]
    assert f"of {sensitivity.HARMONICS} harmonics" in analyses.METHODS["rbd_fast"]
    assert f"degree {sensitivity.DEGREE} at most" in analyses.METHODS["hdmr"]
    assert analyses.SAMPLERS.keys() == samples.SAMPLERS.keys()
    assert analyses.DISTRIBUTIONS.keys() == Named.model_fields.keys()
    drawn = {name: [1, 2, 0, 5][: text.count("{")] for name, text in analyses.DISTRIBUTIONS.items()}
    for name, numbers in drawn.items():
        plan = {"samples": [{"kind": "lhs", "n": 9, "seed": 0, "of": {"gk": [name, numbers]}}]}
        assert "{" not in analyses.distributed(plan, "gk")


def test_curves_that_were_fitted_have_their_formula():
    fits = [{"figure": name, "of": "rate", "x": "dose"} for name in ("one", "two")]
    plan = {"files": {"fits": "fits_1.csv"}, "products": {"fits_1.csv": {"fits": fits}}}
    (said,) = analyses.fits(plan)
    assert said.startswith("**Fits.** To rate against dose, a Hill curve (Hill 1910) was fitted")
    assert "(1 + (dose / EC50)**h)" in said
    assert (
        "h is positive where the response falls with the dose, and negative where it rises" in said
    )
    # By the code that fits: rising responses of one Hill curve.
    dose = np.array([1.0, 3, 10, 30, 100])
    assert fit(dose, 20 * dose / (10 + dose)).h < 0 < fit(dose, 20 / (1 + dose / 10)).h
    assert list(analyses.fits({"files": {}})) == []


def test_a_derived_quantity_is_told_without_what_it_lacks():
    recipe = {"window": None, "derived": {
        "a": {"formula": "rate / 2", "unit": "", "label": ""},
        "b": {"formula": "rate * 2", "unit": "Hz", "label": "twice"},
    }}  # fmt: skip
    plan = {"files": {"statistics": "s"}, "products": {"s": recipe}, "figures": {}}
    assert list(_statistics(plan))[-2:] == ["a: (rate / 2).", "b (twice): (rate * 2) Hz."]


def test_each_of_several_weights_stands_with_its_unit():
    assert _weight([0.001, "swept", "0.1 * distance"], ["uS", "mV"]) == (
        "[0.001 uS, swept mV, (0.1 * distance)]"
    )
    assert _weight("swept", ["uS", "mV"]) == "swept uS"
    assert _weight(0.5, []) == "0.5"  # of a process in a cell's own code, whose unit nobody knows


def test_statistics_are_those_of_the_figures_by_their_definitions(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = methods([make_plan(Path(), "hh_gkbar").contents], "A title", "1")
    assert COLUMNS["rate"].definition in text
    assert COLUMNS["lvr"].definition not in text  # no figure shows it
    assert "20 to 180 ms" in text


def test_what_differs_by_numbers_alone_is_told_once():
    cells = {f"drive{i}": f"from pre[{i}] to cell[{i}].syn (delay 1 ms)" for i in range(20)}
    others = {"a": "from b to c (delay 1 ms)", "slow7": "from b to c (delay 2 ms)"}
    assert list(_told_once(cells | others)) == [
        ("drive0, ..., drive19 (20)",
         "from pre[0] to cell[0].syn (delay 1 ms), ..., from pre[19] to cell[19].syn (delay 1 ms)"),
        *others.items(),
    ]  # fmt: skip
    # What is set is never left out: other delays are another sentence.
    assert len(list(_told_once({f"a{i}": f"(delay {i} ms)" for i in range(5)}))) == 5
    assert list(_told_once({"a1": "x", "a2": "x"})) == [("a1", "x"), ("a2", "x")]
