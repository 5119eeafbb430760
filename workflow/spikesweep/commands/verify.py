"""Recomputes every hash from the files alone: `spikesweep verify FILE|BUNDLE|.`

Neither git nor Snakemake is asked, and no product is trusted to describe itself but by a hash:

    figures, records, descriptions   their seal
    products                         the SHA-256 in the description beside them
    plans                            the fingerprint in their name; their table's SHA-256
    patches, segments of the store   the hash that is their name
    what was published               SHA256SUMS, and what its own lineages tell of it
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from spikesweep.commands.bundle_checks import other_than_told
from spikesweep.commands.figure_checks import (
    CHANGED,
    current_figure,
    earlier_figure,
    figure,
    label_of,
    sheet,
    stamped_figure,
)
from spikesweep.commands.place import entered
from spikesweep.errors import UserError, cut
from spikesweep.jobs.mark import is_plain, plan_of
from spikesweep.lineage.checked import UNREADABLE, printable
from spikesweep.lineage.git_label import PROVENANCE
from spikesweep.lineage.lineage import record_path
from spikesweep.lineage.published import SUMS
from spikesweep.lineage.records import read_record, records
from spikesweep.lineage.set_plan import read_set_plan
from spikesweep.lineage.stamp import CARRIERS
from spikesweep.products.atomic import is_unfinished
from spikesweep.products.fingerprint import DIGITS, file_hash
from spikesweep.products.plain import content
from spikesweep.products.plan_file import read_plan
from spikesweep.products.seal import is_intact
from spikesweep.products.sidecar import beside
from spikesweep.products.stable_names import astray, leads_to
from spikesweep.products.table import (
    CONTACT_SHEET,
    CURRENT,
    FIGURE_SET,
    LINKED,
    MECHANISMS,
    STAMP,
    STAMP_SET,
)
from spikesweep.publishing.archive import extract, is_canonical, is_inside
from spikesweep.store.store import HEAL, DamagedSegment, Store

SIMULATE_AGAIN = "simulate them again: snakemake --cores 8 --forcerun simulate"
_PLAN = re.compile(rf"plan_[0-9a-f]{{{DIGITS}}}")
_PRODUCT = re.compile(rf"\w+_[0-9a-f]{{{DIGITS}}}\.(csv|html|json|nc|pdf|png|svg)")
_OF_THE_STORE = (".h5", ".keys", ".part", ".damaged")
_STABLE = frozenset(file.name for file in LINKED)
_MARK = re.compile(
    rf"({CURRENT.files[0].name}|{STAMP.files[0].name})_[\w+]+(-[0-9a-f]{{{DIGITS}}})?"
)
_SET_PLAN = re.compile(rf"{FIGURE_SET.files[0].stem}_[0-9a-f]{{{DIGITS}}}\.json")
_SET_MARK = re.compile(rf"{STAMP_SET.files[0].name}_[\w+]+")
LIBRARY = "libnrnmech.so"
_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


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
    """A file that was looked at, and what is wrong with it; '' where nothing is.

    is_known: whether it is one that runs make. Nothing is wrong with a file that is not.
    """

    path: str
    problem: str = ""
    is_known: bool = True


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
    foreign = [
        f"{printable(finding.path)}: is nothing that a run makes"
        for finding in findings
        if not finding.is_known
    ]
    known = len(findings) - len(foreign)
    files = f"{known} file{'' if known == 1 else 's'}"
    told = [*wrong, *foreign]
    if wrong:
        told.append(f"{path}: {len(wrong)} of {files} damaged")
    else:
        as_made = f"{files} as they were made" if known > 1 else "as it was made"
        told.append(f"{path}: {as_made}")
    if foreign:
        told[-1] += f"; {len(foreign)} more, of which nothing is known"
    return "\n".join(told)


def _folder(root: Path) -> Iterator[Finding]:
    """Yield the findings of all results of a project, and of all files of an unzipped bundle.

    Every file under `results/` is accounted for: by its own hash, by what speaks of it, or as one
    of which nothing is known.
    """
    results = root / "results"
    if not results.is_dir():
        raise UserError(f"{root}: has no folder results; expected a project or an unzipped bundle")
    found: dict[str, Finding] = {}
    if (root / SUMS).is_file():
        _note(found, _sums((root / SUMS).read_text(encoding="utf-8", errors="replace"), root))
    published = {*found}
    there = sorted(results.rglob("*"))
    for path in there:
        place = path.relative_to(results).parts
        if str(path) in published and place[-1] in _STABLE:
            continue  # in a bundle they are no links, and listed
        try:
            findings = list(_result(path, place))
        except OSError as error:
            findings = [Finding(str(path), f"{CHANGED} ({error.strerror})")]
        except UNREADABLE:
            findings = [Finding(str(path), CHANGED)]
        # A folder is a finding only where a file should stand.
        _note(found, [one for one in findings if one.problem or not _is_folder(path)])
    _note(found, _store(results / "store"))
    for path in there:
        if str(path) not in found and not _is_folder(path):
            _note(found, _unaccounted(path, path.relative_to(results).parts, found))
    yield from found.values()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _note(found: dict[str, Finding], findings: Iterable[Finding]) -> None:
    """Add findings by their path; of several of one file, what is wrong with it counts."""
    for finding in findings:
        if finding.path not in found or not found[finding.path].problem:
            found[finding.path] = finding


def _result(path: Path, place: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the findings of a file below `results/`, and of those that it speaks of."""
    match place:
        case _ if is_unfinished(path):
            yield Finding(str(path))  # a killed process left it; nothing reads it
        case (".lock",) | (".gitignore",) | ("logs", *_) | ("made", *_, ".snakemake_timestamp"):
            yield Finding(str(path))  # nobody believes these
        case ("store", *_) if path.suffix in _OF_THE_STORE:
            yield Finding(str(path))  # it looks at its own
        case ("made", _, name) if _MARK.fullmatch(name):
            yield Finding(str(path), _mark(path))
        case ("made", "figure_sets", _, name) if _SET_MARK.fullmatch(name):
            yield Finding(str(path), _mark(path))
        case ("made", "figure_sets", _, name) if _SET_PLAN.fullmatch(name):
            yield Finding(str(path), _set_plan(path))
        case ("made", *_, name) if name.endswith(".json") and not path.is_symlink():
            yield from _named(path, _file(path))
        case ("provenance", name) if name.endswith((".json", ".patch")):
            yield from _file(path)
        case ("figure_sets", name, _) if path.suffix in CARRIERS:
            yield Finding(str(path), stamped_figure(path, name, "figure_set"))
        case ("figure_sets", name, "earlier", label, _) if path.suffix in CARRIERS:
            yield Finding(str(path), earlier_figure(path, label, name, "figure_set"))
        case ("figure_sets", _, "current", _) if path.suffix in CARRIERS:
            yield Finding(str(path), current_figure(path, label_of(path.parents[1], STAMP_SET)))
        case (sweep, "figures", name) if path.suffix in CARRIERS:
            yield Finding(str(path), stamped_figure(path, sweep))
        case (sweep, "figures", "earlier", label, _) if path.suffix in CARRIERS:
            yield Finding(str(path), earlier_figure(path, label, sweep))
        case (_, "figures", "current", _) if path.suffix in CARRIERS:
            yield Finding(str(path), current_figure(path, label_of(path.parents[2])))
        case (_, name) if name == CONTACT_SHEET:
            yield Finding(str(path), sheet(path))
        case (sweep, name) if name in _STABLE:
            yield Finding(str(path), _stable(path, path.parents[1] / "made" / sweep))
        case ("published", name) if name.endswith(".zip"):
            yield from _bundle(path)


