"""Sensitivity indices: against analytic values, and SALib's own analyses."""

import numpy as np
import pytest
from SALib.analyze import delta, morris, pawn, rbd_fast, sobol

from spikesweep.document.axes.samples import SAMPLERS
from spikesweep.tables.sensitivity import METHODS, indices, names_of, whole, why_none

# Ishigami and Homma (1990), a = 7, b = 0.1: variances by integration over [-pi, pi]^3, as in
# Saltelli et al. (2008), Global Sensitivity Analysis: the Primer.
ISHIGAMI = {"S1": [0.3139, 0.4424, 0.0], "ST": [0.5576, 0.4424, 0.2437]}
G = np.array([0.0, 1.0, 4.5, 9.0])  # a_i of Sobol's G
RESAMPLED = {"resamples": 60, "level": 0.95, "seed": 1}


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def sobol_g(u):
    return np.prod((np.abs(4 * u - 2) + G) / (1 + G), axis=-1)


def g_indices():
    """Sobol (1993): V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1."""
    v = 1 / (3 * (1 + G) ** 2)
    every = np.prod(1 + v)
    return {"S1": v / (every - 1), "ST": v * every / (1 + v) / (every - 1)}


def sampled(design, model, axes, n, seed=1):
    """The points of a design and what a model makes of them, in blocks where it has some."""
    u = SAMPLERS[design](axes, n, seed)
    if design in ("saltelli", "morris"):
        u = u.reshape(n, -1, axes)
    return u, model(u)


def problem(axes):
    return {"num_vars": axes, "names": list("abcdef"[:axes]), "bounds": [[0, 1]] * axes}


@pytest.mark.parametrize(
    ("model", "axes", "expected"), [(ishigami, 3, ISHIGAMI), (sobol_g, 4, g_indices())]
)
def test_sobol_indices_are_the_analytic_ones(model, axes, expected):
    x, y = sampled("saltelli", model, axes, 2048)
    found = indices("sobol", x, y, **RESAMPLED)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].value, values, atol=0.02)
        assert np.all(found[name].low <= found[name].value)
        assert np.all(found[name].value <= found[name].high)


def test_most_intervals_have_the_analytic_value_in_them():
    """Of 90 at 95%, some 5 are without, which need not be independent."""
    inside = []
    for seed in range(15):
        # Of independent points: those of a sequence err less than a bootstrap can know.
        both = np.random.default_rng(seed).random((128, 2, 3))
        u = np.repeat(both[:, :1], 5, axis=1)
        for i in range(3):
            u[:, i + 1, i] = both[:, 1, i]
        u[:, -1] = both[:, 1]
        found = indices("sobol", u, ishigami(u), **RESAMPLED)
        for name, values in ISHIGAMI.items():
            inside += [*((found[name].low <= values) & (values <= found[name].high))]
    assert sum(inside) >= 78


@pytest.mark.parametrize("design", ["sobol", "lhs", "random"])
def test_given_data_finds_the_first_order_indices(design):
    x, y = sampled(design, ishigami, 3, 2048)
    found = indices("rbd_fast", x, y, **RESAMPLED)["S1"]
    np.testing.assert_allclose(found.value, ISHIGAMI["S1"], atol=0.05)


# y = a, a + b, and (a - 1/2) (b - 1/2), of uniform a and b: by hand.
KNOWN = [
    (lambda u: u[:, 0], [1, 0]),
    (lambda u: u[:, 0] + u[:, 1], [0.5, 0.5]),
    (lambda u: (u[:, 0] - 0.5) * (u[:, 1] - 0.5), [0, 0]),
]


@pytest.mark.parametrize(("n", "most"), [(64, 0.12), (256, 0.04)])
@pytest.mark.parametrize("design", ["sobol", "halton", "lhs", "random"])
def test_hdmr_finds_shares_in_any_order_of_points(design, n, most):
    """Of Sobol's 64 points RBD-FAST finds -0.44 of what has no effect, and errs by 0.24."""
    errors = {"hdmr": [], "rbd_fast": []}
    for seed in range(12):
        for model, expected in [*KNOWN, (ishigami, ISHIGAMI["S1"])]:
            x, y = sampled(design, model, len(expected), n, seed)
            for method, of_method in errors.items():
                of_method.extend(METHODS[method].values(x, y)["S1"] - expected)
    rms = {method: np.sqrt(np.mean(np.square(found))) for method, found in errors.items()}
    assert rms["hdmr"] < most
    assert rms["hdmr"] < rms["rbd_fast"]


def test_the_interval_of_what_has_no_effect_has_0_in_it():
    """The share of b in y = a, of 64 points of Sobol's: RBD-FAST said -0.6 to -0.2."""
    for seed in range(12):
        x, y = sampled("sobol", KNOWN[0][0], 2, 64, seed)
        found = indices("hdmr", x, y, **RESAMPLED)["S1"]
        assert found.low[1] - 1e-9 <= 0 <= found.high[1] + 1e-9
        assert found.high[1] - found.low[1] < 0.05


