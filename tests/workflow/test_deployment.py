"""`--sdm conda` and `--sdm apptainer`: jobs run by the Python that is there, to the same results.

conda and apptainer are stand-ins (tests/helpers/deployed.py): what is tried is what the workflow
asks of them, and that its jobs run in what they give; not that they install what is asked.
"""

import importlib.util

import pytest
import yaml

from deployed import Deployed
from project import ROOT
from small import small_sweep

pytestmark = pytest.mark.workflow
ENVIRONMENT = ROOT / "workflow/envs/spikesweep.yaml"
JOBS = {"plan", "batch", "structure", "dataset", "simulations", "statistics", "stamp", "current"}


@pytest.fixture
def small(project):
    project.write_sweep("small", small_sweep())
    return project


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    deployed = Deployed(tmp_path / "deployed")
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    return deployed


def test_in_an_environment_of_conda(small, deployed):
    small.snakemake("small", "--sdm", "conda")
    assert deployed.made() >= JOBS
    assert (deployed.base / "asked.yaml").read_text() == ENVIRONMENT.read_text()
    done = small.snakemake("small")  # made as without it
    assert "Nothing to be done" in done.stderr


def test_in_a_container(small, deployed):
    refused = small.snakemake("small", "--sdm", "apptainer", check=False)
    assert refused.returncode == 1
    assert "config/config.yaml: container: no image is named; --sdm apptainer" in refused.stderr
    assert "apptainer build" in refused.stderr
    assert "Traceback" not in refused.stderr
    config = small.root / "config/config.yaml"
    config.write_text(config.read_text() + "container: of_mine.sif\n")
    refused = small.snakemake("small", "--sdm", "apptainer", check=False)
    assert f"container: {small.root / 'of_mine.sif'}, which is not there" in refused.stderr
    (small.root / "of_mine.sif").touch()
    small.snakemake("small", "--sdm", "apptainer")
    assert deployed.made() >= JOBS
    assert "Nothing to be done" in small.snakemake("small").stderr


@pytest.mark.parametrize("image", ["3", "[a]"])
def test_what_is_no_image(small, image):
    config = small.root / "config/config.yaml"
    config.write_text(config.read_text() + f"container: {image}\n")
    said = small.snakemake("small", "-n", check=False).stderr
    assert "config/config.yaml: container: " in said
    assert "expected an image" in said


def test_the_environment_is_that_of_the_lock_file():
    """All of its packages, each at its version; written by `make lock`."""
    path = ROOT / ".ci/environment.py"
    specification = importlib.util.spec_from_file_location("environment", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    lock = (ROOT / "requirements.lock").read_text()
    assert ENVIRONMENT.read_text() == module.environment(lock)
    [pins] = [part["pip"] for part in yaml.safe_load(ENVIRONMENT.read_text())["dependencies"][-1:]]
    heads = [line for line in lock.splitlines() if line[:1].isalnum()]
    assert pins == [line.removesuffix("\\").strip() for line in heads]
