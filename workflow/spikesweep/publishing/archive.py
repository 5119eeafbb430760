"""ZIP archives that depend on their files alone: no dates, no modes, nothing compressed.

Files stand in them byte by byte, in the order of their names. So the same files give the same
archive whichever zlib there is, and a damaged byte damages one file.
"""

import filecmp
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from spikesweep.products.atomic import written

_EPOCH = (1980, 1, 1, 0, 0, 0)  # where ZIP's time begins
_MODE = 0o100644 << 16
_HEADER = 30  # bytes of a local header before the name (APPNOTE 4.3.7)


def write_archive(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write an archive of files by name, each given by its path or its content."""
    with written(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, _MODE
            source = files[name]
            if isinstance(source, bytes):
                archive.writestr(entry, source)
                continue
            entry.file_size = source.stat().st_size
            with source.open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target)


def extract(path: Path, folder: Path) -> Iterator[str]:
    """Write the files of an archive into a folder, damaged or not, and yield their names.

    `zipfile` refuses a file whose checksum is wrong, but which files are is the question.

    Raises:
        ValueError: it is no such archive, or a name leads out of the folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from None
    with path.open("rb") as content:
        for entry in entries:
            target = folder / entry.filename
            if not target.resolve().is_relative_to(folder.resolve()) or entry.is_dir():
                raise ValueError(f"it holds {entry.filename!r}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_stored(content, entry))
            yield entry.filename


def _stored(content, entry: zipfile.ZipInfo) -> bytes:
    content.seek(entry.header_offset)
    header = content.read(_HEADER)
    if len(header) < _HEADER or entry.compress_size > 1 << 40:
        raise ValueError(f"{entry.filename} is cut off")
    content.seek(sum(struct.unpack("<HH", header[26:])), 1)
    return content.read(entry.file_size)


def is_canonical(path: Path, folder: Path, names: list[str]) -> bool:
    """Return whether an archive is the one that `write_archive` makes of the files in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch, path.name)
        write_archive(again, {name: folder / name for name in names})
        return filecmp.cmp(path, again, shallow=False)
