"""Connections, copies of cells and what axes set in them, as the simulation document has them."""

from itertools import chain

import numpy as np
import pytest

from nmodl_sources import DEPRESSING
from planning import gkbar_by_section, merged
from simulating import KEY, plain_neuron, simulate_well
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone
from spikesweep.jobs.structure import structure
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.simulator import Simulator

SYNAPSE = {
    "protocol": {
        "processes": {"syn": {"type": "ExpSyn", "at": "cell.dend(0.5)"}},
        "connections": {"loop": {"from": "cell.soma(0.5)", "to": "syn", "weight": "0.5 nS"}},
    }
}


def documents(made):
    return [made.template.fill(values) for values in zip(*made.columns, strict=True)]


def test_a_weight_has_the_unit_of_its_process(plan):
    axes = {"w": {"values": [1, 2], "unit": "nS", "sets": "loop.weight"}}
    made = plan(SYNAPSE | {"axes": axes})
    assert made.template.document["protocol"]["connections"]["loop"]["weight"] == 0.0005
    weights = [d["protocol"]["connections"]["loop"]["weight"] for d in documents(made)]
    assert weights == [0.001, 0.002]


def test_an_axis_sets_one_of_several_weights(plan, tmp_path):
    (tmp_path / "mod").mkdir()
    (tmp_path / "mod/depressing.mod").write_text(DEPRESSING)
    made = plan(
        {
            "model": {"mechanisms": "default"},
            "protocol": {
                "processes": {"syn": {"type": "Depressing", "at": "cell.dend(0.5)"}},
                "connections": {
                    "loop": {"from": "cell.soma(0.5)", "to": "syn", "weight": ["1 nS", 0.1]}
                },
            },
            "axes": {"fraction": {"values": [0.2, 0.6], "sets": "loop.weight[1]"}},
        }
    )
    weights = [d["protocol"]["connections"]["loop"]["weight"] for d in documents(made)]
    assert weights == [pytest.approx([0.001, 0.2], rel=1e-15), [0.001, 0.6]]
    assert made.axes[0]["long_name"] == "fraction of loop"


POPULATION = {
    "model": {"cells": {"cell": {"count": 3, "position": {"x": "100 * i", "y": "1 mm"}}}},
    "protocol": {
        "processes": {
            "step": {"at": "cell[0].soma(0.5)"},
            "syn": {"type": "ExpSyn", "at": "cell.dend(0.5)", "tau": 2},
        },
        "connections": {
            "net": {"from": "cell.soma(0.5)", "to": "syn", "weight": "1 nS", "pattern": "ring"}
        },
    },
    "record": {"traces": {"v": {"of": "cell.tip(1).v"}, "i": {"of": "syn[2].i"}}},
}


def test_weights_are_recorded_connection_by_connection(plan):
    record = {"traces": {"w": {"of": "net.weight"}, "one": {"of": "net[2].weight"}}}
    made = plan(merged(POPULATION, {"record": record}))
    traces = made.template.document["record"]["traces"]
    assert traces["w[2]"] == traces["one"]
    assert traces["w[0]"] == {
        "connection": "net",
        "index": 0,
        "variable": "weight[0]",
        "every": 0.1,
    }
    assert made.template.quantities["w[1]"].unit == "uS"
    # A ring joins each to the next: the first that it makes is that of the last to the first.
    labels = [made.template.quantities[f"w[{i}]"].long_name for i in range(3)]
    assert [label.partition(", ")[2] for label in labels] == [
        f"from cell[{source}] to syn[{target}]" for source, target in ((2, 0), (0, 1), (1, 2))
    ]
    assert made.keys == plan(POPULATION).keys
    addresses = made.template.members().items().traces
    assert addresses["w[2]"] == addresses["one"] != addresses["w[1]"]
    document = made.template.members().document()  # without names, as it is simulated
    result = in_child(lambda: run_alone((KEY, document), Simulator()), timeout=60).value
    assert not result.failures
    assert set(result.traces[addresses["one"]]) == {np.float32(0.001)}


@pytest.mark.parametrize(
    ("of", "net", "message"),
    [
        ("net.delay", {}, "expected net.weight"),
        ("net[3].weight", {}, "net makes 3 of them, from [0] on"),
        ("net.weight[1]", {}, "expected net.weight"),
        ("net.weight", {"pattern": {"indegree": 1}}, "chance makes the connections of net"),
    ],
)
def test_weights_that_there_are_not(plan, of, net, message):
    parts = {"record": {"traces": {"w": {"of": of}}}, "protocol": {"connections": {"net": net}}}
    with pytest.raises(UserError) as error:
        plan(merged(POPULATION, parts))
    assert message in str(error.value)


