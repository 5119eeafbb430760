"""The files of the project that a sweep file names: morphologies, waveforms, and code."""

from dataclasses import dataclass, field
from pathlib import Path

from spikesweep.document.shape import Shape
from spikesweep.document.waveform_file import Waveform, read_waveform
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.morphology.morphology import Morphology


@dataclass
class Files:
    """The files of the project that documents name by the hash of their content."""

    root: Path
    morphologies: dict[str, str] = field(default_factory=dict)  # sha256 -> path
    choices: dict[str, dict[str, bool]] = field(default_factory=dict)  # how they were read
    read: dict[str, Morphology] = field(default_factory=dict)  # and as what
    models: dict[str, str] = field(default_factory=dict)  # path -> hash, of models that are code
    imported: dict[str, str] = field(default_factory=dict)  # the same of what these import
    waveforms: dict[str, tuple[str, Waveform]] = field(default_factory=dict)  # by sha256, of path
    times: set[str] = field(default_factory=set)  # paths of tables of times
    notes: list[str] = field(default_factory=list)
    _hashes: dict[tuple[str, str], str] = field(default_factory=dict)  # of waveforms read

    def morphology(
        self, path: str, place: str, axon: bool = True, largest: bool = False
    ) -> tuple[doc.Morphology, Shape]:
        """Return a morphology as documents write it, and its sections."""
        from spikesweep.morphology.reading import read_morphology

        full = inside(self.root, path, place)
        read = read_morphology(full, axon, largest)
        self.morphologies[read.sha256] = path
        self.read[read.sha256] = read
        self.choices[read.sha256] = {"axon": axon, "largest": largest}
        self.notes += [f"{path}: {repair}" for repair in read.repairs]
        if "soma" not in read.sections:
            self.notes.append(f"{path}: has no soma; distances count from its first section")
        regions = {(name, i): name for name, n in read.sections.items() for i in range(n)}
        return {"format": read.format, "sha256": read.sha256}, Shape(regions)

    def waveform(self, path: str, unit: str, place: str) -> str:
        """Return the hash by which documents name the waveform in a CSV file."""
        if (path, unit) not in self._hashes:  # a copy of a cell plays it like all others
            waveform = read_waveform(inside(self.root, path, place), unit, place)
            self.waveforms[waveform.sha256] = (path, waveform)
            self._hashes[path, unit] = waveform.sha256
        return self._hashes[path, unit]


def inside(root: Path, path: str, place: str, folders: bool = False) -> Path:
    """Return the path of a file, or folder, of the project; refuses one that leads out of it."""
    if Path(path).is_absolute():
        raise UserError(
            f'{place}: "{path}" is absolute; expected a path relative to the project, '
            "so that it means the same file on every machine"
        )
    try:
        full = (root / path).resolve()
        full.stat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a loop of links
        reason = getattr(error, "strerror", None) or error
        raise UserError(f'{place}: "{path[:60]}" cannot be a file ({reason})') from None
    if not full.is_relative_to(root.resolve()):
        raise UserError(f'{place}: "{path}" leads out of the project; expected a path inside it')
    if not full.is_file() and not (folders and full.is_dir()):
        what = "a folder; expected a file" if full.is_dir() else f"no such file{_beside(full)}"
        raise UserError(f'{place}: "{path}": {what}')
    return root / path


def _beside(missing: Path) -> str:
    """Return what was expected in place of a file that is not there: the nearest name, or those
    that its folder has."""
    folder = missing.parent
    if not folder.is_dir():
        return f"; expected it in a folder {folder.name}, which is not there"
    names = [p.name for p in folder.iterdir()]
    if near := suggest(missing.name, names):
        return near
    alike = [name for name in names if Path(name).suffix == missing.suffix]
    there = f"; {folder.name} has {listing(alike)}" if alike else ""
    return f"; expected it in the folder {folder.name}{there}"
