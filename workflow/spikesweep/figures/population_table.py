"""The tables of a population, from the results of a sweep: who is accepted, how many, and how
their quantities go together."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spikesweep.figures.data import OK, FigureData
from spikesweep.figures.firing import classes
from spikesweep.products.atomic import written
from spikesweep.tables.population import (
    ACCEPTANCE,
    CORRELATIONS,
    Judged,
    correlations,
    counted,
    judge,
)
from spikesweep.tables.verdicts import ACCEPTED, COLUMNS


def write_population(data: FigureData, asked: Mapping[str, Any], outputs: Sequence[Path]) -> None:
    """Write a row a candidate; a row a criterion; a row a pair of quantities of the accepted.

    Args:
        asked: of the recipe: `criteria` by name, `axes` of the candidates, `is_sample`.
        outputs: the files.
    """
    population, acceptance, pairs = outputs
    axes, criteria = asked["axes"], asked["criteria"]
    candidates = _candidates(data.simulations, axes)
    judged = _judged(data, criteria, candidates)
    doubtful = _doubtful(data, criteria)
    first = [rows.head(1).to_dict("records")[0] for rows in candidates]
    _write(
        population,
        [next(iter(COLUMNS)), *axes, *list(COLUMNS)[1:], *criteria],
        (
            {**_row(point, axes, one), "doubtful": _where(doubtful, rows)}
            for point, one, rows in zip(first, judged, candidates, strict=True)
        ),
    )
    _write(acceptance, ACCEPTANCE, counted(criteria, judged, asked["is_sample"]))
    accepted = [one.verdict == ACCEPTED for one in judged]
    numbers = [axis for axis in axes if data.axis(axis).is_number]
    columns = {
        **{axis: np.array([point[axis] for point in first], float) for axis in numbers},
        **{
            name: np.array([one.values[name] for one in judged])
            for name, one in criteria.items()
            if "classes" not in one
        },
    }
    chosen = {name: column[accepted] for name, column in columns.items()}
    _write(pairs, CORRELATIONS, correlations(chosen))


def _candidates(simulations: pd.DataFrame, axes: Sequence[str]) -> list[pd.DataFrame]:
    """Return the simulations of each candidate, in the order in which they come."""
    if not axes:
        return [simulations]
    return [rows for _, rows in simulations.groupby(list(axes), sort=False)]


def _judged(
    data: FigureData, criteria: Mapping[str, Mapping[str, Any]], candidates: list[pd.DataFrame]
) -> list[Judged]:
    values = {name: _values(data, one) for name, one in criteria.items()}
    looked_at = {
        name: np.isin(data.simulations.index, data.select(one["at"]).index)
        for name, one in criteria.items()
    }
    judged = []
    for rows in candidates:
        places = rows.index.to_numpy()
        seen = {name: places[looked_at[name][places]] for name in criteria}
        used = np.unique(np.concatenate(list(seen.values())))
        failed = int((data.simulations["status"].to_numpy()[used] != OK).sum())
        of_criteria = {name: values[name][at] for name, at in seen.items()}
        judged.append(judge(criteria, of_criteria, failed))
    return judged


def _doubtful(
    data: FigureData, criteria: Mapping[str, Mapping[str, Any]]
) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return of each criterion, by position, whether what it looks at hangs on the threshold of
    spikes."""
    found = {}
    for name, one in criteria.items():
        looked_at = np.isin(data.simulations.index, data.select(one["at"]).index)
        found[name] = looked_at & _hangs(data, one)
    return found


def _hangs(data: FigureData, criterion: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "classes" in criterion:
        return np.asarray(_values(data, criterion) != _values(data, criterion, lower=True), bool)
    sites = data.sites_of(criterion["of"], criterion["site"])
    return data.hanging(sites).to_numpy(bool)


def _where(doubtful: Mapping[str, np.ndarray[Any, Any]], rows: pd.DataFrame) -> str:
    """Return the criteria that are doubtful in one of these simulations."""
    return "; ".join(name for name, is_so in doubtful.items() if is_so[rows.index].any())


def _values(
    data: FigureData, criterion: Mapping[str, Any], lower: bool = False
) -> np.ndarray[Any, Any]:
    """Return what a criterion looks at, of each simulation: numbers, or classes of firing.

    Args:
        lower: whether classes are those of the spikes that a threshold 10 mV lower counts.
    """
    if "classes" not in criterion:
        return data.quantity(criterion["of"], criterion["site"])[1].to_numpy(float)
    found = classes(data, data.copies(criterion["site"])[0], data.simulations, lower)
    return found.reindex(data.simulations.index).fillna("").to_numpy(object)


def _row(point: Mapping[str, Any], axes: Sequence[str], one: Judged) -> dict[str, Any]:
    reasons = "; ".join(f"{name}: {why}" for name, why in one.unmet.items())
    return {
        **{"candidate": point["index"], **{axis: point[axis] for axis in axes}},
        **{"verdict": one.verdict, "reasons": reasons, **one.values},
    }


def _write(output: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    """Return what stands in a table: the shortest text of a number, nothing where there is none."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    return "" if math.isnan(value) else repr(float(value) + 0.0)
