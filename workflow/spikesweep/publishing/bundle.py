"""A bundle: everything that it takes to check results and to make them again.

It is of one sweep, or of a figure set with all the sweeps that its panels show.

<the files of the commit>       code, sweeps, mechanisms, morphologies, lock files;
                                config/config.yaml names what is published, so that `make` runs it
results/<sweep>/                figures, dataset, tables; beside each table what it holds;
                                Snakemake's report, without the times of jobs; a draft of the
                                Methods
results/made/<sweep>/plan_*     the plan, which tells the simulations apart; and measured.json,
                                where it decides how large jobs are
results/figure_sets/<set>/      of a figure set, its figures, and the report of all
results/made/figure_sets/       and its plan
results/provenance/             the lineages; the patch, where the tree was dirty
ro-crate-metadata.json          the same as an RO-Crate
SHA256SUMS                      of every file: sha256sum --check SHA256SUMS
"""

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spikesweep.document.axes.design import LARGE
from spikesweep.errors import UserError
from spikesweep.lineage.git_label import NOGIT, GitState, sweep_state
from spikesweep.lineage.lineage import patch_path, record_path
from spikesweep.lineage.published import SUMS
from spikesweep.lineage.records import read_record
from spikesweep.lineage.set_plan import read_set_plan
from spikesweep.lineage.stamp import CARRIERS
from spikesweep.lineage.work_tree import Entry, committed_files, stands_for
from spikesweep.plan.measured import measured_file
from spikesweep.products.fingerprint import file_hash, sha256
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.sidecar import beside
from spikesweep.products.table import FIGURE_SET
from spikesweep.publishing.archive import write_archive
from spikesweep.publishing.crate import METADATA, WORKFLOWS, crate_metadata
from spikesweep.publishing.methods import methods
from spikesweep.publishing.published_report import published_report
from spikesweep.publishing.refusal import refusal
from spikesweep.tables import found

RESULTS = Path("results")
REPORT = "report.html"
METHODS = "methods.md"
CONFIG = "config/config.yaml"

Files = dict[str, Path | bytes]


@dataclass(frozen=True)
class Published:
    """What is published: a sweep, or a figure set with its sweeps.

    name: of the sweep or set. state: of all that it depends on. record: its lineage. sweeps: each
    with its plan, and where its files lie. figures: of a set, where each product's lie. own: the
    set's plan. config: the key of the config file that names it.
    """

    name: str
    state: GitState
    record: dict[str, Any]
    about: dict[str, Any]
    sweeps: list["SweepPart"]
    figures: dict[str, str]
    own: tuple[Path, ...]
    folder: Path
    config: str


@dataclass(frozen=True)
class SweepPart:
    """One sweep of what is published.

    record: its lineage. places: file name of a product -> where it lies in the bundle.
    """

    plan: PlanFile
    state: GitState
    record: dict[str, Any]
    places: dict[str, str]


def publish(plan_path: Path, output: Path, allowed: Collection[str] = ()) -> None:
    """Write the bundle of a sweep or a figure set.

    Args:
        plan_path: of the sweep or the set.
        allowed: of "dirty" (sources that are not committed) and "failed" (simulations).

    Raises:
        UserError: there is no commit, or something is there that was not allowed.
    """
    is_set = plan_path.stem.startswith(f"{FIGURE_SET.files[0].stem}_")
    published = _set(plan_path, output) if is_set else _sweep(plan_path, output)
    _check(published, output, allowed)
    report = str(published.folder / REPORT)
    files = _code(published.state) | _results(published)
    files[CONFIG] = _naming(published, files.get(CONFIG, b""))
    names = [part.plan["sweep"] for part in published.sweeps]
    files[report] = published_report(published.name, names)
    draft = str(published.folder / METHODS)
    files[draft] = _methods(published)
    hashes = {name: _hash(source) for name, source in files.items()}
    every = [place for part in published.sweeps for place in part.places.values()]
    described = [*published.record["sources"], *every, *published.figures.values()]
    described += [next(name for name in WORKFLOWS if name in files), report, draft]
    described += [name for name in ("requirements.lock", "README.md", "LICENSE") if name in files]
    of_described = {name: hashes[name] for name in described}
    runs = [(part.record, part.places) for part in published.sweeps]
    files[METADATA] = crate_metadata(
        published.record, runs, published.figures, of_described, published.about
    )
    hashes[METADATA] = _hash(files[METADATA])
    files[SUMS] = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()
    write_archive(output, files)


def _sweep(plan_path: Path, output: Path) -> Published:
    plan = read_plan(plan_path)
    part = _part(plan, output)
    folder, name = RESULTS / plan["sweep"], plan["sweep"]
    return Published(name, part.state, part.record, plan["about"], [part], {}, (), folder, "sweeps")


def _part(plan: PlanFile, output: Path) -> SweepPart:
    state = sweep_state(Path(), plan["sources"], plan["imported"])
    _check_commit(state, output)
    record = read_record(record_path(plan["sweep"], state.label))
    return SweepPart(plan, state, record, _places(plan, state.label))


def _set(plan_path: Path, output: Path) -> Published:
    plan = read_set_plan(plan_path)
    name, sets = plan["set"], RESULTS / "figure_sets"
    state = sweep_state(Path(), plan["sources"], plan["imported"])
    _check_commit(state, output)
    record = read_record(record_path(name, state.label))
    places = {
        Path(file).with_suffix(suffix).name: str(sets / name / f"{figure}_{state.label}{suffix}")
        for figure, file in plan["figures"].items()
        for suffix in CARRIERS
    }
    parts = [_part(read_plan(plan.plan_of(sweep)), output) for sweep in plan["plans"]]
    return Published(
        *(name, state, record, plan["about"], parts, places),
        own=(plan.path, record_path(name, state.label)), folder=sets / name, config="figure_sets",
    )  # fmt: skip


