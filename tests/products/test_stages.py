"""Jobs refuse other code than they were planned with; equal bytes are believed unparsed."""

from pathlib import Path

import pytest

from spikesweep.errors import UserError
from spikesweep.products import code as sourcecode
from spikesweep.products import stages
from spikesweep.products.code import byte_hashes, code_hashes
from spikesweep.products.fingerprint import fingerprint

MODULES = stages.modules("statistics")
EDITED = "spikesweep.tables.spiketrain"


@pytest.fixture
def planned():
    """A recipe of today's code, the product's name, and what the plan says of the modules."""
    recipe = stages.recipe("statistics", dataset="x")
    code = code_hashes(*MODULES)
    product = Path(f"statistics_{stages.short(recipe)}.csv")
    return recipe, product, code, byte_hashes(code)


@pytest.fixture
def edit(monkeypatch):
    """A function that changes the source of one module, as far as anyone reads it."""

    def edit(old: str, new: str) -> None:
        read = sourcecode._read.__wrapped__

        def edited(path: Path) -> bytes:
            content = read(path)
            return content.replace(old.encode(), new.encode()) if is_edited(path) else content

        def is_edited(path: Path) -> bool:
            return path.stem == EDITED.rpartition(".")[2]

        monkeypatch.setattr(sourcecode, "_read", edited)
        forget()

    def forget() -> None:
        for cached in (sourcecode._syntax_of, sourcecode.code_hash):
            cached.cache_clear()

    yield edit
    monkeypatch.undo()
    forget()


def test_the_same_bytes_are_not_parsed(planned, edit, monkeypatch):
    monkeypatch.setattr(stages, "code_hash", lambda *modules: pytest.fail("parsed"))
    stages.check_recipe(*planned)


def test_a_comment_changes_bytes_but_nothing_that_counts(planned, edit):
    edit("import numpy as np\n", "import numpy as np  # arrays\n")
    assert byte_hashes([EDITED]) != {EDITED: planned[-1][EDITED]}
    stages.check_recipe(*planned)


def test_edited_code_is_refused(planned, edit):
    edit("_of_neighbours(np.subtract, ", "_of_neighbours(np.add, ")
    with pytest.raises(UserError, match=r"the code of the stage statistics changed"):
        stages.check_recipe(*planned)


def test_bytes_of_other_code_prove_nothing(planned):
    """A plan that names the bytes of today's code beside the hash of yesterday's."""
    recipe, _, code, read = planned
    old = recipe | {"code": "0" * 64}
    with pytest.raises(UserError, match="changed while this run was going on"):
        stages.check_recipe(old, Path(f"statistics_{stages.short(old)}.csv"), code, read)


def test_a_module_that_is_gone_is_refused(planned, monkeypatch):
    recipe, product, code, read = planned
    code = code | {"spikesweep.gone": "0" * 64}
    recipe = recipe | {"code": fingerprint(code)}
    product = Path(f"statistics_{stages.short(recipe)}.csv")
    with pytest.raises(UserError, match="changed while this run was going on"):
        stages.check_recipe(recipe, product, code, read | {"spikesweep.gone": "0" * 64})
