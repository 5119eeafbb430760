"""The plan as jobs read it: `plan_<fingerprint>.json` and, a row a simulation, `.csv`.

The JSON holds what all simulations share and the recipe of every product; the CSV each
simulation's index, batch, key, the values of its axes, what labels say of it and, as JSON, what
the axes put in the slots of the document. Jobs need neither the sweep file nor the libraries that
read it.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products import plain
from spikesweep.products.column import Column
from spikesweep.products.fingerprint import DIGITS, fingerprint, sha256
from spikesweep.products.items import Items, Members
from spikesweep.products.seal import is_intact
from spikesweep.products.sidecar import command_again, origin
from spikesweep.products.slots import SlotPath, fill
from spikesweep.products.stages import check_recipe
from spikesweep.products.table import LINKED, PLAN

# Of the table, before those of the axes and slots.
COLUMNS = {
    "index": Column("", "simulation", "number of the simulation in its sweep"),
    "batch": Column("", "batch", "fingerprint of the batch that runs it"),
    "key": Column("", "key", "hash of everything that can change its result"),
}
_OWN = frozenset(["fingerprint", "rows", "bytes", "seal"])
# What a late plan says besides what it is named by, see `spikesweep.plan.late`.
FOUND = frozenset(
    ["axes", "design", "labels", "simulations", "columns", "windows", "points", "unknown", "ran"]
)


@dataclass(frozen=True)
class Row:
    """One simulation of a plan."""

    index: int
    batch: str
    key: str
    axes: tuple[str, ...]
    slots: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanFile:
    """A plan as a job reads it."""

    path: Path
    contents: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.contents[name]

    @property
    def folder(self) -> Path:
        """The folder of the sweep's products."""
        return self.path.parent

    def file(self, name: str) -> Path:
        """Return a file of a product of which each sweep has one, such as "isi"; or "plan"."""
        if name == PLAN.name:
            return self.path.with_suffix(".csv")
        return self.folder / str(self["files"][name])

    @property
    def links(self) -> dict[str, Path]:
        """What each stable name in `results/<sweep>/` leads to."""
        made = {PLAN.name, *self["files"]}
        return {file.name: self.file(file.stem) for file in LINKED if file.stem in made}

    def fingerprint(self, product: Path) -> str:
        """Return the whole fingerprint of a product."""
        return fingerprint(self["products"][product.name])

    def recipe(self, product: Path) -> dict[str, Any]:
        """Return the recipe of a product, checked against the code and packages that run.

        Raises:
            UserError: the plan has no such product, or the sources changed since.
        """
        recipe = self._recipe(product)
        code, read = self["code"][recipe["stage"]], self["bytes"]
        check_recipe(recipe, product, code, {module: read[module] for module in code})
        return recipe

    def stage(self, product: Path) -> str:
        """Return the stage that makes a product, also of one whose code has changed since.

        Raises:
            UserError: the plan has no such product.
        """
        return str(self._recipe(product)["stage"])

    def _recipe(self, product: Path) -> dict[str, Any]:
        recipe: dict[str, Any] | None = self["products"].get(product.name)
        if recipe is None:
            raise UserError(
                f"{product}: {self.path} does not name it; expected one of the sweep's current "
                "products. Run snakemake, which asks for them by name"
            )
        return recipe

    @property
    def labels(self) -> list[dict[str, str]]:
        """The labels of the simulations: name, and kind of the values, int, float or str."""
        return list(self.contents.get("labels", []))

    @property
    def specification(self) -> dict[str, Any]:
        """What was simulated: the document that all simulations share, and what the axes fill."""
        names = ("axes", "design", "document", "slots", "populations", "rounds", "ran")
        return {name: self[name] for name in names if name in self.contents}

    def origin(self, product: Path) -> dict[str, Any]:
        """Return what a product is made from, for `origin.write_origin`."""
        recipe = self["products"][product.name]
        return origin(recipe, self["code"][recipe["stage"]])

    def rows(self) -> Iterator[Row]:
        """Yield the simulations in the order of the design.

        Raises:
            UserError: the table is not the one that was written with the plan.
        """
        lines = io.StringIO(self._table, newline="")
        next(csv.reader(lines))
        yield from self._read(lines)

    def batch(self, name: str) -> list[Row]:
        """Return the simulations of one batch, without taking the others' lines apart.

        Raises:
            UserError: as `rows` does.
        """
        return [row for row in self._read(self._lines_with(f",{name},")) if row.batch == name]

    def _lines_with(self, text: str) -> Iterator[str]:
        """Yield lines of the table, ten times faster than a regular expression finds them."""
        # No line break stands within a cell: in JSON it is escaped, and no axis holds one.
        end = self._table.find("\n")
        while (place := self._table.find(text, end)) >= 0:
            start, end = self._table.rfind("\n", 0, place) + 1, self._table.find("\n", place)
            yield self._table[start:end]

    def _read(self, lines: Iterable[str]) -> Iterator[Row]:
        first = len(COLUMNS)
        labels = first + len(self["axes"])
        slots = labels + len(self.labels)
        for cells in csv.reader(lines):
            yield Row(
                int(cells[0]), cells[1], cells[2],
                tuple(cells[first:labels]), tuple(cells[slots:]), tuple(cells[labels:slots]),
            )  # fmt: skip

    def check_rows(self) -> None:
        """Refuse a table of simulations that is not the one that was written with the plan.

        Raises:
            UserError: as `rows` does.
        """
        _ = self._table

    @cached_property
    def _table(self) -> str:
        path = self.path.with_suffix(".csv")
        try:
            content = plain.content(path)
        except FileNotFoundError:
            raise _damaged(self.path, f"{path.name} is missing") from None
        except OSError as error:
            raise _damaged(self.path, f"{path.name} cannot be read ({error.strerror})") from None
        if sha256(content) != self["rows"]:
            raise _damaged(self.path, f"{path.name} was changed after it was written")
        return content.decode()

    def document(self, row: Row) -> dict[str, Any]:
        """Return the document of one simulation, with the names that a person has given."""
        return fill(self["document"], self._slots, [json.loads(text) for text in row.slots])

    def member(self, row: Row) -> tuple[str, dict[str, Any]]:
        """Return key and document of one simulation, as it is run: by the names of the key.

        Raises:
            UserError: the plan was damaged.
        """
        if self.members.key(row.slots) != row.key:
            raise _damaged(self.path, f"simulation {row.index} is not the one that its key names")
        return row.key, self.members.document(row.slots)

    def items(self, row: Row) -> Items:
        """Return what is asked for of one simulation."""
        return self.members.items(row.slots)

    @cached_property
    def members(self) -> Members:
        """The simulations as the store knows them."""
        return Members(self["document"], self._slots)

    @cached_property
    def _slots(self) -> list[SlotPath]:
        return [tuple(path) for path in self["slots"]]


