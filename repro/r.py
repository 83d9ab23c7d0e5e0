"""R's functions as R users know them: those of base R and of the R package keras that a walkthrough in R calls.

Names, arguments, defaults, results and prints are those of the R package keras 2.2.5 (October 2019) and of base R where
Python's differ; what is the same in Python is used as it is. The calls of the walkthrough, most of them by `model %>%`:

| R | Python |
|---|---|
| `library(keras)` | `from repro import r` and `from repro.backend import keras` |
| `c(c(train_x, train_y), c(test_x, test_y)) %<-%` | `(train_x, train_y), (test_x, test_y) =` |
| `dataset_imdb(num_words = 500)` | `r.dataset_imdb(num_words=500)` |
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

1. The gates' activation was `layer_lstm`'s default until 2021; it is in `repro.numerics.activations`.
2. `repro.numerics`: by its name alone, Keras takes an optimizer of today, whose steps differ.
3. `repro.training.train` makes a run that can be repeated to the bit, and resumed.

What R prints of a result is its `str()`. Positions count from 1, as in R; words and classes count from 0 there too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from repro.backend import keras
from repro.datasets import imdb
from repro.datasets.choice import DataChoice
from repro.text import Ragged, Side, pad_ragged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

WIDTH = 80
"""Characters in a line: R's `getOption("width")`."""


class Reviews(NamedTuple):
    """One half of the corpus: `dataset_imdb()$train`, say."""

    x: list[NDArray[np.int32]]
    """Each review `(words,) int32`, unpadded."""
    y: NDArray[np.int32]
    """`(rows,) int32`: 1 positive, 0 negative."""


class Imdb(NamedTuple):
    """Both halves, as R's list of lists."""

    train: Reviews
    test: Reviews


def dataset_imdb(
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    folder: DataChoice | None = None,
) -> Imdb:
    """`dataset_imdb()`: the IMDB reviews. Arguments, `folder` and errors are those of `imdb.sequences`.

    With `maxlen`, the Keras of 2019 cut the reviews that were left after the 25,000th, so that reviews of the test half
    came to be trained on; here, as in Keras today, each half keeps its own.
    """
    train, test = (
        Reviews(np.split(half.words.values, half.words.offsets[1:-1]), half.labels)
        for half in imdb.sequences(
            folder,
            num_words=num_words,
            skip_top=skip_top,
            maxlen=maxlen,
            seed=seed,
            start_char=start_char,
            oov_char=oov_char,
            index_from=index_from,
        )
    )
    return Imdb(train, test)


def pad_sequences(
    sequences: Sequence[Sequence[float] | NDArray[Any]],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: Side = "pre",
    truncating: Side = "pre",
    value: float = 0,
) -> NDArray[Any]:
    """`pad_sequences()`: `(rows, maxlen)` of `dtype`; without `maxlen`, as long as the longest.

    Raises ValueError if the sequences are not lists of numbers, if `maxlen` is below 1 or is missing and there are no
    sequences, or if a side is neither "pre" nor "post".
    """
    rows = [np.asarray(sequence, dtype) for sequence in sequences]
    if any(row.ndim != 1 for row in rows):
        raise ValueError("sequences must be a list of lists of numbers")
    if maxlen is None and not rows:
        raise ValueError("maxlen is needed where there are no sequences")
    if maxlen is not None and maxlen < 1:
        raise ValueError(f"maxlen must be 1 or more, not {maxlen}")
    for side in (padding, truncating):
        if side not in ("pre", "post"):
            raise ValueError(f'padding and truncating are "pre" or "post", not {side!r}')

    # What is padded is the position of each number among all, so that any type of number will do; 0 stands for `value`.
    numbers = np.concatenate([np.asarray([value], dtype), *rows])
    lengths = [len(row) for row in rows]
    positions = Ragged(np.arange(1, len(numbers), dtype=np.int32), np.cumsum([0, *lengths]))
    longest = max(lengths) if maxlen is None else maxlen
    return numbers[pad_ragged(positions, longest, padding=padding, truncating=truncating)]


