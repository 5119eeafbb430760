"""What the dataset says. Oracles: the results that went in, read back through xarray; CF 1.11."""

import csv
import itertools
import json
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

import collecting
from collecting import CELL, CELSIUS, DOSE, SOMA, a_plan, collect_named, rows_of, stored
from spikesweep.errors import UserError
from spikesweep.language.names import STATUSES
from spikesweep.tables import collect as dataset
from spikesweep.tables.names import dataset_names
from spikesweep.tables.simulations import write_simulations
from spikesweep.tables.statistics import write_tables
from spikesweep.tables.trains import trains, values
from synthetic import Simulated, key, simulated

# ---- what is inside -----------------------------------------------------------------------------


def test_a_grid(collected):
    results = [simulated(i) for i in range(6)]
    ds = collected(a_plan(DOSE, CELSIUS), results)
    assert dict(ds.sizes) | {"spike_soma": 0} == {
        "dose": 3, "celsius": 2, "time": 5, "spike_soma": 0,
    }  # fmt: skip
    for result, (dose, celsius) in zip(
        results, itertools.product(DOSE["values"], CELSIUS["values"]), strict=True
    ):
        one = ds.sel(dose=dose, celsius=celsius)
        assert one.v_soma.dtype == np.float32
        assert one.v_soma.values.tolist() == result.traces["v_soma"].tolist()
        assert (one.v_soma_min, one.v_soma_max) == result.extremes["v_soma"]
        assert one.n_spikes_soma == len(result.spikes["soma"])
        assert one.key == result.key
        assert STATUSES[int(one.status)] == "ok"
        assert one.message == ""
        train = trains(ds, "soma").sel(dose=dose, celsius=celsius).item()
        assert train.tolist() == result.spikes["soma"].tolist()
    assert ds.index.values.ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert ds.time.values.tolist() == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert set(ds.tstop.values.flat) == {0.4}


@pytest.mark.parametrize("kind", ["grid", "zip"])
def test_every_name_is_one_that_no_axis_may_bear(collected, kind):
    plan = a_plan(CELSIUS, kind=kind)
    ds = collected(plan, [simulated(0), simulated(1)])
    assert {*ds.variables, *ds.sizes} <= {"celsius", "tstop", *dataset_names(plan["record"])}


def test_the_way_to_a_train_that_the_documentation_shows(collected):
    results = [simulated(i) for i in range(6)]
    ds = collected(a_plan(DOSE, CELSIUS), results)
    for i, result in enumerate(results):
        last = ds.n_spikes_soma.values.cumsum()[i]
        train = ds.spike_times_soma[last - ds.n_spikes_soma.values.flat[i] : last]
        assert train.values.tolist() == result.spikes["soma"].tolist()


@pytest.mark.parametrize("kind", ["zip", "table"])
@pytest.mark.parametrize("as_text", [False, True], ids=["numbers", "read from a CSV file"])
def test_other_designs_have_the_axes_as_coordinates(collected, kind, as_text, monkeypatch):
    if as_text:
        monkeypatch.setattr(
            collecting,
            "rows_of",
            lambda *args: [(i, k, tuple(map(str, point))) for i, k, point in rows_of(*args)],
        )
    results = [simulated(i) for i in range(2)]
    dose = DOSE | {"values": [0.1, 30.0]}
    ds = collected(a_plan(dose, CELL, CELSIUS, kind=kind), results)
    assert ds.v_soma.dims == ("simulation", "time")
    assert set(ds.coords) == {"dose", "cell", "celsius", "time"}
    assert ds.dose.values.tolist() == [0.1, 30.0]
    assert ds.cell.values.tolist() == CELL["values"]
    assert ds.celsius.values.tolist() == [26, 36]
    assert ds.celsius.dims == ("simulation",)
    assert ds.v_soma.values.tolist() == [r.traces["v_soma"].tolist() for r in results]
    assert set(trains(ds, "soma").coords) == {"dose", "cell", "celsius"}
    assert ds.celsius.attrs["comment"] == "axes that move along with it: dose, cell"


def test_axes_say_which_others_move_along(collected):
    """Each dose has one temperature, but 26 °C has two doses; the seed stays."""
    dose = DOSE | {"values": [0.1, 30.0, 100.0]}
    celsius = CELSIUS | {"values": [26, 26, 36]}
    seed = {"name": "seed", "unit": "", "long_name": "", "values": [1, 1, 1]}
    ds = collected(a_plan(dose, celsius, seed, kind="table"), [simulated(i) for i in range(3)])
    assert ds.dose.attrs["comment"] == "axes that move along with it: celsius"
    assert "comment" not in ds.celsius.attrs
    assert "comment" not in ds.seed.attrs


