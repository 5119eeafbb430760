"""What keeps Snakemake from starting a job that could run: its clocks, and a late import."""

import importlib
import threading
from typing import Any


def keep_one_clock(scheduler: Any) -> None:
    """Let Snakemake's scheduler have one clock at a time, which ends with the run.

    Of itself it starts one more each time it looks for work, to look again after a second: each
    goes on for ever while jobs wait, and the last keeps a finished run waiting for that second
    (seen in Snakemake 9.27.1).
    """
    ticking = threading.Lock()

    def look_again_after(delay: float) -> None:
        if ticking.acquire(blocking=False):
            clock = threading.Timer(delay, look_again)
            clock.daemon = True
            clock.start()

    def look_again() -> None:
        ticking.release()
        scheduler._open_jobs.release()

    scheduler._schedule_reevalutation = look_again_after


def import_ahead() -> None:
    """Import pandas while the first jobs run.

    Snakemake does so when the first job with parameters ends, to look whether they are tables of
    pandas, and starts no other job meanwhile (seen in Snakemake 9.27.1: a quarter of a second).
    """
    threading.Thread(target=importlib.import_module, args=["pandas"]).start()
