"""The environment in which models are compiled and simulated: the same whoever starts them.

What a model's code may read there and no key would follow is left out; `model.environment` gives it
more variables, which are part of the key.
"""

import os
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


def enter() -> None:
    """Start this command again in the environment of simulations, unless it is there already.

    Libraries look at some variables only when a process begins.
    """
    if os.environ.get(_ENTERED) == str(os.getpid()):
        return
    wanted = of_simulations(os.environ) | {_ENTERED: str(os.getpid())}  # exec keeps the process
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "spikesweep", *sys.argv[1:]]
    os.execve(sys.executable, command, wanted)
