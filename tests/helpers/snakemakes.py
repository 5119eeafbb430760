"""Snakemake started without importing it anew: each run is a fork of a process that has done so.

A plain start takes 1.5 s of processor time, most of it imports, and tests start hundreds. What is
imported beforehand is what others made; the project's package and plugins are each run's own. Some
libraries look at the environment when they are imported: where a test changes it, the run is
started plainly.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

# What may differ from run to run: it is set anew for each, by this module, by pytest, by NEURON and
# by our own package where a test imports these; a run decides nothing by it.
_OF_EACH = (
    *("PYTHONPATH", "PYTEST_CURRENT_TEST", "NEURON_MODULE_OPTIONS", "NEURONHOME"),
    *("GIT_PYTHON_REFRESH", "OMP_NUM_THREADS"),
)


class Snakemakes:
    """Runs of `python -m snakemake`, one at a time, by this Python in this environment."""

    def __init__(self) -> None:
        self._python = sys.executable  # which a test may let be another
        self._environment = _others(os.environ)
        self._server: subprocess.Popen | None = None

    def run(
        self, words: list[str], folder: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess | None:
        """Run it as `subprocess.run` does, without input, and capture what it writes.

        Returns:
            None where the Python or the environment asks for a plain start.
        """
        if (sys.executable, _others(environment)) != (self._python, self._environment):
            return None
        if self._server is None:
            self._server = subprocess.Popen(
                [self._python, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                text=True,
            )
            atexit.register(self._server.communicate)
        with tempfile.TemporaryDirectory() as scratch:
            files = [os.path.join(scratch, name) for name in ("stdout", "stderr")]
            os.umask(umask := os.umask(0))
            asked = [words, str(folder), environment, umask, files]
            print(json.dumps(asked), file=self._server.stdin, flush=True)
            code = int(self._server.stdout.readline())
            said = [Path(file).read_text() for file in files]
        return subprocess.CompletedProcess(["snakemake", *words], code, *said)


def _others(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if name not in _OF_EACH}


def serve() -> None:
    """Answer each run that is asked for with its exit code; return in the process of each."""
    for line in sys.stdin:
        if (process := os.fork()) == 0:
            begin(*json.loads(line))
            return
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    os._exit(0)


def begin(
    words: list[str], folder: str, environment: dict[str, str], umask: int, files: list[str]
) -> None:
    """Become what `python -m snakemake` is when it begins."""
    os.umask(umask)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    # As Python has them that is told `-m`.
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = ["snakemake", *words]


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file, which no run has
    import runpy

    import git  # noqa: F401
    import h5py  # noqa: F401
    import pandas  # noqa: F401
    import pydantic  # noqa: F401
    import requests  # noqa: F401
    import smart_open  # noqa: F401
    import snakemake.cli
    import snakemake.report.html_reporter
    import snakemake.workflow  # noqa: F401

    serve()
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
