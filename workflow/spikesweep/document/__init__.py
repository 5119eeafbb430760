"""A sweep file becomes the simulation document: names checked, numbers in NEURON's units.

The document is everything that one simulation needs, as plain JSON; its hash is the
simulation's key. What the axes set stays open, as slots.
"""

from spikesweep.document.template import Template, build_template

__all__ = ["Template", "build_template"]
