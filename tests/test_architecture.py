"""The house is as docs/architecture.md draws it."""

import ast
import re

import pytest

from project import PACKAGE, ROOT

HOUSE = PACKAGE / "spikesweep"
# Rooms from the top down; a room imports what stands below it.
ROOMS = re.findall(
    r"^\| `([a-z]+)(?:/|\.py)` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE
)
# At the door: what finds the verb, and the faces that are public or come before all else.
DOOR = {"__init__", "__main__", "bytecode", "cli", "dataset", "errors"}
MODULES = sorted(HOUSE.rglob("*.py"))


def imported(path):
    """Return the modules of the package that a file imports, as paths from the package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spikesweep"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("spikesweep."))


def room(module):
    return module.split(".")[1] if "." in module else ""


def test_every_room_is_on_the_map():
    rooms = {path.name for path in HOUSE.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == set(ROOMS) - {"bytecode", "errors"}


def test_nothing_lies_loose():
    assert {path.stem for path in HOUSE.glob("*.py")} == DOOR


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_downhill(path):
    here = path.relative_to(HOUSE).parts[0]
    below = ROOMS[ROOMS.index(here) :] if here in ROOMS else [*ROOMS, "cli"]
    up = [module for module in imported(path) if room(module) not in below]
    assert not up


def test_packages_run_nothing_when_imported():
    for path in HOUSE.rglob("__init__.py"):
        assert path.parent == HOUSE or path.read_text() == ""
