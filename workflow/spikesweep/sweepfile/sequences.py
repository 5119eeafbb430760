"""The samples whose points are those of a sequence, in no random order along any axis."""

SEQUENCES = ("sobol", "halton")
