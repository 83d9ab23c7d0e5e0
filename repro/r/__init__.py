"""R's functions as R users know them: those of base R and of the R package keras that a walkthrough in R calls.

Names, arguments, defaults, results and prints are those of the R package keras 2.2.5 (October 2019) and of base R.
Where Python has the same, it is used as it is. The calls of the walkthrough, most of them after `model %>%`:

| R | Python |
|---|---|
| `library(keras)` | `from repro import r` and `from repro.backend import keras` |
| `c(c(train_x, train_y), c(test_x, test_y)) %<-%` | `(train_x, train_y), (test_x, test_y) =` |
| `dataset_imdb(num_words = 500)` | `r.dataset_imdb(num_words=500)` |
| `dataset_imdb_word_index()` | `r.dataset_imdb_word_index()` |
| `pad_sequences(train_x, maxlen = 200)` | `r.pad_sequences(train_x, maxlen=200)` |
| `keras_model_sequential() %>% ...` | `keras.Sequential([keras.Input((None,)), ...])` |
| `layer_embedding(input_dim = 500, output_dim = 32)` | `keras.layers.Embedding(500, 32)` |
| `layer_lstm(units = 32)` | `keras.layers.LSTM(32, recurrent_activation=hard_sigmoid)` (1) |
| `layer_lstm(units = 32, return_sequences = TRUE)` | the same with `return_sequences=True` |
| `bidirectional(layer_lstm(units = 32))` | `keras.layers.Bidirectional(keras.layers.LSTM(...))` |
| `layer_dense(units = 1, activation = "sigmoid")` | `keras.layers.Dense(1, activation="sigmoid")` |
| `compile(optimizer = "rmsprop", ...)` | `model.compile(numerics.optimizer("rmsprop", "source"), ...)` (2) |
| `summary(model)` | `print(r.summary(model))` |
| `fit(train_x, train_y, validation_split = 0.2, ...)` | `model.fit(...)` with the same arguments (3) |
| `plot(history)` | `repro.report.figures`, from records |
| `evaluate(model, test_x, test_y)` | `r.evaluate(model, test_x, test_y)` |
| `predict(model, test_x)` | `model.predict(test_x)` |
| `predict_classes(model, test_x)` | `r.predict_classes(model, test_x)` |
| `table(Predicted = pred, Actual = test_y)` | `r.table(Predicted=pred, Actual=test_y)` |
| `get_weights(model)`, `set_weights(model, w)` | `model.get_weights()`, `model.set_weights(w)` |

R's functions for texts, which keras3 no longer has:

| R | Python |
|---|---|
| `tokenizer <- text_tokenizer(num_words = 5000)` | `tokenizer = r.text_tokenizer(num_words=5000)` |
| `tokenizer %>% fit_text_tokenizer(texts)` | `r.fit_text_tokenizer(tokenizer, texts)` |
| `tokenizer$word_index`, `tokenizer$index_word` | `tokenizer.word_index`, `tokenizer.index_word` |
| `texts_to_sequences(tokenizer, texts)` | `r.texts_to_sequences(tokenizer, texts)` |
| `texts_to_sequences_generator(tokenizer, texts)` | `r.texts_to_sequences_generator(tokenizer, texts)` |
| `texts_to_matrix(tokenizer, texts, mode = "tfidf")` | `r.texts_to_matrix(tokenizer, texts, mode="tfidf")` |
| `sequences_to_matrix(tokenizer, sequences, "count")` | `r.sequences_to_matrix(tokenizer, sequences, "count")` |
| `tokenizer$sequences_to_texts(sequences)` | `r.sequences_to_texts(tokenizer, sequences)` |
| `save_text_tokenizer(tokenizer, "tokenizer")` | `r.save_text_tokenizer(tokenizer, "tokenizer.json")` (4) |
| `load_text_tokenizer("tokenizer")` | `r.load_text_tokenizer("tokenizer.json")` (4) |
| `text_to_word_sequence(text)` | `r.text_to_word_sequence(text)` |
| `text_one_hot(text, 1000)` | `r.text_one_hot(text, 1000)` (5) |
| `text_hashing_trick(text, 1000, "md5")` | `r.text_hashing_trick(text, 1000, "md5")` |

1. The gates' activation was `layer_lstm`'s default until 2021; it is in `repro.numerics.activations`.
2. `repro.numerics`: by its name alone, Keras takes an optimizer of today, whose steps differ.
3. `repro.train` makes a run that can be repeated to the bit, and resumed.
4. As JSON; R's pickle, which can run code, is not read.
5. By md5, whose numbers stay the same; R has other numbers in each session.

`str()` of a result is what R prints. Positions in tables count from 1, as in R. Word numbers and classes are the same
there and here: words count from 1, because 0 pads, and classes from 0.
"""

from repro.datasets.imdb import Imdb, Reviews
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
