"""ZIP archives that depend on their files alone: no dates, no modes, nothing compressed.

Files stand in them byte by byte, in the order of their names. So the same files give the same
archive whichever zlib there is, and a damaged byte damages one file.
"""

import filecmp
import os
import re
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from spikesweep.errors import UserError, cut
from spikesweep.products.atomic import written
from spikesweep.products.plain import opened

MOST_FILES = 20_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # where ZIP's time begins
_MODE = 0o100644 << 16
_ENCRYPTED = 1  # of an entry's flags
_HEADER = 30  # bytes of a local header before the name (APPNOTE 4.3.7)


def write_archive(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write an archive of files by name, each given by its path or its content.

    Raises:
        UserError: more files than any reader of ours takes, or a name that not every system has.
    """
    if len(files) > MOST_FILES:
        raise UserError(f"{path}: of {len(files)} files; expected {MOST_FILES} at most")
    for name in files:
        if not is_inside(name):
            raise UserError(f"{path}: no bundle can hold a file named {name!r}; rename it")
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

    `zipfile` refuses a file whose checksum is wrong, but which files are is the question. All else
    that `write_archive` never writes is refused before anything is written: whoever sends such an
    archive may mean harm.

    Raises:
        ValueError: it is no such archive.
    """
    size = path.stat().st_size
    try:
        with opened(path) as content, zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
    # What else zipfile and struct raise on bytes that are no archive.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise ValueError(
            getattr(error, "strerror", "") or str(error) or "it is no archive"
        ) from None
    _check(entries, size)
    with opened(path) as content:
        for entry in entries:
            target = folder / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_stored(content, entry))
            yield entry.filename


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse entries that `write_archive` does not write."""
    if len(entries) > MOST_FILES:
        raise ValueError(f"it holds {len(entries)} files; expected {MOST_FILES} at most")
    if sum(entry.file_size for entry in entries) > size:
        raise ValueError("its files are larger than itself")
    names: set[str] = set()
    for entry in entries:
        name = entry.filename
        # What it is on Unix: a file, or nothing said.
        is_file = entry.external_attr >> 28 in (0, 0o10) and not name.endswith("/")
        is_stored = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _ENCRYPTED
        if not (is_file and is_stored and 0 <= entry.header_offset < size):
            raise ValueError(f"it holds {cut(repr(name))}, which is no plain file")
        if not is_inside(name):
            raise ValueError(f"it holds a file named {cut(repr(name))}")
        if name in names:
            raise ValueError(f"it holds {cut(repr(name))} twice")
        names.add(name)
    folders = {folder for name in names for folder in _folders(name)}
    if both := sorted(names & folders):
        raise ValueError(f"it holds {cut(repr(both[0]))} as a file and as a folder")


def is_inside(name: str) -> bool:
    """Return whether a name leads to a file below the folder that it is unzipped in, by any
    program, and stands on one line of a list."""
    parts = name.split("/")
    short = len(os.fsencode(name)) <= 1024 and max(map(len, map(os.fsencode, parts))) <= 255
    return short and not {"", ".", ".."} & {*parts} and not re.search(r"[\x00-\x1f\x7f\\]", name)


def _folders(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def _stored(content, entry: zipfile.ZipInfo) -> bytes:
    content.seek(entry.header_offset)
    header = content.read(_HEADER)
    if len(header) < _HEADER:
        raise ValueError(f"{entry.filename} is cut off")
    content.seek(sum(struct.unpack("<HH", header[26:])), 1)
    return content.read(entry.file_size)


def is_canonical(path: Path, folder: Path, names: list[str]) -> bool:
    """Return whether an archive is the one that `write_archive` makes of the files in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch, path.name)
        write_archive(again, {name: folder / name for name in names})
        return filecmp.cmp(path, again, shallow=False)