def test_names_of_morphologies_on_an_axis(collected):
    results = [simulated(i) for i in range(4)]
    ds = collected(a_plan(CELL, CELSIUS), results)
    trace = ds.v_soma.sel(cell="細胞.swc", celsius=36)
    assert trace.values.tolist() == results[3].traces["v_soma"].tolist()
    assert "units" not in ds.cell.attrs


def test_one_simulation_without_any_axis(collected):
    ds = collected(a_plan(), [simulated(0)])
    assert ds.v_soma.dims == ("time",)
    assert ds.v_soma.values.tolist() == simulated(0).traces["v_soma"].tolist()
    assert ds.status.shape == ()
    assert trains(ds, "soma").item().tolist() == simulated(0).spikes["soma"].tolist()


def test_two_simulations_of_one_key(collected):
    # An axis of replicates that sets nothing: one simulation serves both places.
    ds = collected(a_plan(CELSIUS), [simulated("same")], names=["same", "same"])
    assert ds.v_soma.values.tolist() == [simulated("same").traces["v_soma"].tolist()] * 2
    assert [len(train) for train in trains(ds, "soma").values] == [
        len(simulated("same").spikes["soma"])
    ] * 2


def test_failures_are_data(collected):
    nowhere = np.array([-65, np.nan, np.inf, -np.inf, np.nan], "float32")
    results = [
        simulated(0),
        Simulated(key(1), "error", "unknown\0 mechanism \udc80"),
        Simulated(key(2), "not_finite", "v_soma: NaN", {"v_soma": nowhere}, {"soma": np.ones(1)}),
    ]
    outcomes = {
        key(3): ("timeout", "60 s"),
        key(4): ("memory", ""),
        key(5): ("crashed", "SIGSEGV"),
    }
    ds = collected(a_plan(DOSE, CELSIUS), results, outcomes, names=range(6))
    assert [STATUSES[code] for code in ds.status.values.flat] == [
        "ok", "error", "not_finite", "timeout", "memory", "crashed",
    ]  # fmt: skip
    # NetCDF's text ends at a NUL and has no halves of surrogate pairs.
    assert ds.message.values.ravel().tolist() == [
        "", "unknown� mechanism ?", "v_soma: NaN", "60 s", "", "SIGSEGV",
    ]  # fmt: skip
    traces = ds.v_soma.values.reshape(6, 5)
    assert traces[0].tolist() == results[0].traces["v_soma"].tolist()
    assert np.array_equal(traces[2], nowhere, equal_nan=True)
    assert np.isnan(traces[[1, 3, 4, 5]]).all()
    counts = ds.n_spikes_soma.values.ravel().tolist()
    assert counts == [len(results[0].spikes["soma"]), 0, 1, 0, 0, 0]
    assert np.isnan(ds.v_soma_max.values.ravel()).tolist() == [False] + [True] * 5


def test_what_the_batch_says_is_not_looked_up_in_the_store(collected):
    # The dataset belongs to the batches' files, even when another sweep has since done better.
    ds = collected(a_plan(CELSIUS), [simulated(0), simulated(1)], {key(1): ("timeout", "1 s")})
    assert ds.status.values.tolist() == [0, 3]
    assert np.isnan(ds.v_soma.values[1]).all()


def test_shorter_runs_are_padded(collected):
    tstop = {"name": "tstop", "unit": "ms", "long_name": "duration", "values": [0.2, 0.9, 0.4]}
    results = [simulated(i, samples) for i, samples in enumerate([3, 10, 5])]
    ds = collected(a_plan(tstop, tstop=[0.2, 0.9, 0.4]), results, sizes=[3])
    assert ds.time.size == 10
    for i, result in enumerate(results):
        samples = result.traces["v_soma"].size
        assert ds.v_soma.values[i, :samples].tolist() == result.traces["v_soma"].tolist()
        assert np.isnan(ds.v_soma.values[i, samples:]).all()
    assert ds.tstop.values.tolist() == [0.2, 0.9, 0.4]
    assert ds.tstop.dims == ("tstop",)  # the axis itself


