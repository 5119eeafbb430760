"""Movies of a sweep file as the simulation document writes them."""

from collections.abc import Mapping

from spikesweep.document.copies import each_copy
from spikesweep.document.known import KnownModel
from spikesweep.document.mistakes import each
from spikesweep.document.quantity import Quantity
from spikesweep.document.recording import range_quantity
from spikesweep.document.sites import range_variable
from spikesweep.errors import UserError
from spikesweep.language import document as doc
from spikesweep.language.names import base, split_parts
from spikesweep.sweepfile.recording import Movie

BYTES_PER_MB = 1_000_000


def movies_document(
    movies: Mapping[str, Movie], model: KnownModel, place: str
) -> tuple[dict[str, doc.Movie], dict[str, Quantity]]:
    """Return the document of movies, copy by copy, and what each shows.

    Raises:
        UserError: an unknown cell, region or variable.
    """

    def of_copies(name: str, movie: Movie) -> dict[str, tuple[doc.Movie, Quantity]]:
        return {
            name + index: _movie(of, movie, model, f"{place}.{name}.of")
            for index, of in each_copy(movie.of, model.counts)
        }

    made = {n: one for copies in each(of_copies, movies).values() for n, one in copies.items()}
    return {n: movie for n, (movie, _) in made.items()}, {n: held for n, (_, held) in made.items()}


def _movie(of: str, movie: Movie, model: KnownModel, place: str) -> tuple[doc.Movie, Quantity]:
    cell, *parts = split_parts(of.strip())
    if base(cell) in model.processes or len(parts) < 2 or parts[0].endswith(")"):
        raise UserError(
            f'{place}: "{of}" is no variable of many segments; expected cell.region.variable, such '
            "as pyramidal.all.v"
        )
    model.cells_meant(cell, place)
    model.cell(cell).shape.select(parts[0], place)
    inserted = model.cell(cell).inserted
    variable = range_variable(".".join(parts[1:]), inserted)
    quantity = range_quantity(variable, inserted, model, place)
    document: doc.Movie = {
        "region": [cell, parts[0]],
        "variable": variable,
        "every": movie.every,
        "limit": round(movie.limit * BYTES_PER_MB),
    }
    if movie.window:
        document["window"] = list(movie.window)
    return document, quantity
