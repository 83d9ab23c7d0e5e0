"""What the page is put together from: its templates, its style, its scripts, and its rule about what may run."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from repro.report.page.bundle import bundled

STYLES = ("style.css", "drawn.css")
ENTRY = "page.js"
_ESCAPED = {ord("<"): r"\u003c", ord(">"): r"\u003e", ord("&"): r"\u0026", 0x2028: r"\u2028", 0x2029: r"\u2029"}


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of the page. They escape whatever they are given, and a name that is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("repro.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def style() -> Markup:
    """The style sheet. It is ours: nothing in it comes from outside."""
    folder = files(__package__)
    return Markup("\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES))


@functools.cache
def script() -> Markup:
    """The script, in a block of its own, so that no name of it can be another's."""
    return Markup(f'(() => {{\n"use strict";\n{bundled(ENTRY)}\n}})();\n')


def data_block(content: Any) -> Markup:
    """Data for the script as JSON that no text in it can end early: HTML's own signs are written as `\\u003c`."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_ESCAPED))


def policy() -> str:
    """The content security policy: this style and this script by their checksums, and nothing else.

    https://www.w3.org/TR/CSP3/; what runs is what the checksums name, whatever else may have got into the page.
    """
    return (
        f"default-src 'none'; style-src '{_checksum(style())}'; script-src '{_checksum(script())}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _checksum(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
