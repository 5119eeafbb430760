"""The Hill fit against textbook equations, a published fit, and its own statistics."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.optimize import minimize

from spikesweep.figures import dose_response
from spikesweep.figures.labels import Axis
from spikesweep.figures.scale import Scale
from spikesweep.figures.series import Responses
from spikesweep.tables import hill

DOSES = np.logspace(-1, 3, 9)


def hill_equation(dose, bottom, top, ec50, h):
    """As written in the textbooks, unlike `hill.hill`."""
    return bottom + (top - bottom) / (1 + (dose / ec50) ** h)


@pytest.mark.parametrize(("bottom", "top", "ec50", "h"), [
    (2, 40, 30, 1.0), (0, 100, 3, 4.0), (-65, 35, 200, 0.7), (5, 80, 30, -1.5),
])  # fmt: skip
def test_hill_fit_recovers_its_parameters_without_noise(bottom, top, ec50, h):
    fit = hill.fit(DOSES, hill_equation(DOSES, bottom, top, ec50, h))
    assert (fit.bottom, fit.top, fit.h) == pytest.approx((bottom, top, h), abs=1e-6)
    assert fit.ec50 == pytest.approx(ec50, rel=1e-6)
    assert not fit.is_confidence
    assert (fit.low, fit.high) == (DOSES[ec50 > DOSES].max(), DOSES[ec50 < DOSES].min())
    assert fit(DOSES) == pytest.approx(hill_equation(DOSES, bottom, top, ec50, h), abs=1e-6)
    assert fit(np.zeros(1))[0] == pytest.approx(top if h > 0 else bottom, abs=1e-6)


# Growth of ryegrass under ferulic acid (Inderjit, Streibig & Olofsdotter 2002, Physiologia
# Plantarum 114, 422), mM and cm; fitted in R by drm(rootl ~ conc, fct = LL.4()) of the package drc
# (Ritz & Streibig 2005, J. Stat. Software 12(5)): estimates and standard errors of its summary.
RYEGRASS_DOSE = np.repeat([0, 0.94, 1.88, 3.75, 7.5, 15, 30], [6, 3, 3, 3, 3, 3, 3])
RYEGRASS = np.array([
    7.58, 8, 8.328571429, 7.25, 7.375, 7.9625, 8.355555556, 6.914285714, 7.75, 6.871428571, 6.45,
    5.922222222, 1.925, 2.885714286, 4.233333333, 1.1875, 0.857142857, 1.057142857, 0.6875, 0.525,
    0.825, 0.25, 0.22, 0.44,
])  # fmt: skip


def test_hill_fit_of_ryegrass_is_that_of_drc():
    fit = hill.fit(RYEGRASS_DOSE, RYEGRASS)
    assert fit.h == pytest.approx(2.98222, abs=5e-5)
    assert fit.bottom == pytest.approx(0.48141, abs=5e-5)
    assert fit.top == pytest.approx(7.79296, abs=5e-5)
    assert fit.ec50 == pytest.approx(3.05795, abs=5e-5)
    assert fit.standard_error * fit.ec50 == pytest.approx(0.18573, rel=1e-3)  # drc's, of EC50


def profile_interval(dose, response, t: float) -> tuple[float, float]:
    """The profile likelihood interval of EC50, by brute force: for each EC50 of a fine grid the
    least sum of squares that Nelder and Mead's simplex finds over bottom, top and ln(h)."""

    def least(ec50, start):
        def error(p):
            return np.sum((response - hill_equation(dose, p[0], p[1], ec50, np.exp(p[2]))) ** 2)

        found = minimize(error, start, method="Nelder-Mead",
                         options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000})  # fmt: skip
        return found.fun, found.x

    grid = np.geomspace(2.4, 4.0, 220)
    start, sums = np.array([response.min(), response.max(), np.log(2.0)]), []
    for ec50 in grid:
        error, start = least(ec50, start)
        sums.append(error)
    sums = np.array(sums)
    inside = grid[sums <= sums.min() * (1 + t**2 / (dose.size - 4))]
    return inside[0], inside[-1]


