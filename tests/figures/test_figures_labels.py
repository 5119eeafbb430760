"""What is printed on figures, where values stand on an axis, and colours."""

import re

import numpy as np
import pytest
import seaborn as sns
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.cm import ScalarMappable

from spikesweep.figures import labels, style
from spikesweep.figures.labels import Axis, Quantity
from spikesweep.figures.scale import Scale, is_log_spaced


@pytest.mark.parametrize(("unit", "printed_"), [
    ("uM", "µM"), ("degC", "°C"), ("degree_Celsius", "°C"), ("umol L-1", "µmol L⁻¹"),
    ("S cm-2", "S cm⁻²"),
    ("um", "µm"), ("um2", "µm²"), ("uF/cm**2", "µF/cm²"),
    ("S/cm2", "S/cm²"), ("S / cm ** 2", "S/cm²"), ("ohm*cm", "Ω·cm"), ("ohm cm", "Ω cm"),
    ("Mohm", "MΩ"), ("MOhm", "MΩ"), ("nA", "nA"), ("1/ms", "1/ms"), ("cm^-2", "cm⁻²"), ("mV", "mV"),
    ("unit", "unit"), ("1", ""), ("", ""), (None, ""), ("dimensionless", ""),
])  # fmt: skip
def test_units_are_printed_by_the_conventions_of_the_si(unit, printed_):
    assert labels.unit_text(unit) == printed_


@pytest.mark.parametrize(("values", "texts"), [
    ([16, 26.0, 36], ["16", "26", "36"]),
    ([0.1, 0.31622776601683794, 1.0], ["0.1", "0.316", "1"]),
    ([1000.1, 1000.2], ["1000.1", "1000.2"]),  # as many digits as tell them apart
    ([1e-5, 4.5e-5], ["10⁻⁵", f"4.5{labels.TIMES}10⁻⁵"]),
    ([-65, 123456, 2e6], [f"{labels.MINUS}65", "123456", "2000000"]),  # in one notation
    ([0, 1e-5, 1e-4, 1e-3], ["0", "10⁻⁵", "10⁻⁴", "10⁻³"]),
    ([1e-5, 1e-3, 0.1, 10], ["10⁻⁵", "10⁻³", "10⁻¹", "10¹"]),
    ([0.5, 1e-5], ["0.5", "0.00001"]),  # as short as powers of ten
    ([12345.6, 0.5], ["12346", "0.5"]),
    ([12345.6], [f"1.23{labels.TIMES}10⁴"]),
    ([0, -2e-7], ["0", f"{labels.MINUS}2{labels.TIMES}10⁻⁷"]),
    (["a", "b$"], ["a", r"b\$"]),
    ([True, False], ["True", "False"]),
])  # fmt: skip
def test_values_are_printed_short_but_apart(values, texts):
    assert labels.value_texts(values) == texts


finite = st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.4g}"))
finite = finite.filter(lambda value: value == 0 or abs(value) > 1e-12)


SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
POWER = re.compile(rf"(-?)(?:([\d.]+){labels.TIMES})?10([{SUPERSCRIPTS}]+)")


def read(text: str) -> float:
    """Read a number as it is printed."""
    text = text.replace(labels.MINUS, "-")
    if not (power := POWER.fullmatch(text)):
        return float(text)
    sign, mantissa, exponent = power.groups()
    exponent = exponent.translate(str.maketrans(SUPERSCRIPTS, "-0123456789"))
    return float(f"{sign}{mantissa or 1}e{exponent}")


@given(st.lists(finite, min_size=1, max_size=6))
def test_numbers_side_by_side_are_read_back_and_have_one_notation(numbers):
    texts = labels.number_texts(numbers, digits=4)
    assert [read(text) for text in texts] == pytest.approx(numbers, rel=1e-12)
    are_powers = {text[-1] in SUPERSCRIPTS for text in texts if text != "0"}
    assert len(are_powers) <= 1


@pytest.mark.parametrize(("quantity", "label"), [
    (Quantity("celsius", "degC", "temperature"), "temperature (°C)"),
    (Quantity("dose", "uM"), "dose (µM)"),
    (Quantity("n_spikes", "1"), "n spikes"),
])  # fmt: skip
def test_labels_of_axes(quantity, label):
    assert quantity.label == label


