"""What a sweep is: the contents of a sweep file, typed and validated."""

from spikesweep.spec.reading import read_sweep
from spikesweep.spec.sweep import Sweep

__all__ = ["Sweep", "read_sweep"]
