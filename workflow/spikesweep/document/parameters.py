"""The parameters of a sweep: numbers with names, of which its expressions may speak."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from spikesweep.errors import UserError
from spikesweep.language.expressions import (
    CONSTANTS,
    COPY_VARIABLES,
    FUNCTIONS,
    SEGMENT_VARIABLES,
    ExpressionError,
    compile_expression,
)
from spikesweep.language.units import to_neuron_unit, to_number
from spikesweep.sweepfile.quantities import is_expression

# Names that mean something else in an expression somewhere; t is the time.
TAKEN = frozenset({*CONSTANTS, *FUNCTIONS, *SEGMENT_VARIABLES, *COPY_VARIABLES, "t"})


@dataclass
class Parameters:
    """The sweep's parameters, in NEURON's unit of their kind.

    used: those that an expression speaks of. Documents hold them alone, since no other changes
        a result.
    """

    values: dict[str, float] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def check(self, text: str, variables: Iterable[str], place: str) -> str:
        """Return an expression in one spelling; notes the parameters that it speaks of.

        Args:
            variables: what it may speak of beside them.

        Raises:
            UserError: it is none.
        """
        try:
            expression = compile_expression(text, [*variables, *self.values])
        except ExpressionError as error:
            raise UserError(
                f'{place}: "{text}" is neither a quantity nor an expression: {error}'
            ) from None
        self.used |= expression.names & self.values.keys()
        return " ".join(text.split())

    def resolve(self, value: float | str, unit: str, place: str) -> float | str:
        """Return a number in `unit`, or an expression that is checked but not yet evaluated."""
        if is_expression(value):
            return self.check(str(value), SEGMENT_VARIABLES, place)
        return to_number(value, unit, place)

    @property
    def document(self) -> dict[str, float]:
        """What the document holds of them: those that are used."""
        return {name: value for name, value in self.values.items() if name in self.used}


def read_parameters(written: Mapping[str, float | str], place: str) -> Parameters:
    """Return the parameters that a sweep file writes.

    Raises:
        UserError: a name that is taken, or a value that is no quantity.
    """
    parameters = Parameters()
    for name, value in written.items():
        if name in TAKEN:
            raise UserError(
                f'{place}: "{name}" has a meaning of its own in expressions; expected another name'
            )
        parameters.values[name], parameters.units[name] = to_neuron_unit(value, f"{place}.{name}")
    return parameters
