"""From a sweep file to its plan."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from spikesweep.document.axes.design import MOST_SIMULATIONS
from spikesweep.document.building import build_template
from spikesweep.document.files import Files
from spikesweep.document.mistakes import all_of
from spikesweep.errors import NoSweepError, UserError, listing, suggest
from spikesweep.mechanisms.catalogue import read_catalogue
from spikesweep.modelcode.unseen import in_verbatim
from spikesweep.plan import boundaries
from spikesweep.plan.accept import criteria_of, files_of
from spikesweep.plan.accepted import candidates_of, late, populations_of
from spikesweep.plan.checking import (
    check_accept,
    check_figures,
    check_growth,
    check_names,
    check_sensitivity,
    check_trust,
)
from spikesweep.plan.combining import combination_of, tables_of, with_replicates
from spikesweep.plan.growing import grown, middles
from spikesweep.plan.implausible import implausible
from spikesweep.plan.late import LatePlan
from spikesweep.plan.own_code import figure_code, statistic_code
from spikesweep.plan.products import Plan, keyed
from spikesweep.plan.spikes import asked, with_spikes
from spikesweep.plan.times import check_times
from spikesweep.plan.trust import (
    companion_combination,
    companion_sweep,
    companion_template,
    sampled,
    times_as_long,
    with_sample,
)
from spikesweep.plan.values import check_values
from spikesweep.products.code import code_hashes, import_closure
from spikesweep.products.fingerprint import fingerprint, versions
from spikesweep.products.stages import RECORDING_CODE, SIMULATION_CODE, engine
from spikesweep.products.table import LEAVES, RESERVED_SWEEPS
from spikesweep.sweepfile.figures import PythonFigure
from spikesweep.sweepfile.reading import read_sweep
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.sweepfile.trust import BOUNDARIES, Trust

SWEEPS, EXAMPLES = Path("config/sweeps"), Path("config/examples")
_SWEEP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OWN_RULE = re.compile(rf"(?:{'|'.join(LEAVES)})_(\w+)")  # a rule that each sweep has for itself


def sweep_names(root: Path) -> list[str]:
    """Return the names of all sweeps of a project, the examples' among them."""
    return sorted({path.stem for path in _sweep_files(root)})


def _sweep_files(root: Path) -> list[Path]:
    return [
        path for folder in (SWEEPS, EXAMPLES) for path in sorted((root / folder).glob("*.yaml"))
    ]


def may_be_named(name: str, known: Iterable[str]) -> bool:
    """Return whether a sweep may have a name, where `known` are those of all."""
    return not _refusal(name, known)


def _refusal(name: str, known: Iterable[str]) -> str:
    """Return why no sweep may have a name, '' where one may."""
    if name in RESERVED_SWEEPS or not _SWEEP_NAME.fullmatch(name):
        return (
            f"{name}.yaml: no sweep may have this name; expected a letter, then letters, digits "
            f"and _, and none of: {listing(RESERVED_SWEEPS, 20)}"
        )
    if (rule := _OWN_RULE.fullmatch(name)) and rule[1] in known:
        return (
            f"{name}.yaml: a rule of the sweep {rule[1]} has this name; "
            "expected another name for one of them"
        )
    return ""


def _sweep_file(root: Path, name: str) -> Path:
    """Return the file of a sweep, relative to the project.

    Raises:
        NoSweepError: no such sweep.
        UserError: two of that name, or a name that no sweep may have.
    """
    known = sweep_names(root)
    if refusal := _refusal(name, known):
        raise UserError(refusal)
    found = [path.relative_to(root) for path in _sweep_files(root) if path.stem == name]
    if not found:
        raise NoSweepError(
            f'no sweep is named "{name}"{suggest(name, known)} '
            f"(there are: {listing(known) or 'none'})"
        )
    if len(found) > 1:
        raise UserError(
            f"{found[0]}: {found[1]} bears this name as well, and results go by the name; "
            "expected another name for one of them"
        )
    return found[0]


