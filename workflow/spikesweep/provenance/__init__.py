"""How every result says what it was made from."""

import os

# Where there is no git, GitPython is to say so when it is asked, not when it is imported.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
