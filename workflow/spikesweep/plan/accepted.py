"""Designs of which a part is the population of another sweep: `{accepted: population}`.

Which candidates were accepted is known when that sweep has results; so the plan is a late one, see
`plan.late`. Until then all candidates stand for those that will be accepted.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spikesweep.document.axes.design import Combination
from spikesweep.errors import UserError
from spikesweep.plan.combining import Candidates
from spikesweep.plan.late import Finding, LatePlan, late_plan
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.sweep import Sweep
from spikesweep.tables.verdicts import read_population

READING = "spikesweep.tables.verdicts"


def populations_of(sweep: Sweep) -> list[str]:
    """Return the sweeps whose accepted candidates a design names, each once."""
    parts = sweep.design.every if sweep.design else ()
    return list(dict.fromkeys(part.accepted for part in parts if part.accepted))


def candidates_of(plan: Plan, place: str) -> Candidates:
    """Return the candidates of a sweep; of one that takes accepted candidates itself all that it
    may take, known or not.

    Raises:
        UserError: the sweep has no criteria, or its design grows by its own results.
    """
    if not plan.criteria:
        raise UserError(
            f"{place}: {plan.name} has no population; expected criteria in `accept` of its sweep "
            "file"
        )
    if plan.rounds:
        raise UserError(
            f"{place}: the candidates of {plan.name} are found by its own results; expected a "
            "sweep whose design is of grids, tables, samples and accepted candidates"
        )
    return _candidates((isinstance(plan, LatePlan) and plan.stand_in) or plan)


def _candidates(plan: Plan) -> Candidates:
    axes = plan.combination.axes
    kept = [i for i, axis in enumerate(axes) if axis.name in plan.candidate_axes]
    first: dict[tuple[int, ...], int] = {}
    for index, row in enumerate(plan.combination.rows):
        first.setdefault(tuple(row[i] for i in kept), index)
    return Candidates(
        sweep=plan.name,
        columns={
            axes[i].name: [axes[i].values[row[j]] for row in first] for j, i in enumerate(kept)
        },
        units={axes[i].name: axes[i].unit for i in kept},
        numbers=list(first.values()),
    )


def late(plan: Plan, combined: Callable[[Mapping[str, Candidates]], Combination]) -> LatePlan:
    """Return the plan of a sweep that takes accepted candidates, by that with all of them.

    Args:
        combined: returns the points of the design with some of the candidates of each sweep.
    """

    def points(earlier: Plan | None, files: Mapping[str, Path]) -> Combination:
        # By now those are known that a sweep has taken itself of another one's.
        known = {name: _candidates(of) for name, of in plan.populations.items()}
        return combined({name: only(of, _numbers(name, files[name])) for name, of in known.items()})

    design = plan.sweep.design
    return late_plan(
        plan,
        Finding(
            words=f"who is accepted in {' and '.join(plan.populations)}",
            options={"design": design.model_dump(mode="json") if design else None},
            maker=(__name__, READING),
            reads={name: of.population for name, of in plan.populations.items()},
            new=len(plan.keys),
            most=len(plan.keys),
            points=points,
        ),
    )


def only(candidates: Candidates, numbers: Sequence[int]) -> Candidates:
    """Return those of some candidates that have these numbers."""
    wanted = set(numbers)
    kept = [i for i, number in enumerate(candidates.numbers) if number in wanted]
    columns = {name: [column[i] for i in kept] for name, column in candidates.columns.items()}
    return candidates._replace(columns=columns, numbers=[candidates.numbers[i] for i in kept])


def _numbers(name: str, table: Path) -> list[int]:
    """Return the numbers of the candidates that a population accepts."""
    numbers = [int(row["candidate"]) for row in read_population(table).accepted]
    if not numbers:
        raise UserError(
            f"{name}: no candidate was accepted, so that nothing can be made of them; "
            f"results/{name}/acceptance.csv tells which criteria reject them"
        )
    return numbers
