"""Reads NMODL files: what a mechanism offers, what its instances share. Nothing is compiled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from spikesweep.mechanisms.code import (
    DECLARATIONS,
    Block,
    Procedure,
    assigned_in_verbatim,
    keeps_static_variables,
    read_procedure,
    split_blocks,
    without_comments,
)
from spikesweep.mechanisms.declarations import (
    Interface,
    Variables,
    read_interface,
    read_variables,
    read_weights,
)
from spikesweep.mechanisms.flow import carried
from spikesweep.mechanisms.mechanism import Mechanism, Variable
from spikesweep.mechanisms.tokens import normalised, read_tokens

# Variables of NEURON's own, which a mechanism may declare without having them.
_OF_NEURON = {"v", "t", "dt", "celsius", "diam", "area"}
_CLOCKS = {"celsius", "dt", "t"}
_CONSTANTS = {"UNITS", "CONSTANT"}
_OF_THE_PLACE = {"v", "diam", "area"}
# They draw from one generator of the whole process, so nocmodl calls them not thread safe.
_SHARED_GENERATOR = {
    *("scop_random", "exprand", "normrand", "poisrand", "poisson", "gauss"),
    *("set_seed", "setseed"),
}
_RANDOM_IN_VERBATIM = re.compile(r"random|nrnran|\bd?rand(?:48)?\s*\(|mt19937", re.IGNORECASE)


def read_mechanism(path: Path) -> tuple[Mechanism, tuple[Path, ...]]:
    """Read an NMODL file; return its mechanism and all files that were read.

    The reader asks for no more than it needs: what else is wrong in a source, nrnivmodl says.

    Raises:
        UserError: unreadable, no mechanism named, an INCLUDE not found, a block without an end.
    """
    tokens, files = read_tokens(path)
    blocks, loose = split_blocks(tokens)
    verbatim = [token for token in tokens if token.kind == "verbatim"]
    source = _Source(
        read_interface(path, blocks),
        read_variables(blocks, loose),
        [read_procedure(block) for block in blocks if block.keyword not in DECLARATIONS],
        [token.text for token in verbatim],
        blocks,
    )
    interface = source.interface
    mechanism = Mechanism(
        name=path.stem if source.is_functions else interface.name,
        kind="functions" if source.is_functions else interface.kind,
        parameters={v.name: v for v in source.parameters()},
        recordable={v.name: v for v in source.recordable()},
        globals={v.name: v for v in source.globals()},
        nonspecific=interface.listed("NONSPECIFIC_CURRENT"),
        ions=interface.ions,
        pointers=interface.listed("POINTER", "BBCOREPOINTER"),
        unset_pointers=source.unset_pointers,
        random=source.random,
        draws_itself=source.draws_itself,
        writes_global=source.writes_global,
        pack_hazards=tuple(source.pack_hazards()),
        receives=any(block.keyword == "NET_RECEIVE" for block in blocks),
        weights=read_weights(blocks),
        external=source.external,
        file=path,
        line=interface.line,
        verbatim=tuple((token.file, token.line, token.text) for token in verbatim),
        source=normalised(tokens),
    )
    return mechanism, files


@dataclass(frozen=True)
class _Source:
    """The parts of a file that say what kind of variable each of its names is.

    As nocmodl has it: PARAMETERs that are RANGE belong to the instance, others are GLOBAL;
    ASSIGNED variables and STATEs belong to the instance, unless declared GLOBAL; variables
    LOCAL to the file are shared by all instances; ions and NEURON have their own.
    """

    interface: Interface
    variables: Variables
    procedures: list[Procedure]
    verbatim: list[str]
    blocks: list[Block]

    @property
    def is_functions(self) -> bool:
        return self.interface.kind == "density" and self.interface.name == "nothing"

    @cached_property
    def _foreign(self) -> set[str]:
        """Names of variables that belong to NEURON, to an ion, or to what a pointer points to."""
        ions = self.interface.ions
        of_ions = {
            name
            for ion in ions
            for name in (*ion.reads, *ion.writes)
            if name != f"i{ion.name}"  # a current that is RANGE as well is shown for itself
        }
        return _OF_NEURON | of_ions | set(self.interface.listed("POINTER", "BBCOREPOINTER"))

    @cached_property
    def _range(self) -> set[str]:
        keywords = ("RANGE", "NONSPECIFIC_CURRENT", "ELECTRODE_CURRENT")
        return set(self.interface.listed(*keywords)) - self._foreign

    @cached_property
    def _global_parameters(self) -> list[Variable]:
        of_ions = {f"i{ion.name}" for ion in self.interface.ions}
        not_global = self._range | self._foreign | of_ions | set(self.interface.listed("EXTERNAL"))
        return [v for v in self.variables.parameters.values() if v.name not in not_global]

    def parameters(self) -> Iterator[Variable]:
        """Yield what can be set in each instance."""
        yield from (v for v in self.variables.parameters.values() if v.name in self._range)

    def recordable(self) -> Iterator[Variable]:
        """Yield what else each instance shows."""
        yield from (v for v in self.variables.assigned.values() if v.name in self._range)
        yield from (v for v in self.variables.states.values() if v.name not in self._foreign)

    def globals(self) -> Iterator[Variable]:
        """Yield what can be set for all instances, under the names that NEURON gives it."""
        ending = "" if self.is_functions else f"_{self.interface.name}"
        for v in self._global_parameters:
            yield Variable(f"{v.name}{ending}", v.unit, v.default, v.size)
        settable = set(self.interface.listed("GLOBAL")) - set(self.writes_global) - self._foreign
        for v in self.variables.assigned.values():
            if v.name in settable:  # nothing else gives it a value
                yield Variable(f"{v.name}{ending}", v.unit, 0.0, v.size)
        if self.table:
            yield Variable(f"usetable{ending}", default=1.0)

    @property
    def table(self) -> bool:
        return any(p.table is not None for p in self.procedures)

    @cached_property
    def _used(self) -> set[str]:
        return set().union(*(p.used for p in self.procedures))

    @property
    def random(self) -> bool:
        return bool(self.interface.lists["RANDOM"]) or self.draws_itself

    @property
    def draws_itself(self) -> bool:
        return bool(self._used & _SHARED_GENERATOR) or self._draws_in_verbatim

    @property
    def _draws_in_verbatim(self) -> bool:
        return any(_RANDOM_IN_VERBATIM.search(text) for text in self.verbatim)

    @property
    def unset_pointers(self) -> tuple[str, ...]:
        """The POINTERs that the code follows; those that VERBATIM code alone manages are its own
        business: it names the place that holds them, as `_p_ptr`."""
        verbatim = " ".join(map(without_comments, self.verbatim))
        used = self._used | set().union(*(p.assigned for p in self.procedures))
        return tuple(
            name
            for name in self.interface.listed("POINTER")
            if name in used or re.search(rf"\b{re.escape(name)}\b", verbatim)
        )

    @property
    def external(self) -> bool:
        return bool(self.interface.lists["EXTERNAL"]) or any(
            re.search(r"\bextern\b", text) for text in self.verbatim
        )

    @cached_property
    def writes_global(self) -> tuple[str, ...]:
        shared = {v.name for v in self._global_parameters} | self.variables.local
        shared |= {*self.interface.listed("GLOBAL", "EXTERNAL"), *_CLOCKS}
        assigned = set().union(*(p.assigned for p in self.procedures))
        assigned |= set().union(*(assigned_in_verbatim(text, shared) for text in self.verbatim))
        return tuple(sorted(assigned & shared))

    @cached_property
    def carries(self) -> tuple[str, ...]:
        """Shared variables that the code assigns, and by which one instance may change another."""
        beyond = {*self.interface.listed("EXTERNAL"), *_CLOCKS}  # which others read
        shared = set(self.writes_global) - beyond
        constant = {v.name for v in self._global_parameters} - set(self.writes_global)
        constant |= {token.text for b in self.blocks if b.keyword in _CONSTANTS for token in b.body}
        found = carried(self.blocks, shared, constant | {"celsius", "dt"} - set(self.writes_global))
        return tuple(sorted(found | (set(self.writes_global) & beyond)))

    def pack_hazards(self) -> Iterator[str]:
        """Yield why instances of different simulations may not share a process."""
        if self.carries:
            yield (
                f"its code assigns {', '.join(self.carries)}, which all instances share, and may "
                "read there what another has left"
            )
        if inputs := self._table_inputs():
            yield f"its TABLE, which all instances share, is made from {', '.join(sorted(inputs))}"
        if drawn := self._used & _SHARED_GENERATOR:
            yield f"{', '.join(sorted(drawn))} has one generator for all instances"
        if self._draws_in_verbatim:
            yield "its VERBATIM code draws random numbers itself, by one seed for all instances"
        if any(keeps_static_variables(text) for text in self.verbatim):
            yield "its VERBATIM code keeps static variables, which all instances share"

    def _table_inputs(self) -> set[str]:
        """Return the variables of an instance that its tables, one for all instances, depend on.

        Whichever instance comes first fills the table, DEPEND or not.
        """
        variables = self.variables
        own = {*variables.parameters, *variables.assigned, *variables.states, *self._foreign}
        own -= {v.name for v in self._global_parameters}
        own -= set(self.interface.listed("GLOBAL", "EXTERNAL"))
        own -= _OF_NEURON - _OF_THE_PLACE
        inputs: set[str] = set()
        for procedure in self.procedures:
            if procedure.table is not None:
                called = self._with_called(procedure)
                read = set().union(*(p.used for p in called))
                inputs |= read - procedure.table - set().union(*(p.assigned for p in called))
        return inputs & own

    def _with_called(self, procedure: Procedure) -> list[Procedure]:
        """Return a procedure with all that it calls, however far."""
        by_name = {p.name: p for p in self.procedures}
        found, waiting = [], [procedure]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.append(current)
                waiting += [by_name[name] for name in current.used if name in by_name]
        return found