def test_the_time_grid_does_not_depend_on_who_failed(collected):
    tstop = [0.2, 0.9]
    ds = collected(
        a_plan(CELSIUS, tstop=tstop), [simulated(0, 3)], {key(1): ("timeout", "")}, range(2)
    )
    assert ds.time.values[[0, -1]].tolist() == [0.0, 0.9]
    assert ds.tstop.values.tolist() == tstop


def test_double_precision_is_exact(collected):
    plan = a_plan(CELSIUS, tstop=[0.4, 0.2])
    plan["record"]["precision"] = "float64"
    results = [simulated(0, 5, "float64"), simulated(1, 3, "float64")]
    ds = collected(plan, results)
    assert ds.v_soma.dtype == np.float64
    assert ds.v_soma.values[0].tobytes() == results[0].traces["v_soma"].tobytes()
    assert ds.v_soma.values[1, :3].tobytes() == results[1].traces["v_soma"].tobytes()


def test_traces_of_different_intervals_have_times_of_their_own(collected):
    plan = a_plan(CELSIUS)
    plan["record"]["traces"]["i"] = {"process": "step", "variable": "i", "every": 0.2}
    plan["quantities"]["i"] = {"unit": "nA", "long_name": "i of step"}
    results = [simulated(i) for i in range(2)]
    for result in results:
        result.traces["i"] = np.array([0, 1, 2], "float32")
    ds = collected(plan, results)
    assert ds.time_v_soma.values.tolist() == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert ds.time_i.values.tolist() == [0.0, 0.2, 0.4]
    assert ds.i.dims == ("celsius", "time_i")
    assert ds.i.attrs["at"] == "step"
    assert ds.i.values.tolist() == [[0, 1, 2]] * 2


@pytest.mark.parametrize("kind", ["grid", "zip"])
def test_traces_of_every_step_have_times_of_each_simulation(collected, kind):
    plan = a_plan(CELSIUS, kind=kind)
    plan["record"]["traces"]["m"] = {"at": SOMA, "variable": "hh.m", "every": "step"}
    plan["quantities"]["m"] = {"unit": "", "long_name": "m of hh"}
    results = [simulated(i) for i in range(2)]
    steps = [np.array([0, 0.1, 0.4]), np.array([0, 0.001, 0.02, 0.3, 0.4])]
    for result, times in zip(results, steps, strict=True):
        result.traces |= {"time_step": times, "m": np.sqrt(times).astype("float32")}
    ds = collected(plan, results)
    assert ds.m.dims == (*ds.status.dims, "integration_step")
    assert "time_step" in ds.m.coords
    assert ds.v_soma.dims == (*ds.status.dims, "time")
    for i, times in enumerate(steps):
        assert ds.time_step.values[i, : len(times)].tolist() == times.tolist()
        assert np.isnan(ds.time_step.values[i, len(times) :]).all()
        np.testing.assert_array_equal(ds.m.values[i, : len(times)], results[i].traces["m"])
        assert np.isnan(ds.m.values[i, len(times) :]).all()


def test_nothing_but_spikes(collected):
    plan = a_plan(CELSIUS)
    plan["record"]["traces"] = {}
    ds = collected(plan, [simulated(0), simulated(1)])
    assert [train.tolist() for train in trains(ds, "soma").values] == [
        simulated(i).spikes["soma"].tolist() for i in range(2)
    ]


def test_not_a_single_spike(collected):
    results = [simulated(0), simulated(1)]
    for result in results:
        result.spikes["soma"] = np.empty(0)
    ds = collected(a_plan(CELSIUS), results)
    assert ds.spike_times_soma.shape == (0,)
    assert [len(train) for train in trains(ds, "soma").values] == [0, 0]


def test_more_spikes_than_are_written_at_a_time(collected, monkeypatch):
    monkeypatch.setattr(dataset, "_TIMES_BLOCK", 8 * 3)
    results = [simulated(i) for i in range(6)]
    ds = collected(a_plan(DOSE, CELSIUS), results)
    assert ds.spike_times_soma.values.tolist() == [t for r in results for t in r.spikes["soma"]]


any_train = st.lists(st.floats(0, 1e6), max_size=4).map(np.array)
any_result = st.tuples(
    st.sampled_from(STATUSES),
    st.lists(st.floats(width=32), min_size=1, max_size=6),
    any_train,
    any_train,
)


