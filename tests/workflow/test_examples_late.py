"""The examples of designs that grow by their own results, through the whole workflow."""

import csv

import numpy as np
import pytest
import xarray as xr

from simulating import plain_neuron

EXAMPLES = ("refined_map", "strength_duration")
NARROW = 1e-4  # nA, of the oracle's brackets
WIDTH = 0.016  # nA, of the sweep's


@pytest.fixture(scope="module")
def project(shared_project, results):
    return shared_project


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_thresholds_are_those_of_bisection_in_plain_neuron(project):
    """Each bracket holds the threshold that bisection in plain NEURON finds far more narrowly."""
    found = plain_neuron(f"""
soma = n.Section("soma")
soma.L, soma.diam = 20, 20
soma.Ra, soma.cm = 100, 1
soma.insert("hh")
pulse = n.IClamp(soma(0.5))
pulse.delay = 5
n.celsius = 6.3
v = n.Vector().record(soma(0.5)._ref_v)
for dur in (0.1, 0.3, 1, 3, 10):
    low, high = 0.01, 2.0
    while high - low > {NARROW}:
        pulse.dur, pulse.amp = dur, (low + high) / 2
        run(30)
        low, high = (low, pulse.amp) if v.max() > 0 else (pulse.amp, high)
    recorded[f"low_{{dur:g}}"], recorded[f"high_{{dur:g}}"] = n.Vector([low]), n.Vector([high])
run(1)
""")
    table = rows(project.root / "results/strength_duration/thresholds.csv")
    assert [float(row["dur"]) for row in table] == [0.1, 0.3, 1, 3, 10]
    for row in table:
        lower, upper = float(row["threshold_lower"]), float(row["threshold_upper"])
        dur = f"{float(row['dur']):g}"
        assert lower - NARROW < found[f"low_{dur}"][0]
        assert found[f"high_{dur}"][0] < upper + NARROW
        assert upper - lower <= WIDTH * (1 + 1e-9)
        assert (float(row["found_lower"]), float(row["found_upper"])) == (0, 1)
        assert (row["bracketed"], row["monotonic"]) == ("yes", "yes")


def test_indices_of_a_bracket_are_its_simulations(project):
    results = project.root / "results/strength_duration"
    simulations = {row["index"]: row for row in rows(results / "simulations.csv")}
    for row in rows(results / "thresholds.csv"):
        for end in ("lower", "upper"):
            simulation = simulations[row[f"index_{end}"]]
            assert simulation["amp"] == row[f"threshold_{end}"]
            assert simulation["dur"] == row["dur"]


def test_a_refined_map_is_a_table_of_points(project):
    dataset = xr.open_dataset(project.root / "results/refined_map/dataset.nc")
    assert dataset.status.dims == ("simulation",)
    assert {"amp", "gkbar"} <= set(dataset.coords)
    assert 81 < dataset.sizes["simulation"] < 33 * 33 / 2
    assert dataset.amp.attrs["units"] == "nA"
    steps = dataset.amp.values / (2 / 32)
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    points = set(zip(dataset.amp.values.tolist(), dataset.gkbar.values.tolist(), strict=True))
    assert len(points) == dataset.sizes["simulation"]  # each once


def test_nothing_is_left_to_do_and_all_is_known(project):
    for name in EXAMPLES:
        assert "nothing would run" in project.spikesweep("why", name).stdout
        said = project.spikesweep("plan", name).stdout
        assert "not yet" not in said
        assert "would run    nothing" in said
