"""Write the synthetic pyramidal cell, an SWC file, to standard output.

    python morphologies/make_pyramidal.py > morphologies/pyramidal.swc

The cell is drawn by rule, not reconstructed. Lengths and diameters (um) are those below, in the
range of rat layer 5 pyramidal cells (Larkman 1991, J Comp Neurol 306:307-319): short segments that
branch near the soma, long unbranched terminal segments, a trunk with obliques that ends in a tuft.
At every branch point diameters keep Rall's 3/2 power law (Rall 1959, Exp Neurol 1:491-527), so
that the trunk tapers by what its obliques take. The axon hillock tapers from 4 to 1 um over 10 um
(Mainen et al. 1995, Neuron 15:1427-1439). Paths wander a little; segments keep their length.
"""

import math
import random

SOMA, AXON, BASAL, APICAL = 1, 2, 3, 4  # SWC's types of points

SEED = 1959
STEP = 10.0  # largest distance between points along a path
NECK = 1.0  # from a branch point, where SWC gives the parent's diameter, to the branch's own
WANDER = 0.12  # rad, largest turn at a point

SOMA_DIAMETER = 20.0
HILLOCK_LENGTH, HILLOCK_DIAMETERS = 10.0, (4.0, 1.0)
AXON_LENGTH, COLLATERAL_LENGTH = 100.0, 100.0

BASAL_STEMS, BASAL_DIAMETER = 5, 2.2
BASAL_STEM_LENGTH, BASAL_INNER_LENGTH, BASAL_TERMINAL_LENGTH = 25.0, 40.0, 150.0

TRUNK_DIAMETER = 4.0
TRUNK_LENGTHS = (60.0, 60.0, 70.0, 80.0, 250.0)  # an oblique ends each but the last
OBLIQUE_DIAMETER, OBLIQUE_LENGTH = 1.2, 160.0
TUFT_INNER_LENGTH, TUFT_TERMINAL_LENGTH = 80.0, 180.0

HEADER = """\
# Synthetic pyramidal cell: drawn by morphologies/make_pyramidal.py, not reconstructed.
# Branching pattern and dimensions in the range of rat layer 5 pyramidal cells (Larkman 1991,
# J Comp Neurol 306:307-319); diameters by the 3/2 power law (Rall 1959, Exp Neurol 1:491-527);
# axon hillock after Mainen et al. (1995, Neuron 15:1427-1439).
# Soma in NeuroMorpho.org's three-point form: a sphere, L = diam = {diameter:g} um.
# id type x y z radius parent (um)"""


def daughters(diameter):
    """Diameter of each of two equal branches of a parent: the 3/2 power law (Rall 1959)."""
    return diameter * 0.5 ** (2 / 3)


def remainder(diameter, branch):
    """Diameter left to a parent of `diameter` after a side branch: the 3/2 power law."""
    return (diameter**1.5 - branch**1.5) ** (2 / 3)


def normal(direction, azimuth):
    """A unit vector at right angles to the unit vector `direction`, at `azimuth` (rad) about it."""
    x, y, z = direction
    # Start from the axis that is least parallel, else the cross product vanishes.
    first = (0.0, z, -y) if abs(x) < 0.9 else (-z, 0.0, x)
    norm = math.hypot(*first)
    first = tuple(c / norm for c in first)
    second = (
        y * first[2] - z * first[1],
        z * first[0] - x * first[2],
        x * first[1] - y * first[0],
    )
    c, s = math.cos(azimuth), math.sin(azimuth)
    return tuple(c * a + s * b for a, b in zip(first, second, strict=True))


def turned(direction, angle, azimuth):
    """The unit vector at `angle` (rad) from `direction`, on the side `azimuth` (rad) of it."""
    c, s = math.cos(angle), math.sin(angle)
    side = normal(direction, azimuth)
    return tuple(c * a + s * b for a, b in zip(direction, side, strict=True))


