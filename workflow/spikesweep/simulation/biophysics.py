"""Biophysics: what is inserted in which sections, and the parameters there."""

from collections.abc import Sequence
from math import isfinite

from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.language.names import split
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.ions import holds, ion_of, keep_concentration
from spikesweep.simulation.nrn import PARAMETER, density_mechanisms, is_ion, n, variable_names
from spikesweep.simulation.places import Places
from spikesweep.simulation.variables import elements, full_names, set_variable


def insert_mechanisms(cell: Cell, rules: Sequence[doc.Rule]) -> None:
    """Insert all mechanisms that the rules name, each in the sections of its rule.

    Raises:
        SimulationError: an unknown mechanism or region.
    """
    for rule in rules:
        sections = _sections(cell, rule) if rule.get("insert") else []
        for mechanism in rule.get("insert", ()):
            if mechanism not in density_mechanisms():
                raise SimulationError(
                    f'no density mechanism is called "{mechanism}"'
                    f"{nearest(mechanism, density_mechanisms())}"
                )
            for section in sections:
                section.insert(mechanism)


def set_ion_styles(cell: Cell, rules: Sequence[doc.Rule]) -> None:
    """Set which quantities of an ion are given and which computed, by NEURON's ion_style.

    Raises:
        SimulationError: a section in which no mechanism uses the ion.
    """
    for rule in rules:
        for ion, style in rule.get("ion_style", {}).items():
            for section in _sections(cell, rule):
                if not section.has_membrane(f"{ion}_ion"):
                    raise SimulationError(
                        f"ion_style of {ion}: no mechanism inserted in {section.name()} uses this "
                        "ion; expected sections where one does"
                    )
                n.ion_style(f"{ion}_ion", *style, sec=section)


def set_cable(cell: Cell, rules: Sequence[doc.Rule]) -> None:
    """Set axial resistivity (ohm cm) and membrane capacitance (uF/cm2), rule by rule.

    An expression of Ra, which a section has but one of, is taken at the section's middle.

    Raises:
        SimulationError: an unknown region, or a value that is not positive or has none.
    """
    places = Places(cell)
    for rule in rules:
        for section in _sections(cell, rule) if {"Ra", "cm"} & rule.keys() else ():
            if "Ra" in rule:
                section.Ra = _number(rule["Ra"], places, section(0.5), "Ra")
            if "cm" in rule:
                _set(section, "cm", rule["cm"], places)


def set_parameters(cell: Cell, rules: Sequence[doc.Rule]) -> None:
    """Set parameters of mechanisms and ions, rule by rule; a later one overrides.

    Raises:
        SimulationError: an unknown parameter, a rule's ion that no section of it has, or an
            expression without a value.
    """
    places = Places(cell)
    for rule in rules:
        sections = _sections(cell, rule)
        for mechanism, parameters in rule.get("insert", {}).items():
            for name, value in parameters.items():
                for section in sections:
                    _set_parameter(section, mechanism, name, value, places)
        for name, value in rule.get("ions", {}).items():
            _set_ion(sections, name, value, places)


def _sections(cell: Cell, rule: doc.Rule) -> list:
    return cell.select(rule["in"], rule.get("within", ()))


def _set_parameter(section, mechanism: str, name: str, value: doc.Number, places: Places) -> None:
    base, index = split(name)
    full, size = full_names(mechanism).get(base, ("", 0))
    if (size != 1) if index is None else (index >= size):
        known = elements(mechanism, variable_names(mechanism, PARAMETER))
        raise SimulationError(
            f'{mechanism} has no RANGE parameter "{name}"{nearest(name, known)} '
            f"(it has: {', '.join(known) or 'none'})"
        )
    if is_ion(mechanism):
        _set_ion([section], name, value, places)
    elif index is None:
        _set(section, full, value, places)
    else:
        for segment in section:
            set_variable(segment, mechanism, name, _number(value, places, segment, name))


def _set_ion(sections: list, name: str, value: doc.Number, places: Places) -> None:
    """Set a quantity of an ion where it is used; a rule may reach further than its mechanisms."""
    having = [section for section in sections if hasattr(section(0.5), name)]
    if sections and not having:
        raise SimulationError(
            f'ion parameter "{name}": no mechanism inserted in {sections[0].name()} '
            f"or any other section of its rule uses such an ion"
        )
    holding = [section for section in having if holds(name, section)]
    if having and not holding:
        what = (
            "NEURON computes it there from the concentrations, which a mechanism reads or writes"
            if name == f"e{ion_of(name, having[0])}"
            else "no mechanism there reads or writes the concentration"
        )
        raise SimulationError(
            f'ion parameter "{name}" has no effect in {having[0].name()} or any other section of '
            f"its rule: {what}"
        )
    for section in holding:
        keep_concentration(name, section)
        _set(section, name, value, places)


def _set(section, name: str, value: doc.Number, places: Places) -> None:
    """Set a range variable all along a section, or segment by segment."""
    if isinstance(value, str):
        for segment in section:
            setattr(segment, name, _number(value, places, segment, name))
    else:
        setattr(section, name, _number(value, places, None, name))


def _number(value: doc.Number, places: Places, segment, name: str) -> float:
    """Return a value at a segment; NEURON itself would take NaN."""
    if isinstance(value, str):
        try:
            return places.evaluate(value, segment)
        except SimulationError as error:
            raise SimulationError(f"{name} at {error}") from None
    if not isfinite(value):
        raise SimulationError(f"{name} = {value}; expected a finite number")
    return value
