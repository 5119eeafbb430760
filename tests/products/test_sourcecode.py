"""The code of the package: hashed as syntax, followed by its imports, taken apart once."""

import ast
import json
import os
import shutil
import subprocess
import sys
import textwrap
from functools import partial

import pytest

from project import PACKAGE
from spikesweep.products import code as sourcecode
from spikesweep.products.code import code_hashes, import_closure, source_hash

CODE = '''
"""Module."""

class Cell(TypedDict):
    """A type."""
    L: float

@dataclass
class Drawn:
    """A class."""
    width: float

def area(diam, L=1.0):
    """Docstring."""
    if diam > 0:
        return f"{diam!r:>{L}} um"
    return [x for x in range(3)]
'''


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("Module.", "Another word."), True),
        (("Docstring.", "Longer\n\n    docstring."), True),
        (('    """Docstring."""\n', ""), True),
        (("L=1.0):", "L = 1.0):  # um"), True),
        (("return [x", "\n\n    # a comment\n    return [x"), True),
        (("L: float", "L: float\n    diam: NotRequired[float]"), True),
        (("def area(diam, L=1.0):", "def area(diam: float, L: float = 1.0) -> str:"), True),
        (("width: float", "width: int"), False),  # dataclasses and pydantic go by it
        (("width: float", "width: float = 1.0"), False),
        (("L=1.0", "L=1"), False),  # an int is no float
        (("diam > 0", "diam >= 0"), False),
        ((" um", " nm"), False),
        (("range(3)", "range(4)"), False),
        (("def area(diam", "def area(d"), False),
    ],
)
def test_source_hash(change, same):
    assert (source_hash(CODE.replace(*change)) == source_hash(CODE)) is same


@pytest.mark.workflow
def test_source_hash_is_the_same_on_all_supported_versions():
    """`ast.dump` is not: fields came and went, and f-strings are cut up otherwise since 3.12."""
    package = PACKAGE / "spikesweep"
    script = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(package.parent)!r})
        from pathlib import Path
        from spikesweep.products.code import source_hash
        for path in sorted(Path({str(package)!r}).rglob("*.py")):
            print(path.name, source_hash(path.read_text()))
    """)
    versions = "3.11", "3.12", "3.13"
    # A version manager's stand-in runs what this variable names, and may have nothing behind it.
    env = os.environ | {"PYENV_VERSION": ":".join(versions)}
    run = partial(subprocess.run, capture_output=True, text=True, env=env)
    found = [python for version in versions if (python := shutil.which(f"python{version}"))]
    pythons = [python for python in found if run([python, "-c", ""]).returncode == 0]
    if len(pythons) < 2:
        pytest.skip("needs two of the supported Pythons")
    printed = [run([python, "-B", "-c", script], check=True).stdout for python in pythons]
    assert printed[0]
    assert len(set(printed)) == 1, pythons


def test_import_closure_follows_imports_within_the_package():
    closure = import_closure(["spikesweep.tables.statistics"])
    assert {"spikesweep", "spikesweep.tables.statistics", "spikesweep.tables.spiketrain"} <= closure
    assert "spikesweep.tables.collect" not in closure
    assert not any(name.startswith("numpy") for name in closure)


@pytest.mark.parametrize(
    ("stage", "apart"),
    [
        # The key of a simulation must not change with what only plans, stores or draws.
        ("execution.packs", "sweepfile.sweep plan.making store.store figures.data cli errors"),
        ("figures.heatmap", "figures.traces figures.raster tables.statistics"),
        ("tables.statistics", "sweepfile.sweep plan.making simulation.nrn tables.collect"),
        ("tables.collect", "sweepfile.sweep plan.making simulation.nrn tables.statistics"),
    ],
)
def test_stages_depend_on_no_code_but_their_own(stage, apart):
    closure = import_closure([f"spikesweep.{stage}"])
    for module in apart.split():
        assert (PACKAGE / "spikesweep" / f"{module.replace('.', '/')}.py").is_file()
        assert f"spikesweep.{module}" not in closure


# ---- what was found is kept --------------------------------------------------------------------

STAGE = "spikesweep.tables.statistics"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file that keeps what is found, for processes that `new_process` stands for."""
    path = tmp_path / "cache" / "syntax.json"
    monkeypatch.setattr(sourcecode, "_keeping_file", lambda: path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    new_process()
    yield path
    monkeypatch.undo()
    new_process()


def new_process() -> None:
    for cached in (sourcecode._kept, sourcecode._syntax_of, sourcecode._read, sourcecode.code_hash):
        cached.cache_clear()
    sourcecode._unkept.clear()


def test_what_was_found_is_not_searched_again(kept, monkeypatch):
    found = code_hashes(STAGE)
    assert STAGE in json.loads(kept.read_text())["modules"]
    new_process()
    monkeypatch.setattr(ast, "parse", lambda *_: pytest.fail("taken apart again"))
    assert code_hashes(STAGE) == found


def test_other_bytes_are_taken_apart_again(kept, monkeypatch):
    found = code_hashes(STAGE)
    new_process()
    read = sourcecode._read
    edited = read(sourcecode._source(STAGE)) + b"import spikesweep.store.store\n"
    monkeypatch.setattr(
        sourcecode,
        "_read",
        lambda path: edited if path == sourcecode._source(STAGE) else read(path),
    )
    after = code_hashes(STAGE)
    assert "spikesweep.store.store" in after.keys() - found.keys()
    assert {module for module in found if found[module] != after[module]} == {STAGE}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"found by": "another", "modules": {"spikesweep.tables.statistics": ["", "x", []]}}',
    ],
)
def test_a_file_that_keeps_something_else_is_not_believed(kept, content):
    found = code_hashes(STAGE)
    new_process()
    kept.write_text(content)
    assert code_hashes(STAGE) == found
    assert STAGE in json.loads(kept.read_text())["modules"]


def test_where_nothing_can_be_written_nothing_is_kept(kept):
    kept.parent.write_text("no folder")
    assert STAGE in code_hashes(STAGE)


def test_where_python_writes_no_bytecode_nothing_is_kept(kept, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert STAGE in code_hashes(STAGE)
    assert not kept.exists()
