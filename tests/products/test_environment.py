"""Models see the same environment whoever starts them."""

import json
import os
import subprocess
import sys

import pytest

from spikesweep.products.environment import entering, kept, of_simulations

HOSTILE = {
    **{"CPATH": "/headers", "C_INCLUDE_PATH": "/headers", "CXXFLAGS": "-ffast-math", "X": "1"},
    **{"DISPLAY": ":0", "OMP_NUM_THREADS": "8", "PYTHONHASHSEED": "7", "LD_PRELOAD": "nothing.so"},
    **{"NRN_NMODL_PATH": "/m", "PYTHONSTARTUP": "/s.py", "PYTHONPYCACHEPREFIX": "/b"},
}
WANTED = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "CONDA_PREFIX": "/c", "CXX": "g++"}


def test_only_what_no_result_hangs_on_is_kept():
    assert kept(HOSTILE | WANTED) == WANTED
    simulated = of_simulations(HOSTILE | WANTED)
    assert simulated.items() >= WANTED.items()
    assert simulated["OMP_NUM_THREADS"] == "1"
    assert simulated["PYTHONHASHSEED"] == "0"
    assert set(simulated).isdisjoint(HOSTILE.keys() - {"OMP_NUM_THREADS", "PYTHONHASHSEED"})


ENTER = """
import json, os, sys
from spikesweep.products import environment
sys.argv = ["spikesweep", "schema"]
os.execve = lambda program, command, wanted: print(json.dumps([command, wanted])) or os._exit(0)
environment.enter()
print("here")
"""


@pytest.mark.parametrize("hostile", [HOSTILE, {}])
def test_a_command_starts_again_in_that_environment_once(hostile):
    environment = os.environ | hostile | {"SPIKESWEEP_RUN": "12"}
    environment.pop("LD_PRELOAD", None)
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", ENTER], env=environment, capture_output=True, text=True, check=True
    )
    command, wanted = json.loads(done.stdout)
    assert command[1:] == ["-P", "-m", "spikesweep", "schema"]
    assert wanted["SPIKESWEEP_RUN"] == "12"
    assert "CPATH" not in wanted
    entered = "os.environ['SPIKESWEEP_ENVIRONMENT'] = str(os.getpid())\nenvironment.enter()"
    again = ENTER.replace("environment.enter()", entered)
    done = subprocess.run(
        [sys.executable, "-c", again], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "here\n"


@pytest.mark.parametrize(
    ("hostile", "added"),
    [({}, ""), ({}, "SOMETHING=new"), ({}, "OMP_NUM_THREADS=4"), ({"A-B": "no shell's name"}, "")],
)
def test_a_command_that_begins_there_is_not_started_again(hostile, added):
    """Unless something was added on the way, or stayed. What the shell adds is taken out."""
    environment = os.environ | HOSTILE | {"SPACES": "a b", "HOME": "/h o m e"} | hostile
    del environment["LD_PRELOAD"]
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    told = ENTER.replace('print("here")', "print(json.dumps([None, dict(os.environ)]))")
    command = f"exec $SPIKESWEEP_ENTER {added} $SPIKESWEEP_PYTHON -uc '{told}'"
    begun = environment | {
        "SPIKESWEEP_ENTER": entering(environment),
        "SPIKESWEEP_PYTHON": sys.executable,
    }
    done = subprocess.run(
        ["bash", "-euc", command], env=begun, capture_output=True, text=True, check=True
    )
    command, entered = json.loads(done.stdout)
    assert (command is None) is not bool(hostile or added)
    wanted = of_simulations(begun)
    assert entered.items() >= wanted.items()
    assert entered.keys() - wanted.keys() <= {"SPIKESWEEP_ENVIRONMENT", "LC_CTYPE"}
