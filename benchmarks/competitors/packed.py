"""The floor: cells of one temperature side by side in one NEURON, in a pool, and nothing else.

No plan, no keys, no store, no proof, no isolation, no compression, no statistics.
"""

from itertools import groupby
from multiprocessing import Pool

from hh import DT, PROCESSES, TSTOP, Soma, points, save
from neuron import n

PACK = 256
context = n.ParallelContext()


def simulate(pack):
    somas = [Soma(gkbar) for gkbar, _ in pack]
    n.celsius = pack[0][1]
    n.dt = DT
    context.set_maxstep(10)
    n.finitialize(-65)
    context.psolve(TSTOP + DT)  # a step more, for the sample at TSTOP
    return [soma.result() for soma in somas]


def packs(chosen):
    """Yield simulations of equal temperature, up to PACK at a time."""
    for _, group in groupby(chosen, key=lambda point: point[1]):
        group = list(group)
        for first in range(0, len(group), PACK):
            yield group[first : first + PACK]


if __name__ == "__main__":
    with Pool(PROCESSES) as pool:
        done = pool.map(simulate, packs(points()), chunksize=1)
    save([result for pack in done for result in pack])
