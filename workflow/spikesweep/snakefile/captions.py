"""What Snakemake's report shows of a sweep: which results, where, and what it says of them.

`snakemake --report report.html`. The captions, in `workflow/report`, are the same for all results
of a kind; what they say of the sweep and of a table's columns comes from here, as
reStructuredText.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikesweep.lineage.git_label import GitState
from spikesweep.plan.figure_sets import SetPlan
from spikesweep.plan.levels import value_words
from spikesweep.plan.products import Plan
from spikesweep.plan.telling import model_words
from spikesweep.products import table
from spikesweep.products.column import Column
from spikesweep.products.table import SHOWN, split_stage
from spikesweep.tables import found

# To be looked at, and to be taken away. PNG would be a third copy of each figure. With two formats
# the report has a switch, which begins with the one that comes first by its name.
FORMATS = {".svg": "image", ".pdf": "pdf"}
_CAPTIONS = Path("../report")  # from workflow/rules


def shown_figure(plan: Plan, figure: str, path: Path) -> dict[str, Any] | None:
    """Return what is said of a stamped figure to `report(...)`; None of one that is not shown."""
    if path.suffix not in FORMATS:
        return None
    _, kind = split_stage(plan.figures[figure].recipe["stage"])
    labels = {"figure": figure, "format": FORMATS[path.suffix]}
    return _shown(plan, kind, "Figures", labels)


def shown_table(plan: Plan, path: Path) -> dict[str, Any] | None:
    """Return what is said of a table to `report(...)`; None of one that is not shown.

    The others have a row a simulation with all that the axes set, or one an interval: they can be
    larger than all figures.
    """
    if path.name not in (file.name for file in SHOWN):
        return None
    subcategory, label = ("Tables", "table") if path.suffix == ".csv" else ("Explorer", "page")
    return _shown(plan, path.stem, subcategory, {label: path.name})


def _shown(plan: Plan, caption: str, subcategory: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "caption": str(_CAPTIONS / f"{caption}.rst"),
        "category": plan.name,
        "subcategory": subcategory,
        "labels": labels,
    }


def shown_set_figure(name: str, figure: str, path: Path) -> dict[str, Any] | None:
    """Return what is said of a figure of a figure set to `report(...)`; None as above."""
    if path.suffix not in FORMATS:
        return None
    return {
        "caption": str(_CAPTIONS / "panels.rst"),
        "category": name,
        "subcategory": "Figures",
        "labels": {"figure": figure, "format": FORMATS[path.suffix]},
    }


def about_set(plan: SetPlan, state: GitState) -> str:
    """Return what the panels of a figure set show, as all its captions have it."""
    facts = [("figure set", plan.name), ("commit", _commit(state))]
    for figure, recipe in plan.recipes.items():
        shown = [f"{letter} {_panel(panel)}" for letter, panel in recipe["panels"].items()]
        facts.append((figure, "; ".join(shown)))
    lines = [f"**{_plain(plan.spec.title)}**", ""]
    return "\n".join([*lines, *(_item(name, words) for name, words in facts)])


def _panel(panel: dict[str, Any]) -> str:
    """Return what a panel shows, in words."""
    return panel.get("image") or f"{panel['kind'].replace('_', ' ')} of {panel['sweep']}" + (
        f" minus {panel['minus']}" if "minus" in panel else ""
    )


def about(plan: Plan, state: GitState) -> str:
    """Return the parameters of a sweep, as all its captions have them, and what its results say of
    themselves; those of the figures apart, see `figures`."""
    protocol = plan.template.document["protocol"]
    paths = [slot.path for slot in plan.template.slots]
    swept = {path[1] for path in paths if path[0] == "protocol" and len(path) == 2}
    numbers = [
        f"{name} {'swept' if name in swept else format(v, 'g')}"
        for name, v in protocol.items()
        if isinstance(v, int | float)
    ]
    facts = [
        ("sweep", plan.name),
        *model_words(plan),
        ("protocol", ", ".join(numbers)),
        ("simulations", f"{len(plan.keys)} ({plan.combination.kind})"),
        ("commit", _commit(state)),
        ("NEURON", plan.template.document["engine"]["neuron"]),
        # What there is when the report is made; the report is not made of other results.
        *(
            ("found", sentence)
            for sentence in found.sentences(plan.contents, plan.plan.path.parent)
        ),
    ]
    lines = [f"**{_plain(plan.sweep.title)}**", ""]
    if plan.sweep.description:
        lines += [_plain(plan.sweep.description), ""]
    return "\n".join([*lines, *(_item(name, words) for name, words in facts)])


def figures(plan: Plan) -> dict[str, str]:
    """Return, by kind, what the figures of a sweep show.

    One caption is for all figures of a kind: Snakemake does not tell it of which file it speaks.
    """
    items: dict[str, list[str]] = {}
    for figure in plan.sweep.figures:
        items.setdefault(figure.kind, []).append(_item("figure", _words(figure)))
    return {kind: "\n".join(lines) for kind, lines in items.items()}


def _words(figure: Any) -> str:
    """Return what a figure shows: the options that are not as they are without a word."""
    told = figure.model_dump(mode="json", exclude={"name", "kind"}, exclude_defaults=True)
    options = ", ".join(_option(name, value) for name, value in told.items())
    kind = figure.kind.replace("_", " ")
    return f"{figure.file_name} ({kind}: {options})" if options else f"{figure.file_name} ({kind})"


def _option(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    if isinstance(value, dict):  # values of axes
        value = " ".join(f"{axis}={value_words(at)}" for axis, at in value.items())
    return f"{name} {value}"


def _commit(state: GitState) -> str:
    if state.commit is None:
        return f"none. {state.note}"
    changed = f", with changes to {', '.join(state.dirty_files)}" if state.dirty_files else ""
    return f"{state.label}, {state.date}{changed}"


def columns() -> dict[str, str]:
    """Return, by table, what its columns hold."""
    return {file.stem: "\n".join(_definitions(table.columns(file))) for file in SHOWN}


def _definitions(columns: dict[str, Column]) -> Iterator[str]:
    for name, column in columns.items():
        unit = f" ({column.unit})" if column.unit else ""
        yield _item(name, column.definition + unit)


def _item(name: str, words: str) -> str:
    """Return an item of a list: a table would not fit beside the results."""
    return f"- **{_plain(name)}** {_plain(words)}"


def _plain(text: str) -> str:
    """Return a text as reStructuredText that says no more than the text does."""
    return re.sub(r"([^\w\s]|_)", r"\\\1", " ".join(text.split()))
