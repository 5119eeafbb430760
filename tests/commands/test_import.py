"""Sweeps made of other tools' files, against plain NEURON that does by hand what those tools do."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from simulating import judged, plain_neuron
from spikesweep import cli
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone
from spikesweep.importing import bluepyopt
from spikesweep.importing.allen import from_allen
from spikesweep.importing.axon import stub_diameters
from spikesweep.importing.bluepyopt import from_bluepyopt
from spikesweep.morphology.reading import read_morphology, write_normalised
from spikesweep.plan.making import make_plan
from spikesweep.simulation.simulator import Simulator

# A soma, an axon of two sections that thins out, a dendrite and an apical one.
SWC = """\
1 1 0 0 0 8 -1
2 1 0 8 0 8 1
3 2 0 -20 0 1.0 1
4 2 0 -80 0 0.8 3
5 2 0 -200 0 0.3 4
6 2 40 -160 0 0.4 4
7 3 60 0 0 1.0 1
8 3 160 0 0 0.6 7
9 4 0 60 0 1.5 2
10 4 0 260 0 0.7 9
"""
GENOME = [
    {"section": "soma", "name": "gnabar_hh", "value": "0.12", "mechanism": "hh"},
    {"section": "soma", "name": "gkbar_hh", "value": 0.036, "mechanism": "hh"},
    {"section": "soma", "name": "g_pas", "value": 1e-4, "mechanism": ""},
    {"section": "dend", "name": "g_pas", "value": 3e-5, "mechanism": ""},
    {"section": "apic", "name": "g_pas", "value": 4e-5, "mechanism": ""},
    {"section": "axon", "name": "g_pas", "value": 5e-5, "mechanism": ""},
    {"section": "glob", "name": "usetable_hh", "value": 0, "mechanism": ""},
]
FIT = {
    "passive": [
        {"ra": 120, "e_pas": -75, "cm": [{"section": s, "cm": c} for s, c in (
            ("soma", 1.0), ("axon", 1.0), ("dend", 2.1), ("apic", 2.2))]}
    ],
    "fitting": [{"junction_potential": -14.0}],
    "conditions": [
        {"celsius": 10, "v_init": -75, "erev": [{"section": "soma", "ena": 53, "ek": -100}]}
    ],
    "genome": GENOME,
}  # fmt: skip
PARAMETERS = [
    {"param_name": "v_init", "value": -75, "type": "global"},
    {"param_name": "celsius", "value": 10, "type": "global"},
    {"param_name": "Ra", "value": 120, "type": "section", "sectionlist": "all"},
    {"param_name": "e_pas", "value": -75, "type": "section", "sectionlist": "all"},
    {"param_name": "g_pas", "bounds": [0, 2e-4], "type": "section", "sectionlist": "all"},
    {"param_name": "cm", "value": 2, "type": "section", "sectionlist": "apical"},
    {"param_name": "ena", "value": 53, "type": "section", "sectionlist": "somatic"},
    {"param_name": "gnabar_hh", "mech": "hh", "mech_param": "gnabar", "type": "range",
     "sectionlist": "somatic", "dist_type": "uniform", "bounds": [0, 0.5]},
    {"param_name": "gkbar_hh", "mech": "hh", "mech_param": "gkbar", "type": "range",
     "sectionlist": "apical", "dist_type": "exp", "value": 0.01,
     "dist": "(0.5 + math.exp(({distance})*-0.01))*{value}"},
    {"param_name": "gx", "value": 1, "type": "section", "sectionlist": "myelinated"},
]  # fmt: skip
MECHANISMS = {"all": ["pas"], "somatic": ["hh"], "apical": ["hh"]}
STEP = {"delay": 20, "duration": 60, "totduration": 100}
# Beside each step flows one current all along, and one that does not.
BESIDE = [{"delay": 0, "duration": 100, "amp": -0.02}, {"delay": 40, "duration": 10, "amp": 0.1}]
AWAY = [
    {"type": "somadistance", "somadistance": 100, "seclist_name": "apical", "name": "tuft",
     "var": "v"},
    {"type": "nrnseclistcomp", "sec_index": 0, "comp_x": 0.5, "seclist_name": "apical",
     "name": "tuft", "var": "ina"},
    {"type": "somadistanceapic", "somadistance": 100, "seclist_name": "apical", "name": "trunk",
     "var": "v"},
]  # fmt: skip
PROTOCOLS = {
    "one": {"stimuli": [STEP | {"amp": 0.3}, *BESIDE]},
    "two": {"stimuli": [STEP | {"amp": 1.5}, *BESIDE], "extra_recordings": AWAY},
    "late": {"stimuli": [STEP | {"amp": 1.5, "delay": 30}]},
    "ramp": {"stimuli": [STEP | {"amp": 1.5, "type": "RampPulse"}]},
}
FEATURES = {
    "one": {"soma.v": {"AP_height": [20, 5], "mean_frequency": [0, 1], "AP_Amplitude": [9, 1]}},
    "two": {
        "soma.v": [
            {"feature": "AP_height.1", "efel_feature_name": "AP_height", "val": [30, 9]},
            {"feature": "ISI_CV", "val": [0.1, 0]},
        ],
        "tuft.v": {"maximum_voltage": [-20, 9]},
        "trunk.v": {"maximum_voltage": [10, 9]},
    },
    "late": {"soma.v": {"AP_height": [20, 5]}},
}
# The same cell in plain NEURON, before its axon is replaced.
CELL = """
n.load_file("import3d.hoc")
class Cell: pass
reader = n.Import3d_SWC_read()
reader.quiet = 1
reader.input({path!r})
cell = Cell()
n.Import3d_GUI(reader, False).instantiate(cell)
soma, axon = cell.soma[0], list(cell.axon)
def replaced(diameters, x):
    for section in list(cell.axon):
        n.delete_section(sec=section)
    stub = [n.Section(name=f"stub{{i}}") for i in range(2)]
    for section, diam in zip(stub, diameters):
        section.L, section.diam = 30, diam
    stub[0].connect(soma(x))
    stub[1].connect(stub[0](1))
    return stub
