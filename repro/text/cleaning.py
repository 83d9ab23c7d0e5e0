"""Cleans texts by plain replacements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.text.checks import no_text, several, strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def clean(texts: Iterable[str], replacements: Sequence[tuple[str, str]]) -> list[str]:
    """Each text lower-cased, then with the replacements, one after the other, then with single spaces between words.

    replacements: (old, new); old is a plain substring, lower-cased itself, and acts on what those before it left.

    Raises TypeError, naming the text, if one is not a string, or the replacement that is not a pair of strings.
    """
    for row, pair in enumerate(replacements):
        if isinstance(pair, str) or len(strings(pair, "replacement")) != 2:
            raise TypeError(f"replacement {row} is {pair!r}, not a pair of strings (old, new)")
    cleaned = []
    for row, text in enumerate(several(texts, "clean")):
        if not isinstance(text, str):
            raise no_text(row, text)
        text = text.lower()
        for old, new in replacements:
            text = text.replace(old, new)
        cleaned.append(" ".join(text.split()))
    return cleaned
