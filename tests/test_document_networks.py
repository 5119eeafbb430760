"""Connections, copies of cells and what axes set in them, as the simulation document has them."""

import pytest
from test_networks import DEPRESSING

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
