"""What `spikesweep diff` compares: what the user named, as the plans of sweeps.

A side is a git revision or "." (the sources as they are now), a bundle, zipped or not, or a file
of the results: figure, dataset, table, plan.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, suggest
from spikesweep.lineage.checkout import LOCK, run_there, sources_at
from spikesweep.lineage.git import GitError
from spikesweep.lineage.git_label import COMMIT_DIGITS
from spikesweep.lineage.published import SUMS, check_published
from spikesweep.lineage.records import find_lineage, read_record, records
from spikesweep.lineage.work_tree import commit_date, commit_of, top_of
from spikesweep.plan.making import sweep_names
from spikesweep.plan.product import MADE
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.sidecar import check_origin
from spikesweep.publishing.archive import extract

_LOCKED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
# Runs in the sources of any commit: plans the sweeps that are named, or all; says which and where.
_PLANNING = """
import json, sys
from pathlib import Path
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan, sweep_names
from spikesweep.plan.writing import write_plan
target, *names = sys.argv[1:]
planned = {}
for name in [name for name in sweep_names(Path()) if name in names or not names]:
    try:
        plan = make_plan(Path(), name)
        path = Path(target, name, plan.plan.path.name)
        write_plan(plan, path)
        planned[name] = str(path), "", getattr(plan, "unknown", "")
    except UserError as error:
        planned[name] = "", str(error), ""