def test_copies_stand_once_in_the_document(plan):
    document = plan(POPULATION).template.document
    assert list(document["cells"]) == ["cell"]
    assert document["cells"]["cell"]["count"] == 3
    assert document["cells"]["cell"]["position"] == {"x": "100 * i", "y": 1000.0, "z": 0.0}
    assert document["protocol"]["processes"]["syn"]["at"] == ["cell", "dend", 0, 0.5]
    assert document["protocol"]["connections"]["net"] == {
        "from": ["cell", "soma", 0, 0.5], "to": "syn", "threshold": -20.0, "delay": 1.0,
        "weight": 0.001, "pattern": "ring",
    }  # fmt: skip


def test_recordings_are_of_each_copy(plan):
    record = plan(POPULATION).template.document["record"]
    assert {name: site["at"][0] for name, site in record["spikes"].items()} == {
        f"soma[{i}]": f"cell[{i}]" for i in range(3)
    }
    assert {name: trace["at"] for name, trace in record["traces"].items() if name != "i"} == {
        f"v[{i}]": [f"cell[{i}]", "tip", 0, 1.0] for i in range(3)
    }
    assert record["traces"]["i"]["process"] == "syn[2]"


def test_what_is_played_into_copies_is_each_copy_s_own(plan):
    noise = {"into": "syn.e", "noise": {"sd": 1, "every": 0.1}}
    play = {"noise": noise, "one": {"into": "cell[1].soma(0.5).hh.gl", "noise": noise["noise"]}}
    changes = merged(POPULATION, {"protocol": {"play": play}})
    axes = {"sd": {"values": [3], "sets": "noise.sd"}}
    [document] = documents(plan(changes | {"axes": axes}))
    played = document["protocol"]["play"]
    assert {name: one["into"].get("process") for name, one in played.items()} == {
        **{f"noise[{i}]": f"syn[{i}]" for i in range(3)}, "one": None
    }  # fmt: skip
    assert [one["noise"]["sd"] for one in played.values()] == [3, 3, 3, 1]
    for target in ("syn.e", "syn[1].e"):
        with pytest.raises(UserError, match=r"is played into syn.*so the axis would set nothing"):
            plan(changes | {"axes": {"e": {"values": [1], "sets": target}}})


DRIVEN = {
    "model": {"parameters": {"step": "30 um", "quick": "2 ms"}, "cells": {"cell": {
        "position": {"x": "step * i"}}}},
    "protocol": {
        "processes": {"stim": {"type": "NetStim", "count": 3, "start": 1, "number": 1}},
        "connections": {
            "drive": {
                "from": "stim", "to": "syn", "delay": "quick / 4", "pattern": "one_to_one",
                "weight": "1 nS",
            },
            "net": {"delay": "quick + distance / step", "pattern": {"pairs": [[0, 2]]}},
        },
    },
}  # fmt: skip


def test_expressions_of_networks_speak_of_parameters(plan):
    def delays(document):
        simulation = Simulation(document, Simulator())  # whose sources must outlive its NetCons
        return [netcon.delay for netcon in chain(*simulation.connections.values())]

    axes = {"step": {"values": [10, 60], "sets": "parameters.step"}}
    for document in documents(plan(merged(POPULATION, DRIVEN | {"axes": axes}))):
        step = document["parameters"]["step"]
        made = in_child(lambda d=document: delays(d)).value
        assert made == [2 + 2 * step / step, 0.5, 0.5, 0.5]
        rows = structure(document, Simulator())
        assert [row["x0"] for row in rows if row["section"] == "soma"] == [0, step, 2 * step]


def test_an_artificial_cell_has_no_distance(plan):
    far = {"protocol": {"connections": {"drive": {"delay": "quick * distance"}}}}
    with pytest.raises(UserError, match=r"drive\.delay: an expression of distance, but stim\[0\]"):
        plan(merged(merged(POPULATION, DRIVEN), far))


