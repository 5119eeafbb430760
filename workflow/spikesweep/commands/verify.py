"""Recomputes every hash from the files alone: `spikesweep verify FILE|BUNDLE|.`

Neither git nor Snakemake is asked, and no product is trusted to describe itself but by a hash:

    figures, records, descriptions   their seal
    products                         the SHA-256 in the description beside them
    plans                            the fingerprint in their name; their table's SHA-256
    patches, segments of the store   the hash that is their name
    what was published               SHA256SUMS
"""

import argparse
import json
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spikesweep.commands.place import entered
from spikesweep.errors import UserError
from spikesweep.lineage.published import SUMS
from spikesweep.lineage.records import records
from spikesweep.lineage.stamp import CARRIERS, is_as_stamped, read_lineage
from spikesweep.products.atomic import is_unfinished
from spikesweep.products.fingerprint import DIGITS, file_hash
from spikesweep.products.plan_file import read_plan
from spikesweep.products.seal import is_intact
from spikesweep.products.sidecar import beside
from spikesweep.publishing.archive import extract, is_canonical
from spikesweep.store.store import DamagedSegment, Store

_SUM = re.compile(r"([0-9a-f]{64})  (.+)")
CHANGED = "was changed after it was made"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", type=Path, nargs="+", metavar="FILE|BUNDLE|.")


def run(options: argparse.Namespace) -> None:
    damaged = False
    for path in entered(options.paths):
        findings = verify(path)
        print(tell(findings, path))
        damaged |= any(finding.problem for finding in findings)
    sys.exit(damaged)


class Finding(NamedTuple):
    """A file that was looked at, and what is wrong with it; '' where nothing is."""

    path: str
    problem: str = ""


def verify(path: Path) -> list[Finding]:
    """Return what was looked at of a file, a bundle, or a project or unzipped bundle.

    Raises:
        UserError: there is no such file, or nothing says what it should be.
    """
    if path.is_dir():
        return list(_folder(path))
    if not path.exists():
        raise UserError(f"{path}: there is no such file")
    if path.suffix == ".zip":
        return list(_bundle(path))
    return list(_file(path))


def tell(findings: list[Finding], path: Path) -> str:
    """Return the findings as text: what is wrong, and how much is right."""
    wrong = [f"{finding.path}: {finding.problem}" for finding in findings if finding.problem]
    files = f"{len(findings)} file{'' if len(findings) == 1 else 's'}"
    if wrong:
        return "\n".join([*wrong, f"{path}: {len(wrong)} of {files} damaged"])
    return f"{path}: {files} as they were made" if len(findings) > 1 else f"{path}: as it was made"


def _folder(root: Path) -> Iterator[Finding]:
    """Yield the findings of all results of a project, and of all files of an unzipped bundle."""
    results = root / "results"
    if not results.is_dir():
        raise UserError(f"{root}: has no folder results; expected a project or an unzipped bundle")
    if (root / SUMS).is_file():
        yield from _sums((root / SUMS).read_text(encoding="utf-8"), root)
    for path in sorted(results.rglob("*")):
        if path.is_symlink() or not path.is_file() or is_unfinished(path):
            continue
        yield from _result(path, path.relative_to(results).parts)
    yield from _store(results / "store")


