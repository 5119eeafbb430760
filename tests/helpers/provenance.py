"""A small sweep with its own mechanism and morphology, in a git repository, for the tests of
provenance; and the command line as its user has it."""

import shutil
import subprocess
from pathlib import Path

from project import ROOT, Project

# Everything that has a place in a lineage: a mechanism set, a morphology, two axes, two figures.
SWEEP = {
    "title": "Potassium conductance of a pyramidal cell",
    "about": {
        "authors": [
            {"name": "Josiah Carberry", "orcid": "0000-0002-1825-0097"},
            {"name": "A. N. Other", "affiliation": "Some Institute"},
        ],
        "licence": "CC-BY-4.0",
        "doi": "10.5281/zenodo.1234",
        "species": "Rattus norvegicus",
        "cell_type": "pyramidal cell",
    },
    "model": {
        "mechanisms": "channels",
        "cells": {
            "cell": {
                "morphology": "morphologies/stick.swc",
                "spatial": {"nseg": 1},
                "biophysics": [
                    {"in": "all", "Ra": "100 ohm*cm", "cm": "1 uF/cm2"},
                    {"in": "all", "insert": {"leak": {"g": "3e-4 S/cm2"}}},
                    {"in": "soma", "insert": {"hh": {"gnabar": "0.2 S/cm2"}}},
                ],
            }
        },
    },
    "protocol": {
        "tstop": "60 ms",
        "processes": {
            "step": {
                "type": "IClamp",
                "at": "cell.soma(0.5)",
                "delay": "5 ms",
                "dur": "50 ms",
                "amp": "0.5 nA",
            }
        },
    },
    "record": {
        "traces": {"v": {"of": "cell.soma(0.5).v", "every": "0.1 ms"}},
        "spikes": {"soma": {"at": "cell.soma(0.5)"}},
    },
    "axes": {
        "gkbar": {"values": [20, 36], "unit": "mS/cm2", "sets": "cell.soma.hh.gkbar"},
        "celsius": {"values": [6.3, 12], "sets": "protocol.celsius"},
    },
    "figures": [
        {"kind": "heatmap", "of": "rate", "x": "gkbar", "y": "celsius"},
        {"kind": "isi_distribution", "name": "intervals", "by": "celsius"},
    ],
}
LEAK = """TITLE passive leak
NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g, e }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2) e = -65 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""
STICK = "1 1 0 0 0 10 -1\n2 3 10 0 0 1 1\n3 3 110 0 0 1 2\n"
TRACKED = (".gitignore", "results/.gitignore", "Makefile", "pyproject.toml", "README.md", "LICENSE")


def of_the_pages(project: Project) -> str:
    """Make a project that of the pages in docs: a repository with the sweep hh_gkbar, which is not
    run; return its commit."""
    shutil.copy(ROOT / "config/sweeps/hh_gkbar.yaml", project.root / "config/sweeps")
    project.configure("hh_gkbar")
    _begin_repository(project)
    git(project.root, "config", "user.name", "A. Hodgkin")
    git(project.root, "config", "user.email", "hodgkin@example.org")
    return commit(project)


def git(folder: Path, *words: str) -> str:
    """Run git as nobody in particular, at a time of its own; return what it prints."""
    someone = ["-c", "user.name=A. Hodgkin", "-c", "user.email=hodgkin@example.org"]
    done = subprocess.run(["git", *someone, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(project: Project) -> str:
    """Commit everything that is not ignored; return the full hash."""
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "a change")
    return git(project.root, "rev-parse", "HEAD")


def make_repository(project: Project) -> str:
    """Make a project a repository with the sweep `small`; return the first commit."""
    (project.root / "mod/channels").mkdir()
    (project.root / "mod/channels/leak.mod").write_text(LEAK)
    (project.root / "morphologies/stick.swc").write_text(STICK)
    project.write_sweep("small", SWEEP)
    project.configure("small")
    _begin_repository(project)
    return commit(project)


def _begin_repository(project: Project) -> None:
    for name in TRACKED:
        (project.root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, project.root / name)
    git(project.root, "init", "--quiet", "--initial-branch=main")
