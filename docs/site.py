"""Build the site of the documentation, strictly: `make docs`; it lies in build/site then.

A page that is missing in the navigation, a link that leads nowhere, or to a heading that is not
there, fails. Nothing on the site comes from elsewhere, so it can be read offline.
"""

import logging
import re
import shutil
import sys
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).resolve().parents[1]
# Pages and pictures, as they lie in the repository.
PAGES = ("*.md", "docs/*.md", "config/README.md", "config/examples/README.md")
PICTURES = ("docs/*.png", "docs/*.svg")
# What pages lead to that is no page: on the site it is a plain file.
FILES = ("config/**/*.yaml", "LICENSE")
STYLE = """\
.wy-nav-content { max-width: 60rem; }
.rst-content table { display: block; overflow-x: auto; }
.rst-content table td, .rst-content table th { white-space: normal; vertical-align: top; }
.rst-content img { background: white; }
.headerlink { visibility: hidden; }
:hover > .headerlink { visibility: visible; }
"""


def lay_out(to: Path) -> None:
    """Copy what the site is made from into an empty folder."""
    shutil.rmtree(to, ignore_errors=True)
    for pattern in (*PAGES, *PICTURES, *FILES):
        for path in sorted(ROOT.glob(pattern)):
            target = to / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    (to / "site.css").write_text(STYLE)


def foreign(site: Path) -> list[str]:
    """Return what pages of the site would fetch from elsewhere."""
    fetched = re.compile(
        r"""(?:<(?:script|img|link)\b[^>]*\b(?:src|href)=|@import |url\()["']?(?:https?:)?//"""
    )
    pages = [path for pattern in ("*.html", "*.css") for path in sorted(site.rglob(pattern))]
    return [str(path.relative_to(site)) for path in pages if fetched.search(path.read_text())]


def main() -> None:
    """Lay out, build, and look for what is not there."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    lay_out(ROOT / "build/docs")
    config = load_config(str(ROOT / "mkdocs.yml"), strict=True)
    try:
        build(config)
    except Abort as error:
        sys.exit(f"spikesweep: {error}")
    if found := foreign(Path(config.site_dir)):
        sys.exit(f"spikesweep: fetched from elsewhere by: {', '.join(found)}")
    print(f"{Path(config.site_dir).relative_to(ROOT)}/index.html")


if __name__ == "__main__":
    main()