def test_hdmr_of_a_polynomial_of_the_axes_is_its_variance():
    """6 u^2 - 6 u + 1 is Legendre's second: variance 1/5, that of 2 u - 1 is 1/3 (by hand)."""
    x, y = sampled("sobol", lambda u: 2 * u[:, 0] + 6 * u[:, 1] ** 2 - 6 * u[:, 1], 2, 1024)
    np.testing.assert_allclose(METHODS["hdmr"].values(x, y)["S1"], [5 / 8, 3 / 8], atol=2e-3)


def test_values_are_those_of_salib():
    x, y = sampled("saltelli", ishigami, 3, 256)
    found = METHODS["sobol"].values(x, y)
    expected = sobol.analyze(problem(3), y.ravel(), calc_second_order=False, seed=1)
    for name in names_of("sobol"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10)

    x, y = sampled("morris", sobol_g, 4, 30)
    found = METHODS["morris"].values(x, y)
    expected = morris.analyze(problem(4), x.reshape(-1, 4), y.ravel(), num_levels=4, seed=1)
    for name in names_of("morris"):
        np.testing.assert_allclose(found[name], expected[name].astype(float), rtol=1e-10)

    x, y = sampled("sobol", ishigami, 3, 256)
    found = METHODS["rbd_fast"].values(x, y)["S1"]
    np.testing.assert_allclose(found, rbd_fast.analyze(problem(3), x, y, seed=1)["S1"], rtol=1e-10)
    for rounded in (y, np.round(y)):  # without ties, and with many
        found = METHODS["pawn"].values(x, rounded)["median"]
        np.testing.assert_allclose(found, pawn.analyze(problem(3), x, rounded)["median"])


def test_delta_is_salibs_where_nothing_is_resampled(monkeypatch):
    x, y = sampled("sobol", ishigami, 3, 256)
    monkeypatch.setattr(delta, "obtain_resampled_subset", lambda x, *_, **__: np.arange(len(x)))
    expected = delta.analyze(problem(3), x, y, num_resamples=2, method="delta")["delta_raw"]
    found = METHODS["delta"].values(x, y)["delta"]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_delta_without_an_effect_is_nearly_0_and_has_less_bias():
    x, y = sampled("random", lambda u: u[:, 0], 2, 256)
    raw = METHODS["delta"].values(x, y)["delta"]
    found = indices("delta", x, y, resamples=40, level=0.95, seed=1)["delta"]
    assert abs(found.value[1]) < raw[1] < 0.15
    assert found.value[0] > 0.7  # of y itself: 1, less what smoothing takes


@pytest.mark.parametrize("method", METHODS)
def test_equal_seeds_give_equal_intervals(method):
    design = {"sobol": "saltelli", "morris": "morris"}.get(method, "sobol")
    x, y = sampled(design, ishigami, 3, 64)
    one, same, other = (
        indices(method, x, y, resamples=20, level=0.95, seed=seed) for seed in (1, 1, 2)
    )
    assert list(one) == names_of(method)
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
        assert np.any(one[name].low != other[name].low)


@pytest.mark.parametrize(
    ("method", "n", "values", "why"),
    [
        ("pawn", 63, None, "63 simulations; pawn needs 64 at least"),
        ("pawn", 64, None, ""),
        ("sobol", 7, None, "7 blocks; sobol needs 8 at least"),
        ("morris", 3, None, "3 trajectories; morris needs 4 at least"),
        ("rbd_fast", 100, 1, "the quantity does not change"),
        ("delta", 100, 7, "the quantity takes 7 values; delta needs a density, 20 at least"),
    ],
)
def test_what_cannot_be_told_is_undefined(method, n, values, why):
    y = np.arange(n) % values if values else np.arange(n)
    assert why_none(method, y.astype(float), axes=3) == why


def test_many_axes_need_more_simulations():
    assert why_none("hdmr", np.arange(64.0), axes=21) == ""
    said = "64 simulations; hdmr needs 66 at least"
    assert why_none("hdmr", np.arange(64.0), axes=22) == said


def test_blocks_with_a_gap_are_dropped_whole():
    y = np.arange(12.0)
    y[5] = np.nan  # of the second block of three
    np.testing.assert_array_equal(whole(np.arange(12), y, 3), [[0, 1, 2], [6, 7, 8], [9, 10, 11]])
    # Rows 0, 2 and 3 of the sample are not there: the second block begins at the row of place 3.
    places = np.array([1, *range(4, 12)])
    np.testing.assert_array_equal(whole(places, np.arange(9.0), 3), [[3, 4, 5], [6, 7, 8]])
    assert whole(np.arange(2), np.full(2, np.nan), 3).shape == (0, 3)
