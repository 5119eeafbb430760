"""What a sweep file says of cells comes out in NEURON as in a plain script of the same set-up."""

import re
import shutil
from pathlib import Path

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

from spikesweep.errors import UserError
from spikesweep.plan import make_plan
from spikesweep.simulation.engine import Engine
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.isolation import in_child
from spikesweep.simulation.structure import structure
from spikesweep.simulation.together import run_together

# A soma, a dendrite that bends, and one that branches off its middle.
SWEEP = """
title: A cell
model:
  parameters: {lam: 0.1 mm, g0: 2e-4}
  cells:
    cell:
      sections:
        soma: {L: 20, diam: 20}
        dend: {L: 200, diam: 2, region: basal, parent: soma(1), nseg: 5}
        tuft: {L: 100, diam: 1, region: apical, parent: dend(0.5), nseg: 3}
      biophysics:
        - {in: all, Ra: 100, insert: {pas: {g: "g0 * exp(-distance / lam)"}}}
        - {in: soma, insert: {hh: {}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.soma(0.5), delay: 1, dur: 5, amp: 0.5}}
record: {precision: float64, traces: {v: {of: cell.tuft(1).v, every: 0.025}}}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that plans the sweep with some of its text replaced."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def write(*replaced, axes="{}"):
        text = SWEEP
        for old, new in replaced:
            assert text.count(old) == 1
            text = text.replace(old, new)
        text += f"axes: {axes}\n"
        (tmp_path / "config/sweeps/s.yaml").write_text(text)
        return make_plan(Path(), "s")

    return write


def more(*lines):
    """Return what `write` is to replace, so that the cell has more lines."""
    indented = "".join(f"      {line}\n" for line in lines)
    return "    cell:\n", f"    cell:\n{indented}"


NO_NSEG = (", nseg: 5", ""), (", nseg: 3", "")


def documents(plan):
    """Return the document of each simulation of a plan."""
    return [plan.template.fill(values) for values in zip(*plan.columns, strict=True)] or [
        plan.template.document
    ]


def column(document, name):
    """Return a column of the structure table, a value a segment, by section."""
    values = {}
    for row in structure(document, Engine()):
        values.setdefault(f"{row['section']}[{row['index']}]", []).append(row.get(name))
    return values


PLAIN = """
soma, dend, tuft = (n.Section(name) for name in ("soma", "dend", "tuft"))
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 5
tuft.L, tuft.diam, tuft.nseg = 100, 1, 3
dend.connect(soma(1))
tuft.connect(dend(0.5))
for section in n.allsec():
    section.Ra = 100
    section.insert("pas")
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", tuft(1)._ref_v)
"""


# ---- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [50, 100])
def test_parameters_of_expressions_are_plain_neuron(write, lam):
    axes = "{length: {values: [0.05 mm, 0.1 mm], unit: mm, sets: parameters.lam}}"
    made = {d["parameters"]["lam"]: d for d in documents(write(axes=axes))}
    oracle = plain_neuron(f"""{PLAIN}
for section in n.allsec():
    for segment in section:
        segment.pas.g = 2e-4 * n.exp(-n.distance(soma(0.5), segment) / {lam})
