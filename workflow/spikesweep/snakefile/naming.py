"""Which sweeps the words of a command name: by themselves, in a path, a rule or a job."""

import re
from collections.abc import Iterable, Sequence

from spikesweep.errors import UserError, listing, suggest
from spikesweep.products.table import LEAVES
from spikesweep.snakefile.config import CONFIG

_NAME = re.compile(r"[\w-]+")
_NAMES_A_SWEEP = re.compile(
    r"results/published/(\w+)_[^_]*$|results/(?:made/)?(\w+)/|\bsweep=(\w+)"
    rf"|^(?:{'|'.join(LEAVES)})_(\w+)$"
)
CORES = ("--cores", "-c", "--jobs", "-j")  # may be followed by "all", which is no target then


def named_by(arguments: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the sweeps, of those that are known, that arguments name."""
    named = [argument for argument in arguments if argument in known]
    matches = [match for a in arguments if (match := _NAMES_A_SWEEP.search(a))]
    named += [name for match in matches if (name := match[match.lastindex]) in known]
    named += [name for a in arguments if (name := _as_of_module(a, known))]
    return list(dict.fromkeys(named))


def asks_for_all(arguments: Sequence[str]) -> bool:
    """Return whether `all` is a target among arguments, and not a number of cores."""
    pairs = zip(["", *arguments], arguments, strict=False)
    return any(argument == "all" and before not in CORES for before, argument in pairs)


def check_names(
    arguments: Sequence[str], asked: list[str], known: list[str], sets: list[str]
) -> None:
    """Refuse what is nearly a sweep's name, and a run without any sweep."""
    every = [*known, *sets]
    right = {*every, *(f"{leaf}_{name}" for leaf in LEAVES for name in every)}
    for before, argument in zip(["", *arguments], arguments, strict=False):
        is_name = _NAME.fullmatch(argument) and "-" not in (before[:1], argument[:1])
        is_name = is_name and not _as_of_module(argument, known)
        if is_name and argument not in right and (near := suggest(argument, known)):
            raise UserError(f'no sweep is named "{argument}"{near} (sweeps: {listing(known)})')
    if not asked:
        raise UserError(
            f"{CONFIG}: sweeps: names no sweep; expected some of config/sweeps, such as "
            f"[{known[0] if known else 'my_sweep'}], or run one by its name: snakemake <sweep>"
        )


def _as_of_module(argument: str, known: Iterable[str]) -> str:
    """Return the sweep that a rule of this workflow as a module is named after, '' for others.

    `use rule * from spikesweep as spikesweep_*` puts a prefix before the names of rules.
    """
    is_name = argument.isidentifier() and argument not in known
    ends = [name for name in known if is_name and argument.endswith(f"_{name}")]
    return max(ends, key=len, default="")
