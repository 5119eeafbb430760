"""How far a run is, on disk: for those who look at the folder from elsewhere."""

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from spikesweep.products.atomic import written

LOGS = Path("results/logs")
RECORD = LOGS / "run.json"


def write_record(told: dict[str, Any]) -> None:
    """Write how far the run of this process is; a disk that refuses is noticed by what needs it."""
    whose = {"process": os.getpid(), "host": socket.gethostname(), "written": time.time()}
    with suppress(OSError):
        LOGS.mkdir(parents=True, exist_ok=True)
        with written(RECORD) as temporary:
            temporary.write_text(json.dumps({**whose, **told}))


def read_record() -> dict[str, Any]:
    """Return what the last run wrote; nothing where there is none, or it is not whole."""
    try:
        record = json.loads(RECORD.read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("sweeps"), dict) else {}
