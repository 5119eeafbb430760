"""A cell's morphology, projected on a plane, with a quantity or the region as its colour."""

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch

from spikesweep.errors import UserError, listing, suggest
from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.labels import Quantity, is_number, number_text, plain
from spikesweep.figures.outlines import draw_scale_bar, frame, outline, scale_bar_length

WIDTH = 70.0  # mm of the drawing, beside which the colour bar stands
HEIGHT = (25.0, 120.0)  # mm, least and greatest
DIGITS = 6  # of an axis's value
MOST_SHAPES = 20_000  # more are an image inside PDF and SVG
THINNEST = 0.35  # pt, so that no dendrite disappears
REGIONS = ("soma", "axon", "basal", "apical")  # of the same colour in all figures
COORDINATES = {"index", "x", "x0", "y0", "z0", "x1", "y1", "z1"}


def draw(fig: style.Canvas, data: FigureData, options: dict) -> None:
    """Draw a cell with its diameters to scale, coloured by the column `of` of the structure table.

    Without `of` the colours are the regions. Segments without a value, because the mechanism is
    not inserted there, are grey. The plane is that of two of the coordinates x, y, z (um); what
    lies further along the third one is drawn on top. Where that depends on axes of the sweep, the
    figure says which simulation it is, and the values that these have there.
    """
    if data.structure.empty:
        _unbuilt(fig, data)
        return
    plane = options["plane"]
    depth = next(axis for axis in "xyz" if axis not in plane)
    segments = _cells(data.structure, options["cell"])
    segments = segments.sort_values([f"{depth}0", f"{depth}1"], kind="stable")
    outlines = outline(segments, plane)
    low, high = frame(outlines, segments["diam"].max())
    bar = scale_bar_length(high[0] - low[0])
    size = high - low

    height = float(np.clip(WIDTH * size[1] / size[0], *HEIGHT))
    _, height = style.take(fig, style.COLUMN, height, around=8)
    panel = fig.subplots()
    panel.set_aspect("equal")
    panel.set_axis_off()
    panel.set_xlim(low[0], high[0])
    panel.set_ylim(low[1], high[1])
    shapes = PolyCollection(outlines, linewidth=THINNEST, edgecolor="face", joinstyle="round")
    shapes.set_rasterized(len(segments) > MOST_SHAPES)
    panel.add_collection(shapes, autolim=False)
    if options["of"] in (None, "region"):
        _colour_regions(fig, shapes, segments["region"].astype(str))
    else:
        mappable = _colour_values(fig, shapes, data, segments, options["of"])
        if mappable:
            label = data.column("structure", options["of"]).label
            style.colour_bar(fig, panel, mappable, label, height)
    draw_scale_bar(panel, low, bar, f"{number_text(bar)} µm ({plane} plane)")
    shown = segments["cell"].astype(str).unique()
    several = data.structure["cell"].nunique() > len(shown)
    cell = plain(shown[0].partition("[")[0] if shown[1:] else shown[0]) if several else ""
    style.note(fig, [cell, _simulation_text(data)])


def _simulation_text(data: FigureData) -> str:
    """Say which simulation is shown, where others look different: "simulation 0: dose = 10 µM"."""
    parts = []
    for name, axis in data.simulation.items():
        value = axis["value"]
        text = number_text(value, DIGITS) if is_number(value) else plain(value)
        quantity = Quantity(name, axis["unit"], axis["long_name"])
        parts.append(f"{quantity.title} = {quantity.value_text(text)}")
    return f"simulation 0: {', '.join(parts)}" if parts else ""


def _unbuilt(fig: style.Canvas, data: FigureData) -> None:
    style.take(fig, style.COLUMN, HEIGHT[0])
    panel = fig.subplots()
    panel.set_axis_off()
    style.say(panel, "the cell could not be built")
    style.note(fig, [_simulation_text(data)])


def _cells(structure: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """The segments of the named cell, or of all its copies; by default of the first."""
    cells = [str(cell) for cell in structure["cell"].unique()]
    name = cells[0].partition("[")[0] if name is None else name
    shown = [cell for cell in cells if name in (cell, cell.partition("[")[0])]
    if not shown:
        raise UserError(
            f'a figure of the morphology asks for the cell "{name}"{suggest(name, cells)}; '
            f"the cells are {listing(cells)}"
        )
    return structure[structure["cell"].astype(str).isin(shown)]


def _colour_regions(fig: style.Canvas, shapes: PolyCollection, region: pd.Series) -> None:
    """Colour by region, the usual four always alike, with a legend."""
    names = dict.fromkeys([*REGIONS, *region])
    palette = dict(zip(names, style.colours(len(names), ordered=False), strict=True))
    shapes.set_facecolor([palette[name] for name in region])
    present = [name for name in names if name in set(region)]
    keys = [Patch(facecolor=palette[name], edgecolor="none") for name in present]
    style.legend(fig, keys, [plain(name) for name in present])


def _colour_values(
    fig: style.Canvas, shapes: PolyCollection, data: FigureData, segments: pd.DataFrame, of: str
) -> ScalarMappable | None:
    """Colour by a column of numbers, grey where there is none; return what a colour bar shows."""
    numbers = [name for name in segments.select_dtypes("number") if name not in COORDINATES]
    if of not in numbers:
        raise UserError(
            f'a figure of the morphology shows "of: {of}"{suggest(of, numbers)}; '
            f"known here are {listing(['region', *numbers], most=40)}"
        )
    values = segments[of].to_numpy(float)
    known = np.isfinite(values)
    mappable = ScalarMappable(style.colour_scale(values), "viridis")
    faces = mappable.to_rgba(values)
    faces[~known] = to_rgba(style.UNDEFINED["facecolor"])
    shapes.set_facecolor(faces)
    if not known.all():
        title = data.column("structure", of).title
        style.legend(fig, [style.undefined_key()], [f"no {title} here"])
    return mappable if known.any() else None
