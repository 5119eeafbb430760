"""Where the panels of a figure stand: a mosaic such as "AAB/CCB"."""


def place_of(mosaic: str, letter: str) -> tuple[int, int, int, int]:
    """Return the first row of a panel and the one after its last; and so of its columns."""
    cells = [
        (y, x)
        for y, row in enumerate(mosaic.split("/"))
        for x, found in enumerate(row)
        if found == letter
    ]
    ys, xs = zip(*cells, strict=True)
    return min(ys), max(ys) + 1, min(xs), max(xs) + 1
