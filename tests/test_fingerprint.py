"""Code is hashed as syntax, values as canonical JSON."""

import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

from spikesweep.fingerprint import canonical_json, fingerprint, import_closure, source_hash

CODE = '''
"""Module."""

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
        (("L=1.0", "L=1"), False),  # an int is no float
        (("diam > 0", "diam >= 0"), False),
        ((" um", " nm"), False),
        (("range(3)", "range(4)"), False),
        (("def area(diam", "def area(d"), False),
    ],
)
def test_source_hash(change, same):
    assert (source_hash(CODE.replace(*change)) == source_hash(CODE)) is same


def test_source_hash_is_the_same_on_all_supported_versions():
    """`ast.dump` is not: fields came and went, and f-strings are cut up otherwise since 3.12."""
    package = Path(source_hash.__code__.co_filename).parent
    script = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(package.parent)!r})
        from pathlib import Path
        from spikesweep.fingerprint import source_hash
        for path in sorted(Path({str(package)!r}).rglob("*.py")):
            print(path.name, source_hash(path.read_text()))
    """)
    printed = {}
    for version in ("3.11", "3.12", "3.13"):
        python = shutil.which(f"python{version}")
        if python is None:
            continue
        done = subprocess.run([python, "-B", "-c", script], capture_output=True, text=True)
        if done.returncode == 0:  # a version manager's stand-in may have nothing behind it
            printed[version] = done.stdout
    assert printed
    assert len(set(printed.values())) == 1, sorted(printed)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 0.1}, {"a": 0.1000000000000000055}, True),
        ({"a": 1}, {"a": 1.0}, False),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
        ("µ", "\u00b5", True),
    ],
)
def test_fingerprint_of_values(one, other, same):
    assert (fingerprint(one) == fingerprint(other)) is same


def test_not_a_number_has_no_fingerprint():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_import_closure_follows_imports_within_the_package():
    closure = import_closure(["spikesweep.statistics"])
    assert {"spikesweep", "spikesweep.statistics", "spikesweep.spiketrain"} <= closure
    assert "spikesweep.dataset" not in closure
    assert not any(name.startswith("numpy") for name in closure)


@pytest.mark.parametrize(
    ("stage", "apart"),
    [
        # The key of a simulation must not change with what only plans, stores or draws.
        ("spikesweep.simulation.driver", ("spec", "plan", "store", "figures", "cli", "errors")),
        ("spikesweep.figures.heatmap", ("figures.traces", "figures.raster", "statistics")),
        ("spikesweep.statistics", ("spec", "plan", "simulation", "figures", "dataset")),
        ("spikesweep.dataset", ("spec", "plan", "simulation", "figures", "statistics")),
    ],
)
def test_stages_depend_on_no_code_but_their_own(stage, apart):
    closure = import_closure([stage])
    for module in apart:
        assert f"spikesweep.{module}" not in closure
