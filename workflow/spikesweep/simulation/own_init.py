"""A model's own init(), which runs once in place of NEURON's initialisation.

What the sweep sets must still stand when it has run: each value is read back.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from spikesweep.language import document as doc
from spikesweep.language.names import split
from spikesweep.simulation.adjustments import adjusted
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.code_models import CodeCell, seed_made, what_draws
from spikesweep.simulation.copies import expand_cells, expand_processes
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.globals import RUN_VARIABLES, hold_protocol
from spikesweep.simulation.ions import is_written
from spikesweep.simulation.nrn import is_ion, n
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.variables import get_variable

# Type 3 of FInitializeHandler: before all else, while the model may still change.
_BEFORE_ALL = 3

Values = Iterator[tuple[str, float]]


def has_init(document: doc.Document) -> bool:
    """Return whether an init() of the model's own initialises a simulation."""
    return any("initialise" in cell for cell in document["cells"].values())


def run_init(simulation: Simulation, document: doc.Document, watch: Callable[[], None]) -> None:
    """Run init() of the code of a simulation's cell.

    Args:
        watch: called once, when init() first calls finitialize: what it has inserted by then can
            be recorded.

    Raises:
        SimulationError: init() fails, calls no finitialize, makes or deletes sections, or changes
            a value that the document sets.
    """
    cell = next(
        simulation.cells[name]
        for name, cell in expand_cells(document["cells"]).items()
        if "initialise" in cell
    )
    hold_protocol(document["protocol"])
    sections, before = set(n.allsec()), dict(_set_values(simulation, document))
    failures = _call_init(cell, document, watch)
    if not _are_all(sections):
        raise SimulationError(
            "init() makes or deletes sections; expected that where the cell is built"
        )
    if failures:
        raise failures[0]
    after = dict(_set_values(simulation, document))
    for what, value in before.items():
        now = after.get(what)
        if now != value:
            became = "nothing that is there" if now is None else f"{now:.15g}"
            raise SimulationError(
                f"init() changed {what} from {value:.15g} to {became}, which the sweep sets, in "
                "its file or by default; expected one of them to set it"
            )


def _are_all(sections: set) -> bool:
    """Return whether these are all sections that there are."""
    try:
        return set(n.allsec()) == sections
    except ReferenceError:  # of a deleted one
        return False


def _call_init(
    cell: CodeCell, document: doc.Document, watch: Callable[[], None]
) -> list[Exception]:
    """Call init(), and return what went wrong in what comes before NEURON initialises."""
    failures: list[Exception] = []
    calls = 0
    made = what_draws(cell)

    def begin() -> None:  # an exception would only be printed by NEURON
        nonlocal calls
        try:
            if not calls:
                watch()
            seed_made(cell, made, document.get("seed", 0))
        except Exception as error:
            failures.append(error)
        calls += 1

    handler = n.FInitializeHandler(_BEFORE_ALL, begin)
    with cell.home.running():
        n.init()
    del handler
    if not calls:
        raise SimulationError("init() calls no finitialize, without which nothing is initialised")
    return failures


def _set_values(simulation: Simulation, document: doc.Document) -> Values:
    """Yield all that the document sets and that NEURON can tell: what it is, and its value."""
    yield from _globals(document["protocol"])
    for name, written in expand_cells(document["cells"]).items():
        cell = simulation.cells[name]
        yield from (
            (f"{what} ({name})", value) for what, value in _of_cell(cell, written, document)
        )
    yield from _of_processes(simulation, document)
    for number, netcon in enumerate(chain(*simulation.connections.values())):
        yield f"delay of connection {number}", netcon.delay
        yield f"threshold of connection {number}", netcon.threshold
        yield f"weight of connection {number}", netcon.weight[0]


def _globals(protocol: doc.Protocol) -> Values:
    cvode = n.CVode()
    yield "cvode", float(cvode.active())
    yield from {"celsius": n.celsius, "secondorder": n.secondorder}.items()
    if "cvode" in protocol:
        yield from {"cvode.atol": cvode.atol(), "cvode.rtol": cvode.rtol()}.items()
    else:
        yield "dt", n.dt
    names = [*protocol.get("globals", {}), *RUN_VARIABLES]
    yield from ((name, getattr(n, name)) for name in names)


def _of_cell(cell: Cell, written: doc.Cell, document: doc.Document) -> Values:
    played = {p["into"]["variable"] for p in document["protocol"].get("play", {}).values()}
    yield from ((name, getattr(n, name)) for name in written.get("globals", {}))
    yield from adjusted(cell, written)
    for rule in written.get("biophysics", []):
        for section in cell.select(rule["in"], rule.get("within", ())):
            for segment in section:
                for what, value in _of_rule(rule, segment):
                    if what not in played:
                        yield f"{what} of {segment}", value


def _of_rule(rule: doc.Rule, segment) -> Values:
    """Yield what a rule sets at a segment; no concentration that mechanisms write."""
    if "Ra" in rule:
        yield "Ra", segment.sec.Ra
    if "cm" in rule:
        yield "cm", segment.cm
    ions = list(rule.get("ions", {}))
    for mechanism, parameters in rule.get("insert", {}).items():
        if is_ion(mechanism):
            ions += parameters
            continue
        for name in parameters:
            yield f"{mechanism}.{name}", get_variable(segment, mechanism, name)
    for name in ions:
        if hasattr(segment, name) and not is_written(name, segment.sec):
            yield name, getattr(segment, name)


def _of_processes(simulation: Simulation, document: doc.Document) -> Values:
    protocol = document["protocol"]
    into = [waveform["into"] for waveform in protocol.get("play", {}).values()]
    played = {(v["process"], v["variable"]) for v in into if "process" in v}
    written = expand_processes(protocol.get("processes", {}), document["cells"])
    for name, process in written.items():
        for parameter, value in process.get("parameters", {}).items():
            if {(name, parameter), (split(name)[0], parameter)} & played:
                continue
            found = getattr(simulation.processes[name], parameter)
            if isinstance(value, list):
                yield from ((f"{parameter}[{i}] of {name}", found[i]) for i in range(len(value)))
            else:
                yield f"{parameter} of {name}", found
