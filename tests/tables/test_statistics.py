"""The statistics stage: tables of small datasets, against NumPy, SciPy and Elephant row by row."""

import json
import subprocess
import sys
from types import SimpleNamespace

import h5netcdf
import h5py
import numpy as np
import pandas as pd
import pytest
import quantities as pq
from elephant import statistics as elephant
from scipy import stats

from project import PACKAGE
from spikesweep.errors import UserError
from spikesweep.tables import statistics
from spikesweep.tables.simulations import write_simulations
from spikesweep.tables.statistics import COLUMNS, ISI_COLUMNS, write_tables

pytestmark = pytest.mark.filterwarnings("error")

NAN = np.nan
STATUSES = "ok error not_finite timeout memory crashed"
OK, ERROR, TIMEOUT, CRASHED = 0, 1, 3, 5


def write_dataset(path, axes, trains, grid=True, status=None, tstop=500.0, index=None):
    """Write a dataset as the collect stage lays it out.

    axes: name -> values; of a grid each once, else one a simulation. trains: site -> the train of
    every simulation (ms), in C order. status, tstop, index: one a simulation, or one for all.
    """
    shape = (
        [len(values) for values in axes.values()] if grid else [len(next(iter(trains.values())))]
    )
    dims = list(axes) if grid else ["simulation"]
    n = int(np.prod(shape))

    def flat(values, default, dtype):
        return (
            np.broadcast_to(default if values is None else values, n).reshape(shape).astype(dtype)
        )

    with h5netcdf.File(path, "w") as file:
        file.dimensions = dict(zip(dims, shape, strict=True))
        for name, values in axes.items():
            values = np.array(values)
            if values.dtype.kind == "U":
                values = values.astype(h5py.string_dtype())
            file.create_variable(name, (name,) if grid else dims, values.dtype, values)
        file.create_variable("message", dims, h5py.string_dtype(), np.full(shape, "", object))
        variable = file.create_variable("status", dims, "i1", flat(status, OK, "i1"))
        variable.attrs["flag_values"] = np.arange(6, dtype="i1")
        variable.attrs["flag_meanings"] = STATUSES
        file.create_variable("index", dims, "i8", flat(index, np.arange(n), "i8"))
        variable = file.create_variable("tstop", dims, "f8", flat(tstop, tstop, "f8"))
        variable.attrs["units"] = "ms"
        for site, of_site in trains.items():
            counts = np.array([len(train) for train in of_site]).reshape(shape)
            times = np.concatenate([np.asarray(train, float) for train in of_site])
            variable = file.create_variable(f"n_spikes_{site}", dims, "i8", counts)
            variable.attrs["sample_dimension"] = f"spike_{site}"
            file.dimensions[f"spike_{site}"] = len(times)
            file.create_variable(f"spike_times_{site}", (f"spike_{site}",), "f8", times)
        file.attrs["spikesweep_sites"] = json.dumps(list(trains))
        file.attrs["spikesweep_axes"] = json.dumps(
            [{"name": name, "values": list(values)} for name, values in axes.items()]
        )
    return path


