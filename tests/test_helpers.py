"""What makes the tests fast changes nothing that they see."""

import os
import select
import shutil
import subprocess
import sys

import pytest

from project import Project
from spikesweep.products.environment import of_simulations

pytestmark = pytest.mark.workflow


def compiled(source, output):
    """Compile as nrnivmodl does, with the compiler that is found on the PATH; return the object."""
    compiler = next(filter(shutil.which, ("g++", "c++", "clang++")))
    command = [compiler, "-fPIC", "-c", source.name, "-o", output]
    subprocess.run(command, cwd=source.parent, check=True)
    return (source.parent / output).read_bytes()


def test_a_source_is_compiled_once_for_each_content(tmp_path):
    source = tmp_path / "a.cpp"
    source.write_text("int number() { return 12345; }\n")
    first = compiled(source, "a.o")
    source.write_text("int number() { return 54321; }\n")
    assert compiled(source, "a.o") != first
    source.write_text("int number() { return 12345; }\n")
    assert compiled(source, "a.o") == first


def test_a_header_of_ones_own_counts(tmp_path):
    source, header = tmp_path / "b.cpp", tmp_path / "own.h"
    source.write_text('#include "own.h"\nint number() { return NUMBER; }\n')
    header.write_text("#define NUMBER 12345\n")
    first = compiled(source, "b.o")
    header.write_text("#define NUMBER 54321\n")
    assert compiled(source, "b.o") != first


