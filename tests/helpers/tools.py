"""Programs of others, with which files are read back."""

import os
import shutil

import pytest


def tool(*names: str) -> str:
    """Return the path of a program, by the first of its names that is there.

    A test that needs one is skipped without it, but not in CI, which installs them.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"CI lacks {names[0]}, see .ci/run", pytrace=False)
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found
