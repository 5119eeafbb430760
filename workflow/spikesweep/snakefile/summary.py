"""The few lines at the end of a run: what the simulations came to, and where things lie."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.jobs.stamp import stamp_drawn
from spikesweep.language.names import MACHINE_STATUSES
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.snakefile.snakemake_patches import only_figures
from spikesweep.store.batch_file import command_alone, read_outcomes
from spikesweep.tables import doubtful, found, unchanged, undefined
from spikesweep.tables.failures import Failure, by_reason, read_failures
from spikesweep.tables.simulations import open_dataset
from spikesweep.tables.unchanged import UNCHANGED

RESULTS = Path("results")
REASONS = 8  # that the summary tells; the table has all


def summaries(plans: Iterable[Path], since: float) -> Iterator[str]:
    """Yield a summary of each sweep; of none that was made in part only, as far as was asked for.

    Args:
        plans: their files.
        since: when the run began (seconds of the epoch); older batches were there before.
    """
    for path in filter(Path.exists, plans):
        plan = read_plan(path)
        if (plan.file("failures")).exists():
            yield summary(plan, since)


def summary(plan: PlanFile, since: float) -> str:
    """Return a summary of a sweep."""
    counts = count_simulations(plan, since)
    folder = RESULTS / plan["sweep"]
    failed = list(read_failures(plan.file("failures")))
    parts = [f"{counts['run']} run", f"{counts['found']} found in the store"]
    parts.append(f"{len(failed)} failed" if failed else "none failed")
    lines = [
        f"{plan['sweep']}: {plan['title']}",
        f"  simulations  {plan['simulations']}: {', '.join(parts)}",
        *_told(plan["sweep"], failed),
        *(f"  note         {sentence}" for sentence in _notes(plan)),
    ]
    if not (folder / "dataset.nc").exists():  # made as far as another sweep reads it
        return "\n".join([*lines, f"  the rest     snakemake --cores 8 {plan['sweep']}"])
    lines += [
        f"  dataset      {folder / 'dataset.nc'}",
        f"  tables       {folder / 'statistics.csv'}, {folder / 'isi.csv'}",
    ]
    if plan["figures"]:
        lines.append(
            f"  figures      {folder / 'figures'}/; all on a page: spikesweep open {plan['sweep']}"
        )
    return "\n".join([*lines, *_published(plan["sweep"], since)])


def none_finished(plans: Iterable[Path]) -> Iterator[str]:
    """Yield, of each sweep all of whose simulations failed or are unphysical, that it is so.

    That is no error of the run, whose results say it; but nobody shall have to look for it.
    """
    for path in filter(Path.exists, plans):
        plan = read_plan(path)
        if not (table := plan.file("failures")).exists():
            continue
        failed = list(read_failures(table))
        if plan["simulations"] and len(failed) == plan["simulations"]:
            number = len(failed)
            these = f"all {number} simulations" if number > 1 else "its only simulation"
            [first, *more] = by_reason(failed)
            others = f", and {len(more)} more" if more else ""
            yield (
                f"spikesweep: {plan['sweep']}: {these} failed: {first}{others}; see "
                f"{RESULTS / plan['sweep'] / 'failures.csv'}"
            )


def set_summaries(titles: Mapping[str, str], since: float) -> Iterator[str]:
    """Yield a summary of each figure set that has figures.

    Args:
        titles: by name. since: as of `summaries`.
    """
    for name, title in titles.items():
        folder = RESULTS / "figure_sets" / name
        if folder.is_dir():
            lines = [f"{name}: {title}", f"  figures      {folder}/; spikesweep open {name}"]
            yield "\n".join([*lines, *_published(name, since)])


def _published(name: str, since: float) -> Iterator[str]:
    """Yield where the bundle of a sweep or a figure set lies, if this run published it."""
    for bundle in sorted((RESULTS / "published").glob(f"{name}_*.zip")):
        if is_bundle_of(name, bundle.name) and bundle.stat().st_mtime >= since:
            yield f"  published    {bundle}"


def _notes(plan: PlanFile) -> list[str]:
    """Return what is to be said of the results as a whole."""
    with open_dataset(plan.file("dataset")) as file:
        axes = json.loads(file.attrs.get(UNCHANGED, "[]"))
        notes = unchanged.told(axes) + doubtful.told(file.attrs, plan["simulations"])
        notes += undefined.told(file, plan["document"]["record"])
    return notes + found.sentences(plan.contents, plan.folder)


def is_bundle_of(sweep: str, name: str) -> bool:
    """Return whether a bundle of this name is one of a sweep, and not of `<sweep>_more`."""
    return name.rpartition("_")[0] == sweep


def _told(sweep: str, failed: list[Failure]) -> list[str]:
    """Return lines that say how many failed of what, and what to do about it."""
    if not failed:
        return []
    groups = by_reason(failed)
    told = dict(list(groups.items())[:REASONS])
    lines = []
    for reason, group in told.items():
        lines.append(f"    {len(group)} x {reason}")
        lines.append(f"        to see one alone:  {command_alone(sweep, group[0].index)}")
    if len(groups) > len(told):
        lines.append(f"    and {len(groups) - len(told)} more reasons")
    lines.append(f"  failures     {RESULTS / sweep / 'failures.csv'}")
    if any(failure.status in MACHINE_STATUSES for failure in failed):
        lines.append(
            f"               timeout, memory, crashed: to try again, spikesweep retry {sweep}, "
            "then snakemake"
        )
    return lines


def count_simulations(plan: PlanFile, since: float) -> Counter:
    """Count the simulations that were run since a time, and those that were there already."""
    counts = Counter(run=0, found=plan["simulations"])
    for name in plan["batches"]:
        path = plan.folder / name
        if path.exists() and path.stat().st_mtime >= since:
            run = sum(outcome.source != "store" for outcome in read_outcomes(path))
            counts.update(run=run, found=-run)
    return counts


def undrawn(workflow: Any, plans: Iterable[Path]) -> Iterator[str]:
    """Stamp the figures that were drawn, where nothing else failed but others; yield what to say.

    Args:
        workflow: Snakemake's, after a run that failed.
        plans: files of the sweeps that it was for.
    """
    scheduler = getattr(workflow, "scheduler", None)
    if not only_figures(getattr(scheduler, "failed", ())):
        return
    for path in filter(Path.exists, plans):
        try:
            stamped, missing = stamp_drawn(path)
        except UserError as error:
            yield f"spikesweep: {error}"
            continue
        if missing:
            yield (
                f"{read_plan(path)['sweep']}: could not be drawn, as said above: "
                f"{', '.join(missing)}. The other figures ({len(stamped)}) have their git label; "
                "run snakemake again when this is mended"
            )
