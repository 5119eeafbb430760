"""Checks of the parts of cells, and of the simulations, that figures show: that there are any."""

from collections.abc import Mapping
from typing import Any

from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.movie_grid import frame_range
from spikesweep.language.names import base, means
from spikesweep.morphology.reading import read_morphology
from spikesweep.plan.levels import value_words
from spikesweep.plan.products import Plan
from spikesweep.plan.showing import rows_at
from spikesweep.plan.times import longest_run
from spikesweep.sweepfile.figures import Morphology, Movie

SIZES = ("diam", "distance", "area", "Ra", "cm")  # numbers that each segment has
Sections = set[tuple[str, int, str | None]]  # name, index, region


def check_shown_parts(plan: Plan, figure: Any, where: str) -> None:
    """Refuse a figure of a parameter, of sections, of frames or of simulations that are not there.

    Raises:
        UserError: naming the option, and what was expected.
    """
    _check_simulations(plan, figure, where)
    if isinstance(figure, Morphology):
        _check_colour(plan, figure, f"{where}.of")
    movies = plan.template.document["record"].get("movies", {})
    if isinstance(figure, Movie) and movies:
        movie: Mapping[str, Any] = movies.get(figure.of or next(iter(movies)), {})
        _check_frames(plan, figure, movie, where)
        _check_sections(plan, figure, movie, f"{where}.sections")


def _check_simulations(plan: Plan, figure: Any, where: str) -> None:
    """Refuse values of axes that no simulation has together."""
    at, design = getattr(figure, "at", {}), plan.sweep.design
    are_known = not (plan.unknown or plan.populations or (design and design.grows))
    if not at or plan.combination.kind == "grid" or not are_known:
        return
    if not rows_at(plan.combination, figure):
        told = ", ".join(f"{name}: {value_words(value)}" for name, value in at.items())
        raise UserError(
            f"{where}.at: no simulation of the design has {told}; expected values that one has "
            "together"
        )


def _check_colour(plan: Plan, figure: Morphology, where: str) -> None:
    """Refuse a parameter that no part of the cell has, of a cell that the sweep file builds."""
    cells = plan.template.document["cells"]
    cell = base(figure.cell or next(iter(cells)))
    built = [of for name, of in cells.items() if base(name) == cell]
    if figure.of == "region" or not all("biophysics" in of for of in built):
        return
    rules = [rule.get("insert", {}) for of in built for rule in of["biophysics"]]
    inserted = {name for rule in rules if isinstance(rule, Mapping) for name in rule}
    of_axes = (a for a in plan.combination.axes if a.name in plan.template.variant_axes)
    inserted |= {str(value) for axis in of_axes for value in axis.values}
    known = [*SIZES, *plan.catalogue.parameter_units(inserted & plan.catalogue.known.keys())]
    if figure.of not in known:
        raise UserError(
            f"{where}: {figure.of}: no segment of {cell} has it{suggest(figure.of, known)}; "
            f"expected one of: {listing(['region', *known], most=40)}"
        )


def _check_frames(plan: Plan, figure: Movie, movie: Mapping[str, Any], where: str) -> None:
    """Refuse times outside of the frames that the movie has in the longest simulation."""
    if "every" not in movie:
        return
    frames = frame_range(movie, longest_run(plan))
    first, last = frames[0] * movie["every"], frames[-1] * movie["every"]
    for i, time in enumerate(figure.times or ()):
        if not first <= time <= last:
            raise UserError(
                f"{where}.times[{i}]: {time:g} ms; expected a time from the movie's first frame to "
                f"its last, {first:g} to {last:g} ms"
            )


def _check_sections(plan: Plan, figure: Movie, movie: Mapping[str, Any], where: str) -> None:
    """Refuse sections of a kymograph that the movie does not have."""
    if "region" not in movie or (there := _sections(plan, movie["region"])) is None:
        return
    for i, text in enumerate(figure.sections or ()):
        if not any(means(text, *section) for section in there):
            names = sorted({part for name, _, region in there for part in (name, region) if part})
            raise UserError(
                f'{where}[{i}]: the movie has no "{text}"{suggest(text, names)}; '
                f"expected one of: {listing(names, most=20)}"
            )


def _sections(plan: Plan, shown: list[str]) -> Sections | None:
    """Return the sections of a cell's region; None where only NEURON can tell."""
    name, region = shown
    cells, files = plan.template.document["cells"], plan.template.files
    cell: Mapping[str, Any] = next(of for one, of in cells.items() if base(one) == base(name))
    if "sections" in cell:
        every: Sections = {(one, 0, of["region"]) for one, of in cell["sections"].items()}
    elif (sha256 := cell.get("morphology", {}).get("sha256")) in files.morphologies:
        path = files.root / files.morphologies[sha256]
        counts = read_morphology(path, **files.choices[sha256]).sections
        every = {(one, i, one) for one, n in counts.items() for i in range(n)}
        every |= {("axon", i, "axon") for i, _ in enumerate(_stub(cell))}
    else:
        return None
    if region in cell.get("regions", {}):
        return every  # where its condition holds only NEURON can tell
    return {one for one in every if means(region, *one)}


def _stub(cell: Mapping[str, Any]) -> list[Any]:
    axon = cell.get("axon")
    return list(axon["stub"]) if isinstance(axon, Mapping) else []
