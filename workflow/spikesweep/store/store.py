"""The store: results of simulations, addressed by key, in one folder.

    <name>.h5      a segment, never changed: see `segment`; where many lie there, those that come
                   lie in folders by the first two digits of their names
    <name>.keys    what it is looked up by, see `index`; only a cache, made again from the segment
                   when it is missing or not whole, and compared with it whenever results are read
    *.part         being written, or left over from a job that was killed
    *.damaged      a segment that was set aside

A segment's name is `<first 32 hex digits of the SHA-256 of its bytes>-<number of simulations>`:
writers on any number of machines never meet in a name except with the same content, and one
flipped bit shows. Files appear by renaming, so the store is consistent whenever a job is killed,
and nothing is ever locked. A segment's bytes reach the disk before its name does.

A key is found where one segment holds all items that are asked of it; what else was recorded
before stays, and is found again by whoever asks for that. A key that stands in several segments
has one trajectory: where the digests differ, all of these are damaged. Among equals the smallest
name counts.

Looking keys up imports the standard library alone; h5py and numpy come with the first result.
"""

import hashlib
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spikesweep.errors import UserError
from spikesweep.products import plain
from spikesweep.products.atomic import flush, renamed
from spikesweep.products.items import holds
from spikesweep.store.index import FORMAT, Index
from spikesweep.store.index import read as read_index

if TYPE_CHECKING:
    from spikesweep.store.segment import Result, Row, Segment, StoredResult

