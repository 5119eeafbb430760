"""What can go from `results/made` and `results/store`: that which no sweep names any more.

What the sweeps name is told by their plans, made now from their files. Stamped figures in
`results/<sweep>/figures` are nobody's garbage: their names say which commit made them.
"""

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from spikesweep.commands.place import enter_project
from spikesweep.errors import UserError
from spikesweep.plan.figure_sets import MADE_SETS, SetPlan, set_names
from spikesweep.plan.making import sweep_names
from spikesweep.plan.measured import measured_file
from spikesweep.plan.product import MADE
from spikesweep.plan.products import Plan
from spikesweep.products.atomic import is_unfinished
from spikesweep.products.sidecar import beside
from spikesweep.products.stages import engine
from spikesweep.snakefile.figure_sets import FigureSets
from spikesweep.snakefile.lock import hold_lock
from spikesweep.snakefile.log import LOGS
from spikesweep.snakefile.project import Project
from spikesweep.store.store import Store

RESULTS = Path("results")
DAY = 24 * 60 * 60  # s; what is younger may belong to a run that is going on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="list it only")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> None:
    enter_project()
    collect_garbage(Path(), options.dry_run, options.yes)


class Garbage(NamedTuple):
    """A file or folder that can go: what kind of thing it is, and its size in bytes."""

    path: Path
    kind: str
    bytes: int


def named_files(plans: Collection[Plan], sets: Iterable[SetPlan] = ()) -> set[Path]:
    """Return all that sweeps and figure sets name in `results/made`; a compiled mechanism set is a
    folder."""
    products = [product for plan in plans for product in plan.every]
    products += [product for plan in sets for product in plan.figures.values()]
    files = {file for product in products for file in product.files}
    kept = {measured_file(plan.name) for plan in plans}
    return files | {beside(file) for file in files} | {plan.path for plan in sets} | kept


def find_garbage(
    plans: list[Plan],
    marks: Iterable[Path],
    store: Store,
    now: float,
    sets: Sequence[SetPlan] = (),
) -> list[Garbage]:
    """Return what no plan names, sorted by path.

    Segments of the store are looked through by their keys: one with a single key that a plan
    names stays whole. Where a plan is not known yet, all of them stay.

    Args:
        plans: of every sweep.
        marks: of the leaves, which follow from the git label as well.
        now: s of the epoch; unfinished files go when they are older than a day.
        sets: the plans of every figure set.
    """
    named = named_files(plans, sets).union(marks)
    files = list(_unnamed(named, {plan.name for plan in plans}, now))
    keys = {bytes.fromhex(key) for plan in plans for key in plan.every_key}
    others = {path.stem for path in store.unreachable(engine())}
    segments = [
        (path, f"results of simulations{' by other versions' if path.stem in others else ''}")
        for path in ([] if any(plan.unknown for plan in plans) else store.unnamed(keys))
    ]
    old = [*store.leftovers(now - DAY), *_unfinished(now - DAY)]
    leftovers = [(path, "leftovers") for path in old]
    gone = [path for path, _ in files]
    found = [*files, *segments, *leftovers, *((link, "links") for link in _links(gone))]
    return sorted(Garbage(path, kind, _size(path)) for path, kind in found)


def _unnamed(named: set[Path], sweeps: set[str], now: float) -> Iterator[tuple[Path, str]]:
    of_sets = MADE_SETS.glob("*/*")
    for path in sorted([*MADE.glob("*/*"), *of_sets]):
        sweep = path.parent.name
        if path in named or path.parent == MADE_SETS:
            continue
        if path.name.startswith("."):
            if path.stat().st_mtime < now - DAY:
                yield path, "leftovers"
        elif path.parent.parent == MADE_SETS:
            yield path, f"figures of the figure set {sweep}"
        elif sweep == "mechanisms":
            yield path, "compiled mechanisms"
        elif sweep not in sweeps:
            yield path, f"products of {sweep}, of which there is no sweep file"
        else:
            yield path, f"products of {sweep}"


def _unfinished(before: float) -> Iterator[Path]:
    """Yield what killed processes left beside stable names, figures and lineages; and what jobs
    said."""
    yield from (path for path in LOGS.glob("*/*.log") if path.lstat().st_mtime < before)
    for path in (*RESULTS.glob("*/.*"), *RESULTS.glob("*/figures/.*")):
        if is_unfinished(path) and path.lstat().st_mtime < before:
            yield path


def _links(gone: Iterable[Path]) -> Iterator[Path]:
    """Yield the stable names that would lead nowhere."""
    gone = {path.absolute() for path in gone}
    for link in RESULTS.glob("*/*"):
        if link.is_symlink() and (link.parent / link.readlink()).resolve() in gone:
            yield link


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files)


def remove(garbage: Iterable[Garbage]) -> None:
    """Remove files and folders, and folders that this leaves empty."""
    for path, _, _ in garbage:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for folder in (*MADE_SETS.glob("*/"), *MADE.glob("*/")):
        if not any(folder.iterdir()):
            folder.rmdir()


def tell(garbage: Iterable[Garbage]) -> str:
    """Return how much could go, a line a kind."""
    number, size = Counter(), Counter()
    for _, kind, stored in garbage:
        number[kind] += 1
        size[kind] += stored
    lines = [f"{number[kind]:6}  {in_bytes(size[kind]):>9}  {kind}" for kind in sorted(number)]
    return "\n".join([*lines, f"{number.total():6}  {in_bytes(size.total()):>9}  in all"])


def in_bytes(size: int) -> str:
    """Return a number of bytes as people say it: 1.2 MB."""
    number = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 999.5:  # what rounds to 1000 would be printed as 1e+03
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} TB"


def collect_garbage(root: Path, dry_run: bool, sure: bool) -> None:
    """Say what no sweep file names any more and, if the user agrees, remove it.

    Raises:
        UserError: a sweep file with a mistake, since what it names cannot be told; or a run that
            is going on.
    """
    hold_lock()
    project = Project(root)
    names = sweep_names(root)
    sets = FigureSets(project, set_names(root))
    try:
        plans = [project.plan(name) for name in names]
        of_sets = [sets.plan(name) for name in sets.names]
    except UserError as error:
        raise UserError(
            f"{error}\nNothing was removed: what this file names cannot be told. "
            "Mend its file, or move it out of config"
        ) from None
    marks = [mark(name) for name in names for mark in (project.stamp_mark, project.current_mark)]
    marks += [sets.mark(name) for name in sets.names]
    garbage = find_garbage(plans, marks, Store(), time.time(), of_sets)
    print(f"Kept is all that these sweeps name: {', '.join(names) or 'none'}")
    if sets.names:
        print(f"and these figure sets: {', '.join(sets.names)}")
    for plan in (plan for plan in plans if plan.unknown):
        print(f"Kept is the whole store as well: {plan.name}: {plan.unknown}")
    if not garbage:
        print("Nothing else is there.")
        return
    print(tell(garbage))
    if dry_run:
        print("\n".join(str(path) for path, _, _ in garbage))
    elif sure or _agreed():
        remove(garbage)
        print("Removed.")
    else:
        print("Nothing was removed. Without a question: spikesweep gc --yes")


def _agreed() -> bool:
    try:
        return input("Remove this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
