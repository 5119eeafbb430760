"""What `config/config.yaml` says: what a plain run makes, and what is allowed."""

from pathlib import Path
from typing import Any

from spikesweep.errors import UserError, listing, suggest
from spikesweep.plan.figure_sets import set_names
from spikesweep.plan.making import sweep_names
from spikesweep.sweepfile.reading import read_yaml

CONFIG = "config/config.yaml"
KEYS = ("sweeps", "figure_sets", "allow_large", "publish", "container")
PUBLISHABLE = ("dirty", "failed")


def configured(root: Path) -> list[str]:
    """Return the sweeps that the config file of a project names.

    Raises:
        UserError: as `check_config` does; or no sweep has such a name.
    """
    path = root / CONFIG
    if not path.exists():
        return []
    check_config(path, {})
    return named_sweeps(root, read_yaml(path))


def check_config(path: Path, config: dict[str, Any]) -> None:
    """Refuse a config file that Snakemake could not read, in our own words.

    Args:
        config: what Snakemake knows before it reads one, as that of a workflow that has this one as
            a module: then there may be none.

    Raises:
        UserError: it is missing, no YAML, or holds no keys.
    """
    if config and not path.exists():
        return
    if not isinstance(read_yaml(path), dict):
        raise UserError(f"{path}: expected keys, such as: sweeps: [my_sweep]")


def allows_large(config: dict[str, Any]) -> bool:
    """Return whether sweeps of any size may be run."""
    allowed = config.get("allow_large", False)
    if isinstance(allowed, str):  # as --config gives it
        allowed = {"true": True, "false": False}.get(allowed, allowed)
    if not isinstance(allowed, bool):
        raise UserError(f"{CONFIG}: allow_large: {allowed!r}; expected true or false")
    return allowed


def publishable(config: dict[str, Any]) -> list[str]:
    """Return what may be published although something is wrong with it."""
    allowed = config.get("publish") or []
    if not isinstance(allowed, list) or not set(allowed) <= {*PUBLISHABLE}:
        raise UserError(
            f"{CONFIG}: publish: {allowed!r}; expected a list of what may be published "
            f"although something is wrong with it, of: {listing(PUBLISHABLE)}"
        )
    return allowed


def named_sweeps(root: Path, config: dict[str, Any]) -> list[str]:
    """Return the sweeps that a plain run makes.

    Raises:
        UserError: a key is unknown, or no sweep has such a name.
    """
    for key in config:
        if key not in KEYS:
            raise UserError(
                f'{CONFIG}: unknown key "{key}"{suggest(str(key), KEYS)}; known: {listing(KEYS)}'
            )
    return _names_in(config, "sweeps", "sweep", sweep_names(root))


def named_sets(root: Path, config: dict[str, Any]) -> list[str]:
    """Return the figure sets that a plain run makes; raises UserError where one is not there."""
    return _names_in(config, "figure_sets", "figure set", set_names(root))


def _names_in(config: dict[str, Any], key: str, what: str, known: list[str]) -> list[str]:
    """Return the names under a key of the config, each of which there is."""
    names = config.get(key) or []
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        such = known[0] if known else f"my_{key[:-1]}"
        raise UserError(f"{CONFIG}: {key}: {names!r}; expected a list of names, such as [{such}]")
    for name in names:
        if name not in known:
            raise UserError(
                f'{CONFIG}: {key}: no {what} is named "{name}"{suggest(name, known)} '
                f"(there are: {listing(known) or 'none'})"
            )
    return names
