"""Makes the pictures of the explorer that the documentation shows, from a page.

    python docs/pictures.py results/potassium_block/explore.html

Writes docs/explorer.png; with --sizes pictures of the whole page, light and dark, into a folder.
Needs the packages of the tests, and Chromium.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/helpers"))
sys.path.insert(0, str(ROOT / "workflow"))

from exploring import Looking, chromium  # noqa: E402

WIDTHS = {"phone": 390, "tablet": 900, "desktop": 1440, "large": 2560}
SHOWN = "#picked=13&pins=1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--to", type=Path, default=ROOT / "docs", help="folder, default: docs")
    parser.add_argument("--sizes", action="store_true", help="four widths, light and dark")
    options = parser.parse_args()
    with chromium() as browser:
        if not options.sizes:
            picture(browser, options.page, options.to / "explorer.png", 1440, "light", 900)
            return
        for name, width in WIDTHS.items():
            for theme in ("light", "dark"):
                picture(browser, options.page, options.to / f"{name}_{theme}.png", width, theme)


def picture(
    browser, page: Path, path: Path, width: int, theme: str, height: int | None = None
) -> None:
    """Write a picture of a page: of its first so many pixels, or of all."""
    viewport = {"width": width, "height": height or 900}
    one = Looking(browser, page.resolve(), SHOWN, viewport=viewport, color_scheme=theme)
    one.tab.wait_for_timeout(500)  # two frames, on a busy machine
    one.tab.screenshot(path=path, full_page=height is None)
    one.close()


if __name__ == "__main__":
    main()
