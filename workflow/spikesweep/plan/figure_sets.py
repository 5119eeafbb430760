"""The plan of a figure set: its figures, each named after all that its panels show.

results/made/figure_sets/<set>/set_<fingerprint>.json      the plan
results/made/figure_sets/<set>/fig1_<fingerprint>.pdf ...  the figures
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spikesweep.document.files import inside
from spikesweep.errors import NoSweepError, UserError, listing, suggest
from spikesweep.plan.checking import check_figure
from spikesweep.plan.depicting import depicted, read_by
from spikesweep.plan.differences import check_difference
from spikesweep.plan.images import check_image
from spikesweep.plan.own_code import figure_code
from spikesweep.plan.product import MADE, Product
from spikesweep.plan.products import Plan
from spikesweep.products.code import code_hash
from spikesweep.products.fingerprint import DIGITS, file_hash, fingerprint
from spikesweep.products.stages import recipe, short
from spikesweep.products.table import FIGURE_SET, PANELS
from spikesweep.sweepfile.figure_set import FigureSet, Image, OfSweep, panel
from spikesweep.sweepfile.figures import PythonFigure, options
from spikesweep.sweepfile.reading import read_yaml, validated

FIGURE_SETS = Path("config/figure_sets")
MADE_SETS = MADE / "figure_sets"


@dataclass(frozen=True)
class SetPlan:
    """A figure set, ready to be drawn.

    figures: their recipes, by name. plans: of the sweeps that panels show. sources: the files that
    it was read from, those of the sweeps among them.
    """

    name: str
    spec: FigureSet
    recipes: dict[str, dict[str, Any]]
    plans: dict[str, Plan]
    sources: tuple[Path, ...]

    @property
    def imported(self) -> dict[str, str]:
        """What the code of models imports from elsewhere without a version: its hash, by name."""
        every = [plan.template.files.imported for plan in self.plans.values()]
        return {name: sha256 for one in every for name, sha256 in one.items()}

    @cached_property
    def figures(self) -> dict[str, Product]:
        """The figures by name; the product is the PDF."""
        made = {}
        for name, recipe_ in self.recipes.items():
            digits = short(recipe_)
            files = [
                MADE_SETS / self.name / f"{file.stem.format(name)}_{digits}{file.suffix}"
                for file in PANELS.files
            ]
            made[name] = Product(files[0], recipe_, tuple(files[1:]))
        return made

    @cached_property
    def contents(self) -> dict[str, Any]:
        """All that the plan's file says, as plain JSON."""
        return {
            "stage": FIGURE_SET.stage,
            "set": self.name,
            "title": self.spec.title,
            "about": self.spec.about.model_dump(exclude_none=True),
            "figures": {name: product.path.name for name, product in self.figures.items()},
            "products": {product.path.name: product.recipe for product in self.figures.values()},
            "plans": {name: str(plan.plan.path) for name, plan in self.plans.items()},
            "sources": [str(path) for path in self.sources],
            "imported": self.imported,
        }

    @cached_property
    def path(self) -> Path:
        """The plan's file."""
        name = FIGURE_SET.files[0]
        digits = fingerprint(self.contents)[:DIGITS]
        return MADE_SETS / self.name / f"{name.stem}_{digits}{name.suffix}"

    def inputs(self, figure: str) -> list[Path]:
        """Return what a figure is drawn from: the plans and the files that its panels read."""
        needed = [self.path]
        for shown in self.recipes[figure]["panels"].values():
            if "sweep" in shown:
                plan = self.plans[shown["sweep"]]
                needed += [plan.plan.path, *(plan.files[name] for name in shown["reads"])]
            if "minus" in shown:
                plan = self.plans[shown["minus"]]
                needed += [plan.plan.path, *(plan.files[name] for name in shown["reads_minus"])]
        return list(dict.fromkeys(needed))


def set_names(root: Path) -> list[str]:
    """Return the names of all figure sets of a project."""
    return sorted(path.stem for path in (root / FIGURE_SETS).glob("*.yaml"))