STORE = Path("results/store")  # of the project in the current folder
FULL = 2000  # files in the store's folder, beyond which segments go to folders of their own
_INNER = re.compile(r"[0-9a-f]{2}")
_NAME = re.compile(r"(?P<hash>[0-9a-f]{32})-(?P<count>[1-9][0-9]*)")
Asked = frozenset[str] | None  # addresses of items; None where only the key matters
HEAL = "run snakemake again: what is missing is simulated again"


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
        super().__init__(f"{path} {what}; {lost} lost; {HEAL}", keys)
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

    def index(self, asked: Asked = None) -> dict[bytes, tuple[str, int]]:
        """Return where each result stands: key (32 bytes) -> (name of the segment, row).

        A segment whose keys cannot be learnt is left out, so that its simulations run again.

        Args:
            asked: addresses of the items that a segment must hold.
        """
        places: dict[bytes, tuple[str, int]] = {}
        for name, index in reversed(self._indices()):  # the smallest name comes last and so wins
            rows = index.answering(_holds(asked))
            places.update((key, (name, row)) for key, row in rows)
        return places

    def lacks(self, keys: Iterable[bytes], asked: Asked = None) -> set[bytes]:
        """Return those of some keys (32 bytes each) of which no segment holds all that is asked.

        Ten times faster than `index`, which a job of a large sweep need not build.
        """
        missing = set(keys)
        for name in self._names(".h5"):
            if not missing:
                break
            if index := self._index(name):
                found = index.answering(_holds(asked))
                missing.difference_update(key for key, _ in found)
        return missing

    def lacking(self, simulations: Sequence[tuple[bytes, frozenset[str]]]) -> list[int]:
        """Return the places of simulations, key and addresses of items, which it lacks."""
        asked = {id(items): items for _, items in simulations}
        keys: dict[frozenset[str], set[bytes]] = defaultdict(set)
        for key, items in simulations:
            keys[asked[id(items)]].add(key)
        missing = {items: self.lacks(wanted, items) for items, wanted in keys.items()}
        return [place for place, (key, items) in enumerate(simulations) if key in missing[items]]

    def write(self, results: "Iterable[Result]", engine: Mapping[str, str] | None = None) -> Path:
        """Write results as a segment that nobody sees before it is committed; return its path.

        Args:
            engine: what integrated them, as their documents say it.

        Raises:
            ValueError: a status that depends on more than the key, or another result that cannot
                enter: see `segment.check`.
        """
        from spikesweep.store.segment import row_of

        return self.write_rows(map(row_of, results), engine)

    def write_rows(self, rows: "Iterable[Row]", engine: Mapping[str, str] | None = None) -> Path:
        """Write rows as a segment; as `write`."""
        from spikesweep.store.segment import write_rows

        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{secrets.token_hex(8)}.h5.part"
        index = write_rows(path, rows, engine)
        _keys_beside(path).write_bytes(index.written())
        return path

    def commit(self, path: Path) -> Path:
        """Give a written segment its name, by which it is in the store; return its new path."""
        keys = _keys_beside(path)
        name = f"{_hash(path)}-{len(read_index(keys.read_bytes()))}"
        home = self._home(name)
        # Killed between the two, the keys are made again. The other order would leave keys
        # without a segment, and that is how a lost segment is known.
        renamed(path, home / f"{name}.h5")
        os.replace(keys, home / f"{name}.keys")
        flush(home)
        return home / f"{name}.h5"

    def _home(self, name: str) -> Path:
        """Return the folder for a segment; it is there. One that was written before lies there."""
        if (before := self._path(name)).exists():
            return before.parent
        if len(os.listdir(self.folder)) < FULL:
            return self.folder
        inner = self.folder / name[:2]
        if not inner.is_dir():
            inner.mkdir(exist_ok=True)
            flush(self.folder)
        return inner

    def files(self, suffix: str = ".h5") -> list[Path]:
        """Return all files of segments that have this suffix, sorted by name."""
        return [self._path(name, suffix) for name in self._names(suffix)]

    def find(
        self, keys: Iterable[str], asked: Asked = None
    ) -> "Iterator[tuple[Segment, list[int], list[int]]]":
        """Yield, segment after segment, (segment, places in `keys`, rows in the segment).

        Raises:
            LostSimulations: keys of which no segment holds what is asked; raised before anything
                is yielded. Or keys of which the index was wrong; it is right by then.
            DamagedSegment: a segment that is no longer what was written, or two whose trajectories
                of one key differ.
        """
        keys = list(keys)
        index = self.index(asked)
        for damaged in self._disagreeing(set(map(bytes.fromhex, keys)), self._indices()):
            raise damaged
        found = [index.get(bytes.fromhex(key)) for key in keys]
        lost = [key for key, place in zip(keys, found, strict=True) if place is None]
        if lost:
            raise LostSimulations(f"{self.folder}: {_simulations(len(lost))} lost; {HEAL}", lost)
        places = defaultdict(list)
        for place, (name, row) in enumerate(found):
            places[name].append((place, row))
        for name in sorted(places):
            segment = self.segment(name)
            if self._index(name) != segment.index:
                raise self._misleading(
                    sorted(places), [keys[p] for at in places.values() for p, _ in at]
                )
            yield (segment, *map(list, zip(*places[name], strict=True)))

    def _misleading(self, names: Iterable[str], keys: Iterable[str]) -> LostSimulations:
        """Write anew those files of keys that do not say what their segments hold; return why
        what was asked for could not be read."""
        wrong = []
        for name in names:
            index = self.segment(name).index
            if self._index(name) != index:
                self._write_index(name, index)
                wrong.append(str(self._path(name, ".keys")))
        return LostSimulations(
            f"{', '.join(wrong)} did not say what its segment holds and was written anew; {HEAL}",
            keys,
        )

    def _disagreeing(
        self, keys: Container[bytes], indices: Iterable[tuple[str, Index]]
    ) -> list[DamagedSegment]:
        """Return those of some segments that have different trajectories of one key."""
        seen: dict[bytes, tuple[int, str]] = {}
        bad: dict[str, bytes] = {}
        for name, index in indices:
            for key, digest in zip(index.rows(), index.trajectories, strict=True):
                if digest and key in keys:
                    before, other = seen.setdefault(key, (digest, name))
                    if before != digest:
                        bad |= {other: key, name: key}
        return [
            self._damaged(
                name,
                "and another segment have different trajectories of one simulation, "
                f"{key.hex()[:12]}: one of them is wrong, or the machines differ",
            )
            for name, key in bad.items()
        ]

    def damaged(self, keys: Iterable[str]) -> list[DamagedSegment]:
        """Return which segments with results of these keys are no longer what was written, or gone.

        Reads these segments whole.
        """
        keys = {bytes.fromhex(key) for key in keys}
        problems = []
        for name in sorted({*self._names(".h5"), *self._names(".keys")}):
            index = self._index(name) or self._cached_index(name)
            if index and not keys.isdisjoint(index.rows()):
                try:
                    self.segment(name)
                except DamagedSegment as damaged:
                    problems.append(damaged)
        return problems + self._disagreeing(keys, self._indices())

    def read(self, keys: Iterable[str], asked: Asked = None) -> "Iterator[StoredResult]":
        """Yield the results of keys, segment after segment: not in the order of the keys.

        Raises:
            LostSimulations, DamagedSegment: as `find` does.
        """
        for segment, _, rows in self.find(keys, asked):
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
        try:
            return read_segment(path)
        except Exception as error:  # its bytes are those that its name promises, and no segment
            what = " ".join(str(error).split())
            raise self._damaged(name, f"is no segment that this version reads: {what}") from error

    def verify(self) -> list[DamagedSegment]:
        """Return what is wrong: reads every segment, and compares every result with its digest.

        Nothing is written: keys that are missing or not whole stay as they are found.
        """
        problems, sound = [], []
        for name in sorted({*self._names(".h5"), *self._names(".keys")}):
            try:
                sound.append((name, self._verified(name)))
            except DamagedSegment as damaged:
                problems.append(damaged)
        every = {key for _, index in sound for key in index.rows()}
        return problems + self._disagreeing(every, sound)

    def broken_keys(self) -> list[Path]:
        """Return the files of keys that are not whole, or of another number of simulations."""
        names = (name for name in self._names(".keys") if self._cached_index(name) is None)
        return [self._path(name, ".keys") for name in names]

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
            name
            for name in self._names(".h5")
            if (index := self._index(name)) is None or not any(key in keys for key in index.rows())
        ]
        lost = set(self._names(".keys")) - set(self._names(".h5"))
        # Keys first: keys without a segment would say that one was lost.
        files = [self._path(name, suffix) for name in useless for suffix in (".keys", ".h5")]
        return [path for path in files if path.exists()] + [self._path(n, ".keys") for n in lost]

    def leftovers(self, before: float) -> list[Path]:
        """Return the files that serve nothing and were last changed before a time (s, epoch)."""
        files = [
            path
            for folder in self._folders()
            for pattern in ("*.part", "*.damaged")
            for path in folder.glob(pattern)
        ]
        return sorted(path for path in files if path.stat().st_mtime < before)

    def size(self) -> Size:
        """Return how much the store holds."""
        names = self._names(".h5")
        stored = sum(self._path(name).stat().st_size for name in names)
        return Size(len(self.index()), len(names), stored)

    def unreachable(self, engine: Mapping[str, str]) -> list[Path]:
        """Return the segments that no present version can find: of another format, or integrated
        by another engine, as their keys say."""
        return [
            self._path(name)
            for name in self._names(".h5")
            if (index := self._index(name)) is None or not _is_present(index, engine)
        ]

    def _path(self, name: str, suffix: str = ".h5") -> Path:
        """Return where a file of a segment is; where there is none, where it was or would be."""
        folders = (self.folder, self.folder / name[:2])
        for folder in folders:
            if (path := folder / f"{name}{suffix}").exists():
                return path
        for other in (".h5", ".keys"):
            for folder in folders:
                if (folder / f"{name}{other}").exists():
                    return folder / f"{name}{suffix}"
        return self.folder / f"{name}{suffix}"

    def _folders(self) -> list[Path]:
        """Return the folders in which segments may lie."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return [self.folder, *(self.folder / name for name in names if _INNER.fullmatch(name))]

    def _names(self, suffix: str) -> list[str]:
        """Return the sorted names of the segments that have a file of this suffix."""
        names: set[str] = set()
        for folder in self._folders():
            with suppress(FileNotFoundError, NotADirectoryError):
                files = os.listdir(folder)
                names.update(f.removesuffix(suffix) for f in files if f.endswith(suffix))
        return sorted(filter(_NAME.fullmatch, names))

    def _indices(self) -> list[tuple[str, Index]]:
        """Return name and index of every segment of which the keys can be learnt."""
        found = ((name, self._index(name)) for name in self._names(".h5"))
        return [(name, index) for name, index in found if index]

    def _index(self, name: str) -> Index | None:
        """Return what a segment is looked up by; None if it is damaged."""
        if index := self._cached_index(name):
            return index
        try:
            index = self.segment(name).index
        except DamagedSegment:
            return None
        with suppress(OSError):  # a store that may only be read
            self._write_index(name, index)
        return index

    def _cached_index(self, name: str) -> Index | None:
        """Return what the file of keys says; None if it cannot be read or is not whole."""
        for folder in (self.folder, f"{self.folder}/{name[:2]}"):
            try:
                content = plain.content(f"{folder}/{name}.keys")  # twice as fast as of a Path
            except OSError:
                continue
            index = read_index(content)
            return index if index and len(index) == int(_NAME.fullmatch(name)["count"]) else None
        return None

    def _write_index(self, name: str, index: Index) -> None:
        part = self.folder / f"{secrets.token_hex(8)}.keys.part"
        part.write_bytes(index.written())
        os.replace(part, self._path(name, ".keys"))

    def _damaged(self, name: str, what: str, keys: Iterable[str] | None = None) -> DamagedSegment:
        if keys is None:
            index = self._cached_index(name)
            keys = [key.hex() for key in index.rows()] if index else []
        return DamagedSegment(self._path(name), keys, what)

    def _verified(self, name: str) -> Index:
        """Return what a segment holds, after comparing every result with its digest."""
        from spikesweep.store.segment import digest

        segment = self.segment(name)
        cached = self._cached_index(name)
        if cached and cached != segment.index:
            raise self._damaged(name, "holds other simulations than its .keys file says", ())
        try:
            results = list(map(segment.result, range(len(segment.keys))))
        except Exception as error:
            raise self._damaged(name, f"is no segment that this version reads: {error}") from error
        wrong = [
            result.key
            for result, expected in zip(results, segment.digest, strict=True)
            if digest(result) != expected.tobytes()
        ]
        if wrong:
            raise self._damaged(
                name, "holds results that were written wrong (their digests differ)", wrong
            )
        return segment.index


def _hash(path: Path) -> str:
    with plain.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _holds(asked: Asked):
    return None if asked is None else lambda held: holds(held, asked)


def _is_present(index: Index, engine: Mapping[str, str]) -> bool:
    return index.format == FORMAT and all(index.engine.get(n) == v for n, v in engine.items())


def _keys_beside(part: Path) -> Path:
    return part.with_name(part.name.replace(".h5.", ".keys."))


def _simulations(count: int) -> str:
    return f"{count} simulation{'' if count == 1 else 's'}"