print(json.dumps(planned))
"""


@dataclass(frozen=True)
class Side:
    """One sweep of one side.

    ran: whether the plan is that of a run; otherwise it was made with the packages that are here.
    statistics: the table, or None where it was not made or is gone.
    locked: versions by package, as the lock file beside the sources has them; empty if unknown.
    problem: why the sweep cannot be planned there; the plan is None then.
    unknown: what of its simulations is not known yet, in words.
    """

    plan: PlanFile | None
    label: str
    commit: str | None
    date: str | None
    ran: bool = False
    statistics: Path | None = None
    locked: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    unknown: str = ""


TwoSides = tuple[Side | None, Side | None]


@contextmanager
def paired_sides(old: str, new: str, sweeps: list[str]) -> Iterator[dict[str, TwoSides]]:
    """Give the sweeps of both sides, by name; None where a side has no such sweep.

    Where one side is of some sweeps (a file, a bundle), only these are asked for of the other; two
    single sweeps are compared whatever their names are.

    Raises:
        UserError: as `sides` does, or a sweep is asked for that neither side has.
    """
    with tempfile.TemporaryDirectory(prefix="spikesweep-diff-") as scratch:
        before, after = _found(old, new, sweeps, Path(scratch))
        if _is_some(old) and _is_some(new) and len(before) == len(after) == 1:
            (one, first), (other, second) = *before.items(), *after.items()
            yield {one if one == other else f"{one} -> {other}": (first, second)}
            return
        known = sorted({*before, *after})
        for name in sweeps:
            if name not in known:
                raise UserError(
                    f'no sweep is named "{name}"{suggest(name, known or sweep_names(Path()))} in '
                    f"{old} or {new}"
                )
        yield {name: (before.get(name), after.get(name)) for name in known}


def _found(old: str, new: str, sweeps: list[str], scratch: Path) -> list[dict[str, Side]]:
    """Return the sweeps of both sides; those of a file, then of a bundle, say what is asked for of
    the other side."""
    found: dict[str, dict[str, Side]] = {}
    for name in sorted({old, new}, key=lambda name: (not _is_some(name), _is_bundle(name), name)):
        folder = scratch / str(len(found))
        folder.mkdir()
        found[name] = sides(name, folder, sweeps)
        if _is_some(name):
            sweeps = sweeps or list(found[name])
    return [found[old], found[new]]


def _is_some(name: str) -> bool:
    """Whether it is of some sweeps, and no project with all of them."""
    return Path(name).is_file() or _is_bundle(name)


def _is_bundle(name: str) -> bool:
    return Path(name).suffix == ".zip" or Path(name, SUMS).is_file()


def sides(name: str, scratch: Path, sweeps: list[str]) -> dict[str, Side]:
    """Return the sweeps of what the user named, by their names.

    Args:
        name: a file, a bundle or its folder, "." or a git revision; a file goes before a
            revision of the same name.
        scratch: an empty folder, for plans and what bundles hold.
        sweeps: those that are asked for; empty: all.

    Raises:
        UserError: it is none of these, or what it was made from is lost.
    """
    path = Path(name)
    if path.suffix == ".zip" and path.is_file():
        try:
            return _bundle(_unzipped(path, scratch), sweeps)
        except UserError as error:  # which names it where it was unzipped
            raise UserError(str(error).replace(str(scratch), str(path))) from None
    if (path / SUMS).is_file():
        return _bundle(path, sweeps)
    if path.is_file():
        return _of_file(path, scratch)
    if path.is_dir() and path.resolve() == Path().resolve():
        return _planned(Path(), scratch, sweeps, None, None)
    if path.is_dir():
        raise UserError(f"{path}: expected an unzipped bundle, which has a file {SUMS}")
    return _revision(name, scratch, sweeps)


def _unzipped(path: Path, scratch: Path) -> Path:
    try:
        list(extract(path, scratch))
    except ValueError as error:
        raise UserError(f"{path}: cannot be read as a bundle: {error}") from None
    return scratch


def _bundle(folder: Path, sweeps: list[str]) -> dict[str, Side]:
    found = map(read_record, sorted((folder / "results/provenance").glob("*.json")))
    records = [record for record in found if "figure_set" not in record]
    if not records:
        raise UserError(f"{folder}: holds no lineage; expected a bundle by snakemake publish")
    is_all = not sweeps or len(records) == 1  # two single sweeps are compared whatever their names
    return {
        record["sweep"]: _published(folder, record)
        for record in records
        if is_all or record["sweep"] in sweeps
    }


def _published(folder: Path, lineage: dict[str, Any]) -> Side:
    """Return a sweep of a bundle.

    Raises:
        UserError: its table of statistics was changed.
    """
    sweep = lineage["sweep"]
    plan = read_plan(folder / MADE / sweep / lineage["plan"]["file"])
    table = _existing(folder / "results" / sweep / "statistics.csv")
    if table:
        check_published(table, plan.file("statistics").name, lineage)
    return Side(plan, ran=True, statistics=table, locked=_locked(folder / LOCK), **_when(lineage))


def _of_file(file: Path, scratch: Path) -> dict[str, Side]:
    """Return the sweep that a file is a result of; planned again where its plan is gone."""
    lineage = find_lineage(file)
    sweep = lineage["sweep"]
    path = MADE / sweep / lineage["plan"]["file"]
    if path.is_file():
        return {sweep: _made(read_plan(path), lineage)}
    if not lineage["commit"]:
        raise UserError(f"{file}: its plan {path} is gone, and no commit says how to make it")
    with sources_at(lineage["commit"], lineage["patch"]) as project:
        _lend_made(project)
        return _planned(project, scratch, [sweep], lineage["commit"], lineage["date"])


def _made(plan: PlanFile, lineage: dict[str, Any]) -> Side:
    return Side(plan=plan, ran=True, statistics=_statistics(plan), **_when(lineage))


def _when(lineage: dict[str, Any]) -> dict[str, Any]:
    return {name: lineage[name] for name in ("label", "commit", "date")}


def _revision(name: str, scratch: Path, sweeps: list[str]) -> dict[str, Side]:
    """Return the sweeps of a revision: as they were run there, or else planned with what is here.

    What was run tells more: the versions of packages that the plan was made with.
    """
    top = top_of(Path())
    try:
        commit = commit_of(top, name) if top else None
    except GitError:
        commit = None
    if commit is None:
        raise UserError(
            f"{name}: neither a file nor a git revision; expected a figure, a dataset, a table, a "
            'bundle, a revision such as HEAD~1, or "." for the sources as they are now'
        )
    with sources_at(commit) as project:
        _lend_made(project)
        planned = _planned(project, scratch, sweeps, commit, commit_date(top, commit))
    for sweep, side in _ran_at(commit):
        if sweep in planned:
            planned[sweep] = replace(side, locked=planned[sweep].locked)
    return planned


def _ran_at(commit: str) -> Iterator[tuple[str, Side]]:
    for lineage in records():
        path = MADE / lineage["sweep"] / lineage["plan"]["file"]
        if lineage["commit"] == commit and not lineage["patch"] and path.is_file():
            yield lineage["sweep"], _made(read_plan(path), lineage)


def _planned(
    project: Path, scratch: Path, sweeps: list[str], commit: str | None, date: str | None
) -> dict[str, Side]:
    """Return the sweeps of sources, planned by their own package with the other packages here."""
    done = run_there(project, "-P", "-c", _PLANNING, str(scratch.resolve()), *sweeps)
    if done.returncode:
        raise UserError(f"the sweeps at {commit or project} cannot be planned:\n{done.stderr}")
    label = commit[:COMMIT_DIGITS] if commit else "now"
    locked = _locked(project / LOCK)
    planned = {}
    for sweep, (path, problem, unknown) in json.loads(done.stdout).items():
        plan = read_plan(Path(path)) if path else None
        table = _statistics(plan) if plan else None
        planned[sweep] = Side(plan, label, commit, date, False, table, locked, problem, unknown)
    return planned


def _lend_made(project: Path) -> None:
    """Let plans of other sources find here what they name: the points of designs that follow from
    results. Nothing is written there."""
    made = project / MADE
    if MADE.is_dir() and not made.exists():
        made.parent.mkdir(exist_ok=True)
        made.symlink_to(MADE.resolve())


def _statistics(plan: PlanFile) -> Path | None:
    """Return the table of a plan, which its name finds whatever made it.

    Raises:
        UserError: it was changed.
    """
    table = _existing(MADE / plan["sweep"] / plan.file("statistics").name)
    if table:
        check_origin(table, plan.fingerprint(table))
    return table


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _locked(path: Path) -> dict[str, str]:
    return dict(_LOCKED.findall(path.read_text(encoding="utf-8"))) if path.is_file() else {}
