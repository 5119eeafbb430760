"""A sweep file becomes the simulation document: names checked, numbers in NEURON's units.

The document is everything that one simulation needs, as plain JSON; its hash is the
simulation's key. What the axes set stays open, as slots.

`building` begins: it has the parts written one by one (`cells` or `code_models`, `protocol`,
`connections`, `waveforms`, `recording`), each from what is `known` of the model by then. Then
`targets` finds what the axes set, `effects` says what they do to it, and both become `slots` of
the `template`.
"""

from spikesweep.document.building import build_template
from spikesweep.document.template import Template

__all__ = ["Template", "build_template"]