@pytest.mark.workflow
@settings(max_examples=25)
@given(st.lists(any_result, min_size=6, max_size=6), st.permutations(range(6)), st.integers(1, 6))
def test_ragged_content_comes_back(simulations, order, size):
    results, outcomes = [], {}
    for i, (status, trace, *of_sites) in enumerate(simulations):
        trace = np.array(trace, "float32")
        spikes = dict(zip(["soma", "axon"], of_sites, strict=True))
        if STATUSES.index(status) < 3:
            results.append(Simulated(key(i), status, "", {"v_soma": trace}, spikes))
        else:
            outcomes[key(i)] = (status, "")
    plan = a_plan(DOSE, CELSIUS)
    plan["record"]["spikes"]["axon"] = plan["record"]["spikes"]["soma"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        store = stored(folder / "store", [results[i] for i in order if i < len(results)], [size])
        collect_named(plan, range(6), store, folder / "ds.nc", outcomes)
        with xarray.open_dataset(folder / "ds.nc") as ds:
            ds.load()
    of_key = {result.key: result for result in results}
    for i, (dose, celsius) in enumerate(itertools.product(DOSE["values"], CELSIUS["values"])):
        result = of_key.get(key(i), Simulated(key(i)))
        one = {"dose": dose, "celsius": celsius}
        assert STATUSES[int(ds.status.sel(one))] == simulations[i][0]
        trace = result.traces.get("v_soma", np.empty(0))
        padded = np.append(trace, np.full(ds.time.size - trace.size, np.nan))
        assert np.array_equal(ds.v_soma.sel(one), padded, equal_nan=True)
        for site in ("soma", "axon"):
            train = trains(ds, site).sel(one).item()
            assert train.tolist() == list(result.spikes.get(site, []))


# ---- conventions --------------------------------------------------------------------------------


def test_conventions(collected):
    plan = a_plan(DOSE, CELSIUS)
    plan["specification"] = {"values": list(range(50_000))}  # more than HDF5's 64 KB
    ds = collected(plan, [simulated(i) for i in range(6)])
    attributes = dict(ds.attrs)
    assert json.loads(attributes.pop("specification")) == plan["specification"]
    assert json.loads(attributes.pop("spikesweep_axes")) == plan["axes"]
    assert attributes == {
        "Conventions": "CF-1.11",
        "title": plan["title"],
        "sweep": "block",
        "fingerprint": "f" * 64,
        "spikesweep_traces": '["v_soma"]',
        "spikesweep_sites": '["soma"]',
    }
    assert ds.dose.attrs == {"units": "umol L-1", "long_name": "dose of 4-AP"}
    assert ds.celsius.attrs == {"units": "degree_Celsius", "long_name": "temperature"}
    assert ds.time.attrs == {"units": "ms", "long_name": "time"}
    assert ds.v_soma.attrs == {
        "units": "mV",
        "long_name": "membrane potential",
        "at": "pyramidal.soma(0.5)",
        "ancillary_variables": "status",
    }
    assert ds.v_soma_min.attrs["cell_methods"] == "time: minimum"
    assert ds.v_soma_max.attrs["cell_methods"] == "time: maximum"
    assert ds.n_spikes_soma.attrs["sample_dimension"] in ds.spike_times_soma.dims
    assert ds.spike_times_soma.attrs["units"] == "ms"
    # CF 3.5: as many words as values, and the values have the variable's own type.
    flags = ds.status.attrs["flag_values"]
    assert dict(zip(flags.tolist(), ds.status.attrs["flag_meanings"].split(), strict=True)) == {
        0: "ok", 1: "error", 2: "not_finite", 3: "timeout", 4: "memory", 5: "crashed",
    }  # fmt: skip
    assert flags.dtype == ds.status.dtype == np.int8
    assert all("long_name" in variable.attrs for variable in ds.variables.values())
    assert ds.encoding["unlimited_dims"] == set()
    assert ds.time.dtype == ds.tstop.dtype == ds.spike_times_soma.dtype == np.float64


def test_every_dimension_has_its_scale(collected):
    ds = collected(a_plan(DOSE, CELSIUS), [simulated(i) for i in range(6)])
    with h5py.File(ds.encoding["source"]) as file:
        scales = {name: [dim[0].name for dim in item.dims] for name, item in file.items()
                  if not item.is_scale}  # fmt: skip
    assert scales["v_soma"] == ["/dose", "/celsius", "/time"]
    assert scales["key"] == ["/dose", "/celsius", "/key_digit"]
    assert scales["spike_times_soma"] == ["/spike_soma"]
    assert scales["status"] == scales["n_spikes_soma"] == ["/dose", "/celsius"]


def test_trains_of_a_site_that_is_not_there(collected):
    ds = collected(a_plan(CELSIUS), [simulated(0), simulated(1)])
    with pytest.raises(UserError, match=r'site "some" is not recorded, did you mean "soma"\?'):
        trains(ds, "some")


def test_trains_after_selecting(collected):
    results = [simulated(i) for i in range(6)]
    ds = collected(a_plan(DOSE, CELSIUS), results)
    with pytest.raises(UserError, match="simulations were selected before"):
        trains(ds.isel(dose=[0]), "soma")
    chosen = trains(ds, "soma").sel(celsius=36).sel(dose=30).item()
    assert chosen.tolist() == results[3].spikes["soma"].tolist()


# ---- features of waveforms, and in the table of statistics ---------------------------------------


def measured(name, **features):
    result = simulated(name)
    result.features = {f"soma_{feature}": value for feature, value in features.items()}
    return result


def a_plan_of_features(**changes):
    plan = a_plan(CELSIUS, **changes)
    plan["record"]["features"] = {"soma": {"at": SOMA, "names": ["AP_amplitude", "AHP_depth"]}}
    for name in ("AP amplitude", "AHP depth"):
        unit = {"unit": "mV", "long_name": name}
        plan["quantities"][f"soma_{name.replace(' ', '_')}"] = unit
    return plan


def test_features_in_the_dataset(collected):
    results = [measured(0, AP_amplitude=80.25, AHP_depth=-3.5), measured(1, AHP_depth=-4.5)]
    ds = collected(a_plan_of_features(), results)
    np.testing.assert_array_equal(ds.soma_AP_amplitude, [80.25, np.nan])
    np.testing.assert_array_equal(ds.soma_AHP_depth, [-3.5, -4.5])
    assert ds.soma_AHP_depth.dims == ("celsius",)
    assert ds.soma_AHP_depth.attrs["units"] == "mV"
    assert ds.soma_AHP_depth.attrs["long_name"] == "AHP depth"


@pytest.mark.parametrize("sites", [0, 1])
def test_features_in_the_table_of_statistics(collected, tmp_path, sites):
    plan = a_plan_of_features()
    if not sites:
        plan["record"]["spikes"] = {}
    results = [measured(0, AP_amplitude=80.25), measured(1, AHP_depth=-4.5)]
    if not sites:
        for result in results:
            result.spikes = {}
    collected(plan, results).close()
    write_simulations(tmp_path / "dataset.nc", tmp_path / "simulations.csv", {})
    write_tables(
        tmp_path / "dataset.nc",
        tmp_path / "simulations.csv",
        tmp_path / "s.csv",
        tmp_path / "i.csv",
        None,
    )
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["site"] for row in rows] == (["soma", "soma"] if sites else ["", ""])
    assert [row["soma_AP_amplitude"] for row in rows] == ["80.25", ""]
    assert [row["soma_AHP_depth"] for row in rows] == ["", "-4.5"]
    assert [row["n_spikes"] for row in rows if not sites] == ([] if sites else ["", ""])
    assert list(rows[0])[-2:] == ["soma_AP_amplitude", "soma_AHP_depth"]


