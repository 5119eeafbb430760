"""How far a run is, in a line a sweep: counted, drawn in a terminal, and told without one."""

import asyncio
import io
import logging
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakemake.jobs import Job

from spikesweep.snakefile.log import EVERY, MOST_LINES, LiveHandler
from spikesweep.snakefile.progress import Known, Part, Progress, duration, part_of
from terminal import Seen

DIGITS = "0123456789ab"
KNOWN = Known({f"batch_{DIGITS}.csv": 40}, {f"own_{DIGITS}": "ttx"}, [])
PARTS = {
    f"results/made/ttx/batch_{DIGITS}.csv": Part("ttx", "simulate", 40),
    f"results/made/ttx/dataset_{DIGITS}.nc": Part("ttx", "collect"),
    f"results/made/ttx/isi_{DIGITS}.csv": Part("ttx", "statistics"),
    # Its kind is no part of a figure's name, which may begin as those of other products do.
    f"results/made/ttx/plan_of_doses_{DIGITS}.pdf": Part("ttx", "figure"),
    f"results/made/ttx/heatmap_{DIGITS}.pdf": Part("ttx", "figure"),
    f"results/made/ttx/stamped_1a2b3c4d+12ab_{DIGITS}": Part("ttx", "stamp"),
    f"results/made/ttx/current_{DIGITS}-{DIGITS}": Part("ttx", "current"),
    f"results/made/mechanisms/own_{DIGITS}": Part("ttx", "mechanisms"),
    f"results/made/mechanisms/other_{DIGITS}": Part("rules", "mechanisms"),
    "results/published/my_ttx_1a2b3c4d+12ab.zip": Part("my_ttx", "publish"),
    "mine.csv": None,
}


@pytest.mark.parametrize(("output", "part"), PARTS.items())
def test_a_job_is_known_by_what_it_makes(output, part):
    assert part_of([output], KNOWN) == part


def half_way() -> Progress:
    """Return a run of 63 simulations, 34 of which took a second each, two at a time."""
    progress = Progress()
    for job in range(63):
        progress.expects(job, Part("ttx", "simulate"))
    for job in range(0, 34, 2):
        progress.starts(job, Part("ttx", "simulate"), now=job / 2)
        progress.starts(job + 1, Part("ttx", "simulate"), now=job / 2)
        progress.ends(job, now=job / 2 + 1)
        progress.ends(job + 1, now=job / 2 + 1)
    for job in (34, 35):
        progress.starts(job, Part("ttx", "simulate"), now=17)
    return progress


def test_the_line_of_a_sweep():
    [line] = half_way().lines(79, now=17)  # 29 s of work are left, on two cores
    assert line == "ttx  simulate 34/63  [#####.....]  2 running, about 15 s left"


def test_a_wide_terminal_has_a_longer_bar():
    [line] = half_way().lines(199, now=17)
    assert re.search(r"\[#{16}\.{14}\]", line)


def test_time_left_takes_what_has_begun_into_account():
    progress = half_way()
    assert progress.seconds_left(now=17) == pytest.approx(29 / 2)
    assert progress.seconds_left(now=17.5) == pytest.approx(28 / 2)
    assert progress.seconds_left(now=40) == pytest.approx(27 / 2)  # they take longer than most


def test_no_time_is_told_of_simulations_none_of_which_is_done():
    progress = Progress()
    progress.starts(1, Part("ttx", "simulate", 40), now=0)
    assert progress.seconds_left(now=5) is None
    assert "left" not in progress.lines(79, now=5)[0]


def test_what_failed_is_told_until_it_is_tried_again():
    progress = half_way()
    progress.ends(34, now=18, failed=True)
    [line] = progress.lines(79, now=18)
    assert "1 running, 1 failed" in line
    assert progress.ends(99, now=18) is None


def test_sweeps_that_are_done_have_no_line():
    progress = half_way()
    progress.starts(70, Part("dose", "figure"), now=17)
    assert [line.split()[0] for line in progress.lines(79, now=17)] == ["ttx", "dose", "all"]
    progress.ends(70, now=20)
    assert [line.split()[0] for line in progress.lines(79, now=20)] == ["ttx"]


