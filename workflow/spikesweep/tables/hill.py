"""The Hill curve through a dose-response relation, and how well its EC50 is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_PARAMETERS = 4
CONFIDENCE = 0.95
# Of the span of the responses, by which they rise and by which they fall, at least: so that no Hill
# curve is claimed, and so that this is called the reason where there is none for another.
BOTH_WAYS, SEEN = 0.25, 0.1
RISES_AND_FALLS = "the response rises and falls"
# Of the fitted span: within it of top or bottom no response is on the slope, and so far beyond all
# responses a plateau is extrapolated.
ON_PLATEAU, BEYOND = 0.05, 0.1
SLOPES = np.geomspace(0.05, 50, 240)  # |h| that a profile tries


@dataclass(frozen=True)
class HillFit:
    """A fitted Hill curve: bottom + (top - bottom) / (1 + (dose / ec50)**h), with top > bottom.

    `h` is positive where the response falls with the dose and negative where it rises (the same
    curve can be written with top and bottom exchanged and the sign of h turned). `ec50` has the
    unit of the dose, `bottom` and `top` that of the response. `low` and `high` stand on either
    side of EC50: with `is_confidence` they are the ends of its 95% confidence interval, else the
    doses next to it. `extrapolated` names those that lie beyond all doses, where nothing was
    tested: "lower", "upper"; `unseen` names the plateaus that lie beyond all responses by a tenth
    of the span, "top", "bottom". `has_slope` says whether two doses at least have a response on the
    slope, 5% of the span away from both plateaus: one leaves `h` open, since a steeper curve goes
    through it as well. `standard_error` is that of ln(EC50) by the linearised model.
    """

    bottom: float
    top: float
    ec50: float
    h: float
    low: float
    high: float
    is_confidence: bool
    extrapolated: tuple[str, ...]
    unseen: tuple[str, ...]
    has_slope: bool
    standard_error: float

    def __call__(self, dose: Floats) -> Floats:
        """The response at each dose; at dose 0 that of the undisturbed side of the curve."""
        return hill(_log(dose), self.bottom, self.top, float(np.log(self.ec50)), self.h)


@dataclass(frozen=True)
class NoFit:
    """That there is no curve, and `why`; false, where a fit is true.

    `is_open` says whether many curves go through the responses as well as the best one.
    """

    why: str
    is_open: bool = False

    def __bool__(self) -> bool:
        return False


def hill(log_dose: Floats, bottom: float, top: float, log_ec50: float, h: float | Floats) -> Floats:
    """The Hill equation (Hill 1910) over ln(dose); -inf stands for dose 0."""
    with np.errstate(over="ignore"):
        return bottom + (top - bottom) / (1 + np.exp(h * (log_dose - log_ec50)))


def fit(dose: Floats, response: Floats) -> HillFit | NoFit:
    """Return the least-squares Hill curve through `response` (n,) at `dose` (n,), or why there
    is none; undefined responses (NaN) are left out.

    Simulations have no error of measurement: how far points lie from a curve says that the curve
    is another, not that a repetition would differ. So EC50 has a confidence interval only where
    responses at equal doses differ (seeds, cells): the one of profile likelihood (Bates & Watts
    1988), all EC50 whose best curve has a sum of squares of at most S (1 + t**2 / (n - 4)), S that
    of the fit and t the 97.5% point of Student's t with n - 4 degrees of freedom. Elsewhere the
    doses next to EC50 are all that is known of it.

    No curve is claimed where it has no more responses than parameters, where all responses are
    equal, where EC50 lies outside the positive doses, where the responses leave EC50 as open as
    the doses themselves: 95% of it would span a larger ratio than they do; and where they rise and
    fall over the doses, both by a quarter of their span. Of responses that differ at equal doses
    chance may make these, so that this is the reason only where there is no curve anyway; and from
    a tenth of their span on.
    """
    dose, response = np.asarray(dose, float), np.asarray(response, float)
    known = np.isfinite(response)
    dose, response = dose[known], response[known]
    doses = np.unique(dose)
    if doses.size < N_PARAMETERS:
        return NoFit("fewer than 4 doses with a response")
    if dose.size <= N_PARAMETERS:
        return NoFit("fewer than 5 responses")
    if np.ptp(response) == 0.0:
        return NoFit("the response does not change")
    differing = any(np.ptp(response[dose == one]) > 0 for one in doses)
    both_ways = _both_ways(np.array([response[dose == one].mean() for one in doses]))
    if both_ways >= BOTH_WAYS and not differing:
        return NoFit(RISES_AND_FALLS)
    found = _curve(dose, response, differing)
    return found if found or both_ways < SEEN else NoFit(RISES_AND_FALLS)


def _both_ways(means: Floats) -> float:
    """Return the part of their span by which responses, by ascending dose, both rise and fall."""
    rise = np.max(means - np.minimum.accumulate(means))
    fall = np.max(np.maximum.accumulate(means) - means)
    return float(min(rise, fall) / np.ptp(means)) if np.ptp(means) else 0.0


def _curve(dose: Floats, response: Floats, differing: bool) -> HillFit | NoFit:
    """Return the curve of least squares, see `fit`; `differing`: do responses at equal doses."""
    doses, span = np.unique(dose), np.ptp(response)
    # Scaled to 0 ... 1: the tolerances of the optimiser then mean the same for Hz and for mV.
    floor = response.min()
    scaled = (response - floor) / span
    best = _least_squares(_log(dose), scaled)
    if best is None:
        return NoFit("the responses leave the curve open", is_open=True)
    (bottom, top, log_ec50, h), standard_error = best
    first, last = _log(doses[doses > 0][[0, -1]])
    if not first <= log_ec50 <= last:
        return NoFit("EC50 lies outside the doses")
    t = _student_t(dose.size - N_PARAMETERS)
    if 2 * t * standard_error > last - first:
        return NoFit("the responses leave EC50 open", is_open=True)
    if differing:
        limit = 1 + t**2 / (dose.size - N_PARAMETERS)
        ends = _profile(_log(dose), scaled, log_ec50, limit, last - first)
        if ends is None:
            return NoFit("the responses leave EC50 open", is_open=True)
        low, high = np.exp(ends)
    else:
        around = _neighbours(doses, np.exp(log_ec50))
        if around is None:
            return NoFit("EC50 is the first or the last dose")
        low, high = around
    if top < bottom:
        bottom, top, h = top, bottom, -h
    beyond = {"lower": low < doses[0], "upper": high > doses[-1]}
    extrapolated = tuple(end for end, is_beyond in beyond.items() if is_beyond)
    means = np.array([scaled[dose == one].mean() for one in doses])
    risen = (means - bottom) / (top - bottom)
    past = {"top": risen.max() < 1 - BEYOND, "bottom": risen.min() > BEYOND}
    unseen = tuple(plateau for plateau, is_past in past.items() if is_past)
    has_slope = np.sum((risen > ON_PLATEAU) & (risen < 1 - ON_PLATEAU)) > 1
    return HillFit(
        float(floor + span * bottom), float(floor + span * top), float(np.exp(log_ec50)), float(h),
        float(low), float(high), differing, extrapolated, unseen, bool(has_slope), standard_error,
    )  # fmt: skip


def _neighbours(doses: Floats, ec50: float) -> tuple[float, float] | None:
    """Return the doses on either side of EC50, None where one side has none. A dose that equals it
    within rounding is neither: a count that is half of all there may be so over some doses."""
    others = doses[~np.isclose(doses, ec50, rtol=1e-6, atol=0.0)]
    below, above = others[others < ec50], others[others > ec50]
    return (below.max(), above.min()) if below.size and above.size else None


def _least_squares(log_dose: Floats, response: Floats) -> tuple[Floats, float] | None:
    """Return the parameters of least squared error and the standard error of ln(EC50), or None.

    Several slopes to start from: from a single one, steep curves end in a local minimum.
    """
    import warnings

    from scipy.optimize import OptimizeWarning, curve_fit  # takes a quarter of a second

    middle = _middle(log_dose, response)
    best, least = None, np.inf
    for h in (1.0, 4.0, -1.0, -4.0):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # curve_fit warns where the covariance cannot be estimated: nothing to claim there.
            warnings.simplefilter("error", OptimizeWarning)
            try:
                parameters, covariance = curve_fit(
                    hill, log_dose, response, p0=(0.0, 1.0, middle, h), check_finite=False
                )
            except (RuntimeError, OptimizeWarning):
                continue
        error = np.sum((hill(log_dose, *parameters) - response) ** 2)
        if error < least and np.isfinite(covariance[2, 2]):
            best, least = (parameters, float(np.sqrt(covariance[2, 2]))), error
    return best


def _profile(
    log_dose: Floats, response: Floats, log_ec50: float, limit: float, reach: float
) -> tuple[float, float] | None:
    """Return the ends of the interval of ln(EC50) in which no sum of squares exceeds that of the
    fit by more than `limit` times; None where one lies further away than `reach`."""
    least = _least_sum(log_dose, response, log_ec50)
    ends: list[float] = []
    for side in (-1, 1):
        inside, outside = 0.0, 0.0
        while outside < reach:  # outwards by small steps: a profile may have several valleys
            inside, outside = outside, outside + reach / 50
            if _least_sum(log_dose, response, log_ec50 + side * outside) > limit * least:
                break
        else:
            return None
        for _ in range(30):
            middle = (inside + outside) / 2
            beyond = _least_sum(log_dose, response, log_ec50 + side * middle) > limit * least
            inside, outside = (inside, middle) if beyond else (middle, outside)
        ends.append(log_ec50 + side * (inside + outside) / 2)
    low, high = ends
    return low, high


def _least_sum(log_dose: Floats, response: Floats, log_ec50: float) -> float:
    """Return the sum of squares of the best curve of an EC50.

    A slope of the other sign gives the same curves, with bottom and top exchanged.
    """
    best = int(np.argmin(_sums_of_squares(log_dose, response, log_ec50, SLOPES)))
    around = SLOPES[max(best - 1, 0)], SLOPES[min(best + 1, SLOPES.size - 1)]
    return float(_sums_of_squares(log_dose, response, log_ec50, np.geomspace(*around, 40)).min())


def _sums_of_squares(log_dose: Floats, response: Floats, log_ec50: float, slopes: Floats) -> Floats:
    """Return the least sum of squares for an EC50 and each slope: bottom and top are then the
    straight line of least squares through the responses over the curve from 0 to 1."""
    shape = hill(log_dose, 0.0, 1.0, log_ec50, slopes[:, None])
    shape -= shape.mean(axis=1, keepdims=True)
    deviation = response - response.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        explained = (shape @ deviation) ** 2 / np.sum(shape**2, axis=1)
    left: Floats = np.sum(deviation**2) - np.nan_to_num(explained)
    return left


def _student_t(degrees: int) -> float:
    """Return Student's t such that 95% lie within -t and t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def _middle(log_dose: Floats, response: Floats) -> float:
    """Return ln of the positive dose whose response (scaled to 0 ... 1) is nearest to 0.5."""
    positive = np.isfinite(log_dose)
    return float(log_dose[positive][np.argmin(np.abs(response[positive] - 0.5))])


def _log(dose: Floats) -> Floats:
    """ln(dose), -inf for dose 0."""
    with np.errstate(divide="ignore"):
        return np.log(dose)
