"""SVG: an element {urn:spikesweep}lineage, in a <metadata> of its own."""

import re
from html import escape
from xml.etree import ElementTree
from xml.parsers import expat

from spikesweep.lineage.carriers.key import KEY

_NAMESPACE = f"urn:{KEY}"
_OPENING = f'\n<metadata><lineage xmlns="{_NAMESPACE}">'
_CLOSING = "</lineage></metadata>"
_OURS = re.compile(f"{_OPENING}[^<]*{_CLOSING}".encode())


def embed(content: bytes, text: str) -> bytes:
    """Return an SVG file with a text in it.

    It is written into the file as text: an XML library would write everything else anew as well.
    """
    content = _OURS.sub(b"", content)
    place = _end_of_root_tag(content)
    element = f"{_OPENING}{escape(text, quote=False)}{_CLOSING}"
    return content[:place] + element.encode() + content[place:]


def extract(content: bytes) -> str | None:
    """Return the text in an SVG file, or None."""
    _end_of_root_tag(content)
    return ElementTree.fromstring(content).findtext(f".//{{{_NAMESPACE}}}lineage")


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return an SVG file with a part of its text replaced by one of equal length."""
    return content.replace(old, new)


def _end_of_root_tag(content: bytes) -> int:
    """Return the position behind the opening <svg ...>, having read the document to its end."""
    elements, positions = [], []
    parser = expat.ParserCreate()

    def opened(name: str, attributes: dict[str, str]) -> None:
        anything()
        elements.append(name)

    def anything(data: str = "") -> None:
        if elements:
            positions.append(parser.CurrentByteIndex)

    parser.StartElementHandler = opened
    parser.DefaultHandler = anything
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    if elements[0] != "svg":
        raise ValueError(f"its outermost element is <{elements[0]}>")
    if not positions:
        raise ValueError("it is empty")
    return positions[0]
