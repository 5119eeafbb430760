"""Path distances that derived quantities speak of, `distance(a, b)`: they are recorded numbers."""

from collections.abc import Iterable

from spikesweep.document.known import KnownModel
from spikesweep.document.quantity import Quantity
from spikesweep.document.sites import check_site
from spikesweep.errors import UserError, listing, suggest
from spikesweep.language import document as doc
from spikesweep.language.distances import DISTANCE, distances_in
from spikesweep.language.names import base, parse_site
from spikesweep.sweepfile.recording import Record


def distances_document(
    formulas: Iterable[tuple[str, str]], record: Record, model: KnownModel
) -> tuple[dict[str, doc.Distance], dict[str, Quantity]]:
    """Return the document of the distances in formulas, and what each number is.

    Args:
        formulas: each with its place in the sweep file.

    Raises:
        UserError: a name that no trace and no spike site at a place has, or places in two cells.
    """
    documents: dict[str, doc.Distance] = {}
    quantities = {}
    for place, text in formulas:
        for a, b in distances_in(text):
            at, to = (_location(name, record, model, place) for name in (a, b))
            if at[0] != to[0]:
                raise UserError(
                    f"{place}: distance({a}, {b}): they lie in {at[0]} and in {to[0]}; "
                    "expected two places of one cell"
                )
            _refuse_another(a, b, record, place)
            documents[f"{a}_{b}"] = {"at": at, "to": to, "names": [DISTANCE]}
            words = f"path distance from {a} to {b}"
            quantities[f"{a}_{b}_{DISTANCE}"] = Quantity("um", words)
    return documents, quantities


def _refuse_another(a: str, b: str, record: Record, place: str) -> None:
    """Refuse names that put together are those of another pair as well: a_b and c, a and b_c."""
    known, column = {*record.traces, *record.spikes}, f"{a}_{b}"
    for other in known - {a}:
        rest = column.removeprefix(f"{other}_")
        if rest != column and rest in known:
            raise UserError(
                f"{place}: distance({a}, {b}): its column, {column}_{DISTANCE}, could be that of "
                f"distance({other}, {rest}) as well; expected other names"
            )


def _location(name: str, record: Record, model: KnownModel, place: str) -> doc.Location:
    texts = {n: t.of for n, t in record.traces.items()} | {
        n: s.at for n, s in record.spikes.items()
    }
    if name not in texts:
        raise UserError(
            f'{place}: distance: no spike site and no trace is named "{name}"'
            f"{suggest(name, texts)} (there are: {listing(texts)})"
        )
    try:
        site = parse_site(texts[name].strip())
    except ValueError:
        raise UserError(f"{place}: distance: {name} lies at no place of a cell") from None
    check_site(site, model, place)
    if len(copies := model.cells_meant(site.cell, place)) > 1:
        raise UserError(
            f"{place}: distance: {name} is recorded in {len(copies)} copies of {base(site.cell)}; "
            f"expected one of them, such as {copies[0]}"
        )
    return site.location
