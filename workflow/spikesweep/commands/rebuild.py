"""Makes a file again from nothing but its lineage: `spikesweep rebuild FILE`.

Its commit is checked out in a temporary work tree, with the patch if the tree was dirty, and that
commit's own package makes it. Then everything on its way is compared with what the lineage says: of
a figure of a figure set, all sweeps that its panels show.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile
from typing import Any, NamedTuple

from spikesweep.commands.place import entered
from spikesweep.comparing.files import BYTES, are_close, compare
from spikesweep.document.axes.design import LARGE
from spikesweep.errors import UserError
from spikesweep.lineage.checkout import locked_python, run_there, sources_at
from spikesweep.lineage.lineage import patch_path, record_path
from spikesweep.lineage.records import find_lineage, product_of, read_record
from spikesweep.lineage.stamp import CARRIERS
from spikesweep.lineage.work_tree import is_in_history, top_of
from spikesweep.plan.measured import measured_file
from spikesweep.plan.product import MADE
from spikesweep.products.fingerprint import file_hash
from spikesweep.store.store import STORE

# To which part of itself a number is the same on another processor or with other packages.
TOLERANCE = 1e-6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--cores", default="all")
    parser.add_argument("--from-scratch", action="store_true", help="simulate everything again")
    parser.add_argument(
        "--locked", action="store_true", help="with the packages that the commit's lock file names"
    )
    parser.add_argument(
        "--yes", action="store_true", help="run the commit's code though no branch here leads to it"
    )


def run(options: argparse.Namespace) -> None:
    [file] = entered([options.file])
    lineage = find_lineage(file, of_sets=True)
    if words := code_to_run(lineage, options.yes):
        print(f"spikesweep: rebuild {words}", file=sys.stderr, flush=True)
    rebuilt = rebuild(file, lineage, options.cores, options.from_scratch, options.locked)
    print(tell(rebuilt, lineage))
    sys.exit(not rebuilt.outcomes[-1].is_same)


class Outcome(NamedTuple):
    """What became of a file: in words, and whether it is the same bytes."""

    file: str
    words: str

    @property
    def is_same(self) -> bool:
        return self.words == BYTES


class Rebuilt(NamedTuple):
    """The file and all on its way, in the order of making; versions that differ.

    are_close: whether each number of the statistics is the same to TOLERANCE; None where the table
        that was there is gone.
    """

    outcomes: list[Outcome]
    versions: list[str]
    are_close: bool | None = None

    @property
    def held(self) -> str:
        """Which of the promises held, of those that docs/promises.md makes between machines."""
        tables = [o for o in self.outcomes if not o.file.endswith(tuple(CARRIERS))]
        if all(outcome.is_same for outcome in self.outcomes):
            return "equal bytes"
        if tables and all(outcome.is_same for outcome in tables):
            return "equal bytes of all data; drawings differ"
        if self.are_close:
            return f"statistics to {TOLERANCE:g}"
        unknown = "; the statistics of before are gone" if self.are_close is None else ""
        return f"neither equal bytes nor statistics to {TOLERANCE:g}{unknown}"


def code_to_run(lineage: Mapping[str, Any], sure: bool) -> str:
    """Return in words which code would run, which is as trusted as whoever wrote it.

    Args:
        sure: run also what is not in this clone's history.

    Raises:
        UserError: the commit is in no branch or tag of this clone, and nobody is sure; or it names
            none.
    """
    commit, top = lineage["commit"], top_of(Path())
    if not commit or top is None:
        return ""
    patch = f", with the changes in {patch_path(lineage['patch'])}," if lineage["patch"] else ""
    words = f"runs the code of commit {commit}{patch} of the repository {top}"
    if not sure and not is_in_history(top, commit):
        raise UserError(
            f"rebuild {words}; but no branch or tag of this clone leads to that commit, so it may "
            "be anyone's. Fetch the branch that holds it; or, if you trust its code, say --yes"
        )
    return words


def rebuild(
    file: Path,
    lineage: Mapping[str, Any],
    cores: str = "all",
    from_scratch: bool = False,
    locked: bool = False,
) -> Rebuilt:
    """Make a file again at its commit, and compare it and all on its way with what they were.

    Args:
        from_scratch: leave the store alone and simulate everything again.
        locked: with the packages that the commit's lock file names, not those that are here.

    Raises:
        UserError: no commit is known, it or the patch is not here, the environment cannot be
            made, or the run fails.
    """
    if not lineage["commit"]:
        raise UserError(f"{file}: names no commit; nothing says from which sources to make it")
    with sources_at(lineage["commit"], lineage["patch"]) as project:
        if not from_scratch:
            STORE.mkdir(parents=True, exist_ok=True)
            (project / "results").mkdir(exist_ok=True)
            (project / STORE).symlink_to(STORE.resolve())
        for kept in map(measured_file, _sweeps(lineage)):
            if kept.is_file():  # jobs are of its size, and stand in the plan
                (project / kept).parent.mkdir(parents=True, exist_ok=True)
                copyfile(kept, project / kept)
        version = _made_on(lineage).get("python", "")
        python = locked_python(project, version) if locked else None
        _run(project, lineage, cores, python)
        made = read_record(project / record_path(_target(lineage), lineage["label"]))
        outcomes = [*_on_all_ways(lineage, made, project), _itself(file, lineage, made, project)]
        pairs = [(old, _sweeps(made)[name]) for name, old in _sweeps(lineage).items()]
        close = [_are_close(old, new, project) for old, new in pairs]
        all_close = None if None in close else all(close)
        return Rebuilt(outcomes, _version_changes(lineage, made), all_close)


def _target(lineage: Mapping[str, Any]) -> str:
    """Return what the run is asked for: a sweep, or a figure set."""
    return str(lineage.get("figure_set") or lineage["sweep"])


def _sweeps(lineage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lineages of the sweeps that something was made from."""
    return dict(lineage["sweeps"] if "figure_set" in lineage else {lineage["sweep"]: lineage})


