"""Lineages that spikesweep did not write: refused where they are read, in one sentence, before a
string of theirs becomes a file's name, a word of a command line, or a line on a terminal."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance
from project import Project
from spikesweep.commands import explain
from spikesweep.errors import UserError
from spikesweep.lineage.checked import checked, readable
from spikesweep.lineage.records import find_lineage
from spikesweep.lineage.stamp import read_lineage, stamp

EVIL = "--default-resources=foo=__import__('os').system('touch /tmp/ran')"


@pytest.fixture(scope="module")
def figure(committed) -> Path:
    return next((committed.root / "results/small/figures").glob("intervals_*.png"))


@pytest.fixture(scope="module")
def genuine(figure) -> dict:
    return read_lineage(figure)


def changed(lineage: dict, path: str, value) -> dict:
    lineage = copy.deepcopy(lineage)
    *way, last = path.split("/")
    place = lineage
    for step in way:
        place = place[sorted(place)[0] if step == "*" else step]
    place[sorted(place)[0] if last == "*" else last] = value
    return lineage


FORGED = {
    "an option as a sweep": ("sweep", EVIL),
    "a file of rules as a sweep": ("sweep", "--snakefile=/tmp/evil"),
    "a folder as a sweep": ("sweep", "../small"),
    "a revision as a commit": ("commit", "HEAD"),
    "an option as a commit": ("commit", "--lock"),
    "a short option as a commit": ("commit", "-f"),
    "a short commit": ("commit", "1a2b3c4d"),
    "another commit than the label's": ("commit", "0" * 40),
    "a path as a patch": ("patch", "../../etc/passwd"),
    "a patch of which the label says nothing": ("patch", "0" * 64),
    "a path as a plan": ("plan/file", "../../../plan_0123456789ab.json"),
    "a path as a product": ("products/*/files", {"../x": "0" * 64}),
    "an absolute path as a product": ("products/*/files", {"/x": "0" * 64}),
    "an option as a product": ("products/*/files", {"-x": "0" * 64}),
    "a short hash": ("products/*/files", {"x": "0" * 63}),
    "a product of itself": ("products/*/from", ["heatmap"]),
    "a product of nothing": ("products/*/from", ["nothing_0123456789ab.csv"]),
    "a program as Python": ("products/*/made_on", {"python": "3/../../evil"}),
    "a command to copy": ("command", "curl example.org | sh"),
    "an absolute source": ("sources", {"/etc/passwd": "0" * 64}),
    "too many simulations": ("simulations/count", 10**9),
    "no simulations": ("simulations/count", True),
    "a figure elsewhere": ("figure", "../../x"),
    "a word for the terminal": ("title", "Potassium \x1b]0;owned\x07"),
    "a turned text": ("title", "Potassium \u202etxt.exe"),
    "a date": ("date", "yesterday"),
}


@pytest.mark.parametrize(("path", "value"), FORGED.values(), ids=FORGED)
def test_forged(genuine, figure, tmp_path, path, value):
    forged = changed(genuine, path, value)
    with pytest.raises(UserError) as refused:
        checked(forged, "figure.png")
    assert str(refused.value).startswith("figure.png: its lineage has ")
    assert str(refused.value).isprintable()
    stamp(figure, tmp_path / "figure.png", forged)  # sealed again, as whoever forges it can
    with pytest.raises(UserError):
        find_lineage(tmp_path / "figure.png")


def test_a_genuine_one_is_left_as_it_is(genuine, committed):
    assert checked(copy.deepcopy(genuine), "x") == genuine
    [record] = (committed.root / "results/provenance").glob("*.json")
    assert checked(json.loads(record.read_text()), "x")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(value, way=()):
    """Yield the way to everything in a lineage."""
    yield way
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*way, key))


@settings(max_examples=400)
@given(data=st.data())
def test_anything_in_any_place(genuine, data):
    """It is refused, or shown; never an error of Python's."""
    ways = [way for way in places(genuine) if way]
    forged = copy.deepcopy(genuine)
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(ways))
        place = forged
        try:
            for step in way:
                place = place[step]
            place[last] = data.draw(ANY)
        except (KeyError, IndexError, TypeError):  # the first change took the second one's place
            continue
    said = shown(forged)
    assert said.startswith("figure.png")
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in said)


def shown(lineage) -> str:
    """Return what is said of a lineage: what it tells, or why it is refused."""
    try:
        lineage = checked(lineage, "figure.png")
        with readable("figure.png"):
            return explain.explain(lineage, Path("figure.png"))
    except UserError as error:
        return str(error)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"a"', "{}", '{"commit": 1}', "[" * 100_000])
def test_records_that_are_none(committed, tmp_path, text):
    copied = Project(tmp_path / "project", of=committed)
    (copied.root / "results/provenance/small_00000000.json").write_text(text)
    done = copied.spikesweep("explain", "results/small/isi.csv", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("spikesweep: results/provenance/small_00000000.json: ")
    assert len(done.stderr.splitlines()) == 1


def test_rebuild_runs_no_code_of_a_forged_lineage(committed, figure, genuine, tmp_path):
    copied = Project(tmp_path / "project", of=committed)
    forged = copied.root / "forged.png"
    stamp(
        figure, forged, changed(genuine, "sweep", f"--default-resources=x=open('{tmp_path}/ran')")
    )
    done = copied.spikesweep("rebuild", "forged.png", check=False)
    assert done.returncode == 1
    assert "expected the name of a sweep" in done.stderr


def test_rebuild_says_what_it_runs_and_asks_where_no_branch_leads_there(committed, tmp_path):
    """A commit whose objects are here is not one that anybody of this clone has made."""
    copied = Project(tmp_path / "project", of=committed)
    lost = provenance.git(copied.root, "rev-parse", "HEAD")
    tree = provenance.git(copied.root, "rev-parse", "HEAD^{tree}")
    other = provenance.git(copied.root, "commit-tree", tree, "-m", "another")
    provenance.git(copied.root, "reset", "--quiet", other)
    provenance.git(copied.root, "reflog", "expire", "--expire=now", "--all")
    file = f"results/small/figures/intervals_{lost[:8]}.png"
    done = copied.spikesweep("rebuild", file, check=False)
    assert done.returncode == 1
    assert f"rebuild runs the code of commit {lost} of the repository {copied.root}" in done.stderr
    assert "say --yes" in done.stderr
    done = copied.spikesweep("rebuild", file, "--yes", "--cores", "2")
    assert f"spikesweep: rebuild runs the code of commit {lost}" in done.stderr
    assert f"{file}: bytes equal" in done.stdout
