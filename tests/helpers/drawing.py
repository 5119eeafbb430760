"""What the tests of figures share: sweeps to draw, and what can be read on a figure."""

import json
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from pydantic import TypeAdapter

from spikesweep.figures import style
from spikesweep.figures.data import FigureData
from spikesweep.figures.render import settle
from spikesweep.sweepfile.figures import FigureOptions, options
from synthetic_sweep import CELSIUS, DOSE, SEED, Sweep

# Matplotlib parses a text with mathematics anew for each figure and format, as tick labels on a
# logarithmic axis are: a third of what figures of tests take, which have the same labels.
_parsers = {"vector": MathTextParser("path"), "raster": MathTextParser("agg")}
_parse = MathTextParser._parse_cached.__wrapped__
_parsed = cache(lambda output, *what: _parse(_parsers[output], *what))
MathTextParser._parse_cached = lambda parser, *what: _parsed(parser._output_type, *what)


def printed(fig) -> list[tuple[Text, object]]:
    """Every text that shows, with its place: (artist, bounding box in pixels)."""
    found = []
    hidden = set()
    for panel in fig.axes:
        if not panel.axison:
            hidden |= set(panel.xaxis.findobj(Text)) | set(panel.yaxis.findobj(Text))
        for axis in (panel.xaxis, panel.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not low - slack <= tick.get_loc() <= high + slack:
                    hidden |= {tick.label1, tick.label2}
    for text in fig.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            found.append((text, text.get_window_extent()))
    return found


def assert_tidy(fig) -> None:
    """No text is cut by the figure's border, and none lies on another."""
    texts = printed(fig)
    assert texts
    for text, box in texts:
        inside = (
            box.x0 > -1 and box.y0 > -1 and box.x1 < fig.bbox.x1 + 1 and box.y1 < fig.bbox.y1 + 1
        )
        assert inside, f"cut: {text.get_text()!r}"
    upright = [(text, box) for text, box in texts if text.get_rotation() in (0.0, 90.0)]
    for (one, a), (other, b) in combinations(upright, 2):
        apart = a.x1 < b.x0 + 1 or b.x1 < a.x0 + 1 or a.y1 < b.y0 + 1 or b.y1 < a.y0 + 1
        assert apart, f"{one.get_text()!r} lies on {other.get_text()!r}"


# What a figure of a synthetic sweep shows, of each kind; all else is as in a sweep file that does
# not name it.
SHOWN = {
    "heatmap": {"of": "rate", "x": "dose", "y": "celsius"},
    "curve": {"of": "rate", "x": "dose", "by": "celsius"},
    "dose_response": {"of": "rate", "x": "dose", "by": "celsius"},
    "firing_map": {"x": "dose", "y": "celsius"},
    "scatter": {"of": "rate", "x": "dose", "by": "celsius"},
    "pairs": {"of": ["dose", "rate", "latency"]},
    "candidates": {},
    "profile": {"show": "max", "by": "celsius"},
    "sensitivity": {"of": "rate"},
    "sensitivity_over_time": {},
    "threshold": {"x": "dose"},
    "traces": {},
    "raster": {},
    "population_rate": {},
    "isi_distribution": {"by": "celsius"},
    "morphology": {},
    "movie": {},
}
DEFAULTS = {
    kind: options(TypeAdapter(FigureOptions).validate_python({"kind": kind, **shown}))
    for kind, shown in SHOWN.items()
}
KINDS = list(DEFAULTS)


# Where the traces of the synthetic sweeps would be, in the cell that `write_structure` writes.
PLACES = {
    "v_dend": {"cell": "ball", "section": "dend", "index": 1, "x": 0.5},
    "v_soma": {"cell": "ball", "section": "soma", "index": 0, "x": 0.5},
}


def draw(kind: str, data: FigureData, **options):
    """The figure as it is written to files: laid out and drawn."""
    with style.applied():
        fig = style.figure()
        import_module(f"spikesweep.figures.{kind}").draw(fig, data, DEFAULTS[kind] | options)
        settle(fig)
        fig.draw_without_rendering()  # texts have their places by then
    return fig


def words(fig) -> str:
    """All that can be read on a figure."""
    return "\n".join(text.get_text() for text, _ in printed(fig))


def hatched(fig) -> list[PolyCollection]:
    return [each for each in fig.findobj(PolyCollection) if each.get_hatch()]


SCATTER = [(dose, (16, 26, 36)[i % 3]) for i, dose in enumerate(np.geomspace(0.1, 1000, 11))]
LONG = "maximal conductance of the transient sodium channel in the axon initial segment"
SWEEPS = {
    "grid": Sweep([DOSE, CELSIUS], failed={7: 2}),
    "zero dose and replicates": Sweep(
        [DOSE | {"values": [0.0, *DOSE["values"]]}, CELSIUS, SEED], failed={3: 1, 30: 5}
    ),
    "scattered": Sweep(
        [DOSE | {"values": [dose for dose, _ in SCATTER]},
         CELSIUS | {"values": [celsius for _, celsius in SCATTER]}],
        grid=False, points=SCATTER, failed={4: 3},
    ),
    "silent": Sweep([DOSE, CELSIUS], silent=True, failed={0: 4}),
    "all failed": Sweep([DOSE, CELSIUS], failed=dict.fromkeys(range(18), 1)),
    "large": Sweep([DOSE | {"values": np.geomspace(0.01, 1000, 21).tolist()},
                    CELSIUS | {"values": list(range(6, 42, 3))}]),
    "names": Sweep([
        {"name": "dose", "unit": "S/cm**2", "long_name": LONG, "values": [1e-5, 2e-5, 4.5e-5]},
        {"name": "celsius", "unit": "", "long_name": "cell model",
         "values": ["CA1 pyramidal neuron", "O-LM interneuron ($)", "dentate granule cell"]},
    ]),
}  # fmt: skip


NAMES = SWEEPS["names"].axes
SWEEPS["scattered names"] = Sweep(
    [axis | {"values": axis["values"] * 2} for axis in NAMES], grid=False, tstop=20_000.0,
    points=[(axis_a, b) for axis_a in NAMES[0]["values"] for b in NAMES[1]["values"][:2]],
)  # fmt: skip
SWEEPS["long and fine"] = Sweep([
    DOSE | {"values": np.linspace(0, 5, 6).tolist()},
    CELSIUS | {"values": [20.001, 20.002, 20.003, 20.004, 20.005]},
], tstop=20_000.0)  # fmt: skip


def segment(section, region, index, start, end, diam, **parameters) -> dict:
    named = {
        f"{axis}{i}": at[k] for i, at in enumerate((start, end)) for k, axis in enumerate("xyz")
    }
    return {"cell": "ball", "section": section, "region": region, "index": index, "x": 0.5,
            **named, "diam": diam, "distance": float(start[0]), **parameters}  # fmt: skip


class Written(dict):
    """What figures of SWEEPS read, by name: each is written, to a new folder, when it is asked."""

    def __init__(self, new_folder):
        self.new_folder = new_folder

    def __missing__(self, name: str) -> FigureData:
        self[name] = replace(SWEEPS[name]).write(self.new_folder("sweep"))
        return self[name]


def write_structure(path: Path) -> FigureData:
    """Write a soma with a bent dendrite of two segments, and a second cell."""
    pd.DataFrame([
        segment("soma", "soma", 0, (0, 0, 0), (20, 0, 0), 20, **{"kdr.gkbar": 0.036}),
        segment("dend", "basal", 0, (20, 0, 0), (120, 0, 0), 2),
        segment("dend", "basal", 1, (120, 0, 0), (120, 60, 80), 2),
        segment("soma", "soma", 0, (0, 0, 0), (5, 0, 0), 5) | {"cell": "other"},
    ]).to_csv(path, index=False)  # fmt: skip
    columns = {"diam": {"unit": "um", "long_name": "diameter"},
               "kdr.gkbar": {"unit": "S/cm2", "long_name": "kdr.gkbar"}}  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps({"columns": columns}))
    return FigureData(structure=path)
