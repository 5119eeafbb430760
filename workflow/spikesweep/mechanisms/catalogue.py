"""The mechanisms that a sweep can use, its set's and NEURON's own, found by name or refused."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from spikesweep.errors import UserError, listing, suggest
from spikesweep.language.names import split
from spikesweep.mechanisms.builtin import BUILTIN, ion
from spikesweep.mechanisms.mechanism import Mechanism, Variable
from spikesweep.mechanisms.sets import (
    MechanismSet,
    order_of_files,
    read_set,
    set_folder,
    set_sources,
    source_hashes,
)

# What every ion <x> brings: NEURON's names and units.
_ION_VARIABLES = (("e{}", "mV"), ("{}i", "mM"), ("{}o", "mM"), ("i{}", "mA/cm2"))
# What NEURON keeps on segments that have extracellular.
_OF_EXTRACELLULAR = ("e_extracellular", "i_membrane", "vext", "xc", "xg", "xraxial")
_OWN_IONS = ("na", "k", "ca")


@dataclass(frozen=True)
class Catalogue:
    """NEURON's own mechanisms and those of one set."""

    set_name: str | None = None
    own: MechanismSet | None = None
    known: dict[str, Mechanism] = field(default_factory=dict)

    @property
    def set_sources(self) -> dict[str, str]:
        """The hashes of the set's sources: what the library that they compile to depends on."""
        return set_sources(self.own)

    @property
    def sources(self) -> list[str]:
        """The set's files, as paths relative to the project."""
        return [str(path) for path in self.own.files] if self.own else []

    def density(self, name: str, place: str) -> Mechanism:
        """Return the density mechanism that can be inserted under a name."""
        return self._find(name, ("density",), "density mechanism", place)

    def point(self, name: str, place: str) -> Mechanism:
        """Return the point process, or artificial cell, of a name."""
        return self._find(name, ("point", "artificial"), "point process", place)

    def _find(self, name: str, kinds: tuple[str, ...], what: str, place: str) -> Mechanism:
        mechanism = self.known.get(name)
        if mechanism is not None and mechanism.kind in kinds:
            return mechanism
        known = [m.name for m in self.known.values() if m.kind in kinds]
        if mechanism is not None:
            raise UserError(
                f'{place}: "{name}" is no {what}; expected one of: {listing(known, 30)}'
            )
        where = f"the set {self.set_name}" if self.set_name else "no mechanism set"
        raise UserError(
            f'{place}: no {what} is named "{name}"{suggest(name, known)} '
            f"(NEURON's own and {where}: {listing(known, 30)}); expected one of these, or "
            "`model.mechanisms` to name the set, a folder of mod/ or default, that has it"
        )

    def parameter(self, mechanism: Mechanism, name: str, place: str) -> Variable:
        """Return a parameter that is one number and can be set, or an element: `xg[1]`."""
        base, index = split(name)
        return _number(self.number_or_array(mechanism, base, place), index, mechanism, place)

    def check_pointers(
        self, mechanism: Mechanism, place: str, are_set: Collection[str] = ()
    ) -> None:
        """Refuse a mechanism whose code follows a POINTER that is not set."""
        if left := [name for name in mechanism.unset_pointers if name not in are_set]:
            of = "" if mechanism.kind == "point" else f"{mechanism.name}: {{"
            raise UserError(
                f"{place}: {mechanism.name} has the POINTER {listing(left)}, "
                "which nothing here sets: NEURON would crash. Expected "
                f"`pointers: {{{of}{left[0]}: ...}}{'}' if of else ''}`, such as cell.soma(0.5).v, "
                "or a cell of a Python class that makes it and points it somewhere, as in "
                "docs/bringing_your_model.md"
            )

    def followed_pointers(self) -> list[str]:
        """Return the POINTERs that mechanisms of the set follow, `gap.vgap`: NEURON crashes where
        one is unset."""
        of = self.own.mechanisms if self.own else {}
        return [f"{name}.{pointer}" for name in sorted(of) for pointer in of[name].unset_pointers]

    def number_or_array(self, mechanism: Mechanism, name: str, place: str) -> Variable:
        """Return a parameter that can be set, of any size."""
        if name in mechanism.parameters:
            return mechanism.parameters[name]
        known = mechanism.parameters
        if name in mechanism.recordable:
            what = f"is computed by {mechanism.name} and cannot be set"
        elif name in mechanism.pointers:
            what = f"is a POINTER of {mechanism.name}: set it by `pointers`"
        elif any(name == full.removesuffix(f"_{mechanism.name}") for full in mechanism.globals):
            what = (
                f"is a GLOBAL of {mechanism.name}, one for all cells: "
                f"set protocol.globals.{name}_{mechanism.name}"
            )
        else:
            what = f"is no parameter of {mechanism.name}{suggest(name, known)}"
        raise UserError(f'{place}: "{name}" {what} (parameters: {listing(known, 30)})')

    def recordable(self, mechanism: Mechanism, name: str, place: str) -> str:
        """Return the unit of what can be recorded of a mechanism: of a number, or an element."""
        known = {**mechanism.parameters, **mechanism.recordable}
        base, index = split(name)
        if base not in known:
            raise UserError(
                f'{place}: {mechanism.name} has no variable "{name}"{suggest(name, known)} '
                f"(it has: {listing(known, 30)})"
            )
        return _number(known[base], index, mechanism, place).unit

    def global_parameter(self, name: str, place: str) -> Variable:
        """Return a GLOBAL under NEURON's name for it: `usetable_hh`."""
        known = {n: v for m in self.known.values() for n, v in m.globals.items()}
        known |= self.own.globals if self.own else {}
        if name not in known:
            raise UserError(
                f'{place}: no mechanism has a GLOBAL named "{name}"{suggest(name, known)} '
                f"(there are: {listing(known, 30)})"
            )
        return known[name]

    def ion(self, name: str, place: str) -> str:
        """Return the name of an ion, such as ca; refuses one that no mechanism uses."""
        known = {ion.name for m in self.known.values() for ion in m.ions} | set(_OWN_IONS)
        if name not in known:
            raise UserError(
                f'{place}: no mechanism uses an ion "{name}"{suggest(name, known)} '
                f"(there are: {listing(known)})"
            )
        return name

    def ion_unit(self, name: str, place: str) -> str:
        """Return the unit of an ion's reversal potential or concentration."""
        units = {n: u for n, u in self._ion_variables().items() if not n.startswith("i")}
        if name not in units:
            _refuse_extracellular(name, place)
            raise UserError(
                f'{place}: "{name}"{suggest(name, units)} is no reversal potential or '
                f"concentration; expected one of: {listing(units, 30)}"
            )
        return units[name]

    def unit_by_name(self, name: str, place: str, recorded: bool = False) -> str | None:
        """Return the unit of an ion's quantity, or of a variable of point processes, by its name.

        It is None where point processes differ in it. What is only computed counts if `recorded`,
        and arrays never do.

        Raises:
            UserError: there is no such ion, and no point process has such a variable.
        """
        points = [m for m in self.known.values() if m.kind in ("point", "artificial")]
        units = {} if recorded else {n: {u} for n, u in self._ion_variables().items()}
        for mechanism in points:
            computed = mechanism.recordable.values() if recorded else ()
            for variable in (*mechanism.parameters.values(), *computed):
                if variable.size == 1:
                    units.setdefault(variable.name, set()).add(variable.unit)
        if name not in units:
            raise UserError(
                f'{place}: "{name}" is no variable of a point process'
                f"{'' if recorded else ', quantity of a section or of an ion'}"
                f"{suggest(name, units)}"
            )
        return min(units[name]) if len(units[name]) == 1 else None

    def ion_variable(self, name: str, inserted: Iterable[str], place: str) -> str:
        """Return the unit of a variable of an ion that the inserted mechanisms use."""
        used = {ion.name for m in inserted for ion in self.known[m].ions}
        if set(inserted) == self.density_names:  # code has built the cell: with rxd, for one
            used.update(_OWN_IONS)
        units = {n: u for n, u in self._ion_variables().items() if n[1:] in used or n[:-1] in used}
        if name not in units:
            _refuse_extracellular(name, place)
            raise UserError(
                f'{place}: the cell has no variable "{name}"{suggest(name, units)}; expected v, '
                f"<mechanism>.<variable> or one of: {listing(units, 30) or 'no ion is used here'}"
            )
        return units[name]

    def _ion_variables(self) -> dict[str, str]:
        ions = {ion.name for m in self.known.values() for ion in m.ions} | set(_OWN_IONS)
        return {form.format(ion): unit for ion in ions for form, unit in _ION_VARIABLES}

    def source_hashes(self, used: Iterable[str] | None) -> dict[str, str]:
        """Return the hash of the source of each used mechanism that NEURON does not bring.

        Args:
            used: None where that is not known, so that it can be all.
        """
        if self.own is None:
            return {}
        return set_sources(self.own) if used is None else source_hashes(self.own, used)

    def order(self, used: Iterable[str] | None) -> list[str]:
        """Return the used mechanisms of the set in the order of their files, where that is not the
        order of their names.

        Args:
            used: None where that is not known, so that it can be all.
        """
        if self.own is None:
            return []
        files = order_of_files(self.own, self.own.mechanisms if used is None else used)
        return files if files != sorted(files) else []

    @property
    def own_names(self) -> set[str]:
        """The names of the set's mechanisms."""
        return set(self.own.mechanisms) if self.own else set()

    @property
    def density_names(self) -> set[str]:
        """The names of all density mechanisms."""
        return {name for name, m in self.known.items() if m.kind == "density"}

    def nonspecific_currents(self, used: Iterable[str]) -> dict[str, list[str]]:
        """Return the currents of no ion that each of these mechanisms has, if any."""
        currents = {name: list(self.known[name].nonspecific) for name in sorted(used)}
        return {name: own for name, own in currents.items() if own}

    def parameter_units(self, used: Iterable[str]) -> dict[str, str]:
        """Return the unit of each parameter of the used mechanisms: `kdr.gkbar` -> S/cm2.

        Those of the ions that they use are among them: `na_ion.ena`.
        """
        ions = {f"{own.name}_ion" for name in used for own in self.known[name].ions}
        return {
            f"{name}.{parameter}": variable.unit
            for name in sorted({*used, *ions})
            for variable in self._with_ions(name).parameters.values()
            for parameter in variable.elements
        }

    def _with_ions(self, name: str) -> Mechanism:
        """Return a mechanism, or that of an ion."""
        return self.known.get(name) or ion(name.removesuffix("_ion"))

    def draws_itself(self, used: Iterable[str]) -> bool:
        """Return whether any draws from generators that NEURON has once for all."""
        return any(self.known[name].draws_itself for name in used)

    def draws(self, used: Iterable[str]) -> bool:
        """Return whether any of these mechanisms draws random numbers."""
        return any(self.known[name].random for name in used)

    def unsafe_to_pack(self, used: Iterable[str]) -> list[str]:
        """Return why simulations with these mechanisms must not share a pack, if so."""
        mechanisms = {name: self.known[name] for name in sorted(used)}
        reaches_beyond = any(m.external for m in mechanisms.values())
        if reaches_beyond and self.own:
            mechanisms |= self.own.sources
        return [
            f"{name}: {'; '.join(hazards)}"
            for name, mechanism in mechanisms.items()
            if (hazards := [*mechanism.pack_hazards, *_read_beyond(mechanism, reaches_beyond)])
        ]


