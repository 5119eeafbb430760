"""A cell that gets a channel blocker in the middle of the run."""

from neuron import n


class Cell:
    """A soma with a dendrite; block: part of the delayed rectifier that the drug takes, 0 to 1."""

    def __init__(self, block, arrival=50):
        self.block, self.arrival = block, arrival
        self.soma = n.Section(name="soma", cell=self)
        self.soma.L = self.soma.diam = 20
        self.soma.insert(n.hh)
        self.dend = n.Section(name="dend", cell=self)
        self.dend.connect(self.soma(1))
        self.dend.L, self.dend.diam, self.dend.nseg = 200, 2, 11
        self.dend.insert(n.pas)
        self.dend.e_pas = -65
        self.drive = n.IClamp(self.dend(0.5))
        self.drive.delay, self.drive.dur, self.drive.amp = 5, 1e9, 0.3

    def phases(self):
        yield self.arrival
        self.soma.gkbar_hh *= 1 - self.block
