"""Replacements are plain, ordered and applied to each text alone."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.text import clean

if TYPE_CHECKING:
    from pathlib import Path

# The list of rotten_tomatoes, with its source's `\s+`, which as a plain substring never matches.
REPLACEMENTS = [
    ("i'm", "i am"),
    ("'re", " are"),
    ("let’s", "let us"),
    ("'s", " is"),
    ("'ve", " have"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("shan’t", "shall not"),
    ("n't", " not"),
    ("'d", " would"),
    ("'ll", " will"),
    ("'scuse", "excuse"),
    (",", " ,"),
    (".", " ."),
    ("!", " !"),
    ("?", " ?"),
    ("\\s+", " "),
]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("I'm  sure.", "i am sure ."),
        ("Can't, cannot!", "can not , can not !"),
        ("He isn't ; it's n't", "he is not ; it is not"),
        ("'Scuse me?", "iscuse me ?"),  # 's stands before 'scuse in the list, which so never matches
        ("Let’s\u00a0go\t\n", "let us go"),
        ("...", ". . ."),
        (" \t", ""),
    ],
)
def test_the_list_of_rotten_tomatoes(text: str, cleaned: str) -> None:
    assert clean([text], REPLACEMENTS) == [cleaned]


def test_a_replacement_acts_on_what_those_before_it_left() -> None:
    assert clean(["a"], [("a", "b"), ("b", "c")]) == ["c"]
    assert clean(["a"], [("b", "c"), ("a", "b")]) == ["b"]


@given(st.lists(st.text("Ii'mdclanot’ .,\n\x00") | st.text()))
def test_texts_do_not_touch_one_another(texts: list[str]) -> None:
    expected = []
    for text in texts:
        text = text.lower()
        for old, new in REPLACEMENTS:
            text = re.sub(re.escape(old), lambda _, new=new: new, text)  # type: ignore[misc]
        expected.append(re.sub(r"\s+", " ", text).strip())
    assert clean(texts, REPLACEMENTS) == expected


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "rows", "longest"), [("train.tsv", 156_060, 53), ("test.tsv", 66_292, 56)])
def test_the_longest_cleaned_phrase(name: str, rows: int, longest: int, real_data: Path) -> None:
    """SOURCES: 53 words in training, `maxlen` of the chapter, 56 in testing."""
    with (real_data / "rotten_tomatoes" / name).open(encoding="utf-8", newline="") as file:
        phrases = [row["Phrase"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    cleaned = clean(phrases, REPLACEMENTS)
    assert len(cleaned) == rows
    assert max(len(phrase.split()) for phrase in cleaned) == longest