def test_an_axis_sets_all_copies_or_one(plan):
    axes = {
        "all": {"values": [0.1], "sets": "cell.soma.hh.gkbar"},
        "one": {"values": [0.2], "sets": "cell[1].tip.hh.gkbar"},
        "tau": {"values": [3], "sets": "syn.tau"},
        "slow": {"values": [9], "sets": "syn[2].e"},
        "x": {"values": [50], "sets": "cell.position.z"},
    }
    for names in (list(axes), list(axes)[::-1]):  # the order makes no difference
        [document] = documents(plan(POPULATION | {"axes": {name: axes[name] for name in names}}))
        cells, processes = document["cells"], document["protocol"]["processes"]
        assert list(cells) == ["cell", "cell[1]"]
        assert "count" not in cells["cell[1]"]
        assert [gkbar_by_section(document, name) for name in cells] == [
            {"soma": 0.1, "dend": 0.01, "tip": 0.01},
            {"soma": 0.1, "dend": 0.01, "tip": 0.2},
        ]
        assert [cell["position"]["z"] for cell in cells.values()] == [50, 50]
        assert processes["syn"]["parameters"] == {"tau": 3}
        assert processes["syn[2]"]["parameters"] == {"tau": 3, "e": 9}
        assert processes["syn[2]"]["at"] == ["cell[2]", "dend", 0, 0.5]


def test_a_copy_that_is_set_twice_is_refused(plan):
    axes = {
        "all": {"values": [0.1], "sets": "cell.soma.hh.gkbar"},
        "one": {"values": [0.2], "sets": "cell[1].all.hh.gkbar"},
    }
    with pytest.raises(UserError, match=r"axes.one.sets: the axis all sets cells.cell\[1\]"):
        plan(POPULATION | {"axes": axes})


@pytest.mark.parametrize(
    ("pattern", "draws"),
    [
        ("ring", False),
        ({"pairs": [[0, 1]]}, False),
        ({"probability": 0.5}, True),
        ({"indegree": 1}, True),
    ],
)
def test_the_seed_is_in_the_key_of_connections_that_are_drawn(plan, pattern, draws):
    changes = merged(
        POPULATION, {"protocol": {"seed": 7, "connections": {"net": {"pattern": pattern}}}}
    )
    assert plan(changes).template.document.get("seed") == (7 if draws else None)


def test_an_axis_sets_a_probability(plan):
    changes = merged(
        POPULATION, {"protocol": {"connections": {"net": {"pattern": {"probability": 0.5}}}}}
    )
    axes = {"p": {"values": [0.1, 0.9], "sets": "net.probability"}}
    connections = [
        d["protocol"]["connections"]["net"] for d in documents(plan(changes | {"axes": axes}))
    ]
    assert [net["pattern"] for net in connections] == [{"probability": 0.1}, {"probability": 0.9}]


