"""What a run is for, as Snakemake has it; and that each mistake in it is one message."""

import re
from types import SimpleNamespace

import pytest
from snakemake.settings.enums import RerunTrigger

from project import ROOT
from spikesweep.errors import UserError
from spikesweep.snakefile import run as run_module
from spikesweep.snakefile.run import Run, one_message

EXECUTOR = object()


def workflow(executor=EXECUTOR, dryrun=False, is_main=True, **settings):
    """Return what a Run asks of Snakemake's workflow."""
    plain = {"forceall": False, "forcerun": frozenset(), "forcetargets": False}
    plain["rerun_triggers"] = frozenset(RerunTrigger.all())
    return SimpleNamespace(
        executor_plugin=executor,
        dryrun=dryrun,
        is_main_process=is_main,
        dag_settings=SimpleNamespace(**plain | settings),
    )


@pytest.fixture
def begun(monkeypatch):
    """What the first answer of a run did: lock, patch, report."""
    done = []
    monkeypatch.setattr(run_module, "hold_lock", lambda: done.append("lock"))
    monkeypatch.setattr(run_module, "patch_snakemake", lambda: done.append("patch"))
    return done


@pytest.mark.parametrize(
    ("asked", "words", "does", "names_all"),
    [
        ({}, "", ["lock", "patch"], False),
        ({"dryrun": True}, "-n", [], False),
        ({"dryrun": True, "forceall": True}, "-nF", [], True),
        ({"forceall": True}, "-Fc2", ["lock", "patch"], True),
        ({"forcetargets": True}, "-f", ["lock", "patch"], True),
        ({"forcerun": frozenset(["collect"])}, "-R collect", ["lock", "patch"], True),
        ({"is_main": False, "forcetargets": True}, "--force", ["patch"], True),  # a cluster's job
        ({"executor": None}, "--dag", ["report"], True),
        ({"executor": None}, "--filegraph", ["report"], True),
        ({"executor": None}, "--d3dag", ["report"], True),
        ({"executor": None}, "--summary", ["report"], True),
        ({"executor": None}, "--report=a.html", ["report"], True),
        ({"executor": None}, "--delete-all-output", ["lock", "report"], True),
        ({"executor": None}, "--delete-all", ["lock", "report"], True),
        ({}, "--report a.html --report-after-run", ["lock", "patch", "report"], True),
        ({}, "--rep a.html", ["lock", "patch", "report"], True),
        ({}, "--rerun-incomplete", ["lock", "patch"], False),
        ({}, "--default-resources x=1", ["lock", "patch"], False),
    ],
)
def test_what_goes_before_the_first_answer(begun, asked, words, does, names_all):
    answer = Run(workflow(**asked), words.split())
    answer.on_report = lambda: begun.append("report")
    assert answer.names_all_inputs == names_all
    assert begun == []
    assert answer(lambda wildcards: wildcards)("these") == "these"
    assert answer(lambda *arguments: arguments, 1, 2)("these") == (1, 2)
    assert begun == does


@pytest.mark.parametrize(
    ("triggers", "left"),
    [
        (set(RerunTrigger.all()), {RerunTrigger.MTIME}),
        ({RerunTrigger.SOFTWARE_ENV}, set()),  # our profile's; rules name an environment
        ({RerunTrigger.MTIME, RerunTrigger.CODE}, {RerunTrigger.MTIME}),
        ({RerunTrigger.INPUT}, set()),
    ],
)
def test_no_record_of_earlier_runs_has_a_say(begun, triggers, left):
    """Also where a workflow that has this one as a module has no profile."""
    asked = workflow(rerun_triggers=frozenset(triggers))
    Run(asked, [])(lambda wildcards: [])(None)
    assert set(asked.dag_settings.rerun_triggers) == left


def test_nothing_is_asked_of_snakemake_while_it_reads_the_snakefile(begun):
    reading = SimpleNamespace(executor_plugin=None, dag_settings=None, is_main_process=True)
    assert callable(Run(reading, [])(lambda wildcards: wildcards))
    assert begun == []


def mistake(*_):
    raise UserError("value, place, expectation")


def test_a_mistake_is_one_message(begun):
    """Of any exception but SystemExit Snakemake makes a traceback."""
    with pytest.raises(SystemExit, match=r"^spikesweep: value, place, expectation$"):
        Run(workflow(), [])(mistake)(None)
    with pytest.raises(SystemExit, match=r"^spikesweep: value"), one_message():
        mistake()


def test_a_run_that_was_refused_is_refused_again(monkeypatch):
    """Whatever calls next: the lock is not held because it was asked for once."""
    monkeypatch.setattr(run_module, "hold_lock", mistake)
    answer = Run(workflow(), [])(lambda wildcards: [])
    for _ in range(2):
        with pytest.raises(SystemExit):
            answer(None)


def test_an_error_of_ours_stays_one(begun):
    def broken(wildcards):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Run(workflow(), [])(broken)(None)


ASKED = r"lambda wildcards|project\.(plan_file|targets|bundles?|\w*inputs)\b"


@pytest.mark.parametrize(
    "file",
    [ROOT / "Snakefile", ROOT / "workflow/Snakefile", *sorted(ROOT.glob("workflow/rules/*.smk"))],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_every_function_of_a_rule_goes_through_one_wrapper(file):
    """Otherwise a run could begin without the lock, and a mistake end in a traceback."""
    lines = file.read_text().splitlines()
    assert [line for line in lines if re.search(ASKED, line) and "answer(" not in line] == []
    rules = [line for line in lines if re.match(r" *rule\b", line)]
    assert len(rules) == sum(line.strip() == "input:" for line in lines)
