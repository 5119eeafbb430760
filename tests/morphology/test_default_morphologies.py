"""The morphologies of morphologies/ against the dimensions that their headers promise."""

import runpy
import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest

from project import ROOT

FOLDER = ROOT / "morphologies"
SOMA, AXON, BASAL, APICAL = 1, 2, 3, 4  # SWC's types of points


class Tree:
    """An SWC file as arrays over its points; a point's parent is an index, -1 at the root."""

    def __init__(self, path):
        table = np.loadtxt(path)
        assert (table[:, 0] == np.arange(1, len(table) + 1)).all()
        self.kind = table[:, 1].astype(int)
        self.position = table[:, 2:5]
        self.diameter = 2 * table[:, 5]
        self.parent = table[:, 6].astype(int) - 1
        self.parent[0] = -1

    def length(self, kind):
        """um of path of one type; the step from the soma to a tree's first point is none."""
        mine = np.flatnonzero(self.kind == kind)
        mine = mine[self.kind[self.parent[mine]] == kind]
        steps = self.position[mine] - self.position[self.parent[mine]]
        return np.linalg.norm(steps, axis=1).sum()

    def children(self):
        """Index of a point -> indices of its children, for points of neurites."""
        found = defaultdict(list)
        for point, parent in enumerate(self.parent):
            if parent >= 0 and self.kind[parent] != SOMA:
                found[parent].append(point)
        return found


@pytest.fixture(scope="module")
def pyramidal():
    return Tree(FOLDER / "pyramidal.swc")


def test_pyramidal_is_what_its_script_draws():
    drawn = subprocess.run(
        [sys.executable, FOLDER / "make_pyramidal.py"], capture_output=True, text=True, check=True
    )
    assert drawn.stdout == (FOLDER / "pyramidal.swc").read_text()


@pytest.mark.parametrize(
    ("kind", "trees", "tips", "length"),
    [
        # Hillock and initial segment 110, two collaterals of 100.
        (AXON, 1, 2, 110 + 2 * 100),
        # Five stems, each 25 + 40 and three terminal segments of 150.
        (BASAL, 5, 15, 5 * (25 + 40 + 3 * 150)),
        # Trunk 520, four obliques of 160; tuft of two branches of 80 and four of 180.
        (APICAL, 1, 8, 520 + 4 * 160 + 2 * 80 + 4 * 180),
    ],
)
def test_pyramidal_has_the_promised_trees(pyramidal, kind, trees, tips, length):
    mine = np.flatnonzero(pyramidal.kind == kind)
    assert (pyramidal.kind[pyramidal.parent[mine]] == SOMA).sum() == trees
    assert len(set(mine) - set(pyramidal.parent)) == tips
    # Positions are rounded to 0.01 um: about as much in each of 550 steps, of either sign.
    assert pyramidal.length(kind) == pytest.approx(length, rel=1e-4)


def test_pyramidal_keeps_the_power_law_at_every_branch_point(pyramidal):
    """Rall (1959): the parent's diameter to the 3/2 is the sum of those of its branches."""
    branchings = {p: c for p, c in pyramidal.children().items() if len(c) > 1}
    assert len(branchings) == 1 + 5 * 2 + 4 + 3  # axon, basal trees, obliques, tuft
    for parent, branches in branchings.items():
        powers = pyramidal.diameter[branches] ** 1.5
        assert powers.sum() == pytest.approx(pyramidal.diameter[parent] ** 1.5, rel=1e-3)


def test_pyramidal_soma_is_a_three_point_sphere(pyramidal):
    """NeuroMorpho.org's form: the centre, then one radius down and one up."""
    assert pyramidal.kind[:4].tolist() == [SOMA, SOMA, SOMA, AXON]
    assert pyramidal.position[:3].tolist() == [[0, 0, 0], [0, -10, 0], [0, 10, 0]]
    assert pyramidal.diameter[:3].tolist() == [20, 20, 20]
    assert pyramidal.parent[:3].tolist() == [-1, 0, 0]


def test_ball_and_stick_is_the_tutorial_s():
    """Soma L = diam = 12.6157 um, of 500.00296 um2; dendrite 200 x 1 um on its end."""
    cell = Tree(FOLDER / "ball_and_stick.swc")
    area = np.pi * cell.diameter[0] * np.linalg.norm(cell.position[1] - cell.position[0])
    assert area == pytest.approx(500.00296, abs=1e-4)
    assert np.linalg.norm(cell.position[-1] - cell.position[1]) == 200
    assert cell.diameter[2:].tolist() == [1, 1]
    assert cell.parent.tolist() == [-1, 0, 1, 2]


def test_other_seeds_draw_other_cells():
    """The path's wandering comes from the seed alone, and does not touch lengths."""
    script = runpy.run_path(str(FOLDER / "make_pyramidal.py"))
    first, again, other = (script["Cell"](seed) for seed in (1, 1, 2))
    tips = []
    for cell in (first, again, other):
        soma = cell.sphere(20.0)
        tip = cell.sprout(AXON, soma, (0.0, -1.0, 0.0), 1.0)
        tips.append(cell.branch(AXON, tip, (0.0, -1.0, 0.0), 95.0, 1.0)[0])
    assert first.points == again.points
    assert first.points != other.points
    for cell, tip in zip((first, other), tips[::2], strict=True):
        path = np.array([point[1] for point in cell.points[3:tip]])
        assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(95.0)
