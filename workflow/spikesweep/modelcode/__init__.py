"""Models that are code: what their files are, read without running any of it.

hoc      HOC text: its comments, its strings, what it must not redefine
python   Python text: its strings, its imports, what a class takes
closure  all files that a model loads, imports or names; their hashes; copies of them
"""

from spikesweep.modelcode.closure import ModelCode, copy_files, read_files, written

__all__ = ["ModelCode", "copy_files", "read_files", "written"]
