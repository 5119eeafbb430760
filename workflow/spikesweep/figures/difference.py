"""A quantity of one sweep minus that of another, simulation by simulation, as kinds draw it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from spikesweep.errors import UserError
from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.labels import Quantity


class Difference(FigureData):
    """The results of a sweep, whose quantities are less those of another sweep.

    A simulation is compared with those of the other sweep at the same values of all axes that the
    two share: with their mean, where the other has axes of its own. Undefined in either is
    undefined, and failed in either is failed.
    """

    is_difference = True

    def __init__(self, one: FigureData, other: FigureData, names: tuple[str, str]) -> None:
        super().__init__(**one._paths)
        self._other, self._names = other, names

    @cached_property
    def simulations(self) -> pd.DataFrame:
        """Those of the first sweep; `status` is that of the other where only the other failed."""
        table = super().simulations
        theirs = self._other.simulations
        bad = theirs[theirs["status"] != OK]
        failed = bad.groupby(self._shared, sort=False)["status"].first()
        status = [
            failed.get(point, OK) if own == OK else own
            for own, point in zip(table["status"], self._points(table), strict=True)
        ]
        return table.assign(status=status)

    def quantity(self, name: str, site: str | None) -> tuple[Quantity, pd.Series]:
        """The difference of a quantity, as `FigureData.quantity`.

        Raises:
            UserError: it has another unit in the other sweep, or a simulation has no counterpart.
        """
        quantity, values = super().quantity(name, site)
        other, theirs = self._other.quantity(name, site)
        if quantity.unit != other.unit:
            raise UserError(
                f'"{name}" is in {quantity.unit or "no unit"} in {self._names[0]} and in '
                f"{other.unit or 'no unit'} in {self._names[1]}; expected one unit for a difference"
            )
        table = self._other.simulations.assign(_value=theirs)
        means = table.groupby(self._shared, sort=False)["_value"].mean()
        points = list(self._points(self.simulations))
        if missing := [point for point in points if point not in means.index]:
            raise UserError(
                f"{self._names[1]} has no simulation at {self._spoken(missing[0])}; expected the "
                f"points of {self._names[0]}"
            )
        less = np.array([means[point] for point in points], float)
        failed = (self.simulations["status"] != OK).to_numpy()
        difference = np.where(failed, np.nan, values.to_numpy(float) - less)
        title = f"difference in {quantity.title}"
        return replace(quantity, long_name=title), pd.Series(difference, index=values.index)

    def hanging(self, sites: Collection[str]) -> pd.Series:
        """Whether a count hangs on the threshold in either sweep, by position."""
        return super().hanging(sites) | self._hanging_in_other(sites)

    def _hanging_in_other(self, sites: Collection[str]) -> pd.Series:
        """Whether a count hangs on the threshold in the other sweep, by position in this one."""
        table = self._other.simulations
        theirs = table[self._other.hanging(sites)].groupby(self._shared, sort=False).size()
        doubted = [point in theirs.index for point in self._points(self.simulations)]
        return pd.Series(doubted, index=self.simulations.index, dtype=bool)

    def hanging_text(self, rows: pd.DataFrame, sites: Sequence[str], mark: str) -> str:
        """Say of which sweep the counts are that hang on the threshold, beside how many."""
        found = super().hanging(sites), self._hanging_in_other(sites)
        counts = [int(one[rows.index].sum()) for one in found]
        told = zip(counts, self._names, strict=True)
        by_sweep = ", ".join(f"{count} of {name}" for count, name in told if count)
        return super().hanging_text(rows, sites, f"{mark}: {by_sweep}")

    def fixed_text(
        self, rows: pd.DataFrame, *sites: str, shown: Collection[str | None] = ()
    ) -> str:
        """Say which sweeps are compared, before what does not vary."""
        only_other = [name for name in self._other.axes if name not in self.axes]
        mean = f" (its mean over {self._other.titles(only_other)})" if only_other else ""
        compared = f"{self._names[0]} minus {self._names[1]}{mean}"
        return ", ".join(filter(None, [compared, super().fixed_text(rows, *sites, shown=shown)]))

    @property
    def _shared(self) -> list[str]:
        return [name for name in self.axes if name in self._other.axes]

    def _points(self, table: pd.DataFrame) -> Iterable:
        """The values of the shared axes, as pandas names groups: tuples, or single values."""
        columns = [table[name].tolist() for name in self._shared]
        return columns[0] if len(columns) == 1 else zip(*columns, strict=True)

    def _spoken(self, point: object) -> str:
        values = point if isinstance(point, tuple) else (point,)
        return ", ".join(f"{n} = {v}" for n, v in zip(self._shared, values, strict=True))
