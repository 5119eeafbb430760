"""Every example is listed, says what it shows, and is run by a test."""

import ast
import re
from pathlib import Path

import pytest

from project import ROOT

EXAMPLES = sorted((ROOT / "config/examples").glob("*.yaml"))


def run_by_tests() -> set[str]:
    """Return the names in the lists EXAMPLES of the test modules, which run through snakemake."""
    lists = re.compile(r"^EXAMPLES = (\(.*?\))$", re.MULTILINE | re.DOTALL)
    sources = (path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    return {name for text in sources for found in lists.findall(text) for name in literal(found)}


def literal(text: str) -> tuple:
    try:
        return ast.literal_eval(text)
    except ValueError:
        return ()


def test_all_are_listed():
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "config/examples/README.md").read_text(), re.M)
    assert sorted(listed) == [path.stem for path in EXAMPLES]


def test_all_are_run():
    assert {path.stem for path in EXAMPLES} <= run_by_tests()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_says_what_it_shows(path):
    schema, *about = re.findall(r"^# (.*)$", path.read_text().partition("title:")[0], re.MULTILINE)
    assert schema == "yaml-language-server: $schema=../sweep.schema.json"
    assert about