def _read_beyond(mechanism: Mechanism, by_others: bool) -> list[str]:
    """Return what is unsafe where the code of other files may read what this assigns."""
    if not by_others or not mechanism.writes_global or mechanism.pack_hazards:
        return []
    return [f"its code assigns {', '.join(mechanism.writes_global)}, which other files may read"]


def _number(variable: Variable, index: int | None, mechanism: Mechanism, place: str) -> Variable:
    """Return a variable that is one number, or the element of an array that an index means."""
    if (index is None) == (variable.size == 1) and (index or 0) < variable.size:
        return (
            variable
            if index is None
            else replace(variable, name=f"{variable.name}[{index}]", size=1)
        )
    asked = variable.name if index is None else f"{variable.name}[{index}]"
    known = [f"{variable.name}[{i}]" for i in range(variable.size)]
    raise UserError(
        f'{place}: "{asked}" of {mechanism.name}, which holds '
        f"{'one value' if variable.size == 1 else f'{variable.size} values'}; "
        f"expected {listing(known) if variable.size > 1 else variable.name}"
    )


def read_catalogue(root: Path, set_name: str | None, place: str) -> Catalogue:
    """Return NEURON's own mechanisms and those of a set in `mod/`.

    Raises:
        UserError: no such set, or a source that cannot be read.
    """
    if set_name is None:
        return Catalogue(known=dict(BUILTIN))
    own = read_set(set_folder(root / "mod", set_name, place))
    return Catalogue(set_name, own, BUILTIN | own.mechanisms)


def _refuse_extracellular(name: str, place: str) -> None:
    """Refuse what only segments that have extracellular have, where they have none."""
    if split(name)[0] in _OF_EXTRACELLULAR:
        raise UserError(
            f'{place}: the cell has no "{name}", which is of extracellular; insert '
            "extracellular there"
        )