run(10)
""")
    np.testing.assert_array_equal(simulate_well(made[lam]).traces["v"], oracle["v"])


def test_a_document_holds_the_parameters_that_it_uses(write):
    """So a parameter that nothing speaks of changes no key."""
    plan = write()
    assert plan.template.document["parameters"] == {"lam": 100, "g0": 2e-4}
    more = write(("g0: 2e-4}", "g0: 2e-4, other: 3 mV}"))
    assert more.keys == plan.keys
    written = (("g0 * exp(-distance / lam)", "2e-4"),)
    assert "parameters" not in write(*written).template.document


def test_formulas_of_axes_speak_of_parameters(write):
    """Q10 as a parameter: 2.3 ** 1 at ten degrees above."""
    axes = '{T: {values: [16.3], sets: {step.amp: "0.1 * q10 ** ((T - 6.3) / 10)"}}}'
    [document] = documents(write(("{lam:", "{q10: 2.3, lam:"), axes=axes))
    step = document["protocol"]["processes"]["step"]
    assert step["parameters"]["amp"] == pytest.approx(0.23, rel=1e-15)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ("{a: {values: [1], sets: parameters.lamb}}", 'no "lamb", did you mean "lam"'),
        ("{a: {values: [1 mV], sets: parameters.lam}}", '"1 mV" has the wrong kind of unit'),
        ("{a: {values: [1], sets: parameters.spare}}", "no expression of the model speaks of"),
        ("{lam: {values: [1], sets: step.amp}}", "axes.lam: a parameter bears this name as well"),
        ('{a: {values: [1], sets: {step.amp: "a * lan"}}}', 'unknown name "lan"'),
    ],
)
def test_axes_that_set_no_parameter(write, axes, said):
    with pytest.raises(UserError) as caught:
        write(("{lam:", "{spare: 3, lam:"), axes=axes)
    assert said in str(caught.value)


# ---- where things are --------------------------------------------------------------------------


def test_distances_from_a_place_of_the_cell(write):
    """From the far end of the tuft: 100 um to its start, 100 um back along the dendrite."""
    of_distance = ('"g0 * exp(-distance / lam)"', '"distance"')
    [document] = documents(write(more("distance_from: tuft(1)"), of_distance))
    found = column(document, "pas.g")
    assert found["tuft[0]"] == pytest.approx([100 * 5 / 6, 50, 100 / 6])
    assert found["dend[0]"] == pytest.approx([180, 140, 100, 140, 180])
    assert found["soma[0]"] == pytest.approx([210])
    assert column(document, "distance") == found


def test_the_length_of_a_section(write):
    [document] = documents(write(('"g0 * exp(-distance / lam)"', '"L"')))
    assert column(document, "pas.g") == {
        "soma[0]": [20],
        "dend[0]": [200] * 5,
        "tuft[0]": [100] * 3,
    }


def test_members_of_a_pack_keep_their_own_parameters_and_regions(write):
    """Three members differ in a parameter of conductances, of a region's border and of nseg."""
    lines = (
        'regions: {far: {in: all, where: "distance > lam"}}',
        'spatial: [{in: far, nseg: "1 + 2 * floor(lam / 50)"}]',
    )
    cm = ("insert: {hh: {}}}", "insert: {hh: {}}}\n        - {in: far, cm: 2}")
    axes = "{length: {values: [50, 100, 150], sets: parameters.lam}}"
    made = documents(write(more(*lines), *NO_NSEG, cm, axes=axes))
    members = [(str(i), document) for i, document in enumerate(made)]
    packed = in_child(lambda: run_together(members, Engine())).value
    alone = [simulate_well(document).traces["v"] for document in made]
    for result, v in zip(packed, alone, strict=True):
        np.testing.assert_array_equal(result.traces["v"], v)
    assert len({v.tobytes() for v in alone}) == 3


# ---- points and axons --------------------------------------------------------------------------

BENT = "[[0, 0, 0, 2], [30 um, 0, 0, 2], [30, 40, 0, 1], [30, 40, 0.05 mm, 0.6]]"


