"""The difference of two sweeps: simulation by simulation, at the values of axes that they share."""

import numpy as np
import pytest

from drawing import assert_tidy, draw, words
from spikesweep.errors import UserError
from spikesweep.figures.difference import Difference
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

pytestmark = pytest.mark.workflow  # many drawings


@pytest.fixture
def compared(tmp_path):
    """Returns the difference of two synthetic sweeps, and both."""

    def compared(one, other):
        data = []
        for name, sweep in (("a", one), ("b", other)):
            (tmp_path / name).mkdir()
            data.append(sweep.write(tmp_path / name))
        return Difference(*data, ("drugged", "control")), *data

    return compared


def test_each_simulation_is_compared_with_its_own(compared):
    """The other sweep has its values in another order, and failures of its own."""
    turned = DOSE | {"values": DOSE["values"][::-1]}
    less, one, other = compared(
        Sweep([DOSE, CELSIUS], failed={7: 2}), Sweep([CELSIUS, turned], failed={0: 1}, tstop=300.0)
    )
    _, found = less.quantity("rate", None)
    axes = ["dose", "celsius"]
    a, b = (
        each.simulations.assign(rate=each.quantity("rate", None)[1]).set_index(axes)["rate"]
        for each in (one, other)
    )
    rows = less.simulations
    for place, point in enumerate(zip(rows["dose"], rows["celsius"], strict=True)):
        assert found[place] == pytest.approx(a[point] - b[point], rel=1e-15, nan_ok=True)
    assert np.isnan(found).sum() == 2
    assert (rows["status"] != 0).sum() == 2  # failed in either


def test_axes_of_the_other_alone_are_averaged_and_said(compared):
    less, one, other = compared(Sweep([DOSE]), Sweep([DOSE, SEED]))
    means = other.statistics.groupby("dose")["rate"].mean().to_numpy()
    expected = one.statistics["rate"].to_numpy() - means
    np.testing.assert_allclose(less.quantity("rate", None)[1], expected, rtol=1e-12)
    fig = draw("curve", less, by=None)
    assert "drugged minus control (its mean over seed)" in words(fig).replace("\n", " ")
    assert_tidy(fig)


def test_colours_are_white_at_zero_and_no_text_is_cut(compared):
    less, *_ = compared(Sweep([DOSE, CELSIUS], failed={7: 2}), Sweep([DOSE, CELSIUS], tstop=300.0))
    fig = draw("heatmap", less)
    assert "difference in firing rate (Hz)" in words(fig).replace("\n", " ")
    [mesh] = [one for one in fig.axes[0].collections if one.get_array() is not None]
    assert mesh.norm.vmin == -mesh.norm.vmax
    assert mesh.cmap(mesh.norm(0.0))[:3] == pytest.approx((0.97, 0.97, 0.97), abs=0.02)
    assert_tidy(fig)


def test_counts_of_either_sweep_that_hang_on_the_threshold_are_marked(compared):
    lower = np.array([60.0])
    turned = DOSE | {"values": DOSE["values"][::-1]}
    less, *_ = compared(
        Sweep([DOSE, CELSIUS], lower={7: lower}), Sweep([CELSIUS, turned], lower={1: lower})
    )
    rows = less.simulations[less.hanging(["soma"])]
    # 7: dose 10 at 26 degC; of the other, its second dose at 16 degC.
    assert rows[["dose", "celsius"]].to_numpy().tolist() == [[10, 26], [100, 16]]
    said = words(draw("heatmap", less)).replace("\n", " ")
    assert "2 of 18 counts hang on the threshold (dotted: 1 of drugged, 1 of control)" in said


def test_what_does_not_match_is_refused(compared):
    fewer = DOSE | {"values": DOSE["values"][:-1]}
    less, *_ = compared(Sweep([DOSE, CELSIUS]), Sweep([fewer, CELSIUS]))
    with pytest.raises(
        UserError, match=r"control has no simulation at dose = 1000\.0, celsius = 16"
    ):
        less.quantity("rate", None)
