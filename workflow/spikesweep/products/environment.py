"""The environment in which models are compiled and simulated: the same whoever starts them.

What a model's code may read there and no key would follow is left out; `model.environment` gives it
more variables, which are part of the key.
"""

import os
import re
import sys
from collections.abc import Mapping

# What finds programs, libraries, compilers and folders, and how text is written.
_KEPT = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "NEURONHOME"),
        *("CC", "CXX", "SDKROOT", "DEVELOPER_DIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"),
    }
)
_KEPT_BEGINNINGS = ("LC_", "DYLD_", "CONDA_", "SPIKESWEEP_")
_SET = {
    # Random numbers that numpy's libraries draw, and their sums, do not depend on threads.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **{"NUMEXPR_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"},
    "PYTHONHASHSEED": "0",  # the order of sets of text, in a Python model
}
_ENTERED = "SPIKESWEEP_ENVIRONMENT"
# What a shell adds to the environment of a job; and Snakemake, and lineage/git.py.
_OF_SHELL = frozenset({"PWD", "OLDPWD", "SHLVL", "_"})
_ADDED = ("TMP", "TEMP", "TEMPDIR", "GOTO_NUM_THREADS", "GIT_PYTHON_REFRESH")


def of_simulations(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of simulations, made of another one."""
    return kept(environment) | _SET


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those variables of an environment that no result hangs on."""
    return {
        name: value
        for name, value in environment.items()
        if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)
    }


def entering(environment: Mapping[str, str]) -> str:
    """Return what a shell's command begins with to run in the environment of simulations, so that
    `enter` need not start it again: that costs a tenth of a second."""
    others = sorted({*environment, *_ADDED} - kept(environment).keys() - _OF_SHELL)
    left_out = [f"-u {name}" for name in others if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)]
    return " ".join(["env", *left_out, *(f"{name}={value}" for name, value in _SET.items())])


def enter() -> None:
    """Start this command again in the environment of simulations, unless it is there already.

    Libraries look at some variables only when a process begins.
    """
    if os.environ.get(_ENTERED) == str(os.getpid()) or is_entered():
        return
    wanted = of_simulations(os.environ)
    wanted[_ENTERED] = str(os.getpid())  # exec keeps the process
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "spikesweep", *sys.argv[1:]]
    os.execve(sys.executable, command, wanted)


def is_entered() -> bool:
    """Return whether this process began in the environment of simulations, as a command does with
    what `entering` returns; what shells add is left out."""
    others = os.environ.keys() - kept(os.environ).keys() - _SET.keys()
    if not (others <= _OF_SHELL and os.environ.items() >= _SET.items()):
        return False
    for name in others:
        del os.environ[name]
    return True
