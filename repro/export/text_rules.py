"""How a chapter's texts become the rows that its models take, and what comes out, as plain data for any language."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from repro.chapter import Chapter
from repro.datasets.imdb import START, UNKNOWN
from repro.text.checks import Side

VOCABULARY: Final = "vocabulary.json"


class TextRules(msgspec.Struct, frozen=True, kw_only=True):
    """What `preprocessing.json` has, in the order in which it is applied."""

    lower: bool
    """The text is lower-cased."""
    replacements: tuple[tuple[str, str], ...]
    """(old, new): plain substrings of the lower-cased text, replaced one after the other."""
    single_spaces: bool
    """White space of any kind and length then becomes one space, and none stays at the ends."""
    filters: str
    """Each of these characters is replaced by `split`."""
    split: str
    """What separates words; empty words do not count."""
    numbers: Literal["vocabulary.json", "md5"]
    """The number of a word stands in this file; or it is md5(word in UTF-8) modulo (num_words - 1), plus 1."""
    num_words: int
    """Numbers are below it."""
    index_from: int
    """Numbers up to it stand for no word: the number of the n-th word of the list is n + `index_from`."""
    start: tuple[int, ...]
    """What stands before the numbers of every text."""
    unknown: int | None
    """The number of a word that the file does not have; None if such a word is left out."""
    maxlen: int
    """Numbers in a row."""
    truncating: Side
    """The end at which a longer text loses numbers: `pre` is the front."""
    padding: Side
    """The end at which a shorter text gets numbers `pad`."""
    pad: int
    output: Literal["one of two classes", "one of several classes", "several labels"]
    """A model of two classes gives the probability of the second alone, or both. A label is given if its probability is
    above 0.5; of classes, the most probable one is the answer."""
    names: tuple[str, ...]
    """Of the classes or labels, in the order of the model's probabilities."""


def text_rules(chapter: Chapter) -> TextRules:
    """The rules of a chapter's own preparation, without a variation."""
    preparation = chapter.preparation
    ranked = preparation.words == "ranked"
    return TextRules(
        lower=True,
        replacements=preparation.replacements,
        single_spaces=bool(preparation.replacements),  # `text.clean` does both
        filters=preparation.filters,
        split=" ",
        numbers="md5" if preparation.words == "hashed" else VOCABULARY,
        num_words=preparation.num_words,
        index_from=preparation.index_from if ranked else 0,
        start=(START,) if ranked else (),
        unknown=UNKNOWN if ranked else None,
        maxlen=preparation.maxlen,
        truncating=preparation.truncating,
        padding=preparation.padding,
        pad=0,
        output=_output(chapter),
        names=chapter.labels or chapter.classes,
    )


def _output(chapter: Chapter) -> Literal["one of two classes", "one of several classes", "several labels"]:
    if chapter.labels:
        return "several labels"
    return "one of two classes" if len(chapter.classes) == 2 else "one of several classes"
