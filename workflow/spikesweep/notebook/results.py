"""The results of a sweep in Python: `spikesweep.open("my_sweep")`."""

import base64
import html
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spikesweep.errors import UserError, listing, suggest
from spikesweep.figures.data import FigureData
from spikesweep.figures.results import Numbers
from spikesweep.jobs.mark import plan_of
from spikesweep.jobs.task import check_file
from spikesweep.lineage.published import check_published
from spikesweep.plan.depicting import places_of
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.seal import is_intact
from spikesweep.publishing.archive import extract

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Check = Callable[[str], None]

MADE, RESULTS, PROVENANCE = Path("results/made"), Path("results"), Path("results/provenance")
_MOST_SHOWN = 6  # figures in a notebook


class OldResultsWarning(UserWarning):
    """Results were made from another sweep file, or other sources, than there are now."""


def open(
    name: str | Path,
    label: str | None = None,
    project: str | Path = ".",
    sweep: str | None = None,
) -> "Results":
    """Return the results of a sweep. A file that was changed after it was made is refused as soon
    as something is read of it.

    Args:
        name: of the sweep; or a bundle, the file or the folder that it was unpacked to.
        label: the git label of results that were kept; by default, those of the latest run.
        project: its folder, or one in it.
        sweep: of the bundle of a figure set, which holds several.

    Warns:
        OldResultsWarning: the sweep file or a source has changed since.

    Raises:
        UserError: there are no such results.
    """
    bundle = Path(name)
    if bundle.suffix == ".zip" or (bundle.is_dir() and (bundle / "SHA256SUMS").is_file()):
        return _of_bundle(bundle, sweep)
    root = _root(Path(project).absolute())
    known = sorted(path.name for path in (root / MADE).glob("*") if any(path.glob("plan_*.json")))
    if name not in known:
        raise UserError(
            f'there are no results of a sweep "{name}"{suggest(str(name), known)}; '
            f"expected one of: {listing(known) or 'none yet'}. Run snakemake {name}"
        )
    plan = read_plan(_current(root, str(name)) if label is None else _kept(root, str(name), label))
    files = {Path(name).stem: path for name, path in plan.links.items()}
    results = Results(root, plan, files, lambda name: check_file(plan, plan.file(name)), label)
    if label is None:
        results.warn_if_old()
    return results


