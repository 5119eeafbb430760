"""Which names random streams take: these alone of all names can change a trajectory."""

from collections.abc import Mapping
from typing import Any

from spikesweep.document.axes.rules import inserted_in
from spikesweep.language.names import base
from spikesweep.mechanisms.catalogue import Catalogue


def names_of_streams(document: Mapping[str, Any], catalogue: Catalogue) -> dict[str, list[str]]:
    """Return, of cells, processes, connections and waveforms, the names that anything draws by.

    Those of cells that code builds are among them, since code may draw; and of a connection that
    chance makes, what it begins and ends at.
    """
    protocol = document["protocol"]
    cells = {
        base(name)
        for name, cell in document["cells"].items()
        if "sources" in cell or catalogue.draws(inserted_in(cell))
    }
    processes = {
        base(name)
        for name, process in protocol["processes"].items()
        if catalogue.draws([process["type"]])
    }
    drawn = {
        name: connection
        for name, connection in protocol["connections"].items()
        if {"probability", "indegree"} & set(_selection(connection))
    }
    for connection in drawn.values():
        for end in (connection["from"], connection["to"]):
            head, dot, _ = (end if isinstance(end, str) else f"{end[0]}.").partition(".")
            (cells if dot else processes).add(base(head))
    play = [name for name, waveform in protocol.get("play", {}).items() if "noise" in waveform]
    return {
        "cells": sorted(cells),
        "processes": sorted(processes),
        "connections": sorted(drawn),
        "play": sorted(play),
    }


def _selection(connection: Mapping[str, Any]) -> Mapping[str, Any]:
    pattern = connection.get("pattern")
    return pattern if isinstance(pattern, Mapping) else {}