def _check_commit(state: GitState, output: Path) -> None:
    if state.label == NOGIT:
        raise UserError(refusal(output, state, {}, ()))


def _check(published: Published, output: Path, allowed: Collection[str]) -> None:
    state = published.state
    if output.stem != f"{published.name}_{state.label}":
        raise UserError(
            f"{output}: the git label changed to {state.label} while this run was going on; "
            "nothing was published. Run snakemake again"
        )
    failures = {part.plan["sweep"]: part.plan.file("failures") for part in published.sweeps}
    if why := refusal(output, state, failures, allowed):
        raise UserError(why)


def _hash(source: Path | bytes) -> str:
    return sha256(source) if isinstance(source, bytes) else file_hash(source)


def _code(state: GitState) -> Files:
    """Return the files of the commit; of those that results depend on, what is on disk."""
    files: Files = dict(_followed(committed_files(Path())))
    for name in state.dirty_files:
        files.pop(name, None)
        if Path(name).is_file():
            files[name] = Path(name).read_bytes()
    return files


def _followed(entries: Mapping[str, Entry]) -> Iterator[tuple[str, bytes | Path]]:
    """Yield the files of a commit; in place of a link stands what it leads to.

    Not every program that unzips makes links; and what the hash of one should be is nowhere said.

    Raises:
        UserError: a link leads out of the commit, or to itself.
    """
    for name in entries:
        target = _target(entries, name)
        if target in entries:
            content = entries[target].content
            yield name, Path(target) if stands_for(content, Path(target)) else content
            continue
        below = [other for other in entries if target and other.startswith(f"{target}/")]
        if not below:
            raise UserError(
                f"{name}: leads to {entries[name].content.decode(errors='replace')}, which is not "
                "in the commit, so a bundle cannot hold it. Nothing was published; commit what it "
                "leads to in its place"
            )
        for other in below:
            if entries[other].is_link:
                raise UserError(
                    f"{name}: leads to a folder with a link in it, {other}; a bundle cannot hold "
                    "that. Nothing was published; commit what it leads to in its place"
                )
            yield f"{name}{other.removeprefix(target)}", entries[other].content


def _target(entries: Mapping[str, Entry], name: str) -> str:
    """Return where a name of a commit leads, link by link; '' where it leads to itself."""
    for _ in range(40):  # as many as Linux follows
        if name not in entries or not entries[name].is_link:
            return name
        leads = entries[name].content.decode(errors="surrogateescape")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), leads))
    return ""


def _methods(published: Published) -> bytes:
    """Return a draft of the Methods, for the authors to edit."""
    plans = [part.plan.contents for part in published.sweeps]
    title, version = published.record["title"], published.record["spikesweep"]["version"]
    told = {
        part.plan["sweep"]: found.sentences(part.plan.contents, part.plan.folder)
        for part in published.sweeps
    }
    return methods(plans, title, version, told).encode()


def _naming(published: Published, config: bytes) -> bytes:
    """Return a config file that names what is published and nothing else, and allows it to be as
    large as it is.

    It may have been allowed, and named, on the command line.
    """
    is_large = any(part.plan["simulations"] > LARGE for part in published.sweeps)
    written = yaml.safe_load(config) or {}
    named = {key: written.get(key) or [] for key in ("sweeps", "figure_sets")}
    alone = {"sweeps": [], "figure_sets": [], published.config: [published.name]}
    same = {key: [names] if isinstance(names, str) else names for key, names in named.items()}
    if same == alone and (written.get("allow_large") or not is_large):
        return config
    allowed = "allow_large: true\n" if is_large else ""
    return f"{published.config}: [{published.name}]\n{allowed}".encode()


def _places(plan: PlanFile, label: str) -> dict[str, str]:
    """Return where each product's file lies in the bundle: under the names that people know."""
    folder = RESULTS / plan["sweep"]
    places = {product.name: str(folder / name) for name, product in plan.links.items()}
    for name, figure in plan["figures"].items():
        for suffix in CARRIERS:
            rendered = Path(figure).with_suffix(suffix).name
            places[rendered] = str(folder / "figures" / f"{name}_{label}{suffix}")
    return places


def _results(published: Published) -> Files:
    """Return all results that are published, with what says how they were made."""
    files: Files = {str(path): path for path in published.own}
    files |= {place: Path(place) for place in published.figures.values()}
    for part in published.sweeps:
        files |= _results_of(part.plan, part.state, part.places)
    return files


def _results_of(plan: PlanFile, state: GitState, places: dict[str, str]) -> Files:
    files: Files = {place: Path(place) for place in places.values()}
    for name, product in plan.links.items():
        if product.suffix == ".csv" and name != "plan.csv":
            files[str(beside(RESULTS / plan["sweep"] / name))] = beside(product)
    record = record_path(plan["sweep"], state.label)
    kept = [plan.path, plan.path.with_suffix(".csv"), record]
    # Jobs are of its size, and stand in the plan.
    pace = measured_file(plan["sweep"])
    kept += [pace] if "seconds_per_job" in plan.contents and pace.exists() else []
    kept += [patch_path(state.patch_hash)] if state.patch_hash else []
    return files | {str(path): path for path in kept}
