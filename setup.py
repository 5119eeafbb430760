"""What pyproject.toml cannot say: a wheel carries the workflow's files, and what ships with it."""

from pathlib import Path
from shutil import copyfile, copytree, ignore_patterns, rmtree

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    *("workflow/Snakefile", "workflow/rules", "workflow/report", "workflow/envs"),
    *("config", "mod", "morphologies", "profiles"),
    *("README.md", "docs", "requirements.lock"),
)
# What makes the documentation, and pictures that no terminal shows.
DOCS_ALONE = (
    *("site.py", "reference.py", "pictures.py", "recording.py", "same_picture.py"),
    *("*.svg", "*.png"),
)


class BuildWithWorkflow(build_py):
    """Puts them into the package's folder `shipped`, laid out as they are in the repository."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        shipped = Path(self.build_lib, "spikesweep/shipped")
        rmtree(shipped, ignore_errors=True)
        left_out = ignore_patterns("__pycache__", "make_*.py", *DOCS_ALONE)
        for name in SHIPPED:
            source, target = Path(name), shipped / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                copytree(source, target, ignore=left_out)
            else:
                copyfile(source, target)


setup(cmdclass={"build_py": BuildWithWorkflow})
