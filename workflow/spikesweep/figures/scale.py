"""Where the values of a swept axis stand on a figure's axis: linear, logarithmic, or one by one."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes as Panel
from matplotlib.axis import Axis as DrawnAxis
from matplotlib.ticker import Formatter, LogLocator, MaxNLocator, NullFormatter, NullLocator
from matplotlib.transforms import blended_transform_factory

from spikesweep.figures import style
from spikesweep.figures.labels import Axis, number_texts, value_texts

UNEVEN = 0.1  # variation of the steps beyond which cells are not seen as evenly spaced
MIN_LOG_RATIO = 4.0  # a smaller range reads as well on a linear axis
SHORTEST_LABEL = 45.0  # mm, to which labels are wrapped on shorter axes
GAP = 1.2  # mm between neighbouring tick labels


@dataclass(frozen=True)
class Scale:
    """The levels of an axis (the distinct values shown: ascending, or names) and their places.

    `kind` is "linear", "log", "log with zero" or "one by one". With zero, 0 has a place of its own
    left of the smallest dose, behind a break in the axis; a symlog axis would place it by a
    threshold that nobody reads, and would bend the Hill curve there.

    With `cells`, each level is the middle of a cell and is labelled as such: unevenly spaced
    numbers then stand one by one, as names do, since a cell half-way to its neighbours on either
    side would not have its number in the middle.
    """

    axis: Axis
    levels: tuple
    cells: bool = False

    @cached_property
    def kind(self) -> str:
        if not self.axis.is_number:
            return "one by one"
        numbers = np.asarray(self.levels, float)
        is_log = is_log_spaced(numbers)
        regular = np.log(numbers[numbers > 0]) if is_log else numbers
        if self.cells and len(regular) > 1 and _unevenness(regular) > UNEVEN:
            return "one by one"
        if not is_log:
            return "linear"
        return "log with zero" if numbers[0] == 0 else "log"

    @property
    def is_log(self) -> bool:
        return self.kind.startswith("log")

    def positions(self, values) -> np.ndarray:
        """The places of values in the coordinates of the axis."""
        if self.kind == "one by one":
            place = {level: float(i) for i, level in enumerate(self.levels)}
            return np.array([place[value] for value in values])
        numbers = np.asarray(values, float)
        return np.where(numbers == 0, self._zero, numbers) if self.is_log else numbers

    @cached_property
    def _positive(self) -> np.ndarray:
        numbers = np.asarray(self.levels, float)
        return numbers[numbers > 0]

    @cached_property
    def _zero(self) -> float:
        """The place of 0 on a log axis: a step to the left, at least an eighth of the range."""
        step = self._positive[1] / self._positive[0]
        eighth = (self._positive[-1] / self._positive[0]) ** (1 / 8)
        return self._positive[0] / max(step, eighth)

    @cached_property
    def edges(self) -> np.ndarray:
        """The borders (n + 1,) of the cells around the levels, half-way between them as drawn."""
        places = self.positions(self.levels)
        places = np.log(places) if self.is_log else places
        if len(places) == 1:
            half = 0.5 if self.kind == "one by one" or places[0] == 0 else abs(places[0]) / 2
            return np.array([places[0] - half, places[0] + half])
        middles = (places[1:] + places[:-1]) / 2
        edges = np.concatenate(
            [[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]]
        )
        return np.exp(edges) if self.is_log else edges

    @cached_property
    def text_width(self) -> float:
        """The width in mm of the widest level, as printed."""
        return max(style.text_width(text) for text in value_texts(self.levels))

    def limits(self, margin: float = 0.06) -> tuple[float, float]:
        """The ends of the axis around the levels, wider by `margin` of their range."""
        if len(self.levels) == 1:
            return tuple(self.edges)
        first, last = self._drawn(self.positions([self.levels[0], self.levels[-1]]))
        room = margin * (last - first)
        ends = np.array([first - room, last + room])
        return tuple(np.exp(ends) if self.is_log else ends)

    def dress(self, panel: Panel, which: str, room: float) -> None:
        """Set scale, limits, ticks and label of one axis ("x" or "y") that is `room` mm long."""
        drawn = getattr(panel, f"{which}axis")
        if self.is_log:
            getattr(panel, f"set_{which}scale")("log")
        getattr(panel, f"set_{which}lim")(*(self.edges[[0, -1]] if self.cells else self.limits()))
        ticks = self._ticks(which, room)
        if ticks is not None:
            drawn.set_ticks(*ticks)
        if self.is_log:
            drawn.set_ticks(self._minor_ticks(), minor=True)
            drawn.set_minor_formatter(NullFormatter())
        if which == "x" and ticks is not None and not self._fits(*ticks, which, room):
            drawn.set_tick_params(rotation=45, rotation_mode="xtick")
            style.grow(panel.figure, 0.7 * self.text_width)
        label = style.wrapped(self.axis.label, max(room, SHORTEST_LABEL))
        style.grow(panel.figure, style.LINE * label.count("\n") if which == "x" else 0.0)
        getattr(panel, f"set_{which}label")(label)

    def mark_break(self, panel: Panel, which: str) -> None:
        """Break the axis between 0 and the smallest dose, where 0 is shown on a log axis."""
        if self.kind != "log with zero":
            return
        middle = np.sqrt(self._zero * self._positive[0])
        apart = (self.edges[-1] / self.edges[0]) ** 0.008
        across = [middle / apart, middle * apart], [0, 0]
        if which == "x":
            place = blended_transform_factory(panel.transData, panel.transAxes)
            slash = [(-0.5, -1), (0.5, 1)]
        else:
            place = blended_transform_factory(panel.transAxes, panel.transData)
            across, slash = across[::-1], [(-1, -0.5), (1, 0.5)]
        common = {"transform": place, "clip_on": False, "zorder": 5}
        panel.plot(*across, color="white", linewidth=1.4, solid_capstyle="butt", **common)
        panel.plot(*across, color="black", marker=slash, linestyle="", markersize=5, mew=0.6,
                   **common)  # fmt: skip

    def _drawn(self, places) -> np.ndarray:
        return np.log(places) if self.is_log else np.asarray(places, float)

    def _ticks(self, which: str, room: float) -> tuple[np.ndarray, list[str]] | None:
        """Return places and texts of the ticks, or None where matplotlib's choice is better.

        Best is a tick at every level; on a log axis without cells, at the powers of ten. Names that
        do not fit along x are turned, as many as then fit; numbers are thinned.
        """
        places, texts = self.positions(self.levels), value_texts(self.levels)
        if self.is_log and not (self.cells and self._fits(places, texts, which, room)):
            places, texts = self._decades(places, texts, which, room)
        if not self.axis.is_number:
            every = int(np.ceil(len(texts) * 1.4 * style.LINE / room))
            return places[::every], texts[::every]
        if self.kind == "linear" and not self._fits(places, texts, which, room):
            return None
        every = 1
        while not self._fits(places[::every], texts[::every], which, room):
            every += 1
        return places[::every], texts[::every]

    def _fits(self, places, texts, which: str, room: float) -> bool:
        """Whether no two neighbouring tick labels touch."""
        ends = self._drawn(self.edges[[0, -1]] if self.cells else self.limits())
        at = (self._drawn(places) - ends[0]) / (ends[1] - ends[0]) * room
        sizes = [style.text_width(text) if which == "x" else 2.4 for text in texts]
        needed = [(a + b) / 2 + GAP for a, b in pairwise(sizes)]
        return bool(np.all(np.diff(at) >= needed))

    def _decades(self, places, texts, which: str, room: float) -> tuple[np.ndarray, list[str]]:
        """The powers of ten (over one or two decades 1, 2, 5, ... where they fit), and 0; the
        levels as they are where cells or a short range forbid."""
        low, high = np.log10(self._positive[[0, -1]])
        powers = 10.0 ** np.arange(np.ceil(low - 1e-9), np.floor(high + 1e-9) + 1)
        is_level = [np.isclose(power, self._positive, rtol=1e-9).any() for power in powers]
        if powers.size < 2 or (self.cells and not all(is_level)):
            return places, texts
        zero = ["0"] if self.kind == "log with zero" else []
        tens = 10.0 ** np.arange(np.floor(low), np.ceil(high))
        steps = np.outer(tens, (1, 2, 5)).ravel()
        steps = np.union1d(steps[(steps >= 10**low * 0.999) & (steps <= 10**high * 1.001)], powers)
        for chosen in (steps, powers) if powers.size <= 3 and not self.cells else (powers,):
            places = np.array([*(self._zero for _ in zero), *chosen])
            texts = zero + number_texts(chosen)
            if self._fits(places, texts, which, room):
                break
        return places, texts

    def _minor_ticks(self) -> np.ndarray:
        """2, 3, ... 9 times the powers of ten between the smallest and the greatest dose."""
        low, high = self._positive[[0, -1]]
        powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)))
        if self.cells or not 2 <= powers.size <= 8:
            return np.empty(0)
        minor = np.outer(powers, np.arange(2, 10)).ravel()
        return minor[(minor >= low * 0.999) & (minor <= high * 1.001)]


def is_log_spaced(numbers: np.ndarray) -> bool:
    """Whether ascending numbers are spaced more evenly in ratio than in difference.

    Three positive ones at least, over a ratio of at least `MIN_LOG_RATIO`; one 0 may stand before
    them, which is how dose series are written.
    """
    numbers = np.asarray(numbers, float)
    positive = numbers[1:] if numbers.size and numbers[0] == 0 else numbers
    if positive.size < 3 or positive[0] <= 0 or positive[-1] / positive[0] < MIN_LOG_RATIO:
        return False
    return _unevenness(np.log(positive)) < _unevenness(positive)


def _unevenness(ascending: np.ndarray) -> float:
    """Coefficient of variation of the steps."""
    steps = np.diff(ascending)
    return float(np.std(steps) / np.mean(steps))


class OneNotation(Formatter):
    """Prints the ticks that are seen all in decimals or all in powers of ten."""

    def format_ticks(self, values) -> list[str]:
        """Return the text of each tick; none where it lies beyond the ends of the axis."""
        low, high = sorted(self.axis.get_view_interval())
        values = np.asarray(values, float)
        seen = (values >= low * (1 - 1e-9)) & (values <= high * (1 + 1e-9))
        texts = np.full(values.size, "", dtype=object)
        texts[seen] = number_texts(values[seen])
        return texts.tolist()


def dress_log(drawn: DrawnAxis, most: int | None = None) -> None:
    """Give a logarithmic axis ticks that name numbers, however short its range is.

    most: numbers, where the axis is short: round ones (1, 2, 5) at even distances.
    """
    low, high = drawn.get_view_interval()
    if most is not None:
        tens = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        round_ = tens if high / low > 1000 else np.outer(tens, (1, 2, 5)).ravel()
        seen = round_[(round_ >= low) & (round_ <= high)]
        places = np.linspace(0, len(seen) - 1, min(most, len(seen))).round().astype(int)
        drawn.set_ticks(seen[places], number_texts(seen[places]))
        drawn.set_minor_locator(NullLocator())
        return
    if high / low > 100:
        locator = LogLocator()
    elif high / low > 5:
        locator = LogLocator(subs=(1, 2, 5))
    else:
        locator = MaxNLocator(5)
    drawn.set_major_locator(locator)
    drawn.set_major_formatter(OneNotation())
    drawn.set_minor_formatter(NullFormatter())
