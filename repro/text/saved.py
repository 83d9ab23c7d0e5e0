"""Writes and reads tokenizers as JSON, in the form of Keras' `Tokenizer.to_json` and `tokenizer_from_json`."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from repro.text.documents import DocumentTokenizer

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Counts = dict[str, Number]
Type = TypeVar("Type")

SETTINGS = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
COUNTED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
"""Fields that are JSON in the JSON."""


class Config(msgspec.Struct, frozen=True):
    """The settings, and what was counted."""

    num_words: Number | None
    filters: str
    lower: bool
    split: str
    char_level: bool
    oov_token: str | None
    document_count: Number
    word_counts: str
    word_docs: str
    index_docs: str
    index_word: str
    word_index: str


class TokenizerJSON(msgspec.Struct, frozen=True):
    """The whole JSON."""

    class_name: Literal["Tokenizer"]
    config: Config


def tokenizer_to_json(tokenizer: DocumentTokenizer) -> str:
    """What Keras' `tokenizer.to_json()` gives, in ASCII."""
    config = {name: getattr(tokenizer, name) for name in (*SETTINGS, "document_count")}
    counted = {name: json.dumps(getattr(tokenizer, name)) for name in COUNTED}
    return json.dumps({"class_name": "Tokenizer", "config": config | counted})


def tokenizer_from_json(text: str | bytes) -> DocumentTokenizer:
    """The tokenizer that Keras' `to_json`, or `tokenizer_to_json`, saved as this text. It runs nothing in the text.

    `index_word` is not read: it follows from `word_index`.

    Raises ValueError if it is another text, or if the numbers of the words do not follow from their counts.
    """
    try:
        config = _read(text, TokenizerJSON).config
        settings: dict[str, Any] = {name: getattr(config, name) for name in SETTINGS}
        tokenizer = DocumentTokenizer(**settings)
        tokenizer.restore(
            word_counts=_read(config.word_counts, Counts),
            word_docs=_read(config.word_docs, Counts),
            index_docs=_read(config.index_docs, dict[int, Number]),
            word_index=_read(config.word_index, Counts),
            document_count=config.document_count,
        )
    except (ValueError, msgspec.ValidationError, RecursionError) as error:
        raise ValueError(f"this is not a tokenizer as Keras' to_json() writes it: {error}") from error
    return tokenizer


def _read(text: str | bytes, type_: type[Type]) -> Type:
    # msgspec's own reader refuses lone surrogates, which a word may have.
    return msgspec.convert(json.loads(text), type_, str_keys=True)
