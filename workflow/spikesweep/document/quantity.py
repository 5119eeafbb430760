"""What is recorded, in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """What a trace or a number holds: its unit in NEURON's spelling and its name for labels."""

    unit: str
    long_name: str
