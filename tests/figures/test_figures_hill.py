"""The Hill fit against textbook equations, a published fit, and its own statistics."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from spikesweep.figures import dose_response, hill
from spikesweep.figures.labels import Axis
from spikesweep.figures.scale import Scale

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
    assert (fit.ec50, fit.ec50_low, fit.ec50_high) == pytest.approx((ec50,) * 3, rel=1e-6)
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
    # drc's standard error of EC50 is 0.18573; t(0.975, 20) = 2.085963 (any table of Student's t).
    ratio = np.exp(2.085963 * 0.18573 / 3.05795)
    assert fit.ec50_high == pytest.approx(3.05795 * ratio, rel=3e-4)
    assert fit.ec50_low == pytest.approx(3.05795 / ratio, rel=3e-4)


def test_hill_interval_is_that_of_the_linearised_model():
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
    margin = 2.570582 * of_ec50 / fit.ec50  # t(0.975, 5), from a table; delta method for ln(EC50)
    assert np.log(fit.ec50_high / fit.ec50) == pytest.approx(margin, rel=1e-3)
    assert np.log(fit.ec50 / fit.ec50_low) == pytest.approx(margin, rel=1e-3)


def test_hill_interval_covers_the_truth_19_times_out_of_20():
    rng, truth = np.random.default_rng(1), hill_equation(DOSES, 2, 40, 30, 1.5)
    fits = [hill.fit(DOSES, truth + rng.normal(0, 2, DOSES.size)) for _ in range(200)]
    fits = [fit for fit in fits if fit]
    assert len(fits) >= 198
    covered = sum(fit.ec50_low < 30 < fit.ec50_high for fit in fits)
    assert 180 <= covered <= 198  # 99.8% of Binomial(200, 0.95)


@pytest.mark.parametrize(("dose", "response"), [
    (DOSES, np.full(9, 20.0)),  # flat
    (DOSES, np.zeros(9)),  # silent
    (DOSES, np.full(9, np.nan)),  # undefined
    (DOSES[:4], hill_equation(DOSES[:4], 2, 40, 1, 1.5)),  # as many points as parameters
    (np.repeat([1.0, 10, 100], 4), np.repeat([3.0, 2, 1], 4)),  # three doses for four parameters
    (DOSES, np.r_[np.full(4, 30.0), np.zeros(5)]),  # a step: EC50 anywhere between two doses
    (DOSES, hill_equation(DOSES, 0, 40, 1e5, 1)),  # EC50 beyond the doses
    (DOSES, np.random.default_rng(5).normal(20, 2, 9)),  # noise alone
    ([], []),
])  # fmt: skip
def test_hill_fit_claims_nothing(dose, response):
    assert hill.fit(dose, response) is None


@pytest.mark.parametrize(("doses", "dash"), [(DOSES, False), (np.array([0.0, *DOSES]), True)])
def test_the_curve_ends_where_the_responses_end(doses, dash):
    """A cell that falls silent at high doses has no spike width there."""
    response = np.where(doses <= 100, hill_equation(np.maximum(doses, 1e-9), 1, 2, 10, 2), np.nan)
    series = dose_response.Responses(doses, response, np.zeros(doses.size, bool))
    scale = Scale(Axis("dose", values=tuple(doses)), tuple(doses))
    panel = Figure().subplots()
    look = {"color": "k", "marker": "o"}
    dose_response._plot(panel, scale, series, hill.fit(doses, response), look)
    curve, *others = [line for line in panel.lines if line.get_linestyle() == "-"]
    assert curve.get_xdata()[[0, -1]] == pytest.approx([0.1, 100])
    assert (len(others) == 1) is dash
