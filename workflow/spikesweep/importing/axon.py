"""The stub that stands in for a traced axon, as wide as what it replaces."""

import tempfile
from pathlib import Path
from typing import Any

from spikesweep.morphology.reading import Morphology, write_normalised

LENGTH = 30  # um, of each of two cylinders
SEGMENTS = {"nseg": "1 + 2 * floor(L / 40)"}
FAR = 60  # um from the soma, from where the second takes its diameter


def stub(parent: str, diameters: tuple[float, float] = (1.0, 1.0)) -> dict[str, Any]:
    """Return a stub as a sweep file writes it."""
    return {"stub": [{"L": LENGTH, "diam": diam} for diam in diameters], "parent": parent}


def stub_diameters(morphology: Morphology) -> tuple[float, float]:
    """Return the diameters (um) of a stub: that of the first section of the axon, and that of the
    first whose middle is further than 60 um from the soma's; 1 um where there is no axon.

    That is BluePyOpt's rule (Van Geit et al. 2016, replace_axon), and that of the Allen
    Institute's all-active models. The diameter of a section is that of its middle segment, of
    the segments that both give it first, one and two more for each 40 um.
    """
    from spikesweep.jobs.structure import structure  # which imports NEURON
    from spikesweep.simulation.simulator import Simulator

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cell.{morphology.format}"
        write_normalised(morphology, path)
        document: Any = {
            "cells": {
                "cell": {
                    "morphology": {"format": morphology.format, "sha256": morphology.sha256},
                    "segments": SEGMENTS,
                    "biophysics": [],
                }
            },
            "protocol": {"celsius": 6.3, "v_init": -65.0, "tstop": 1.0, "dt": 0.025, "globals": {},
                         "processes": {}, "connections": {}},
        }  # fmt: skip
        rows = structure(document, Simulator(morphologies={morphology.sha256: path}))
    axon = [row for row in rows if row["region"] == "axon" and row["x"] == 0.5]
    if not axon:
        return 1.0, 1.0
    far = next((row for row in axon if row["distance"] > FAR), axon[0])
    return float(axon[0]["diam"]), float(far["diam"])
