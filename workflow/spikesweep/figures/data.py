"""What a figure is drawn from: a sweep's dataset and tables, with their labels and units."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from spikesweep.errors import UserError, listing, suggest
from spikesweep.figures.files import Files, read_table
from spikesweep.figures.labels import Axis, Quantity, is_number, value_texts, without
from spikesweep.tables import doubtful, unchanged
from spikesweep.tables.columns import COLUMNS, WINDOW_COLUMNS
from spikesweep.tables.unchanged import UNCHANGED

OK = 0
UNPHYSICAL = -1  # not in the dataset: it is judged by bounds that may change afterwards
NOT_ROBUST, HANGS = "not robust", "hangs on the threshold"
COUNTED = {*COLUMNS, "class"}  # what follows from the spikes that a threshold counts
ROUNDING = 1e-9  # relative; a value written in a sweep file and its number in the dataset


class FigureData(Files):
    """A sweep's results, opened where a figure asks for them.

    Grids and other designs look the same from here: `simulations` has one row a simulation, in the
    order in which the dataset's arrays hold them (C order of the axes), numbered by its *position*.
    `simulation` has the axes on which the structure that a figure shows depends, with their values
    in the simulation that was looked at, the first. `places` says of traces where they are
    recorded: cell, section, index and x. `refined` is the design of a map that was refined by what
    the figure shows, as the sweep file writes it.
    """

    is_difference = False

    def __init__(
        self,
        *files: Path | None,
        simulation: Mapping[str, Mapping] | None = None,
        places: Mapping[str, Mapping] | None = None,
        refined: Mapping | None = None,
        **named: Path | None,
    ) -> None:
        super().__init__(*files, **named)
        self.refined = refined
        self.simulation = simulation or {}
        self.places = places or {}
        self._grids: dict[str, np.ndarray] = {}  # as they were read
        self.coloured: dict[str, tuple] = {}  # axes whose colours panels share, with all values

    # ---- axes and simulations -------------------------------------------------------------------

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """The axes of the sweep, in its order."""
        return {
            axis["name"]: Axis(
                axis["name"], axis.get("unit") or "", axis.get("long_name") or "",
                tuple(axis["values"]),
            )
            for axis in json.loads(self.arrays.attrs["spikesweep_axes"])
        }  # fmt: skip

    def axis(self, name: str) -> Axis:
        """The axis of that name; raises UserError naming the known ones."""
        if name not in self.axes:
            raise UserError(
                f'a figure asks for the axis "{name}"{suggest(name, self.axes)}; '
                f"the axes of this sweep are {listing(self.axes) or 'none'}"
            )
        return replace(self.axes[name], coloured=self.coloured.get(name, ()))

    @property
    def is_grid(self) -> bool:
        """Whether the axes are dimensions of the dataset; else its dimension is `simulation`."""
        return "simulation" not in self.arrays["status"].dims

    @cached_property
    def simulations(self) -> pd.DataFrame:
        """A row a simulation: `index` in the sweep, `status`, and its value of each axis."""
        table = pd.DataFrame({name: self._flat(name) for name in ("index", "status", *self.axes)})
        unphysical = table["index"].isin(self._unphysical)
        return table.assign(status=table["status"].mask(unphysical, UNPHYSICAL))

    @property
    def _unphysical(self) -> pd.Series:
        """The indices of the simulations judged unphysical; none where a figure does not ask."""
        if self._paths["simulations"] is None:
            return pd.Series(dtype=int)
        judged = read_table(self._paths["simulations"])
        return judged.loc[judged["status"] == "unphysical", "index"]

    def _flat(self, name: str) -> np.ndarray:
        """A variable of the dataset, or an axis, by position: one value a simulation."""
        status = self.arrays["status"]
        return self.arrays[name].over(status).ravel()

    def select(self, at: Mapping | None) -> pd.DataFrame:
        """The simulations at the given value (or one of the given values) of some axes.

        Raises UserError naming the known values for a value that the axis does not have, and for a
        combination that no simulation has.
        """
        rows = self.simulations
        for name, wanted in (at or {}).items():
            axis = self.axis(name)
            several = wanted if isinstance(wanted, (list, tuple)) else [wanted]
            rows = rows[rows[name].isin([_nearest(axis, value) for value in several])]
        if rows.empty:
            raise UserError(f"no simulation of this sweep is at {_spoken(at)}")
        return rows

    def levels(self, name: str, rows: pd.DataFrame) -> tuple:
        """The values of an axis that occur in the rows: ascending numbers, names in their order."""
        axis = self.axis(name)
        present = set(rows[name].tolist())
        distinct = dict.fromkeys(value for value in axis.values if value in present)
        return tuple(sorted(distinct) if axis.is_number else distinct)

    def varying(self, rows: pd.DataFrame, within: Iterable[str] = ()) -> list[str]:
        """The axes with several values among simulations that are alike in the axes `within`."""
        within = [name for name in within if name]
        others = [name for name in self.axes if name not in within]
        if not within:
            return [name for name in others if rows[name].nunique() > 1]
        counts = rows.groupby(within, sort=False)[others].nunique()
        return [name for name in others if (counts[name] > 1).any()]

    def fixed_text(
        self, rows: pd.DataFrame, *sites: str, shown: Collection[str | None] = ()
    ) -> str:
        """Say which axes do not vary in the rows, with their values: "temperature 26 °C"; those
        that have one value in the whole sweep among them, but none that the figure shows."""
        constant = [
            f"{axis.title} {axis.text_with_unit(self.levels(name, rows)[0])}"
            for name, axis in self.axes.items()
            if name not in shown and rows[name].nunique() == 1
        ]
        if sites and len(self.sites) > len(sites):
            constant.append(f"site {sites[0]}" + (f" to {sites[-1]}" if sites[1:] else ""))
        return ", ".join(constant)

    def along_text(
        self, rows: pd.DataFrame, shown: Iterable[str | None], counted: Collection[str] = ()
    ) -> str:
        """Say which axes move along with those that are shown, as in a zip or a table:
        "along with dose: temperature 16 to 36 °C"; where means are over other values here than
        there, since the design leaves some out; which axes changed nothing at all, and of how many
        of the rows counts of spikes at the sites `counted` hang on the threshold."""
        shown = [name for name in shown if name]
        free = self.varying(rows, within=shown)
        along = [
            name for name in self.axes if name not in (*shown, *free) and rows[name].nunique() > 1
        ]
        moving = f"along with {self.titles(shown)}: {self.ranges(rows, along)}" if along else ""
        unlike = self._unlike_text(rows, shown, free)
        axes = json.loads(self.arrays.attrs.get(UNCHANGED, "[]"))
        notes = unchanged.told(self.axis(name).title for name in axes)
        return "; ".join(filter(None, [moving, unlike, *notes, self._counts_text(rows, counted)]))

    def _unlike_text(self, rows: pd.DataFrame, shown: list[str], free: list[str]) -> str:
        """Say that simulations alike in the axes shown have not the same values of the others
        everywhere: what differs between their means may be these values' doing."""
        if not shown or not free:
            return ""
        crossed = [len(rows[names].drop_duplicates()) for names in (shown, free, [*shown, *free])]
        is_crossed = crossed[0] * crossed[1] == crossed[2]
        return "" if is_crossed else f"not of the same values of {self.titles(free)} everywhere"

    def _counts_text(self, rows: pd.DataFrame, sites: Iterable[str]) -> str:
        """Say in how many simulations that did not fail a threshold 10 mV lower counts another
        number of spikes in the whole run, at one of some sites at least."""
        differs = np.zeros(len(self.simulations), bool)
        for site in filter(self.counts_others_lower, sites):
            differs |= self._flat(f"n_lower_{site}") != self._flat(f"n_spikes_{site}")
        found = int((differs[rows.index] & (rows["status"] == OK)).sum())
        hang = f"{found} of {len(rows)} counts hang on the threshold (n_spikes_lower)"
        return hang if found else ""

    def ranges(self, rows: pd.DataFrame, names: Iterable[str]) -> str:
        """Say from where to where axes go in the rows: "dose 0 to 1000 µM"."""
        parts = []
        for name in names:
            axis, levels = self.axis(name), self.levels(name, rows)
            ends = f"{axis.text(levels[0])} to {axis.text(levels[-1])}"
            parts.append(f"{axis.title} {axis.value_text(ends)}")
        return ", ".join(parts)

    def titles(self, names: Iterable[str]) -> str:
        """The axes as they are spoken of: "seed and temperature"."""
        return " and ".join(self.axis(name).title for name in names)

    def status_text(self, status: int) -> str:
        """What a status code means: 2 -> "not finite"."""
        if status == UNPHYSICAL:
            return "unphysical"
        attrs = self.arrays["status"].attrs
        meanings = dict(
            zip(np.atleast_1d(attrs["flag_values"]).tolist(), attrs["flag_meanings"].split(),
                strict=True)
        )  # fmt: skip
        return meanings[int(status)].replace("_", " ")

    @staticmethod
    def failed_text(rows: pd.DataFrame) -> str:
        """Say how many of the simulations are left out because they failed."""
        return without(int((rows["status"] != OK).sum()), len(rows), "failed")

    @staticmethod
    def undefined_text(rows: pd.DataFrame, values: pd.Series) -> str:
        """Say how many of the simulations did not fail and yet have no value, as the latency of a
        silent cell."""
        undefined = (rows["status"] == OK) & values[rows.index].isna()
        return without(int(undefined.sum()), len(rows), "are undefined")

    # ---- quantities, traces, spikes -------------------------------------------------------------

    @property
    def sites(self) -> list[str]:
        """Where spikes were detected."""
        return json.loads(self.arrays.attrs.get("spikesweep_sites", "[]"))

    def site(self, name: str | None) -> str:
        """The site of that name, or the first; raises UserError naming the known ones."""
        return _choose("spike site", name, self.sites, "record: spikes:")

    def copies(self, name: str | None) -> list[str]:
        """The sites of a name: soma[0], soma[1], ... where soma has copies; by default of the
        first site. Raises UserError naming the known ones."""
        base = (self.sites[0] if self.sites and name is None else name or "").partition("[")[0]
        copies = [site for site in self.sites if site.startswith(f"{base}[")]
        return copies if copies and name in (None, base) else [self.site(name)]

    def trace(self, name: str | None) -> str:
        """The trace of that name, or the first; raises UserError naming the known ones."""
        traces = json.loads(self.arrays.attrs.get("spikesweep_traces", "[]"))
        return _choose("trace", name, traces, "record: traces:")

    def described(self, variable: str) -> Quantity:
        """What a variable of the dataset holds, by its attributes."""
        attrs = self.arrays[variable].attrs
        return Quantity(variable, attrs.get("units", ""), attrs.get("long_name", ""))

    def sites_of(self, name: str, site: str | None) -> list[str]:
        """The spike sites that a quantity belongs to, if it does: a statistic's. Where a sweep has
        none, its table of statistics has what is derived of a whole simulation."""
        of_site = name in self._statistic_names() and (self.sites or site)
        return self.copies(site) if of_site else []

    def cells_with_value(
        self, rows: pd.DataFrame, names: Iterable[str], site: str | None
    ) -> list[int]:
        """How many copies of a site have a value, of each quantity in each simulation that has one:
        a cell of few spikes has no CV, and no part in the mean."""
        counts: set[int] = set()
        for name in names:
            sites = self.sites_of(name, site)
            table = self.statistics
            table = table[table["site"].isin(sites) & table["index"].isin(rows["index"])]
            if len(sites) > 1:
                counts.update(table.groupby("index")[name].count())
        return sorted(counts - {0})

    def quantity(self, name: str, site: str | None) -> tuple[Quantity, pd.Series]:
        """A number a simulation: what it is, and its values by position (NaN where undefined).

        `name` is a column of the statistics table, at `site`, the mean where that has copies; or
        a variable of the dataset that has one number a simulation (`v_soma_max`). Raises UserError
        naming both kinds.
        """
        if name in self._statistic_names():
            table = self.statistics
            if sites := self.sites_of(name, site):
                table = table[table["site"].isin(sites)]
            values = self.simulations["index"].map(table.groupby("index")[name].mean())
            return self.column("statistics", name), values.astype(float)
        scalars = self._scalars()
        if name not in scalars:
            known = [*self._statistic_names(), *scalars]
            raise UserError(
                f'a figure shows "of: {name}"{suggest(name, known)}; '
                f"known here are {listing(known, most=40)}"
            )
        values = self._flat(name)
        failed = (self.simulations["status"] != OK).to_numpy()
        return self.described(name), pd.Series(np.where(failed, np.nan, values.astype(float)))

    def extreme(self, trace: str, end: str) -> np.ndarray:
        """The "max" or "min" of a trace over all steps of each simulation, by position."""
        return self._flat(f"{trace}_{end}")

    def measure(self, name: str, site: str | None) -> tuple[Quantity, pd.Series]:
        """An axis and its values by position, or a quantity as `quantity` gives it."""
        if name in self.axes:
            return self.axis(name), self.simulations[name]
        return self.quantity(name, site)

    def windows(self) -> tuple[list[tuple[float, float]], str]:
        """The window of the statistics in ms of each simulation, by position; and what it is in
        words, '' of whole simulations."""
        if WINDOW_COLUMNS.keys() <= set(self.statistics):
            of_index = self.statistics.groupby("index")[list(WINDOW_COLUMNS)].first()
            edges = of_index.reindex(self.simulations["index"]).to_numpy()
            return list(map(tuple, edges)), "in the time of a process"
        if window := self.recipe("statistics").get("window"):
            return [tuple(window)] * len(self.simulations), f"{window[0]:g} to {window[1]:g} ms"
        return [(0.0, end) for end in self.ends()], ""

    def _statistic_names(self) -> list[str]:
        apart = {"index", "status", *self.axes}
        numbers = self.statistics.select_dtypes("number").columns
        return [name for name in numbers if name not in apart and name not in self.arrays]

    def _scalars(self) -> list[str]:
        design = self.arrays["status"].dims
        return [
            name
            for name, variable in self.arrays.items()
            if variable.dims == design
            and name not in self.arrays.coordinates
            and np.issubdtype(variable.dtype, np.number)
            and name not in {"index", "status", *self.axes}
        ]

    def time_of(self, trace: str) -> str:
        """The time coordinate of a trace: `time`, or its own where recording intervals differ."""
        dimension = self.arrays[trace].dims[-1]
        return next(
            str(name)
            for name, coordinate in self.arrays.coordinates.items()
            if coordinate.dims and coordinate.dims[-1] == dimension
        )

    def times(self, trace: str, position: int) -> np.ndarray:
        """The times in ms of one simulation's samples, shape (time,); NaN after its last step."""
        if self.has_steps(trace):
            return self.samples(self.time_of(trace), position)
        return self._grid(self.time_of(trace))

    def _grid(self, name: str) -> np.ndarray:
        """The times in ms that all simulations share, not to be changed; read once."""
        if name not in self._grids:
            self._grids[name] = self.arrays[name].values
            self._grids[name].flags.writeable = False
        return self._grids[name]

    def has_steps(self, trace: str) -> bool:
        """Whether a trace holds every step of integration, at times of each simulation's own."""
        return self.time_of(trace) not in self.arrays[trace].dims

    def end(self, rows: pd.DataFrame) -> float:
        """When the longest of these simulations ends, in ms."""
        return float(self.ends()[rows.index].max())

    def ends(self) -> np.ndarray:
        """When each simulation ends, in ms, by position."""
        return self._flat("tstop")

    def samples(self, trace: str, position: int) -> np.ndarray:
        """The samples of one simulation's trace, shape (time,)."""
        status = self.arrays["status"]
        where = np.unravel_index(position, status.shape) if status.shape else ()
        return self.arrays[trace].at(**dict(zip(status.dims, map(int, where), strict=True)))

    def spike_trains(self, site: str, lower: bool = False) -> list[np.ndarray]:
        """The spike times in ms of every simulation, by position; with `lower` those that a
        threshold 10 mV lower counts."""
        is_other = lower and self.counts_others_lower(site)
        count, times = ("n_lower", "lower_times") if is_other else ("n_spikes", "spike_times")
        counts = self._flat(f"{count}_{site}").astype(int)
        return np.split(self.arrays[f"{times}_{site}"].values, np.cumsum(counts)[:-1])

    def counts_others_lower(self, site: str) -> bool:
        """Whether a threshold 10 mV lower counts other spikes in any simulation."""
        return f"n_lower_{site}" in self.arrays

    def why_empty(self, rows: pd.DataFrame, otherwise: str, *sites: str) -> str:
        """Say why there is nothing to show of these simulations (with sites: of their spikes)."""
        if (rows["status"] != OK).all():
            return "no simulation finished"
        if sites and not any(self._flat(f"n_spikes_{site}")[rows.index].any() for site in sites):
            return "no spikes"
        return otherwise

    def intervals(self, site: str) -> pd.DataFrame:
        """The interspike intervals at a site: `position` of the simulation, `isi` in ms."""
        table = self.isi[self.isi["site"] == site]
        position = pd.Series(self.simulations.index, index=self.simulations["index"])
        return pd.DataFrame(
            {"position": table["index"].map(position).to_numpy(), "isi": table["isi"].to_numpy()}
        )

    # ---- trust ----------------------------------------------------------------------------------

    def doubts(self, name: str, site: str | None) -> dict[str, pd.Series]:
        """Why values of a statistic do not stand, as legends say it, and which, by position."""
        sites = self.sites_of(name, site)
        return {NOT_ROBUST: self.not_robust(name, site), HANGS: self.hanging(sites)}

    def hanging(self, sites: Collection[str]) -> pd.Series:
        """Whether the count of spikes in the window hangs on the threshold at one of some sites,
        since 10 mV lower it is another; by position."""
        table = self.statistics[self.statistics["site"].isin(sites)]
        differs = (table["n_spikes"] - table["n_spikes_lower"]).abs() > 0  # not where undefined
        return self.simulations["index"].isin(table["index"][differs])

    def hanging_note(self, table: str, of: str | None = None) -> str:
        """Say how many counts hang on the threshold of which a table of results was made, '' where
        it was made of something else.

        Args:
            table: its name; its recipe says of which quantity it is, and at which site.
            of: the quantity, where the recipe names several.
        """
        recipe = self.recipe(table)
        asked = recipe.get("threshold") or recipe.get("sensitivity") or {}
        if (of or asked.get("of")) not in COUNTED or not self.sites:
            return ""
        sites = self.copies(asked.get("site"))
        return doubtful.noted(self.arrays.attrs, self._flat("status").size, sites)

    def hanging_text(self, rows: pd.DataFrame, sites: Sequence[str], mark: str) -> str:
        """Say how many of the simulations shown have counts that hang on the threshold, which are
        marked ("ringed"), and what to do."""
        found = int(self.hanging(sites)[rows.index].sum())
        return doubtful.marked(found, len(rows), sites, "counts", mark)

    def not_robust(self, name: str, site: str | None) -> pd.Series:
        """Whether a statistic is known to hang on step or segments, by position."""
        table = self._trusted(name, site)
        indices = () if table is None else table["index"][table["robust"] == "no"]
        return self.simulations["index"].isin(indices)

    def trust_text(self, rows: pd.DataFrame, name: str, site: str | None) -> str:
        """Say how many of the simulations shown stand that ran again with finer steps and
        segments, '' where none did."""
        table = self._trusted(name, site)
        if table is None or table.empty:
            return ""
        shown = table[table["index"].isin(rows["index"]) & (table["robust"] != "")]
        stands = (shown["robust"] == "yes").groupby(shown["index"]).all()
        again = "" if len(stands) == len(rows) else f", of {len(rows):,}"
        return f"{stands.sum():,} of {len(stands):,} stand when refined{again}"

    def _trusted(self, name: str, site: str | None) -> pd.DataFrame | None:
        if self.trust is None:
            return None
        table = self.trust[self.trust["statistic"] == name]
        sites = self.sites_of(name, site)
        return table[table["site"].isin(sites)] if sites else table


def _nearest(axis: Axis, value):
    """Return the axis's value that is meant, within rounding; UserError where it has none."""
    if axis.is_number and is_number(value):
        numbers = np.asarray(axis.values, float)
        nearest = int(np.argmin(np.abs(numbers - value)))
        if np.isclose(numbers[nearest], value, rtol=ROUNDING, atol=0.0):
            return axis.values[nearest]
    elif value in axis.values:
        return value
    texts = value_texts(dict.fromkeys(axis.values))
    raise UserError(
        f'a figure is drawn "at: {{{axis.name}: {value}}}"{suggest(str(value), texts)}; '
        f"the values of {axis.name} are {', '.join(texts)} {axis.unit}".rstrip()
    )


def _choose(kind: str, name: str | None, known: list[str], where: str) -> str:
    """Return the named one or the first."""
    if not known:
        raise UserError(f'a figure needs a {kind}, but the sweep records none under "{where}"')
    if name is None:
        return known[0]
    if name not in known:
        raise UserError(
            f'a figure asks for the {kind} "{name}"{suggest(name, known)}; '
            f"recorded are {', '.join(known)}"
        )
    return name


def _spoken(at: Mapping | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (at or {}).items())
