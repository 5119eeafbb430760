"""A file that is not the product that its name promises is refused, with what mends it."""

from pathlib import Path

import pytest

from spikesweep.errors import UserError
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.sidecar import beside, check_origin, command_again, origin, write_origin

RECIPE = {"stage": "statistics", "window": [0, 10]}
FINGERPRINT = fingerprint(RECIPE)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / f"statistics_{FINGERPRINT[:12]}.csv"
    path.write_text("index\n0\n")
    write_origin(path, origin(RECIPE, {"spikesweep.tables.statistics": "1"}))
    return path


def test_a_product_is_what_its_name_promises(table):
    check_origin(table, FINGERPRINT)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda table: table.write_text("index\n1\n"), "was changed after it was made"),
        (lambda table: table.unlink(), "was changed after it was made"),
        (lambda table: beside(table).unlink(), "does not say what it was made from"),
        (lambda table: beside(table).write_text("[]"), "does not say what it was made from"),
        (lambda table: beside(table).write_text("[" * 100_000), "does not say what it was made"),
        (
            lambda table: edit(beside(table), '"window"', '"widow"'),
            "statistics_.*json was changed after it was made",
        ),
        (lambda table: write_origin(table, origin({}, {})), f"expected {FINGERPRINT[:12]}"),
    ],
)
def test_what_is_not_is_refused(harm, said, table):
    harm(table)
    with pytest.raises(UserError, match=said) as refused:
        check_origin(table, FINGERPRINT)
    assert f"rm {table} && snakemake" in str(refused.value)


def test_what_makes_a_product_anew_names_its_sweep():
    assert command_again(Path("results/made/mine/dataset_0.nc")).endswith(" mine")
    assert command_again(Path("results/made/mechanisms/default_0")) == "snakemake --cores 8"