def read(path):
    """Read a table as the module's docstring says."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@pytest.fixture
def tables(tmp_path):
    """Write a dataset and its tables; return both as paths and as frames."""

    def write(axes, trains, window=None, refractory=5.0, **dataset):
        path = write_dataset(tmp_path / "dataset.nc", axes, trains, **dataset)
        csv, isi_csv = tmp_path / "statistics.csv", tmp_path / "isi.csv"
        write_simulations(path, simulations := tmp_path / "simulations.csv", {})
        write_tables(path, simulations, csv, isi_csv, window, refractory)
        return SimpleNamespace(
            csv=csv, isi_csv=isi_csv, statistics=read(csv), isi=read(isi_csv), dataset=path,
            simulations=simulations,
        )  # fmt: skip

    return write


def oracle(train, start, stop):
    """Return the statistics of one train by NumPy, SciPy and Elephant, a simulation apart."""
    train = np.array([time for time in train if start <= time <= stop])
    isi = np.diff(train)
    two = len(isi) >= 2
    contrast = np.diff(isi) / (isi[1:] + isi[:-1])
    return {
        "n_spikes": len(train),
        "n_spikes_lower": len(train),
        "rate": 1000 * len(train) / (stop - start),
        "latency": train[0] - start if len(train) else NAN,
        "isi_mean": np.mean(isi) if len(isi) else NAN,
        "isi_median": np.median(isi) if len(isi) else NAN,
        "isi_sd": np.std(isi) if two else NAN,
        "isi_min": np.min(isi, initial=np.inf) if len(isi) else NAN,
        "isi_max": np.max(isi, initial=0) if len(isi) else NAN,
        "cv": stats.variation(isi) if two else NAN,
        "cv2": elephant.cv2(isi) if two else NAN,
        "lv": elephant.lv(isi) if two else NAN,
        "lvr": elephant.lvr(isi * pq.ms, R=5 * pq.ms) if two else NAN,
        "adaptation_index": np.mean(contrast) if two else NAN,
    }


def random_trains(n, tstop=500.0, seed=0):
    """Return n Poisson trains of 0 to 80 Hz; the first is silent."""
    random = np.random.default_rng(seed)
    rates = np.linspace(0, 80, n)
    return [
        np.sort(random.uniform(0, tstop, random.poisson(rate * tstop / 1000))) for rate in rates
    ]


GRID = {"dose": [0.1, 30.0, 1e-5], "cell": ["RS, adapting", "NA"]}


# ---- rows and values ---------------------------------------------------------------------------


@pytest.mark.parametrize("window", [None, (0, 500), (100, 350.5)])
def test_every_row_has_the_statistics_of_its_train(tables, window):
    trains = {"soma": random_trains(6), "axon": random_trains(6, seed=1)}
    table = tables(GRID, trains, window).statistics
    assert len(table) == 12
    for row in table.to_dict("records"):
        expected = oracle(trains[row["site"]][row["index"]], *(window or (0, 500)))
        assert {name: row[name] for name in COLUMNS} == pytest.approx(
            expected, rel=1e-11, abs=1e-12, nan_ok=True
        )


def test_rows_of_a_grid(tables):
    table = tables(GRID, {"soma": random_trains(6), "axon": random_trains(6)}).statistics
    assert [*table] == ["index", "dose", "cell", "status", "site", *COLUMNS]
    # C order of the axes, the sites of a simulation side by side; axis values bit by bit
    assert table["index"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table["dose"].tolist() == [0.1] * 4 + [30.0] * 4 + [1e-5] * 4
    assert table["cell"].tolist() == ["RS, adapting", "RS, adapting", "NA", "NA"] * 3
    assert table["site"].tolist() == ["soma", "axon"] * 6
    assert set(table["status"]) == {"ok"}


def test_rows_of_another_design(tables):
    # Two axes run in step: one dimension, the simulations; the index comes from the dataset.
    axes = {"amp": [0.1, 0.2, 0.2], "cell": ["a", "a", "b"]}
    table = tables(axes, {"soma": [[10], [10, 20], []]}, grid=False, index=[7, 8, 9]).statistics
    assert table["index"].tolist() == [7, 8, 9]
    assert table["amp"].tolist() == [0.1, 0.2, 0.2]
    assert table["cell"].tolist() == ["a", "a", "b"]
    assert table["n_spikes"].tolist() == [1, 2, 0]


def test_intervals(tables):
    # Spikes of the Erice 2015 run and the intervals that it printed; the others have too few.
    erice = [3.1750000000000114, 28.149999999998936, 41.6250000000009]
    trains = {"soma": [[], erice], "axon": [[5.0], [1.0, 2.5]]}
    isi = tables({"amp": [1, 50]}, trains).isi
    assert [*isi] == ["index", "amp", "site", *ISI_COLUMNS]
    assert isi.to_dict("split")["data"] == [
        [1, 50, "soma", 1, 28.149999999998936, 24.974999999998925],
        [1, 50, "soma", 2, 41.6250000000009, 13.475000000001966],
        [1, 50, "axon", 1, 2.5, 1.5],
    ]


def test_both_spikes_of_an_interval_lie_in_the_window(tables):
    isi = tables({"amp": [1.0]}, {"soma": [[10, 25, 60, 70, 90]]}, window=(20, 70)).isi
    assert isi["isi"].tolist() == [35, 10]
    assert isi["time"].tolist() == [60, 70]
    assert isi["interval"].tolist() == [1, 2]  # the first in the window


def test_refractoriness_constant(tables):
    train = [0, 10, 30, 60]
    expected = elephant.lvr(np.diff(train) * pq.ms, R=2 * pq.ms)
    table = tables({"amp": [1.0]}, {"soma": [train]}, refractory=2.0).statistics
    assert table["lvr"].tolist() == pytest.approx([expected])


# ---- windows and runs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tstop", "window", "n_spikes", "rate", "latency"),
    [
        # a spike at 10, 110, 210, ... while the simulation runs
        (200, None, 2, 10.0, 10),
        (1000, None, 10, 10.0, 10),
        (1000, (100, 300), 2, 10.0, 10),
        (200, (100, 300), 1, 10.0, 10),  # 100 to 200 ms was simulated
        (100, (100, 300), NAN, NAN, NAN),  # nothing of it was
        (50, (100, 300), NAN, NAN, NAN),
        (1000, (120, 180), 0, 0.0, NAN),
    ],
)
def test_what_was_simulated_of_the_window_counts(tables, tstop, window, n_spikes, rate, latency):
    # Beside it in the sweep runs another duration.
    trains = {"soma": [np.arange(10, 400, 100), np.arange(10, tstop, 100)]}
    table = tables({"duration": [400, tstop]}, trains, window, tstop=[400, tstop]).statistics
    row = table[["n_spikes", "rate", "latency"]].iloc[1]
    np.testing.assert_array_equal(row, [n_spikes, rate, latency])


@pytest.mark.parametrize("window", [None, (0, 50), (0, 70)])
def test_a_spike_in_the_last_step_counts(tables, window):
    # Where the clock of a run of 50 ms at 0.025 ms ends, by NEURON 9.0.2.
    trains = {"soma": [[10.0, 50.0000000000028]]}
    table = tables({"amp": [1.0]}, trains, window, tstop=50.0).statistics
    assert table["n_spikes"].tolist() == [2]
    assert table["rate"].tolist() == [40.0]


def test_a_window_of_each_simulation(tables):
    """One may end with the run, lie behind it or last no time; the oracle is as for one window."""
    trains = random_trains(6, seed=3)
    starts, ends = [0, 50, 123.5, 500, 100, 700], [500, 51, 250, 900, 100, 800]
    axes = {"pulse": list(range(6))}
    found = tables(axes, {"soma": trains}, (np.array(starts), np.array(ends))).statistics
    of_run = {i: min(end, 500) for i, end in enumerate(ends)}
    for i, (train, start) in enumerate(zip(trains, starts, strict=True)):
        row = found.iloc[i]
        if start >= of_run[i]:
            assert row[[*COLUMNS, "window_start", "window_end"]].isna().all()
            continue
        expected = oracle(train, start, of_run[i]) | {
            "window_start": start, "window_end": of_run[i]
        }  # fmt: skip
        assert {name: row[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_spikes_counted_lower_are_cut_to_the_window_as_well(tables):
    trains = {"soma": [[10.0, 20.0], [10.0]]}
    path = tables({"amp": [1.0, 2.0]}, trains).dataset
    with h5netcdf.File(path, "a") as file:
        file.create_variable("n_lower_soma", ("amp",), "i8", np.array([3, 1]))
        file.dimensions["lower_soma"] = 4
        times = np.array([10.0, 20.0, 30.0, 10.0])
        file.create_variable("lower_times_soma", ("lower_soma",), "f8", times)
    for window, counts in ((None, [3, 1]), ((15, 100), [2, 0]), ((0, 25), [2, 1])):
        csv = path.with_name("statistics.csv")
        write_tables(path, path.with_name("simulations.csv"), csv, path.with_name("isi"), window)
        assert read(csv)["n_spikes_lower"].tolist() == counts


def test_derived_quantities_follow_their_formulas(tables):
    """Of the row's own site, of named ones, of axes; empty where something is undefined."""
    trains = {"soma": [[10.0, 20.0], [10.0], []], "axon": [[12.0], [14.5], [9.0]]}
    path = tables({"amp": [1.0, 2.0, 0.0]}, trains).dataset
    formulas = {
        "delay": "latency_axon - latency_soma",
        "gain": "rate / amp",
        "n_own": "n_spikes + 0 * amp",
    }
    csv = path.with_name("statistics.csv")
    more = (path.with_name("simulations.csv"), csv, path.with_name("isi.csv"), None)
    write_tables(path, *more, derived=formulas)
    table = read(csv)
    np.testing.assert_array_equal(table["delay"], [2, 2, 4.5, 4.5, NAN, NAN])
    np.testing.assert_array_equal(table["n_own"], [2, 1, 1, 1, 0, 1])
    np.testing.assert_array_equal(table["gain"][:4], (table["rate"] / table["amp"])[:4])
    assert table["gain"][4:].isna().all()  # divides by zero