def test_jobs_of_a_late_plan_are_counted_anew_before_they_start():
    progress = Progress()
    for job in range(3):
        progress.expects(job, Part("ttx", "simulate"))
    progress.starts(0, Part("ttx", "simulate"), now=0)
    for job, units in enumerate((9, 40, 0)):  # of what runs it was known
        progress.learns(job, Part("ttx", "simulate", units))
        progress.learns(job, Part("ttx", "simulate", units))
    assert progress.stages["ttx"]["simulate"].total == 1 + 40 + 0
    progress.ends(0, now=1)
    progress.starts(1, Part("ttx", "simulate", 40), now=1)
    progress.starts(2, Part("ttx", "simulate", 0), now=1)
    progress.ends(2, now=2)
    assert not progress.stages["ttx"]["simulate"].is_done
    progress.ends(1, now=2)
    assert progress.stages["ttx"]["simulate"].is_done


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "about 5 s"), (52, "about 50 s"), (58, "about 1 min"), (3200, "about 53 min"),
     (5400, "about 1.5 h")],
)  # fmt: skip
def test_durations_are_told_as_people_tell_them(seconds, words):
    assert duration(seconds) == words


names = st.text("abcdefghijklmnopqrstuvwxyz_0", min_size=1, max_size=90)


@given(
    st.lists(st.tuples(names, st.sampled_from(["simulate", "figure", "mine"]), st.booleans())),
    st.integers(1, 250),
)
def test_no_line_is_longer_than_the_terminal(jobs, width):
    progress = Progress()
    for job, (sweep, stage, ends) in enumerate(jobs):
        progress.starts(job, Part(sweep, stage), now=0)
        if ends:
            progress.ends(job, now=1)
    assert all(len(line) <= width for line in progress.lines(width, now=2))


# ---- the handler -------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that is a terminal, and shows at once what is written to it."""

    def __init__(self, columns: int = 80):
        super().__init__()
        self.seen = Seen(columns)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.seen.feed(text.replace("\n", "\r\n").encode())  # as the kernel's terminals do
        return super().write(text)


class Run:
    """A run of Snakemake, as its logger tells of it: a batch of three simulations and a figure."""

    def __init__(self, stream, colour=True):
        self.now = 0.0
        self.handler = LiveHandler(stream, colour, lambda: self.jobs, KNOWN, lambda: self.now)
        self.jobs = [
            (1, [f"results/made/ttx/batch_{DIGITS}.csv"]),
            (2, [f"results/made/ttx/heatmap_{DIGITS}.pdf"]),
        ]

    def tell(self, event="", message="", level=logging.INFO, **more):
        record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
        vars(record).update(more, **({"event": event} if event else {}))
        self.handler.handle(record)

    def starts(self, job, log=()):
        self.tell("job_info", jobid=job, rule_name="r", output=dict(self.jobs)[job], log=list(log))

    def fails(self, job, log=(), message=None, **more):
        self.tell(
            "job_error", "Error in rule r", logging.ERROR, jobid=job, rule_name="r",
            rule_msg=message, output=dict(self.jobs)[job], log=list(log), **more,
        )  # fmt: skip


