"""Classes of firing: hand-written trains, each a clause of the definition."""

import h5netcdf
import h5py
import numpy as np
import pytest

from spikesweep.document.axes.searching import FAILED
from spikesweep.tables import by_simulation
from spikesweep.tables.by_simulation import class_of_each
from spikesweep.tables.firing import DEPOLARISED, firing_class, held_potential, potential_at
from synthetic_sweep import Sweep


@pytest.mark.parametrize(("spikes", "expected"), [
    ([], "silent"),
    ([450.0], "silent"),  # outside of the window
    ([50.0], "single spike"),
    (np.arange(5, 400, 20), "tonic"),
    ([10, 20, 40, 80, 130, 190, 255, 325, 395], "tonic"),  # it adapts, and never returns
    ([10, 14, 18, 110, 114, 118, 210, 214, 218, 310, 314, 318], "bursting"),
    ([10, 14, 60, 106, 152, 198, 244, 290, 336, 382], "tonic"),  # a doublet, then regular
    (np.arange(5, 100, 10), "block"),  # 305 ms of silence after intervals of 10 ms
    ([10, 90, 170], "tonic"),  # 230 ms of silence are less than five intervals
    (np.arange(5, 345, 5), "tonic"),  # 60 ms: more than five intervals, less than a fifth of 400
])  # fmt: skip
def test_classes(spikes, expected):
    assert firing_class(np.asarray(spikes, float), (0.0, 400.0)) == expected


@pytest.mark.parametrize(("spikes", "held", "expected"), [
    ([], -30.0, "block"),
    ([], -40.0, "block"),
    ([], -40.1, "silent"),
    ([], np.nan, "silent"),  # nothing is recorded there
    ([5.0], -30.0, "block"),
    ([320.0], -30.0, "block"),  # 80 ms are a fifth of 400
    ([321.0], -30.0, "single spike"),  # it has just fired
    ([5.0], -65.0, "single spike"),
    (np.arange(5, 400, 20), -30.0, "tonic"),  # it fires to the end
])  # fmt: skip
def test_a_held_membrane_is_blocked(spikes, held, expected):
    assert firing_class(np.asarray(spikes, float), (0.0, 400.0), held) == expected


def test_the_level_is_where_5_percent_of_sodium_channels_are_left():
    """The inactivation of Hodgkin & Huxley (1952), J. Physiol. 117, 500, as written there: of the
    depolarisation V from rest, which is at -65 mV."""
    depolarisation = DEPOLARISED + 65
    alpha = 0.07 * np.exp(-depolarisation / 20)
    beta = 1 / (np.exp((30 - depolarisation) / 10) + 1)
    assert alpha / (alpha + beta) == pytest.approx(0.05, abs=0.001)


def test_the_held_potential_is_that_of_the_last_fifth():
    times = np.arange(0, 100.5, 0.5)
    v = np.where(times >= 80, -30.0, -70.0)
    assert held_potential(times, v, (0.0, 100.0)) == -30.0
    assert np.isnan(held_potential(times, v, (200.0, 300.0)))


def test_only_the_potential_at_the_site_counts():
    site, name = {"at": "cell.soma(0.5)"}, "membrane potential"
    traces = {
        "i": {"at": "cell.soma(0.5)", "long_name": "current"},
        "far": {"at": "cell.dend(0.5)", "long_name": name},
    }
    assert potential_at(site, traces) is None
    assert potential_at(site, traces | {"v": {"at": "cell.soma(0.5)", "long_name": name}}) == "v"
    assert potential_at({}, {"v": {"long_name": name}}) is None  # of an artificial cell


@pytest.mark.parametrize("grid", [True, False])
@pytest.mark.parametrize(("held", "expected"), [(-30.0, "block"), (-70.0, "silent")])
def test_designs_see_the_potential(tmp_path, held, expected, grid):
    axis = {"name": "dose", "unit": "uM", "long_name": "dose", "values": [1.0, 2.0]}
    points = None if grid else [(1.0,), (2.0,)]
    Sweep([axis], grid=grid, points=points, silent=True, held=held, failed={1: 1}).write(tmp_path)
    table = tmp_path / "simulations.csv"
    table.write_text("index,dose,status,message\n0,1.0,ok,\n1,2.0,error,\n")
    found = class_of_each(tmp_path / "dataset_0.nc", table, None, (50.0, 350.0))
    assert found == [expected, FAILED]


def test_times_of_a_trace_of_every_step_are_its_own(tmp_path):
    """Each simulation has its steps; the dimension of these bears no times."""
    with h5netcdf.File(tmp_path / "steps.nc", "w") as file:
        file.dimensions = {"simulation": 2, "integration_step": 3}
        steps = [[0.0, 0.1, 0.5], [0.0, 0.3, 0.4]]
        for name, values in (("v", [[1.0, 2, 3], [4, 5, 6]]), ("time_step", steps)):
            along = ("simulation", "integration_step")
            file.create_variable(name, along, float, data=np.array(values))
    with h5py.File(tmp_path / "steps.nc") as file:
        times, v = by_simulation._samples(file, "v", 1)
    assert times.tolist() == [0.0, 0.3, 0.4]
    assert v.tolist() == [4.0, 5.0, 6.0]
