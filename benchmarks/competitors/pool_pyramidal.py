"""The psolve pool with the pyramidal cell of config/sweeps/potassium_block.yaml.

Arguments: points (amp, celsius), output, SWC file, mechanism library, d_lambda.
"""

import math
import sys
from itertools import chain
from multiprocessing import Pool

import numpy as np
from hh import DT, EVERY, PROCESSES, points, save
from neuron import n

n.load_file("stdlib.hoc")
n.load_file("import3d.hoc")
context = n.ParallelContext()
MORPHOLOGY, LIBRARY, D_LAMBDA = sys.argv[3], sys.argv[4], float(sys.argv[5])
n.nrn_load_dll(LIBRARY)


class Pyramidal:
    """A pyramidal cell with its stimulus and its recordings; `left`: of kdr's conductance."""

    def __init__(self, amp: float, left: float = 1):
        reader = n.Import3d_SWC_read()
        reader.quiet = 1
        reader.input(MORPHOLOGY)
        n.Import3d_GUI(reader, False).instantiate(self)
        for section in self.all:
            section.Ra, section.cm = 100, 1
            wavelengths = section.L / (D_LAMBDA * n.lambda_f(100, sec=section))
            section.nseg = int((wavelengths + 0.9) / 2) * 2 + 1
        self.insert_channels(left)
        middle = self.soma[0](0.5)
        self.step = n.IClamp(middle)
        self.step.delay, self.step.dur, self.step.amp = 100, 400, amp
        self.v = n.Vector().record(middle._ref_v, EVERY)
        self.spikes = n.Vector()
        self.detector = n.NetCon(middle._ref_v, None, sec=self.soma[0])
        self.detector.threshold = 0
        self.detector.record(self.spikes)

    def insert_channels(self, left: float):
        for section in self.all:
            section.insert(n.pas)
            section.g_pas, section.e_pas = 1.6e-4, -78
            section.insert(n.nat)
            section.insert(n.kdr)
            section.ena, section.ek = 50, -90
        for section in chain(self.soma, self.axon):
            section.gnabar_nat, section.gkbar_kdr = 0.35, 0.5 * left
        for section in self.axon:
            section.gnabar_nat = 0.4
        for section in self.soma:
            section.insert(n.ka)
            section.gkabar_ka = 0.02
        for section in chain(self.dend, self.apic):
            section.gnabar_nat, section.gkbar_kdr = 0.005, 0.005 * left
            section.insert(n.ka)
            section.gkabar_ka = 0.01
        for section in chain(self.soma, self.dend, self.apic):
            section.insert(n.ih)
            section.gbar_ih = 5e-5
        for segment in chain.from_iterable(self.apic):
            segment.gbar_ih = 5e-5 * math.exp(n.distance(self.soma[0](0.5), segment) / 323)

    def result(self):
        spikes = np.array(self.spikes)
        return np.array(self.v, np.float32), spikes[spikes < 600 - DT / 2]  # as in hh.py


def run(cell: Pyramidal):
    """Integrate 600 ms and return the trace and the spike times."""
    n.dt = DT
    context.set_maxstep(10)
    n.finitialize(-77)
    context.psolve(600 + DT)  # ms; a step more, for the last sample
    return cell.result()


def simulate(point):
    amp, n.celsius = point
    return run(Pyramidal(amp))


if __name__ == "__main__":
    with Pool(PROCESSES) as pool:
        save(pool.map(simulate, points()))
