"""Record a terminal for the README: `make recording`. Commands are run, and what a person sees of
them becomes a picture that moves: docs/recording.svg.

It is drawn from what the terminal's emulator shows, screen by screen, in the time that it took;
waits are cut to a second. A reader who wants no motion sees the last screen.
"""

import argparse
import os
import sys
import tempfile
import time
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/helpers"), str(ROOT / "workflow")]

from project import Project  # noqa: E402  (found by the line above)
from terminal import Seen, run_in_terminal  # noqa: E402

SWEEP = "synapse"
COMMANDS = (
    f"spikesweep plan {SWEEP} | head -5",
    f"snakemake --cores 2 {SWEEP}",
    f"snakemake --cores 2 {SWEEP}",
)
COLUMNS, ROWS = 100, 30
WIDTH, HEIGHT = 8.4, 18.0  # of a character, px
MARGIN = 16.0
LONGEST = 1.0  # s, that nothing moves
LAST = 4.0  # s, of the last screen
SHORTEST = 0.1  # s, of a screen that is shown
COLOURS = {
    "default": "#d8dee9", "red": "#f07178", "green": "#a3be8c", "brown": "#ebcb8b",
    "blue": "#81a1c1", "magenta": "#b48ead", "cyan": "#88c0d0",
}  # fmt: skip


class Frame(NamedTuple):
    """A screen: its lines, each as runs of text with a colour, and for how long it is shown (s)."""

    lines: list[list[tuple[str, str]]]
    seconds: float


class Recorder(Seen):
    """A terminal that keeps what is on its screen, and when it came there."""

    def __init__(self, columns: int, lines: int = ROWS):
        super().__init__(columns, lines)
        self.shown: list[tuple[float, list[list[tuple[str, str]]]]] = []

    def feed(self, content: bytes) -> None:
        super().feed(content)
        self.shown.append((time.monotonic(), self._coloured()))

    def _coloured(self) -> list[list[tuple[str, str]]]:
        lines: list[list[tuple[str, str]]] = []
        for y in range(self.screen.lines):
            runs: list[tuple[str, str]] = []
            for x in range(self.screen.columns):
                cell = self.screen.buffer[y][x]
                if runs and runs[-1][1] == cell.fg:
                    runs[-1] = (runs[-1][0] + cell.data, cell.fg)
                else:
                    runs.append((cell.data, cell.fg))
            lines.append([run for run in runs if run[0].strip()] and runs)
        return lines

    def frames(self) -> list[Frame]:
        """Return the screens that a person would notice."""
        times = [time for time, _ in self.shown]
        lasts = [b - a for a, b in pairwise(times)] + [LAST]
        frames: list[Frame] = []
        carried = 0.0
        for (_, lines), seconds in zip(self.shown, lasts, strict=True):
            carried += min(seconds, LONGEST) if seconds != LAST else LAST
            if frames and frames[-1].lines == lines:
                frames[-1] = Frame(lines, frames[-1].seconds + carried)
                carried = 0.0
            elif carried >= SHORTEST:
                frames.append(Frame(lines, carried))
                carried = 0.0
        return frames


def svg(frames: list[Frame]) -> str:
    """Return the frames as a picture that shows one after the other, for ever."""
    rows = max(y + 1 for frame in frames for y, line in enumerate(frame.lines) if line)
    width, height = COLUMNS * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN
    total = sum(frame.seconds for frame in frames)
    styles, groups, before = [], [], 0.0
    for number, frame in enumerate(frames):
        begin, end = 100 * before / total, 100 * (before + frame.seconds) / total
        before += frame.seconds
        styles.append(
            f"@keyframes f{number} {{ 0% {{ visibility: hidden }} {begin:.3f}% "
            f"{{ visibility: visible }} {end:.3f}% {{ visibility: hidden }} }}\n"
            f".f{number} {{ animation: f{number} {total:.2f}s step-end infinite }}"
        )
        groups.append(f'<g class="f f{number}">{_text(frame)}</g>')
    last = len(frames) - 1
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" role="img">',
            f"<title>A terminal: {escape('; '.join(COMMANDS))}</title>",
            "<style>",
            "text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; "
            "white-space: pre }",
            ".f { visibility: hidden }",
            *styles,
            "@media (prefers-reduced-motion: reduce) {",
            f".f {{ animation: none }} .f{last} {{ visibility: visible }}",
            "}",
            "</style>",
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#2e3440"/>',
            *groups,
            "</svg>\n",
        ]
    )


def _text(frame: Frame) -> str:
    """Return the lines of a frame; each run stands where its columns are, whatever the font."""
    words = []
    for y, line in enumerate(frame.lines):
        column = 0
        for text, colour in line:
            kept = text.rstrip()
            left = len(kept) - len(kept.lstrip())
            if kept.strip():
                x = MARGIN + (column + left) * WIDTH
                wide = (len(kept) - left) * WIDTH
                words.append(
                    f'<text x="{x:.1f}" y="{MARGIN + (y + 0.75) * HEIGHT:.1f}" '
                    f'textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs" '
                    f'fill="{COLOURS.get(colour, COLOURS["default"])}">'
                    f"{escape(kept.lstrip())}</text>"
                )
            column += len(text)
    return "".join(words)


def record(folder: Path) -> list[Frame]:
    """Run the commands in a project of its own; return what was seen."""
    project = Project(folder / "project")
    project.add_examples()
    project.configure(SWEEP)
    commands = folder / "bin"
    commands.mkdir()
    for name, words in (("snakemake", "-m snakemake"), ("spikesweep", "-P -m spikesweep")):
        (commands / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (commands / name).chmod(0o755)
    prompt = "printf '\\033[32m$\\033[0m %s\\n'"
    script = "".join(f"{prompt} '{one}'; sleep 0.8; {one}; sleep 0.8; " for one in COMMANDS)
    environment = {
        "PYTHONPATH": str(project.root / "workflow"),
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm",
    }
    code, seen, _ = run_in_terminal(
        ["bash", "-c", script], project.root, COLUMNS, environment, Recorder
    )
    if code:
        sys.exit("\n".join(seen.lines))
    return seen.frames()


def main() -> None:
    """Record, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs/recording.svg")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames = record(Path(folder))
    options.to.write_text(svg(frames))
    print(f"{options.to}: {len(frames)} screens")


if __name__ == "__main__":
    main()
