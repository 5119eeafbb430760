"""The reference says what the code says; `spikesweep docs` shows the pages that there are."""

import importlib.util

import pytest

from project import ROOT
from spikesweep.cli import VERBS, main
from spikesweep.commands.docs import pages
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.tables.columns import COLUMNS

PAGE = (ROOT / "docs/reference.md").read_text()
KINDS = {path.stem for path in (ROOT / "tests/figures/pictures").glob("*.png")}


def test_the_page_is_what_the_code_makes():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    assert reference.page() == PAGE, "run: python docs/reference.py"


def test_every_verb_statistic_kind_and_key_stands_in_it():
    words = [f"| `spikesweep {verb}` |" for verb in VERBS]
    words += [f"| `{name}` | {column.unit} |" for name, column in COLUMNS.items()]
    words += [f"| `{key}` |" for key in Sweep.model_fields]
    words += [f"### Figure of kind {kind}\n" for kind in KINDS]
    assert not [word for word in words if word not in PAGE]


def test_docs_lists_every_page_and_prints_one(capsys):
    main(["docs"])
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in pages())
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= {
        path.name for path in pages().values()
    }
    main(["docs", "how_to"])
    assert capsys.readouterr().out == (ROOT / "docs/how_to.md").read_text()


def test_a_page_that_is_not_there_is_one_message(capsys):
    with pytest.raises(SystemExit):
        main(["docs", "tutorail"])
    assert 'did you mean "tutorial"?' in capsys.readouterr().err