def _unaccounted(
    path: Path, place: tuple[str, ...], found: Mapping[str, Finding]
) -> Iterator[Finding]:
    """Yield the finding of a file of which nothing spoke: a product that has lost what does, or
    something that no run has made. What is wrong with that which speaks of it is told already."""
    speaking = (beside(path), path.with_name("mechanisms.json"))
    if any(str(other) in found and found[str(other)].problem for other in speaking):
        return
    is_library = place[:2] == ("made", MECHANISMS.name) and path.name == LIBRARY
    if is_library or (place[0] == "made" and _PRODUCT.fullmatch(path.name)):
        missing = speaking[is_library].name
        yield Finding(str(path), f"{missing} is missing, which says what it is")
    else:
        yield Finding(str(path), is_known=False)


def _named(path: Path, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings of a description; and that it is another product's, where it is."""
    first, *others = findings
    digits = (path.parent if path.name == "mechanisms.json" else path).stem.rpartition("_")[2]
    if not first.problem and first.path == str(path):
        inner = str(json.loads(path.read_text(encoding="utf-8")).get("fingerprint", ""))
        if not digits or not inner.startswith(digits):
            first = Finding(str(path), f"is not what its name promises, but {cut(inner[:DIGITS])}")
    yield from [first, *others]


def _mark(path: Path) -> str:
    whole = plan_of(path) is not None
    return "" if whole else f"{CHANGED}; remove it and run snakemake, which writes it anew"


def _set_plan(path: Path) -> str:
    try:
        read_set_plan(path)
    except UserError:
        return CHANGED
    return ""


def _stable(path: Path, made: Path) -> str:
    """Return what is wrong with a stable name: it leads to what the mark's plan names."""
    marks = [mark for mark in made.glob(f"{CURRENT.files[0].name}_*") if is_plain(mark)]
    if not marks:
        run = f"snakemake {path.parent.name}"
        return f"leads nowhere that is known; run {run}, which lets it lead to what is current"
    try:
        plan = read_plan(made / plan_of(marks[0]).name)
        target = plan.links[path.name]
    except (AttributeError, KeyError, UserError, ValueError):
        return ""  # it is told of the mark, or of the plan
    if found := astray(path, target):
        return f"{found}; expected {leads_to(path, target)}. Run snakemake, which mends it"
    return "" if path.exists() else f"leads to {target}, which is gone"


def _file(path: Path) -> Iterator[Finding]:
    if path.suffix in CARRIERS and not beside(path).is_file():  # a rendered one carries none yet
        yield Finding(str(path), figure(path))
    elif path.suffix == ".patch":
        yield Finding(str(path), "" if file_hash(path) == path.stem else CHANGED)
    elif path.suffix == ".h5":
        yield from _segment(path)
    elif _PLAN.fullmatch(_followed(path).stem):
        yield from _plan(_followed(path).with_suffix(".json"))
    elif path.parent.name == "provenance":
        yield Finding(str(path), _record(path))
    else:
        yield from _described(path)


def _record(path: Path) -> str:
    if not is_intact(content(path)):
        return CHANGED
    try:
        record = read_record(path)
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")
    named = record_path(record.get("figure_set") or record["sweep"], record["label"]).name
    return "" if path.name == named else f"is another record than its name promises: {named}"


def _plan(path: Path) -> Iterator[Finding]:
    table = path.with_suffix(".csv")
    try:
        plan = read_plan(path)
        yield Finding(str(path), "" if is_intact(content(path)) else CHANGED)
        yield Finding(str(table), _compared(table, plan["rows"]))
    except UserError as error:
        yield Finding(str(path), f"{CHANGED} ({error})")
    except KeyError:
        yield Finding(str(path), CHANGED)


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
    if not is_intact(content(described)):
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
    if not folder.is_dir():
        return
    store = Store(folder)
    # No stage reads the store where all that is made of it is there.
    damaged = {p.path: str(p).replace(HEAL, SIMULATE_AGAIN) for p in store.verify()}
    for path in store.files():
        yield Finding(str(path), damaged.pop(path, "").removeprefix(f"{path} "))
    for path, problem in damaged.items():  # lost: only their keys are there
        yield Finding(str(path), problem.removeprefix(f"{path} "))
    broken = store.broken_keys()
    for path in store.files(".keys"):
        problem = f"{CHANGED}; remove it, it is only a cache" if path in broken else ""
        yield Finding(str(path), problem)


def _sums(text: str, root: Path) -> Iterator[Finding]:
    """Yield the findings of the files that SHA256SUMS lists: as it says, or as lineages tell."""
    sums = dict(_listed(text, root / SUMS))
    for name, problem in _problems(root, sums).items():
        yield Finding(str(root / name), problem)


def _problems(root: Path, sums: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with each file that SHA256SUMS lists, '' where nothing is."""
    problems = {name: _compared(root / name, expected) for name, expected in sums.items()}
    if not any(problems.values()):
        problems |= other_than_told(root, sums)
    return problems


def _listed(text: str, place: Path) -> list[tuple[str, str]]:
    matches = [_SUM.fullmatch(line) for line in text.splitlines()]
    if not all(match and is_inside(match[2]) for match in matches):
        raise UserError(
            f"{place}: damaged; expected lines of a SHA-256, two spaces and a file in it"
        )
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
            others = _other_bundle(path, names)
            if SUMS not in names:
                raise ValueError(f"it holds no {SUMS}")
            listed = dict(
                _listed((folder / SUMS).read_text(encoding="utf-8"), Path(path.name, SUMS))
            )
        except UnicodeDecodeError:
            yield Finding(str(path), f"cannot be read as a bundle: its {SUMS} is no text")
            return
        except (ValueError, OSError, UserError) as error:
            yield Finding(str(path), f"cannot be read as a bundle: {error}")
            return
        problems = dict.fromkeys(names, f"not in {SUMS}") | _problems(folder, listed)
        del problems[SUMS]
        for name, problem in sorted(problems.items()):
            yield Finding(f"{path}: {name}", problem)
        if not any(problems.values()):
            same = is_canonical(path, folder, names)
            yield Finding(str(path), others if same else f"{CHANGED}, though no file in it was")


def _other_bundle(path: Path, names: Iterable[str]) -> str:
    """Return what is wrong with a bundle in its place: it is another than its name promises."""
    if path.parent.name != "published" or f"{PROVENANCE}/{path.stem}.json" in names:
        return ""
    return f"is another bundle than its name promises: it holds no {path.stem}.json"
