"""Which candidates meet criteria, and what is to be said of those that do.

A candidate is a point of the axes that are not the protocol's: all simulations that differ in
these alone are simulations of one candidate.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from spikesweep.products.column import Column
from spikesweep.tables.verdicts import ACCEPTED, FAILED, REJECTED, at_text

Floats = np.ndarray[Any, np.dtype[np.float64]]
UNDEFINED = "undefined"  # a reason: no value, or no simulation where it is looked at
LEVEL = 0.95  # of all intervals
LEAST_PAIRS = 4  # of values: an interval of a correlation has n - 3 in it


class Share(NamedTuple):
    """Part of a number, and the ends of its interval, NaN where there is none."""

    value: float
    low: float
    high: float


class Judged(NamedTuple):
    """What criteria say of one candidate.

    values: by criterion, the mean over the simulations that it looks at, NaN where undefined; of
        classes of firing all of them.
    unmet: by criterion, why it is not met. verdict: accepted, rejected or failed.
    simulations: by criterion, how many it looks at.
    """

    verdict: str
    values: dict[str, float | str]
    unmet: dict[str, str]
    simulations: dict[str, int]


def judge(
    criteria: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, np.ndarray[Any, Any]],
    failed: int,
) -> Judged:
    """Return what is to be said of a candidate: it is accepted where it meets every criterion in
    each simulation that this looks at.

    Args:
        criteria: by name: of, unit, low, high (None where there is no such end), mean, sd.
        values: by criterion, those of the simulations that it looks at: numbers, NaN where
            undefined, or classes.
        failed: simulations of the candidate that have no values because they failed.
    """
    means = {name: _mean(of, criteria[name]) for name, of in values.items()}
    looked_at = {name: len(of) for name, of in values.items()}
    if failed:
        return Judged(FAILED, means, {}, looked_at)
    reasons = {name: reason(one, values[name]) for name, one in criteria.items()}
    unmet = {name: why for name, why in reasons.items() if why}
    return Judged(REJECTED if unmet else ACCEPTED, means, unmet, looked_at)


def _mean(values: np.ndarray[Any, Any], criterion: Mapping[str, Any]) -> float | str:
    """Return the mean of numbers; of classes each that occurs."""
    if "classes" in criterion:
        return ", ".join(dict.fromkeys(filter(None, values.tolist())))  # none of what failed
    return float(np.mean(values)) if values.size else math.nan


def reason(criterion: Mapping[str, Any], values: np.ndarray[Any, Any]) -> str:
    """Return why some values do not meet a criterion, '' where all do: of the one farthest off."""
    if "classes" in criterion:
        others = [one for one in dict.fromkeys(values.tolist()) if one not in criterion["classes"]]
        return ", ".join(others) if values.size else UNDEFINED
    low, high, unit = criterion["low"], criterion["high"], criterion["unit"]
    if not values.size or np.isnan(values).any():
        return UNDEFINED
    below = (low if low is not None else -math.inf) - values
    above = values - (high if high is not None else math.inf)
    off = np.maximum(below, above)
    worst = int(np.argmax(off))
    if off[worst] <= 0:
        return ""
    value, is_low = float(values[worst]), below[worst] > 0
    shown = with_unit(value, unit)
    if criterion["mean"] is not None:
        z = (value - criterion["mean"]) / criterion["sd"]
        return f"{shown}, {abs(z):.3g} SD {'below' if is_low else 'above'} the mean"
    return f"{shown} is {'below' if is_low else 'above'} {with_unit(low if is_low else high, unit)}"


def with_unit(number: float, unit: str) -> str:
    """Return a number in six digits, with its unit."""
    return f"{number:.6g} {unit}".strip()


def share(met: int, of: int, is_sample: bool = True) -> Share:
    """Return which part of some candidates meets criteria, with its 95% interval by Wilson's score
    (Wilson 1927), which holds for independent random candidates, and is about right for the more
    even ones of a Sobol sequence; without one where candidates are no sample."""
    if not of:
        return Share(math.nan, math.nan, math.nan)
    if not is_sample:
        return Share(met / of, math.nan, math.nan)
    ends = stats.binomtest(met, of).proportion_ci(LEVEL, method="wilson")
    return Share(met / of, float(ends.low), float(ends.high))


def pearson(x: Floats, y: Floats) -> Share:
    """Return Pearson's r with its 95% interval by Fisher's transformation (Fisher 1921)."""
    return _with_ends(float(stats.pearsonr(x, y)[0]), 1 / (len(x) - 3))


def spearman(x: Floats, y: Floats) -> Share:
    """Return Spearman's rho with its 95% interval by Fisher's transformation, with the variance
    (1 + rho^2 / 2) / (n - 3) (Bonett and Wright 2000)."""
    rho = float(stats.spearmanr(x, y)[0])
    return _with_ends(rho, (1 + rho**2 / 2) / (len(x) - 3))


def _with_ends(r: float, variance: float) -> Share:
    if abs(r) >= 1 - 1e-12:  # on a line: the transformation has no end there
        return Share(math.copysign(1.0, r), math.nan, math.nan)
    half = float(stats.norm.ppf(0.5 + LEVEL / 2)) * math.sqrt(variance)
    return Share(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


def correlations(columns: Mapping[str, Floats]) -> Iterator[dict[str, Any]]:
    """Yield a row for each pair of quantities of the accepted candidates.

    Args:
        columns: by name, a value a candidate; NaN where undefined. Pairs with one are left out.
    """
    names = list(columns)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            known = np.isfinite(columns[one]) & np.isfinite(columns[other])
            x, y = columns[one][known], columns[other][known]
            row: dict[str, Any] = {"first": one, "second": other, "n": len(x)}
            if len(x) < LEAST_PAIRS:
                yield row | {"note": f"undefined: {len(x)} candidates; expected {LEAST_PAIRS}"}
                continue
            if constant := [name for name, of in ((one, x), (other, y)) if np.ptp(of) == 0]:
                yield row | {"note": f"undefined: {constant[0]} does not change"}
                continue
            found = {"pearson": pearson(x, y), "spearman": spearman(x, y)}
            for kind, estimate in found.items():
                ends = ("", "_low", "_high")
                row |= {f"{kind}{end}": v for end, v in zip(ends, estimate, strict=True)}
            yield row


def counted(
    criteria: Mapping[str, Mapping[str, Any]], judged: Sequence[Judged], is_sample: bool
) -> Iterator[dict[str, Any]]:
    """Yield how many candidates meet all criteria, and each of them."""
    known = [one for one in judged if one.verdict != FAILED]
    whole = {"candidates": len(judged), "failed": len(judged) - len(known)}
    accepted = sum(one.verdict == ACCEPTED for one in known)
    yield {"criterion": ALL, **whole, "met": accepted, **_share(accepted, len(known), is_sample)}
    for name, criterion in criteria.items():
        unmet = [one for one in known if name in one.unmet]
        met = len(known) - len(unmet)
        yield {
            **{"criterion": name, **{k: criterion[k] for k in ("of", "unit", "source")}},
            **{"at": at_text(criterion["at"]), "lowest": criterion["low"]},
            **{"highest": criterion["high"], "among": ", ".join(criterion.get("classes", ()))},
            "simulations": max((one.simulations[name] for one in judged), default=0),
            **{**whole, "met": met},
            **_share(met, len(known), is_sample),
            "undefined": sum(one.unmet[name] == UNDEFINED for one in unmet),
            "alone": sum(len(one.unmet) == 1 for one in unmet),
        }


def _share(met: int, of: int, is_sample: bool) -> dict[str, float]:
    found = share(met, of, is_sample)
    return {"share": found.value, "share_low": found.low, "share_high": found.high}


ALL = "(all)"  # the row of all criteria together
ACCEPTANCE = {
    "criterion": Column("", "criterion", f"its name; {ALL}: all of them together"),
    "of": Column("", "quantity", "what must be so"),
    "at": Column("", "values of axes", "at which it is looked at; empty: at all"),
    "lowest": Column("", "lowest", "that is accepted, in the unit; empty: any"),
    "highest": Column("", "highest", "that is accepted, in the unit; empty: any"),
    "unit": Column("", "unit", "of lowest and highest"),
    "among": Column("", "classes", "of firing that are accepted; empty: it is of numbers"),
    "source": Column("", "source", "where the numbers come from"),
    "simulations": Column(
        "",
        "simulations of a candidate",
        "that it looks at: met where it holds in each of them, while population.csv has their mean",
    ),
    "candidates": Column("", "candidates", "all of them"),
    "failed": Column("", "failed", "candidates with a simulation that failed: not judged"),
    "met": Column("", "met", "candidates that meet it"),
    "share": Column("", "share", "met / (candidates - failed)"),
    "share_low": Column(
        "", "lower end", "of the 95% interval by Wilson's score; empty where no sample was drawn"
    ),
    "share_high": Column("", "upper end", "as share_low"),
    "undefined": Column("", "undefined", "candidates of which the quantity has no value: not met"),
    "alone": Column("", "alone", "candidates that fail to meet this criterion alone"),
}
CORRELATIONS = {
    "first": Column("", "first", "an axis of the candidates, or a criterion: its quantity"),
    "second": Column("", "second", "another one"),
    "n": Column("", "candidates", "that were accepted, and have both values"),
    "pearson": Column("", "Pearson's r", "of the values"),
    "pearson_low": Column("", "lower end", "of its 95% interval (Fisher 1921)"),
    "pearson_high": Column("", "upper end", "as pearson_low"),
    "spearman": Column("", "Spearman's rho", "of the ranks"),
    "spearman_low": Column("", "lower end", "of its 95% interval (Bonett and Wright 2000)"),
    "spearman_high": Column("", "upper end", "as spearman_low"),
    "note": Column("", "note", "why they are undefined"),
}
