"""Formats that carry a text of ours, each in its own place for such things.

A module a format, with two functions. Both raise ValueError where the content is not of that
format, or damaged:

    embed(content, text)   returns the file's content with the ASCII text in it, in place of one
                           that it had; the drawing is untouched, and equal arguments give equal
                           bytes
    extract(content)       returns the text, or None
"""

KEY = "spikesweep"