def test_without_spike_sites_a_simulation_has_a_row_of_what_is_derived(tables):
    written = tables({"amp": [1.0, 2.0]}, {})
    more = (written.simulations, written.csv, written.isi_csv, None)
    write_tables(written.dataset, *more, derived={"double": "2 * amp"})
    table = read(written.csv)
    assert table["double"].tolist() == [2, 4]
    assert table[["site", "n_spikes"]].isna().all(axis=None)


# ---- failure is data ---------------------------------------------------------------------------


def test_failed_simulations_have_no_statistics(tables):
    # A run that timed out or crashed may have left spikes.
    trains = {"soma": [[10, 20, 40]] * 4, "axon": [[10, 20]] * 4}
    written = tables({"amp": [1, 2, 3, 4]}, trains, status=[OK, ERROR, TIMEOUT, CRASHED])
    assert written.statistics["status"].tolist() == [
        *("ok", "ok", "error", "error", "timeout", "timeout", "crashed", "crashed")
    ]
    empty = "," * (len(COLUMNS) - 1)
    assert written.csv.read_text().splitlines()[3:] == [
        f"{amp - 1},{amp},{status},{site},{empty}"
        for amp, status in ((2, "error"), (3, "timeout"), (4, "crashed"))
        for site in ("soma", "axon")
    ]
    assert written.isi["index"].tolist() == [0, 0, 0]