def make_plan(
    root: Path,
    name: str,
    most: int = MOST_SIMULATIONS,
    within: tuple[str, ...] = (),
    is_drawn: bool = True,
) -> Plan:
    """Return the plan of a sweep, `config/sweeps/<name>.yaml` or one of the examples.

    Args:
        most: simulations that the sweep may have.
        within: the sweeps that read this one: its accepted candidates, or its spikes.
        is_drawn: whether it has its figures; without them nothing that is wrong with them matters.

    Raises:
        UserError: whatever in the sweep cannot be run as it is written.
    """
    path = _sweep_file(root, name)
    place = str(path)
    sweep = with_sample(with_replicates(_read(root / path, place), place), place)
    if not is_drawn:
        sweep = sweep.model_copy(update={"figures": []})
    catalogue = read_catalogue(root, sweep.model.mechanisms, f"{place}: model.mechanisms")
    files = Files(root)
    template = build_template(sweep, catalogue, files, engine(), place)
    template.document["recording"] = recording(sweep)
    populations = _populations(root, sweep, place, most, (*within, name))
    candidates = {
        other: candidates_of(plan, f"{place}: design") for other, plan in populations.items()
    }
    combined = partial(combination_of, sweep, template, root, place, most)
    combination = combined(candidates)
    plan = Plan(
        name=name,
        sweep=sweep,
        template=template,
        catalogue=catalogue,
        combination=combination,
        **keyed(template, combination),
        sources=_sources(sweep, place, catalogue.sources, files, populations.values()),
        populations=populations,
        criteria=criteria_of(sweep, template, combination, f"{place}: accept"),
    )
    files.notes += _outside(root, plan.sources)
    sources = catalogue.own.sources if catalogue.own else {}
    files.notes += in_verbatim((b for n in plan.sources_used for b in sources[n].verbatim), root)
    check_values(plan, place)
    files.notes += implausible(plan, place)
    checks = (
        *(check_times, check_names, check_growth),
        *(check_sensitivity, check_trust, check_accept, check_figures),
    )
    all_of(partial(check, plan, place) for check in checks)
    check_search(plan, place)
    if asked(plan):
        make = partial(_other, root, (*within, name), most, place)
        return with_spikes(plan, make, place).as_known(root)
    if sweep.design and sweep.design.grows:
        return grown(plan).as_known(root)
    if populations:
        return late(plan, combined).as_known(root)
    if sweep.trust is None:
        return plan
    refined = _companion(plan, sweep.trust, place)
    if sweep.trust.sample == BOUNDARIES:
        refined = boundaries.late(plan, sweep.trust, refined).as_known(root)
    return replace(plan, refined=refined)


def check_search(plan: Plan, place: str) -> None:
    """Refuse a search between whose values some cannot be, before it comes to them.

    Raises:
        UserError: such as a seed of 2.5, or a time step of which an interval is no multiple.
    """
    between = middles(plan)
    if between is None:
        return
    columns = plan.template.slot_values(between.axes, between.rows)
    keys = [""] * len(between.rows)  # none is asked for
    tried = replace(plan, combination=between, columns=columns, keys=keys)
    try:
        check_values(tried, place)
        check_times(tried, place)
    except UserError as error:
        raise UserError(
            f"{error}. It is a value that design.threshold may try: expected another width `to`, "
            "or other values of the axis, between which all halves can be"
        ) from None


def _populations(
    root: Path, sweep: Sweep, place: str, most: int, within: tuple[str, ...]
) -> dict[str, Plan]:
    """Return the plans of the sweeps whose accepted candidates a design takes.

    Raises:
        UserError: there is no such sweep, or it takes those of this one itself.
    """
    names = populations_of(sweep)
    for name in names:
        if name in within:
            ring = " -> ".join((*within, name))
            raise UserError(f"{place}: design: accepted: {ring}; expected a sweep of its own")
        if name not in sweep_names(root):
            raise UserError(
                f'{place}: design: accepted: no sweep is named "{name}"'
                f"{suggest(name, sweep_names(root))}"
            )
    return {name: make_plan(root, name, most, within) for name in names}


