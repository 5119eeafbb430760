"""A project of one's own: begun by `spikesweep init` in an empty folder, run by an installed wheel.

The wheel is built once, from what the repository has, and installed into an environment that finds
all other packages in ours.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import provenance
from deployed import Deployed
from project import ROOT
from spikesweep.commands.docs import pages
from spikesweep.commands.examples import (
    FORMS,
    copy_of_example,
    examples,
    find_example,
    write_files,
)
from spikesweep.errors import UserError
from spikesweep.plan.making import make_plan
from spikesweep.products import engine

pytestmark = pytest.mark.workflow
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
BUILT = (*("pyproject.toml", "setup.py", "README.md", "LICENSE", "Snakefile", "requirements.lock"),)
BUILT_FOLDERS = ("workflow", "config", "mod", "morphologies", "profiles", "docs")


class Index:
    """A folder of wheels, from which pip installs by name; no network is asked.

    Environments have the wheel, and find all other packages in that of the tests.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.source = folder / "source"
        self.source.mkdir(parents=True)
        for name in BUILT:
            shutil.copy(ROOT / name, self.source / name)
        for name in BUILT_FOLDERS:
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(ROOT / name, self.source / name, ignore=ignored)

    def build(self) -> Path:
        """Build a wheel of the sources as they are."""
        before = set(self.folder.glob("*.whl"))
        alone = ["--no-deps", "--no-index", "--no-build-isolation"]
        subprocess.run(
            [*PIP, "wheel", *alone, "--wheel-dir", str(self.folder), str(self.source)], check=True
        )
        [built] = set(self.folder.glob("*.whl")) - before
        return built

    def environment(self, requirement: str) -> Path:
        """Return the Python of a new environment with some version."""
        environment = self.folder / requirement.replace("==", "_")
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True
        )
        [packages] = environment.glob("lib/python3*/site-packages")
        (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        self.install(environment / "bin/python", requirement)
        return environment / "bin/python"

    def install(self, python: Path, requirement: str) -> None:
        """Have pip install some version, in the place of another."""
        alone = ["--no-deps", "--no-index", "--find-links", str(self.folder), "--upgrade"]
        [packages] = python.parents[1].glob("lib/python3*/site-packages")
        subprocess.run(
            [*PIP, "install", *alone, "--target", str(packages), requirement], check=True
        )


@pytest.fixture(scope="session")
def index(tmp_path_factory) -> Index:
    """The wheel of what the repository has."""
    index = Index(tmp_path_factory.mktemp("wheel"))
    index.build()
    return index


@pytest.fixture(scope="session")
def python(index) -> Path:
    """The Python of an environment that has spikesweep as a wheel."""
    return index.environment(f"spikesweep=={engine.identity()['version']}")


class Own:
    """A project in a folder, run by the Python that has the wheel."""

    def __init__(self, root: Path, python: Path):
        self.root, self.python = root, python

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a module of Python in the project, in an environment that names no other package."""
        environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"GIT_CONFIG_GLOBAL": str(self.root.parent / "gitconfig")}
        done = subprocess.run(
            [str(self.python), *(words if words[0].startswith("-") else ("-m", *words))],
            cwd=self.root if self.root.is_dir() else self.root.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0 or not check, f"{words}\n{done.stdout}\n{done.stderr}"
        return done

    def snakemake(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run the daily command."""
        return self.run("snakemake", "--cores", "2", *words, check=check)


@pytest.fixture
def own(python, tmp_path):
    """Begins a project with some template, in an empty folder."""
    (tmp_path / "gitconfig").write_text("[user]\n  name = A\n  email = a@example.org\n")

    def begin(template: str) -> Own:
        project = Own(tmp_path / "mine", python)
        project.run("spikesweep", "init", "mine", "--template", template)
        return project

    return begin


@pytest.mark.parametrize("template", ["ball_and_stick", "hoc", "python"])
def test_a_project_runs_from_its_folder_to_its_figures(own, template):
    project = own(template)
    sweep = FORMS.get(template, template)
    commit = provenance.git(project.root, "rev-parse", "HEAD")
    assert provenance.git(project.root, "status", "--porcelain") == ""
    project.snakemake()
    figures = list((project.root / f"results/{sweep}/figures").glob("*.pdf"))
    assert figures
    # The label is that of the user's repository; what made it all is told as a package.
    assert all(path.stem.endswith(f"_{commit[:8]}") for path in figures)
    record = project.root / f"results/provenance/{sweep}_{commit[:8]}.json"
    assert json.loads(record.read_text())["spikesweep"] == engine.identity()
    assert provenance.git(project.root, "status", "--porcelain") == ""
    assert "Nothing to be done" in project.snakemake().stderr
    assert project.run("spikesweep", "status").stdout.startswith(f"{sweep}: done")
    assert "damaged" not in project.run("spikesweep", "verify", ".").stdout


ALL_TEMPLATES = """
import sys
from argparse import Namespace
from pathlib import Path
from spikesweep.commands import init
from spikesweep.commands.examples import FORMS, examples
from spikesweep.plan.making import make_plan
for template in sys.argv[1:]:
    init.run(Namespace(folder=Path(template), template=template))
    make_plan(Path(template), FORMS.get(template, template))
    print("planned", template)
"""


def test_make_installs_the_package_from_where_it_was_installed(own, python, index):
    """From the wheel, which no index has; where that has gone, one message says what to do."""
    [wheel] = index.folder.glob(f"spikesweep-{engine.identity()['version']}-*.whl")
    index.install(python, str(wheel))
    project = own("hh_soma")
    named = (project.root / "requirements.txt").read_text()
    assert f"spikesweep @ {wheel.as_uri()}\n" in named
    environment = project.root / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    [packages] = environment.glob("lib/python3*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    alone |= {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}

    def make() -> subprocess.CompletedProcess:
        words = ["make", "install"]
        return subprocess.run(words, cwd=project.root, env=alone, capture_output=True, text=True)

    assert make().returncode == 0
    [installed] = packages.glob("spikesweep-*.dist-info")
    assert wheel.name in (installed / "direct_url.json").read_text()
    (environment / "installed").unlink()
    (project.root / "requirements.txt").write_text(named.replace(wheel.name, "gone.whl"))
    done = make()
    assert done.returncode
    assert "name a wheel, a checkout or a git address of it there" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_installed_wheel_begins_with_every_template(python, tmp_path):
    """In an empty folder, which has no examples of its own."""
    templates = [*FORMS, *examples()]
    said = Own(tmp_path / "none", python).run("-c", ALL_TEMPLATES, *templates).stdout
    planned = [line.split()[1] for line in said.splitlines() if line.startswith("planned ")]
    assert planned == templates


@pytest.mark.parametrize("method", ["conda", "apptainer"])
def test_jobs_that_run_elsewhere_have_the_installed_package(own, method, tmp_path, monkeypatch):
    """A copy of it alone: the other packages are those that are there."""
    project, deployed = own("hh_soma"), Deployed(tmp_path / "deployed")
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    with (project.root / "config/config.yaml").open("a") as file:
        file.write("container: of_mine.sif\n")
    (project.root / "of_mine.sif").touch()
    table = "results/hh_soma/statistics.csv"
    project.snakemake(table, "--sdm", method)
    assert deployed.made() >= {"plan", "batch", "dataset", "statistics", "current"}
    [copy] = (project.root / ".snakemake/spikesweep").iterdir()
    assert {path.name.partition("-")[0] for path in copy.iterdir()} == {"spikesweep"}
    assert "Nothing to be done" in project.snakemake(table).stderr


def test_a_project_publishes_what_makes_its_bundle_again(own, tmp_path):
    """Its workflow is its own Snakefile, where this repository's is in a folder."""
    project = own("ball_and_stick")
    project.snakemake("publish")
    [bundle] = (project.root / "results/published").glob("*.zip")
    assert "damaged" not in project.run("spikesweep", "verify", str(bundle)).stdout
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "elsewhere")
    [sums] = (tmp_path / "elsewhere").rglob("SHA256SUMS")
    crate = json.loads((sums.parent / "ro-crate-metadata.json").read_text())
    of = {entity["@id"]: entity for entity in crate["@graph"]}
    assert of["./"]["mainEntity"] == {"@id": "Snakefile"}
    results = sums.parent / "results"
    gone = [
        p for pattern in ("*/*.nc", "*/*.csv", "*/figures/*_*.*") for p in results.glob(pattern)
    ]
    assert {path.suffix for path in gone} >= {".nc", ".csv", ".pdf", ".png", ".svg"}
    for path in gone:
        path.unlink()
    Own(sums.parent, project.python).snakemake()
    hashes = dict(reversed(line.split("  ", 1)) for line in sums.read_text().splitlines())
    for path in gone:
        name = path.relative_to(sums.parent).as_posix()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == hashes[name], name


def test_what_the_wheel_holds(index):
    [wheel] = index.folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "spikesweep",
        "snakemake_logger_plugin_spikesweep",
        wheel.name.rpartition("-py3")[0] + ".dist-info",
    }
    rules = {path.name for path in (ROOT / "workflow/rules").iterdir()}
    shipped = "spikesweep/shipped/workflow/rules/"
    assert {name.removeprefix(shipped) for name in names if name.startswith(shipped)} == rules
    assert not [name for name in names if name.endswith((".pyc", ".h5", ".png", ".svg"))]
    shipped = {name.removeprefix("spikesweep/shipped/") for name in names}
    assert {path.relative_to(ROOT).as_posix() for path in pages().values()} <= shipped


