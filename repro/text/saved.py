"""Tokenizers as JSON, in the form that Keras' `Tokenizer.to_json` writes and its `tokenizer_from_json` reads."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeVar

import msgspec

from repro.text.documents import DocumentTokenizer

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Counts = dict[str, Number]
Type = TypeVar("Type")


class Config(msgspec.Struct, frozen=True):
    """The settings, and what was counted, as JSON in JSON."""

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


class Saved(msgspec.Struct, frozen=True):
    """All of it."""

    class_name: Literal["Tokenizer"]
    config: Config


def tokenizer_to_json(tokenizer: DocumentTokenizer) -> str:
    """What Keras' `tokenizer.to_json()` gives, in ASCII."""
    config = Config(
        num_words=tokenizer.num_words,
        filters=tokenizer.filters,
        lower=tokenizer.lower,
        split=tokenizer.split,
        char_level=tokenizer.char_level,
        oov_token=tokenizer.oov_token,
        document_count=tokenizer.document_count,
        word_counts=json.dumps(tokenizer.word_counts),
        word_docs=json.dumps(tokenizer.word_docs),
        index_docs=json.dumps(tokenizer.index_docs),
        index_word=json.dumps(tokenizer.index_word),
        word_index=json.dumps(tokenizer.word_index),
    )
    return json.dumps({"class_name": "Tokenizer", "config": msgspec.structs.asdict(config)})


def tokenizer_from_json(text: str | bytes) -> DocumentTokenizer:
    """The tokenizer that Keras' `to_json`, or `tokenizer_to_json`, made this text of. Nothing in it is run.

    `index_word` is not read: it follows from `word_index`.

    Raises ValueError if it is another text, or if the numbers of the words do not follow from their counts.
    """
    try:
        config = _read(text, Saved).config
        tokenizer = DocumentTokenizer(
            config.num_words,
            filters=config.filters,
            lower=config.lower,
            split=config.split,
            char_level=config.char_level,
            oov_token=config.oov_token,
        )
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
