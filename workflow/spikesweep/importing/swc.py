"""A passive start from a morphology alone."""

from pathlib import Path

from spikesweep.importing.draft import Draft, first_section

RESTING = -70.0  # mV


def from_morphology(name: str, path: Path) -> Draft:
    """Return a sweep of a passive cell: what currents of three sizes come to in it.

    Raises:
        UserError: the morphology cannot be read.
    """
    draft = Draft(name, f"the morphology {path.name}")
    place, morphology = draft.take_morphology(path)
    at = f"cell.{first_section(morphology)}(0.5)"
    passive = {"g": "5e-5 S/cm2", "e": f"{RESTING:g} mV"}
    draft.sweep = {
        "title": f"Currents into {path.stem}, passive",
        "model": {
            "cells": {
                "cell": {
                    "morphology": place,
                    "spatial": {"d_lambda": 0.1},
                    "biophysics": [
                        {
                            "in": "all",
                            "Ra": "150 ohm*cm",
                            "cm": "1 uF/cm2",
                            "insert": {"pas": passive},
                        }
                    ],
                }
            }
        },
        "protocol": {
            "celsius": "34 degC",
            "v_init": f"{RESTING:g} mV",
            "tstop": "600 ms",
            "processes": {
                "step": {"type": "IClamp", "at": at, "delay": "100 ms", "dur": "400 ms", "amp": 0}
            },
        },
        "record": {
            "traces": {"v": {"of": f"{at}.v", "every": "0.5 ms"}},
            "measures": {"held": {"of": f"{at}.v", "window": "step", "names": ["end"]}},
            "impedances": {"rest": {"at": at, "names": ["resistance"]}},
        },
        "axes": {"amp": {"values": [-0.1, -0.05, 0.05], "unit": "nA", "sets": "step.amp"}},
        "figures": [
            {"kind": "morphology"},
            {"kind": "traces", "by": "amp"},
            {"kind": "curve", "of": "held_end", "x": "amp"},
        ],
    }
    draft.notes.append(
        "Ra, cm, the leak and the temperature are guesses, the same in all sections; no channels"
    )
    return draft
