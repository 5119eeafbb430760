"""GitPython, imported once.

Where there is no git, GitPython is to say so when it is asked, not when it is imported.
"""

import os

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

from git import Git, GitCommandError, GitCommandNotFound

__all__ = ["Git", "GitCommandError", "GitCommandNotFound"]
