"""Checks of the names in a sweep, and of what its figures ask for against what it has."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from spikesweep.document.copies import copies_meant
from spikesweep.document.mistakes import all_of
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.distances import by_names
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.language.names import base
from spikesweep.plan.depicting import places_of
from spikesweep.plan.levels import level
from spikesweep.plan.products import Plan
from spikesweep.plan.sensitivity import check_sample
from spikesweep.plan.showing import check_design
from spikesweep.plan.shown_parts import check_shown_parts
from spikesweep.plan.shown_times import check_shown_times
from spikesweep.products.table import LINKED, RESERVED_FIGURES, columns
from spikesweep.sweepfile.design import CLASS
from spikesweep.sweepfile.figures import Morphology
from spikesweep.tables.columns import COLUMNS, WINDOW_COLUMNS
from spikesweep.tables.names import dataset_names, feature_names
from spikesweep.tables.verdicts import COLUMNS as VERDICTS

MOST_TIMES = 1_000  # of indices of a trace


def check_names(plan: Plan, place: str) -> None:
    """Refuse an axis, trace, feature or site that would bear a name taken in dataset or tables.

    Raises:
        UserError: naming the axis, or what is recorded.
    """
    recorded = Counter(dataset_names(plan.template.document["record"]))
    for name, count in recorded.items():
        if count > 1:
            raise UserError(
                f'{place}: record: two variables of the dataset would be named "{name}"; '
                "expected other names of traces, spike sites or features"
            )
    holders = {
        **{name: table.name for table in reversed(LINKED) for name in columns(table)},
        **dict.fromkeys(_windows(plan), "statistics.csv"),
        **dict.fromkeys(recorded, "the dataset"),
    }
    numbers = [
        a.name for a in plan.combination.axes if not any(isinstance(v, str) for v in a.values)
    ]
    own = plan.sweep.statistics.own
    known = _derivable(plan.template.document["record"], [*own, *_windows(plan)], numbers)
    for name in own:
        if name in holders or name in plan.sweep.axes:
            raise UserError(
                f"{place}: statistics.{name}: {holders.get(name, 'an axis')} has this name; "
                "expected another"
            )
    for name, derived in plan.sweep.derived.items():
        if name in holders or name in known or name in plan.sweep.axes:
            raise UserError(
                f"{place}: derived.{name}: something else has this name; expected another"
            )
        try:
            compile_expression(by_names(derived.formula), known)
        except ExpressionError as error:
            raise UserError(f"{place}: derived.{name}.formula: {error}") from None
    for label in plan.combination.labels:
        if label.name in holders or label.name == "tstop":
            raise UserError(
                f"{place}: design: the column {label.name} of its table is no axis, and "
                f"{holders.get(label.name, 'the dataset')} holds something else of this name; "
                "expected another"
            )
    for name in plan.sweep.statistics.replicates or ():
        axes = [axis.name for axis in plan.combination.axes]
        _one_of(name, axes, "axis", f"{place}: statistics.replicates")
    for name, axis in plan.sweep.axes.items():
        if name == "tstop" and "protocol.tstop" not in axis.targets:
            holders[name] = "the dataset"
        if name in holders:
            raise UserError(
                f"{place}: axes.{name}: {holders[name]} holds something else of this name; "
                f"expected another, such as {name}_set"
            )


def check_figures(plan: Plan, place: str) -> None:
    """Refuse figures that name an axis, value, column, trace, site or cell that is not there.

    Raises:
        UserError: naming the figure, its option, and what was expected.
    """
    names = [figure.file_name for figure in plan.sweep.figures]

    def check(i: int, figure: Any) -> None:
        where, name = f"{place}: figures[{i}]", names[i]
        if name in RESERVED_FIGURES:
            raise UserError(
                f'{where}.name: "{name}" is taken by a table or file of the results; '
                f"expected another name, such as {name}_figure"
            )
        if (first := names.index(name)) < i:
            raise UserError(
                f'{where}: figures[{first}] is named "{name}" as well; '
                "expected a key `name` that tells them apart"
            )
        check_figure(plan, figure, where)

    all_of(partial(check, i, figure) for i, figure in enumerate(plan.sweep.figures))


def check_figure(plan: Plan, figure: Any, where: str) -> None:
    """Refuse a figure of what the sweep does not have, or that cannot show its design.

    Raises:
        UserError: naming the option, and what was expected.
    """
    if "population" in figure.reads and not plan.criteria:
        raise UserError(f"{where}: the sweep has no population; expected criteria in `accept`")
    checks = (_check_axes, _check_choices)
    all_of(partial(check, plan, figure, where) for check in checks)
    # Of a plan whose simulations wait for results, by those that stand for them.
    simulated = plan if plan.keys else getattr(plan, "stand_in", plan)
    check_shown_times(simulated, figure, where)
    check_shown_parts(simulated, figure, where)
    check_design(plan.combination, figure, where)


def _check_axes(plan: Plan, figure: Any, where: str) -> None:
    axes = {axis.name: axis for axis in plan.combination.axes}
    used: dict[str, str] = {}
    for option, name in figure.axis_names.items():
        _one_of(name, axes, "axis", f"{where}.{option}")
        if name in used:
            raise UserError(f"{where}.{option}: {name} is {used[name]} already; expected another")
        used[name] = option
    for name, value in getattr(figure, "at", {}).items():
        level(name, value, axes, f"{where}.at")


def _check_choices(plan: Plan, figure: Any, where: str) -> None:
    document = plan.template.document
    traces, sites = document["record"]["traces"], document["record"]["spikes"]
    scalars = _scalars(plan)
    if isinstance(figure, Morphology):
        if figure.cell:
            counts = {name: cell.get("count") for name, cell in document["cells"].items()}
            copies_meant(figure.cell, counts, "cell", f"{where}.cell")
        return
    if figure.kind in ("heatmap", "curve", "dose_response"):
        _one_of(figure.of, [*COLUMNS, *scalars], "quantity", f"{where}.of")
    if figure.kind in ("scatter", "pairs"):
        known = [*COLUMNS, *scalars, *(axis.name for axis in plan.combination.axes)]
        for option, name in figure.quantities.items():
            _one_of(name, known, "quantity or axis", f"{where}.{option}")
    if figure.kind == "pairs":
        _check_numbers(plan, figure, where)
    if figure.kind == "candidates":
        _check_candidates(plan, figure, where)
        return
    if figure.kind == "sensitivity":
        asked = plan.sweep.sensitivity
        if asked is None or not asked.of:
            raise UserError(f"{where}: expected `sensitivity: {{of: [{figure.of}]}}` in the sweep")
        _one_of(figure.of, asked.of, "quantity of sensitivity.of", f"{where}.of")
        return
    if figure.kind == "sensitivity_over_time":
        if not plan.options["over_time"]:
            raise UserError(f"{where}: expected `sensitivity: {{traces: [...]}}` in the sweep")
        if figure.trace:
            asked_traces = plan.options["over_time"]["traces"]
            _one_of(figure.trace, asked_traces, "trace of sensitivity.traces", f"{where}.trace")
        return
    if figure.kind == "movie":
        movies = document["record"].get("movies", {})
        if not movies:
            raise UserError(f"{where}: the sweep records no movie; expected one in record.movies")
        if figure.of:
            _one_of(figure.of, movies, "movie", f"{where}.of")
        return
    if figure.kind == "threshold":
        _check_threshold(plan, figure, where)
    if figure.kind == "profile":
        _check_profile(document, figure, where)
    if getattr(figure, "trace", None):
        _one_of(figure.trace, traces, "trace", f"{where}.trace")
    _check_sites(figure, sites, f"{where}.site")
    if figure.kind == "traces" and not traces:
        raise UserError(f"{where}: the sweep records no traces; expected one in record.traces")
    shown = getattr(figure, "quantities", {"of": getattr(figure, "of", None)}).values()
    spikes = figure.kind in ("raster", "population_rate", "isi_distribution", "firing_map")
    if (spikes or any(name in COLUMNS for name in shown)) and not sites:
        raise UserError(f"{where}: the sweep records no spikes; expected a site in record.spikes")


def _check_sites(figure: Any, sites: Collection[str], where: str) -> None:
    """Refuse spike sites that are not recorded: one, or one of several."""
    asked = getattr(figure, "site", None) or []
    known = {*sites, *map(base, sites)}
    for name in [asked] if isinstance(asked, str) else asked:
        _one_of(name, known, "spike site", where)


def check_sensitivity(plan: Plan, place: str) -> None:
    """Refuse a sensitivity of what the sweep does not have, or that does not fit its design.

    Raises:
        UserError: naming the option, and what was expected.
    """
    asked, where = plan.sweep.sensitivity, f"{place}: sensitivity"
    if asked is None:
        return
    check_sample(plan.sweep, plan.combination, where)
    sites = plan.template.document["record"]["spikes"]
    for i, name in enumerate(asked.of):
        _one_of(name, [*COLUMNS, *_scalars(plan)], "quantity", f"{where}.of[{i}]")
        if name in asked.of[:i]:
            raise UserError(f"{where}.of[{i}]: {name} stands twice; expected each once")
        if name in COLUMNS and not sites:
            raise UserError(
                f"{where}.of[{i}]: the sweep records no spikes; expected a site in record.spikes"
            )
    recorded = plan.template.document["record"]["traces"]
    for i, name in enumerate(asked.traces):
        _one_of(name, recorded, "trace", f"{where}.traces[{i}]")
        if name in asked.traces[:i]:
            raise UserError(f"{where}.traces[{i}]: {name} stands twice; expected each once")
    tstop = plan.template.document["protocol"]["tstop"]
    if asked.every and asked.every > tstop:
        raise UserError(
            f"{where}.every: {asked.every:g} ms is longer than the run (tstop, {tstop:g} ms); "
            "expected a shorter interval"
        )
    if asked.every and tstop / asked.every > MOST_TIMES:
        raise UserError(
            f"{where}.every: {asked.every:g} ms make more than {MOST_TIMES:,} times of {tstop:g} "
            "ms; expected a longer interval"
        )
    if asked.site:
        _one_of(asked.site, {*sites, *map(base, sites)}, "spike site", f"{where}.site")
    if plan.sweep.design and plan.sweep.design.where:
        plan.template.files.notes.append(
            "sensitivity: `where` leaves points out, so that the axes are no longer independent, "
            "which the methods take for granted"
        )


def check_growth(plan: Plan, place: str) -> None:
    """Refuse a design that grows by what the table of statistics does not have.

    Raises:
        UserError: naming the statistic or the site, and what was expected.
    """
    design = plan.sweep.design
    asked = design and (design.refine or design.threshold)
    if design and any(part.accepted for part in design.every):
        _check_accepted(plan, place)
    if not design or not asked:
        return
    sites = plan.template.document["record"]["spikes"]
    where = f"{place}: design.{design.kind}"
    known = [*_of_statistics(plan), *([CLASS] if sites else ())]
    _one_of(asked.of, known, "statistic", f"{where}.{'by' if design.refine else 'of'}")
    if asked.site:
        _check_one_cell(asked.site, sites, f"{where}.site")
        _one_of(asked.site, sites, "spike site", f"{where}.site")
    if plan.sweep.trust:
        raise UserError(
            f"{place}: trust: not of a design that grows by its own results; expected a grid, a "
            "table or a sample of the points that are in doubt"
        )


def _check_one_cell(site: str, sites: Collection[str], where: str) -> None:
    """Refuse a population of cells, where the spikes of one are asked for."""
    copies = [one for one in sites if one.startswith(f"{site}[")]
    if copies:
        raise UserError(
            f"{where}: {site} has {len(copies)} cells, and this looks at the spikes of one; "
            f"expected {copies[0]}, or another of them"
        )


def _check_accepted(plan: Plan, place: str) -> None:
    """Refuse what asks of simulations which they are, before a population tells it."""
    for asked in ("trust", "sensitivity"):
        if getattr(plan.sweep, asked) is not None:
            raise UserError(
                f"{place}: {asked}: not of a design that takes the accepted candidates of another "
                "sweep; expected it in that sweep, or of a table of the accepted"
            )


def check_trust(plan: Plan, place: str) -> None:
    """Refuse trust in what the table of statistics does not have.

    Raises:
        UserError: naming the statistic, and what was expected.
    """
    asked, where = plan.sweep.trust, f"{place}: trust"
    if asked is None:
        return
    known = _of_statistics(plan)
    for i, name in enumerate(asked.of):
        _one_of(name, known, "statistic", f"{where}.of[{i}]")
        if name in asked.of[:i]:
            raise UserError(f"{where}.of[{i}]: {name} stands twice; expected each once")


def _of_statistics(plan: Plan) -> list[str]:
    """The columns of the table of statistics that hold numbers."""
    record = plan.template.document["record"]
    known = [*feature_names(record), *plan.sweep.statistics.own, *plan.sweep.derived]
    return [*(COLUMNS if record["spikes"] else ()), *known]


def check_accept(plan: Plan, place: str) -> None:
    """Refuse criteria whose columns would bear a name that is taken, and a protocol of all axes.

    Raises:
        UserError: naming the criterion, and what was expected.
    """
    if not plan.criteria:
        return
    sites = plan.template.document["record"]["spikes"]
    axes = [axis.name for axis in plan.combination.axes]
    for name, criterion in plan.criteria.items():
        where = f"{place}: accept.{name}"
        if name in VERDICTS or name in axes:
            taken = "an axis" if name in axes else "population.csv"
            raise UserError(f"{where}: {taken} has this name; expected another")
        if criterion["site"]:
            _one_of(criterion["site"], {*sites, *map(base, sites)}, "spike site", f"{where}.site")
    if axes and not plan.candidate_axes:
        raise UserError(
            f"{place}: accept: {listing(axes)}: axes at whose values criteria look, and those of "
            "replicates, are the protocol's, and no other is left in which candidates differ"
        )


def _scalars(plan: Plan) -> list[str]:
    """The numbers that each simulation has, besides the statistics of spike trains."""
    record = plan.template.document["record"]
    ends = [f"{trace}_{end}" for trace in record["traces"] for end in ("min", "max")]
    statistics = [*_windows(plan), *plan.sweep.statistics.own, *plan.sweep.derived]
    return [*ends, *feature_names(record), *statistics]


def _windows(plan: Plan) -> list[str]:
    """The columns that tell the window of the statistics, where it is one a simulation."""
    return list(WINDOW_COLUMNS) if isinstance(plan.windows, list) else []


def _check_numbers(plan: Plan, figure: Any, where: str) -> None:
    for axis in plan.combination.axes:
        if axis.name in figure.of and isinstance(axis.values[0], str):
            raise UserError(f"{where}.of: the axis {axis.name} has names; expected numbers")


def _check_candidates(plan: Plan, figure: Any, where: str) -> None:
    numbers = [
        axis.name
        for axis in plan.combination.axes
        if axis.name in plan.candidate_axes and not isinstance(axis.values[0], str)
    ]
    for i, name in enumerate(figure.of or ()):
        of_numbers = [name for name, one in plan.criteria.items() if "classes" not in one]
        known = [*numbers, *of_numbers]
        _one_of(name, known, "criterion or axis of candidates", f"{where}.of[{i}]")
    if figure.of is None and len(numbers) + len(plan.criteria) < 2:
        raise UserError(f"{where}: the candidates have one number alone; expected a pair in `of`")


def _check_threshold(plan: Plan, figure: Any, where: str) -> None:
    searched = plan.sweep.design.threshold if plan.sweep.design else None
    if searched is None:
        raise UserError(f"{where}: expected `design: {{threshold: ...}}` in the sweep")
    shown = {*figure.axis_names.values(), *figure.at}
    if searched.axis in shown:
        raise UserError(
            f"{where}: thresholds are searched along {searched.axis}; expected another axis for x, "
            "by and at"
        )
    left = [axis.name for axis in plan.combination.axes if axis.name not in shown]
    if others := [name for name in left if name != searched.axis]:
        raise UserError(
            f"{where}: thresholds differ along {others[0]} as well; expected it in by, or a value "
            "of it in at"
        )


def _check_profile(document: Any, figure: Any, where: str) -> None:
    traces = document["record"]["traces"]
    for trace in figure.traces or ():
        _one_of(trace, traces, "trace", f"{where}.traces")
    places = places_of(document, figure.traces)
    if others := [trace for trace in figure.traces or () if trace not in places]:
        raise UserError(
            f"{where}.traces: {others[0]} records something else than {figure.traces[0]}; "
            "expected one variable along the path"
        )
    if found := [trace for trace, at in places.items() if isinstance(at["x"], str)]:
        raise UserError(
            f"{where}: {found[0]} lies at a place that is found by its distance; expected traces "
            "at places such as apical[3](0.2), which `spikesweep structure` tells"
        )
    if len(places) < 2:
        raise UserError(f"{where}: a profile needs traces at two places of a cell at least")


def _one_of(name: str, known: Iterable[str], kind: str, where: str) -> None:
    if name not in known:
        raise UserError(
            f'{where}: no {kind} is named "{name}"{suggest(name, known)}; '
            f"expected one of: {listing(known, 20)}"
        )


def _derivable(
    record: Mapping[str, Any], own_statistics: Iterable[str], axes: Iterable[str]
) -> list[str]:
    """Return the names that the formula of a derived quantity may speak of."""
    known = [*(COLUMNS if record["spikes"] else ()), *own_statistics]
    of_sites = [f"{column}_{site}" for site in record["spikes"] for column in known]
    return list(dict.fromkeys([*known, *of_sites, *feature_names(record), *axes]))