def _on_all_ways(
    lineage: Mapping[str, Any], made: Mapping[str, Any], project: Path
) -> Iterator[Outcome]:
    """Yield what became of the products that a file was made from; of a figure of a figure set
    also of the figure as it was drawn."""
    if "figure_set" not in lineage:
        yield from _on_the_way(lineage, made, project)
        return
    for name, sweep in _sweeps(lineage).items():
        for outcome in _on_the_way(sweep, made["sweeps"][name], project):
            yield outcome._replace(file=f"{name}/{outcome.file}")
    folder = f"figure_sets/{lineage['figure_set']}"
    again = made["figures"].get(lineage["figure"], {}).get("files", {})
    by_stem = {_stem(name): (name, digest) for name, digest in again.items()}
    for name, digest in lineage["files"].items():
        yield Outcome(name, _became(folder, name, digest, by_stem.get(_stem(name)), project))


def _run(project: Path, lineage: Mapping[str, Any], cores: str, python: Path | None) -> None:
    words = ["-m", "snakemake"]
    largest = max(one["simulations"]["count"] for one in _sweeps(lineage).values())
    if largest > LARGE:  # as it was allowed to be
        words += ["--config", "allow_large=true"]
    words += ["--cores", cores, "--", _target(lineage)]
    done = run_there(project, *words, python=python)
    if done.returncode:
        raise UserError(f"the run at {lineage['label']} failed:\n{done.stdout}{done.stderr}")


def _on_the_way(
    lineage: Mapping[str, Any], made: Mapping[str, Any], project: Path
) -> Iterator[Outcome]:
    """Yield what became of the products that a figure was made from, the earliest first."""
    rebuilt = {_role(name, entry): entry for name, entry in made["products"].items()}
    order = sorted(lineage["products"], key=lambda name: len(_below(lineage, name)))
    for name in order:
        product = lineage["products"][name]
        again = rebuilt.get(_role(name, product), {}).get("files", {})
        by_stem = {_stem(file): (file, digest) for file, digest in again.items()}
        for file, digest in product.get("files", {}).items():
            new = by_stem.get(_stem(file))
            yield Outcome(file, _became(lineage["sweep"], file, digest, new, project))


