"""What an axis sets in a cell of the sweep file: `pyramidal.all.kdr.gkbar`, `pyramidal.spatial`."""

from typing import Any

from spikesweep.document.axes.rules import InRules, Inserted, Leaf, inserted_in, pointed_by
from spikesweep.document.axes.target import Anew, Asked, At, Target
from spikesweep.document.cells import CABLE_UNITS
from spikesweep.document.copies import PLACEMENT_UNITS
from spikesweep.document.known import KnownModel
from spikesweep.document.shape import Shape
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.language.names import base, join, split
from spikesweep.mechanisms.catalogue import Catalogue

SEGMENT_UNITS = {"nseg": "", "d_lambda": "", "max_length": "um"}
SECTION_UNITS = {"L": "um", "diam": "um", "nseg": ""}
CABLE_DEFAULTS = {"Ra": 35.4, "cm": 1.0}  # NEURON's


def cell_target(asked: Asked, cell: doc.DeclaredCell, model: KnownModel) -> Target:
    """Return what is asked for of a cell.

    Raises:
        UserError: the cell has nothing of that name.
    """
    parts, place = asked.parts, asked.place
    if parts == ["morphology"] and "morphology" in cell:
        return Target(asked.path, At(("morphology",)), "", "morphology", is_number=False)
    if parts and base(parts[0]) == "spatial":
        return _spatial_target(asked, cell["segments"])
    if parts and parts[0] in PLACEMENT_UNITS:
        return placement_target(asked, cell)
    if len(parts) < 2:
        raise UserError(
            f'{place}: "{asked.text}" is no quantity; expected '
            f"{asked.owner}.<region>.<mechanism>.<parameter>, {asked.owner}.<region>.Ra or "
            f"{asked.owner}.morphology"
        )
    region, *what = parts
    shape = model.cell(asked.owner).shape
    if region in inserted_in(cell) and region not in shape.names:
        anywhere = ".".join([asked.owner, "all", *parts])
        raise UserError(
            f'{place}: "{asked.text}" says not in which region of {asked.owner} '
            f"(it has: {shape.describe()}); wherever {region} is inserted: {anywhere}"
        )
    shape.select(region, place)
    is_size = len(what) == 1 and what[0] in SECTION_UNITS
    if is_size and "sections" in cell and region in cell["sections"]:
        return _section_target(asked, cell["sections"][region])
    name, index = split(region)
    has_stub = isinstance(cell.get("axon"), dict)
    if has_stub and name == "axon" and index is not None and what in (["L"], ["diam"]):
        room = At(("axon", "stub", index, what[0]))
        return Target(asked.path, room, SECTION_UNITS[what[0]], f"{what[0]} of {region}")
    if len(what) == 1 and what[0] in inserted_in(cell):
        return _variant_target(asked, cell["biophysics"], shape)
    return _rules_target(asked, cell["biophysics"], shape, model.catalogue)


def _rules_target(
    asked: Asked, rules: list[doc.Rule], shape: Shape, catalogue: Catalogue
) -> Target:
    region, *what = asked.parts
    leaf = _leaf(what, region, catalogue, asked.place)
    room = InRules(region, shape, leaf, asked.place)
    if not room.stands_in(rules):
        raise UserError(
            f"{asked.place}: {'.'.join(what)} is set nowhere in {asked.owner}.{region}, so the "
            "axis would set nothing; expected a region where the model inserts or sets it"
        )
    long_name = f"{what[-1]} of {what[0]}" if len(what) == 2 else what[0]
    return Target(asked.path, room, leaf.unit, long_name)


def _leaf(what: list[str], region: str, catalogue: Catalogue, place: str) -> Leaf:
    if len(what) == 2:
        mechanism = catalogue.density(what[0], place)
        parameter = catalogue.parameter(mechanism, what[1], place)
        return Leaf(("insert", *what), parameter.unit, parameter.default)
    if len(what) == 1 and what[0] in CABLE_UNITS:
        return Leaf((what[0],), CABLE_UNITS[what[0]], CABLE_DEFAULTS[what[0]])
    if len(what) == 1:
        return Leaf(("ions", what[0]), catalogue.ion_unit(what[0], place), None)
    raise UserError(
        f'{place}: "{".".join(what)}" of {region}; expected <mechanism>.<parameter>, Ra, cm or '
        "an ion's potential or concentration"
    )


def _variant_target(asked: Asked, rules: list[doc.Rule], shape: Shape) -> Target:
    region, mechanism = asked.parts
    room = Inserted(region, shape, mechanism, asked.place)
    inside, beyond = room.rules(rules)
    if beyond or not inside:
        what = "a rule inserts it beyond" if beyond else "no rule inserts it in"
        raise UserError(
            f"{asked.place}: {mechanism} in {asked.owner}.{region}: {what} {region}; expected a "
            "region where the rules insert it and nowhere else, so that it can be replaced there"
        )
    if any(
        pointed_by(rule, mechanism) and mechanism not in rule.get("insert", {}) for rule in rules
    ):
        raise UserError(
            f"{asked.place}: {mechanism} in {asked.owner}: `pointers` of it stand in a rule that "
            "does not insert it; expected them in the rule that does, so that they go with it"
        )
    points = frozenset.intersection(*(frozenset(pointed_by(rules[i], mechanism)) for i in inside))
    # It goes by the axis's own name: the mechanism's is one of its values.
    return Target(asked.path, room, "", "", is_number=False, is_text=True, replaces=mechanism,
                  points=points)  # fmt: skip


def _section_target(asked: Asked, section: doc.Section) -> Target:
    name, what = asked.parts
    if what != "nseg" and "points" in section:
        raise UserError(
            f"{asked.place}: {what} of {name} follows from its points; expected a section with L "
            "and diam"
        )
    room = Anew(("sections", name, what), 1)  # nseg, where it is left out
    return Target(asked.path, room, SECTION_UNITS[what], f"{what} of {name}")


def _spatial_target(asked: Asked, rules: doc.Segments | list[doc.SegmentsRule]) -> Target:
    """Return `spatial.d_lambda`, or `spatial[1].max_length` of a list of rules."""
    known: dict[str, tuple[str | int, ...]] = {}
    if isinstance(rules, list):
        for i, rule in enumerate(rules):
            known |= {f"{join('spatial', i)}.{name}": (i, name) for name in rule if name != "in"}
    else:
        known |= {f"spatial.{name}": (name,) for name in rules}
    path = known[asked.one_of(known)]
    name = str(path[-1])
    return Target(asked.path, At(("segments", *path)), SEGMENT_UNITS[name], name)


def placement_target(asked: Asked, cell: doc.Cell) -> Target:
    """Return what `pyr.position.x` asks for; the cell must have a position."""
    part, *axis = asked.parts
    given: Any = cell.get(part, {})
    name = Asked((f"{asked.owner}.{part}",), axis, asked.place).one_of(given)
    return Target(asked.path, At((part, name)), PLACEMENT_UNITS[part], f"{part} {name}")
