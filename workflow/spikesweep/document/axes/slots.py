"""Slots: the places in a document that axes set, and what each axis does there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products.slots import SlotPath, fill

SETS, CHANGES, REPLACES = range(3)  # in the order in which they are applied
# Parts of the protocol that belong to one simulation; the others NEURON has once for all cells.
OF_ONE_SIMULATION = ("processes", "connections", "play", "gap_junctions")


@dataclass(frozen=True)
class Effect:
    """What axes do to one slot: `apply(what stands there, *the values of the axes)`.

    axes: the axis that it is written for, then others that its formula speaks of.
    kind: SETS, whatever stood there; CHANGES what others may have set; or REPLACES the last key
        of its path by another, after all that is done below it.
    """

    axes: tuple[str, ...]
    apply: Callable[..., Any]
    kind: int = SETS


@dataclass(frozen=True)
class Slot:
    """A place in the document that axes set: its path, and what they do to it in turn."""

    path: SlotPath
    base: Any
    effects: tuple[Effect, ...]

    @property
    def name(self) -> str:
        """The path as text: cells.pyramidal.biophysics[1].insert.kdr.gkbar."""
        return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.path)[1:]

    @property
    def is_shared(self) -> bool:
        """Whether NEURON holds it once for all cells, so that it must be equal within a pack."""
        return self.path[0] == "protocol" and self.path[1] not in OF_ONE_SIMULATION

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that it depends on."""
        return tuple(dict.fromkeys(axis for effect in self.effects for axis in effect.axes))

    def value(self, point: dict[str, Any]) -> Any:
        """Return what stands here at a point of the design (axis name -> value)."""
        value = self.base
        for effect in self.effects:
            value = effect.apply(value, *(point[axis] for axis in effect.axes))
        return value


def make_slots(
    document: Mapping[str, Any], effects: Iterable[tuple[SlotPath, Effect]], place: str
) -> tuple[Slot, ...]:
    """Return the slots in the order of the document; what sets comes before what scales.

    Where a key is replaced, the mapping that it stands in is one slot, with all below it.
    """
    by_path = _by_path(effects)
    for path, chain in by_path.items():
        setters = [effect.axes[0] for effect in chain if effect.kind != CHANGES]
        if len(setters) > 1:
            raise UserError(
                f"{place}: axes.{setters[1]}.sets: the axis {setters[0]} sets "
                f"{'.'.join(map(str, path))} as well; expected one axis to set it"
            )
    whole = {path[:-1] for path, chain in by_path.items() if chain[-1].kind == REPLACES}
    gathered = _by_path(
        _within(whole, path, effect) for path, chain in by_path.items() for effect in chain
    )
    return tuple(
        Slot(path, _at(document, path), tuple(chain))
        for path, chain in sorted(gathered.items(), key=lambda item: str(item[0]))
    )


def _by_path(effects: Iterable[tuple[SlotPath, Effect]]) -> dict[SlotPath, list[Effect]]:
    by_path: dict[SlotPath, list[Effect]] = {}
    for path, effect in sorted(effects, key=lambda item: item[1].kind):
        by_path.setdefault(path, []).append(effect)
    return by_path


def _within(whole: set[SlotPath], path: SlotPath, effect: Effect) -> tuple[SlotPath, Effect]:
    """Return an effect below a place that is one slot as an effect on all of that."""
    place = next((place for place in whole if path[: len(place)] == place), path)
    rest = path[len(place) :]
    if not rest or effect.kind == REPLACES:
        return place, effect

    def apply(tree: Any, *values: Any) -> Any:
        return fill(tree, [rest], [effect.apply(_at(tree, rest), *values)])

    return place, Effect(effect.axes, apply, effect.kind)


def _at(tree: Any, path: SlotPath) -> Any:
    return reduce(lambda tree, part: tree[part], path, tree)