class Results(Numbers):
    """The results of a sweep, with pictures and words; nothing of them can be changed here.

    check: refuses a file, by its name in `files`, that is not the one that was made.
    label: the git label that was asked for, if any.
    """

    def __init__(
        self,
        root: Path,
        plan: PlanFile,
        files: Mapping[str, Path],
        check: Check,
        label: str | None = None,
        keep: object = None,
    ) -> None:
        self._check = cache(check)
        data = _figure_data(plan, files, self._check)
        super().__init__(plan["sweep"], plan["title"], plan["axes"], data, files)
        self._root, self._plan, self.label, self._keep = root, plan, label, keep

    def _table(self, name: str, of_simulations: bool = True) -> "pd.DataFrame":
        if name in self._files and self._files[name].is_file():
            self._check(name)
        return super()._table(name, of_simulations)

    def draw(self, kind: str, **options: Any) -> "Figure":
        """Return a figure of a kind, as a sweep file asks for it: draw("heatmap", of="rate", ...).

        Raises:
            UserError: an unknown kind or option, or something that the sweep does not have.
        """
        from pydantic import TypeAdapter, ValidationError

        from spikesweep.figures import style
        from spikesweep.figures.render import drawing, settle
        from spikesweep.sweepfile.figures import FigureOptions
        from spikesweep.sweepfile.figures import options as drawn

        asked = {"kind": kind, **options}
        if self._at and "at" in FIGURES_AT.get(kind, ("at",)):
            asked["at"] = {**self._at, **options.get("at", {})}
        try:
            figure = TypeAdapter(FigureOptions).validate_python(asked)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"] if part != kind)
            raise UserError(f"{kind}: {where}: {first['msg']}".replace(": : ", ": ")) from None
        with style.applied():
            made = style.figure()
            drawing(kind).draw(made, self.shown, drawn(figure))
            settle(made)
        return made

    def explain(self) -> str:
        """Return how the dataset was made: commit, command, packages, and all that it was made
        from, as `spikesweep explain` says it.

        Raises:
            UserError: nothing says so, since no run of snakemake has come to its end.
        """
        from spikesweep.commands.explain import explain
        from spikesweep.lineage.records import read_record

        records = sorted((self._root / PROVENANCE).glob(f"{self.sweep}_*.json"))
        known = [read_record(path) for path in records]
        of_plan = [one for one in known if Path(one["plan"]["file"]).name == self._plan.path.name]
        if not of_plan:
            raise UserError(f"{self.sweep}: nothing says at which commit this was made")
        latest = max(of_plan, key=lambda record: (record["date"] or "", record["label"]))
        return explain(latest, self._files["dataset"])

    @property
    def citation(self) -> str:
        """How to cite these results, to be completed by their author."""
        engine = self._plan["document"]["engine"]
        said = f", git label {self.label}" if self.label else ""
        return (
            f'"{self.title}": results of the parameter sweep {self.sweep}{said}, fingerprint '
            f"{self._plan.path.stem.removeprefix('plan_')}; {len(self._rows)} simulations with "
            f"NEURON {engine.get('neuron', '')} by spikesweep."
        )

    def warn_if_old(self) -> None:
        """Warn where the sweep as it is written now would give other results."""
        import os

        from spikesweep.plan.making import make_plan

        here = Path.cwd()
        os.chdir(self._root)
        try:
            now = make_plan(Path(), self.sweep).plan.path.name
        except UserError as error:
            now = str(error)
        finally:
            os.chdir(here)
        if now != self._plan.path.name:
            why = "" if now.startswith("plan_") else f" ({now})"
            warnings.warn(
                f"these results of {self.sweep} are older than its sweep file or sources{why}: "
                f"run snakemake {self.sweep}; `spikesweep why {self.sweep}` says what changed",
                OldResultsWarning,
                stacklevel=3,
            )

    def __repr__(self) -> str:
        return f"{self.sweep}: {self.title}\n" + "\n".join(f"  {line}" for line in self._lines())

    def _repr_html_(self) -> str:
        """What a notebook shows: title, axes, how the simulations ended, and the figures."""
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in self._lines())
        pictures = "".join(
            f'<img style="max-width: 45%" alt="{html.escape(path.stem)}" '
            f'src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'
            for path in self._pictures()
        )
        title = f"<h4>{html.escape(self.title)} <code>{html.escape(self.sweep)}</code></h4>"
        return f"{title}<ul>{lines}</ul>{pictures}"

    def _lines(self) -> list[str]:
        lines = []
        for name, axis in self.axes.items():
            values = sorted(set(self._rows[name])) if name in self._at else axis["values"]
            texts = [f"{v:g}" if isinstance(v, float | int) else str(v) for v in values]
            if len(texts) > 8:
                texts = [*texts[:4], "...", texts[-1]]
            lines.append(f"axis {name}: {', '.join(texts)} {axis['unit']}".rstrip())
        counts = self._rows["status"].map(self.shown.status_text).value_counts(sort=False)
        ends = ", ".join(f"{count} {status}" for status, count in counts.items())
        return [*lines, f"{len(self._rows)} simulations: {ends}"]

    def _pictures(self) -> list[Path]:
        figures = (self._plan.folder / name for name in self._plan["figures"].values())
        drawn = [path.with_suffix(".png") for path in figures]
        return [path for path in drawn if path.is_file()][:_MOST_SHOWN]


class _Checked(FigureData):
    """What figures are drawn from, of which each file is looked at before it is read."""

    def __init__(self, check: Check, **options: Any) -> None:
        super().__init__(**options)
        self._check = check

    def _path(self, name: str) -> Path:
        path = super()._path(name)
        self._check(name)
        return path


def _figure_data(plan: PlanFile, files: Mapping[str, Path], check: Check) -> FigureData:
    """Return what figures are drawn from."""
    first = next(plan.rows())
    simulation = {
        axis["name"]: {**axis, "value": value}
        for axis, value in zip(plan["axes"], first.axes, strict=True)
        if len(axis["values"]) > 1
    }
    names = ("dataset", "statistics", "isi", "structure", "simulations")
    return _Checked(
        check,
        **{name: files.get(name) for name in names},
        simulation=simulation,
        places=places_of(plan["document"]),
    )


