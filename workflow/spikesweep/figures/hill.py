"""The Hill curve through a dose-response relation, and how well its EC50 is known."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.special import expit
from scipy.stats import t as student_t

N_PARAMETERS = 4


@dataclass(frozen=True)
class HillFit:
    """A fitted Hill curve: bottom + (top - bottom) / (1 + (dose / ec50)**h), with top > bottom.

    `h` is positive where the response falls with the dose and negative where it rises (the same
    curve can be written with top and bottom exchanged and the sign of h turned). `ec50` and its
    confidence limits `ec50_low`, `ec50_high` have the unit of the dose, `bottom` and `top` that of
    the response.
    """

    bottom: float
    top: float
    ec50: float
    h: float
    ec50_low: float
    ec50_high: float

    def __call__(self, dose: np.ndarray) -> np.ndarray:
        """The response at each dose; at dose 0 that of the undisturbed side of the curve."""
        return hill(_log(dose), self.bottom, self.top, np.log(self.ec50), self.h)


def hill(log_dose, bottom, top, log_ec50, h):
    """The Hill equation (Hill 1910) over ln(dose); -inf stands for dose 0."""
    return bottom + (top - bottom) * expit(-h * (log_dose - log_ec50))


def fit(dose: np.ndarray, response: np.ndarray, confidence: float = 0.95) -> HillFit | None:
    """Return the least-squares Hill curve through `response` (n,) at `dose` (n,), or None.

    Undefined responses (NaN) are left out. The confidence interval of EC50 is that of ln(EC50),
    Student's t with n - 4 degrees of freedom times the standard error from the covariance matrix of
    the fit, so it is not symmetric about EC50 and never reaches below zero.

    None, so that no curve is claimed, where there are fewer than 5 responses or 4 doses, where all
    responses are equal, where the fit does not converge, where EC50 lies outside the positive
    doses, and where its interval spans a larger ratio than they do.
    """
    dose, response = np.asarray(dose, float), np.asarray(response, float)
    known = np.isfinite(response)
    dose, response = dose[known], response[known]
    span = np.ptp(response) if response.size else 0.0
    if dose.size <= N_PARAMETERS or np.unique(dose).size < N_PARAMETERS or span == 0.0:
        return None

    # Scaled to 0 ... 1: the tolerances of the optimiser then mean the same for Hz and for mV.
    floor = response.min()
    best = _least_squares(_log(dose), (response - floor) / span)
    if best is None:
        return None
    (bottom, top, log_ec50, h), standard_error = best
    if top < bottom:
        bottom, top, h = top, bottom, -h
    margin = student_t.ppf((1 + confidence) / 2, dose.size - N_PARAMETERS) * standard_error
    low, high = _log(dose[dose > 0].min()), _log(dose.max())
    if not (low <= log_ec50 <= high and 2 * margin <= high - low):
        return None
    ec50, ec50_low, ec50_high = np.exp([log_ec50, log_ec50 - margin, log_ec50 + margin]).tolist()
    return HillFit(
        float(floor + span * bottom), float(floor + span * top), ec50, float(h), ec50_low, ec50_high
    )


def _least_squares(log_dose, response) -> tuple[np.ndarray, float] | None:
    """Return the parameters of least squared error and the standard error of ln(EC50), or None.

    Several slopes to start from: from a single one, steep curves end in a local minimum.
    """
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


def _middle(log_dose, response) -> float:
    """Return ln of the positive dose whose response (scaled to 0 ... 1) is nearest to 0.5."""
    positive = np.isfinite(log_dose)
    return log_dose[positive][np.argmin(np.abs(response[positive] - 0.5))]


def _log(dose):
    """ln(dose), -inf for dose 0."""
    with np.errstate(divide="ignore"):
        return np.log(dose)