def plan_set(root: Path, name: str, plan_of: Callable[[str], Plan]) -> SetPlan:
    """Return the plan of a figure set, `config/figure_sets/<name>.yaml`.

    Args:
        plan_of: returns the plan of a sweep.

    Raises:
        UserError: whatever in it cannot be drawn as it is written.
    """
    path = FIGURE_SETS / f"{name}.yaml"
    if name not in (known := set_names(root)):
        raise UserError(
            f'no figure set is named "{name}"{suggest(name, known)} '
            f"(there are: {listing(known) or 'none'})"
        )
    spec = read_set(root / path, str(path))
    plans: dict[str, Plan] = {}
    sources = [path]
    recipes = {}
    for figure, described in spec.figures.items():
        shown: dict[str, dict[str, Any]] = {}
        for letter, written in sorted(described.panels.items()):
            place = f"{path}: figures.{figure}.panels.{letter}"
            one = validated(panel, written, place)
            if isinstance(one, Image):
                image = inside(root, one.image, f"{place}.image")
                check_image(image, f"{place}.image")
                sources.append(Path(one.image))
                shown[letter] = {"image": one.image, "sha256": file_hash(image)}
                continue
            plan = plans.setdefault(one.sweep, _named(one.sweep, plan_of, f"{place}.sweep"))
            shown[letter] = _panel(root, one, plan, place, sources)
            if one.minus:
                other = plans.setdefault(one.minus, _named(one.minus, plan_of, f"{place}.minus"))
                check_difference(one.figure, plan, other, place)
                read = _fingerprints(other)
                less = {name: read[name] for name in one.figure.reads}
                shown[letter] = {**shown[letter], "minus": other.name, "reads_minus": less}
        _check_colours(described.share.colours, shown, plans, f"{path}: figures.{figure}.share")
        recipes[figure] = recipe(
            PANELS.stage,
            size=list(described.millimetres),
            mosaic=described.mosaic,
            share=described.share.model_dump(exclude_none=True),
            panels=shown,
        )
    for plan in plans.values():
        sources += plan.sources
    return SetPlan(name, spec, recipes, plans, tuple(sorted(set(sources))))


def _named(sweep: str, plan_of: Callable[[str], Plan], place: str) -> Plan:
    """Return the plan of a sweep that a panel names.

    Raises:
        UserError: there is none of that name; or what is wrong in it.
    """
    try:
        return plan_of(sweep)
    except NoSweepError as error:
        raise UserError(f"{place}: {error}") from None


def _has_colours(panel: dict[str, Any], axis: str, plans: dict[str, Plan]) -> bool:
    """Return whether a panel colours by an axis; one of the user's own code may by any it has."""
    if panel.get("kind") == "python":
        return axis in (each["name"] for each in plans[panel["sweep"]].axes)
    return bool(panel.get("options", {}).get("by") == axis)


def _check_colours(
    axis: str | None, shown: dict[str, Any], plans: dict[str, Plan], place: str
) -> None:
    """Refuse to share the colours of an axis where fewer than two panels have them, or where its
    values are not of one kind."""
    if axis is None:
        return
    panels = [one for one in shown.values() if _has_colours(one, axis, plans)]
    if len(panels) < 2:
        raise UserError(
            f"{place}.colours: {axis}: fewer than two panels have colours by this axis; expected "
            "an axis that is `by` in two panels, or in one beside a panel of kind python whose "
            "sweep has it"
        )
    units = {
        one["sweep"]: each["unit"]
        for one in panels
        for each in plans[one["sweep"]].axes
        if each["name"] == axis
    }
    if len({*units.values()}) > 1:
        told = ", ".join(f"{sweep}: {unit or 'none'}" for sweep, unit in units.items())
        raise UserError(
            f"{place}.colours: {axis}: its unit differs ({told}); expected the same in all panels"
        )


def read_set(path: Path, place: str) -> FigureSet:
    """Return the figure set that a file describes.

    Raises:
        UserError: one message with a line for each mistake.
    """
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise UserError(f"{place}: expected keys: title, figures")
    return validated(FigureSet.model_validate, data, place)


def _panel(
    root: Path, shown: OfSweep, plan: Plan, place: str, sources: list[Path]
) -> dict[str, Any]:
    """Return what a panel depends on, as plain JSON; add the files of a user's function."""
    figure = shown.figure
    if isinstance(figure, PythonFigure):
        sources += map(Path, figure_code(root, figure, place).files)
    else:
        check_figure(plan, figure, place)
    fingerprints = _fingerprints(plan)
    # A difference of two sweeps has no marks of what is not robust in one of them.
    reads = figure.reads if shown.minus else read_by(figure, plan.sweep)
    return {
        "sweep": plan.name,
        "kind": figure.kind,
        "code": code_hash(f"spikesweep.figures.{figure.kind}"),
        "options": options(figure),
        "reads": {name: fingerprints[name] for name in reads},
        **depicted(figure, plan.sweep, plan.template, plan.combination),
    }


def _fingerprints(plan: Plan) -> dict[str, str]:
    """Return the fingerprint of each table of a sweep, by the names that they are read by."""
    return {file.stem: one.fingerprint for one in plan.tables for file in one.kind.files}
