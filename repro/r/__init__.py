"""R's functions as R users know them: those of base R and of the R package keras that a walkthrough in R calls.

Names, arguments, defaults, results and prints are those of the R package keras 2.2.5 (October 2019) and of base R.
Where Python has the same, it is used as it is. `repro.r.calls` has each call of the walkthrough beside its Python
counterpart, and the functions of texts that R's keras3 dropped; `print(r.beside())` shows them.

`str()` of a result is what R prints. Positions in tables count from 1, as in R. Word numbers and classes are the same
there and here: words count from 1, because 0 pads, and classes from 0.
"""

from repro.datasets.imdb import Imdb, Reviews
from repro.r.calls import beside
from repro.r.cross_tables import CrossTable, table
from repro.r.dataset_imdb import dataset_imdb, dataset_imdb_word_index
from repro.r.models import Scores, evaluate, predict_classes, summary
from repro.r.texts import (
    fit_text_tokenizer,
    load_text_tokenizer,
    save_text_tokenizer,
    sequences_to_matrix,
    sequences_to_texts,
    text_hashing_trick,
    text_one_hot,
    text_to_word_sequence,
    text_tokenizer,
    texts_to_matrix,
    texts_to_sequences,
    texts_to_sequences_generator,
)
from repro.text import pad_sequences  # R's and Keras' are the same

__all__ = [
    "CrossTable",
    "Imdb",
    "Reviews",
    "Scores",
    "beside",
    "dataset_imdb",
    "dataset_imdb_word_index",
    "evaluate",
    "fit_text_tokenizer",
    "load_text_tokenizer",
    "pad_sequences",
    "predict_classes",
    "save_text_tokenizer",
    "sequences_to_matrix",
    "sequences_to_texts",
    "summary",
    "table",
    "text_hashing_trick",
    "text_one_hot",
    "text_to_word_sequence",
    "text_tokenizer",
    "texts_to_matrix",
    "texts_to_sequences",
    "texts_to_sequences_generator",
]
