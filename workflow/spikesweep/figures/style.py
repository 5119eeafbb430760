"""How all figures look: sizes, fonts, palettes, legends, notes; one place for the whole paper."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib
import numpy as np
from matplotlib import rcsetup
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from spikesweep.figures.labels import number_text

COLUMN = 89.0  # mm, one column of a journal page
PAGE = 183.0  # mm, both columns
TALLEST = 235.0  # mm, a page less its caption

FONT_SIZE = 7.0  # pt
BAR, LONGEST_BAR = 2.6, 60.0  # mm, the width of a colour bar and its greatest length
LINE = 3.4  # mm, a line of text at that size with its leading
EQUAL = 1e-6  # relative; samples that differ by less are rounded otherwise
LEAST = 8.0  # mm, the least height of axes for which labels are laid out

Canvas = Figure | SubFigure  # what a kind draws into: a figure of its own, or a panel

# "colorblind" of seaborn (Waskom 2021), after Wong (2011), Nature Methods 8, 441.
CATEGORIES = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc",
    "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip

RC = {
    # DejaVu comes with matplotlib: the files are the same whichever fonts a machine has.
    "font.family": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": FONT_SIZE,
    "axes.labelsize": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "axes.titlepad": 3.0,
    "axes.labelpad": 2.5,
    "figure.titlesize": FONT_SIZE,
    "figure.labelsize": FONT_SIZE,
    "xtick.labelsize": FONT_SIZE,
    "ytick.labelsize": FONT_SIZE,
    "legend.fontsize": FONT_SIZE,
    "legend.title_fontsize": FONT_SIZE,
    "legend.frameon": False,
    "legend.columnspacing": 1.2,
    "legend.handletextpad": 0.5,
    "legend.borderaxespad": 0.2,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.limits": (-3, 5),
    "axes.formatter.use_mathtext": True,
    "axes.formatter.useoffset": False,  # nobody adds -6.496e1 to 0.01
    "lines.linewidth": 1.0,
    "lines.markersize": 3.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "hatch.linewidth": 0.5,
    "figure.dpi": 300,
    "savefig.dpi": 300,
    # Text stays text: it can be searched, and edited in a drawing program.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "axes.prop_cycle": rcsetup.cycler(color=CATEGORIES),  # in figures that a user's function draws
    # Without a salt the names inside an SVG are random.
    "svg.hashsalt": "spikesweep",
}

INK = "0.15"
NOTE = "0.35"
FAILED = {"facecolor": "0.94", "edgecolor": "0.45", "hatch": "//////", "linewidth": 0.0}
UNDEFINED = {"facecolor": "0.8", "edgecolor": "none", "linewidth": 0.0}

MARKERS = "osD^vPX<>p"


@contextmanager
def applied() -> Iterator[None]:
    """Within it figures look like this whatever the user's matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield


def figure(width: float = COLUMN, height: float = 60.0) -> Figure:
    """Return an empty figure of that size in mm, in which nothing will overlap.

    It is not registered with pyplot, so that nothing outlives the drawing of it.
    """
    made = Figure(figsize=(inches(width), inches(height)), layout="constrained")
    made.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    return made


def take(fig: Canvas, width: float, height: float, around: float = 0.0) -> tuple[float, float]:
    """Give what is drawn into the size that a kind would like; return what it has, in mm.

    A figure becomes as large as is asked, `height` and `around` it what labels need. A panel (a
    SubFigure) has its size already: what is left of it, less a legend's line and a note's.
    """
    if isinstance(fig, Figure):
        fig.set_size_inches(inches(width), inches(min(height + around, TALLEST)))
        return width, height
    width, height = size(fig)
    return width, max(height - around - 3 * LINE, LEAST)


def size(fig: Canvas) -> tuple[float, float]:
    """Return the width and height of a figure or panel in mm."""
    return tuple(25.4 * pixels / fig.dpi for pixels in (fig.bbox.width, fig.bbox.height))


