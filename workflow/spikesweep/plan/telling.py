"""What a plan says to a person: `spikesweep plan <sweep>`, and in the report."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from spikesweep.document.movies import BYTES_PER_MB
from spikesweep.language import document as doc
from spikesweep.language.movie_grid import frame_range
from spikesweep.plan.pending import new_keys, pending
from spikesweep.plan.products import Plan
from spikesweep.plan.showing import means_over
from spikesweep.plan.trust import refinements
from spikesweep.products.table import BATCH, PLAN

LONGEST_REASON = 90  # characters, in one line with others


def tell(plan: Plan, lacking: Collection[int], reasons: Sequence[str] = ()) -> str:
    """Return what a sweep is, what would run now, and why.

    Args:
        lacking: the simulations of which the store lacks something: `plan.lacking(store)`.
        reasons: a line for each stage that would run, the first of which made the others run.
    """
    missing = len({plan.keys[i] for i in lacking})
    n, different = len(plan.keys), len({*plan.keys})
    of_these = f"{different} different, " if different < n else ""
    known = f"{n} are known, of at most {plan.most:,}" if plan.unknown else f"{n}"
    lines = [
        f"{plan.name}: {plan.sweep.title}",
        *(f"  {what:12} {words}" for what, words in model_words(plan)),
        f"  simulations  {known} ({design_words(plan.combination.kind, plan.axes)}) "
        f"in {_count(len(plan.batches), 'job')}, "
        f"{of_these}{different - missing} of them in the store",
    ]
    lines += [f"  jobs         {words}" for words in _jobs(plan)]
    if plan.unknown:
        lines.append(f"  not yet      {plan.unknown}")
    if plan.refined and plan.sweep.trust:
        lines.append(f"  trust        {_trust(plan.refined, len(refinements(plan.sweep.trust)))}")
    if plan.alone:
        lines.append(f"  not packed   {_in_short(plan.alone)}")
    lines += [f"  movie        {words}" for words in _movies(plan)]
    lines += [f"  note         {note}" for note in plan.template.files.notes]
    for figure in plan.sweep.figures:
        middle, over = means_over(plan.combination, figure)
        if over:
            lines.append(f"  figure       {figure.file_name}: {middle} over {' and '.join(over)}")
    lines.append("  would run    " + (", ".join(_would_run(plan, lacking)) or "nothing"))
    if reasons:
        others = f" ...; of each stage: spikesweep why {plan.name}" if reasons[1:] else ""
        lines.append(f"  because      {reasons[0]}{others}")
    return "\n".join(lines)


def _jobs(plan: Plan) -> Iterator[str]:
    """Yield how long jobs are, where the sweep asks for it."""
    if not (seconds := plan.sweep.seconds_per_job):
        return
    if plan.measured is None:
        yield (
            f"not of {seconds:g} s yet: spikesweep plan {plan.name} --estimate measures how long "
            "one simulation takes"
        )
        return
    yield f"of {seconds:g} s: {plan.per_job} simulations, at {plan.measured.seconds:.3g} s each"


def _movies(plan: Plan) -> Iterator[str]:
    """Yield how large movies are of each simulation."""
    document = plan.template.document
    slots = zip(plan.template.slots, plan.columns, strict=True)
    columns = {slot.path: column for slot, column in slots}
    tstop = max(columns.get(("protocol", "tstop"), [document["protocol"]["tstop"]]))
    for name, movie in document["record"].get("movies", {}).items():
        frames = len(frame_range(movie, tstop))
        yield (
            f"{name}: {_count(frames, 'frame')} of {'.'.join(movie['region'])}, at most "
            f"{movie['limit'] / BYTES_PER_MB:g} MB of each simulation before compression"
        )


def _trust(refined: Plan, each: int) -> str:
    """Return which simulations run again, refined, as far as that is known."""
    jobs = len(refined.batches)
    if refined.unknown:
        return f"at most {refined.most:,} simulations, refined, in {jobs} jobs: {refined.unknown}"
    again = len(refined.keys)
    return (
        f"{again // each} of them again, refined: {_count(again, 'simulation')} in "
        f"{_count(jobs, 'job')}"
    )


def _in_short(reasons: list[str]) -> str:
    """Return the first of many reasons: a model's code may use any mechanism of a large set."""
    first = shorten(reasons[0], LONGEST_REASON, placeholder=" ...")
    left = len(reasons) - 1
    more = f"{left} more reason{'s' * (left > 1)}"
    return f"{first}; {more} (`packing` in the plan's JSON)" if left else first


def model_words(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what is simulated: a word for what it is, and what is to be said of it."""
    yield "cells", ", ".join(_cells(plan.template.document["cells"]))
    yield "mechanisms", ", ".join(_mechanisms(plan)) or "none"
    yield from (("axis", _axis(axis)) for axis in plan.axes)


def design_words(kind: str, axes: Sequence[Any]) -> str:
    """Return what a design is: "grid", "filtered zip"; of one simulation without axes that."""
    return kind if axes else "no axes"


def _mechanisms(plan: Plan) -> list[str]:
    """Return the mechanisms that the sweep file inserts, and where code inserts others."""
    cells = plan.template.document["cells"].values()
    codes = [word for kind, word in (("hoc", "HOC"), ("python", "Python"))
             if any(kind in cell for cell in cells)]  # fmt: skip
    return [*sorted(plan.mechanisms), *(f"what {word} code inserts" for word in codes)]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cells(cells: Mapping[str, doc.Cell]) -> list[str]:
    """Return the names of all cells, copies with their number: pyr[0..9]."""
    return [
        f"{name}[0..{cell['count'] - 1}]" if "count" in cell else name
        for name, cell in cells.items()
        if "[" not in name
    ]


def with_unit(text: str, unit: str) -> str:
    """Return a value with its unit; a plain number, whose unit NMODL writes as (1), has none."""
    return text if unit in ("", "1") else f"{text} {unit}"


def _axis(axis: Mapping[str, Any]) -> str:
    values = axis["values"]
    shown = [f"{v:g}" if isinstance(v, float) else str(v) for v in values]
    if len(shown) > 8:
        shown = [*shown[:4], "...", shown[-1]]
    return f"{axis['name']}: {with_unit(', '.join(shown), axis['unit'])} ({len(values)})"


def _would_run(plan: Plan, lacking: Collection[int]) -> list[str]:
    products = pending(plan, Path.exists)
    keys = new_keys(plan, products, lacking)
    stages = []
    for product in products:
        if product.kind == BATCH and plan.refined and product in plan.refined.simulations:
            stages.append(f"{product.words} (refined)")
        elif product.kind == BATCH:
            more = ", and others that are not known yet" if plan.unknown else ""
            stages.append(f"{product.words} ({len(keys)} simulations{more})")
        elif product.kind != PLAN:
            stages.append(product.words)
    return list(dict.fromkeys(stages))
