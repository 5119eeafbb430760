"""The window of the statistics: times, or those of a process, whatever axes make of them."""

from collections.abc import Sequence
from typing import Any

from spikesweep.document.axes.template import Template
from spikesweep.language.names import base
from spikesweep.mechanisms.catalogue import Catalogue
from spikesweep.products.fingerprint import fingerprint

Times = tuple[float, float]


def windows_of(
    window: str | Times | None,
    template: Template,
    columns: Sequence[Sequence[Any]],
    catalogue: Catalogue,
    count: int,
) -> Times | list[Times] | None:
    """Return the window in ms, or one a simulation where they differ; None for the whole run.

    That of a process lasts from its delay, or t = 0, as long as the process does, also beyond the
    run. It is empty where the process ends before t = 0, or lasts no time.

    Args:
        window: of the sweep file, from and to, or the name of a process.
        columns: what axes put in each slot of the template, a value a simulation.
    """
    if not isinstance(window, str):
        return window
    processes = template.document["protocol"]["processes"]
    entry = window if window in processes else base(window)
    known = catalogue.known[processes[entry]["type"]].parameters
    delay = "delay" if "delay" in known else "del"
    slots = {slot.path: column for slot, column in zip(template.slots, columns, strict=True)}

    def values(name: str) -> Sequence[float]:
        path = ("protocol", "processes", entry, "parameters", name)
        constant = processes[entry]["parameters"].get(name, known[name].default or 0.0)
        return slots.get(path, [constant] * count)

    windows = [
        (max(start, 0.0), max(start + length, start, 0.0))
        for start, length in zip(values(delay), values("dur"), strict=True)
    ]
    return windows[0] if len(set(windows)) == 1 else windows


def in_recipes(windows: Times | list[Times] | None) -> Any:
    """Return the window as recipes hold it: of many, their fingerprint."""
    if isinstance(windows, list):
        return {"windows": fingerprint(windows)}
    return list(windows) if windows else None


def window_of(windows: Any) -> Any:
    """Return the window as tables take it, from and to (ms): numbers, or (simulations,) each;
    None for the whole run."""
    if windows and isinstance(windows[0], list | tuple):
        import numpy as np

        start, end = np.array(windows, float).T
        return start, end
    return tuple(windows) if windows else None
