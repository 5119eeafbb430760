"""A figure of several panels, each with its letter: kinds of figures, the user's own, images."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure, SubFigure
from matplotlib.image import imread
from matplotlib.text import Text

from spikesweep.errors import UserError
from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.difference import Difference
from spikesweep.figures.render import drawing, save, settle
from spikesweep.sweepfile.mosaic import place_of

LETTER_SIZE = 9.0  # pt
CLEAR = 2.0  # pixels between a letter and a label below it
EDGE = 1.0  # mm between a panel's corner and its letter


class Panel(NamedTuple):
    """What stands in a panel: a kind with its options and data; or an image."""

    kind: str = ""
    options: Mapping[str, Any] = {}
    data: Any = None
    image: Path | None = None


def compose(
    size: Sequence[float],
    mosaic: str,
    panels: Mapping[str, Panel],
    share: Mapping[str, Any],
    outputs: Iterable[Path],
) -> None:
    """Draw panels into one figure and write it to each of the outputs (.pdf, .png, .svg).

    Args:
        size: width and height in mm.
        mosaic: where each panel stands, "AAB/CCB".
        share: of "x" and "y", the panels whose axes have the same ends; of "colours", the axis
            whose values have the same colours in all panels.

    Raises:
        UserError: the options of a panel name something that its sweep does not have.
    """
    rows, share = mosaic.split("/"), dict(share)
    if axis := share.pop("colours", None):
        _share_colours(axis, panels.values())
    with style.applied():
        fig = style.figure(*size)
        grid = fig.add_gridspec(len(rows), len(rows[0]))
        parts = {}
        for letter, panel in sorted(panels.items()):
            top, bottom, left, right = place_of(mosaic, letter)
            parts[letter] = fig.add_subfigure(grid[top:bottom, left:right])
            _draw(parts[letter], panel)
        style.note_panels(fig, parts)
        corners = [_letter(part, letter) for letter, part in parts.items()]
        for axis, letters in share.items():
            _share(axis, [parts[letter] for letter in letters])
        _clear(fig, corners)
        settle(fig)
        for output in outputs:
            save(fig, Path(output))


def difference(one: FigureData, other: FigureData, name: str, less: str) -> FigureData:
    """Return what a panel shows that takes the quantities of another sweep away.

    Args:
        name, less: of the two sweeps.
    """
    return Difference(one, other, (name, less))


def _draw(part: SubFigure, panel: Panel) -> None:
    if panel.image is None:
        drawing(panel.kind).draw(part, panel.data, dict(panel.options))
        return
    axes = part.subplots()
    grey = {"cmap": "gray", "vmin": 0, "vmax": 1}  # of an image that has no colours of its own
    axes.imshow(imread(panel.image), interpolation="antialiased", **grey)
    axes.set_axis_off()


def _letter(part: SubFigure, letter: str) -> Text:
    width, height = style.size(part)
    text = part.text(
        EDGE / width, 1 - EDGE / height, letter, size=LETTER_SIZE, weight="bold", ha="left",
        va="top",
    )  # fmt: skip
    text.set_in_layout(False)
    return text


def _clear(fig: Figure, letters: Sequence[Text]) -> None:
    """Keep a line free above the panels in which a letter would lie on labels of the y axis; and
    move a label down that is longer than its axis, and reaches there still."""
    layout = fig.get_layout_engine()
    layout.execute(fig)
    crowded = [letter for letter in letters if _under(letter)]
    for letter in crowded:
        part = letter.get_figure(root=False)
        part.suptitle(part.get_suptitle() or " ")
    if crowded:
        layout.execute(fig)
    for letter in crowded:
        under = _under(letter)
        for ax in letter.get_figure(root=False).axes:
            if (label := ax.yaxis.label) in under:
                over = label.get_window_extent().y1 - letter.get_window_extent().y0
                label.set_y(label.get_position()[1] - (over + CLEAR) / ax.bbox.height)


def _under(letter: Text) -> list[Text]:
    """Return the texts at the y axes of a panel that its letter lies on."""
    corner = letter.get_window_extent()
    texts = [
        text
        for ax in letter.get_figure(root=False).axes
        for text in (ax.yaxis.label, ax.title, *ax.get_yticklabels())
        if text.get_visible() and text.get_text()
    ]
    return [text for text in texts if corner.overlaps(text.get_window_extent())]


def _share_colours(axis: str, panels: Iterable[Panel]) -> None:
    """Have the panels that colour by an axis take their colours among the values of all."""
    coloured = [found for panel in panels if (found := _coloured_by(panel, axis))]
    shown = [data.levels(axis, data.select(at)) for data, at in coloured]
    every = dict.fromkeys(level for levels in shown for level in levels)
    of_numbers = {data.axis(axis).is_number for data, _ in coloured}
    if len(of_numbers) > 1:
        raise UserError(
            f"share.colours: {axis}: has numbers in one panel and names in another; expected one "
            "kind in all panels"
        )
    values = tuple(sorted(every) if of_numbers == {True} else every)
    for data, _ in coloured:
        data.coloured[axis] = values


def _coloured_by(panel: Panel, axis: str) -> tuple[FigureData, Any] | None:
    """Return what a panel that colours by an axis shows, and at which values; else None.

    One of the user's own code asks for the colours of any axis that its sweep has.
    """
    if panel.kind == "python":
        data = panel.data.shown
        return (data, None) if axis in data.axes else None
    return (panel.data, panel.options.get("at")) if panel.options.get("by") == axis else None


def _share(axis: str, parts: Sequence[SubFigure]) -> None:
    """Give the first axes of panels the same ends: the outermost of all."""
    axes = [part.axes[0] for part in parts if part.axes]
    ends = [getattr(one, f"get_{axis}lim")() for one in axes]
    for one in axes:
        getattr(one, f"set_{axis}lim")(min(map(min, ends)), max(map(max, ends)))