def test_all_values_of_a_feature(collected):
    """Ragged, in the order of the design, with the unit of the feature; of no other feature."""
    plan = a_plan_of_features()
    plan["record"]["features"]["soma"]["values"] = True
    results = [measured(0, AP_amplitude=2.0), measured(1, AHP_depth=-4.5)]
    results[0].spikes["soma_AP_amplitude_values"] = np.array([1.0, 3.0])
    results[1].spikes["soma_AHP_depth_values"] = np.array([-4.5])
    ds = collected(plan, results)
    np.testing.assert_array_equal(ds.n_values_soma_AP_amplitude, [2, 0])
    np.testing.assert_array_equal(ds.values_soma_AP_amplitude, [1, 3])
    assert ds.values_soma_AP_amplitude.attrs["units"] == "mV"
    first, second = values(ds, "soma_AP_amplitude").values
    assert (first.tolist(), second.tolist()) == ([1, 3], [])
    assert values(ds, "soma_AHP_depth").sel(celsius=36).item().tolist() == [-4.5]
    with pytest.raises(UserError, match='not all values are kept of "soma_AP_width"'):
        values(ds, "soma_AP_width")
    with pytest.raises(UserError, match="simulations were selected before"):
        values(ds.isel(celsius=[1]), "soma_AP_amplitude")
