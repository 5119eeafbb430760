"""The verb `docs`: the pages of the documentation, as they come with this version."""

import argparse
from pathlib import Path

from spikesweep.errors import UserError, listing, suggest
from spikesweep.products.engine import SHIPPED

# Pages whose file does not say what they are; `docs/how_to.md` is how_to.
NAMED = {
    "start": "README.md",
    "sweep_files": "config/README.md",
    "examples": "config/examples/README.md",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", help="print this page; without it all are listed")


def run(options: argparse.Namespace) -> None:
    known = pages()
    if options.page is None:
        width = max(map(len, known))
        print("Pages of the documentation (print one: spikesweep docs PAGE)")
        for name, path in known.items():
            print(f"  {name:<{width}}  {_title(path)}")
        print(f"They lie in {SHIPPED}")
    elif options.page in known:
        print(known[options.page].read_text(encoding="utf-8"), end="")
    else:
        raise UserError(
            f'no page is named "{options.page}"{suggest(options.page, known)} '
            f"(there are: {listing(known, 30)})"
        )


def pages() -> dict[str, Path]:
    """Return the files of the pages by name, those to begin with first."""
    named = {name: SHIPPED / path for name, path in NAMED.items()}
    return named | {path.stem: path for path in sorted((SHIPPED / "docs").glob("*.md"))}


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
