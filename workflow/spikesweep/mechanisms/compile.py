"""Compiles a mechanism set into a library, with NEURON's nrnivmodl."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.mechanisms.diagnosis import useful_lines
from spikesweep.mechanisms.mechanism import Mechanism, Variable
from spikesweep.mechanisms.sets import MechanismSet, read_set, set_hash, set_sources, source_hash
from spikesweep.mechanisms.tokens import read_text
from spikesweep.products.atomic import renamed
from spikesweep.products.environment import kept
from spikesweep.products.fingerprint import sha256
from spikesweep.products.seal import sealed_json

LIBRARY = "libnrnmech.so"  # on every platform: NEURON loads a library by its path
DESCRIPTION = "mechanisms.json"
_INSTALL = (
    "install a C++ compiler and make: `apt install g++ make` (Debian, Ubuntu), "
    "`conda install -c conda-forge cxx-compiler make` (conda), `xcode-select --install` (macOS)"
)


def compile_set(
    folder: Path,
    output: Path,
    sources: Mapping[str, str] | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Path:
    """Compile the NMODL files of a folder; return the library, `<output>/libnrnmech.so`.

    `output` appears whole, with `mechanisms.json` beside the library, or not at all; if it is
    there it is replaced. The sources are compiled from copies.

    Args:
        sources: the hashes that the sources are expected to have.
        origin: what the library is made from, for `mechanisms.json`.

    Raises:
        UserError: a source that cannot be read or compiled, or that is not the expected one; or
            a missing compiler.
    """
    mechanisms = read_set(folder)
    if sources is not None and set_sources(mechanisms) != sources:
        raise UserError(f"{folder}: a source changed while it was being read; run this again")
    compiler, nrnivmodl = _compiler(), _nrnivmodl()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as workspace:
        copies = _copy(mechanisms, Path(workspace, "sources"))
        if set_hash(read_set(copies)) != set_hash(mechanisms):
            raise UserError(f"{folder}: a source changed while it was being read; run this again")
        built = _run(nrnivmodl, compiler, copies, Path(workspace, "build"), folder)
        _check_loads(built, folder)
        made = Path(workspace, "made")
        made.mkdir()
        built.rename(made / LIBRARY)
        files = {LIBRARY: sha256((made / LIBRARY).read_bytes())}
        described = {**(origin or {}), "files": files, **_description(mechanisms, compiler)}
        (made / DESCRIPTION).write_bytes(sealed_json(described))
        if output.exists():
            shutil.rmtree(output)
        renamed(made, output)
    return output / LIBRARY


def _copy(mechanisms: MechanismSet, workspace: Path) -> Path:
    """Copy the files of a set, as they lie to each other; return the copy of its folder."""
    folder = mechanisms.folder
    relative = {file: os.path.relpath(file, folder) for file in mechanisms.files}
    # Files above the folder need as many folders above its copy.
    depth = max(Path(path).parts.count("..") for path in relative.values())
    copy = workspace.joinpath(*["above"] * depth, "mod")
    for file, path in relative.items():
        target = Path(os.path.normpath(copy / path))
        target.parent.mkdir(parents=True, exist_ok=True)
        # nocmodl refuses letters that are not ASCII even in comments; elsewhere there are none.
        target.write_bytes(re.sub(r"[^\x00-\x7f]", "_", read_text(file)).encode())
    return copy


def _run(nrnivmodl: Path, compiler: str, sources: Path, build: Path, folder: Path) -> Path:
    """Run nrnivmodl in the folder `build`; return the library that it made there."""
    build.mkdir()
    # Neither headers nor flags from elsewhere, such as CPATH's or those of a `make` above us;
    # LC_ALL: the compiler's words in English.
    environment = kept(os.environ) | {"CXX": compiler, "LC_ALL": "C"}
    if folders := os.environ.get("MODL_INCLUDE"):  # what is found there is part of the source
        environment["MODL_INCLUDE"] = folders
    done = subprocess.run(
        [nrnivmodl, os.path.relpath(sources, build)],
        cwd=build,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    libraries = [*build.glob("*/libnrnmech.so"), *build.glob("*/libnrnmech.dylib")]
    if done.returncode != 0 or not libraries:
        lines = useful_lines(done.stdout, build, sources, folder)
        raise UserError(f"{folder}: nrnivmodl could not compile the mechanisms:\n{lines}")
    return libraries[0]


def _check_loads(library: Path, folder: Path) -> None:
    """Refuse a library that calls functions which are nowhere: linking it does not tell.

    In a process of its own, since a library cannot be unloaded.
    """
    load = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], os.RTLD_NOW)"
    done = subprocess.run([sys.executable, "-c", load, library], capture_output=True, text=True)
    missing = re.search(r"(?i)(?:undefined symbol|symbol not found).*", done.stderr)
    if missing is not None:
        raise UserError(
            f"{folder}: the compiled mechanisms cannot be loaded: {missing[0]}; "
            "a VERBATIM block calls a function that neither it nor NEURON has"
        )


def _nrnivmodl() -> Path:
    """Return the nrnivmodl that belongs to the running interpreter's NEURON."""
    try:
        installed = metadata.files("neuron") or []
    except metadata.PackageNotFoundError:
        installed = []
    candidates = [
        Path(sys.executable).parent / "nrnivmodl",
        *(Path(file.locate()) for file in installed if file.name == "nrnivmodl"),
        Path(shutil.which("nrnivmodl") or "nrnivmodl"),
    ]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.absolute()
    raise UserError(
        f"NEURON's nrnivmodl was found neither beside {sys.executable} nor on the PATH; "
        "expected NEURON in this environment: pip install neuron"
    )


def _compiler() -> str:
    """Return the C++ compiler that nrnivmodl is to call: $CXX, Python's own, or a usual one."""
    names = [os.environ.get("CXX"), sysconfig.get_config_var("CXX"), "g++", "c++", "clang++"]
    found = [name for name in names if name and shutil.which(shlex.split(name)[0])]
    if not found:
        raise UserError(f"mechanisms cannot be compiled without a C++ compiler; {_INSTALL}")
    for tool in ("make", "perl"):  # nrnivmodl fails without perl, though it only notes where it is
        if shutil.which(tool) is None:
            raise UserError(f"mechanisms cannot be compiled without {tool}; {_INSTALL}")
    return found[0]


def _description(mechanisms: MechanismSet, compiler: str) -> dict[str, Any]:
    """Return what there is to know of a compiled set, for readers of its folder."""
    version = subprocess.run(
        [*shlex.split(compiler), "--version"], capture_output=True, text=True
    ).stdout.partition("\n")[0]
    return {
        "neuron": metadata.version("neuron"),
        "compiler": version,
        "sources_sha256": set_hash(mechanisms),
        "mechanisms": {name: _described(m) for name, m in sorted(mechanisms.sources.items())},
    }


def _described(mechanism: Mechanism) -> dict[str, Any]:
    return {
        "kind": mechanism.kind,
        "file": mechanism.file.name,
        "source_sha256": source_hash(mechanism),
        "parameters": _quantities(mechanism.parameters),
        "globals": _quantities(mechanism.globals),
        "recordable": {name: v.unit for name, v in mechanism.recordable.items()},
        "ions": {ion.name: {"reads": ion.reads, "writes": ion.writes} for ion in mechanism.ions},
        "pack_hazards": mechanism.pack_hazards,
    }


def _quantities(variables: dict[str, Variable]) -> dict[str, dict]:
    return {name: {"default": v.default, "unit": v.unit} for name, v in variables.items()}