class Cell:
    """A growing tree of SWC points: (type, (x, y, z), diameter, parent's id)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.points = []

    def add(self, kind, position, diameter, parent):
        """Append a point and return its id, counted from 1."""
        self.points.append((kind, position, diameter, parent))
        return len(self.points)

    def sphere(self, diameter):
        """The soma about the origin; returns the id of its centre."""
        centre = self.add(SOMA, (0.0, 0.0, 0.0), diameter, -1)
        self.add(SOMA, (0.0, -diameter / 2, 0.0), diameter, centre)
        self.add(SOMA, (0.0, diameter / 2, 0.0), diameter, centre)
        return centre

    def sprout(self, kind, soma, direction, diameter):
        """The first point of a tree, where `direction` leaves the soma."""
        radius = self.points[soma - 1][2] / 2
        return self.add(kind, tuple(radius * c for c in direction), diameter, soma)

    def grow(self, kind, tip, direction, length, diameters):
        """Grow a path of `length` from point `tip`; returns its new tip and last direction.

        The diameter goes from the first to the second of `diameters` in proportion to the length.
        """
        start, end = diameters
        steps = math.ceil(length / STEP)
        reached = 0.0
        for distance in (NECK, *(length * step / steps for step in range(1, steps + 1))):
            direction = turned(direction, self.random.uniform(0, WANDER), self.azimuth())
            position = tuple(
                p + c * (distance - reached)
                for p, c in zip(self.points[tip - 1][1], direction, strict=True)
            )
            tip = self.add(kind, position, start + (end - start) * distance / length, tip)
            reached = distance
        return tip, direction

    def branch(self, kind, tip, direction, length, diameter):
        """Grow a path of constant diameter."""
        return self.grow(kind, tip, direction, length, (diameter, diameter))

    def fork(self, direction, angle):
        """Two directions that leave `direction` by `angle` (rad) on opposite sides."""
        azimuth = self.azimuth()
        return turned(direction, angle, azimuth), turned(direction, angle, azimuth + math.pi)

    def azimuth(self):
        return self.random.uniform(0, 2 * math.pi)


def draw_axon(cell, soma):
    """Hillock, initial segment and two collaterals, downwards."""
    down = (0.0, -1.0, 0.0)
    tip = cell.sprout(AXON, soma, down, HILLOCK_DIAMETERS[0])
    diameter = HILLOCK_DIAMETERS[1]
    tip, direction = cell.grow(AXON, tip, down, HILLOCK_LENGTH, HILLOCK_DIAMETERS)
    tip, direction = cell.branch(AXON, tip, direction, AXON_LENGTH, diameter)
    for way in cell.fork(direction, 0.5):
        cell.branch(AXON, tip, way, COLLATERAL_LENGTH, daughters(diameter))


def draw_basal(cell, soma):
    """Stems about the axon, each with three terminal segments."""
    for stem in range(BASAL_STEMS):
        direction = turned((0.0, -1.0, 0.0), 1.2, 2 * math.pi * stem / BASAL_STEMS)
        tip = cell.sprout(BASAL, soma, direction, BASAL_DIAMETER)
        tip, direction = cell.branch(BASAL, tip, direction, BASAL_STEM_LENGTH, BASAL_DIAMETER)
        outer, inner = cell.fork(direction, 0.45)
        diameter = daughters(BASAL_DIAMETER)
        cell.branch(BASAL, tip, outer, BASAL_TERMINAL_LENGTH, diameter)
        tip, direction = cell.branch(BASAL, tip, inner, BASAL_INNER_LENGTH, diameter)
        for way in cell.fork(direction, 0.45):
            cell.branch(BASAL, tip, way, BASAL_TERMINAL_LENGTH, daughters(diameter))


def draw_apical(cell, soma):
    """Trunk with obliques, upwards, and the tuft at its end."""
    up = (0.0, 1.0, 0.0)
    diameter = TRUNK_DIAMETER
    tip = cell.sprout(APICAL, soma, up, diameter)
    *oblique_lengths, last_length = TRUNK_LENGTHS
    for length in oblique_lengths:
        tip, _ = cell.branch(APICAL, tip, up, length, diameter)
        cell.branch(APICAL, tip, turned(up, 1.1, cell.azimuth()), OBLIQUE_LENGTH, OBLIQUE_DIAMETER)
        diameter = remainder(diameter, OBLIQUE_DIAMETER)
    tip, direction = cell.branch(APICAL, tip, up, last_length, diameter)
    for way in cell.fork(direction, 0.5):
        inner = daughters(diameter)
        branch_point, last = cell.branch(APICAL, tip, way, TUFT_INNER_LENGTH, inner)
        for terminal in cell.fork(last, 0.4):
            cell.branch(APICAL, branch_point, terminal, TUFT_TERMINAL_LENGTH, daughters(inner))


def swc(cell):
    """The cell as the text of an SWC file, positions to 0.01 um and radii to 0.0001 um."""
    lines = [HEADER.format(diameter=SOMA_DIAMETER)]
    for number, (kind, (x, y, z), diameter, parent) in enumerate(cell.points, start=1):
        position = " ".join(f"{c:z.2f}" for c in (x, y, z))
        lines.append(f"{number} {kind} {position} {diameter / 2:.4f} {parent}")
    return "\n".join(lines) + "\n"


def pyramidal():
    """The whole cell: soma, axon, basal and apical trees."""
    cell = Cell(SEED)
    soma = cell.sphere(SOMA_DIAMETER)
    draw_axon(cell, soma)
    draw_basal(cell, soma)
    draw_apical(cell, soma)
    return cell


if __name__ == "__main__":
    print(swc(pyramidal()), end="")
