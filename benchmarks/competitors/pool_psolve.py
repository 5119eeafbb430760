"""The same pool, integrated by `ParallelContext.psolve`, which stays in compiled code."""

from multiprocessing import Pool

from hh import DT, PROCESSES, TSTOP, Soma, points, save
from neuron import n

context = n.ParallelContext()


def simulate(point):
    gkbar, n.celsius = point
    soma = Soma(gkbar)
    n.dt = DT
    context.set_maxstep(10)
    n.finitialize(-65)
    context.psolve(TSTOP + DT)  # a step more, for the sample at TSTOP
    return soma.result()


if __name__ == "__main__":
    with Pool(PROCESSES) as pool:
        save(pool.map(simulate, points()))
