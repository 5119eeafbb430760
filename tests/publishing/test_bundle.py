"""The published bundle: checked by other tools, tampered with. It is run on its own by
test_docs.py, and with an installation of its own by .ci/run."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from rocrate.rocrate import ROCrate

import provenance
from crates import PROFILES, problems_of
from project import Project


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def unzipped(published, tmp_path) -> Path:
    """The bundle, unzipped in a folder outside of any repository."""
    with zipfile.ZipFile(published.bundle) as bundle:
        bundle.extractall(tmp_path / "unzipped")
    return tmp_path / "unzipped"


def test_what_is_in_it(published, unzipped):
    assert published.bundle.name == f"small_{published.first[:8]}.zip"
    for name in (
        *("Snakefile", "workflow/Snakefile", "requirements.lock", "config/sweeps/small.yaml"),
        *("mod/channels/leak.mod", "morphologies/stick.swc", "Makefile", "ro-crate-metadata.json"),
        *("results/small/dataset.nc", "results/small/statistics.csv", "results/small/isi.json"),
        "results/small/report.html",
        f"results/small/figures/intervals_{published.first[:8]}.pdf",
    ):
        assert (unzipped / name).is_file(), name
    tracked = provenance.git(published.root, "ls-files").splitlines()
    for name in tracked:
        assert (unzipped / name).read_bytes() == (published.root / name).read_bytes(), name


def test_sums_by_another_tool(unzipped):
    assert Project.at(unzipped).has_its_sums()


def test_twice_the_same_bytes(published):
    """Also where Snakemake's records, from which it makes its report, are lost."""
    before = sha256(published.bundle)
    published.bundle.unlink()
    shutil.rmtree(published.root / ".snakemake")
    published.snakemake("publish")
    assert sha256(published.bundle) == before


@pytest.mark.parametrize("profile", PROFILES)
def test_the_crate_by_the_validator(unzipped, profile):
    assert problems_of(unzipped, profile) == []
    # It finds what is wrong: a run that names nothing that ran is none in any of the profiles.
    metadata = unzipped / "ro-crate-metadata.json"
    metadata.write_text(metadata.read_text().replace('"instrument"', '"about"'))
    assert problems_of(unzipped, profile)


def test_the_crate_names_what_each_stage_read_and_made(unzipped):
    crate = ROCrate(unzipped)
    actions = {e["instrument"].id: e for e in crate.get_by_type("CreateAction")}
    statistics = actions["#spikesweep-statistics"]
    assert [e.id for e in statistics["object"]] == [
        "results/small/dataset.nc",
        "results/small/simulations.csv",  # one product with the next
        "results/small/failures.csv",
        "results/small/flags.csv",
    ]
    assert {e.id for e in statistics["result"]} == {
        "results/small/statistics.csv",
        "results/small/isi.csv",
    }
    for entity in crate.get_by_type("File"):
        if entity.get("sha256"):
            assert entity["sha256"] == sha256(unzipped / entity.id), entity.id


@pytest.mark.parametrize(
    "name",
    [
        "results/small/figures/intervals_{label}.png",
        "results/small/dataset.nc",
        "results/small/statistics.csv",
        "mod/channels/leak.mod",
        "workflow/spikesweep/store/store.py",
        "ro-crate-metadata.json",
        "results/small/report.html",
    ],
)
def test_a_flipped_byte_in_the_bundle_is_named(published, tmp_path, name):
    name = name.format(label=published.first[:8])
    damaged = tmp_path / "damaged.zip"
    content = bytearray(published.bundle.read_bytes())
    with zipfile.ZipFile(published.bundle) as bundle:
        info = bundle.getinfo(name)
    content[info.header_offset + 30 + len(name) + info.file_size // 2] ^= 1
    damaged.write_bytes(content)
    done = published.spikesweep("verify", str(damaged), check=False)
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if "was changed" in line]
    assert problems == [f"{damaged}: {name}: was changed after it was made"]


def test_any_flipped_byte_of_the_bundle_shows(published, tmp_path, monkeypatch):
    """Also in ZIP's own headers, and in the list of hashes."""
    from spikesweep.commands.verify import verify

    content = published.bundle.read_bytes()
    assert not any(finding.problem for finding in verify(published.bundle))
    damaged = tmp_path / "damaged.zip"
    end = len(content)
    for place in [0, 3, 8, 12, *range(end - 90, end, 3), content.index(b"SHA256SUMS") + 40]:
        damaged.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert any(finding.problem for finding in verify(damaged)), place


@pytest.mark.parametrize(
    "name",
    [
        "results/small/statistics.csv",
        "results/small/isi.json",
        "results/small/dataset.nc",
        "results/small/plan.csv",
        "results/small/figures/intervals_{label}.png",
        "results/made/small/plan_*.json",
        "results/provenance/small_{label}.json",
        "mod/channels/leak.mod",
        "config/sweeps/small.yaml",
    ],
)
def test_what_was_edited_shows_though_the_sums_were_written_anew(published, unzipped, name):
    """By what tells of it: the record of the run, the plan, the description beside a table."""
    from spikesweep.commands.verify import verify

    [path] = unzipped.glob(name.format(label=published.first[:8]))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    sum_anew(unzipped)
    assert Project.at(unzipped).has_its_sums()
    wrong = [Path(finding.path) for finding in verify(unzipped) if finding.problem]
    assert wrong == [path]
    zipped = unzipped.with_suffix(".zip")
    with zipfile.ZipFile(zipped, "w") as bundle:
        for file in filter(Path.is_file, sorted(unzipped.rglob("*"))):
            bundle.write(file, file.relative_to(unzipped))
    wrong = [finding.path for finding in verify(zipped) if finding.problem]
    assert wrong == [f"{zipped}: {path.relative_to(unzipped)}"]