def test_after_an_upgrade_why_says_what_will_run_again(own, index):
    """A version with other code of the statistics: they are made again, nothing is simulated."""
    project = own("hh_soma")
    project.snakemake("results/hh_soma/statistics.csv")
    now = engine.identity()["version"]
    source = index.source
    for path, old, new in (
        (source / "pyproject.toml", f'version = "{now}"', 'version = "99.0.0"'),
        (source / "workflow/spikesweep/tables/statistics.py", "def ", "ADDED = 1\n\n\ndef "),
    ):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    index.build()
    project.python = index.environment("spikesweep==99.0.0")
    said = project.snakemake("-n", check=False).stderr
    assert f"requirements.txt: pins spikesweep {now}, but 99.0.0 runs" in said
    assert "spikesweep why SWEEP says what will run again" in said
    pinned = project.root / "requirements.txt"
    pinned.write_text(pinned.read_text().replace(f"=={now}", "==99.0.0"))
    why = project.run("spikesweep", "why", "hh_soma").stdout
    assert re.search(r"^  statistics \(code tables.statistics: changed", why, re.MULTILINE), why
    assert not re.search(r"^  (simulate|collect)\b", why, re.MULTILINE), why
    project.snakemake("results/hh_soma/statistics.csv")


def test_another_version_than_the_one_that_is_pinned_is_refused(own):
    project = own("hh_soma")
    pinned = project.root / "requirements.txt"
    version = engine.identity()["version"]
    pinned.write_text(pinned.read_text().replace(f"=={version}", "==0.0.9"))
    said = project.snakemake("-n", check=False).stderr
    assert f"requirements.txt: pins spikesweep 0.0.9, but {version} runs" in said
    assert "Traceback" not in said


