"""Makes a file again from nothing but its lineage: `spikesweep rebuild FILE`.

Its commit is checked out in a temporary work tree, with the patch if the tree was dirty, and that
commit's own package makes it. Then everything on its way is compared with what the lineage says.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from git import GitCommandError

from spikesweep.errors import UserError
from spikesweep.fingerprint import file_hash
from spikesweep.provenance.comparison import BYTES, compare
from spikesweep.provenance.lineage import patch_path, record_path
from spikesweep.provenance.records import product_of, read_record
from spikesweep.provenance.stamp import CARRIERS
from spikesweep.provenance.work_tree import checked_out

STORE = Path("results/store")
MADE = Path("results/made")


class Outcome(NamedTuple):
    """What became of a file: in words, and whether it is the same bytes."""

    file: str
    words: str

    @property
    def is_same(self) -> bool:
        return self.words == BYTES


class Rebuilt(NamedTuple):
    """The file and all on its way, in the order of making; versions that differ."""

    outcomes: list[Outcome]
    versions: list[str]


def rebuild(
    file: Path, lineage: Mapping[str, Any], cores: str = "all", from_scratch: bool = False
) -> Rebuilt:
    """Make a file again at its commit, and compare it and all on its way with what they were.

    Args:
        from_scratch: leave the store alone and simulate everything again.

    Raises:
        UserError: no commit is known, it or the patch is not here, or the run fails.
    """
    if not lineage["commit"]:
        raise UserError(f"{file}: names no commit; nothing says from which sources to make it")
    with _sources(lineage) as project:
        if not from_scratch:
            STORE.mkdir(parents=True, exist_ok=True)
            (project / "results").mkdir(exist_ok=True)
            (project / STORE).symlink_to(STORE.resolve())
        _run(project, lineage, cores)
        made = read_record(project / record_path(lineage["sweep"], lineage["label"]))
        outcomes = [*_on_the_way(lineage, made, project), _itself(file, lineage, made, project)]
        return Rebuilt(outcomes, _version_changes(lineage, made))


@contextmanager
def _sources(lineage: Mapping[str, Any]) -> Iterator[Path]:
    patch = patch_path(lineage["patch"]).resolve() if lineage["patch"] else None
    if patch and (not patch.is_file() or file_hash(patch) != lineage["patch"]):
        raise UserError(
            f"{patch_path(lineage['patch'])}: missing or damaged; without it the uncommitted "
            "changes that the file was made with are lost"
        )
    with tempfile.TemporaryDirectory(prefix="spikesweep-rebuild-") as scratch:
        try:
            with checked_out(Path(), lineage["commit"], Path(scratch, "tree"), patch) as project:
                yield project
        except GitCommandError as error:
            words = error.stderr.strip().removeprefix("stderr:").strip(" '\n")
            raise UserError(
                f"commit {lineage['commit']} cannot be checked out with its changes: {words}"
            ) from None


def _run(project: Path, lineage: Mapping[str, Any], cores: str) -> None:
    others = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    own = str(Path("workflow").resolve())
    paths = [*(p for p in others if Path(p).resolve() != Path(own)), str(project / "workflow")]
    command = [sys.executable, "-m", "snakemake", "--cores", cores, lineage["sweep"]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("SPIKESWEEP_RESTARTED", None)
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"the run at {lineage['label']} failed:\n{done.stdout}{done.stderr}")


def _on_the_way(
    lineage: Mapping[str, Any], made: Mapping[str, Any], project: Path
) -> Iterator[Outcome]:
    """Yield what became of the products that a figure was made from, the earliest first."""
    rebuilt = {_stem(name): entry for name, entry in made["products"].items()}
    order = sorted(lineage["products"], key=lambda name: len(_below(lineage, name)))
    for name in order:
        product = lineage["products"][name]
        again = rebuilt.get(_stem(name), {}).get("files", {})
        by_stem = {_stem(file): (file, digest) for file, digest in again.items()}
        for file, digest in product.get("files", {}).items():
            new = by_stem.get(_stem(file))
            yield Outcome(file, _became(lineage["sweep"], file, digest, new, project))


def _below(lineage: Mapping[str, Any], name: str) -> set[str]:
    reads = lineage["products"][name]["from"]
    return set(reads).union(*(_below(lineage, read) for read in reads))


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


def _itself(file: Path, lineage: Mapping[str, Any], made, project: Path) -> Outcome:
    if "figure" in lineage:
        folder = project / "results" / lineage["sweep"] / "figures"
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
    every = [product.get("made_on", {}) for product in lineage["products"].values()]
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
    return "\n".join(lines)
