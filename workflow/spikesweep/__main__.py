"""`python -m spikesweep`."""

from spikesweep.cli import main

main()
