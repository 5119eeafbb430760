"""Several mistakes of a sweep, told in one message: a line each."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from spikesweep.errors import UserError

T = TypeVar("T")
V = TypeVar("V")


class Mistakes:
    """Mistakes that are told together, for what does not need each other.

    mistakes = Mistakes()
    with mistakes:
        first = one_thing()
    with mistakes:
        second = another()
    mistakes.refuse()
    """

    def __init__(self) -> None:
        self._told: list[str] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, UserError):
            self._told.append(str(error))
            return True
        return False

    def refuse(self) -> None:
        """Raise UserError if there were mistakes: a line each, the same words once."""
        if self._told:
            raise UserError("\n".join(dict.fromkeys(self._told)))


def all_of(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Return what calls return that do not need each other.

    Raises:
        UserError: what any of them refused; where it was several, a line each.
    """
    results, mistakes = [], Mistakes()
    for call in calls:
        with mistakes:
            results.append(call())
    mistakes.refuse()
    return results


def each(function: Callable[[str, V], T], parts: Mapping[str, V]) -> dict[str, T]:
    """Return by its name what a function of name and part makes of every part.

    Raises:
        UserError: as `all_of`.
    """
    made = all_of(partial(function, name, part) for name, part in parts.items())
    return dict(zip(parts, made, strict=True))
