"""The tables of a population, from a dataset and its statistics."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from spikesweep.figures.data import FigureData
from spikesweep.figures.population_table import write_population
from spikesweep.tables.population import ACCEPTANCE, CORRELATIONS
from spikesweep.tables.verdicts import COLUMNS, read_population, told

AMPS = [0.0, 0.2]


def criterion(of, low, high, at):
    return {"of": of, "site": None, "unit": "Hz", "at": at, "low": low, "high": high,
            "mean": None, "sd": None, "z": None, "source": ""}  # fmt: skip


SILENT = criterion("rate", None, 0.0, {"amp": 0.0})
FIRES = criterion("rate", 10.0, 50.0, {"amp": 0.2})
EARLY = criterion("latency", 0.0, 5.0, {"amp": 0.2})


@pytest.fixture
def made(tmp_path):
    """Write a design of candidates by two currents, and the tables of its population."""

    def make(gk, rates, latencies, criteria, failed=(), is_sample=True, axes=("gk",), lower=()):
        n = len(gk) * 2
        axis = [
            {"name": "gk", "unit": "mS/cm2", "long_name": "", "values": list(gk)},
            {"name": "amp", "unit": "nA", "long_name": "", "values": AMPS},
        ]
        status = np.isin(np.arange(n), failed).astype("int8")
        xr.Dataset(
            {"status": ("simulation", status), "index": ("simulation", np.arange(n))},
            {"gk": ("simulation", np.repeat(gk, 2)), "amp": ("simulation", np.tile(AMPS, len(gk)))},
            {"spikesweep_axes": json.dumps(axis), "spikesweep_sites": json.dumps(["soma"])},
        ).to_netcdf(tmp_path / "dataset.nc", engine="h5netcdf")
        table = pd.DataFrame(
            {"index": range(n), "site": "soma", "rate": np.ravel(rates),
             "latency": np.ravel(latencies), "n_spikes": np.ravel(rates)}
        )  # fmt: skip
        table["n_spikes_lower"] = table["n_spikes"] - np.isin(table["index"], lower)
        table.loc[list(failed), ["rate", "latency"]] = np.nan
        table.to_csv(tmp_path / "statistics.csv", index=False)
        data = FigureData(tmp_path / "dataset.nc", tmp_path / "statistics.csv")
        outputs = [tmp_path / f"{n}.csv" for n in ("population", "acceptance", "correlations")]
        asked = {"criteria": criteria, "axes": list(axes), "is_sample": is_sample}
        write_population(data, asked, outputs)
        return outputs

    return make


GK = [10.0, 20.0, 30.0, 40.0, 50.0]
RATES = [[0, 20], [0, 60], [5, 20], [0, 0], [0, 30]]
LATENCIES = [[np.nan, 2], [np.nan, 1], [1, 9], [np.nan, np.nan], [np.nan, 3]]
ALL_THREE = {"silent": SILENT, "fires": FIRES, "early": EARLY}


def test_criteria_of_counts_that_hang_on_the_threshold_are_named(made):
    """Simulations 1 and 2 are of 0.2 nA in the first candidate, and of 0 nA in the second: what no
    criterion looks at is in no doubt."""
    population, *_ = made(GK, RATES, LATENCIES, ALL_THREE, lower=[1, 2])
    rows = pd.read_csv(population, keep_default_na=False)
    assert rows["doubtful"].tolist() == ["fires; early", "silent", "", "", ""]
    population, *_ = made(GK, RATES, LATENCIES, {"fires": FIRES}, lower=[2])
    assert not any(pd.read_csv(population, keep_default_na=False)["doubtful"])


def test_each_candidate_has_a_row_and_its_reasons(made):
    population, acceptance, pairs = made(GK, RATES, LATENCIES, ALL_THREE, failed=[8])
    rows = pd.read_csv(population, keep_default_na=False, na_values=[""])
    first, *others = COLUMNS
    assert list(rows) == [first, "gk", *others, *ALL_THREE]
    assert rows["candidate"].tolist() == [0, 2, 4, 6, 8]
    assert rows["gk"].tolist() == GK
    assert rows["verdict"].tolist() == ["accepted", "rejected", "rejected", "rejected", "failed"]
    assert rows["reasons"].fillna("").tolist() == [
        "",
        "fires: 60 Hz is above 50 Hz",
        "silent: 5 Hz is above 0 Hz; early: 9 Hz is above 5 Hz",
        "fires: 0 Hz is below 10 Hz; early: undefined",
        "",
    ]
    np.testing.assert_array_equal(rows["fires"], [20, 60, 20, 0, 30])
    np.testing.assert_array_equal(rows["early"], [2, 1, 9, np.nan, 3])
    shares = pd.read_csv(acceptance, index_col="criterion", keep_default_na=False, na_values=[""])
    assert ["criterion", *shares] == [*ACCEPTANCE]
    assert shares["met"].to_dict() == {"(all)": 1, "silent": 3, "fires": 2, "early": 2}
    assert shares["undefined"].dropna().to_dict() == {"silent": 0, "fires": 0, "early": 1}
    assert shares["alone"].dropna().to_dict() == {"silent": 0, "fires": 1, "early": 0}
    assert (shares.loc["(all)", "candidates"], shares.loc["(all)", "failed"]) == (5, 1)
    assert shares.loc["(all)", "share"] == 0.25
    assert shares.loc["fires", "at"] == "amp=0.2"
    assert list(pd.read_csv(pairs)) == [*CORRELATIONS]
    assert told(population, acceptance) == [
        "1 of 4 candidates accepted (25%; 95% interval 4.56% to 69.9%); 1 failed, and are not "
        "judged; fires rejects most: 2"
    ]
    assert [row["gk"] for row in read_population(population).accepted] == ["10.0"]
    assert read_population(population).axes == ["gk"]


def test_a_criterion_must_hold_in_each_simulation_that_it_looks_at(made):
    """The first candidate has 30 Hz on average, in the range, and 60 Hz in one simulation."""
    both = criterion("rate", 0.0, 50.0, {})
    population, acceptance, _ = made([10.0, 20.0], [[0, 60], [20, 40]], [[1, 1]] * 2,
                                     {"both": both, "fires": FIRES})  # fmt: skip
    rows = pd.read_csv(population, keep_default_na=False)
    assert rows["both"].tolist() == [30, 30]
    assert rows["verdict"].tolist() == ["rejected", "accepted"]
    shares = pd.read_csv(acceptance, index_col="criterion")
    assert shares["simulations"].dropna().to_dict() == {"both": 2, "fires": 1}


def test_a_simulation_that_no_criterion_looks_at_may_fail(made):
    population, *_ = made(GK, RATES, LATENCIES, {"fires": FIRES}, failed=[0])
    assert pd.read_csv(population)["verdict"][0] == "accepted"


def test_without_a_value_of_the_axis_all_of_them_count(made):
    anywhere = criterion("rate", 0.0, 50.0, {})
    population, *_ = made(GK, RATES, LATENCIES, {"any": anywhere})
    rows = pd.read_csv(population)
    assert rows["verdict"].tolist() == ["accepted", "rejected", *["accepted"] * 3]
    assert rows["any"].tolist() == [10, 30, 12.5, 0, 15]  # the means


def test_a_grid_has_shares_without_intervals(made):
    _, acceptance, _ = made(GK, RATES, LATENCIES, {"fires": FIRES}, is_sample=False)
    shares = pd.read_csv(acceptance)
    assert shares["share"].tolist() == [0.6, 0.6]
    assert shares["share_low"].isna().all()


def test_correlations_are_of_the_accepted_alone(made):
    rates = [[0, 20], [0, 60], [0, 30], [0, 40], [0, 45]]
    latencies = [[np.nan, 4], [np.nan, 1], [np.nan, 3], [np.nan, 1], [np.nan, 2]]
    *_, pairs = made(GK, rates, latencies, {"fires": FIRES, "early": EARLY})
    rows = pd.read_csv(pairs).set_index(["first", "second"])
    assert rows["n"].tolist() == [4, 4, 4]
    expected = np.corrcoef([10, 30, 40, 50], [20, 30, 40, 45])[0, 1]
    assert rows.loc[("gk", "fires"), "pearson"] == pytest.approx(expected)
