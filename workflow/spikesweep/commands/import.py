"""The verb `import`: a sweep made of other tools' files, to read and edit."""

import argparse
import re
from pathlib import Path

from spikesweep.commands.examples import write_files
from spikesweep.commands.place import enter_project
from spikesweep.errors import UserError
from spikesweep.importing.draft import Draft
from spikesweep.plan.making import SWEEPS, make_plan, may_be_named, sweep_names

FORMS = {
    "swc": "a morphology, .swc or .asc: a passive start",
    "bluepyopt": "the folder of a BluePyOpt model",
    "allen": "fit parameters and SWC of the Allen Cell Types Database",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    forms = parser.add_subparsers(title="forms", required=True, dest="form", metavar="FORM")
    for form, help in FORMS.items():
        known = forms.add_parser(form, help=help, description=help)
        if form == "allen":
            known.add_argument("fit", type=Path, help="fit_parameters.json")
        known.add_argument("path", type=Path, metavar="DIR" if form == "bluepyopt" else "FILE")
        if form == "bluepyopt":
            known.add_argument("--values", type=Path, help="JSON of the free parameters' values")
        known.add_argument("--name", help="of the sweep; default: that of the file")


def simulates(options: argparse.Namespace) -> bool:
    return options.form != "swc"


def run(options: argparse.Namespace) -> None:
    name = options.name or _name(options.path)
    for path in ("path", "fit", "values"):
        if getattr(options, path, None) is not None:
            setattr(options, path, getattr(options, path).resolve())
    enter_project()
    if not may_be_named(name, []):
        raise UserError(f"{name}: no sweep may have this name; expected another one, by --name")
    if name in sweep_names(Path()):
        raise UserError(f"{name}: there is a sweep of this name; expected another one, by --name")
    draft = _drafted(name, options)
    files = {**draft.files, SWEEPS / f"{name}.yaml": draft.text().encode()}
    write_files(Path(), files)
    print("\n".join(f"wrote {path}" for path in files))
    print("\n".join(f"note: {note}" for note in draft.notes))
    try:
        make_plan(Path(), name)
    except UserError as error:
        print(f"It cannot be planned yet: {error}")
    else:
        print(f"Look at it, then run it: snakemake --cores 8 {name}")


def _drafted(name: str, options: argparse.Namespace) -> Draft:
    if options.form == "swc":
        from spikesweep.importing.swc import from_morphology

        return from_morphology(name, options.path)
    if options.form == "allen":
        from spikesweep.importing.allen import from_allen

        return from_allen(name, options.fit, options.path)
    from spikesweep.importing.bluepyopt import from_bluepyopt

    return from_bluepyopt(name, options.path, options.values)


def _name(path: Path) -> str:
    """Return a name for a sweep that is like that of a file."""
    name = re.sub(r"\W+", "_", path.resolve().stem, flags=re.ASCII).strip("_")
    return name if name[:1].isalpha() else f"cell_{name}"