def predict_classes(
    object: keras.Model,  # noqa: A002 - R's name, here and below
    x: ArrayLike,
    batch_size: int = 32,
    verbose: int = 0,
) -> NDArray[np.integer]:
    """`predict_classes()`, which Keras no longer has: classes, numbered from 0 as in R.

    Of a model with one output, `(rows, 1) int32`: 1 where the probability is above 0.5. Of one with several,
    `(rows,) int64`: the most probable class, the first of equals.
    """
    probabilities: NDArray[np.float32] = object.predict(x, batch_size=batch_size, verbose=verbose)
    if probabilities.shape[-1] == 1:
        return (probabilities > 0.5).astype(np.int32)
    classes: NDArray[np.int64] = probabilities.argmax(axis=-1)
    return classes


class Scores(dict[str, float]):
    """A named list of numbers: `scores["loss"]`, or by R's position, `scores[1]`."""

    def __getitem__(self, key: str | int) -> float:
        names = list(self)
        return super().__getitem__(names[_place(key, names)])

    def __repr__(self) -> str:
        return "\n".join(f"${name}\n[1] {_number(score)}\n" for name, score in self.items())


def evaluate(
    object: keras.Model,  # noqa: A002
    x: ArrayLike,
    y: ArrayLike,
    batch_size: int = 32,
    verbose: int = 0,
) -> Scores:
    """`evaluate()`: the loss, then the metrics in the order in which `compile` was given them.

    R's keras3 of today has them in alphabetical order, so that its first number may be the accuracy.
    """
    scores = object.evaluate(x, y, batch_size=batch_size, verbose=verbose, return_dict=True)
    return Scores((name, scores[name]) for name in object.get_metrics_result())


