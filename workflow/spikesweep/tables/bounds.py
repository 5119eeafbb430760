"""Judging simulations that ran to their end: are their membrane potentials possible?

NEURON integrates a negative conductance to -498 mV, and an absurd current to 4e6 mV, without a
word. The judgement reads the extremes that the dataset holds, over every step of integration; so
its bounds are in no key, and other bounds simulate nothing again.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import h5py

UNPHYSICAL = "unphysical"
Bounds = Mapping[str, Sequence[float]]  # trace of a membrane potential -> lowest, highest (mV)


def unphysical(dataset: "h5py.File", bounds: Bounds) -> dict[int, str]:
    """Return the simulations whose potentials leave their bounds: position -> what was found.

    Simulations stand in the order of the dataset. One without extremes, since it failed or
    records no potential, is not judged.
    """
    found: dict[int, str] = {}
    for trace, (lowest, highest) in bounds.items():
        low, high = (dataset[f"{trace}_{end}"][...].ravel() for end in ("min", "max"))
        for position in ((low < lowest) | (high > highest)).nonzero()[0].tolist():
            found.setdefault(
                position,
                f"{trace} runs from {low[position]:.6g} to {high[position]:.6g} mV; "
                f"bounds: {lowest:g} to {highest:g} mV",
            )
    return found
