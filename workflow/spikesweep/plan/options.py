"""What recipes take of a sweep, as plain JSON, where its file does not say it in these words."""

from collections.abc import Sequence
from typing import Any

from spikesweep.document.axes.template import Template
from spikesweep.language.units import to_number
from spikesweep.sweepfile.figures import DoseResponse, FiringMap, PopulationRate, options
from spikesweep.sweepfile.sweep import Sweep


def built(template: Template, columns: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return what the cells of the first simulation are built from."""
    first = template.fill([column[0] for column in columns])
    return {
        **{name: first[name] for name in ("cells", "mechanisms", "engine")},
        "parameters": first.get("parameters", {}),
        "globals": first["protocol"]["globals"],
    }


def bounds(sweep: Sweep, template: Template) -> dict[str, list[float]]:
    """Return the bounds of each trace of a membrane potential (mV)."""
    traces = template.document["record"]["traces"]
    potentials = [name for name, t in traces.items() if "at" in t and t["variable"] == "v"]
    return {name: list(sweep.bounds) for name in potentials}


def replicate_axes(sweep: Sweep) -> list[str]:
    """Return the axes in which replicates differ."""
    chosen = sweep.statistics.replicates
    if chosen is not None:
        return chosen
    return [name for name, axis in sweep.axes.items() if set(axis.targets) == {"protocol.seed"}]


def hill_fits(sweep: Sweep) -> list[dict[str, Any]]:
    """Return the figures with Hill fits, and what they show."""
    return [
        {"figure": figure.file_name}
        | {name: options(figure)[name] for name in ("of", "x", "by", "at", "site")}
        for figure in sweep.figures
        if isinstance(figure, DoseResponse) and figure.fit
    ]


def firing_sites(sweep: Sweep) -> list[str | None]:
    """Return the sites of which firing maps show how cells fire; None for the first."""
    maps = (figure for figure in sweep.figures if isinstance(figure, FiringMap))
    return list(dict.fromkeys(figure.site for figure in maps))


def population_rates(sweep: Sweep) -> list[dict[str, Any]]:
    """Return the figures of population rates, and what they show."""
    return [
        {"figure": figure.file_name, **options(figure)}
        for figure in sweep.figures
        if isinstance(figure, PopulationRate)
    ]


def threshold(sweep: Sweep, template: Template) -> dict[str, Any] | None:
    """Return what is searched for, with the width of a bracket in the axis's unit."""
    asked = sweep.design.threshold if sweep.design else None
    if asked is None:
        return None
    unit = template.axes[asked.axis].form.unit
    return {**asked.model_dump(mode="json"), "width": to_number(asked.to, unit, "")}