def read_plan(path: Path) -> PlanFile:
    """Return the plan that a JSON file holds.

    Raises:
        UserError: no such file, or it is not the plan that its name promises.
    """
    try:
        content = plain.content(path)
        contents = json.loads(content)
    except FileNotFoundError:
        raise UserError(f"{path}: no such plan; run snakemake, which writes it") from None
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _damaged(path, "it is no JSON that spikesweep writes") from None
    inner = plan_fingerprint(contents) if isinstance(contents, dict) else ""
    if path.stem != f"plan_{inner[:DIGITS]}":
        raise _damaged(path, f"it holds the plan {inner[:DIGITS]}")
    if not is_intact(content):
        raise _damaged(path, "it was changed after it was written")
    if trains := contents.get("points", {}).get("trains"):
        # Its name is of the document without them: they are found, as points are.
        contents["document"] = with_times(contents["document"], trains)
    return PlanFile(path, contents)


def with_times(document: Any, trains: Mapping[str, list[list[float]]]) -> Any:
    """Return a document whose processes make events at these times (ms), of each copy."""
    processes = document["protocol"]["processes"]
    timed = {name: {**processes[name], "times": times} for name, times in trains.items()}
    protocol = {**document["protocol"], "processes": {**processes, **timed}}
    return {**document, "protocol": protocol}


def plan_fingerprint(contents: dict[str, Any]) -> str:
    """Return the fingerprint of a plan: of all that it says, but for its table's own hash, and for
    the points that a late one found."""
    other = _OWN | FOUND if "late" in contents else _OWN
    return fingerprint({name: value for name, value in contents.items() if name not in other})


def _damaged(path: Path, what: str) -> UserError:
    return UserError(
        f"{path}: {what}. Nothing was made of it. Write the plan anew: "
        f"{'rm -r' if path.is_dir() else 'rm'} {path} && {command_again(path)}"
    )
