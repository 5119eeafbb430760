"""Where the workflow is that was installed: for the Snakefile of a project.

from spikesweep.snakefile.path import SNAKEFILE

include: SNAKEFILE
"""

from spikesweep.bytecode import hold_to_content

hold_to_content()

from spikesweep.products.engine import RULES  # noqa: E402  (after the bytecode is held)

SNAKEFILE = str(RULES / "Snakefile")