def test_nothing_but_failures(tables):
    written = tables({"amp": [1, 2]}, {"soma": [[], []]}, status=ERROR)
    assert written.statistics[list(COLUMNS)].isna().all(axis=None)
    assert written.isi.empty


# ---- the files ---------------------------------------------------------------------------------


def test_pandas_reads_and_writes_the_same_text(tables):
    written = tables(GRID, {"soma": random_trains(6)}, status=[0, 0, 0, 0, 0, 1])
    for path, table in ((written.csv, written.statistics), (written.isi_csv, written.isi)):
        if "n_spikes" in table:
            table = table.astype({"n_spikes": "Int64", "n_spikes_lower": "Int64"})
        assert table.to_csv(index=False) == path.read_text()


def test_spike_times_come_back_bit_by_bit(tables):
    (train,) = random_trains(2)[1:]
    isi = tables({"amp": [1.0]}, {"soma": [train]}).isi
    assert isi["time"].tolist() == train[1:].tolist()
    assert isi["isi"].tolist() == np.diff(train).tolist()


@pytest.mark.parametrize("block", [1, 7, 50])
def test_blocks_leave_no_trace(tables, monkeypatch, block):
    trains = {"soma": random_trains(12), "axon": random_trains(12, seed=1)}
    axes = {"amp": list(range(12))}
    whole = tables(axes, trains, window=(50, 400))
    texts = whole.csv.read_text(), whole.isi_csv.read_text()
    monkeypatch.setattr(statistics, "BLOCK", block)
    parts = tables(axes, trains, window=(50, 400))
    assert (parts.csv.read_text(), parts.isi_csv.read_text()) == texts


