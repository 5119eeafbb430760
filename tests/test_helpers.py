"""What makes the tests fast changes nothing that they see."""

import os
import shutil
import subprocess
import sys

import pytest

from project import Project

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


SNAKEFILE = """
import os, sys
print(os.getcwd(), sys.argv[1:], sys.path[:2], os.environ["PYTEST_CURRENT_TEST"], oct(os.umask(0)))
print(sys.stdin.read() == "", sys.stdout.isatty(), sys.flags.safe_path)
sys.exit(SAYS)
"""


@pytest.mark.parametrize("says", ["0", "3", "'a message'"])
def test_a_forked_run_is_a_plain_one(tmp_path, says):
    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("SAYS", says))
    words = ["--cores", "1", "--quiet", "all"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "packages")}
    forked = Project.snakemakes.run(words, tmp_path, environment)
    plain = subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert str(tmp_path) in plain.stdout
    said = plain.returncode, plain.stdout, plain.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == said


@pytest.mark.parametrize("name", ["PATH", "HOME", "ANY"])
def test_a_changed_environment_asks_for_a_plain_run(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, str(tmp_path))
    assert Project.snakemakes.run(["--version"], tmp_path, dict(os.environ)) is None
