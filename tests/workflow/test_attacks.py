"""Attacks on the promises of docs/promises.md, a row each: what is in `results/` is changed behind
the workflow's back, and named by `verify .`, or made good by the next run; and nothing that is
wrong reaches a figure."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

from project import Project
from rerunning import write_small_sweep
from spikesweep.commands.verify import Finding, verify


@pytest.fixture(scope="module")
def made(committed, tmp_path_factory) -> Project:
    """Results of a run, to be harmed and put back."""
    return Project(tmp_path_factory.mktemp("attacked") / "project", of=committed)


@pytest.fixture
def harmed(committed, tmp_path) -> Project:
    """Results of a run, to be harmed for good."""
    return Project(tmp_path / "project", of=committed)


def files(root: Path) -> list[Path]:
    """All files that a run made, and that anybody believes."""
    left_alone = {".lock", ".gitignore", ".snakemake_timestamp"}
    return [
        path
        for path in sorted((root / "results").rglob("*"))
        if (path.is_file() or path.is_symlink()) and path.name not in left_alone
        if path.relative_to(root).parts[1] != "logs"
    ]


def named(findings: list[Finding]) -> set[Path]:
    return {Path(finding.path).absolute() for finding in findings if finding.problem}


# ---- any file ----------------------------------------------------------------------------------


def flip(path: Path, others: list[Path]) -> None:
    content = bytearray(path.read_bytes())
    content[random.Random(path.name).randrange(len(content))] ^= 1
    path.unlink()
    path.write_bytes(content)


def truncate(path: Path, others: list[Path]) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: random.Random(path.name).randrange(len(content))])


def replace(path: Path, others: list[Path]) -> None:
    """By another of its kind, whole and sealed as it is."""
    content = others[0].read_bytes()
    path.unlink()
    path.write_bytes(content)


def remove(path: Path, others: list[Path]) -> None:
    path.unlink()


def redirect(path: Path, others: list[Path]) -> None:
    path.unlink()
    path.symlink_to(os.path.relpath(others[0], path.parent))


def pipe(path: Path, others: list[Path]) -> None:
    """Whoever opens it waits for ever."""
    path.unlink()
    os.mkfifo(path)


def folder(path: Path, others: list[Path]) -> None:
    path.unlink()
    path.mkdir()


def endless(path: Path, others: list[Path]) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def loop(path: Path, others: list[Path]) -> None:
    path.unlink()
    path.symlink_to(path.name)


HARMS = [flip, truncate, replace, remove, redirect, pipe, folder, endless, loop]


def kind(path: Path) -> tuple[str, str]:
    """Files of one kind lie in one folder and end alike."""
    return path.parent.name, path.suffix


@pytest.mark.parametrize("harm", HARMS)
def test_any_file_is_named(made, harm, monkeypatch):
    """It, or what it belongs to: of a file that is gone, what speaks of it."""
    monkeypatch.chdir(made.root)
    assert named(verify(Path())) == set()
    every = files(made.root)
    unnamed = []
    for path in every:
        others = [
            other
            for other in every
            if kind(other) == kind(path) and other.read_bytes() != path.read_bytes()
        ]
        if harm in (replace, redirect) and not others:
            continue
        aside = made.root / "aside"
        shutil.copy2(path, aside, follow_symlinks=False)
        harm(path, others)
        if not named(verify(Path())):
            unnamed.append(path.relative_to(made.root))
        if harm is folder:
            path.rmdir()
        path.unlink(missing_ok=True)
        aside.rename(path)
    # The keys of a segment are a cache. A record, a mark, a bundle or a drawing under a label that
    # is gone is not missed: the next run makes it.
    if harm is remove:
        unnamed = [path for path in unnamed if not missed_by_the_next_run(path)]
    assert unnamed == []


def missed_by_the_next_run(path: Path) -> bool:
    if path.suffix == ".keys" or path.parts[1] == "provenance":
        return True
    return path.parts[1] == "small" or path.stem.startswith(("stamped_", "plan_"))


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "small/notes.txt",
        "small/figures/notes.txt",
        "small/figures/deep/heatmap.png",
        "made/notes.txt",
        "made/small/notes.txt",
        "made/small/deep/isi.csv",
        "made/mechanisms/notes.txt",
        "provenance/notes.txt",
        "published/notes.txt",
        "store/notes.txt",
        "other/dataset.zarr",
        "\x1b[31m.txt",
    ],
)
def test_what_no_run_made_is_told_apart_from_damage(made, name, monkeypatch):
    monkeypatch.chdir(made.root)
    path = made.root / "results" / name
    folders = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("of the user's own\n")
    done = made.spikesweep("verify", ".")
    path.unlink()
    for folder in folders:
        folder.rmdir()
    assert done.returncode == 0
    assert "is nothing that a run makes" in done.stdout
    assert "1 more, of which nothing is known" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        ("made/small/dataset_*.json", "made/small/dataset_*.nc"),
        ("made/small/statistics_*.json", "made/small/statistics_*.csv"),
        ("made/small/intervals_*.json", "made/small/intervals_*.png"),
        ("made/mechanisms/*/mechanisms.json", "made/mechanisms/*/libnrnmech.so"),
    ],
)
def test_a_product_whose_description_is_gone(made, pattern, lost, monkeypatch):
    monkeypatch.chdir(made.root)
    [described] = (made.root / "results").glob(pattern)
    aside = described.rename(made.root / "aside")
    findings = verify(Path())
    aside.rename(described)
    [product] = (made.root / "results").glob(lost)
    assert product in named(findings)


# ---- what a stage reads ------------------------------------------------------------------------


def edit_dataset(path: Path) -> None:
    """Another voltage, under the same fingerprint."""
    with h5py.File(path, "r+") as file:
        file["v"][...] = file["v"][...] + 1


def edit_table(path: Path) -> None:
    path.write_text(path.read_text().replace("6.3", "6.4"))


def edit_drawing(path: Path) -> None:
    path.write_text(path.read_text().replace("</svg>", "<desc>mine</desc></svg>"))


READ = {
    "the dataset": ("dataset_*.nc", edit_dataset, ("statistics_*", "isi_*")),
    "a table": ("statistics_*.csv", edit_table, ("heatmap_rate_*",)),
    "a drawn figure": ("heatmap_rate_*.svg", edit_drawing, ("stamped_*",)),
    "a batch": ("batch_*.csv", edit_table, ("dataset_*",)),
}


@pytest.mark.parametrize(("pattern", "harm", "again"), READ.values(), ids=READ)
def test_nothing_is_made_of_what_was_edited(harmed, pattern, harm, again):
    folder = harmed.root / "results/made/small"
    path = next(folder.glob(pattern))
    before = path.read_bytes()
    harm(path)
    if path.read_bytes() == before:  # a batch without this text
        path.write_bytes(before + b"\n")
    gone = [product for stem in again for product in folder.glob(stem)]
    for product in gone:
        product.unlink()
    done = harmed.snakemake(check=False)
    assert done.returncode == 1
    assert "was changed after it was made. Nothing was made of it" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(product.exists() for product in gone)


# ---- stable names ------------------------------------------------------------------------------


def stable(project: Project) -> dict[str, bytes]:
    """What stands under each stable name, and where it leads."""
    links = stable_names(project.root)
    return {str(link): os.readlink(link).encode() + link.read_bytes() for link in links}


def stable_names(root: Path) -> list[Path]:
    """The names that lead to products and figures; the contact sheet is a file of its own."""
    small = root / "results/small"
    every = [*small.glob("*.*"), *small.glob("figures/current/*")]
    return sorted(path for path in every if path.is_symlink())


def lead_elsewhere(root: Path) -> Iterator[Path]:
    """Each stable name in another way, and with it the JSON beside what it leads to."""
    links = stable_names(root)
    for i, link in enumerate(links):
        content = link.read_bytes()
        target = os.readlink(link)
        link.unlink()
        if i % 3 == 0:
            link.write_bytes(content[:-1] + b"#\n")
        elif i % 3 == 1:
            link.symlink_to(f"./{target}")
        else:
            link.symlink_to(os.path.relpath(root / "Snakefile", link.parent))
        yield link


def test_stable_names_that_lead_elsewhere_are_named_and_mended(harmed, monkeypatch):
    before = stable(harmed)
    monkeypatch.chdir(harmed.root)
    links = {*lead_elsewhere(harmed.root)}
    assert named(verify(Path())) == links
    harmed.snakemake()
    assert stable(harmed) == before
    assert "Nothing to be done" in harmed.snakemake().stderr
    # And a second time, in the same way.
    [*lead_elsewhere(harmed.root)]
    harmed.snakemake()
    assert stable(harmed) == before
    assert named(verify(Path())) == set()


def test_a_rule_of_the_users_own_follows_what_it_reads(shared_project):
    """Asked for by itself: after the sweep grew, after it was edited back, after its script was."""
    project = shared_project
    write_small_sweep(project)
    text = (project.root / "config/sweeps/small.yaml").read_text()
    plain = text[: text.index("figures:")]
    project.write_sweep("small", plain)
    with (project.root / "Snakefile").open("a") as snakefile:
        snakefile.write(OWN_RULE)
    (project.root / "mine.sh").write_text("sha256sum $1 > $2\n")

    def made() -> str:
        project.snakemake("mine")
        assert "Nothing to be done" in project.snakemake("mine").stderr
        return (project.root / "results/mine.txt").read_text()

    first = made()
    project.write_sweep("small", plain.replace("[1, 10]", "[1, 10, 20]"))
    assert "mine" in project.snakemake("mine", "-n").stdout
    assert made() != first
    project.write_sweep("small", plain)
    assert made() == first
    (project.root / "mine.sh").write_text("echo mine > $2\n")
    assert made() == "mine\n"


OWN_RULE = """

