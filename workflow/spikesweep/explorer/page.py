"""The page: one file, from `web/page.html`, its style, its modules and what it shows.

The modules are plain ES modules, which tests and tools read as they are. Here each becomes a
function of its own that returns what it exports, one after the other, as they import each other.
So the page needs no bundler, and no request: its policy lets none be made.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from spikesweep.explorer.content import Content

WEB = Path(__file__).parent / "web"
MAIN = "main.js"
_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "\./(\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)


def page(content: Content, lineage: dict[str, Any]) -> str:
    """Return the page of a sweep as HTML.

    Args:
        lineage: what made it, as plain JSON.
    """
    script, style = assembled(), (WEB / "page.css").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
        f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    )
    parts = {
        "policy": html.escape(policy),
        "title": html.escape(content.about["title"]),
        "sweep": html.escape(content.about["sweep"]),
        "style": style,
        "script": script,
        "about": _json({**content.about, "lineage": lineage}),
        "blobs": "\n".join(_blobs(content)),
    }
    template = (WEB / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def _digest(text: str) -> str:
    """Return what a policy names an inline script or style by."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _json(value: object) -> str:
    """Return JSON that ends no script, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _blobs(content: Content) -> Iterator[str]:
    for name, blob in content.blobs.items():
        text = base64.b64encode(blob).decode()
        yield f'<script type="text/plain" id="blob-{name}">{text}</script>'


@cache
def assembled() -> str:
    """Return all modules as one script, each after those that it imports."""
    done: dict[str, str] = {}
    _add(MAIN, done, ())
    return "".join(done.values())


def _add(name: str, done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"{' -> '.join((*above, name))}: modules that import each other")
    if name in done:
        return
    source = (WEB / name).read_text(encoding="utf-8")
    for match in _IMPORT.finditer(source):
        _add(match[2], done, (*above, name))
    exported = [match[2] for match in _EXPORT.finditer(source)]
    body = _IMPORT.sub(_binding, source)
    body = _EXPORT.sub(r"\1 \2", body)
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name}: {left[0]}: imports and exports are by name, one statement each")
    if "</script" in body.lower() or "<!--" in body:
        raise ValueError(f"{name}: would end the script that it stands in")
    made = f"const {_variable(name)} = (() => {{\n{body}"
    done[name] = f"{made}return {{ {', '.join(exported)} }};\n}})();\n"


def _binding(statement: re.Match[str]) -> str:
    """Return what an import statement becomes where each module is a variable."""
    names = re.sub(r"\s+as\s+", ": ", statement[1])
    return f"const {{{names}}} = {_variable(statement[2])};\n"


def _variable(module: str) -> str:
    return "module_" + module.removesuffix(".js")
