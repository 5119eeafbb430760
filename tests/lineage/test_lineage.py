"""What stamped figures, tables and the dataset say that they were made from."""

import getpass
import hashlib
import io
import json
import platform
import socket
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import h5py
import pikepdf
import pytest
from PIL import Image

import provenance
import rerunning
from project import Project
from spikesweep.lineage.git_label import sweep_state
from spikesweep.products.seal import is_intact, sealed_json

SOURCES = ("config/sweeps/small.yaml", "mod/channels/leak.mod", "morphologies/stick.swc")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def ran(committed, tmp_path_factory):
    """The sweep, run at its first commit."""
    copy = Project(tmp_path_factory.mktemp("lineage") / "project", of=committed)
    copy.first = committed.first
    return copy


def lineages(figure: Path) -> dict[str, dict]:
    """Return what each format of a figure carries, by other tools than those that wrote it."""
    with pikepdf.open(figure.with_suffix(".pdf")) as pdf, Image.open(f"{figure}.png") as png:
        svg = ElementTree.parse(figure.with_suffix(".svg"))
        return {
            "pdf": json.loads(str(pdf.docinfo["/spikesweep"])),
            "png": json.loads(png.text["spikesweep"]),
            "svg": json.loads(svg.findtext(".//{urn:spikesweep}lineage")),
        }


def test_a_figure_says_what_made_it(ran, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    results = ran.root / "results/small"
    carried = lineages(results / f"figures/heatmap_rate_{ran.first[:8]}")
    said = carried["pdf"]
    # Only the seal, which is each file's own, tells the formats apart.
    assert len({json.dumps(one | {"seal": ""}) for one in carried.values()}) == 1
    assert said["commit"] == ran.first
    date = ["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"]
    assert said["date"] == provenance.git(ran.root, *date)
    assert (said["patch"], said["changed_files"]) == (None, [])
    assert said["command"] == "snakemake --cores 8 small"
    for name in SOURCES:
        assert said["sources"][name] == sha256(ran.root / name)
    products = {
        path: digest for p in said["products"].values() for path, digest in p["files"].items()
    }
    for name in ("dataset.nc", "statistics.csv", "isi.csv", "structure.csv", "explore.html"):
        made = (results / name).resolve()
        assert products[made.name] == sha256(made)
    assert said["versions"]["neuron"] == metadata.version("neuron")
    assert said["versions"]["seaborn"] == metadata.version("seaborn")
    made_on = said["products"][(results / "dataset.nc").resolve().name]["made_on"]
    assert (made_on["python"], made_on["machine"]) == (
        platform.python_version(),
        platform.machine(),
    )
    document = said["specification"]["document"]
    assert document["protocol"]["processes"]["step"]["parameters"]["amp"] == 0.5


def test_dataset_and_tables_carry_their_specification_and_no_commit(ran):
    results = ran.root / "results/small"
    plan = json.loads((results / "plan.csv").resolve().with_suffix(".json").read_text())
    with h5py.File(results / "dataset.nc") as dataset:
        said = {name: str(value) for name, value in dataset.attrs.items()}
    assert said["fingerprint"].startswith((results / "dataset.nc").resolve().stem[-12:])
    assert json.loads(said["specification"])["document"] == plan["document"]
    assert ran.first[:8] not in json.dumps(said)
    for name in ("statistics.csv", "isi.csv", "structure.csv"):
        beside = (results / name).resolve().with_suffix(".json")
        assert is_intact(beside.read_bytes())
        assert json.loads(beside.read_text())["specification"]["document"] == plan["document"]
        assert ran.first[:8] not in beside.read_text()


def test_nothing_names_a_user_a_machine_or_a_folder(ran):
    """But the compiled library, whose compiler writes its folder into it; it is never published."""
    private = {str(ran.root), socket.gethostname(), str(Path.home()), getpass.getuser()}
    private = {word for word in private if len(word) > 4}
    leaks = [
        (path.name, word)
        for path in (ran.root / "results").rglob("*")
        if path.is_file() and path.suffix != ".so"
        for word in private
        if word.encode() in path.read_bytes()
    ]
    assert leaks == []


def test_a_commit_to_the_readme_only_stamps(ran):
    """And leaves every byte of the other products alone."""
    made = {p: sha256(p) for p in (ran.root / "results/made").rglob("*_*") if p.is_file()}
    before = provenance.git(ran.root, "rev-parse", "HEAD")
    (ran.root / "README.md").write_text("Another\n")
    second = provenance.commit(ran)
    assert second != before
    ran.snakemake()
    assert "figure" not in rerunning.finished(ran)
    assert (ran.root / f"results/small/figures/intervals_{second[:8]}.png").exists()
    for path, digest in made.items():
        assert "stamped" in path.name or sha256(path) == digest


def test_a_dirty_tree_keeps_its_patch(ran):
    """The patch and the commit make the tree again; what results do not depend on is not in it."""
    (ran.root / "NOTES.txt").write_text("Not a source\n")
    leak = ran.root / "mod/channels/leak.mod"
    leak.write_text(provenance.LEAK + ": a comment\n")
    state = sweep_state(ran.root, SOURCES)
    assert state.dirty_files == ("mod/channels/leak.mod",)
    ran.snakemake()
    figure = ran.root / f"results/small/figures/intervals_{state.label}"
    said = lineages(figure)["svg"]
    patch = ran.root / f"results/provenance/{said['patch']}.patch"
    assert sha256(patch) == said["patch"]
    assert said["changed_files"] == ["mod/channels/leak.mod"]
    clone = ran.root.parent / "clone"
    provenance.git(ran.root, "clone", "--quiet", ".", str(clone))
    provenance.git(clone, "apply", str(patch))
    assert (clone / "mod/channels/leak.mod").read_text() == leak.read_text()
    assert not (clone / "NOTES.txt").exists()
    leak.write_text(provenance.LEAK)


def test_seals():
    """Every byte counts, also those of the layout and of the seal."""
    content = sealed_json({"b": 1, "a": [1.5, "µ"]})
    assert is_intact(content)
    for place in range(len(content)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert not is_intact(changed)
    assert not is_intact(b"{}")
    assert json.load(io.BytesIO(content))["a"] == [1.5, "µ"]