def divided(every):
    for section in every:
        section.nseg = 1 + 2 * int(section.L / 40)
        section.insert("pas")
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A project, and beside it the files that are imported."""
    (tmp_path / "project/config/sweeps").mkdir(parents=True)
    (tmp_path / "project/Snakefile").write_text("")
    (tmp_path / "my cell.swc").write_text(SWC)
    (tmp_path / "fit.json").write_text(json.dumps(FIT))
    model = tmp_path / "model"
    for name, content in {
        "config/parameters.json": PARAMETERS,
        "config/mechanisms.json": MECHANISMS,
        "config/protocols.json": PROTOCOLS,
    }.items():
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(json.dumps(content))
    (model / "morphology").mkdir()
    (model / "morphology/cell.swc").write_text(SWC)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def simulated(name: str, scratch: Path) -> list:
    """Return what each simulation of a sweep that was written gives."""
    plan = make_plan(Path(), name)
    files = {}
    for sha256, path in plan.template.files.morphologies.items():
        axon = plan.template.files.choices[sha256]["axon"]
        files[sha256] = scratch / f"{sha256}.swc"
        write_normalised(read_morphology(Path(path), axon), files[sha256])
    found = []
    for values in list(zip(*plan.columns, strict=True)) or [()]:
        document = plan.template.fill(values)
        outcome = in_child(
            lambda d=document: run_alone(("0" * 64, d), Simulator(morphologies=files)), timeout=60
        )
        assert outcome.status == "ok", outcome.message
        found.append(judged(outcome.value))
    assert [(one.status, one.message) for one in found] == [("ok", "")] * len(found)
    return found


def test_a_morphology_is_a_passive_start(here, capsys):
    cli.main(["import", "swc", "../my cell.swc"])
    said = capsys.readouterr().out
    assert "wrote config/sweeps/my_cell.yaml" in said
    assert "note: Ra, cm, the leak and the temperature are guesses" in said
    assert "snakemake --cores 8 my_cell" in said
    assert Path("morphologies/my cell.swc").read_text() == SWC
    low, _, high = simulated("my_cell", here)
    resistance = low.features["rest_resistance"]  # at a steady state what a current comes to
    assert (high.features["held_end"] + 70) / 0.05 == pytest.approx(resistance, rel=1e-3)


def test_an_allen_model(here, capsys):
    """As the Allen SDK builds it: forsec by section, nseg by 40 um, a stub of 30 um and 1 um."""
    cli.main(["import", "allen", "../fit.json", "../my cell.swc", "--name", "allen"])
    said = capsys.readouterr().out
    assert "note: usetable_hh = 0 of glob" in said
    assert "note: taken as perisomatic" in said
    assert "note: fitting: junction_potential -14.0 is not carried over" in said
    written = yaml.safe_load(Path("config/sweeps/allen.yaml").read_text())
    written["protocol"] |= {"tstop": 60, "globals": {"usetable_hh": 0}}
    written["protocol"]["processes"]["step"] |= {"delay": 10, "dur": 40}
    written["axes"]["amp"]["values"] = [1.5]
    written["statistics"] = {}
    written["record"] |= {"precision": "float64"}
    Path("config/sweeps/allen.yaml").write_text(yaml.safe_dump(written))
    (result,) = simulated("allen", here)
    oracle = plain_neuron(
        CELL.format(path=str(here / "my cell.swc"))
        + """
