"""The store: results of simulations, addressed by key, in one folder.

    <name>.h5      a segment, never changed: see `segment`
    <name>.keys    its keys, 32 bytes each in the order of its rows, and their CRC-32; only a
                   cache, made again from the segment when it is missing or not whole
    *.part         being written, or left over from a job that was killed
    *.damaged      a segment that was set aside

A segment's name is `<first 32 hex digits of the SHA-256 of its bytes>-<number of simulations>`:
writers on any number of machines never meet in a name except with the same content, and one
flipped bit shows. Files appear by renaming, so the store is consistent whenever a job is killed,
and nothing is ever locked. A key that stands in two segments, because two jobs computed it at the
same time, has the same result in both; the smallest name counts.

Looking keys up imports the standard library alone; h5py and numpy come with the first result.
"""

import hashlib
import os
import re
import secrets
import zlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spikesweep.errors import UserError

if TYPE_CHECKING:
    from spikesweep.store.segment import Result, Segment, StoredResult

STORE = Path("results/store")  # of the project in the current folder
_NAME = re.compile(r"(?P<hash>[0-9a-f]{32})-(?P<count>[1-9][0-9]*)")
_KEY, _CHECKSUM = 32, 4  # bytes
_HEAL = "run snakemake again: what is missing is simulated again"


class LostSimulations(UserError):
    """Results that should be in the store are not there.

    keys: hex, of the simulations that are to be computed again.
    """

    def __init__(self, message: str, keys: Iterable[str]):
        super().__init__(message)
        self.keys = list(keys)


class DamagedSegment(LostSimulations):
    """A segment is no longer what was written, or is gone.

    path: of the segment. keys: hex, of all its simulations, as far as they are known.
    """

    def __init__(self, path: Path, keys: Iterable[str], what: str):
        keys = list(keys)
        lost = _simulations(len(keys)) if keys else "its simulations are"
        super().__init__(f"{path} {what}; {lost} lost; {_HEAL}", keys)
        self.path = path


class Size(NamedTuple):
    """How much a store holds: distinct simulations, segments, bytes of the segments."""

    simulations: int
    segments: int
    bytes: int


