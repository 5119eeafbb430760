"""What a rule's `in` means: `all`, a region, a section's name, `apical[3]`, or a pattern.

Plans and simulations read it alike. It belongs to every simulation's key, and imports nothing of
spikesweep therefore.
"""

import re
from functools import lru_cache


def split_name(text: str) -> tuple[str, int | None]:
    """Return name and index of a section: "dend[3]" -> ("dend", 3), "dend" -> ("dend", None)."""
    name, bracket, index = text.partition("[")
    if bracket and index.endswith("]") and index[:-1].isdecimal():
        return name, int(index[:-1])
    return text, None


def is_pattern(text: str) -> bool:
    """Return whether a text names sections by a pattern, `dend*` or `apical[1?]`."""
    return "*" in text or "?" in text


def means(text: str, name: str, index: int, region: str | None) -> bool:
    """Return whether a text means a section.

    Args:
        text: in a pattern `*` stands for any characters and `?` for one; brackets are themselves.
    """
    if text == "all":
        return True
    if is_pattern(text):
        pattern = _compiled(text)
        return bool(pattern.fullmatch(name) or pattern.fullmatch(f"{name}[{index}]"))
    base, wanted = split_name(text)
    return text in (name, region) if wanted is None else (base, wanted) == (name, index)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> re.Pattern:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."))
