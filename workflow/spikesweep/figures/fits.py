"""The table of Hill fits: the numbers of the curves that the figures of a sweep draw."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.figures.data import FigureData
from spikesweep.figures.dose_response import BRACKETS, INTERVAL, fits_of
from spikesweep.figures.series import Curves
from spikesweep.products.atomic import written
from spikesweep.tables.columns import FITS


def write_fits(data: FigureData, figures: Iterable[Mapping[str, Any]], output: Path) -> None:
    """Write a row a curve of each dose_response figure, or why it has none.

    Args:
        figures: `figure`, its name, and its options.
    """
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*FITS], restval="", lineterminator="\n")
        writer.writeheader()
        for figure in figures:
            writer.writerows(_rows(data, figure))


def _rows(data: FigureData, figure: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    named = {"figure": figure["figure"], "of": figure["of"], "x": figure["x"], "by": figure["by"]}
    try:
        curves = Curves.of(data, dict(figure))
        fits = fits_of(curves)
    except UserError as error:  # that the figure itself cannot be drawn either, its job says
        yield {**named, "why": str(error)}
        return
    units = {"x_unit": curves.x.axis.unit, "of_unit": curves.quantity.unit}
    for level, responses, fit in zip(curves.levels, curves.series, fits, strict=True):
        row = {**named, **units, "n": sum(group.size for group in responses.groups)}
        row |= {} if level is None else {"value": level}
        if not fit:
            yield {**row, "why": fit.why}
            continue
        yield {
            **row,
            **{name: repr(getattr(fit, name)) for name in ("ec50", "top", "bottom")},
            "ec50_low": repr(fit.low),
            "ec50_high": repr(fit.high),
            "ec50_ends": INTERVAL if fit.is_confidence else BRACKETS,
            "ec50_extrapolated": " and ".join(fit.extrapolated),
            "h": repr(fit.h) if fit.has_slope else "",
            "plateaus_extrapolated": " and ".join(fit.unseen),
        }
