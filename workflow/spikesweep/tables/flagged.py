"""What the table of flags says, read without what it is made by; see `flags`."""

import csv
from collections import Counter
from pathlib import Path

NOT_AT_REST, AT_END, EXCURSION = "not_at_rest", "spike_at_end", "excursion"
DOUBTFUL_COUNT = "doubtful_count"
WORDS = {
    NOT_AT_REST: "not at rest before the stimulus",
    AT_END: "above the threshold of spikes at the end",
    EXCURSION: "with potentials out of range",
    DOUBTFUL_COUNT: "with counts that hang on the threshold",
}


def told(table: Path, simulations: int) -> list[str]:
    """Return what is to be said of flags, in one sentence; none where there are none.

    Args:
        simulations: how many the sweep has.
    """
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)  # of 100,000 simulations most may be flagged
        index, flag = map(next(lines).index, ("index", "flag"))
        flags = {(line[index], line[flag]) for line in lines}
    if not flags:
        return []
    counts = Counter(flag for _, flag in flags)
    how = ", ".join(f"{counts[flag]:,} {words}" for flag, words in WORDS.items() if counts[flag])
    flagged = len({index for index, _ in flags})
    return [f"{flagged:,} of {simulations:,} simulations are flagged: {how} (flags.csv)"]
