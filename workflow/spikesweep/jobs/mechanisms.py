"""The job that compiles a mechanism set."""

from pathlib import Path

from spikesweep.errors import UserError
from spikesweep.mechanisms.compile import compile_set
from spikesweep.mechanisms.sets import read_set, set_folder, set_sources
from spikesweep.products.sidecar import origin
from spikesweep.products.stages import code, library_recipe, short

SOURCES = Path("mod")


def make(name: str, output: Path) -> None:
    """Compile a set of `mod/` into a folder that is named after its sources.

    Raises:
        UserError: the sources, the code or NEURON changed since the folder got its name; or a
            source that cannot be compiled.
    """
    folder = set_folder(SOURCES, name, str(output))
    recipe = library_recipe(set_sources(read_set(folder)))
    if short(recipe) not in output.name:
        raise UserError(
            f"{output}: {folder}, the code that compiles it, or NEURON changed while this run was "
            "going on; nothing was made. Run snakemake again: it makes what the new sources ask for"
        )
    compile_set(folder, output, recipe["sources"], origin(recipe, code(recipe["stage"])))