def summary(model: keras.Sequential) -> str:
    """`summary()` of a model whose layers follow one another, as R keras 2.2.5 printed it.

    R keras 2.15 indents the layers, draws no lines between them and adds sizes in bytes; keras3 draws boxes.

    Raises ValueError if the model is not `keras.Sequential`, or has no shapes yet.
    """
    if not isinstance(model, keras.Sequential) or not model.built:
        raise ValueError("summary() takes a keras.Sequential that begins with keras.Input or has been built")

    def row(layer: str, shape: object, parameters: object) -> str:
        return f"{layer:<35.35} {shape!s:<31.31} {parameters!s:<12.12}"  # what is too long is cut

    layers = [
        row(f"{layer.name} ({type(layer).__name__})", layer.output.shape, layer.count_params())
        for layer in model.layers
    ]
    trainable, fixed = (
        sum(math.prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    rule = "_" * WIDTH
    return "\n".join(
        [
            f'Model: "{model.name}"',
            rule,
            row("Layer (type)", "Output Shape", "Param #"),
            "=" * WIDTH,
            f"\n{rule}\n".join(layers),
            "=" * WIDTH,
            f"Total params: {trainable + fixed:,}",
            f"Trainable params: {trainable:,}",
            f"Non-trainable params: {fixed:,}",
            rule,
        ]
    )


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Counts by the levels of one factor, or of two: `t[1, 2]` by R's positions, `t["0", "1"]` by labels."""

    counts: NDArray[np.int64]
    """`(levels,) int64`, or `(levels of the rows, levels of the columns) int64`"""
    labels: tuple[tuple[str, ...], ...]
    """Of the levels of each dimension: R's `dimnames`."""
    names: tuple[str, ...]
    """Of the dimensions, `""` where there is none."""

    def __getitem__(self, keys: str | int | tuple[str | int, ...]) -> int:
        keys = keys if isinstance(keys, tuple) else (keys,)
        if len(keys) != self.counts.ndim:
            raise ValueError(f"incorrect number of dimensions: {len(keys)}, of {self.counts.ndim}")
        return int(self.counts[tuple(map(_place, keys, self.labels))])

    def __repr__(self) -> str:
        if not self.counts.size:
            return f"< table of extent {' x '.join(map(str, self.counts.shape))} >"
        return "\n".join(self._one_factor() if self.counts.ndim == 1 else self._two_factors())

    def _one_factor(self) -> Iterable[str]:
        texts = (self.labels[0], self.counts.astype(str).tolist())
        width = max(map(len, (*texts[0], *texts[1])))
        in_a_line = max(WIDTH // (width + 1), 1)
        yield self.names[0]
        for start in range(0, len(self.counts), in_a_line):
            for line in texts:
                yield "".join(f"{text:>{width}} " for text in line[start : start + in_a_line])

    def _two_factors(self) -> Iterable[str]:
        rows, columns = self.labels
        widest = max(map(len, rows))
        indent = max(len(self.names[0]) - widest, 2)
        margin = indent + widest
        widest_count = len(str(self.counts.max()))
        widths = [max(len(column), widest_count) + 1 for column in columns]
        start = 0
        while start < len(columns):
            end = start + 1
            while end < len(columns) and margin + sum(widths[start : end + 1]) < WIDTH:
                end += 1
            block = slice(start, end)
            yield " " * margin + self.names[1]
            yield self.names[0].ljust(margin) + _cells(columns[block], widths[block])
            for row, counts in zip(rows, self.counts, strict=True):
                yield (" " * indent + row).ljust(margin) + _cells(counts[block], widths[block])
            start = end


def table(*factors: ArrayLike, **named: ArrayLike) -> Table:
    """`table()` of one factor, or of two, the rows' and the columns': how often each level, or each pair, occurs.

    Levels are the distinct values in order, so a class that never occurs has no row. NaN, a missing value in R, is not
    counted. Strings are in the order of their code points, as in R's locale C. Names are those of named arguments: R
    takes others from the variables, which Python does not see.

    Raises ValueError if there are no factors or more than two, or if they differ in length.
    """
    values = [np.asarray(factor).ravel(order="F") for factor in (*factors, *named.values())]
    if len(values) not in (1, 2):
        raise ValueError(f"table() takes one factor or two, not {len(values)}")
    if len({len(column) for column in values}) != 1:
        raise ValueError(f"all arguments must have the same length, not {' and '.join(str(len(v)) for v in values)}")

    known = [column == column for column in values]  # NaN equals nothing
    levels = [np.unique(column[is_known]) for column, is_known in zip(values, known, strict=True)]
    counted = np.logical_and.reduce(known)
    places = [np.searchsorted(level, column[counted]) for level, column in zip(levels, values, strict=True)]
    counts = np.zeros([len(level) for level in levels], np.int64)
    np.add.at(counts, tuple(places), 1)
    labels = tuple(tuple(map(_label, level.tolist())) for level in levels)
    return Table(counts, labels, ("",) * len(factors) + tuple(named))


def _cells(cells: Iterable[object], widths: Iterable[int]) -> str:
    return "".join(str(cell).rjust(width) for cell, width in zip(cells, widths, strict=True))


def _place(key: str | int, labels: Sequence[str]) -> int:
    """Where a label stands in `labels`, or R's position, from 0."""
    if isinstance(key, str) and key in labels:
        return labels.index(key)
    if not isinstance(key, str) and 1 <= key <= len(labels):
        return key - 1
    raise KeyError(f"subscript out of bounds: {key!r}, of {', '.join(labels)}")


def _label(level: object) -> str:
    """R's `as.character()`."""
    if isinstance(level, bool):
        return str(level).upper()
    return _number(level, 15) if isinstance(level, float) else str(level)


def _number(value: float, digits: int = 7) -> str:
    """As R prints a number: up to `digits` significant digits, without zeros at the end; the shorter notation."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Inf", "-inf": "-Inf"}[str(float(value))]
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    significant = len(mantissa.lstrip("-").replace(".", ""))
    fixed = f"{value:.{max(significant - 1 - int(exponent), 0)}f}"
    scientific = f"{mantissa}e{exponent}"
    return fixed if len(fixed) <= len(scientific) else scientific
