"""git, asked through one function, whose answers depend on the repository alone.

Neither the account's and the machine's settings, nor variables of whoever runs the workflow, nor
replaced objects, hooks and filters have a say. A repository's own settings remain: they say how it
is to be found; `work_tree` compares files without them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType

from spikesweep.errors import UserError

_SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.compression": "-1",
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "core.safecrlf": "false",
    "core.splitIndex": "false",
    "diff.suppressBlankEmpty": "false",
}
_ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",  # its words are looked at
}
# `git rev-parse --local-env-vars`, of git 2.39
_OF_A_REPOSITORY = (
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS"),
    *("GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE"),
    *("GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS"),
    *("GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR"),
)
# git's own switch for tests: it can only make git refuse.
_LEFT = frozenset(["GIT_TEST_ASSUME_DIFFERENT_OWNER"])


class GitError(UserError):
    """git refused: its exit code, and what it said."""

    def __init__(self, status: int, said: str):
        super().__init__(_refusal(said))
        self.status, self.said = status, said


class BadGit(UserError):
    """What is called git on the PATH does not answer as git does."""

    def __init__(self, said: object):
        super().__init__(f"the git on the PATH does not work ({said}); install another")


class NoGit(UserError):
    """There is no git on the PATH."""

    def __init__(self):
        super().__init__("there is no git on the PATH; install it, for commits are asked of it")


def _refusal(said: str) -> str:
    """Return what to tell the user about an error of git."""
    trust = re.search(r"git config --global --add safe\.directory .+", said)
    if trust:
        return (
            "git does not read this repository, because its folder belongs to another user; "
            f"if you trust it, say so once: {trust[0]}"
        )
    return f"git refuses: {said}"


def run_git(
    folder: Path, *words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """Return what a git command in a folder prints, as bytes: names and patches need no encoding.

    Raises:
        GitError: git fails.
        NoGit: there is none.
    """
    trusted = [("safe.directory", place) for place in _trusted()]
    pairs = [*_SETTINGS.items(), *trusted]
    settings = [word for name, value in pairs for word in ("-c", f"{name}={value}")]
    return _run(["git", *settings, *words], folder, _cleaned() | (environment or {}), stdin)


def _run(command: list[str], folder: Path, environment: Mapping[str, str], stdin: bytes) -> bytes:
    git = git_python()
    if not Path(folder).is_dir():
        raise FileNotFoundError(folder)
    try:
        with TemporaryFile() as given, _alone(environment):
            given.write(stdin)
            given.seek(0)
            status, printed, said = git.Git(folder).execute(
                command,
                istream=given,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
    except git.GitCommandNotFound:
        raise NoGit from None
    if status:
        raise GitError(status, said.strip())
    return printed


def git_python() -> ModuleType:
    """Return GitPython.

    Raises:
        BadGit: it asks the git on the PATH for its version, and has no answer.
    """
    # Where there is no git, it is to say so when it is asked, not when it is imported.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    try:
        import git
    except ImportError as error:
        raise BadGit(error) from None
    return git


def forget_repository() -> None:
    """Take from the environment which repository is meant, as a hook of git has it: git looks where
    it is called."""
    for name in _OF_A_REPOSITORY:
        os.environ.pop(name, None)


@contextmanager
def _alone(environment: Mapping[str, str]) -> Iterator[None]:
    """Have this environment only: GitPython adds what it is given to the process's own."""
    before, wanted = dict(os.environ), dict(environment)  # which may be the process's own
    try:
        os.environ.clear()
        os.environ.update(wanted)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _cleaned() -> dict[str, str]:
    """Return the environment without anyone's variables for git, and with ours."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in _LEFT}
    return others | _ENVIRONMENT


@cache
def _trusted() -> tuple[str, ...]:
    """Return the folders of other users that this one trusts: the one setting of theirs that
    counts, for it says whether git may read a repository, and not what is in it."""
    try:
        words = ["git", "config", "--includes", "--null", "--get-all", "safe.directory"]
        places = _run(words, Path("/"), os.environ, b"")
    except GitError:  # there are none, or the settings cannot be read
        return ()
    return tuple(os.fsdecode(place) for place in places.split(b"\0") if place)