rule mine:
    input:
        "results/small/dataset.nc",
        "mine.sh",
    output:
        "results/mine.txt",
    shell:
        "sh mine.sh {input[0]} {output}"
"""


# ---- figures that cannot be drawn --------------------------------------------------------------


def test_one_figure_that_cannot_be_drawn_withholds_no_other(harmed):
    """It is told at the end; the run is no success, and the next one goes on from there."""
    code = harmed.root / "workflow/spikesweep/figures/heatmap.py"
    sound = code.read_text()
    code.write_text(sound.replace("\ndef draw(", "\nUNKNOWN = 1 / 0\n\n\ndef draw(", 1))
    assert code.read_text() != sound
    figures = harmed.root / "results/small/figures"
    before = {*figures.glob("*.*")}
    done = harmed.snakemake(check=False)
    assert done.returncode == 1
    assert "small: could not be drawn, as said above: heatmap_rate. The other" in done.stdout
    new = {path.name.partition("_")[0] for path in {*figures.glob("*.*")} - before}
    assert new == {"intervals"}
    code.write_text(sound + "\nMENDED = True\n")
    harmed.snakemake()
    new = {path.name.rpartition("_")[0] for path in {*figures.glob("*.*")} - before}
    assert new == {"intervals", "heatmap_rate"}