def test_sections_with_points_are_plain_neuron(write):
    """A dendrite that bends twice and thins; its parameters follow its coordinates."""
    points = ("{L: 200, diam: 2,", f"{{points: {BENT},")
    rule = ('"g0 * exp(-distance / lam)"', '"g0"')
    of_space = (
        "- {in: soma, insert: {hh: {}}}",
        "- {in: soma, insert: {hh: {}}}\n"
        '        - {in: dend, insert: {pas: {g: "1e-5 * x3d + 2e-5 * y3d + 3e-5 * z3d"}}}',
    )
    [document] = documents(write(points, rule, of_space))
    oracle = plain_neuron(
        PLAIN.replace(
            "dend.L, dend.diam, dend.nseg = 200, 2, 5",
            "for point in ((0, 0, 0, 2), (30, 0, 0, 2), (30, 40, 0, 1), (30, 40, 50, 0.6)):\n"
            "    dend.pt3dadd(*point)\ndend.nseg = 5",
        )
        + """
for section in n.allsec():
    section.g_pas = 2e-4
# Segments of 24 um: middles at 12, 36, 60, 84 and 108 um of the 30 + 40 + 50 um.
middles = [(12, 0, 0), (30, 6, 0), (30, 30, 0), (30, 40, 14), (30, 40, 38)]
for segment, (x, y, z) in zip(dend, middles):
    segment.pas.g = 1e-5 * x + 2e-5 * y + 3e-5 * z
recorded["g"] = [segment.pas.g for segment in dend]
recorded["area"] = [segment.area() for segment in dend]
run(10)
"""
    )
    assert column(document, "pas.g")["dend[0]"] == pytest.approx(oracle["g"], rel=1e-6)
    assert column(document, "area")["dend[0]"] == oracle["area"].tolist()
    # Points are in single precision: what follows from places differs in the last digits.
    np.testing.assert_allclose(simulate_well(document).traces["v"], oracle["v"], atol=1e-6)


def test_a_section_without_points_has_no_coordinates(write):
    [document] = documents(write(('"g0 * exp(-distance / lam)"', '"x3d"')))
    with pytest.raises(SimulationError, match="has no points, and so no coordinates"):
        structure(document, Engine())


TRACED = """1 1 0 0 0 10 -1
2 1 20 0 0 10 1
3 3 20 5 0 1 2
4 3 20 95 0 1 3
5 2 20 -5 0 0.5 2
6 2 20 -205 0 0.5 5
"""
TRACED_SWEEP = """
title: Axons
model: {cells: {cell: {morphology: cell.swc, axon: AXON, biophysics: [
  {in: all, Ra: 100, insert: {hh: {}}}, {in: dendrites, insert: {pas: {}}}],
  regions: {dendrites: {in: basal}}}}}
protocol:
  tstop: 10
  processes: {step: {type: IClamp, at: cell.basal(0.5), delay: 1, dur: 5, amp: 0.5}}
record: {precision: float64, traces: {v: {of: cell.soma(0.5).v, every: 0.025}}}
axes: AXES
"""
IMPORT = """
n.load_file("import3d.hoc")
class Cell: pass
cell = Cell()
reader = n.Import3d_SWC_read()
reader.quiet = 1
reader.input({path!r})
n.Import3d_GUI(reader, False).instantiate(cell)
"""


@pytest.fixture
def traced(tmp_path, monkeypatch):
    """Return a function: axon, axes -> documents of TRACED_SWEEP, and its morphologies."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cell.swc").write_text(TRACED)

    def traced(axon, axes="{}", morphology="cell.swc"):
        text = TRACED_SWEEP.replace("AXON", axon).replace("AXES", axes)
        text = text.replace("cell.swc", morphology)
        (tmp_path / "config/sweeps/s.yaml").write_text(text)
        plan = make_plan(Path(), "s")
        files = {sha: tmp_path / path for sha, path in plan.template.files.morphologies.items()}
        return documents(plan), files

    return traced


STUB = "{stub: [{L: 30 um, diam: 1 um}, {L: 0.02 mm, diam: 0.5}], parent: soma(1)}"
AXONS = {
    "keep": "",
    "remove": "n.delete_section(sec=cell.axon[0])",
    STUB: """
n.delete_section(sec=cell.axon[0])
near, far = n.Section("near"), n.Section("far")
near.L, near.diam, far.L, far.diam = 30, 1, 20, 0.5
near.connect(cell.soma[0](1))
far.connect(near(1))
""",
}


@pytest.mark.parametrize("axon", AXONS)
def test_axon_kept_removed_or_replaced_is_plain_neuron(traced, tmp_path, axon):
    [document], files = traced(axon)
    oracle = plain_neuron(
        IMPORT.format(path=str(tmp_path / "cell.swc"))
        + AXONS[axon]
        + """
