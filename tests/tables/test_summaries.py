"""The tables over replicates and of fits, against pandas and what the synthetic cells have."""

import csv

import numpy as np
import pandas as pd
import pytest

from drawing import DEFAULTS
from spikesweep.figures.fits import write_fits
from spikesweep.tables.columns import FITS, REPLICATES
from spikesweep.tables.replicates import write_replicates


def read(path):
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@pytest.fixture
def replicated(sweeps):
    return sweeps["zero dose and replicates"]


def test_replicates_are_pandas_own(replicated, tmp_path):
    output = tmp_path / "replicates.csv"
    write_replicates(replicated._paths["statistics"], ["dose", "celsius", "seed"], ["seed"], output)
    table = read(output)
    assert list(table) == ["dose", "celsius", *REPLICATES]
    rates = table[table["statistic"] == "rate"].set_index(["dose", "celsius", "site"])
    groups = replicated.statistics.groupby(["dose", "celsius", "site"])["rate"]
    np.testing.assert_array_equal(rates["replicates_n"], groups.count().loc[rates.index])
    np.testing.assert_allclose(rates["replicates_mean"], groups.mean().loc[rates.index])
    np.testing.assert_allclose(rates["replicates_sd"], groups.std().loc[rates.index])
    assert {*rates["replicates_n"]} == {3, 4}  # two simulations failed


def test_of_no_value_and_of_one(tmp_path):
    statistics, output = tmp_path / "statistics.csv", tmp_path / "replicates.csv"
    statistics.write_text("index,dose,seed,status,site,rate\n0,1,1,ok,a,5.0\n1,1,2,error,a,\n"
                          "2,3,1,ok,a,\n3,3,2,ok,a,\n")  # fmt: skip
    write_replicates(statistics, ["dose", "seed"], ["seed"], output)
    rows = list(csv.reader(output.open()))
    assert rows[1:] == [["1", "a", "rate", "1", "5.0", ""], ["3", "a", "rate", "0", "", ""]]


def test_fits_find_the_ec50_that_the_cells_have(replicated, tmp_path):
    output = tmp_path / "fits.csv"
    write_fits(replicated, [{"figure": "curve", **DEFAULTS["dose_response"]}], output)
    table = read(output)
    assert list(table) == [*FITS]
    assert table["value"].tolist() == [16, 26, 36]
    assert table["why"].isna().all()
    assert (table["ec50_ends"] == "95% confidence interval").all()
    inside = (table["ec50_low"] < 30) & (table["ec50_high"] > 30)  # 30 uM at each temperature
    assert inside.all()
    assert (table["top"] > table["bottom"]).all()


def test_where_there_is_no_fit_the_table_says_why(sweeps, tmp_path):
    output = tmp_path / "fits.csv"
    unknown = {"figure": "other", **DEFAULTS["dose_response"], "of": "speed"}
    write_fits(
        sweeps["silent"], [{"figure": "curve", **DEFAULTS["dose_response"]}, unknown], output
    )
    table = read(output)
    assert table["ec50"].isna().all()
    assert (table["why"][:3] == "the response does not change").all()
    assert 'shows "of: speed"' in table["why"].iloc[3]
