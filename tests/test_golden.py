"""The tutorials that this project grew out of, as sweeps through the whole workflow.

Every expected number is NEURON's own, printed in the course slides (2020), the Erice school's
notebook (2015) or the tutorial notebook (2025), or NEURON 9.0.2's in a plain script of the same
set-up.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from spikesweep.dataset import trains

EXACT = {"rtol": 0, "atol": 1e-9}


def hh_soma(size, amp, dur, tstop):
    """One compartment with the squid axon's channels, and a short current pulse at 2 ms."""
    return {
        "title": "HH soma",
        "model": {
            "cells": {
                "cell": {
                    "sections": {"soma": {"L": f"{size} um", "diam": f"{size} um"}},
                    "biophysics": [{"in": "soma", "insert": {"hh": {}}}],
                }
            }
        },
        "protocol": {
            "celsius": 6.3,
            "v_init": "-65 mV",
            "dt": "0.025 ms",
            "tstop": f"{tstop} ms",
            "processes": {
                "pulse": {
                    "type": "IClamp",
                    "at": "cell.soma(0.5)",
                    "delay": "2 ms",
                    "dur": f"{dur} ms",
                    "amp": f"{amp} nA",
                }
            },
        },
        "record": {
            "precision": "float64",
            "traces": {"v": {"of": "cell.soma(0.5).v", "every": "0.025 ms"}},
            "spikes": {"soma": {"at": "cell.soma(0.5)"}},
        },
    }


def four_pulses():
    """NEURON's default section with four pulses; spikes in both conventions."""
    sweep = hh_soma(1, 50, 0.5, 49.5)
    sweep["model"]["cells"]["cell"]["sections"]["soma"] = {"L": 100, "diam": 500}
    pulse = sweep["protocol"]["processes"]["pulse"]
    sweep["protocol"]["processes"] = {
        f"pulse{i}": pulse | {"delay": delay} for i, delay in enumerate((2, 13, 27, 40))
    }
    place = "cell.soma(0.5)"
    sweep["record"]["spikes"] = {
        "netcon": {"at": place, "threshold": "10 mV"},
        "erice": {"at": place, "threshold": "0 mV", "times": "sample_before"},
    }
    return sweep


def ball_and_stick():
    """A soma with a passive dendrite, stimulated at its end, of 1 or of 101 segments."""
    sweep = hh_soma(12.6157, 0.3, 1, 25)
    sweep["model"]["cells"]["cell"] = {
        "sections": {
            "soma": {"L": 12.6157, "diam": 12.6157},
            "dend": {"L": "200 um", "diam": "1 um", "region": "basal", "parent": "soma(1)"},
        },
        "biophysics": [
            {"in": "all", "Ra": "100 ohm*cm", "cm": "1 uF/cm2"},
            {"in": "soma", "insert": {"hh": {
                "gnabar": "0.12 S/cm2", "gkbar": "0.036 S/cm2", "gl": "0.0003 S/cm2",
                "el": "-54.3 mV"}}},
            {"in": "dend", "insert": {"pas": {"g": "0.001 S/cm2", "e": "-65 mV"}}},
        ],
    }  # fmt: skip
    sweep["protocol"]["processes"]["pulse"] |= {"at": "cell.dend(1)", "delay": "5 ms"}
    sweep["axes"] = {
        "amp": {"values": [0.075, 0.15, 0.225, 0.3], "sets": "pulse.amp"},
        "nseg": {"values": [1, 101], "sets": "cell.dend.nseg"},
    }
    return sweep


SWEEPS = {
    "slides_2020": hh_soma(10, 1, 0.1, 10),
    "notebook_2025": hh_soma(20, 0.9, 0.1, 40),
    "four_pulses": four_pulses(),
    "ball_and_stick": ball_and_stick(),
}


@pytest.fixture(scope="module")
def results(shared_project):
    """Run all of them at once; return their folder of results."""
    for name, sweep in SWEEPS.items():
        shared_project.write_sweep(name, sweep)
    shared_project.snakemake(*SWEEPS)
    return shared_project.root / "results"


def test_hh_soma_of_the_slides_2020(results):
    v = xr.open_dataset(results / "slides_2020/dataset.nc").v.squeeze()
    first = [-65.0, -64.99925452909274, -64.9985207095132, -64.99779768226396,
             -64.99708468737194, -64.9963810528078, -64.99568618464123]  # fmt: skip
    assert v.dtype == np.float64
    assert v.sizes["time"] == 401
    np.testing.assert_allclose(v[:7], first, **EXACT)
    np.testing.assert_allclose(v.max(), 40.979789396352565, **EXACT)
    np.testing.assert_allclose(v.idxmax("time"), 2.725, **EXACT)


def test_tutorial_soma_of_the_notebook_2025(results):
    v = xr.open_dataset(results / "notebook_2025/dataset.nc").v.squeeze()
    np.testing.assert_allclose(v.max(), 36.955888792538275, **EXACT)
    np.testing.assert_allclose(v.idxmax("time"), 5.25, **EXACT)


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        # slides 2020, NetCon with a threshold of 10 mV; the slide prints 28.205, a misprint
        ("netcon", [3.225000000100012, 28.20000000009893, 41.70000000010092]),
        # Erice 2015, last sample at or below 0 mV before an upward crossing
        ("erice", [3.1750000000000114, 28.149999999998936, 41.6250000000009]),
    ],
)
def test_spike_detection(results, site, expected):
    dataset = xr.open_dataset(results / "four_pulses/dataset.nc")
    np.testing.assert_allclose(trains(dataset, site).item(), expected, **EXACT)


def test_interspike_intervals_of_erice_2015(results):
    isi = pd.read_csv(results / "four_pulses/isi.csv").query("site == 'erice'")
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