stub = replaced((1, 1), 0.5)
divided([soma, *stub, *cell.dend, *cell.apic])
for sections, g, cm in (([soma], 1e-4, 1), (stub, 5e-5, 1), (cell.dend, 3e-5, 2.1),
                        (cell.apic, 4e-5, 2.2)):
    for section in sections:
        section.Ra, section.cm = 120, cm
        for segment in section:
            segment.pas.g, segment.pas.e = g, -75
soma.insert("hh")
soma.ena, soma.ek = 53, -100
n.usetable_hh, n.celsius = 0, 10
clamp = n.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 10, 40, 1.5
record("v", soma(0.5)._ref_v)
run(60, v_init=-75)
"""
    )
    np.testing.assert_allclose(result.traces["v"], oracle["v"][::4], rtol=0, atol=1e-6)
    assert np.ptp(oracle["v"]) > 60


def test_a_bluepyopt_model(here, capsys):
    """As BluePyOpt builds it: a stub as wide as the axon, and one free value that is given."""
    Path("../best.json").write_text(json.dumps({"gnabar_hh.somatic": 0.2}))
    cli.main(["import", "bluepyopt", "../model", "--name", "opt", "--values", "../best.json"])
    said = capsys.readouterr().out
    assert "note: g_pas.all is free, 0 to 0.0002: the middle is taken" in said
    assert "note: gx = 1 of myelinated: the cell has no such sections" in said
    assert "gnabar_hh.somatic" not in said
    written = yaml.safe_load(Path("config/sweeps/opt.yaml").read_text())
    assert written["axes"]["amp"]["values"] == [0.3, 1.5]
    written["protocol"] |= {"globals": {"usetable_hh": 0}}
    written["record"] |= {"precision": "float64"}
    Path("config/sweeps/opt.yaml").write_text(yaml.safe_dump(written))
    _, result = simulated("opt", here)
    oracle = plain_neuron(
        CELL.format(path=str(here / "my cell.swc"))
        + """
n.distance(0, soma(0.5))
for section in n.allsec():  # before the diameters are read, as both tools do
    section.nseg = 1 + 2 * int(section.L / 40)
diameters = [axon[0].diam, axon[0].diam]
for section in axon:
    if n.distance(section(0.5)) > 60:
        diameters[1] = section.diam
        break
recorded["diameters"] = diameters
stub = replaced(diameters, 1)
every = [soma, *stub, *cell.dend, *cell.apic]
divided(every)
soma.insert("hh")
for section in cell.apic:
    section.insert("hh")
for section in every:
    section.Ra = 120
    for segment in section:
        segment.pas.g, segment.pas.e = 1e-4, -75
n.distance(0, soma(0.5))
for section in cell.apic:
    section.cm = 2
    for segment in section:
        segment.hh.gkbar = (0.5 + np.exp(n.distance(segment) * -0.01)) * 0.01
