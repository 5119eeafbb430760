"""The tutorials' way: a pool of processes, a cell a run, integrated by `continuerun`."""

from multiprocessing import Pool

from hh import DT, PROCESSES, TSTOP, Soma, points, save
from neuron import n

n.load_file("stdrun.hoc")


def simulate(point):
    gkbar, n.celsius = point
    soma = Soma(gkbar)
    n.dt, n.steps_per_ms = DT, 1 / DT
    n.finitialize(-65)
    n.continuerun(TSTOP + DT)  # a step more, for the sample at TSTOP
    return soma.result()


if __name__ == "__main__":
    with Pool(PROCESSES) as pool:
        save(pool.map(simulate, points()))
