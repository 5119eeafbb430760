"""The division of a cell's sections into segments."""

from collections.abc import Sequence
from math import ceil

from spikesweep.language import document as doc
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.geometry import SectionGeometry
from spikesweep.simulation.nrn import n
from spikesweep.simulation.places import Places

MOST_SEGMENTS = 32767  # NEURON's limit of nseg
FREQUENCY = 100.0  # Hz, of the length constant; Hines & Carnevale (2001)
WHOLE = 1e-9  # by which a formula's value may miss a whole number

Rules = doc.Segments | list[doc.SegmentsRule]


def follows_cable(rules: Rules) -> bool:
    """Return whether the division depends on axial resistivity and capacitance."""
    return any("d_lambda" in rule for rule in _listed(rules))


def divide(cell: Cell, geometry: Sequence[SectionGeometry], rules: Rules, fold: int = 1) -> None:
    """Divide each section into segments, by its own nseg or by the last rule that means it.

    A section that no rule means stays one segment.

    Args:
        cell: of one segment a section.
        rules: one for all sections, or several, each with the names in its "in".
        fold: by which all numbers are multiplied.

    Raises:
        SimulationError: a rule of another kind, or that asks for too many segments.
    """
    rule_of = {
        section: rule
        for rule in _listed(rules)
        for section in (cell.select(rule["in"]) if "in" in rule else cell.sections.values())
    }
    places = Places(cell)
    counts = {}
    for part in geometry:
        section = cell.sections[part.name, part.index]
        rule = rule_of.get(section, {"nseg": 1})
        counts[section] = count = fold * (part.nseg or segment_count(section, rule, places))
        if not 1 <= count <= MOST_SEGMENTS:
            raise SimulationError(
                f"{section.name()}: {count} segments, by the rule {rule}; "
                f"expected 1 to {MOST_SEGMENTS}"
            )
    for section, count in counts.items():  # once all are known: formulas are of undivided sections
        if count != section.nseg:  # setting it costs, also when nothing changes
            section.nseg = count


def segment_count(section, rule: doc.Segments, places: Places) -> int:
    """Return the number of segments of a section by a rule, see `divide`."""
    if "nseg" in rule:
        return _whole(rule["nseg"], section, places)
    if "d_lambda" in rule:
        length_constant = n.lambda_f(FREQUENCY, sec=section)
        return d_lambda_count(section.L, length_constant, rule["d_lambda"])
    if "max_length" in rule:
        return ceil(section.L / rule["max_length"]) | 1  # odd: a segment lies in the middle
    raise SimulationError(f"segments {rule}; expected nseg, d_lambda or max_length")


def d_lambda_count(length: float, length_constant: float, d_lambda: float) -> int:
    """Return the odd number of segments, none longer than d_lambda AC length constants.

    Source: Hines & Carnevale (2001), The Neuroscientist 7:123-135.
    """
    return int((length / (d_lambda * length_constant) + 0.9) / 2) * 2 + 1


def _whole(nseg: doc.Number, section, places: Places) -> int:
    if not isinstance(nseg, str):
        return int(nseg)
    number = places.evaluate(nseg, section(0.5))
    if abs(number - round(number)) > WHOLE:
        raise SimulationError(
            f'{section.name()}: "{nseg}" gives {number:g} segments; expected a whole number: '
            "use floor or ceil"
        )
    return round(number)


def _listed(rules: Rules) -> list[doc.Segments]:
    return rules if isinstance(rules, list) else [rules]
