"""Texts as arrays of word numbers, equal to what Keras' own functions give."""

from repro.text.cleaning import clean
from repro.text.hashing import HashFunction, hashed, one_hot
from repro.text.padding import Padded, Ragged, Side, pad_ragged, pad_sequences, ragged, take
from repro.text.reading import Reading, read_by, read_hashed
from repro.text.tokenizer import Tokenizer
from repro.text.words import FILTERS, words_of

__all__ = [
    "FILTERS",
    "HashFunction",
    "Padded",
    "Ragged",
    "Reading",
    "Side",
    "Tokenizer",
    "clean",
    "hashed",
    "one_hot",
    "pad_ragged",
    "pad_sequences",
    "ragged",
    "read_by",
    "read_hashed",
    "take",
    "words_of",
]