def test_what_a_compiler_says_is_said_each_time(tmp_path):
    (tmp_path / "c.cpp").write_text("int number() { return nothing; }\n")
    for _ in range(2):
        done = subprocess.run(
            [next(filter(shutil.which, ("g++", "c++", "clang++"))), "-c", "c.cpp", "-o", "c.o"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode
        assert "nothing" in done.stderr


SCRIPT = """
import os, sys
print(os.getcwd(), sys.argv[1:], sys.path[:2], os.environ["PYTEST_CURRENT_TEST"], oct(os.umask(0)))
print(sys.stdin.read() == "", sys.stdout.isatty(), sys.flags.safe_path)
SAYS
"""
MODULES = {"snakemake": "Snakefile", "spikesweep": "packages/spikesweep/__main__.py"}
WORDS = {
    "snakemake": ["-m", "snakemake", "--cores", "1", "--quiet", "all"],
    "spikesweep": ["-P", "-m", "spikesweep", "make", "one", "with a space"],
}


def write(folder, module, says):
    """Write what a module runs; return the environment in which it does so."""
    script = folder / MODULES[module]
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(SCRIPT.replace("SAYS", says))
    (script.parent / "__init__.py").touch()
    return os.environ | {"PYTHONPATH": str(folder / "packages")}


def says(module, folder, environment):
    return Project.forks.run(WORDS[module], folder, environment).stdout


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "says",
    [
        "import atexit; atexit.register(print, 'at the end')",
        "import threading; threading.Timer(0.1, print, ['later']).start()",
        "sys.exit(0)",
        "sys.exit(3)",
        "sys.exit('a message')",
        "os.kill(os.getpid(), 15)",
        "os._exit(5)",
    ],
)
def test_a_forked_run_is_a_plain_one(tmp_path, module, says):
    environment = write(tmp_path, module, f"sys.stdout.flush(); {says}")
    forked = Project.forks.run(WORDS[module], tmp_path, environment)
    plain = subprocess.run(
        [sys.executable, *WORDS[module]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert str(tmp_path) in plain.stdout
    said = plain.returncode, plain.stdout, plain.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == said


FORKED = "print('forking.py' in ' '.join(sys.orig_argv), sys.executable)"


@pytest.mark.parametrize("module", MODULES)
def test_a_run_is_a_fork(tmp_path, module):
    assert "True" in says(module, tmp_path, write(tmp_path, module, FORKED)).splitlines()[-1]


def test_what_simulates_is_a_fork_in_its_environment(tmp_path):
    """With hashes, and with random numbers, as a process of its own has them."""
    numbers = "import numpy; print(numpy.random.rand(), hash('a'), sorted(os.environ.items()))"
    environment = of_simulations(write(tmp_path, "spikesweep", f"{numbers}; {FORKED}"))
    environment["PYTEST_CURRENT_TEST"] = "this one"  # which the script tells
    said = [says("spikesweep", tmp_path, environment).splitlines()[-2:] for _ in range(2)]
    assert [last for _, last in said] == [f"True {sys.executable}"] * 2
    plain = subprocess.run(
        [sys.executable, *WORDS["spikesweep"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    drawn, others = zip(*(row.split(" ", 1) for row, _ in said), strict=True)
    [others] = {*others}
    assert drawn[0] != drawn[1]
    assert others == plain.stdout.splitlines()[-2].split(" ", 1)[1]


def test_code_of_the_package_is_run_by_a_fork_with_the_files_that_are_passed(tmp_path):
    environment = write(tmp_path, "spikesweep", "")
    (tmp_path / "packages/spikesweep/passed.py").write_text("import os, sys\n")
    reads, writes = os.pipe()
    code = f"from spikesweep.passed import *; os.write({writes}, repr(sys.argv).encode()); {FORKED}"
    done = subprocess.run(
        [Project.forks.command, "-P", "-c", code, "a word"],
        cwd=tmp_path,
        env=environment,
        pass_fds=[writes],
        capture_output=True,
        text=True,
    )
    os.close(writes)
    with open(reads) as file:
        assert file.read() == "['-c', 'a word']"
    assert done.stdout == f"True {sys.executable}\n", done.stderr


def test_a_fork_of_snakemake_writes_where_it_itself_does(tmp_path):
    """Else its jobs would not be those that it forks."""
    where = "print(sys.modules['snakemake.shell'].STDOUT is sys.stdout)"
    said = says("snakemake", tmp_path, write(tmp_path, "snakemake", f"{where}; {FORKED}"))
    assert said.splitlines()[-2] == "True"
    assert said.splitlines()[-1].startswith("True")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", ["PATH", "HOME", "ANY"])
def test_a_changed_environment_asks_for_a_plain_run(tmp_path, monkeypatch, module, name):
    changed = f"{tmp_path}{os.pathsep}{os.environ.get(name, '')}"
    monkeypatch.setenv(name, changed)
    said = says(module, tmp_path, write(tmp_path, module, FORKED))
    assert said.splitlines()[-1] == f"False {sys.executable}"


JOBS = """
os.environ["SPIKESWEEP_PYTHON"] = sys.executable
rule all:
    input: "forked", "plain"
rule:
    output: "{forked}"
    wildcard_constraints: forked="forked"
    shell: '"$SPIKESWEEP_PYTHON" -P -m spikesweep > {output}'
rule:
    output: "{plain}"
    wildcard_constraints: plain="plain"
    shell: 'ANY=other "$SPIKESWEEP_PYTHON" -P -m spikesweep > {output}'
"""


def test_jobs_of_a_fork_are_forks_where_their_environment_is_the_same(tmp_path):
    environment = write(tmp_path, "spikesweep", FORKED)
    (tmp_path / "Snakefile").write_text(f"import os, sys\n{JOBS}")
    done = Project.forks.run(["-m", "snakemake", "--cores", "2"], tmp_path, environment)
    assert done.returncode == 0, done.stderr
    for name in ("forked", "plain"):
        last = (tmp_path / name).read_text().splitlines()[-1]
        assert last == f"{name == 'forked'} {sys.executable}"


def test_a_fork_ends_with_what_asked_for_it(tmp_path):
    environment = write(
        tmp_path, "spikesweep", "print(os.getpid(), flush=True); import time; time.sleep(99)"
    )
    command = [Project.forks.command, *WORDS["spikesweep"]]
    asks = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    for _ in range(2):
        asks.stdout.readline()
    fork = os.pidfd_open(int(asks.stdout.readline()))
    asks.kill()
    asks.communicate()
    assert select.select([fork], [], [], 30)[0]
    os.close(fork)