FIGURES_AT = {"morphology": ()}  # kinds that take no `at`


def _root(folder: Path) -> Path:
    """Return the project that a folder lies in."""
    for root in (folder, *folder.parents):
        if (root / RESULTS).is_dir() and (root / "config").is_dir():
            return root
    raise UserError(f"{folder}: not in a spikesweep project; expected a folder with results/")


def _current(root: Path, sweep: str) -> Path:
    """Return the plan that the stable names in `results/<sweep>/` lead to."""
    marks = sorted((root / MADE / sweep).glob("current_*"), key=lambda mark: mark.stat().st_mtime)
    for mark in reversed(marks):
        plan = plan_of(mark)
        if plan and (root / plan).is_file():
            return root / plan
    raise UserError(f"{sweep}: no run has come to its end yet; run snakemake {sweep}")


def _kept(root: Path, sweep: str, label: str) -> Path:
    """Return the plan of results that were made at a git label."""
    path = root / PROVENANCE / f"{sweep}_{label}.json"
    if not path.is_file():
        known = [one.stem.removeprefix(f"{sweep}_") for one in path.parent.glob(f"{sweep}_*.json")]
        raise UserError(
            f'no results of {sweep} are kept at "{label}"{suggest(label, known)}; '
            f"expected one of: {listing(sorted(known)) or 'none'}"
        )
    lineage = json.loads(path.read_text(encoding="utf-8"))
    return root / MADE / sweep / Path(lineage["plan"]["file"]).name


def _of_bundle(bundle: Path, sweep: str | None) -> Results:
    """Return the results that a bundle holds, unpacked to a temporary folder if it is a file."""
    keep = None
    root = bundle
    if bundle.is_file():
        keep = tempfile.TemporaryDirectory(prefix="spikesweep_")
        root = Path(keep.name)
        for _ in extract(bundle, root):
            pass
    elif not bundle.is_dir():
        raise UserError(f"{bundle}: there is no such file")
    plan = _published_plan(bundle, root, sweep)
    root = plan.path.parents[3]
    record = _record_of(plan, root)
    folder = root / RESULTS / plan["sweep"]
    files = {Path(name).stem: folder / name for name in plan.links}

    def check(name: str) -> None:
        check_published(files[name], plan.file(name).name, record)

    return Results(root, plan, files, check, keep=keep)


def _published_plan(bundle: Path, root: Path, sweep: str | None) -> PlanFile:
    """Return the plan of the sweep of a bundle, or of that which is asked for."""
    pattern = f"{MADE}/*/plan_*.json"
    found = sorted(root.glob(pattern)) or sorted(root.glob(f"*/{pattern}"))
    plans = {path.parent.name: path for path in found}
    if not plans:
        raise UserError(f"{bundle}: no bundle of a sweep; expected one made by snakemake publish")
    if sweep is None and len(plans) > 1:
        raise UserError(
            f"{bundle}: holds several sweeps: {listing(plans)}; say which one, "
            f'such as sweep="{next(iter(plans))}"'
        )
    if sweep is not None and sweep not in plans:
        raise UserError(
            f'{bundle}: holds no sweep "{sweep}"{suggest(sweep, plans)}; expected one of: '
            f"{listing(plans)}"
        )
    return read_plan(plans[sweep or next(iter(plans))])


def _record_of(plan: PlanFile, root: Path) -> dict[str, Any]:
    """Return the lineage that a bundle holds of a plan; of an earlier version in that one's form.

    Raises:
        UserError: it has none, or one that was changed.
    """
    for path in sorted((root / PROVENANCE).glob(f"{plan['sweep']}_*.json")):
        record: dict[str, Any] = json.loads(path.read_bytes())
        if record["plan"]["file"] == plan.path.name:
            if not is_intact(path.read_bytes()):
                raise UserError(f"{path}: was changed after it was made")
            return record
    raise UserError(f"{plan['sweep']}: the bundle holds no lineage of {plan.path.name}")