def test_the_interval_is_that_of_profile_likelihood():
    fit = hill.fit(RYEGRASS_DOSE, RYEGRASS)
    assert fit.is_confidence
    # t(0.975, 20) = 2.085963, from a table of Student's t. Steps of the grid are 0.23% apart.
    low, high = profile_interval(RYEGRASS_DOSE, RYEGRASS, 2.085963)
    assert fit.low == pytest.approx(low, rel=4e-3)
    assert fit.high == pytest.approx(high, rel=4e-3)


def test_without_replicates_there_is_no_interval_but_the_doses():
    """A steep fall between two doses: the linearised model claims 0.5464 to 0.5493 here, although
    no dose lies between 0.3 and 1."""
    fit = hill.fit([0, 0.3, 1, 3, 10, 30], [76, 72, 4, 0, 0, 0])
    assert (fit.low, fit.high, fit.is_confidence) == (0.3, 1, False)
    assert 0.3 < fit.ec50 < 1
    twice = hill.fit([0, 0.3, 1, 3, 10, 30] * 2, [76, 72, 4, 0, 0, 0] * 2)
    assert (twice.low, twice.high, twice.is_confidence) == (0.3, 1, False)  # no other replicates


def test_the_standard_error_is_that_of_the_linearised_model():
    response = hill_equation(DOSES, 2, 40, 30, 1.5) + np.random.default_rng(3).normal(0, 2, 9)
    fit = hill.fit(DOSES, response)
    parameters = np.array([fit.bottom, fit.top, fit.ec50, fit.h])
    steps = 1e-6 * parameters
    jacobian = np.stack([
        (hill_equation(DOSES, *(parameters + step)) - hill_equation(DOSES, *(parameters - step)))
        / (2 * step[i]) for i, step in enumerate(np.diag(steps))
    ], axis=1)  # fmt: skip
    variance = np.sum((response - hill_equation(DOSES, *parameters)) ** 2) / 5
    of_ec50 = np.sqrt(variance * np.linalg.inv(jacobian.T @ jacobian)[2, 2])
    assert fit.standard_error == pytest.approx(of_ec50 / fit.ec50, rel=1e-3)  # delta method


@pytest.mark.parametrize(
    ("doses", "counts", "ends"),
    [
        ([0.1, 1, 10, 100, 1000], [2, 2, 1, 0, 0], (1, 100)),
        ([0.1, 0.3162, 1, 3.162, 10], [2, 2, 2, 1, 0], (1, 10)),
    ],
)
def test_one_count_on_the_slope_tells_a_bracket_and_no_slope(doses, counts, ends):
    """EC50 is where the count is 1, in steps of counts anywhere between its neighbours."""
    found = hill.fit(doses, counts)
    assert (found.low, found.high) == ends
    assert found.low < found.ec50 < found.high
    assert not found.has_slope
    assert hill.fit(DOSES, hill_equation(DOSES, 2, 40, 30, 1.0)).has_slope


@pytest.mark.parametrize(
    ("ec50", "h", "unseen"),
    # By hand: 1 / (1 + dose / ec50) ends at 1/11 at 10 EC50, and at 1/5 at 4 EC50.
    [(10, 1, ()), (250, 1, ("bottom",)), (250, -1, ("top",)), (0.4, 1, ("top",))],
)
def test_plateaus_beyond_the_responses_are_named(ec50, h, unseen):
    assert hill.fit(DOSES, hill_equation(DOSES, 0, 40, ec50, h)).unseen == unseen


@pytest.mark.parametrize(("power", "extrapolated"), [(1, ("upper",)), (-1, ("lower",))])
def test_ends_beyond_the_doses_are_named(power, extrapolated):
    """Doses to 30, and an interval to 86.6; over 1 / dose the same curve, the other way round."""
    dose = np.tile([0.3, 1, 3, 10, 30], 3)
    response = hill_equation(dose, 0, 40, 15, 1.5) + np.random.default_rng(11).normal(0, 2, 15)
    fit = hill.fit(dose**power, response)
    assert fit.extrapolated == extrapolated
    ends = sorted(end**power for end in (fit.low, fit.high))
    assert ends[0] < 15 < 30 < ends[1]
    inside = hill.fit(RYEGRASS_DOSE, RYEGRASS)
    assert inside.extrapolated == ()