class Store:
    """The results in one folder, which need not exist yet."""

    def __init__(self, folder: Path | str = STORE):
        self.folder = Path(folder)

    def index(self) -> dict[bytes, tuple[str, int]]:
        """Return where each result stands: key (32 bytes) -> (name of the segment, row).

        A segment whose keys cannot be learnt is left out, so that its simulations run again.
        """
        places: dict[bytes, tuple[str, int]] = {}
        for name in reversed(self._names(".h5")):  # the smallest name comes last and so wins
            keys = self._keys(name)
            places.update(zip(keys, zip(repeat(name), range(len(keys))), strict=True))
        return places

    def lacks(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those of some keys (32 bytes each) whose results are not in the store.

        Ten times faster than `index`, which a job of a large sweep need not build.
        """
        missing = set(keys)
        for name in self._names(".h5"):
            if not missing:
                break
            missing.difference_update(self._keys(name))
        return missing

    def write(self, results: "Iterable[Result]") -> Path:
        """Write results as a segment that nobody sees before it is committed; return its path.

        Raises:
            ValueError: a status that depends on more than the key, or another result that cannot
                enter: see `segment.check`.
        """
        from spikesweep.store.segment import write_segment

        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{secrets.token_hex(8)}.h5.part"
        keys = write_segment(path, results).tobytes()
        _write_keys(_keys_beside(path), keys)
        return path

    def commit(self, path: Path) -> Path:
        """Give a written segment its name, by which it is in the store; return its new path."""
        keys = _keys_beside(path)
        count = (keys.stat().st_size - _CHECKSUM) // _KEY
        name = f"{_hash(path)}-{count}"
        # Killed between the two, the keys are made again. The other order would leave keys
        # without a segment, and that is how a lost segment is known.
        os.replace(path, self._path(name))
        os.replace(keys, self._path(name, ".keys"))
        return self._path(name)

    def find(self, keys: Iterable[str]) -> "Iterator[tuple[Segment, list[int], list[int]]]":
        """Yield, segment after segment, (segment, places in `keys`, rows in the segment).

        Raises:
            LostSimulations: keys that are in no segment; raised before anything is yielded.
            DamagedSegment: a segment that is no longer what was written.
        """
        keys = list(keys)
        index = self.index()
        found = [index.get(bytes.fromhex(key)) for key in keys]
        lost = [key for key, place in zip(keys, found, strict=True) if place is None]
        if lost:
            raise LostSimulations(f"{self.folder}: {_simulations(len(lost))} lost; {_HEAL}", lost)
        places = defaultdict(list)
        for place, (name, row) in enumerate(found):
            places[name].append((place, row))
        for name in sorted(places):
            yield (self.segment(name), *map(list, zip(*places[name], strict=True)))

    def damaged(self, keys: Iterable[str]) -> list[DamagedSegment]:
        """Return which segments with results of these keys are no longer what was written, or gone.

        Reads these segments whole.
        """
        keys = {bytes.fromhex(key) for key in keys}
        problems = []
        for name in sorted({*self._names(".h5"), *self._names(".keys")}):
            if not keys.isdisjoint(self._keys(name)):
                try:
                    self.segment(name)
                except DamagedSegment as damaged:
                    problems.append(damaged)
        return problems

    def read(self, keys: Iterable[str]) -> "Iterator[StoredResult]":
        """Yield the results of keys, segment after segment: not in the order of the keys.

        Raises:
            LostSimulations, DamagedSegment: as `find` does.
        """
        for segment, _, rows in self.find(keys):
            yield from map(segment.result, rows)

    def segment(self, name: str) -> "Segment":
        """Return a segment after proving that it is what was written.

        Raises:
            DamagedSegment: it is not, or it is gone.
        """
        from spikesweep.store.segment import read_segment

        path = self._path(name)
        try:
            intact = _hash(path) == _NAME.fullmatch(name)["hash"]
        except OSError as error:
            raise self._damaged(name, f"cannot be read ({error.strerror})") from error
        if not intact:  # not even opened: HDF5 may crash on damaged files
            raise self._damaged(name, "was changed or cut off after it was written")
        return read_segment(path)

    def verify(self) -> list[DamagedSegment]:
        """Return what is wrong: reads every segment, and compares every result with its digest."""
        problems = []
        for name in sorted({*self._names(".h5"), *self._names(".keys")}):
            try:
                self._verify(name)
            except DamagedSegment as damaged:
                problems.append(damaged)
        return problems

    def set_aside(self, damaged: Path) -> None:
        """Take a damaged or lost segment out of the store, so that its simulations run again."""
        with suppress(FileNotFoundError):
            os.replace(damaged, damaged.with_suffix(".damaged"))
        damaged.with_suffix(".keys").unlink(missing_ok=True)

    def unnamed(self, keys: Container[bytes]) -> list[Path]:
        """Return the files of the segments of which no key (32 bytes) is among `keys`.

        Those whose keys cannot be learnt are damaged, and so of no use; keys whose segment is
        gone are left over.
        """
        useless = [
            name for name in self._names(".h5") if not any(k in keys for k in self._keys(name))
        ]
        lost = set(self._names(".keys")) - set(self._names(".h5"))
        # Keys first: keys without a segment would say that one was lost.
        files = [self._path(name, suffix) for name in useless for suffix in (".keys", ".h5")]
        return [path for path in files if path.exists()] + [self._path(n, ".keys") for n in lost]

    def leftovers(self, before: float) -> list[Path]:
        """Return the files that serve nothing and were last changed before a time (s, epoch)."""
        files = [*self.folder.glob("*.part"), *self.folder.glob("*.damaged")]
        return sorted(path for path in files if path.stat().st_mtime < before)

    def size(self) -> Size:
        """Return how much the store holds."""
        names = self._names(".h5")
        stored = sum(self._path(name).stat().st_size for name in names)
        return Size(len(self.index()), len(names), stored)

    def _path(self, name: str, suffix: str = ".h5") -> Path:
        return self.folder / f"{name}{suffix}"

    def _names(self, suffix: str) -> list[str]:
        """Return the sorted names of the segments that have a file of this suffix."""
        try:
            files = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        names = (file.removesuffix(suffix) for file in files if file.endswith(suffix))
        return sorted(filter(_NAME.fullmatch, names))

    def _keys(self, name: str) -> list[bytes]:
        """Return the keys of a segment in the order of its rows; none if it is damaged."""
        keys = self._cached_keys(name)
        if not keys:
            try:
                keys = self.segment(name).keys.tobytes()
            except DamagedSegment:
                return []
            with suppress(OSError):  # a store that may only be read
                part = self.folder / f"{secrets.token_hex(8)}.keys.part"
                _write_keys(part, keys)
                os.replace(part, self._path(name, ".keys"))
        return [keys[start : start + _KEY] for start in range(0, len(keys), _KEY)]

    def _cached_keys(self, name: str) -> bytes:
        """Return the bytes of a segment's keys; none if the cache is missing or not whole."""
        try:
            with open(f"{self.folder}/{name}.keys", "rb") as file:  # twice as fast as Path's own
                content = file.read()
        except FileNotFoundError:
            return b""
        keys = content[:-_CHECKSUM]
        whole = len(keys) == _KEY * int(_NAME.fullmatch(name)["count"])
        return keys if whole and content[-_CHECKSUM:] == _checksum(keys) else b""

    def _damaged(self, name: str, what: str, keys: Iterable[str] | None = None) -> DamagedSegment:
        if keys is None:
            cached = self._cached_keys(name).hex()
            keys = (cached[start : start + 2 * _KEY] for start in range(0, len(cached), 2 * _KEY))
        return DamagedSegment(self._path(name), keys, what)

    def _verify(self, name: str) -> None:
        from spikesweep.store.segment import digest

        segment = self.segment(name)
        results = map(segment.result, range(len(segment.keys)))
        wrong = [
            result.key
            for result, expected in zip(results, segment.digest, strict=True)
            if digest(result) != expected.tobytes()
        ]
        if wrong:
            raise self._damaged(
                name, "holds results that were written wrong (their digests differ)", wrong
            )


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _checksum(keys: bytes) -> bytes:
    return zlib.crc32(keys).to_bytes(_CHECKSUM, "little")


def _write_keys(path: Path, keys: bytes) -> None:
    path.write_bytes(keys + _checksum(keys))


def _keys_beside(part: Path) -> Path:
    return part.with_name(part.name.replace(".h5.", ".keys."))


def _simulations(count: int) -> str:
    return f"{count} simulation{'' if count == 1 else 's'}"