def from_an_empty_folder(folder: Path, python: Path, snakefile: str) -> Own:
    """Return a workflow of somebody's own: a Snakefile, a sweep and its mechanism, in git."""
    project = Own(folder, python)
    example = (ROOT / "config/examples/hh_soma.yaml").read_text()
    sweep = example.replace("model:\n", "model:\n  mechanisms: default\n", 1)
    files = {
        "config/config.yaml": "sweeps: [mine]\n",
        "config/sweeps/mine.yaml": sweep.replace("hh: {", "leak: {}, hh: {", 1),
        "mod/leak.mod": provenance.LEAK,
        "workflow/Snakefile": snakefile,
        ".gitignore": ".snakemake/\nresults/\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    provenance.git(folder, "init", "--quiet")
    provenance.git(folder, "add", "--all")
    provenance.git(folder, "commit", "--quiet", "--message", "first")
    return project


def is_whole(project: Own, target: str) -> None:
    """Assert that a workflow gives its own results, with its own label, once."""
    project.snakemake(target)
    commit = provenance.git(project.root, "rev-parse", "HEAD")[:8]
    figures = [path.name for path in (project.root / "results/mine/figures").glob("*.pdf")]
    assert figures == [f"traces_{commit}.pdf"]
    statistics = (project.root / "results/mine/statistics.csv").read_text().splitlines()
    assert len(statistics) > 1
    assert provenance.git(project.root, "status", "--porcelain") == ""
    assert "Nothing to be done" in project.snakemake(target).stderr


def test_as_a_module_of_the_installed_package(python, tmp_path):
    snakefile = (
        "from spikesweep.snakefile.path import SNAKEFILE\n\n\n"
        'configfile: "config/config.yaml"\n\n\n'
        "module spikesweep:\n    snakefile: SNAKEFILE\n    config: config\n\n\n"
        "use rule * from spikesweep as study_*\n"
    )
    is_whole(from_an_empty_folder(tmp_path / "mine", python, snakefile), "study_all")


# What `snakedeploy deploy-workflow` writes; there it says github(...) in the place of gitfile.
DEPLOYED = """\
from snakemake.utils import min_version

min_version("6.10.0")


configfile: "config/config.yaml"


module spikesweep:
    snakefile:
        gitfile("{repository}", path="workflow/Snakefile", tag="{tag}")
    config:
        config


use rule * from spikesweep
"""


@pytest.fixture
def repository(tmp_path) -> Path:
    """The repository of this workflow, with its version as a tag; and one of another version."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "workflow", folder / "workflow", ignore=shutil.ignore_patterns("*.pyc"))
    provenance.git(folder, "init", "--quiet")
    for tag, text in (("now", ""), ("later", "\n# Another rule.\n")):
        with (folder / "workflow/Snakefile").open("a") as file:
            file.write(text)
        provenance.git(folder, "add", "--all")
        provenance.git(folder, "commit", "--quiet", "--message", tag)
        provenance.git(folder, "tag", tag)
    return folder


def test_as_snakedeploy_deploys_it(python, repository, tmp_path):
    """Only the Snakefiles come from the repository; the package is the one that is installed."""
    snakefile = DEPLOYED.format(repository=repository, tag="now")
    project = from_an_empty_folder(tmp_path / "mine", python, snakefile)
    is_whole(project, "mine")
    path = project.root / "workflow/Snakefile"
    path.write_text(DEPLOYED.format(repository=repository, tag="later"))
    said = project.snakemake("-n", check=False).stderr
    version = engine.identity()["version"]
    assert f"the Snakefile of another version than {version}, which is installed" in said
    assert "Traceback" not in said


def test_a_second_sweep_and_its_file_as_a_path(own):
    project = own("hh_soma")
    project.run("spikesweep", "new", "mine", "--from", "hoc")
    assert "  mine     A synapse on the apical" in project.run("spikesweep", "list").stdout
    said = project.run("spikesweep", "plan", "config/sweeps/mine.yaml").stdout
    assert said.startswith("mine: A synapse on the apical dendrite of a HOC template")
    again = project.run("spikesweep", "new", "mine", "--from", "hoc", check=False)
    assert again.returncode == 1
    assert again.stderr.startswith("spikesweep: mine: there is a sweep of this name")
    (project.root / "mine.yaml").touch()
    said = project.run("spikesweep", "plan", "mine.yaml", check=False).stderr
    assert said.startswith("spikesweep: mine.yaml: not the file of a sweep; expected one that lies")


# ---- without the wheel -------------------------------------------------------------------------


@pytest.mark.parametrize("example", examples())
def test_every_example_can_be_begun_with(example, tmp_path):
    """Its copy is made of all that it reads, and of nothing else."""
    files = copy_of_example(example, "mine")
    write_files(tmp_path, files)
    read = {tmp_path / path for path in make_plan(tmp_path, "mine").sources}
    assert read == {tmp_path / path for path in files}
    assert not any("examples" in path.parts for path in files)


def test_what_a_user_wrote_is_never_overwritten(tmp_path):
    files = copy_of_example("ramp_noise", "mine")
    changed = tmp_path / "config/ramp.csv"
    changed.parent.mkdir()
    changed.write_text("mine")
    with pytest.raises(UserError, match="is there already, with another content; nothing was"):
        write_files(tmp_path, files)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [changed]


def test_forms_are_offered_only_where_their_examples_ship(monkeypatch):
    """As where the package runs from a copy without config/examples."""
    monkeypatch.setattr("spikesweep.commands.examples.examples", lambda: {"potassium_block": ""})
    assert find_example("swc") == "potassium_block"
    with pytest.raises(UserError, match=r"there are: potassium_block, swc\)"):
        find_example("hoc")


@pytest.mark.parametrize("name", ["all", "1st", "a-b", "../x", "", "stamp"])
def test_names_that_no_sweep_may_have(name):
    with pytest.raises(UserError, match="no sweep may have this name"):
        copy_of_example("hh_soma", name)
