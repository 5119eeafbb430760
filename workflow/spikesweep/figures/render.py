"""One figure of a sweep, from its results to files that are the same, byte for byte, every time."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.products.atomic import written

# What matplotlib would write of itself and of the clock; None leaves it out.
METADATA = {
    ".pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    ".png": {"Software": None},
    ".svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
}


def render(kind: str, options: dict, data: FigureData, outputs: Iterable[Path]) -> None:
    """Draw a figure of that kind and write it to each of the outputs (.pdf, .png, .svg).

    `options` are complete and validated. An output that exists is replaced when the new one is
    whole. Raises UserError where the options name something that the sweep does not have.
    """
    module = drawing(kind)
    with style.applied():
        fig = style.figure()
        module.draw(fig, data, options)
        settle(fig)
        for output in outputs:
            save(fig, Path(output))


def drawing(kind: str) -> ModuleType:
    """Return the module that draws a kind of figure."""
    return import_module(f"spikesweep.figures.{kind}")


def settle(fig: Figure) -> None:
    """Lay the figure out for all formats: done for each, a file would depend on those before it.

    Twice where something has a fixed shape, as colour bars have: the first layout still measures it
    by its old place. The layout draws nothing: it comes to the same places as
    `draw_without_rendering` in less time. None, and not "none", which would have matplotlib draw
    once more for each format, for nothing.
    """
    layout = fig.get_layout_engine()
    layout.execute(fig)
    if any(map(_has_shape, fig.axes)):
        layout.execute(fig)
    fig.set_layout_engine(None)


def _has_shape(ax: Axes) -> bool:
    """Return whether height and width of axes depend on each other."""
    return ax.get_aspect() != "auto" or ax.get_box_aspect() is not None


def save(fig: Figure, output: Path) -> None:
    """Write a figure, laid out, in the format that the name ends in."""
    with written(output) as temporary:
        fig.savefig(temporary, format=output.suffix[1:], metadata=METADATA[output.suffix])
