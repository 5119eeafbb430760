"""Names and units in a dataset."""

import pytest

from spikesweep.language.names import location_text
from spikesweep.tables.netcdf import samples_of, udunits


# The right column was read by UDUNITS 2.2.28, which gave the SI units of the comment.
@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("", "1"),
        ("1", "1"),
        ("dimensionless", "1"),
        ("mV", "mV"),  # 0.001 m2 kg s-3 A-1
        ("degC", "degree_Celsius"),  # K @ 273.15
        ("/degC", "degree_Celsius-1"),  # K-1
        ("S/cm2", "S cm-2"),  # 10000 m-4 kg-1 s3 A2
        ("S/cm**2", "S cm-2"),
        ("mho/cm2", "S cm-2"),
        ("uF/cm**2", "uF cm-2"),  # 0.01 m-4 kg-1 s4 A2
        ("ohm*cm", "ohm cm"),  # 0.01 m3 kg s-3 A-2
        ("pS/um2", "pS um-2"),  # m-4 kg-1 s3 A2
        ("µM", "umol L-1"),  # 0.001 m-3 mol
        ("mM/ms", "mmol L-1 ms-1"),  # 1000 m-3 s-1 mol
        ("/ms", "ms-1"),  # 1000 s-1
        ("1/M", "mol-1 L"),  # 0.001 m3 mol-1
        ("mA/cm2", "mA cm-2"),  # 10 m-2 A
        ("%", "%"),  # 0.01
        # Not a product of powers of units: left alone.
        ("10 mA/cm2", "10 mA/cm2"),
        ("mV**0.5", "mV**0.5"),
    ],
)
def test_units_as_udunits_writes_them(unit, expected):
    assert udunits(unit) == expected


@pytest.mark.parametrize(
    ("tstop", "every", "samples"),
    [
        (0, 0.1, 1),  # the initial state
        (0.3, 0.1, 4),  # 0.3 / 0.1 is 2.9999999999999996
        (600, 0.1, 6001),
        (10, 0.3, 34),  # 0, 0.3, ..., 9.9
        (50, 0.025, 2001),
    ],
)
def test_samples(tstop, every, samples):
    assert samples_of(tstop, every) == samples


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (["pyramidal", "soma", 0, 0.5], "pyramidal.soma(0.5)"),
        (["a", "dend", 3, 1.0], "a.dend[3](1)"),
    ],
)
def test_places_as_sweep_files_write_them(at, expected):
    assert location_text(at) == expected
