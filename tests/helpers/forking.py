"""Python started without importing all of it anew: a run is a fork of a process that has done so.

A plain start of Snakemake takes a second and a half of processor time, a job that draws a figure
one, most of it imports, and tests start thousands. What is imported beforehand is what others made;
the project's package and plugins are each run's own. Some libraries look at the environment when
they are imported: jobs that simulate, in an environment of their own, are forks of a process that
has it, and where it is still another one, as in a test that changes it, the run is started plainly.
"""

import atexit
import fcntl
import gc
import os
import py_compile
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from array import array
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import cache_from_source, source_hash
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, NoReturn, TextIO

PACKAGE = Path(__file__).resolve().parents[2] / "workflow/spikesweep"
compile_anew, run_anew = py_compile.compile, subprocess.run
# What may differ from run to run: it is set anew for each, by this module, by pytest, by NEURON, by
# our own package, by Snakemake and by shells; nothing is decided by it when it is imported.
_OF_EACH = (
    *("PYTHONPATH", "PYTEST_CURRENT_TEST", "NEURON_MODULE_OPTIONS", "NEURONHOME"),
    *("GIT_PYTHON_REFRESH", "PWD", "OLDPWD", "SHLVL", "_"),
    *("SPIKESWEEP_RUN", "SPIKESWEEP_PYTHON", "SPIKESWEEP_PATH", "SPIKESWEEP_ENTER"),
    *("TMPDIR", "TMP", "TEMP", "TEMPDIR"),
)
# Of libraries: Snakemake tells a job of one thread so, and our package itself where nobody does.
_ONE_THREAD = {
    *((f"{library}_NUM_THREADS", "1") for library in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")),
    ("VECLIB_MAXIMUM_THREADS", "1"),
}


class Kind(NamedTuple):
    """A module that is run.

    options: of Python, before it.
    imports: what is imported beforehand.
    seed: of hashes: 0 in the environment of simulations, '' in the one of the tests.
    """

    module: str
    options: tuple[str, ...]
    imports: tuple[str, ...]
    seed: str = ""

    @property
    def name(self) -> str:
        """As it is asked for."""
        return " ".join([*self.options, self.module]) + self.seed


SNAKEMAKE = Kind(
    "snakemake",
    (),
    (
        *("argparse_dataclass", "git", "h5py", "pydantic.main", "requests", "smart_open"),
        *("snakemake.cli", "snakemake.profiles", "snakemake.report.html_reporter"),
        *("snakemake.storage", "snakemake.workflow", "tomllib", "xml.etree.ElementTree"),
    ),
)
SPIKESWEEP = Kind(
    "spikesweep",
    ("-P",),
    (
        *("PIL.Image", "deflate", "git", "h5netcdf", "h5py", "numpy", "pandas", "pikepdf", "pint"),
        *("matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg"),
        *("pydantic.json_schema", "pydantic.main", "pydantic.plugin._loader", "pydantic.types"),
        *("pygments", "scipy.optimize", "scipy.stats", "seaborn", "xarray", "yaml"),
    ),
)
SIMULATING = Kind(
    "spikesweep",
    ("-P",),
    (
        *("argparse", "cmath", "csv", "deflate", "difflib", "h5py", "json", "numpy", "pydoc"),
        *("resource", "sysconfig"),
    ),
    "0",
)
KINDS = (SNAKEMAKE, SPIKESWEEP, SIMULATING)


class Forks:
    """Runs of these modules by this Python in this environment.

    command: takes the place of Python where it is called; what is no such run it leaves to Python.
    """

    def __init__(self) -> None:
        self.python = sys.executable  # which a test may let be another
        self._folder = tempfile.TemporaryDirectory(prefix="forks_")
        self.command = _compiled(Path(self._folder.name))
        self._environment = _others(os.environ)
        self._servers: list[subprocess.Popen] = []
        atexit.register(self.end)

    def run(
        self, words: list[str], folder: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess:
        """Run Python as `subprocess.run` does, without input, and capture what it writes.

        Args:
            words: of Python's command line.
        """
        python = sys.executable
        if (python, self.command is None) == (self.python, False):
            python = self.command
            if not self._servers:
                self._servers = [self._started(kind) for kind in KINDS]
        return subprocess.run(
            [python, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def end(self) -> None:
        """End the servers."""
        for server in self._servers:
            server.communicate()
        self._folder.cleanup()

    def _started(self, kind: Kind) -> subprocess.Popen:
        from spikesweep.products.environment import of_simulations

        listener = socket.socket(socket.AF_UNIX)
        listener.bind(os.path.join(self._folder.name, kind.name))
        listener.listen()
        environment = of_simulations(os.environ) if kind.seed else self._environment
        with listener:
            return subprocess.Popen(
                [self.python, *kind.options, __file__, kind.name, str(listener.fileno())],
                stdin=subprocess.PIPE,
                env=_others(environment) | {"FORKS_COMMAND": self.command},
                pass_fds=[listener.fileno()],
            )


def _compiled(folder: Path) -> str | None:
    """Compile what asks for a fork; None where there is no compiler."""
    from compiling import COMPILERS  # servers, which come here for nothing, do not find it

    compiler = next(filter(None, map(shutil.which, ("cc", *COMPILERS))), None)
    if compiler is None or sys.platform != "linux":
        return None
    names = {"PYTHON": sys.executable, "FOLDER": folder, "OURS": SPIKESWEEP.module}
    told = [f'-D{name}="{said}"' for name, said in names.items()]
    source = Path(__file__).with_name("client.c")
    subprocess.run([compiler, "-O1", *told, source, "-o", folder / "python"], check=True)
    return str(folder / "python")


def _others(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in environment.items()
        if name not in _OF_EACH and (name, text) not in _ONE_THREAD
    }


# ---- in a server ---------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A run that is asked for, by the process that is there for it.

    words: `-m module` or `-c code`, and what follows.
    files: as they are open here, by their numbers there.
    """

    folder: str
    umask: int
    words: list[str]
    environment: dict[str, str]
    files: dict[int, int]


def serve(listener: socket.socket, ours: dict[str, str]) -> Asked:
    """Answer each that asks with the number of its process and then its exit code; with 0 if the
    run is to be plain. Return in the process of each.

    Args:
        ours: the environment in which all was imported.
    """
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([0, woken, listener, *running.values()], [], [])
        if 0 in ready:  # the tests have ended
            os._exit(0)
        for process, asks in running.items():
            if asks in ready:  # it was killed
                os.kill(process, signal.SIGTERM)
        if woken in ready:
            os.read(woken, 4096)
            _answer_of_ended(running)
        if listener in ready:
            asks, _ = listener.accept()
            asked = _received(asks)
            if _others(asked.environment) != ours:
                asks.sendall(array("i", [0]))
            elif process := os.fork():
                asks.sendall(array("i", [process]))
                running[process] = asks
                asks = None
            else:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (listener, asks, *running.values()):
                    one.close()
                os.close(woken)
                os.close(wakes)
                return asked
            for file in asked.files.values():
                os.close(file)
            if asks:
                asks.close()


def _answer_of_ended(running: dict[int, socket.socket]) -> None:
    while running:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with running.pop(process) as asks, suppress(OSError):  # it was killed
            asks.sendall(array("i", [os.waitstatus_to_exitcode(status)]))


def _received(asks: socket.socket) -> Asked:
    head, files, _, _ = socket.recv_fds(asks, 16, 16)
    with asks.makefile("rb") as stream:
        texts = iter(os.fsdecode(stream.read(int(head))).split("\0")[:-1])
    folder, umask = next(texts), int(next(texts))
    numbers, words = ([*islice(texts, int(next(texts)))] for _ in range(2))
    environment = dict(variable.split("=", 1) for variable in texts)
    return Asked(
        folder, umask, words, environment, dict(zip(map(int, numbers), files, strict=True))
    )


def begin(asked: Asked) -> None:
    """Become what Python is with these words when it begins."""
    os.umask(asked.umask)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    tempfile.tempdir = None  # it is asked for anew
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # what nobody seeds is another number in each process
    _renumber(asked.files)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        setattr(sys, name, _opened_anew(getattr(sys, name), mode))
    if shell := sys.modules.get("snakemake.shell"):
        shell.STDOUT = sys.stdout  # as it was when that was imported
    # As Python has them that is told `-m`.
    here = [] if sys.flags.safe_path else [asked.folder]
    paths = asked.environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [*here, *filter(None, paths)]
    sys.argv = [asked.words[0], *asked.words[2:]]


def _renumber(files: dict[int, int]) -> None:
    """Have files open by other numbers, those that are told first."""
    above = {
        number: fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 1024) for number, file in files.items()
    }
    for file in files.values():
        os.close(file)
    for number, file in above.items():
        os.dup2(file, number)
        os.close(file)


def _opened_anew(stream: TextIO, mode: str) -> TextIO:
    """Return a standard stream as Python opens it: it takes what it is for one that can be
    searched, as a file, or not, as a pipe."""
    number, encoding, errors = stream.fileno(), stream.encoding, stream.errors
    opened = open(number, mode, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    opened.reconfigure(line_buffering=opened.isatty() or number == 2)
    return opened


def run(option: str, what: str) -> None:
    """Run a module, `-m`, or code, `-c`, as Python does."""
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    sys.modules["__main__"] = main = ModuleType("__main__")
    exec(compile(what, "<string>", "exec"), vars(main))


def compile_as_here(source: str, bytecode: str, **options: object) -> None:
    """Compile a module, as `py_compile.compile` does; where it has the text of the one that is
    tested, as in a checkout of a commit or a bundle, what that is compiled to is copied. Python
    itself sets the path in it when it is read."""
    text = Path(source).read_bytes()
    try:
        here = PACKAGE / Path(source.rpartition(f"/{PACKAGE.name}/")[2])
        compiled = Path(cache_from_source(str(here))).read_bytes()
    except OSError:
        compiled = b""
    if compiled[4:16] != b"\3\0\0\0" + source_hash(text):  # held to content, see PEP 552
        compile_anew(source, bytecode, **options)
        return
    Path(bytecode).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=Path(bytecode).parent, delete=False) as copy:
        copy.write(compiled)
    os.replace(copy.name, bytecode)


def run_forked(command: list, **settings: object) -> subprocess.CompletedProcess:
    """Run a command, as `subprocess.run` does; a fork of a server where it is a run of Python, as
    verbs start them in checkouts, that has no packages of its own."""
    paths = (settings.get("env") or os.environ).get("PYTHONPATH", "")
    if command[0] == sys.executable and os.pathsep not in paths:
        command = [as_python, *command[1:]]
    return run_anew(command, **settings)


def end(run: Callable[[], object]) -> NoReturn:
    """Run it and end as Python does, but leave all that is in memory to the system: to take it
    apart, module by module, takes as long as a short job."""
    code = 0
    try:
        run()
    except SystemExit as exit:
        code = 0 if exit.code is None else exit.code
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__":
    from importlib import import_module

    as_python = os.environ.pop("FORKS_COMMAND")
    [kind] = [kind for kind in KINDS if kind.name == sys.argv[1]]
    ours = _others(os.environ)
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file, which no run has
    for name in kind.imports:
        import_module(name)
    py_compile.compile = compile_as_here
    gc.freeze()
    asked = serve(socket.socket(fileno=int(sys.argv[2])), ours)
    begin(asked)
    if kind is SNAKEMAKE:
        sys.executable = as_python  # with which it starts jobs
    elif kind is SPIKESWEEP:
        subprocess.run = run_forked
    end(lambda: run(*asked.words[:2]))