def _result(path: Path, place: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the findings of one file below `results/`; products are found by their description."""
    match place:
        case ("made", *_, name) if name.endswith(".json"):
            yield from _file(path)
        case ("provenance", _) | (_, "figures", _):
            yield from _file(path)
        case ("published", name) if name.endswith(".zip"):
            yield from _bundle(path)


def _file(path: Path) -> Iterator[Finding]:
    if path.suffix in CARRIERS and not beside(path).is_file():  # a rendered one carries none yet
        yield Finding(str(path), _figure(path))
    elif path.suffix == ".patch":
        yield Finding(str(path), "" if file_hash(path) == path.stem else CHANGED)
    elif path.suffix == ".h5":
        yield from _segment(path)
    elif re.fullmatch(rf"plan_[0-9a-f]{{{DIGITS}}}", _followed(path).stem):
        yield from _plan(_followed(path).with_suffix(".json"))
    elif path.parent.name == "provenance":
        yield Finding(str(path), "" if is_intact(path.read_bytes()) else CHANGED)
    else:
        yield from _described(path)


def _figure(path: Path) -> str:
    try:
        read_lineage(path)
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")
    return "" if is_as_stamped(path) else CHANGED


def _plan(path: Path) -> Iterator[Finding]:
    table = path.with_suffix(".csv")
    try:
        plan = read_plan(path)
        yield Finding(str(path), "" if is_intact(path.read_bytes()) else CHANGED)
        yield Finding(str(table), _compared(table, plan["rows"]))
    except (UserError, KeyError) as error:
        yield Finding(str(path), f"{CHANGED} ({error})")


def _described(path: Path) -> Iterator[Finding]:
    """Yield the findings of a description and of all files that it describes."""
    product = _followed(path)
    described = product if product.suffix == ".json" else beside(product)
    library = product.parent / "mechanisms.json"
    if not described.is_file() and library.is_file():
        described = library
    if not described.is_file():
        yield _recorded(path)
        return
    if not is_intact(described.read_bytes()):
        yield Finding(str(described), CHANGED)
        return
    yield Finding(str(described))
    files = json.loads(described.read_text(encoding="utf-8")).get("files", {})  # psection has none
    for name, expected in files.items():
        file = described.parent / name
        yield Finding(str(file), _compared(file, expected))


def _followed(path: Path) -> Path:
    """Return where a stable name leads, named as its user does."""
    if not path.is_symlink():
        return path
    return Path(os.path.normpath(path.parent / os.readlink(path)))


def _recorded(path: Path) -> Finding:
    """Return the finding of a copy that lies elsewhere, by what the records know."""
    digest = file_hash(path)
    known = (
        p.get("files", {}).values() for record in records() for p in record["products"].values()
    )
    if any(digest in hashes for hashes in known):
        return Finding(str(path))
    raise UserError(
        f"{path}: nothing says what it should be; expected {beside(path).name} beside it, or its "
        "hash in results/provenance/"
    )


def _compared(file: Path, expected: str) -> str:
    if not file.is_file():
        return "is missing"
    return "" if file_hash(file) == expected else CHANGED


def _segment(path: Path) -> Iterator[Finding]:
    try:
        Store(path.parent).segment(path.stem)
    except DamagedSegment as damaged:
        yield Finding(str(path), str(damaged).removeprefix(f"{path} "))
    else:
        yield Finding(str(path))


def _store(folder: Path) -> Iterator[Finding]:
    damaged = {problem.path: str(problem) for problem in Store(folder).verify()}
    for path in sorted(folder.glob("*.h5")):
        yield Finding(str(path), damaged.pop(path, "").removeprefix(f"{path} "))
    for path, problem in damaged.items():  # lost: only their keys are there
        yield Finding(str(path), problem.removeprefix(f"{path} "))
    for path in sorted(folder.glob("*.keys")):
        content = path.read_bytes()
        whole = zlib.crc32(content[:-4]).to_bytes(4, "little") == content[-4:]
        yield Finding(str(path), "" if whole else f"{CHANGED}; remove it, it is only a cache")


def _sums(text: str, root: Path) -> Iterator[Finding]:
    """Yield the findings of the files that SHA256SUMS lists."""
    for name, expected in _listed(text, root / SUMS):
        yield Finding(str(root / name), _compared(root / name, expected))


def _listed(text: str, place: Path) -> list[tuple[str, str]]:
    matches = [_SUM.fullmatch(line) for line in text.splitlines()]
    if not all(matches):
        raise UserError(f"{place}: damaged; expected lines of a SHA-256, two spaces and a file")
    return [(match[2], match[1]) for match in matches]


def _bundle(path: Path) -> Iterator[Finding]:
    """Yield the findings of a bundle and of each file in it.

    A flipped byte damages one of its files; or what ZIP says of them, and then the bundle differs
    from the one that is made of them again.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            names = list(extract(path, folder))
            listed = dict(
                _listed((folder / SUMS).read_text(encoding="utf-8"), Path(path.name, SUMS))
            )
        except (ValueError, OSError, UserError) as error:
            yield Finding(str(path), f"cannot be read as a bundle: {error}")
            return
        damaged = False
        for name in sorted({*names, *listed} - {SUMS}):
            known = name in listed
            problem = _compared(folder / name, listed[name]) if known else f"not in {SUMS}"
            damaged |= bool(problem)
            yield Finding(f"{path}: {name}", problem)
        if not damaged:
            same = is_canonical(path, folder, names)
            yield Finding(str(path), "" if same else f"{CHANGED}, though no file in it was")
