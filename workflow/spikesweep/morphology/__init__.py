"""Morphologies, read and checked before NEURON sees them.

What NEURON would accept in silence, or die of, is refused here with file and line.
"""

from spikesweep.morphology.asc import read_asc
from spikesweep.morphology.morphology import Morphology, Point, region, write_normalised
from spikesweep.morphology.swc import read_swc

__all__ = ["Morphology", "Point", "read_asc", "read_swc", "region", "write_normalised"]
