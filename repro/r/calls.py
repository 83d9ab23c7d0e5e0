"""The calls of a walkthrough in R, each beside its counterpart in Python, and where the two differ."""

from __future__ import annotations

from typing import NamedTuple

from tabulate import tabulate


class Call(NamedTuple):
    """A call in R and what does the same here."""

    r: str
    """As in R keras 2.2.5 and base R; of a model's functions, what stands behind `model %>%`."""
    python: str
    differs: str = ""
    """What a reader of both should know; empty where nothing differs but the language."""


_JSON = "a tokenizer is saved as JSON; R's pickle, which can run code, is not read"

WALKTHROUGH = (
    Call("library(keras)", "from repro import r; from repro.backend import keras"),
    Call("imdb <- dataset_imdb(num_words = 500)", "imdb = r.dataset_imdb(num_words=500)"),
    Call("c(c(train_x, train_y), c(test_x, test_y)) %<-% imdb", "(train_x, train_y), (test_x, test_y) = imdb"),
    Call("dataset_imdb_word_index()", "r.dataset_imdb_word_index()"),
    Call("pad_sequences(train_x, maxlen = 200)", "r.pad_sequences(train_x, maxlen=200)"),
    Call("keras_model_sequential() %>% ...", "keras.Sequential([keras.Input((None,)), ...])"),
    Call("layer_embedding(input_dim = 500, output_dim = 32)", "keras.layers.Embedding(500, 32)"),
    Call(
        "layer_lstm(units = 32)",
        "keras.layers.LSTM(32, recurrent_activation=hard_sigmoid)",
        "these gates were layer_lstm's default until 2021; hard_sigmoid is in repro.numerics.activations, since Keras "
        "3 gives another function that name",
    ),
    Call(
        "layer_lstm(units = 32, return_sequences = TRUE)",
        "keras.layers.LSTM(32, recurrent_activation=hard_sigmoid, return_sequences=True)",
        "the gates, as above",
    ),
    Call(
        "bidirectional(layer_lstm(units = 32))",
        "keras.layers.Bidirectional(keras.layers.LSTM(32, recurrent_activation=hard_sigmoid))",
        "the gates, as above",
    ),
    Call('layer_dense(units = 1, activation = "sigmoid")', 'keras.layers.Dense(1, activation="sigmoid")'),
    Call(
        'compile(optimizer = "rmsprop", ...)',
        'model.compile(numerics.optimizer("rmsprop", "source"), ...)',
        "by its name alone, Keras takes an optimizer of today, whose steps differ (repro.numerics)",
    ),
    Call("summary(model)", "print(r.summary(model))"),
    Call(
        "fit(train_x, train_y, validation_split = 0.2, ...)",
        "model.fit(train_x, train_y, validation_split=0.2, ...)",
        "repro.train makes a run that can be repeated to the bit, and resumed",
    ),
    Call("plot(history)", "walkthrough.draw_curves(history, name, options)", "repro figures draws from records"),
    Call("evaluate(model, test_x, test_y)", "r.evaluate(model, test_x, test_y)"),
    Call("predict(model, test_x)", "model.predict(test_x)"),
    Call("predict_classes(model, test_x)", "r.predict_classes(model, test_x)"),
    Call("table(Predicted = pred, Actual = test_y)", "r.table(Predicted=pred, Actual=test_y)"),
    Call("get_weights(model)", "model.get_weights()"),
    Call("set_weights(model, weights)", "model.set_weights(weights)"),
)
"""From loading the data to the table of predictions, in the walkthrough's order."""

TEXTS = (
    Call("text_tokenizer(num_words = 5000)", "r.text_tokenizer(num_words=5000)"),
    Call("tokenizer %>% fit_text_tokenizer(texts)", "r.fit_text_tokenizer(tokenizer, texts)"),
    Call("tokenizer$word_index", "tokenizer.word_index"),
    Call("tokenizer$index_word", "tokenizer.index_word"),
    Call("texts_to_sequences(tokenizer, texts)", "r.texts_to_sequences(tokenizer, texts)"),
    Call("texts_to_sequences_generator(tokenizer, texts)", "r.texts_to_sequences_generator(tokenizer, texts)"),
    Call('texts_to_matrix(tokenizer, texts, mode = "tfidf")', 'r.texts_to_matrix(tokenizer, texts, mode="tfidf")'),
    Call('sequences_to_matrix(tokenizer, sequences, "count")', 'r.sequences_to_matrix(tokenizer, sequences, "count")'),
    Call("tokenizer$sequences_to_texts(sequences)", "r.sequences_to_texts(tokenizer, sequences)"),
    Call('save_text_tokenizer(tokenizer, "tokenizer")', 'r.save_text_tokenizer(tokenizer, "tokenizer.json")', _JSON),
    Call('load_text_tokenizer("tokenizer")', 'r.load_text_tokenizer("tokenizer.json")', _JSON),
    Call("text_to_word_sequence(text)", "r.text_to_word_sequence(text)"),
    Call(
        "text_one_hot(text, 1000)",
        "r.text_one_hot(text, 1000)",
        "hashed by md5, whose numbers stay the same; R has other numbers in each session",
    ),
    Call('text_hashing_trick(text, 1000, "md5")', 'r.text_hashing_trick(text, 1000, "md5")'),
)
"""R's functions for texts, which keras3 no longer has."""


def beside() -> str:
    """All calls as aligned text: R, Python, what differs."""
    rows = [(call.r, call.python, call.differs) for call in (*WALKTHROUGH, *TEXTS)]
    return str(
        tabulate(rows, ("R", "Python", "what differs"), "simple", disable_numparse=True, maxcolwidths=(56, 56, 48))
    )