@pytest.mark.parametrize(
    ("axes", "trains", "n_rows"),
    [
        pytest.param({"amp": [1, 2]}, {}, 0, id="no sites"),
        pytest.param({}, {"soma": [[1.0, 2.0]]}, 1, id="no axes"),
        pytest.param({"amp": [1, 2]}, {"soma": [[], []]}, 2, id="no spikes"),
    ],
)
def test_tables_of_little(tables, axes, trains, n_rows):
    written = tables(axes, trains, grid=bool(axes))
    assert [*written.statistics] == ["index", *axes, "status", "site", *COLUMNS]
    assert [*written.isi] == ["index", *axes, "site", *ISI_COLUMNS]
    assert len(written.statistics) == n_rows


def damage(path, name):
    with h5py.File(path, "r+") as file:
        del file[name]


@pytest.mark.parametrize(
    ("spoil", "window", "message"),
    [
        (lambda path: path.unlink(), None, "dataset.nc: no dataset can be read there"),
        (lambda path: path.write_text("index,amp\n"), None, "no dataset can be read there"),
        (lambda path: damage(path, "status"), None, "not a whole dataset.*status.*makes it again"),
        (lambda path: damage(path, "n_spikes_soma"), None, "not a whole dataset.*n_spikes_soma"),
        (lambda path: None, (300, 100), "300 to 100 ms; expected an end after its start"),
        (lambda path: None, (100, 100), "100 to 100 ms; expected an end after its start"),
    ],
)
def test_refusals_leave_the_tables_as_they_were(tables, spoil, window, message):
    written = tables({"amp": [1.0]}, {"soma": [[10, 20, 40]]})
    before = written.csv.read_text(), written.isi_csv.read_text()
    spoil(written.dataset)
    with pytest.raises(UserError, match=message):
        write_tables(written.dataset, written.simulations, written.csv, written.isi_csv, window)
    assert (written.csv.read_text(), written.isi_csv.read_text()) == before
    names = {path.name for path in written.csv.parent.iterdir()}
    assert names - {"dataset.nc", "simulations.csv"} == {"statistics.csv", "isi.csv"}


@pytest.mark.parametrize("counts", [[2, 2], [4, -1]])
def test_counts_that_do_not_fit_the_spike_times(tables, counts):
    written = tables({"amp": [1, 2]}, {"soma": [[10, 20], [30]]})
    with h5py.File(written.dataset, "r+") as file:
        file["n_spikes_soma"][:] = counts
    with pytest.raises(UserError, match=r"n_spikes_soma.*spike_times_soma holds 3"):
        write_tables(written.dataset, written.simulations, written.csv, written.isi_csv, None)


def test_a_duration_in_another_unit_is_refused(tables):
    written = tables({"amp": [1.0]}, {"soma": [[10, 20]]})
    with h5py.File(written.dataset, "r+") as file:
        file["tstop"].attrs["units"] = "s"
    with pytest.raises(UserError, match="tstop is in s; expected ms"):
        write_tables(written.dataset, written.simulations, written.csv, written.isi_csv, None)


def test_the_stage_starts_without_the_heavy_packages():
    heavy = {"pandas", "xarray", "scipy", "matplotlib", "neuron", "pint", "pydantic"}
    code = "import sys, spikesweep.tables.statistics; print(*sys.modules)"
    environment = {"PYTHONPATH": str(PACKAGE)}
    loaded = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    loaded = set(loaded.split())
    assert "h5py" in loaded
    assert not heavy & loaded
