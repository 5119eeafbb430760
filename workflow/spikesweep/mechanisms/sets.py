"""Mechanism sets: the NMODL files that are compiled into one library."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spikesweep.errors import UserError, listing, suggest
from spikesweep.mechanisms.builtin import BUILTIN, RESERVED
from spikesweep.mechanisms.mechanism import Mechanism, Variable
from spikesweep.mechanisms.nmodl import read_mechanism
from spikesweep.products.fingerprint import fingerprint, sha256

DEFAULT = "default"
_CPP_NAME = re.compile(r"\w+", re.ASCII)  # nrnivmodl makes a C++ name of the file's


@dataclass(frozen=True)
class MechanismSet:
    """A folder of NMODL files.

    mechanisms: by name, without the files with SUFFIX nothing, which are `functions`.
    files: all that were read: the .mod files, their INCLUDEs and headers, sorted.
    """

    folder: Path
    mechanisms: dict[str, Mechanism]
    functions: tuple[Mechanism, ...]
    files: tuple[Path, ...]

    @property
    def sources(self) -> dict[str, Mechanism]:
        """All mechanisms by name; functions, which NEURON knows by none, by that of their file."""
        return {**self.mechanisms, **{f"{m.name}.mod": m for m in self.functions}}

    @property
    def globals(self) -> dict[str, Variable]:
        """What the mechanisms and functions share, under NEURON's names."""
        return {name: v for m in self.sources.values() for name, v in m.globals.items()}


def sets(root: Path) -> dict[str, Path]:
    """Return the mechanism sets of `mod/`: its own files, and each subfolder with .mod files."""
    folders = {DEFAULT: root} if _sources(root) else {}
    below = sorted(f for f in root.iterdir() if f.is_dir()) if root.is_dir() else []
    return folders | {folder.name: folder for folder in below if _sources(folder)}


def set_folder(root: Path, name: str, place: str) -> Path:
    """Return the folder of a mechanism set that a sweep asks for at `place`.

    Raises:
        UserError: no such set, or it has no .mod files.
    """
    known = sets(root)
    if name in known:
        return known[name]
    folder = root if name == DEFAULT else root / name
    if folder.is_dir():
        raise UserError(f'{place}: "{name}": {folder} holds no .mod file; expected NMODL sources')
    raise UserError(
        f'{place}: there is no mechanism set "{name}"{suggest(name, known)}; '
        f"expected a folder {folder} with .mod files (known: {listing(known) or 'none'})"
    )


def read_set(folder: Path) -> MechanismSet:
    """Read the NMODL files of a folder.

    Raises:
        UserError: no .mod file, one that cannot be read, or names that clash with each other
            or with NEURON's own.
    """
    if not (paths := _sources(folder)):
        raise UserError(f"{folder}: no .mod file; expected NMODL sources to compile")
    mechanisms: dict[str, Mechanism] = {}
    functions: list[Mechanism] = []
    files: set[Path] = set()
    for path in paths:
        _check_file_name(path)
        mechanism, read = read_mechanism(path)
        files.update(read)
        if mechanism.kind == "functions":
            functions.append(mechanism)
        else:
            _check_name(mechanism, mechanisms)
            mechanisms[mechanism.name] = mechanism
    return MechanismSet(folder, mechanisms, tuple(functions), tuple(sorted(files)))


def source_hash(mechanism: Mechanism) -> str:
    """Return the SHA-256 of a mechanism's normalised source, INCLUDEs in place."""
    return sha256(mechanism.source)


def set_sources(mechanisms: MechanismSet) -> dict[str, str]:
    """Return the hash of every source of a set; the names of files count for functions alone."""
    return {name: source_hash(mechanism) for name, mechanism in mechanisms.sources.items()}


def set_hash(mechanisms: MechanismSet) -> str:
    """Return the hash of all sources of a set."""
    return fingerprint(set_sources(mechanisms))


def source_hashes(mechanisms: MechanismSet, used: Iterable[str]) -> dict[str, str]:
    """Return the hashes of all sources that a simulation with these mechanisms depends on.

    Those of the mechanisms themselves; of others that declare the VALENCE of an ion which these
    use and leave to others; where one reaches for code outside its file, those of the whole set.
    Names that are not of the set, NEURON's own, are left out.
    """
    chosen = {name: m for name in used if (m := mechanisms.mechanisms.get(name))}
    left = {ion.name for m in chosen.values() for ion in m.ions if ion.valence is None}
    for name, mechanism in mechanisms.mechanisms.items():
        if any(ion.name in left and ion.valence is not None for ion in mechanism.ions):
            chosen[name] = mechanism
    if any(mechanism.external for mechanism in chosen.values()):
        chosen = mechanisms.sources
    return {name: source_hash(chosen[name]) for name in sorted(chosen)}


def order_of_files(mechanisms: MechanismSet, names: Iterable[str]) -> list[str]:
    """Return mechanisms of a set in the order in which NEURON comes to know them, and sums their
    currents: that of their files. Names that are not of the set are left out."""
    asked = set(names)
    return [name for name in mechanisms.mechanisms if name in asked]


def _sources(folder: Path) -> list[Path]:
    """Return the files that nrnivmodl would compile."""
    return sorted(path for path in folder.glob("*.mod") if not path.name.startswith("."))


def _check_file_name(path: Path) -> None:
    if not _CPP_NAME.fullmatch(path.stem):
        better = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
        raise UserError(
            f"{path}: nrnivmodl cannot compile a file of this name; expected letters, digits and "
            f'"_", such as {better}.mod'
        )


def _check_name(mechanism: Mechanism, others: dict[str, Mechanism]) -> None:
    place = f"{mechanism.file}, line {mechanism.line}"
    if mechanism.name in BUILTIN or mechanism.name in RESERVED:
        raise UserError(
            f'{place}: "{mechanism.name}" is the name of one of NEURON\'s own mechanisms; '
            "expected another"
        )
    if (other := others.get(mechanism.name)) is not None:
        raise UserError(
            f'{place}: "{mechanism.name}" is also the name of the mechanism in {other.file}, line '
            f"{other.line}; expected one file for each name in a mechanism set"
        )