@pytest.fixture
def log(tmp_path, monkeypatch):
    """The file that a job writes to."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/logs/ttx").mkdir(parents=True)
    return SimpleNamespace(
        name="results/logs/ttx/a.log", write=(tmp_path / "results/logs/ttx/a.log").write_text
    )


@pytest.mark.parametrize("columns", [80, 200])
def test_a_line_rewrites_itself_and_what_is_said_stays(columns, monkeypatch, log):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    run = Run(terminal := Terminal(columns))
    seen = terminal.seen
    run.tell("run_info")
    run.starts(1, [log.name])
    assert len(seen.lines) == 1
    assert re.fullmatch(r"ttx  simulate 0/40  \[\.+\]  1 running", seen.lines[0])
    run.tell("", "a warning " * 20, logging.WARNING)
    assert "".join(seen.lines[:-1]).replace(" ", "") == "awarning" * 20
    assert seen.lines[-1].startswith("ttx  simulate 0/40")
    run.now = 20.0
    log.write("noise of a model\nspikesweep: ttx: simulated alone\n")
    run.tell("job_finished", job_id=1)
    assert seen.lines[-2] == "spikesweep: ttx: simulated alone"
    assert "noise" not in "\n".join(seen.screens)
    assert re.fullmatch(r"ttx  figure 0/1  \[\.+\]  about 5 s left", seen.lines[-1])
    run.handler.close()
    assert seen.lines[-1] == "spikesweep: ttx: simulated alone"


def test_the_end_of_what_a_failed_job_said_is_told_once(monkeypatch, log):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    run = Run(terminal := Terminal())
    run.tell("run_info")
    run.starts(1, [log.name])
    lines = [f"line {number}" for number in range(100)]
    log.write("\n".join(["spikesweep: what matters", *lines]))
    run.fails(1, [log.name])
    run.fails(1, [log.name])
    run.handler.close()
    said = terminal.seen.lines
    assert said == [
        f"ttx: simulate failed (results/made/ttx/batch_{DIGITS}.csv):",
        f"(the end of {log.name})",
        "spikesweep: what matters",
        *lines[-MOST_LINES:],
    ]
    assert "\x1b[3" not in terminal.getvalue()


OUR_COMMAND = f"""RuleException:
CalledProcessError in file "products.smk", line 17:
Command '-m spikesweep make simulate plan.json results/made/ttx/batch_{DIGITS}.csv' returned 1."""
THEIR_COMMAND = "RuleException:\nCalledProcessError in file \"own.smk\": Command 'false' returned 1"
LAST_WORDS = (
    "Exiting because a job execution failed. Look above for error messages",
    "WorkflowError:\nAt least one job did not complete successfully.",
)


@pytest.mark.parametrize(
    ("said", "commands", "told"),
    [
        # What a job says itself is all there is to say.
        ("spikesweep: a disk is full", [OUR_COMMAND], ["spikesweep: a disk is full"]),
        # One that was killed says nothing.
        ("", [OUR_COMMAND], [*OUR_COMMAND.splitlines(), *LAST_WORDS[1].splitlines()]),
        # A rule of the user's own, of which we know nothing.
        ("spikesweep: a", [OUR_COMMAND, THEIR_COMMAND],
         ["spikesweep: a", *THEIR_COMMAND.splitlines()]),
    ],
)  # fmt: skip
def test_snakemakes_words_around_those_of_a_job_are_left_out(said, commands, told, log):
    run = Run(stream := io.StringIO())
    run.tell("run_info")
    run.starts(1, [log.name])
    log.write(said)
    for command in commands:
        run.tell("", command, logging.ERROR)
    run.fails(1, [log.name])
    for words in LAST_WORDS:
        run.tell("", words, logging.ERROR)
    run.handler.close()
    lines = stream.getvalue().splitlines()
    assert {*told} <= {*lines}
    assert any("RuleException" in line for line in lines) == ("RuleException:" in told)
    assert any("At least one job" in line for line in lines) == (not said)


def test_products_that_are_there_again_are_made_anew_without_a_word(log, monkeypatch):
    """Snakemake itself warns of them here; other warnings are told."""

    async def checked():
        pass

    async def there():
        yield log.name

    settings = SimpleNamespace(
        keep_storage_local_at_runtime=False, execution_settings=SimpleNamespace(latency_wait=0)
    )
    job = SimpleNamespace(
        rule="simulate", input=[], is_norun=True, is_shadow=False,
        check_protected_output=checked, existing_output=there,
        dag=SimpleNamespace(
            workflow=settings, reason=lambda job: SimpleNamespace(missing_output={log.name})
        ),
    )  # fmt: skip
    warned = []
    monkeypatch.setattr("snakemake.jobs.logger", SimpleNamespace(warning=warned.append))
    asyncio.run(Job.prepare(job))
    [warning] = warned
    assert log.name in warning
    run = Run(stream := io.StringIO())
    run.tell("", warning, logging.WARNING)
    assert stream.getvalue() == ""
    run.tell("", "another warning", logging.WARNING)
    assert stream.getvalue() == "another warning\n"


def test_the_command_of_a_job_of_which_no_more_is_heard_is_told_at_the_end(log):
    run = Run(stream := io.StringIO())
    run.tell("", OUR_COMMAND, logging.ERROR)
    assert not stream.getvalue()
    run.handler.close()
    assert OUR_COMMAND in stream.getvalue()


def test_failures_are_red(monkeypatch, log):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for colour in (True, False):  # as --nocolor asks
        run = Run(terminal := Terminal(), colour)
        run.tell("", "Exiting because a job execution failed.", logging.ERROR)
        assert ("\x1b[31mExiting" in terminal.getvalue()) == colour


def test_without_a_terminal_there_is_a_line_a_stage_and_now_and_then(log):
    run = Run(stream := io.StringIO())
    run.tell("run_info")
    run.tell("", "Select jobs to execute...")
    run.tell("job_started", jobs=[1])
    run.starts(1, [log.name])
    assert stream.getvalue() == ""
    run.now = EVERY
    run.tell("progress", done=0, total=2)
    run.starts(2)
    run.tell("job_finished", job_id=1)
    run.tell("", "Nothing to be done (all requested files are present and up to date).")
    run.handler.close()
    assert re.sub(r"\[.*\]", "[]", stream.getvalue()).splitlines() == [
        "ttx  simulate 0/40  []  1 running",
        "ttx  simulate 40/40 done, after 30 s",
        "Nothing to be done (all requested files are present and up to date).",
    ]


def test_a_job_that_said_nothing_leaves_no_file(tmp_path, log):
    run = Run(io.StringIO())
    log.write("")
    run.starts(1, [log.name])
    run.tell("job_finished", job_id=1)
    assert not (tmp_path / log.name).exists()


SEE_LOGS = (
    "For further error details see the cluster/cloud log and the log files of the involved rule(s)."
)


@pytest.mark.parametrize("words", ["", "spikesweep: no room"])
def test_of_a_group_those_that_failed_are_told(words, log, tmp_path):
    """Not what was made before, whatever it warned of; and by the cluster, if none says why."""
    (tmp_path / "7.log").write_text("first\nslurmstepd: DUE TO TIME LIMIT")
    run = Run(stream := io.StringIO())
    run.starts(1, ["results/logs/ttx/made.log"])
    run.starts(2, [log.name])
    (tmp_path / "results/logs/ttx/made.log").write_text("spikesweep: a warning")
    log.write(words)
    made = tmp_path / dict(run.jobs)[1][0]
    made.parent.mkdir(parents=True)
    made.touch()
    jobs = [{"jobid": job, "output": outputs} for job, outputs in run.jobs]
    run.tell(
        *("group_error", "Error in group gather", logging.ERROR),
        job_error_info=jobs, aux_logs=[str(tmp_path / "7.log")],
    )  # fmt: skip
    for job, logs in ((1, ["results/logs/ttx/made.log"]), (2, [log.name])):
        run.fails(job, logs, indent=True)
    run.handler.close()
    said = stream.getvalue()
    assert "a warning" not in said
    assert "simulate failed" not in said
    assert ("TIME LIMIT" in said) == ("group gather" in said) == (not words)
    assert said.count("no room") == bool(words)
    assert ("ttx: figure failed" in said) == bool(words)


def test_a_job_that_the_cluster_ended_is_told_in_its_words(log, tmp_path):
    (tmp_path / "7.log").write_text("first\nsecond\nthird\nslurmstepd: Exceeded job memory limit")
    run = Run(stream := io.StringIO())
    run.starts(1, [log.name])
    run.fails(1, [log.name, str(tmp_path / "7.log")], f"SLURM status is: 'TIMEOUT'. {SEE_LOGS}")
    said = stream.getvalue()
    assert f"ttx: simulate failed (results/made/ttx/batch_{DIGITS}.csv):" in said
    assert "SLURM status is: 'TIMEOUT'.\nsecond\nthird\nslurmstepd: Exceeded" in said
    assert "first" not in said
    assert "For further" not in said


def test_the_words_of_a_job_itself_come_before_the_cluster_s(log):
    log.write("spikesweep: the disk is full")
    run = Run(stream := io.StringIO())
    run.starts(1, [log.name])
    run.fails(1, [log.name], f"SLURM status is: 'FAILED'. {SEE_LOGS}")
    assert "the disk is full" in stream.getvalue()
    assert "SLURM" not in stream.getvalue()
