"""NEURON itself: the one place that imports it.

Importing neuron loads `./x86_64/libnrnmech.so` and whatever NRN_NMODL_PATH names by itself, which
would put mechanisms into a simulation that its key does not know of. So it is imported from an
empty folder, without that variable, and a library is loaded by its name alone. HOC_LIBRARY_PATH,
where HOC code would find files of its own, goes as well.
"""

import ctypes
import os
import tempfile
from functools import cache
from pathlib import Path

from spikesweep.simulation.errors import SimulationError


def _import_neuron():
    os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"  # no display is looked for, nor complained of
    os.environ.pop("NRN_NMODL_PATH", None)
    os.environ.pop("HOC_LIBRARY_PATH", None)
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            from neuron import n
        finally:
            os.chdir(here)
    return n


n = _import_neuron()
Section = type(n.Section(name="any"))
Segment = type(n.Section(name="any")(0.5))


def load_library(path: Path) -> None:
    """Load a compiled mechanism library; a process can do that once for a SUFFIX.

    Raises:
        SimulationError: no such file, or NEURON refuses it.
    """
    try:
        loaded = Path(path).is_file() and n.nrn_load_dll(str(Path(path).resolve()))
    except RuntimeError as error:
        raise SimulationError(f"{path}: NEURON cannot load this library: {error}") from None
    if not loaded:  # 0.0, and no exception, for a file that is missing or no library
        raise SimulationError(f"{path}: NEURON cannot load this library; is it from nrnivmodl?")


def set_seed(seed: int) -> None:
    """Seed the generator of scop_random, as NMODL's set_seed does; HOC has no name for it.

    Raises:
        SimulationError: this NEURON has no such function.
    """
    from neuron import hoc

    try:
        function = ctypes.CDLL(hoc.__file__)._Z8set_seedd  # void set_seed(double)
    except AttributeError:
        raise SimulationError("this NEURON cannot seed exprand and scop_random") from None
    function.argtypes, function.restype = [ctypes.c_double], None
    function(float(seed))


@cache
def density_mechanisms() -> frozenset[str]:
    """Return the names of all mechanisms that can be inserted into sections."""
    return frozenset(_selected_names(n.MechanismType(0)))


@cache
def point_processes() -> frozenset[str]:
    """Return the names of all mechanisms that stand at a point of a section."""
    kinds = n.MechanismType(1)
    return frozenset(
        name for i, name in enumerate(_selected_names(kinds)) if not kinds.is_artificial(i)
    )


@cache
def artificial_cells() -> frozenset[str]:
    """Return the names of all mechanisms that make events and stand nowhere, such as NetStim."""
    kinds = n.MechanismType(1)
    return frozenset(
        name for i, name in enumerate(_selected_names(kinds)) if kinds.is_artificial(i)
    )


@cache
def event_receivers() -> frozenset[str]:
    """Return the names of all point processes that have a NET_RECEIVE block."""
    kinds = n.MechanismType(1)
    return frozenset(
        name for i, name in enumerate(_selected_names(kinds)) if kinds.is_netcon_target(i)
    )


def kind_of(process) -> str:
    """Return the mechanism that a point process or artificial cell is of, such as ExpSyn."""
    return process.hname().partition("[")[0]


@cache
def process_kinds() -> frozenset[str]:
    """Return the names of all point processes and artificial cells."""
    return frozenset(_selected_names(n.MechanismType(1)))


def is_process(thing) -> bool:
    """Return whether something is a point process or an artificial cell."""
    return hasattr(thing, "hname") and kind_of(thing) in process_kinds()


def _selected_names(kinds) -> list[str]:
    names, name = [], n.ref("")
    for i in range(int(kinds.count())):
        kinds.select(i)
        kinds.selected(name)
        names.append(name[0])
    return names


# Which variables of a mechanism, as MechanismStandard counts them.
ANY, PARAMETER, ASSIGNED, STATE = range(4)


@cache
def variable_names(mechanism: str, which: int = ANY) -> tuple[str, ...]:
    """Return a mechanism's RANGE variables without its suffix, such as gnabar of hh."""
    standard = n.MechanismStandard(mechanism, which)
    names, name = [], n.ref("")
    for i in range(int(standard.count())):
        standard.name(name, i)
        names.append(name[0].removesuffix(f"_{mechanism}"))
    return tuple("delay" if name == "del" else name for name in names)  # `del` is Python's own


@cache
def is_ion(mechanism: str) -> bool:
    """Return whether a density mechanism is that of an ion, such as na_ion."""
    kinds = n.MechanismType(0)
    kinds.select(mechanism)
    return bool(kinds.is_ion())


@cache
def random_variables(mechanism: str) -> tuple[str, ...]:
    """Return a mechanism's RANDOM variables, those that are nothing else."""
    if is_ion(mechanism):  # some of whose variables are nothing else, and numbers
        return ()
    others = {
        name for which in (PARAMETER, ASSIGNED, STATE) for name in variable_names(mechanism, which)
    }
    return tuple(name for name in variable_names(mechanism) if name not in others)
