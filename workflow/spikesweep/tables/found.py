"""What the results of a sweep say of themselves, in sentences: for its summary and its Methods."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikesweep.tables import flagged, thresholds, trust, verdicts


def sentences(plan: Mapping[str, Any], folder: Path) -> list[str]:
    """Return what is to be said of flags, population, thresholds and numerical error, as far as
    made.

    Args:
        plan: what the plan file says.
        folder: of its products.
    """
    files = {name: folder / file for name, file in plan["files"].items()}
    found = []
    if "flags" in files and files["flags"].exists():
        found += flagged.told(files["flags"], plan["simulations"])
    if "population" in files and files["population"].exists():
        found += verdicts.told(files["population"], files["acceptance"])
    if "thresholds" in files and files["thresholds"].exists():
        asked = plan["products"][files["thresholds"].name]["threshold"]
        found += thresholds.told(files["thresholds"], asked["of"])
    if "trust" in files and files["trust"].exists():
        found += trust.told(files["trust"], plan["products"][files["trust"].name]["trust"])
    return found
