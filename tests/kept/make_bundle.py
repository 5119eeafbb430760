"""Makes a bundle to be kept: `python tests/kept/make_bundle.py`, once for each version released.

Of a small repository of its own, with the code and the lock of the last commit here, a sweep of
four simulations with a mechanism and a morphology, and two figures. Compressed, since it is kept in
the repository; a bundle itself is not.
"""

import lzma
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "helpers"), str(TESTS.parent / "workflow")]

KEPT = Path(__file__).parent


def make_bundle() -> Path:
    """Write bundle_<version>.zip.xz and return its path."""
    from project import ROOT, Project
    from provenance import make_repository
    from spikesweep.products.engine import identity

    if subprocess.check_output(["git", "status", "--porcelain"], cwd=ROOT):
        sys.exit("There are changes that are not committed; a bundle is made of a commit")
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch) / "project")
        for folder in ("mod", "morphologies"):  # those of the sweeps that ship
            shutil.rmtree(project.root / folder)
            (project.root / folder).mkdir()
        make_repository(project)
        project.snakemake("publish")
        [bundle] = (project.root / "results/published").iterdir()
        kept = KEPT / f"bundle_{identity()['version']}.zip.xz"
        kept.write_bytes(lzma.compress(bundle.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
    return kept


if __name__ == "__main__":
    print(make_bundle())
