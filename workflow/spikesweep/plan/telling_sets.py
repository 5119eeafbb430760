"""What the plan of a figure set says to a person: `spikesweep plan <figure set>`."""

from collections.abc import Iterator, Mapping
from typing import Any

from spikesweep.plan.figure_sets import SetPlan


def tell_set(plan: SetPlan) -> str:
    """Return what the figures of a set show, and which would be drawn now."""
    lacking = [name for name, one in plan.figures.items() if not all(p.exists() for p in one.files)]
    drawn = ", ".join(f"figure {name}" for name in lacking) or "no figure"
    lines = [f"{plan.name}: {plan.spec.title}", *_figures(plan), f"  would draw   {drawn}"]
    if lacking:
        lines.append(f"  because      spikesweep why {plan.name} says what changed")
    return "\n".join(lines)


def _figures(plan: SetPlan) -> Iterator[str]:
    for name, recipe in plan.recipes.items():
        width, height = recipe["size"]
        yield f"  figure       {name}, {width:g} x {height:g} mm"
        for letter, shown in recipe["panels"].items():
            yield f"    panel {letter}    {_panel(shown)}"
        for what, panels in recipe["share"].items():
            yield f"    shared     {what}: {', '.join(panels) if type(panels) is list else panels}"


def _panel(shown: Mapping[str, Any]) -> str:
    if "image" in shown:
        return f"image {shown['image']}"
    options = shown["options"]
    named = [f"{option} {options[option]}" for option in _TOLD if options.get(option)]
    minus = f" minus {shown['minus']}" if "minus" in shown else ""
    return f"{shown['kind']} of {shown['sweep']}{minus}" + (
        f": {', '.join(named)}" if named else ""
    )


_TOLD = ("draw", "of", "trace", "x", "y", "by", "rows", "columns")
