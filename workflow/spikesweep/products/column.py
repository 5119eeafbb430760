"""What a column of a table holds."""

from typing import NamedTuple


class Column(NamedTuple):
    """What a column holds; the unit is '' for a plain number or a name."""

    unit: str
    long_name: str
    definition: str
