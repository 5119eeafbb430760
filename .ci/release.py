"""Release a version by one command: `make release VERSION=0.2.0`.

The version stands in pyproject.toml, CITATION.cff, .zenodo.json and CHANGELOG.md, whose section
"Unreleased" becomes that of the version. They are committed, and the commit is tagged `v<version>`.
Nothing is written before all checks have passed, and nothing leaves this clone: pushing is yours.
"""

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

UNRELEASED = "## Unreleased\n"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def main(version: str) -> None:
    """Check, write, commit and tag."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    changelog = Path("CHANGELOG.md").read_text()
    check(version, changelog)
    written = {
        "CHANGELOG.md": dated(changelog, version, today),
        "pyproject.toml": with_line("pyproject.toml", r"^version = .*$", f'version = "{version}"'),
        "CITATION.cff": cited(version, today),
        ".zenodo.json": archived(version, today),
    }
    for name, text in written.items():
        Path(name).write_text(text)
    git("add", "--", *written)
    git("commit", "--quiet", "--message", f"Release {version}")
    git("tag", "--annotate", f"v{version}", "--message", f"{version}\n\n{unreleased(changelog)}")
    print(f"v{version} is committed and tagged here. To publish it: git push --follow-tags")


def check(version: str, changelog: str) -> None:
    """Refuse what is no release."""
    if not VERSION.fullmatch(version):
        refuse(f"VERSION={version}: no version; expected three numbers, such as VERSION=0.2.0")
    if changed := git("status", "--porcelain").splitlines():
        refuse(f"not committed: {', '.join(line[3:] for line in changed[:8])}; commit first")
    if git("tag", "--list", f"v{version}") or f"\n## {version} " in changelog:
        refuse(f"VERSION={version}: released already; expected one above {current()}")
    if as_numbers(version) < as_numbers(current()):
        refuse(f"VERSION={version}: below {current()}, that of pyproject.toml; expected one above")
    if not re.search(r"^- ", unreleased(changelog), re.MULTILINE):
        refuse("CHANGELOG.md: nothing stands under Unreleased; write there what has changed")


def current() -> str:
    """Return the version that pyproject.toml has."""
    [version] = re.findall(r'^version = "(.*)"$', Path("pyproject.toml").read_text(), re.MULTILINE)
    return str(version)


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers, which compare as versions do."""
    return tuple(map(int, version.split(".")))


def unreleased(changelog: str) -> str:
    """Return what stands under "Unreleased"; '' where there is no such section."""
    section = changelog.partition(f"\n{UNRELEASED}")[2]
    return re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0].strip("\n")


def dated(changelog: str, version: str, today: str) -> str:
    """Return the changelog with the section of a version, below one that is empty."""
    return changelog.replace(f"\n{UNRELEASED}", f"\n{UNRELEASED}\n## {version} - {today}\n", 1)


def with_line(name: str, pattern: str, line: str) -> str:
    """Return a file's text with another line in the place of the only one of a form."""
    text, count = re.subn(pattern, line, Path(name).read_text(), flags=re.MULTILINE)
    if count != 1:
        refuse(f"{name}: {count} lines are like {pattern}; expected one")
    return text


def cited(version: str, today: str) -> str:
    """Return CITATION.cff with the version and its date."""
    text = with_line("CITATION.cff", r"^version: .*$", f"version: {version}")
    text = re.sub(r"^date-released: .*\n", "", text, flags=re.MULTILINE)
    return text.replace(f"version: {version}\n", f"version: {version}\ndate-released: {today}\n", 1)


def archived(version: str, today: str) -> str:
    """Return what an archive is told of the version."""
    told = json.loads(Path(".zenodo.json").read_text())
    told |= {"version": version, "publication_date": today}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def git(*words: str) -> str:
    """Return what git says; end with what it complains of."""
    done = subprocess.run(["git", *words], capture_output=True, text=True)
    if done.returncode:
        refuse(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout


def refuse(message: str) -> NoReturn:
    """End with one message."""
    sys.exit(f"spikesweep: {message}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
