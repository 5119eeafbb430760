"""What is compiled is compiled once for all tests: C++ of the same text, and this package.

Mechanisms take seconds to compile, and many projects of tests have the same ones; each project has
a copy of the package.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from spikesweep import bytecode

COMPILERS = ("g++", "c++", "clang++")

# What was compiled is told by the words of the command and the content of each file among them,
# but for the folders that these lie in: nocmodl writes into its C++ where the NMODL lay, which is a
# folder that is gone by then. That is all that counts while a source includes no file of its own;
# others are compiled anew, as is what fails or says something.
SCRIPT = r"""#!/bin/sh
compiler='{compiler}' kept='{kept}' headers='{headers}'
before= output= sources= words=
for word; do
    if [ "$before" = -o ]; then
        output=$word
    elif [ -f "$word" ]; then
        case $word in *[!a-zA-Z0-9_./-]*) exec "$compiler" "$@" ;; esac
        case $word in *.o | *.cpp) ;; *) exec "$compiler" "$@" ;; esac
        sources="$sources $word"
    fi
    if [ -f "$word" ]; then words="$words ${{word##*/}}"; else words="$words $word"; fi
    before=$word
done
[ "$output" ] && [ "$sources" ] || exec "$compiler" "$@"
for source in $sources; do
    case $source in *.o) continue ;; esac
    for name in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\(.*\)".*/\1/p' "$source"); do
        [ -f "$headers/$name" ] && [ ! -e "$name" ] || exec "$compiler" "$@"
    done
done
export LC_ALL=C
content() {{ echo "$words"; sed -E '/nmodl_filename = "|ivoc_help\(/s|/[^"]*/||' $sources; }}
made=$kept/$(content | sha256sum | cut -c 1-64)
[ ! -f "$made" ] || exec cp "$made" "$output"
said=$("$compiler" "$@" 2>&1)
code=$?
if [ $code != 0 ] || [ "$said" ]; then
    printf '%s\n' "$said" >&2
    exit $code
fi
cp "$output" "$made.$$" && mv "$made.$$" "$made"
"""


def compile_once(folder: Path) -> None:
    """Have each compiler on the PATH compile the same text once, from now on.

    Args:
        folder: where what was compiled is kept, for this process and those that it starts.
    """
    (kept := folder / "kept").mkdir()
    (commands := folder / "bin").mkdir()
    [package] = find_spec("neuron").submodule_search_locations
    headers = Path(package) / ".data/include"
    for name in COMPILERS:
        if compiler := shutil.which(name):
            script = SCRIPT.format(compiler=compiler, kept=kept, headers=headers)
            (commands / name).write_text(script)
            (commands / name).chmod(0o755)
    os.environ["PATH"] = f"{commands}{os.pathsep}{os.environ['PATH']}"


def compile_package() -> None:
    """Have all bytecode of the package as it is held to content: copies of it compile nothing.

    What the tests themselves import before it is held is not, and what they do not import is not
    compiled at all.
    """
    for source in bytecode.PACKAGE.rglob("*.py"):
        bytecode._is_held(str(source))
