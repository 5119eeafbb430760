"""The figures of a paper: panels from several sweeps, own functions, images. One YAML file each."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from spikesweep.sweepfile.about import About
from spikesweep.sweepfile.figures import FigureOptions
from spikesweep.sweepfile.mosaic import place_of
from spikesweep.sweepfile.quantities import LETTER, Name, Number, Part

WIDTHS = {"column": 89.0, "page": 183.0, "slide": 254.0}  # mm; the last, of 16:9, is 10 inches
HEIGHTS = {"column": 70.0, "page": 120.0, "slide": 142.9}


def _rectangles(mosaic: str) -> str:
    rows = mosaic.split("/")
    even = len({len(row) for row in rows}) == 1
    if not even or not all(re.fullmatch("[A-Z]+", row) for row in rows):
        raise ValueError(f"{mosaic!r}; expected rows of equally many letters, such as AAB/CCB")
    for letter in set(mosaic) - {"/"}:
        top, bottom, left, right = place_of(mosaic, letter)
        inside = {rows[y][x] for y in range(top, bottom) for x in range(left, right)}
        if inside != {letter}:
            raise ValueError(f"{mosaic!r}: {letter} is no rectangle")
    return mosaic


def _png(name: str) -> str:
    if not name.lower().endswith(".png"):
        raise ValueError(
            f"{name!r}; expected a PNG file: vector graphics cannot be put into a figure as such. "
            "Save it at 600 dpi, or draw it by `kind: python`"
        )
    return name


Side = Annotated[Number, Field(ge=20, le=400)]  # mm
Letter = Annotated[str, Field(pattern=LETTER)]
Group = Annotated[list[Letter], Field(min_length=2)]


class Share(Part):
    """Ends of axes, and colours, that panels have in common."""

    x: Group | None = Field(None, description="panels with the same ends of x")
    y: Group | None = Field(None, description="panels with the same ends of y")
    colours: Name | None = Field(
        None, description="an axis whose values have the same colours in all panels `by` it"
    )


class SetFigure(Part):
    """One figure: its size, where its panels stand, and what they show."""

    size: Literal["column", "page", "slide"] | tuple[Side, Side] = Field(
        "page", description="width of a journal's column or page, a slide, or [width, height] (mm)"
    )
    height: Side | None = Field(None, description="mm; default: by the width")
    mosaic: Annotated[str, AfterValidator(_rectangles)] = Field(
        description="where panels stand, a letter each, rows apart by /: AAB/CCB"
    )
    panels: dict[Letter, dict[str, Any]] = Field(
        description="a kind of figure with its options and `sweep`; or `image`, a PNG file"
    )
    share: Share = Field(default_factory=Share)

    @property
    def millimetres(self) -> tuple[float, float]:
        """Width and height."""
        if isinstance(self.size, str):
            return WIDTHS[self.size], self.height or HEIGHTS[self.size]
        return self.size[0], self.height or self.size[1]

    @model_validator(mode="after")
    def _each_panel_has_a_place(self):
        placed = {*self.mosaic} - {"/"}
        if odd := sorted(placed ^ {*self.panels}):
            where = "the mosaic" if odd[0] in self.panels else "panels"
            raise ValueError(f"panel {odd[0]} is missing in {where}")
        for letters in (self.share.x, self.share.y):
            if unknown := [letter for letter in letters or () if letter not in self.panels]:
                raise ValueError(f"share: there is no panel {unknown[0]}")
        return self


class FigureSet(Part):
    """A file of config/figure_sets/."""

    title: str = Field(min_length=1, max_length=200)
    about: About = Field(default_factory=About)
    figures: dict[Name, SetFigure] = Field(min_length=1)


class OfSweep(Part):
    """A panel that is drawn from a sweep, by a kind of figure."""

    sweep: Name
    minus: Name | None = Field(None, description="another sweep, whose quantity is taken away")
    figure: FigureOptions


class Image(Part):
    """A panel that is a picture of the project."""

    image: Annotated[str, AfterValidator(_png)]


_SWEEPS = ("sweep", "minus")


def panel(written: dict[str, Any]) -> Image | OfSweep:
    """Return what a panel shows.

    Raises:
        pydantic.ValidationError: as it is written it is neither.
    """
    if "image" in written:
        return Image.model_validate(written)
    options = {name: value for name, value in written.items() if name not in _SWEEPS}
    sweep = {name: value for name, value in written.items() if name in _SWEEPS}
    return OfSweep.model_validate({**sweep, "figure": options})