for section in n.allsec():
    section.Ra = 100
    section.insert("hh")
cell.dend[0].insert("pas")
step = n.IClamp(cell.dend[0](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", cell.soma[0](0.5)._ref_v)
run(10)
"""
    )
    result = simulate_well(document, morphologies=files)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])


def test_axes_of_a_stub(traced):
    axes = """
  L: {values: [10, 50], sets: "cell.axon[1].L"}
  g: {values: [0.1], sets: cell.axon.hh.gnabar}
"""
    made, files = traced(STUB, axes)
    for document, length in zip(made, (10, 50), strict=True):
        rows = structure(document, Engine(morphologies=files))
        axon = [row for row in rows if row["region"] == "axon"]
        assert [row["hh.gnabar"] for row in axon] == [0.1, 0.1]
        assert axon[1]["area"] == pytest.approx(np.pi * 0.5 * length)


def test_an_axon_that_carries_more_cannot_be_removed(traced, tmp_path):
    (tmp_path / "cell.swc").write_text(TRACED + "7 3 20 -300 0 1 6\n")
    [document], files = traced("remove")
    with pytest.raises(SimulationError, match=r"basal\[1\] hangs on the axon"):
        structure(document, Engine(morphologies=files))


# A cell body of two outlines, an axon, and a dendrite that branches; spines and colours.
ASC = """
("CellBody" (Color Red) (CellBody) (-8 -8 0 0) (8 -8 0 0) (9 8 0 0) (-8 8 0 0))
("CellBody" (Color Red) (CellBody) (-6 -6 4 0) (6 -6 4 0) (6 6 4 0) (-6 6 4 0))
( (Color Blue) (Axon) (0 -8 0 1) (0 -90 0 0.8) Normal )
( (Color Blue) (Dendrite) (0 8 0 2.2) (3 60 0 1.9) <(3 60 1 0.3)>
  ( (0 80 0 1) (0 99 9 0.7) Incomplete | (9 80 0 1.2) (33 120 -7 1) ) )
"""


def test_neurolucida_morphology_is_plain_neuron(traced, tmp_path):
    (tmp_path / "cell.asc").write_text(ASC)
    [document], files = traced("keep", morphology="cell.asc")
    imported = IMPORT.format(path=str(tmp_path / "cell.asc")).replace("SWC_read", "Neurolucida3")
    oracle = plain_neuron(f"""{imported}
for section in n.allsec():
    section.Ra = 100
    section.insert("hh")
for section in cell.dend:
    section.insert("pas")
step = n.IClamp(cell.dend[0](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.5
record("v", cell.soma[0](0.5)._ref_v)
run(10)
""")
    result = simulate_well(document, morphologies=files)
    np.testing.assert_array_equal(result.traces["v"], oracle["v"])


def test_an_axis_of_morphologies_of_both_formats(traced, tmp_path):
    """Also where a stub takes the place of either's axon, and a rule speaks of a region."""
    (tmp_path / "cell.asc").write_text(ASC)
    axes = "{shape: {values: [cell.swc, cell.asc], sets: cell.morphology}}"
    made, files = traced(STUB, axes)
    counts = []
    for document in made:
        rows = structure(document, Engine(morphologies=files))
        counts.append([sum(r["region"] == name for r in rows) for name in ("axon", "basal")])
        assert all(("pas.g" in row) == (row["region"] == "basal") for row in rows)
    assert counts == [[2, 1], [2, 3]]


# Rat CA1 pyramidal cell (Amaral; NeuroMorpho.org), as distributed with NEURON.
C91662 = Path(__file__).parents[2] / "shared" / "data" / "c91662.swc"


@pytest.mark.skipif(not C91662.exists(), reason="the shared test data are not here")
def test_real_cell(traced, tmp_path):
    """The figures are those of the data's README, from NEURON 9.0.2."""
    shutil.copy(C91662, tmp_path)
    [document], files = traced("keep", morphology="c91662.swc")
    document["cells"]["cell"]["biophysics"] = []
    rows = structure(document, Engine(morphologies=files))
    assert len({(row["section"], row["index"]) for row in rows}) == 194
    assert sum(row["area"] for row in rows) == pytest.approx(19505.5392, abs=1e-4)
    document["cells"]["cell"]["biophysics"] = [{"in": ["all"], "insert": {"pas": {"g": "L"}}}]
    lengths = [row["pas.g"] for row in structure(document, Engine(morphologies=files))]
    assert sum(lengths) == pytest.approx(15346.1085, abs=1e-4)
    assert (rows[0]["section"], rows[0]["diam"]) == ("soma", pytest.approx(17.7354, abs=1e-4))
    assert lengths[0] == pytest.approx(17.7354, abs=1e-4)


# ---- ions --------------------------------------------------------------------------------------

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


# ---- segments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spatial", "expected"),
    [
        # soma 20 um, dend 200 um, tuft 100 um of path 110 to 210 um
        ("{nseg: 3}", [3, 3, 3]),
        ('{nseg: "1 + 2 * floor(L / 40)"}', [1, 11, 5]),
        ('{nseg: "1 + 2 * (distance > 120) + 2 * (diam < 2)"}', [1, 1, 5]),  # tuft(0.5): 160 um
        ('{nseg: "2 * g0 + lam - 100"}', [4, 4, 4]),
        ("[{in: dend, nseg: 4}]", [1, 4, 1]),
        ("[{in: all, max_length: 50 um}, {in: tuft, nseg: 2}]", [1, 5, 2]),
        ("[{in: tuft, nseg: 2}, {in: 't*', nseg: 6}]", [1, 1, 6]),  # the later rule holds
        ("[{in: far, nseg: 6}]", [1, 1, 6]),
    ],
)
def test_rules_of_segments(write, spatial, expected):
    far = "regions: {far: {in: all, where: distance > 120}}"
    [document] = documents(write(more(far, f"spatial: {spatial}"), *NO_NSEG, ("g0: 2e-4", "g0: 2")))
    assert [len(values) for values in column(document, "pas.g").values()] == expected


def test_rules_of_segments_with_d_lambda_are_plain_neuron(write):
    """Of d_lambda in one region, of a formula in another; traces bit by bit."""
    spatial = '[{in: all, d_lambda: 0.03}, {in: apical, nseg: "1 + 2 * floor(L / 15)"}]'
    [document] = documents(write(more(f"spatial: {spatial}"), *NO_NSEG))
    oracle = plain_neuron(f"""{PLAIN}
for section in (soma, dend):
    section.nseg = int((section.L / (0.03 * n.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
tuft.nseg = 1 + 2 * int(tuft.L // 15)
for section in n.allsec():
    for segment in section:
        segment.pas.g = 2e-4 * n.exp(-n.distance(soma(0.5), segment) / 100)
run(10)
""")
    np.testing.assert_array_equal(simulate_well(document).traces["v"], oracle["v"])


def test_axes_of_segments(write):
    axes = """
  fold: {values: [1, 3], sets: parameters.fold}
  long: {values: [20, 0.1 mm], unit: um, sets: "cell.spatial[1].max_length"}
"""
    spatial = '[{in: dend, nseg: "5 * fold"}, {in: tuft, max_length: 10}]'
    fold = ("{lam:", "{fold: 1, lam:")
    plan = write(more(f"spatial: {spatial}"), *NO_NSEG, fold, axes=axes)
    counts = [[len(g) for g in column(d, "pas.g").values()] for d in documents(plan)]
    assert counts == [[1, 5, 5], [1, 5, 1], [1, 15, 5], [1, 15, 1]]


def test_a_formula_that_gives_no_whole_number(write):
    [document] = documents(write(more('spatial: {nseg: "L / 15"}')))
    with pytest.raises(SimulationError, match=r"1\.33333 segments; expected a whole number"):
        structure(document, Engine())


# ---- regions -----------------------------------------------------------------------------------

# Middles lie at 0, 60, 60, 160 and 260 um of path from soma(0.5).
REGIONS = """
title: Regions
model:
  parameters: {cut: 100}
  cells:
    cell:
      regions:
        far: {in: basal, where: "distance > cut"}
        thin: {in: "*", where: "diam < 1.5"}
        tips: {in: [far, thin]}
        lone: {in: "b?", where: "distance > 5000"}
      sections:
        soma: {L: 20, diam: 20}
        a1: {L: 100, diam: 1, region: apical, parent: soma(0)}
        b1: {L: 100, diam: 3, region: basal, parent: soma(1)}
        b2: {L: 100, diam: 2, region: basal, parent: b1(1)}
        b3: {L: 100, diam: 1, region: basal, parent: b2(1)}
      biophysics: BIOPHYSICS
protocol: {tstop: 1}
record: {traces: {v: {of: cell.soma(0.5).v}}}
axes: AXES
"""


@pytest.fixture
def g_pas(tmp_path, monkeypatch):
    """Return a function: biophysics and axes of REGIONS -> g of pas by section, a simulation each.

    None where pas is not inserted.
    """
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def g_pas(biophysics, axes="{}"):
        text = REGIONS.replace("BIOPHYSICS", biophysics).replace("AXES", axes)
        (tmp_path / "config/sweeps/s.yaml").write_text(text)
        made = [column(document, "pas.g") for document in documents(make_plan(Path(), "s"))]
        return [[values[0] for values in of.values()] for of in made]  # a segment a section

    return g_pas


ALL = "{in: all, insert: {pas: {g: 1}}}"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # soma, a1, b1, b2, b3
        ("far", [1, 1, 1, 7, 7]),
        ("thin", [1, 7, 1, 1, 7]),
        ("tips", [1, 7, 1, 7, 7]),
        ("lone", [1, 1, 1, 1, 1]),  # a condition that holds nowhere
        ("b*", [1, 1, 7, 7, 7]),
        ("'?1'", [1, 7, 7, 1, 1]),
        ("[soma, far]", [7, 1, 1, 7, 7]),
    ],
)
def test_rules_in_named_regions(g_pas, names, expected):
    rules = f"[{ALL}, {{in: {names}, insert: {{pas: {{g: 7}}}}}}]"
    assert g_pas(rules) == [expected]


FAR = "{in: far, insert: {pas: {g: 2}}}"
SETS = "{g: {values: [8], sets: cell.REGION.pas.g}}"
HALVES = "{g: {values: [1], drug: {scales: cell.REGION.pas.g, ic50: 1}}}"


@pytest.mark.parametrize(
    ("rules", "axis", "region", "expected"),
    [
        # soma, a1, b1, b2, b3
        (f"[{ALL}]", SETS, "far", [1, 1, 1, 8, 8]),
        (f"[{ALL}]", SETS, "b*", [1, 1, 8, 8, 8]),
        (f"[{ALL}]", SETS, "tips", [1, 8, 1, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "far", [1, 1, 1, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "basal", [1, 1, 8, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "thin", [1, 8, 1, 2, 8]),
        (f"[{ALL}, {FAR}]", SETS, "all", [8, 8, 8, 8, 8]),
        (f"[{ALL}, {FAR}]", SETS, "soma", [8, 1, 1, 2, 2]),
        (f"[{ALL}, {FAR}]", HALVES, "thin", [1, 0.5, 1, 2, 1]),
        (f"[{ALL}, {FAR}]", HALVES, "basal", [1, 1, 0.5, 1, 1]),
        (f"[{FAR}, {ALL}]", HALVES, "far", [1, 1, 1, 0.5, 0.5]),  # the later rule holds
        (f"[{FAR}]", SETS, "thin", [None, None, None, 2, 8]),  # nothing is inserted anew
        # Without the parameter the mechanism comes with its default, 0.001.
        ("[{in: far, insert: {pas: }}]", HALVES, "thin", [None, None, None, 0.001, 0.0005]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", SETS, "thin", [0.001, 8, 0.001, 2, 8]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", HALVES, "b1", [0.001, 0.001, 0.0005, 2, 2]),
        (f"[{FAR}, {{in: all, insert: {{pas: }}}}]", HALVES, "basal", [0.001, 0.001, 0.0005, 1, 1]),
    ],
)  # fmt: skip
def test_axes_reach_into_regions_and_no_further(g_pas, rules, axis, region, expected):
    """The value of the rule that holds last, set to 8 or scaled by 1 / (1 + 1/1) in the region."""
    assert g_pas(rules, axis.replace("REGION", region)) == [pytest.approx(expected)]


def test_more_conditions_than_can_be_gone_through(write):
    """Only those count that stand behind the rules of what the axis sets."""
    bands = "".join(f"b{i}: {{in: all, where: distance > {i}}}, " for i in range(11))
    region = more(f"regions: {{{bands}}}")
    of = ("insert: {hh: {}}}", "insert: {hh: {}}}" + "".join(
        f"\n        - {{in: b{i}, insert: {{pas: {{e: -{60 + i}}}}}}}" for i in range(11)
    ))  # fmt: skip
    axes = "{a: {values: [1], sets: cell.QUANTITY}}"
    assert write(region, of, axes=axes.replace("QUANTITY", "soma.hh.gnabar")).keys
    with pytest.raises(UserError, match=r"a\.sets: the rules that set this speak of 11 regions"):
        write(region, of, axes=axes.replace("QUANTITY", "all.pas.e"))


def test_an_axis_moves_the_border_of_a_region(g_pas):
    axes = "{cut: {values: [0, 200, 1000], sets: parameters.cut}}"
    assert g_pas(f"[{ALL}, {FAR}]", axes) == [[1, 1, 2, 2, 2], [1, 1, 1, 1, 2], [1] * 5]


def test_a_region_that_is_not_used_changes_no_key(write):
    region = more("regions: {far: {in: basal}}")
    assert write(region).keys == write().keys
    used = write(region, ("{in: soma, insert", "{in: [soma, far], insert"))
    assert used.template.document["cells"]["cell"]["regions"] == {"far": {"in": ["basal"]}}


def test_rules_of_regions_hold_in_every_morphology(tmp_path, monkeypatch):
    """Where an axis changes the morphology, rules follow: another number of basal sections."""
    (tmp_path / "config/sweeps").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    soma = "1 1 0 0 0 10 -1\n2 1 20 0 0 10 1\n"
    basal = [f"{i} 3 {20 + i} {i} 0 1 2\n{i + 1} 3 {50 + i} {i} 0 1 {i}\n" for i in (3, 5)]
    (tmp_path / "one.swc").write_text(soma + basal[0] + "9 4 0 -9 0 1 1\n10 4 0 -40 0 1 9\n")
    (tmp_path / "two.swc").write_text(soma + basal[0] + basal[1])
    text = """
title: Shapes
model: {cells: {cell: {morphology: one.swc, biophysics: [{in: all, insert: {pas: {g: 1}}}]}}}
protocol: {tstop: 1}
record: {traces: {v: {of: cell.soma(0.5).v}}}
axes:
  shape: {values: [one.swc, two.swc], sets: cell.morphology}
  g: {values: [8], sets: cell.basal.pas.g}
"""
    (tmp_path / "config/sweeps/s.yaml").write_text(text)
    plan = make_plan(Path(), "s")
    files = {sha: tmp_path / path for sha, path in plan.template.files.morphologies.items()}
    rows = [structure(d, Engine(morphologies=files)) for d in documents(plan)]
    found = [[(row["region"], row["pas.g"]) for row in of] for of in rows]
    assert found == [
        [("soma", 1), ("basal", 8), ("apical", 1)],
        [("soma", 1), ("basal", 8), ("basal", 8)],
    ]
