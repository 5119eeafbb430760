"""Concentrations and reversal potentials of ions, and which of them hold.

NEURON decides section by section, by the mechanisms there, what of an ion is given and what is
computed: a concentration that a mechanism writes starts from one value for all cells
(`cai0_ca_ion`), and a reversal potential follows Nernst's equation where a mechanism uses the
concentrations. So what a rule sets may be overwritten when the simulation starts, or never used.
"""

from typing import NamedTuple

from spikesweep.simulation.nrn import n

UNUSED, WRITTEN = 0, 3  # styles of a concentration
COMPUTED = 2  # style of a potential


class Style(NamedTuple):
    """NEURON's ion_style: what of an ion in a section is used, given, or computed."""

    concentration: int
    starts_from_global: bool
    potential: int
    potential_at_start: bool
    potential_at_steps: bool


def ion_of(name: str, section) -> str:
    """Return the ion that a quantity belongs to: na for ena, nai, nao."""
    is_potential = name[0] == "e" and hasattr(section(0.5), f"{name[1:]}_ion")
    return name[1:] if is_potential else name[:-1]


def holds(name: str, section) -> bool:
    """Return whether a value of an ion's quantity has any effect in a section.

    A concentration has none where no mechanism reads or writes it, a reversal potential none where
    it is computed from the concentrations.
    """
    ion = ion_of(name, section)
    style = _style(ion, section)
    return style.potential != COMPUTED if name == f"e{ion}" else style.concentration != UNUSED


def is_written(name: str, section) -> bool:
    """Return whether an ion's quantity is a concentration that a mechanism in a section writes."""
    ion = ion_of(name, section)
    return name != f"e{ion}" and _style(ion, section).concentration == WRITTEN


def keep_concentration(name: str, section) -> None:
    """Have the ion's concentrations in a section start from its own values.

    They are those for all cells first, so that the one outside stays what it was where only that
    inside is set.
    """
    ion = ion_of(name, section)
    style = _style(ion, section)
    if name == f"e{ion}" or not style.starts_from_global:
        return
    for concentration in (f"{ion}i", f"{ion}o"):
        setattr(section, concentration, getattr(n, f"{concentration}0_{ion}_ion"))
    n.ion_style(
        f"{ion}_ion", style.concentration, style.potential,
        style.potential_at_start, style.potential_at_steps, False, sec=section,
    )  # fmt: skip


def _style(ion: str, section) -> Style:
    bits = int(n.ion_style(f"{ion}_ion", sec=section))
    return Style(bits & 3, bool(bits & 4), bits >> 3 & 3, bool(bits & 32), bool(bits & 64))
