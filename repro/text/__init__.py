"""Texts as arrays of word numbers, equal to what Keras' own functions give."""

from repro.text.checks import Side
from repro.text.cleaning import clean
from repro.text.documents import DocumentTokenizer, Mode
from repro.text.hashing import HashFunction, hashed, one_hot
from repro.text.padding import Padded, pad_sequences
from repro.text.ragged import Ragged, ragged, take
from repro.text.reading import Reading, read_by, read_hashed
from repro.text.saved import tokenizer_from_json, tokenizer_to_json
from repro.text.tokenizer import Tokenizer
from repro.text.words import FILTERS, words_of

__all__ = [
    "FILTERS",
    "DocumentTokenizer",
    "HashFunction",
    "Mode",
    "Padded",
    "Ragged",
    "Reading",
    "Side",
    "Tokenizer",
    "clean",
    "hashed",
    "one_hot",
    "pad_sequences",
    "ragged",
    "read_by",
    "read_hashed",
    "take",
    "tokenizer_from_json",
    "tokenizer_to_json",
    "words_of",
]
