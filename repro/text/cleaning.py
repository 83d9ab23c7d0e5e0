"""Texts cleaned by plain replacements."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def clean(texts: Iterable[str], replacements: Sequence[tuple[str, str]]) -> list[str]:
    """Each text lower-cased, then with the replacements, one after the other, then with single spaces between words.

    replacements: (old, new); old is a plain substring, lower-cased itself, and acts on what those before it left.
    """
    cleaned = []
    for text in texts:
        text = text.lower()
        for old, new in replacements:
            text = text.replace(old, new)
        cleaned.append(" ".join(text.split()))
    return cleaned