NET = "protocol.connections.net"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("model.cells.cell.count", 0, "model.cells.cell.count: 0: expected a value of 1"),
        ("model.cells.cell.count", 2.5, "model.cells.cell.count: 2.5: expected a whole number"),
        ("model.cells.cell.position.x", "10 mV", 'position.x: "10 mV" has the wrong kind of unit'),
        ("model.cells.cell.position.x", "10 * j", 'nor an expression: column 6: unknown name "j"'),
        ("model.cells.cell.position.x", "1 / i", 'divides by zero at i = 0'),
        ("model.cells.cell.position.w", 1, 'model.cells.cell.position: unknown key "w"'),
        ("model.cells.cell.rotation", {"z": "1 um"}, 'rotation.z: "1 um" has the wrong kind'),
        ("protocol.processes.step.at", "cell[3].soma(0.5)", '"cell[3]": cell has 3 copies, [0] to'),
        ("record.traces.v.of", "cell[3].soma(0.5).v", '"cell[3]": cell has 3 copies, [0] to [2]'),
        ("record.traces.i.of", "syn[3].i", '"syn[3]": syn has 3 copies, [0] to [2]'),
        ("record.traces.i.of", "step[0].i", '"step[0]": step has no copies; expected step alone'),
        (f"{NET}.to", "syn[3]", '"syn[3]": syn has 3 copies'),
        (f"{NET}.to", "syn[0", f"{NET}.to: 'syn[0'"),
        (f"{NET}.pattern", None, f"{NET}.pattern: this key is required from 3 to 3; expected one"),
        (f"{NET}.pattern", "rings", f"{NET}.pattern: 'rings': expected 'one_to_one', 'ring'"),
        (f"{NET}.pattern", "one_to_one", "one_to_one connects each cell to itself; expected ring"),
        (f"{NET}.pattern", {"probability": 2}, "probability: 2: expected a value of 1 or less"),
        (f"{NET}.pattern", {"indegree": 3}, "indegree: 3 sources of each target, of which there"),
        (f"{NET}.pattern", {"indegre": 3}, 'unknown key "indegre", did you mean "indegree"'),
        (f"{NET}.pattern", {}, "expected one of probability, indegree, pairs"),
        (f"{NET}.pattern", {"pairs": [[0, 3]]}, "pairs: [0, 3] from 3 to 3; expected indices"),
        (f"{NET}.pattern", {"pairs": [[0, 1], [0, 1]]}, "a pair stands twice"),
        (f"{NET}.pattern", {"pairs": [[0, -1]]}, "pairs[0][1]: -1: expected a value of 0"),
        (f"{NET}.delay", "-1 ms", f"{NET}.delay: -1 ms; expected 0 or more"),
        (f"{NET}.delay", "1 + depth", f'{NET}.delay: "1 + depth" is neither a quantity nor an'),
        (f"{NET}.self_connections", "maybe", f"{NET}.self_connections: 'maybe': expected true"),
        ("axes.a", {"values": [1], "sets": "cell[3].soma.L"}, '"cell[3]": cell has 3 copies'),
        ("axes.a", {"values": [1], "sets": "syn[3].tau"}, '"syn[3]": syn has 3 copies'),
        ("axes.a", {"values": [1], "sets": "cell.position.w"}, 'cell.position has no "w"'),
        *(
            (
                "",
                {"protocol": {"connections": {"net": {"pattern": {name: 1}}}},
                 "axes": {"a": {"values": [value], "sets": f"net.{name}"}}},
                f"axes.a.values: {name} {said}",
            )
            for name, value, said in (
                ("probability", 2, "2: expected a value of 1 or less"),
                ("indegree", 1.5, "1.5: expected a whole number"),
                ("indegree", -1, "-1: expected a value of 0 or more"),
            )
        ),
        ("axes.a", {"values": [1], "sets": "cell.count"}, '"cell.count" is no quantity'),
        ("axes.a", {"values": [1], "sets": "net.probability"}, 'net has no "probability"'),
    ],
)  # fmt: skip
def test_networks_refused_with_one_message(plan, path, value, said):
    changes = value
    for name in reversed(path.split(".") if path else []):
        changes = {name: changes}
    with pytest.raises(UserError) as caught:
        plan(merged(POPULATION, changes))
    assert said in str(caught.value)
    assert str(caught.value).startswith("config/sweeps/s.yaml: ")


SWC = "1 1 0 0 0 5 -1\n2 1 10 0 0 5 1\n3 3 10 0 0 1 2\n4 3 110 0 0 1 3\n"
ASC = """("CellBody" (CellBody)
  (-5 -5 0 0) (5 -5 0 0) (5 5 0 0) (-5 5 0 0)
)
((Dendrite)
  (0 5 0 2) (0 20 0 2) (0 85 0 2)
)
"""
IMPORT = """
n.load_file("import3d.hoc")
class Cell: pass
cell, reader = Cell(), n.{reader}()
reader.input({path!r})
n.Import3d_GUI(reader, False).instantiate(cell)
for section in cell.all:
    section.insert("hh")
step = n.IClamp(cell.dend[0](0.5))
step.delay, step.dur, step.amp = 1, 5, 0.3
record("v", cell.soma[0](0.5)._ref_v)
run(10)
"""


def test_an_axis_of_morphologies_takes_all_formats(plan, tmp_path):
    """Copies of the cell have the shape as well, and each is NEURON's import of the file."""
    files = {"cell.swc": SWC, "cell.asc": ASC}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    made = plan(
        {
            "model": {
                "cells": {
                    "cell": {
                        "sections": None, "morphology": "cell.swc", "count": 2,
                        "biophysics": [{"in": "all", "insert": {"hh": {}}}],
                    }
                }
            },
            "protocol": {"processes": {"step": {"at": "cell.basal[0](0.5)"}}},
            "record": {
                "precision": "float64",
                "traces": {"v": {"of": "cell[1].soma(0.5).v", "every": 0.025}},
            },
            "axes": {"shape": {"values": list(files), "sets": "cell.morphology"}},
        }
    )  # fmt: skip
    paths = {sha: tmp_path / name for sha, name in made.template.files.morphologies.items()}
    readers = ("Import3d_SWC_read", "Import3d_Neurolucida3")
    for document, name, reader in zip(documents(made), files, readers, strict=True):
        oracle = plain_neuron(IMPORT.format(reader=reader, path=str(tmp_path / name)))
        trace = simulate_well(document, morphologies=paths).traces["v"]
        np.testing.assert_array_equal(trace, oracle["v"])
