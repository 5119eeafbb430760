"""Stand-ins for conda and apptainer, which answer what Snakemake asks of them.

An environment, or an image, is a folder with a Python that finds all packages in ours.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

CONDA = """\
#!/bin/sh
# Answers `conda ...` as Snakemake reads it.
case "$*" in
    "info --json") echo '{{"conda_prefix": "{base}", "platform": "linux-64"}}' ;;
    "--version") echo "conda 25.1.0" ;;
    "clean "*) ;;
    "config --get channel_priority --json") echo '{{"get": {{"channel_priority": "strict"}}}}' ;;
    "env create "*)
        while [ "$1" != "--file" ]; do shift; done
        cp "$2" "{base}/asked.yaml"
        exec "{python}" "{helper}" "$4" "{base}/jobs" ;;
    *) echo "unknown: conda $*" >&2; exit 1 ;;
esac
"""
ACTIVATE = 'export PATH="$1/bin:$PATH" CONDA_PREFIX="$1"\n'
APPTAINER = """\
#!/bin/sh
# `apptainer exec ... image.sif shell -c command`: the image is a folder, beside this; of the
# environment outside it has all but PATH.
[ "$1" = "--version" ] && {{ echo "apptainer version 1.3.4"; exit; }}
until [ "$2" = "-c" ]; do image=$1; shift; done
[ -e "$image" ] || {{ echo "no image: $image" >&2; exit 1; }}
PATH="{base}/image/bin:/usr/bin:/bin" exec "$@"
"""


def make_environment(folder: Path, told: Path) -> None:
    """Make the folder of an environment; each start of its Python is told in a file."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    [packages] = folder.glob("lib/python3*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (packages / "told.pth").write_text(
        f"import sys; open({str(told)!r}, 'a').write(' '.join(sys.orig_argv) + '\\n')\n"
    )


class Deployed:
    """conda and apptainer on a PATH.

    base: their folder.
    environment: variables of a process that is to find them.
    """

    def __init__(self, base: Path):
        self.base = base
        (base / "bin").mkdir(parents=True)
        values = {"base": base, "python": sys.executable, "helper": Path(__file__).resolve()}
        for name, text in {"conda": CONDA, "apptainer": APPTAINER}.items():
            (base / "bin" / name).write_text(text.format(**values))
            (base / "bin" / name).chmod(0o755)
        (base / "bin/activate").write_text(ACTIVATE)
        make_environment(base / "image", base / "jobs")
        self.environment = {"PATH": f"{base}/bin{os.pathsep}{os.environ['PATH']}"}

    def made(self) -> set[str]:
        """Return the products that were made by a Python of theirs."""
        told = self.base / "jobs"
        lines = told.read_text().splitlines() if told.exists() else []
        words = [line.split(" make ")[1].split() for line in lines if " make " in line]
        return {word[0] for word in words}


if __name__ == "__main__":
    make_environment(Path(sys.argv[1]), Path(sys.argv[2]))
