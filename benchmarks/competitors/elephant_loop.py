"""Statistics of spike trains, one train after the other with Elephant.

Arguments: results of a competitor (.npz), output (.npz). Prints the seconds that the loop took, and
those of processor.
"""

import sys
import time
import warnings

import neo
import numpy as np
import quantities as pq
from elephant import statistics as es

TSTOP = 200.0  # ms
STATISTICS = {
    "rate": lambda train: es.mean_firing_rate(train).rescale("Hz").item(),
    "isi_mean": lambda train: np.mean(es.isi(train)).item(),
    "cv": lambda train: es.cv(es.isi(train)),
    "cv2": lambda train: es.cv2(es.isi(train)),
    "lv": lambda train: es.lv(es.isi(train)),
    "lvr": lambda train: es.lvr(es.isi(train), R=5 * pq.ms),
}

with np.load(sys.argv[1]) as results:
    trains = np.split(results["spikes"], np.cumsum(results["counts"])[:-1])
warnings.simplefilter("ignore")  # of trains with fewer than three spikes
start, started = time.perf_counter(), time.process_time()
table = np.full((len(trains), len(STATISTICS)), np.nan)
for row, times in enumerate(trains):
    train = neo.SpikeTrain(times, units="ms", t_stop=TSTOP)
    for column, statistic in enumerate(STATISTICS.values()):
        if len(times) > 3 or column == 0:
            table[row, column] = statistic(train)
print(time.perf_counter() - start, time.process_time() - started)
np.savez(sys.argv[2], **dict(zip(STATISTICS, table.T, strict=True)))
