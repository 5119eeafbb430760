"""Which modules stand in the key of every simulation, and in the address of what is recorded.

To widen a list is a decision: an edit of any module in the first has every simulation run again.
"""

from spikesweep.products.code import import_closure
from spikesweep.products.stages import RECORDING_CODE, SIMULATION_CODE

KEY = """
language.document language.expressions language.names
simulation.adjustments simulation.balance simulation.biophysics simulation.cells
simulation.code_models simulation.connections simulation.copies simulation.electrodes
simulation.errors simulation.event_times simulation.gap_junctions simulation.geometry
simulation.globals simulation.integration simulation.ions simulation.measured_places simulation.nrn
simulation.own_init
simulation.phases simulation.places simulation.pointers simulation.printed simulation.processes
simulation.regions
simulation.segments simulation.simulation
simulation.simulator simulation.streams simulation.together simulation.usercode
simulation.variables simulation.waveforms simulation.wiring
"""
ADDRESS = """
language.distances language.movie_grid
recording.features recording.frames recording.impedances recording.interpolation
recording.linear_response recording.measures recording.movies recording.potentials
recording.recordings recording.results
recording.spikes recording.traces recording.trajectory
simulation.drawing
"""


def modules(roots) -> list[str]:
    found = (name.removeprefix("spikesweep.") for name in import_closure(roots))
    return sorted(name for name in found if "." in name)


def test_the_key_covers_simulation_and_language():
    assert modules(SIMULATION_CODE) == KEY.split()


def test_an_address_covers_recording_beyond_that():
    assert [m for m in modules(RECORDING_CODE) if m not in KEY.split()] == ADDRESS.split()
