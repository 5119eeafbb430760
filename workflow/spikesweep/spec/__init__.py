"""What a sweep is: the contents of `config/sweeps/<name>.yaml`, typed and validated."""

from spikesweep.spec.reading import read_sweep
from spikesweep.spec.sweep import Sweep

__all__ = ["Sweep", "read_sweep"]
