"""How far sweeps are, as `spikesweep status` says it: by the files, and by the record of a run."""

import fcntl
import os
import shutil
import time
from pathlib import Path

import pytest
import yaml

from planning import STICK
from spikesweep.commands import status
from spikesweep.errors import UserError
from spikesweep.snakefile.config import configured
from spikesweep.snakefile.lock import LOCK, hold_lock, holder
from spikesweep.snakefile.progress import Part, Progress
from spikesweep.snakefile.project import Project
from spikesweep.snakefile.record import read_record, write_record


@pytest.fixture
def stick(tmp_path, monkeypatch):
    """The sweep `s` of one simulation, in a project that is entered."""
    monkeypatch.chdir(tmp_path)
    Path("config/sweeps").mkdir(parents=True)
    Path("results").mkdir()
    Path("config/sweeps/s.yaml").write_text(yaml.safe_dump(STICK, sort_keys=False))
    return Project(Path())


@pytest.fixture
def lock():
    """The lock of the project, held by another run."""
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("process 17 on elsewhere\n")
        file.flush()
        yield file


def said(project):
    return "\n".join(status.status(project, ["s"]))


def test_nothing_is_done(stick):
    assert said(stick).startswith(
        "s: not complete; snakemake --cores 8 s makes the rest\n  plan         0/1\n"
    )


def test_files_tell_what_is_done(stick):
    plan = stick.plan("s")
    for product in plan.every[:2]:
        for path in product.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    assert plan.every[1].kind.stage == "simulate"
    assert "  plan         1/1\n  simulate     1/1\n  structure    0/1" in said(stick)


def test_a_run_tells_what_runs(stick, lock):
    progress = Progress()
    for job in range(4):
        progress.expects(job, Part("s", "simulate"))
        progress.starts(job, Part("s", "simulate"), now=0)
    progress.ends(0, now=10)
    progress.ends(1, now=10, failed=True)
    write_record(progress.told(now=10, ended=False))
    assert holder() == "process 17 on elsewhere"
    assert said(stick).startswith("s: running (process 17 on elsewhere), about 5 s left\n")
    assert "simulate     0/1   2 running, 1 failed, 6 a minute" in said(stick)
    fcntl.flock(lock, fcntl.LOCK_UN)  # it was killed
    assert said(stick).startswith("s: not complete")
    assert "of the last run a job failed: what it said lies in results/logs/s" in said(stick)


def test_a_run_of_other_sweeps_is_none_of_this(stick, lock):
    progress = Progress()
    progress.expects(0, Part("other", "figure"))
    write_record(progress.told(now=0, ended=False))
    assert "running" not in said(stick)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sweeps": 1}', "null"])
def test_a_record_that_is_not_whole_is_none(stick, content):
    Path("results/logs").mkdir()
    Path("results/logs/run.json").write_text(content)
    assert read_record() == {}
    said(stick)


def test_to_look_keeps_no_run_from_starting(stick):
    """A look holds the lock for an instant, which a run waits for."""
    assert holder() == ""
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        child = os.fork()
        if child == 0:
            try:
                hold_lock()
            except UserError:
                os._exit(1)
            os._exit(0)
        time.sleep(0.03)
        fcntl.flock(file, fcntl.LOCK_UN)
        assert os.waitpid(child, 0)[1] == 0


def test_without_a_name_it_is_all_that_one_works_on(stick):
    """Those of the config first; of examples those that ran; one that is wrong hides no other."""
    Path("config/config.yaml").write_text("sweeps: [t]\n")
    Path("config/sweeps/t.yaml").write_text(yaml.safe_dump(STICK, sort_keys=False))
    Path("config/sweeps/bad.yaml").write_text("axes: 1\n")
    Path("config/examples").mkdir()
    for example in ("ran", "never_ran"):
        shutil.copy("config/sweeps/s.yaml", f"config/examples/{example}.yaml")
    Path("results/made/ran").mkdir(parents=True)
    assert status.everyone() == ["t", "bad", "s", "ran"]
    told = [line for line in status.status(stick, status.everyone()) if line[0] != " "]
    assert [line.partition(":")[0] for line in told] == ["t", "bad", "s", "ran"]
    assert told[1].startswith("bad: cannot be planned: config/sweeps/bad.yaml: ")


def test_the_sweeps_that_the_config_names(stick):
    assert configured(Path()) == []
    Path("config/config.yaml").write_text("sweeps: [s]\n")
    assert configured(Path()) == ["s"]
    Path("config/config.yaml").write_text("sweeps: [t]\n")
    with pytest.raises(UserError, match='no sweep is named "t"'):
        configured(Path())
