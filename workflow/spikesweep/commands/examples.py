"""The sweeps that ship with spikesweep, and a copy of one with all files that it is made from."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.figure_sets import FIGURE_SETS, set_names
from spikesweep.plan.making import EXAMPLES, SWEEPS, make_plan, may_be_named, sweep_names
from spikesweep.products.atomic import written
from spikesweep.products.engine import SHIPPED
from spikesweep.sweepfile.reading import read_yaml

# What people ask for by the form of their model.
FORMS = {"swc": "potassium_block", "hoc": "hoc_template", "python": "python_model"}


def examples() -> dict[str, str]:
    """Return the titles of the sweeps that ship, by name."""
    return titles(SHIPPED)


def titles(root: Path) -> dict[str, str]:
    """Return the titles of a project's sweeps, by name; '' of a file that cannot be read."""
    found = {}
    for name in sweep_names(root):
        paths = [root / folder / f"{name}.yaml" for folder in (SWEEPS, EXAMPLES)]
        found[name] = _title(next(filter(Path.exists, paths)))
    return found


def set_titles(root: Path) -> dict[str, str]:
    """Return the titles of a project's figure sets, by name; '' of a file that cannot be read."""
    return {name: _title(root / FIGURE_SETS / f"{name}.yaml") for name in set_names(root)}


def _title(path: Path) -> str:
    try:
        contents = read_yaml(path)
    except UserError:
        return ""
    return str(contents.get("title", "")) if isinstance(contents, dict) else ""


def find_example(name: str) -> str:
    """Return the name of an example, by its own name or the form of its model.

    Raises:
        UserError: there is none.
    """
    known = examples()
    found = FORMS.get(name, name)
    if found not in known:
        asked = [*(form for form, of in FORMS.items() if of in known), *known]
        raise UserError(
            f'no example is named "{name}"{suggest(name, asked)} (there are: {listing(asked, 40)})'
        )
    return found


def copy_of_example(example: str, name: str) -> dict[Path, bytes]:
    """Return the files of an example as a sweep of a project's own: path in the project -> content.

    What lies beside the examples comes to the folders where a project has such files.

    Raises:
        UserError: no sweep may have that name.
    """
    if not may_be_named(name, []):
        raise UserError(
            f"{name}: no sweep may have this name; expected a letter, then letters, digits and _"
        )
    # Some are told from the root, others from its folder.
    read = [SHIPPED / path for path in make_plan(SHIPPED, example).sources]
    sources = [PurePosixPath(path.relative_to(SHIPPED).as_posix()) for path in read]
    places = {source: _place(source) for source in sources}
    [own] = [s for s in sources if s.stem == example and s.suffix == ".yaml"]
    places[own] = PurePosixPath(SWEEPS.as_posix(), f"{name}.yaml")
    files = {Path(place): (SHIPPED / source).read_bytes() for source, place in places.items()}
    text = files[Path(places[own])].decode()
    for source, place in places.items():
        text = text.replace(str(source), str(place))
    files[Path(places[own])] = text.encode()
    return files


def _place(source: PurePosixPath) -> PurePosixPath:
    if not source.is_relative_to(EXAMPLES.as_posix()):
        return source
    beside = source.relative_to(EXAMPLES.as_posix())
    if beside.suffix == ".yaml":  # another sweep, whose population this one has
        return PurePosixPath(SWEEPS.as_posix(), beside)
    return beside if beside.parts[0] == "models" else PurePosixPath("config", beside)


def write_files(root: Path, files: Mapping[Path, bytes]) -> None:
    """Write files that are not there yet; what is there with the same content stays.

    Raises:
        UserError: one is there with another content; nothing was written then.
    """
    for path, content in files.items():
        found = root / path
        if found.exists() and not (found.is_file() and found.read_bytes() == content):
            raise UserError(f"{found}: is there already, with another content; nothing was written")
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with written(root / path) as temporary:
            temporary.write_bytes(content)