soma.ena = 53
soma(0.5).hh.gnabar = 0.2
n.usetable_hh, n.celsius = 0, 10
step, holding, beside = (n.IClamp(soma(0.5)) for _ in range(3))
beside.delay, beside.dur, beside.amp = 40, 10, 0.1
step.delay, step.dur, step.amp = 20, 60, 1.5
holding.dur, holding.amp = 100, -0.02
record("v", soma(0.5)._ref_v)
run(100, v_init=-75)
"""
    )
    np.testing.assert_allclose(result.traces["v"], oracle["v"][::4], rtol=0, atol=1e-6)
    assert np.ptp(oracle["v"]) > 60
    found = stub_diameters(read_morphology(here / "my cell.swc"))
    np.testing.assert_allclose(found, oracle["diameters"], rtol=1e-12)
    assert found[0] > found[1]


def test_what_is_recorded_and_the_targets_of_bluepyopt(here, capsys):
    """Each recording and each target is in the sweep, or named in a note."""
    (here / "model/config/features.json").write_text(json.dumps(FEATURES))
    cli.main(["import", "bluepyopt", "../model", "--name", "opt"])
    said = capsys.readouterr().out
    for note in (
        "protocol late: a step at 30 ms for 60 ms is not carried over",
        "protocol ramp: other stimuli than steps; not carried over",
        "recording trunk of protocol two, v by somadistanceapic, is not carried over",
        "targets of protocol late are not carried over",
        "targets of two.trunk.v are not carried over: nothing is recorded there",
        "target AP_Amplitude of one.soma.v is not carried over: no feature of one trace",
        "target ISI_CV of two.soma.v, [0.1, 0], has no mean and SD above 0",
        "targets are criteria of `accept`: within 2 standard deviations, which is a guess",
        "the axis g_pas_all has the model's own value alone: one candidate",
    ):
        assert f"note: {note}" in said
    assert "Look at it, then run it" in said  # it can be planned
    written = yaml.safe_load(Path("config/sweeps/opt.yaml").read_text())
    assert {name: trace["of"] for name, trace in written["record"]["traces"].items()} == {
        "v": "cell.soma(0.5).v",
        "tuft": "cell.apical(distance=100).v",
        "tuft_ina": "cell.apical[0](0.5).ina",
    }
    assert json.loads(Path("targets/opt.json").read_text()) == {
        "one": {"soma.v": {"AP_height": [20, 5], "mean_frequency": [0, 1]}},
        "two": {"soma.v": {"AP_height": [30, 9]}, "tuft.v": {"maximum_voltage": [-20, 9]}},
    }
    criteria = make_plan(Path(), "opt").criteria
    assert {n: (c["of"], c["at"], c["mean"], c["sd"]) for n, c in criteria.items()} == {
        "targets_one_AP_height": ("f_soma_AP_height", {"amp": 0.3}, 20, 5),
        "targets_one_mean_frequency": ("f_soma_mean_frequency", {"amp": 0.3}, 0, 1),
        "targets_two_soma_v_AP_height": ("f_soma_AP_height", {"amp": 1.5}, 30, 9),
        "targets_two_tuft_v_maximum_voltage": ("f_tuft_maximum_voltage", {"amp": 1.5}, -20, 9),
    }
    assert written["axes"]["g_pas_all"] == {"values": [1e-4], "sets": "cell.all.pas.g"}
    _, strong = simulated("opt", here)
    assert "f_tuft_maximum_voltage" in strong.features
    assert strong.features["f_tuft_maximum_voltage"] == pytest.approx(
        strong.traces["tuft"][200:801].max(), abs=1e-3
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["swc", "../none.swc"], "none.swc: no such file; expected a morphology"),
        (["swc", "../fit.json"], "no known format"),
        (["swc", "../my cell.swc", "--name", "a b"], "no sweep may have this name"),
        (["allen", "../my cell.swc", "../my cell.swc"], "cannot be read as JSON"),
        (["allen", "../best.json", "../my cell.swc"], "no such file"),
        (["allen", "../model/config/mechanisms.json", "../my cell.swc"], "expected the fit para"),
        (["bluepyopt", ".."], "several parameters.json"),
        (["bluepyopt", "."], "there is no parameters.json"),
    ],
)
def test_mistakes(here, capsys, arguments, message):
    (here / "parameters.json").write_text("[]")
    with pytest.raises(SystemExit):
        cli.main(["import", *arguments])
    assert message in capsys.readouterr().err
    assert not list(Path("config/sweeps").iterdir())


ELSE = (None, [], {}, "x", [1], [{}], [None], 1)


def other_forms(value):
    """Yield a JSON value with each part of it missing, or of another form."""
    yield from ELSE
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts if isinstance(value, dict | list) else ():
        left = type(value)(value)
        del left[key]
        yield left
        for other in other_forms(part) if isinstance(part, dict | list) else ELSE:
            changed = type(value)(value)
            changed[key] = other
            yield changed


@pytest.mark.workflow  # takes ten seconds
@pytest.mark.parametrize("name", ["fit", "parameters", "mechanisms", "protocols", "features"])
def test_json_of_another_form_is_a_message_or_a_note(here, name, monkeypatch):
    """With any part of any file missing or of another form, no Python error."""
    diameters = stub_diameters(read_morphology(here / "my cell.swc"))  # of NEURON, in children
    monkeypatch.setattr(bluepyopt, "stub_diameters", lambda morphology: diameters)
    (here / "model/config/features.json").write_text(json.dumps(FEATURES))
    path = here / ("fit.json" if name == "fit" else f"model/config/{name}.json")
    written, refused = json.loads(path.read_text()), 0
    for other in other_forms(written):
        path.write_text(json.dumps(other))
        try:
            if name == "fit":
                from_allen("a", path, here / "my cell.swc")
            else:
                from_bluepyopt("a", here / "model", None)
        except UserError:
            refused += 1
    assert refused


def test_nothing_is_written_over(here, capsys):
    cli.main(["import", "swc", "../my cell.swc"])
    with pytest.raises(SystemExit):
        cli.main(["import", "swc", "../my cell.swc"])
    Path("config/sweeps/my_cell.yaml").unlink()
    Path("morphologies/my cell.swc").write_text(SWC.replace("8 -1", "9 -1"))
    with pytest.raises(SystemExit):
        cli.main(["import", "swc", "../my cell.swc"])
    assert "is there already, with another content" in capsys.readouterr().err
