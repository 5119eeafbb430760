"""What NEURON's Import3d makes of a morphology, as the oracle of both formats."""

import json
import subprocess
import sys

import pytest

# Reads paths, answers with what Import3d makes of each: {NEURON's name of a section: how many},
# membrane area (um2) and length (um). Import3d prints to stdout, so answers go elsewhere.
IMPORT3D = """
import json, os, sys
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
from neuron import n
n.load_file("stdlib.hoc"), n.load_file("import3d.hoc")
class Cell: pass
for line in sys.stdin:
    path = line.rstrip("\\n")
    reader = n.Import3d_SWC_read() if path.endswith(".swc") else n.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(path)
    cell = Cell()
    n.Import3d_GUI(reader, False).instantiate(cell)
    counts = {}
    for section in cell.all:
        name = section.name().split(".")[-1].split("[")[0]
        counts[name] = counts.get(name, 0) + 1
    area = sum(segment.area() for section in cell.all for segment in section)
    length = sum(section.L for section in cell.all)
    for section in list(cell.all):
        n.delete_section(sec=section)
    print(json.dumps([counts, area, length]), file=answers)
"""
REGION_OF = {"dend": "basal", "apic": "apical"}  # NEURON's names that differ from ours


@pytest.fixture(scope="module")
def import3d(tmp_path_factory):
    """Return a function that asks a NEURON in another process what it makes of a file."""
    worker = subprocess.Popen(
        [sys.executable, "-c", IMPORT3D],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path_factory.mktemp("neuron"),
    )

    def ask(path):
        worker.stdin.write(f"{path}\n")
        worker.stdin.flush()
        counts, area, length = json.loads(worker.stdout.readline())
        return {REGION_OF.get(name, name): n for name, n in counts.items()}, area, length

    yield ask
    worker.stdin.close()
    worker.wait(timeout=30)
