"""The tables over replicates and of fits, against pandas and what the synthetic cells have."""

import csv
import re

import numpy as np
import pandas as pd
import pytest

from drawing import DEFAULTS, draw, words
from spikesweep.figures.fits import write_fits
from spikesweep.tables.columns import FITS, REPLICATES
from spikesweep.tables.hill import fit
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
    assert table["ec50_extrapolated"].isna().all()


def test_fits_and_legend_say_which_end_is_extrapolated(replicated, tmp_path, monkeypatch):
    """Of doses to 30 uM alone, with noise, the interval of EC50 ends above them."""
    dose = np.tile([0.3, 1, 3, 10, 30], 3)
    curve = 40 / (1 + (dose / 15) ** 1.5)
    found = fit(dose, curve + np.random.default_rng(11).normal(0, 2, dose.size))
    monkeypatch.setattr("spikesweep.figures.dose_response.fit", lambda *_: found)
    output = tmp_path / "fits.csv"
    options = {**DEFAULTS["dose_response"], "by": None}
    write_fits(replicated, [{"figure": "curve", **options}], output)
    (row,) = read(output).to_dict("records")
    assert (row["ec50_extrapolated"], row["ec50_high"] > 30) == ("upper", True)
    said = words(draw("dose_response", replicated, by=None)).replace("\n", " ")
    assert re.search(r"13\.8 µM \(10\.3 to 86\.6, upper end extrapolated\), h 1\.7", said)


def test_fits_and_legend_claim_no_slope_and_no_plateau_that_was_not_seen(
    replicated, tmp_path, monkeypatch
):
    doses = np.array([0.1, 1, 10, 100, 1000])
    rising = 40 / (1 + (doses / 250) ** -1.0)  # at 1000 by hand 32 of 40
    for response, h, plateaus, said in (
        ([2, 2, 1, 0, 0], True, "", r"10 µM \(1 to 100\), h not identified"),
        (rising, False, "top", r"250 µM \(100 to 1000\), h .1, top extrapolated"),
    ):
        found = fit(doses, response)
        monkeypatch.setattr("spikesweep.figures.dose_response.fit", lambda *_, one=found: one)
        output = tmp_path / "fits.csv"
        write_fits(replicated, [{"figure": "c", **DEFAULTS["dose_response"], "by": None}], output)
        row = read(output).iloc[0]
        assert np.isnan(row["h"]) == h
        assert row["plateaus_extrapolated"] == plateaus or not plateaus
        legend = words(draw("dose_response", replicated, by=None)).replace("\n", " ")
        assert re.search(said, legend)


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