@pytest.mark.workflow
def test_hill_interval_covers_the_truth_19_times_out_of_20():
    doses = np.tile(DOSES, 2)
    rng, truth = np.random.default_rng(1), hill_equation(doses, 2, 40, 30, 1.5)
    fits = [hill.fit(doses, truth + rng.normal(0, 2, doses.size)) for _ in range(200)]
    fits = [fit for fit in fits if fit]
    assert len(fits) >= 198
    assert all(fit.is_confidence for fit in fits)
    covered = sum(fit.low < 30 < fit.high for fit in fits)
    assert 180 <= covered <= 198  # 99.8% of Binomial(200, 0.95)


@pytest.mark.parametrize(("dose", "response", "why"), [
    (DOSES, np.full(9, 20.0), "does not change"),  # flat
    (DOSES, np.zeros(9), "does not change"),  # silent
    (DOSES, np.full(9, np.nan), "fewer than 4 doses"),  # undefined
    (DOSES[:4], hill_equation(DOSES[:4], 2, 40, 1, 1.5), "fewer than 5 responses"),
    (np.repeat([1.0, 10, 100], 4), np.repeat([3.0, 2, 1], 4), "fewer than 4 doses"),
    # A step: EC50 anywhere between two doses.
    (DOSES, np.r_[np.full(4, 30.0), np.zeros(5)], "open"),
    (DOSES, hill_equation(DOSES, 0, 40, 1e5, 1), "outside|open"),
    # Noise alone: up and down, or nothing.
    (DOSES, np.random.default_rng(5).normal(20, 2, 9), "rises and falls"),
    (np.tile(DOSES, 2), np.random.default_rng(6).normal(20, 2, 18), "open|outside|rises and falls"),
    (DOSES, [40, 42, 50, 62, 75, 70, 40, 5, 0], "rises and falls"),  # as block at high doses
    # Rates of a soma of hh whose potassium channels are blocked: a slow rise, then a step down.
    (DOSES[:7], [139, 144, 150, 161, 178, 6, 0], "rises and falls"),
    (DOSES, [40, 30, 12, 5, 4, 10, 20, 38, 40], "rises and falls"),
    (np.tile(DOSES, 2), [40, 50, 62, 75, 60, 50, 45, 42, 40, *[41] * 9], "rises and falls"),
    ([], [], "fewer than 4 doses"),
])  # fmt: skip
def test_hill_fit_claims_nothing_and_says_why(dose, response, why):
    fit = hill.fit(dose, response)
    assert not fit
    assert re.search(why, fit.why)


@pytest.mark.parametrize("bump", [0.2, 0.3])
def test_a_small_bump_is_no_reason(bump):
    """A quarter of the span is where one begins; without a curve through noise the reason stays."""
    response = hill_equation(DOSES, 0, 40, 30, 1.5)
    response[0] = response[1] - 40 * bump
    assert bool(hill.fit(DOSES, response)) is (bump < 0.25)


def test_chance_is_no_reason_where_there_is_a_curve():
    """Responses that differ at equal doses rise and fall by chance, and the curve stands."""
    response = np.r_[hill_equation(DOSES, 0, 40, 30, 1.5), hill_equation(DOSES, 0, 40, 30, 1.5)]
    response[[0, 9]] -= 9, 14
    assert hill.fit(np.tile(DOSES, 2), response)


@pytest.mark.parametrize(("doses", "dash"), [(DOSES, False), (np.array([0.0, *DOSES]), True)])
def test_the_curve_ends_where_the_responses_end(doses, dash):
    """A cell that falls silent at high doses has no spike width there."""
    response = np.where(doses <= 100, hill_equation(np.maximum(doses, 1e-9), 1, 2, 10, 2), np.nan)
    series = Responses(doses, response, np.zeros(doses.size, bool))
    scale = Scale(Axis("dose", values=tuple(doses)), tuple(doses))
    panel = Figure().subplots()
    look = {"color": "k", "marker": "o"}
    dose_response._plot(panel, scale, series, hill.fit(doses, response), look)
    curve, *others = [line for line in panel.lines if line.get_linestyle() == "-"]
    assert curve.get_xdata()[[0, -1]] == pytest.approx([0.1, 100])
    assert (len(others) == 1) is dash