def _below(lineage: Mapping[str, Any], name: str) -> set[str]:
    reads = lineage["products"][name]["from"]
    return set(reads).union(*(_below(lineage, read) for read in reads))


def _role(name: str, product: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a product is in its sweep, whatever it is made with: its name without the
    fingerprint, and the round, or the refined simulations, that it is of."""
    return _stem(name), product.get("round"), product.get("refined")


def _stem(name: str) -> str:
    """Return a product's name without its fingerprint: "dataset.nc"."""
    path = Path(name)
    return f"{path.stem.rpartition('_')[0]}{path.suffix}"


def _became(sweep: str, file: str, digest: str, new: tuple[str, str] | None, project: Path) -> str:
    if new is None:
        return "was not made again"
    name, again = new
    if again == digest:
        return BYTES
    old = MADE / sweep / file
    if not old.is_file() or file_hash(old) != digest:
        return f"bytes differ; by how much is not known, for {old} is gone"
    return compare(old, project / MADE / sweep / name)


def _are_close(lineage: Mapping[str, Any], made: Mapping[str, Any], project: Path) -> bool | None:
    """Return whether the statistics are the same to TOLERANCE; None where they are gone."""
    tables = [
        folder / MADE / lineage["sweep"] / file
        for folder, one in ((Path(), lineage), (project, made))
        for product in one["products"].values()
        for file in product.get("files", {})
        if _stem(file) == "statistics.csv" and not {"round", "refined"} & product.keys()
    ]
    there = len(tables) == 2 and all(table.is_file() for table in tables)
    return are_close(*tables, TOLERANCE) if there else None


def _itself(file: Path, lineage: Mapping[str, Any], made, project: Path) -> Outcome:
    if "figure" in lineage:
        of_set, of_sweep = f"figure_sets/{_target(lineage)}", f"{_target(lineage)}/figures"
        folder = project / "results" / (of_set if "figure_set" in lineage else of_sweep)
        new = folder / f"{lineage['figure']}_{lineage['label']}{file.suffix}"
    else:
        name = product_of(dict(lineage), file)
        wanted = _stem(file.resolve().name if name else lineage["plan"]["file"])
        every = [f for p in made["products"].values() for f in p.get("files", {})]
        found = [f for f in [*every, made["plan"]["file"]] if _stem(f) == wanted]
        if not found:
            return Outcome(str(file), "was not made again")
        new = project / MADE / lineage["sweep"] / found[0]
    return Outcome(str(file), compare(file, new))


def _version_changes(lineage: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    old, new = lineage["versions"] | _made_on(lineage), made["versions"] | _made_on(made)
    names = sorted({*old, *new})
    return [f"{n} {old.get(n)} -> {new.get(n)}" for n in names if old.get(n) != new.get(n)]


def _made_on(lineage: Mapping[str, Any]) -> dict[str, str]:
    products = [p for one in _sweeps(lineage).values() for p in one["products"].values()]
    every = [product.get("made_on", {}) for product in products]
    return {name: value for one in every for name, value in one.items()}


def tell(rebuilt: Rebuilt, lineage: Mapping[str, Any]) -> str:
    """Return the outcome as text: the file last, and what differed beside it."""
    *way, itself = rebuilt.outcomes
    lines = [f"rebuilt at {lineage['label']} ({lineage['commit']})"]
    lines += [f"  {outcome.file}: {outcome.words}" for outcome in way]
    lines.append(f"{itself.file}: {itself.words}")
    if not itself.is_same and all(o.is_same for o in way if not o.file.endswith(tuple(CARRIERS))):
        lines.append("  data equal: everything that it was drawn from has the same bytes")
    lines += [f"  made with {change}" for change in rebuilt.versions]
    lines.append(f"  held: {rebuilt.held}")
    return "\n".join(lines)
