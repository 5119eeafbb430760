"""What the Methods say of samples, of sensitivity and of fits: which method, its settings, and who
described it."""

from collections.abc import Iterator, Mapping
from typing import Any

SAMPLERS = {
    "sobol": "points of a scrambled Sobol sequence (Sobol 1967; scrambled after Matousek 1998)",
    "halton": "points of a scrambled Halton sequence (Halton 1960; scrambled after Owen 2017)",
    "lhs": "points of a Latin hypercube (McKay, Beckman and Conover 1979)",
    "random": "independent random points",
    "saltelli": "base points of Saltelli's scheme (Saltelli et al. 2010) over a scrambled Sobol "
    "sequence",
    "morris": "trajectories on four levels (Morris 1991)",
}
DISTRIBUTIONS = {
    "uniform": "uniform from {:g} to {:g}",
    "loguniform": "uniform in the logarithm from {:g} to {:g}",
    "normal": "normal with mean {:g} and SD {:g}",
    "truncated": "normal with mean {:g} and SD {:g}, truncated to {:g} to {:g}",
    "integers": "all equally likely, whole numbers from {:g} to {:g}",
}
METHODS = {
    "pawn": "PAWN (median, over 10 slices of each axis, of the Kolmogorov-Smirnov distance between "
    "the quantity in the slice and in all simulations; Pianosi and Wagener 2018)",
    "rbd_fast": "RBD-FAST (first-order index S1 of 10 harmonics, Plischke 2010, with its bias "
    "removed, Tissot and Prieur 2012)",
    "hdmr": "RS-HDMR (first-order index S1, the variance of polynomials of the axis's ranks, to "
    "degree 6 at most, all axes fitted at once, with its bias removed; Li, Wang and Rabitz 2002)",
    "delta": "the moment-independent index delta (Borgonovo 2007), with its bias reduced (Plischke "
    "et al. 2013)",
    "sobol": "Sobol indices of first order (Saltelli et al. 2010) and in total (Jansen 1999)",
    "morris": "Morris's elementary effects (mu_star, mu and sigma; Morris 1991, Campolongo et al. "
    "2007)",
}
_HILL = (
    "a Hill curve (Hill 1910) was fitted by least squares: bottom + (top - bottom) / "
    "(1 + (dose / EC50)**h), with top above bottom, so that h is positive where the response falls "
    "with the dose, and negative where it rises"
)
_EC50 = (
    "Where responses at equal doses differ, EC50 has a 95% confidence interval by profile "
    "likelihood (Bates and Watts 1988); elsewhere the doses next to it are given."
)


def sampled(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield how each sample of a design was drawn, as a sentence."""
    for one in plan.get("samples", ()):
        yield (
            f"The values of {', '.join(one['of'])} are {one['n']:,} {SAMPLERS[one['kind']]}, with "
            f"the seed {one['seed']}."
        )


def distributed(plan: Mapping[str, Any], axis: str) -> str:
    """Return how a sample's values of an axis are distributed; '' of an axis of no sample."""
    for one in plan.get("samples", ()):
        if axis in one["of"]:
            name, numbers = one["of"][axis]
            return DISTRIBUTIONS[name].format(*numbers)
    return ""


def sensitivity(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield by which methods the sensitivity of what to which axes was found."""
    asked = {
        name: plan["products"][plan["files"][name]].get(option)
        for name, option in (("sensitivity", "sensitivity"), ("sensitivity_over_time", "over_time"))
        if name in plan["files"]
    }
    if not asked:
        return
    yield "**Sensitivity.**"
    for one in asked.values():
        of, over_time = one.get("of"), ""
        if not of:
            of, over_time = one["traces"], " over time"
        at = "".join(f", at {name} = {value}" for name, value in one["at"].items())
        methods = "; ".join(METHODS[method] for method in one["methods"])
        yield (
            f"How {', '.join(of)} follow{'s' * (len(of) == 1)} {', '.join(one['axes'])}{over_time} "
            f"was told from {one['n']:,} simulations{at} by {methods}."
        )
        yield (
            f"Intervals hold {100 * one['level']:g}% of a normal distribution around the index, "
            f"with the standard deviation of {one['resamples']:,} bootstrap samples (Efron 1979; "
            f"seed {one['seed']})."
        )
    used = {method for one in asked.values() for method in one["methods"]}
    if used - {"pawn", "hdmr", "morris"}:
        yield "The estimators are those of SALib (Iwanaga, Usher and Herman 2022)."


def fits(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield which curves were fitted to what."""
    if "fits" not in plan["files"]:
        return
    asked = plan["products"][plan["files"]["fits"]]["fits"]
    pairs = dict.fromkeys(f"{one['of']} against {one['x']}" for one in asked)
    yield f"**Fits.** To {', and to '.join(pairs)}, {_HILL}. {_EC50}"