def test_files_of_the_commit_that_look_like_results_are_asked_nothing(tmp_path):
    """Such as a JSON of the user's beside a CSV, or a folder of an analysis named results."""
    from spikesweep.commands.bundle_checks import other_than_told

    names = [
        *("config/cells.json", "config/cells.csv", "figures/figure_sets/a.png"),
        *("analysis/results/dose/fit.json", "analysis/results/dose/fit.csv"),
        "analysis/results/made/dose/plan_0.json",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert list(other_than_told(tmp_path, dict.fromkeys(names, "0" * 64))) == []


def sum_anew(folder: Path) -> None:
    """Write SHA256SUMS as the files are now, as anyone may."""
    listed = folder / "SHA256SUMS"
    names = [line.partition("  ")[2] for line in listed.read_text().splitlines()]
    listed.write_text("".join(f"{sha256(folder / name)}  {name}\n" for name in names))


def test_there_is_no_commit_to_check_out_in_it(unzipped):
    figure = next((unzipped / "results/small/figures").glob("*.png"))
    done = Project.at(unzipped).spikesweep("rebuild", str(figure), check=False)
    assert done.returncode == 1
    assert "not in a git repository" in done.stderr
    assert "makes its results again with: make" in done.stderr


def test_a_changed_source_in_it_is_not_the_commit(unzipped):
    from spikesweep.lineage.git_label import sweep_state

    [record] = (unzipped / "results/provenance").glob("*.json")
    sources = json.loads(record.read_text())["sources"]
    assert "config/sweeps/small.yaml" in sources
    assert sweep_state(unzipped, sources).commit
    (unzipped / "workflow/rules/products.smk").write_text("# another\n")
    assert sweep_state(unzipped, sources).label == "nogit"


def test_a_dirty_tree_is_refused_unless_told(committed, tmp_path):
    copy = Project(tmp_path / "project", of=committed)
    (copy.root / "mod/channels/leak.mod").write_text(provenance.LEAK + ": a comment\n")
    shutil.rmtree(copy.root / "results/small")
    shown = copy.snakemake("-n", "publish")  # says so beside what would run
    assert ("\nspikesweep: would be refused: results/published/small_") in shown.stderr
    assert "not committed: mod/channels/leak.mod" in shown.stderr
    assert "bundle" in shown.stdout
    done = copy.snakemake("publish", check=False)
    assert done.returncode == 1
    assert not (copy.root / "results/small").exists()  # it is refused before anything is made
    assert (
        "not committed: mod/channels/leak.mod. Nothing was published" in done.stderr + done.stdout
    )
    assert not (copy.root / "results/published").exists()
    copy.snakemake("publish", "--config", "publish=['dirty']")
    [bundle] = (copy.root / "results/published").iterdir()
    assert f"small_{committed.first[:8]}+" in bundle.name
    with zipfile.ZipFile(bundle) as files:
        assert files.read("mod/channels/leak.mod").endswith(b": a comment\n")
        assert any(name.endswith(".patch") for name in files.namelist())
    shutil.rmtree(copy.root / "results/published")


def test_a_sweep_that_was_allowed_to_be_large_is_so_in_its_bundle_and_when_rebuilt(
    committed, tmp_path
):
    copy = Project(tmp_path / "project", of=committed)
    design = copy.root / "workflow/spikesweep/document/axes/design.py"
    design.write_text(design.read_text().replace("LARGE = 100_000", "LARGE = 3"))
    label = provenance.commit(copy)[:8]
    copy.snakemake("publish", "--config", "allow_large=true")
    with zipfile.ZipFile(copy.root / f"results/published/small_{label}.zip") as files:
        config = files.read("config/config.yaml").decode()
    assert yaml.safe_load(config) == {"sweeps": ["small"], "allow_large": True}
    figure = f"results/small/figures/intervals_{label}.svg"
    assert f"{figure}: bytes equal" in copy.spikesweep("rebuild", figure).stdout


def test_failed_simulations_are_refused_unless_told(committed, tmp_path):
    """Simulations beyond the bounds, which a run itself does not mind.

    The bundle is of the sweep that was asked for, and so is what `make` runs in it.
    """
    copy = Project(tmp_path / "project", of=committed)
    copy.write_sweep("other", provenance.SWEEP)
    copy.write_sweep("small", {**provenance.SWEEP, "bounds": ["-200 mV", "0 mV"], "figures": []})
    copy.configure("other", "small")
    provenance.commit(copy)
    done = copy.snakemake("publish", "small", check=False)
    assert done.returncode == 1
    said = done.stderr + done.stdout
    assert "4 simulations failed, see results/small/failures.csv. Nothing was published" in said
    assert not (copy.root / "results/published").exists()
    copy.snakemake("publish", "small", "--config", "publish=['failed']")
    [bundle] = (copy.root / "results/published").iterdir()
    with zipfile.ZipFile(bundle) as files:
        assert files.read("results/small/failures.csv").count(b"unphysical") == 4
        assert files.read("config/config.yaml") == b"sweeps: [small]\n"
