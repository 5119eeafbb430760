"""What is wrong with a simulation."""


class SimulationError(Exception):
    """A simulation cannot be built or run; one sentence says what in its document is wrong."""


def describe(error: Exception) -> str:
    """Return the sentence of a SimulationError, or the kind and words of any other exception."""
    if isinstance(error, SimulationError):
        return str(error)
    return f"{type(error).__name__}: {error}"