def _other(root: Path, within: tuple[str, ...], most: int, place: str, name: str) -> Plan:
    """Return the plan of a sweep whose spikes another one reads.

    Raises:
        UserError: these two, or more, read each other's.
    """
    if name in within:
        circle = " -> ".join([*within[within.index(name) :], name])
        raise UserError(
            f"{place}: protocol.processes: sweeps that read each other's spikes: {circle}; "
            "expected one that reads none"
        )
    return make_plan(root, name, most, within)


def found(plan: LatePlan, place: str) -> LatePlan:
    """Return a late plan with its points, which are held to the rules of all values.

    Raises:
        UserError: what is read is not there; or values that were found cannot be.
    """
    known = plan.find()
    check_values(known, place)
    check_times(known, place)
    return known


def _companion(plan: Plan, trust: Trust, place: str) -> Plan:
    """Return the plan of the simulations that run again, refined.

    Raises:
        UserError: the model cannot be refined so; or times of the sweep are no multiples of the
            smaller steps.
    """
    template = companion_template(trust, plan.template, f"{place}: trust")
    combination = companion_combination(trust, plan.combination, sampled(trust, plan.keys))
    refined = replace(
        plan,
        sweep=companion_sweep(plan.sweep),
        template=template,
        combination=combination,
        **keyed(template, combination),
        is_companion=True,
        times_as_long=max(times_as_long(trust), default=1.0),
        criteria={},
    )
    try:
        check_times(refined, place)
    except UserError as error:
        raise UserError(f"{error}. It is a step of trust.dt") from None
    return refined


def recording(sweep: Sweep) -> dict[str, str]:
    """Return what records: a part of every item's address."""
    own = import_closure(RECORDING_CODE) - import_closure(SIMULATION_CODE)
    hashes = code_hashes(*RECORDING_CODE)
    code = {module: hashes[module] for module in own}
    asked = {"efel": sweep.record.features, "scipy": sweep.record.impedances}
    packages = [package for package, items in asked.items() if items]
    return {**versions(packages), "code": fingerprint(code)}


def _read(path: Path, place: str) -> Sweep:
    try:
        return read_sweep(path)
    except UserError as error:  # name the file as the user does, from the project's root
        raise UserError(str(error).replace(str(path), place)) from None


def _outside(root: Path, sources: Iterable[Path]) -> Iterator[str]:
    """Say of files that are read through links or an INCLUDE that they lie elsewhere."""
    for source in sources:
        lies = (root / source).resolve()
        if not lies.is_relative_to(root.resolve()):
            yield f"{source}: lies outside of the project, at {lies}"


def _sources(
    sweep: Sweep, place: str, mechanisms: list[str], files: Files, populations: Iterable[Plan]
) -> tuple[Path, ...]:
    names = [
        place,
        *tables_of(sweep),
        *files_of(sweep),
        *mechanisms,
        *files.morphologies.values(),
        *files.models,
    ]
    own = [
        figure_code(files.root, figure, f"{place}: figures[{i}]")
        for i, figure in enumerate(sweep.figures)
        if isinstance(figure, PythonFigure)
    ]
    own += [
        statistic_code(files.root, statistic, f"{place}: statistics.{name}")
        for name, statistic in sweep.statistics.own.items()
    ]
    for code in own:
        names += code.files
        files.notes += [note for note in code.notes if note not in files.notes]
    names += [path for path, _ in files.waveforms.values()]
    names += sorted(files.times)
    names += [str(path) for of in populations for path in of.sources]
    return tuple(Path(name) for name in sorted(set(names)))
