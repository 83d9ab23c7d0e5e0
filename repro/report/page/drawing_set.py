"""What the page shows of a figure: drawings that belong together, with the words around them."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup


class Drawing(NamedTuple):
    """One panel, a model's diagram, or a matrix."""

    title: str
    """Plain text."""
    html: Markup
    """Safe to put into a page: an `<svg>` that says what it shows, a list or a table. It has no ids, no style
    attributes, no scripts and no links."""


class DrawingSet(NamedTuple):
    """Drawings of one kind, to be shown side by side. There is at least one."""

    name: str
    """`curves`: what may stand in an address. No two sets of a group have the same."""
    heading: str
    note: str
    """How to read them. As the heading, plain text."""
    drawings: tuple[Drawing, ...]
