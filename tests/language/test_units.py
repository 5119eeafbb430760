"""Quantities of sweep files become numbers in NEURON's units."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikesweep.errors import UserError
from spikesweep.language.units import convert, is_quantity, normal_unit, to_neuron_unit, to_number


@pytest.mark.parametrize(
    ("written", "unit", "number"),
    [
        (34, "degC", 34.0),  # a plain number is in NEURON's unit
        ("34", "degC", 34.0),
        ("34 degC", "degC", 34.0),
        ("307.15 K", "degC", 34.0),  # SI brochure: t/degC = T/K - 273.15
        ("0.3 nA", "nA", 0.3),
        ("300 pA", "nA", 0.3),  # pint alone gives 0.29999999999999993
        ("36 mS/cm**2", "S/cm2", 0.036),  # pint alone gives 0.036000000000000004
        ("36 mS/cm2", "mho/cm2", 0.036),
        ("150 ohm*cm", "ohm-cm", 150.0),  # NEURON's spelling
        ("1 uF/cm^2", "uF/cm2", 1.0),
        ("1 µF/cm2", "uF/cm2", 1.0),
        ("36 mS/cm²", "S/cm2", 0.036),
        ("0.5 Mohm", "megohm", 0.5),  # NEURON's unit of SEClamp.rs
        ("500 kohm", "megohm", 0.5),
        ("2 megohm", "Mohm", 2.0),
        ("1 s", "ms", 1000.0),
        ("2.5 1/s", "/ms", 0.0025),  # NMODL's (/ms)
        ("1e-5", "S/cm2", 1e-5),  # YAML reads 1e-5 as text
        ("-70mV", "mV", -70.0),
        (-0.0, "mV", 0.0),
    ],
)
def test_to_number(written, unit, number):
    assert to_number(written, unit, "here") == number
    assert str(to_number(written, unit, "here")) == str(number)


@pytest.mark.parametrize(
    ("written", "unit", "said"),
    [
        ("3 ms", "nA", 'here: "3 ms" has the wrong kind of unit; expected one that converts to nA'),
        ("0,3 nA", "nA", '"0,3 nA"; expected a decimal point, not a comma'),
        ("3 foo", "nA", '"foo" in "3 foo" is not a known unit'),
        ("3 mV", "", "expected no unit"),
        ("20 C", "degC", "C is the coulomb; expected degC"),
        ("70 F", "celsius", "F is the farad; expected degF"),
        ("20 C", "nA", "expected one that converts to nA"),
        ("much", "mV", '"much" is not a quantity'),
        (True, "mV", "True is not a quantity"),
        (None, "mV", "None is not a quantity"),
        (float("nan"), "mV", "not finite"),
        ("1e999", "mV", "not finite"),
        ("", "mV", "not a quantity"),
    ],
)
def test_refused(written, unit, said):
    with pytest.raises(UserError, match="here: ") as caught:
        to_number(written, unit, "here")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.12 S/cm2", True),
        ("3", True),
        ("1e-3 nA", True),
        ("2e-5 * exp(distance / 300)", False),
        ("distance", False),
        ("2*3", False),
        ("0.1 + x", False),
    ],
)
def test_is_quantity(text, expected):
    assert is_quantity(text) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (300, (300.0, "")),
        ("300", (300.0, "")),
        ("0.3 mm", (300.0, "um")),
        ("2 S/m^2", (2e-4, "S/cm2")),
        ("2 Hz", (0.002, "/ms")),
        ("300 K", (26.85, "degC")),
        ("1 Gohm", (1000.0, "Mohm")),
    ],
)
def test_to_neuron_unit(written, expected):
    number, unit = to_neuron_unit(written, "here")
    assert (number, unit) == (pytest.approx(expected[0], rel=1e-15), expected[1])


@pytest.mark.parametrize("written", ["3 kg", "3 foo", "1e999 um", True, None, "", "um"])
def test_no_unit_of_neuron(written):
    with pytest.raises(UserError, match="here: "):
        to_neuron_unit(written, "here")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_in_the_expected_unit_stay_as_they_are(number):
    assert to_number(number, "mV", "") == number
    assert to_number(f"{number!r} mV", "mV", "") == number


@pytest.mark.parametrize("unit", ["S/cm2", "uF/cm2", "ohm-cm", "/ms", "degC", "um", "1", "(mM)"])
def test_normal_unit_is_read_by_pint(unit):
    import pint

    pint.UnitRegistry().Unit(normal_unit(unit))


# Factors of the SI brochure, and units as fields write them: (written, expected, factor).
FACTORS = [
    *(("pA", "nA", 1e-3), ("uA", "nA", 1e3), ("V", "mV", 1e3), ("uV", "mV", 1e-3)),
    *(("s", "ms", 1e3), ("us", "ms", 1e-3), ("min", "ms", 60e3), ("mm", "um", 1e3)),
    *(("nm", "um", 1e-3), ("pS/um2", "S/cm2", 1e-4), ("mS/cm2", "S/cm2", 1e-3)),
    *(("S/m2", "S/cm2", 1e-4), ("ohm*m", "ohm*cm", 1e2), ("kohm*cm", "ohm*cm", 1e3)),
    *(("F/m2", "uF/cm2", 1e2), ("uM", "mM", 1e-3), ("mol/l", "mM", 1e3), ("Hz", "/ms", 1e-3)),
]
reasonable = st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-12)


@given(reasonable, st.sampled_from(FACTORS), st.sampled_from(["", " ", "  "]))
def test_conversions_multiply_by_the_factor(number, unit, space):
    written, expected, factor = unit
    converted = to_number(f"{number!r}{space}{written}", expected, "")
    assert converted == pytest.approx(number * factor, rel=1e-14)
    assert to_neuron_unit(f"{number!r}{space}{written}", "")[0] == converted


@given(reasonable, st.sampled_from(FACTORS))
def test_there_and_back(number, unit):
    written, expected, _ = unit
    there = convert(number, written, expected, "")
    assert convert(there, expected, written, "") == pytest.approx(number, rel=1e-14)


@given(st.text(max_size=30), st.sampled_from(["mV", "um", "S/cm2", ""]))
def test_any_text_is_a_number_or_one_message(text, unit):
    if is_quantity(text):
        with suppress(UserError):
            assert math.isfinite(to_number(text, unit, "here"))
    else:
        with pytest.raises(UserError, match=r"^here: "):
            to_number(text, unit, "here")