@pytest.mark.parametrize(("numbers", "is_log"), [
    ([0.1, 1, 10, 100], True), ([1, 2, 5, 10, 20, 50], True), ([0, 0.1, 1, 10], True),
    ([1, 2, 4], True), ([10, 20, 50], True), ([16, 26, 36], False), ([1, 2, 3, 4, 5], False),
    ([0, 1, 2, 3], False), ([0.1, 1000], False), ([-1, 1, 10, 100], False), ([5], False),
    ([0], False), ([], False), ([0, 10], False),
])  # fmt: skip
def test_log_axes_are_for_log_spaced_values(numbers, is_log):
    assert is_log_spaced(np.array(numbers, float)) == is_log


@pytest.mark.parametrize(("levels", "cells", "kind"), [
    ((0.1, 1.0, 10.0), True, "log"), ((0.1, 1.0, 10.0, 30.0, 100.0), True, "one by one"),
    ((0.1, 1.0, 10.0, 30.0, 100.0), False, "log"), ((0, 0.1, 1, 10), True, "log with zero"),
    ((16, 26, 36), True, "linear"), ((16, 26, 37), True, "linear"), ((1, 2, 7), True, "one by one"),
    (("b", "a"), False, "one by one"),
])  # fmt: skip
def test_kinds_of_scales(levels, cells, kind):
    assert Scale(Axis("x", values=levels), levels, cells).kind == kind


number = st.floats(-1e9, 1e9).map(lambda value: float(f"{value:.6g}"))
number = number.filter(lambda value: value == 0 or abs(value) > 1e-9)


@given(st.lists(number, min_size=1, max_size=30, unique=True).map(sorted), st.booleans())
@settings(max_examples=200)
def test_each_level_lies_in_its_own_cell(levels, cells):
    scale = Scale(Axis("x", values=tuple(levels)), tuple(levels), cells)
    places = scale.positions(levels)
    assert np.all(scale.edges[:-1] < places)
    assert np.all(places < scale.edges[1:])


def test_the_palette_is_seaborns_for_the_colour_blind():
    assert list(style.CATEGORIES) == sns.color_palette("colorblind").as_hex()


def test_colour_scales_have_a_length():
    for values, log, ends in [  # (values, log, (vmin, vmax)) as documented
        ([0, 0], False, (-0.5, 0.5)), ([4, 4], False, (2, 6)), ([-4, -4], False, (-6, -2)),
        ([np.nan], False, (0.5, 1.5)), ([3, 7, np.nan], False, (3, 7)), ([0, 2, 8], True, (2, 8)),
        ([4], True, (2, 8)),
    ]:  # fmt: skip
        norm = style.colour_scale(np.array(values), log)
        assert (norm.vmin, norm.vmax) == ends


@pytest.mark.parametrize("values", [[-65.0], [-65.0, np.float32(-65.00001)]])
def test_a_colour_bar_of_equal_values_names_their_value_alone(values):
    """Not a range about it, nor one of the rounding of float32, about 8e-6 at 65."""
    norm = style.colour_scale(np.array(values, np.float32))
    fig = style.figure()
    bar = style.colour_bar(fig, fig.subplots(), ScalarMappable(norm, "viridis"), "v", 50)
    assert [tick.get_text() for tick in bar.ax.get_yticklabels()] == ["\N{MINUS SIGN}65"]
    assert len({tuple(colour) for colour in bar.mappable.to_rgba([-60.0, *values, -70.0])}) == 1


@pytest.mark.parametrize(
    ("over", "cells", "said"),
    [
        ("", 1, ""),
        ("", 5, "mean over 5 cells"),
        ("seed", 1, "mean ± SD over seed (n = 3 simulations)"),
        ("seed", 5, "mean ± SD over seed (n = 3 simulations), each the mean over 5 cells"),
    ],
)
def test_n_counts_what_is_named_behind_it(over, cells, said):
    assert labels.averaged(over, range(cells), "± SD", "n = 3 simulations") == said


@pytest.mark.parametrize(
    ("with_value", "said"),
    [
        ([5], "mean over 5 cells"),
        ([3], "mean over the 3 of 5 cells that have a value"),
        ([1, 3, 5], "mean over the 1 to 5 of 5 cells that have a value"),
    ],
)
def test_cells_without_a_value_are_told(with_value, said):
    assert labels.averaged("", range(5), with_value=with_value) == said
