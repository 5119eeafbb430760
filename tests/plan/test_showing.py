"""Figures that cannot show a design are refused, and told which kind can; means are told."""

import numpy as np
import pytest

from spikesweep.document.axes.design import AxisValues, Combination
from spikesweep.errors import UserError
from spikesweep.plan.showing import check_design, means_over
from spikesweep.sweepfile.figures import (
    Curve,
    DoseResponse,
    Heatmap,
    IsiDistribution,
    Scatter,
    Traces,
)


def sampled(n: int) -> Combination:
    """n rows, each with values of its own on both axes, as a Latin hypercube has."""
    rng = np.random.default_rng(1)
    columns = [np.arange(n), rng.permutation(n)]
    axes = tuple(AxisValues(name, "", "", tuple(map(float, range(n)))) for name in ("a", "b"))
    return Combination("table", axes, [tuple(map(int, row)) for row in zip(*columns, strict=True)])


def grid(**numbers: int) -> Combination:
    axes = [AxisValues(k, "", "", tuple(map(float, range(n)))) for k, n in numbers.items()]
    rows = list(np.ndindex(*numbers.values()))
    return Combination("grid", tuple(axes), rows)


ZIP = Combination(
    "zip", sampled(30).axes, [(i, i) for i in range(30)]
)  # b rises with a: a line shows both


@pytest.mark.parametrize(("design", "figure", "said"), [
    (sampled(512), Heatmap(kind="heatmap", of="rate", x="a", y="b"),
     r"of the 262144 cells .* only 512 .* \{kind: scatter, of: b, x: a, by: rate\}"),
    (sampled(512), DoseResponse(kind="dose_response", of="rate", x="a"),
     r"join 512 simulations in the order of a, between which b jumps .*kind: scatter"),
    (sampled(512), Curve(kind="curve", of="rate", x="a"), "kind: scatter"),
    (grid(a=5, b=60), Curve(kind="curve", of="rate", x="a", by="b"), "60 values, each a series"),
    (grid(a=5, b=60), IsiDistribution(kind="isi_distribution", by="b"), "at most 40"),
    (sampled(512), Scatter(kind="scatter", of="rate", x="a"), None),
    (sampled(12), Heatmap(kind="heatmap", of="rate", x="a", y="b"), None),
    (sampled(12), Curve(kind="curve", of="rate", x="a"), None),
    (ZIP, Curve(kind="curve", of="rate", x="a"), None),
    (grid(a=300, b=300), Heatmap(kind="heatmap", of="rate", x="a", y="b"), None),
    (grid(a=5, b=60), Curve(kind="curve", of="rate", x="a", by="b", at={"b": 3}), None),
])  # fmt: skip
def test_designs_and_kinds(design, figure, said):
    if said is None:
        check_design(design, figure, "s.yaml: figures[0]")
    else:
        with pytest.raises(UserError, match=said):
            check_design(design, figure, "s.yaml: figures[0]")


@pytest.mark.parametrize(("design", "figure", "over"), [
    (grid(a=2, b=3, c=4), Heatmap(kind="heatmap", of="rate", x="a", y="b"), ["c"]),
    (grid(a=2, b=3, c=4), Heatmap(kind="heatmap", of="rate", x="a", y="b", at={"c": 1}), []),
    (grid(a=2, b=3, c=1), Curve(kind="curve", of="rate", x="a"), ["b"]),
    (ZIP, Curve(kind="curve", of="rate", x="a"), []),
    (grid(a=2, b=3), Scatter(kind="scatter", of="rate", x="a"), []),
    (grid(a=2, b=3), Traces(kind="traces", by="a"), []),
    (grid(a=2, b=3, c=4), Traces(kind="traces", by="a", rows="b", band="sd"), ["c"]),
])  # fmt: skip
def test_means_are_told(design, figure, over):
    assert means_over(design, figure) == ("mean", over)


@pytest.mark.parametrize("figure", [
    Curve(kind="curve", of="rate", x="a", band="percentiles"),
    Traces(kind="traces", by="a", band="percentiles"),
])  # fmt: skip
def test_the_line_of_a_band_of_percentiles_is_a_median(figure):
    assert means_over(grid(a=2, b=3), figure) == ("median", ["b"])
