"""The tutorials that this project grew out of: examples, run through the whole workflow.

Every expected number is NEURON's own, printed in the course slides (2020), the Erice school's
notebook (2015) or the tutorial notebook (2025), or NEURON 9.0.2's in a plain script of the same
set-up.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from spikesweep.tables.trains import trains

EXACT = {"rtol": 0, "atol": 1e-9}


EXAMPLES = ("hh_soma", "tutorial_soma", "spike_detection", "ball_and_stick")


def test_hh_soma_of_the_slides_2020(results):
    v = xr.open_dataset(results / "hh_soma/dataset.nc").v.squeeze()
    first = [-65.0, -64.99925452909274, -64.9985207095132, -64.99779768226396,
             -64.99708468737194, -64.9963810528078, -64.99568618464123]  # fmt: skip
    assert v.dtype == np.float64
    assert v.sizes["time"] == 401
    np.testing.assert_allclose(v[:7], first, **EXACT)
    np.testing.assert_allclose(v.max(), 40.979789396352565, **EXACT)
    np.testing.assert_allclose(v.idxmax("time"), 2.725, **EXACT)


def test_tutorial_soma_of_the_notebook_2025(results):
    v = xr.open_dataset(results / "tutorial_soma/dataset.nc").v.sel(amp=0.9)
    np.testing.assert_allclose(v.max(), 36.955888792538275, **EXACT)
    np.testing.assert_allclose(v.idxmax("time"), 5.25, **EXACT)


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        # slides 2020, NetCon with a threshold of 10 mV; the slide prints 28.205, a misprint
        ("netcon", [3.225000000100012, 28.20000000009893, 41.70000000010092]),
        # Erice 2015, last sample at or below 0 mV before an upward crossing
        ("sample_before", [3.1750000000000114, 28.149999999998936, 41.6250000000009]),
    ],
)
def test_spike_detection(results, site, expected):
    dataset = xr.open_dataset(results / "spike_detection/dataset.nc")
    np.testing.assert_allclose(trains(dataset, site).item(), expected, **EXACT)


def test_interspike_intervals_of_erice_2015(results):
    isi = pd.read_csv(results / "spike_detection/isi.csv").query("site == 'sample_before'")
    np.testing.assert_allclose(isi.isi, [24.974999999998925, 13.475000000001966], **EXACT)


def test_ball_and_stick(results):
    peaks = xr.open_dataset(results / "ball_and_stick/dataset.nc").v_max
    expected = {  # a plain NEURON 9.0.2 script, to five decimals
        1: [-61.68996, -57.70552, 34.66074, 35.75972],
        101: [-62.27272, -59.30484, 29.97664, 33.56370],
    }
    assert peaks.dims == ("amp", "nseg")
    for nseg, values in expected.items():
        np.testing.assert_allclose(peaks.sel(nseg=nseg), values, rtol=0, atol=5.1e-6)


def test_soma_area_of_the_ball_and_stick(results):
    soma = pd.read_csv(results / "ball_and_stick/structure.csv").query("section == 'soma'")
    np.testing.assert_allclose(soma.area.sum(), 500.00296, rtol=0, atol=5.1e-6)
