"""Whose results they are, what of, and under which licence others may use them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from spikesweep.sweepfile.quantities import DOI, LICENCE, LINE, Part

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def _orcid(text: str) -> str:
    """Return an ORCID without its address; the last digit checks the others (ISO 7064, 11-2)."""
    digits = text.removeprefix("https://orcid.org/")
    if not _ORCID.fullmatch(digits):
        raise ValueError(f"{text!r}; expected an ORCID such as 0000-0002-1825-0097")
    total = 0
    for digit in digits.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = "0123456789X"[(12 - total % 11) % 11]
    if digits[-1] != check:
        raise ValueError(f"{text} has a wrong digit: it would end in {check}")
    return digits


Line = Annotated[str, Field(min_length=1, max_length=300, pattern=LINE)]


class Author(Part):
    """A person who made the results."""

    name: Line
    orcid: Annotated[str, AfterValidator(_orcid)] | None = None
    affiliation: Line | None = None


class About(Part):
    """What a bundle says of its results; nothing that is computed depends on it."""

    authors: list[Author] = Field(default_factory=list)
    licence: str | None = Field(
        None,
        pattern=LICENCE,
        description="of the results: an identifier of spdx.org, such as CC-BY-4.0, or an "
        "address; default: none was chosen",
    )
    doi: str | None = Field(None, pattern=DOI, description="10.5281/zenodo.1234")
    species: Line | None = None
    region: Line | None = Field(None, description="of the brain")
    cell_type: Line | None = None
