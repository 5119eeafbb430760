"""Formats that carry a text of ours, each in its own place for such things.

A module a format, with three functions. The first two raise ValueError where the content is not
of that format, or damaged:

    embed(content, text)   returns the file's content with the ASCII text in it, in place of one
                           that it had; the drawing is untouched, and equal arguments give equal
                           bytes
    extract(content)       returns the text, or None
    replaced(content, old, new)
                           returns the content with `new` in place of `old`, a part of the text
                           that is as long; raises ValueError where that cannot be done
"""

KEY = "spikesweep"