def inches(mm: float) -> float:
    """Millimetres -> inches."""
    return mm / 25.4


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Return the width of a line of text in mm."""
    if not text.strip():
        return 0.0
    path = TextPath((0, 0), text, size=size)
    # Outlines have points where they are leftmost and rightmost: to look between them finds nothing
    # more, in five times the time.
    across = path.vertices[path.codes != Path.CLOSEPOLY, 0]
    return float(np.ptp(across)) / 72 * 25.4


def wrapped(text: str, width: float) -> str:
    """Return the text in lines no wider than `width` mm, broken between words."""
    total = text_width(text)
    if total <= width:
        return text
    return textwrap.fill(text, max(8, int(len(text) * width / total)), break_long_words=False)


def colours(n: int, ordered: bool) -> list:
    """Return n colours that the colour-blind can tell apart; of viridis where they have an order.

    The yellow end of viridis is left out: it does not show on white.
    """
    if n <= 1:
        return [CATEGORIES[0]]
    if ordered or n > len(CATEGORIES):
        return list(matplotlib.colormaps["viridis"](np.linspace(0.0, 0.82, n)))
    return list(CATEGORIES[:n])


def colours_of(axis: Any, levels: Sequence) -> list:
    """Return the colour of each of some values of an axis; None is that of no axis.

    Where panels share the colours of the axis, they are those among the values of all panels.
    """
    every = list(axis.coloured if axis is not None and axis.coloured else levels)
    palette = colours(len(every), ordered=axis is None or axis.is_number)
    return [palette[every.index(level)] for level in levels]


def colour_scale(values: np.ndarray, log: bool = False) -> Normalize:
    """Return the norm from the least to the greatest finite value, logarithmic if asked.

    Where all are equal, within the rounding of float32, it has one step about their value, so that
    neither colours nor the colour bar show a range that there is not; a logarithmic one is widened.
    """
    values = np.asarray(values, float)
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    low, high = (values.min(), values.max()) if values.size else (1.0, 1.0)
    if log:
        return LogNorm(low, high) if low < high else LogNorm(low / 2, high * 2)
    if high - low > EQUAL * max(abs(low), abs(high)):
        return Normalize(low, high)
    middle, half = (low + high) / 2, abs(high) / 2 or 0.5
    return BoundaryNorm([middle - half, middle + half], 256)


def centred_scale(values: np.ndarray) -> Normalize:
    """Return the norm whose middle is 0, as far to both sides as the values go."""
    values = np.asarray(values, float)
    values = np.abs(values[np.isfinite(values)])
    most = float(values.max()) if values.size and values.max() > 0 else 1.0
    return Normalize(-most, most)


def widened(low: float, high: float) -> tuple[float, float]:
    """Return the range as it is; one of no length from 0 to twice its value (or to 1)."""
    return (low, high) if low < high else tuple(sorted((0.0, 2 * high or 1.0)))


def colour_bar(
    fig: Canvas, ax: Axes | Sequence[Axes], shown: ScalarMappable, label: str, height: float
) -> Colorbar:
    """Put a colour bar beside axes of that height in mm: as high, but no higher than reads well."""
    length = min(height, LONGEST_BAR)
    bar = fig.colorbar(shown, ax=ax, shrink=length / height, aspect=length / BAR, pad=0.03)
    bar.outline.set_linewidth(0.4)
    bar.set_label(wrapped(label, length))
    if isinstance(shown.norm, BoundaryNorm) and shown.norm.N == 2:
        value = float(np.mean(shown.norm.boundaries))
        bar.set_ticks([value], labels=[number_text(value, 6)])
    return bar


def colour_steps(
    fig: Canvas,
    ax: Sequence[Axes],
    steps: Sequence,
    texts: Sequence[str],
    label: str,
    height: float,
) -> None:
    """Put a colour bar with a step a value beside axes; as many values as fit are named."""
    n = len(steps)
    shown = ScalarMappable(BoundaryNorm(np.arange(n + 1), n), ListedColormap(steps))
    bar = colour_bar(fig, ax, shown, label, height)
    every = spacing(n, min(height, LONGEST_BAR))
    bar.set_ticks(np.arange(n)[::every] + 0.5, labels=texts[::every])
    bar.ax.tick_params(which="both", length=0)


def spacing(n: int, length: float) -> int:
    """Return which of n evenly spaced labels, one above the other, fit: each, each second, ..."""
    return int(np.ceil(n * LINE * 0.9 / length))


def say(ax: Axes, text: str) -> None:
    """Say in the middle of a panel why there is nothing in it."""
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", linespacing=1.3,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


def note(fig: Canvas, parts: Iterable[str]) -> None:
    """Say above the figure what its axes do not: fixed values, averages, what was left out.

    What panels of one figure say is held back, for `note_panels` to say once what several say.
    """
    said = "; ".join(part for part in parts if part).split("; ")
    if isinstance(fig, Figure):
        _say_above(fig, said, width=size(fig)[0] - 6)
    else:
        _HELD_BACK[fig] = said


def note_panels(fig: Figure, panels: Mapping[str, SubFigure]) -> None:
    """Say above each panel what it alone says, and below the figure, once, what several say."""
    said = {letter: _HELD_BACK.pop(panel, []) for letter, panel in panels.items()}
    of_letters: dict[tuple[str, ...], list[str]] = {}
    for text in dict.fromkeys(text for texts in said.values() for text in texts if text):
        letters = tuple(letter for letter, texts in said.items() if text in texts)
        of_letters.setdefault(letters, []).append(text)
    alone = {text for letters, texts in of_letters.items() if not letters[1:] for text in texts}
    for letter, panel in panels.items():
        own = [text for text in said[letter] if text in alone]
        _say_above(panel, own, width=size(panel)[0] - 14)  # its letter stands in its corner
    shared = [
        wrapped(f"{', '.join(letters)}: {'; '.join(texts)}", size(fig)[0] - 6)
        for letters, texts in of_letters.items()
        if letters[1:]
    ]
    if shared:
        fig.supxlabel("\n".join(shared), color=NOTE)


_HELD_BACK: WeakKeyDictionary[SubFigure, list[str]] = WeakKeyDictionary()


def _say_above(fig: Canvas, said: Iterable[str], width: float) -> None:
    """Write a note above a figure or a panel, in lines no wider than `width` mm."""
    if text := wrapped("; ".join(filter(None, said)), width):
        grow(fig, LINE * (text.count("\n") + 1))
        fig.suptitle(text, color=NOTE, x=0.5, ha="center")


def legend(fig: Canvas, handles: Sequence, labels: Sequence[str], title: str = "") -> None:
    """Put a legend below the axes, in as many columns as fit; the figure grows by its lines."""
    if not handles:
        return
    widest = max(text_width(label) for label in labels) + 8
    columns = max(1, min(len(labels), int((size(fig)[0] - 4) // widest)))
    title = wrapped(title, size(fig)[0] - 6)
    lines = -(-len(labels) // columns) + (title.count("\n") + 1 if title else 0)
    grow(fig, LINE * lines + 1)
    # With matplotlib's order, down the columns, a ragged last column would look like an omission.
    order = [i for column in range(columns) for i in range(column, len(labels), columns)]
    drawn = fig.legend(
        [handles[i] for i in order], [labels[i] for i in order], title=title or None,
        loc="outside lower center", ncols=columns,
    )  # fmt: skip
    drawn.get_title().set_multialignment("center")


def grow(fig: Canvas, mm: float) -> None:
    """Make a figure taller, so that what is put around the axes takes nothing from them.

    A panel of a larger figure stays as it is.
    """
    if isinstance(fig, Figure):
        fig.set_figheight(fig.get_figheight() + inches(mm))


def failed_key() -> Patch:
    """The legend's handle for failed simulations."""
    return Patch(**FAILED)


def undefined_key() -> Patch:
    """The legend's handle for quantities that have no value."""
    return Patch(**UNDEFINED)
