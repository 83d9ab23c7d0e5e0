"""What readers may ask, by the thousand: numbers, matrices and histories as people type, paste and save them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from unicodedata import category

from reader_texts import (
    DIVERGED,
    HISTORIES,
    LOSSES,
    MATRICES,
    NO_HISTORIES,
    NO_LOSSES,
    NO_MATRICES,
    NO_SHARES,
    NO_TABLES_OF_R,
    SHARES,
)

from repro import registry
from repro.evidence.reader.reader_numbers import READ_SPLITS
from repro.metrics import Matrix
from repro.records import Record, Results

RESULTS: Final = Results(Path(__file__).parents[1] / "results")
EXPERIMENTS: Final = [
    f"{name}/{each.name}" for name in registry.chapters() for each in registry.chapter(name).experiments
]
ONE: Final = "imdb_lstm/model_one"

Request = dict[str, Any]
"""As the page makes it: `experiment`; `split`, `transposed` and lists of texts as `read_numbers` takes them; `history`,
the name of a file and its text. `complete`: whether the data are taken for the whole data set, whatever they are."""

Form = Callable[[float], str]


@cache
def records(chapter: str) -> list[Record]:
    return RESULTS.records(chapter)[0]


def requests(seed: int) -> list[Request]:
    source = random.Random(seed)
    made = (some_numbers, some_matrices, some_histories, some_nonsense, of_runs)
    return [*texts_of_tests(), *chosen(), *(request for make in made for request in make(source))]


def numbers_of(experiment: str) -> list[str]:
    """The single numbers that an experiment has."""
    chapter, _ = registry.experiment(experiment)
    rates = ["sensitivity", "specificity"] if len(chapter.classes) == 2 else []
    return ["accuracy", "loss", *rates, *(["auc"] if chapter.labels else [])]


def told(experiment: str, **given: object) -> Request:
    return {"experiment": experiment, **given}


def saved(content: str) -> dict[str, str]:
    return {"name": "my history.csv", "text": content}


# Chosen
def texts_of_tests() -> Iterator[Request]:
    """The texts of the tests of Python's reader."""
    for name in (ONE, "jigsaw_multilabel/lstm", "rotten_tomatoes/lstm"):
        classes = registry.experiment(name)[0].classes
        for text, *_ in [*SHARES, *NO_SHARES, *LOSSES, *NO_LOSSES]:
            yield from (told(name, **{number: [text]}) for number in numbers_of(name))
        for text in [*MATRICES, *(text for text, _ in NO_MATRICES)] if len(classes) == 2 else ():
            yield told(name, matrix=[text], transposed=True)
            yield told(name, matrix=[text.replace("negative", classes[0]).replace("positive", classes[-1])])
        for content in [*HISTORIES.values(), *DIVERGED, *(text for text, _ in NO_HISTORIES), *NO_TABLES_OF_R]:
            yield told(name, history=saved(content))


PRINTED = ["9159 1161 3341 11339"]
CHOSEN: tuple[Mapping[str, Any], ...] = (
    {},
    {"transposed": True, "loss": ["0.4"]},
    {"accuracy": ["0.8137", "val:82,75 %"], "loss": ["0.4134"], "matrix": PRINTED},
    {"matrix": ["9159 3341 1161 11339"], "transposed": True},
    {"matrix": ["9159 3341 1161 11339"], "accuracy": ["train:0.819931"]},
    {"matrix": ["11339 3341 1161 9159"]},
    {"matrix": ["3341 11339 9159 1161"], "accuracy": ["0.81992"]},
    {"matrix": ["train:8000 1500 1969 8531"]},
    {"matrix": ["train:1831 332 669 2168"]},
    {"matrix": ["train:2100 400 431 2069"], "loss": ["validation:0.4134"]},
    {"matrix": ["train:2100 400 431 2069"], "accuracy": ["train:0.8338"]},
    {"matrix": ["validation:1831 332 669 2168"]},
    {"matrix": ["validation:2069 431 400 2100"]},
    {"matrix": ["430 70 110 390"]},
    {"matrix": ["9100 1161 3341 11398"]},
    {"matrix": ["0 0 12500 12500"]},
    {"matrix": ["train:9160 1160 3340 11340"], "accuracy": ["train:0.82135"]},
    {"matrix": ["9160 1160 3340 11340"], "accuracy": ["0.8137"]},
    {"matrix": PRINTED, "accuracy": ["81.9%"]},
    {"matrix": PRINTED, "accuracy": ["0.18008"]},
    {"matrix": PRINTED, "accuracy": ["0.3997"], "loss": ["0.81992"]},
    {"matrix": PRINTED, "accuracy": ["0.41"], "loss": ["0.8137"]},
    {"matrix": PRINTED, "sensitivity": ["0.733"], "specificity": ["0.907"]},
    {"matrix": PRINTED, "sensitivity": ["0.733"]},
    {"matrix": PRINTED, "sensitivity": ["0.7724"], "specificity": ["0.8875"]},
    {"matrix": PRINTED, "sensitivity": ["0.807"], "specificity": ["0.733"]},
    {"accuracy": ["0.82"], "sensitivity": ["0.907"], "specificity": ["0.733"]},
    {"accuracy": ["0.85"], "sensitivity": ["0.907"], "specificity": ["0.733"]},
    {"accuracy": ["validation:0.85"], "sensitivity": ["validation:0.907"], "specificity": ["validation:0.733"]},
    {"accuracy": ["0.85"], "sensitivity": ["0.60"]},
    {"accuracy": ["0.82"], "sensitivity": ["0.5"]},
    {"accuracy": ["0.40"], "specificity": ["0.983"]},
    {"accuracy": ["validation:0.85"], "sensitivity": ["validation:0.60"]},
    {"accuracy": ["validation:0.3"], "specificity": ["validation:0.9"]},
    {"accuracy": ["0.81992"], "sensitivity": ["0.77241"], "specificity": ["0.88750"]},
    {"accuracy": ["0.784"], "sensitivity": ["0.911"], "specificity": ["0.752"]},
    {"accuracy": ["0.8199"], "sensitivity": ["0.7327"], "specificity": ["0.9071"]},
    {"accuracy": ["0.1801"], "matrix": ["3341 11339 9159 1161"], "sensitivity": ["0.0929"]},
    {"sensitivity": ["0.911"], "specificity": ["0.752"]},
    {"sensitivity": ["0.90716"]},
    {"accuracy": ["0.41"], "loss": ["81.37"]},
    {"loss": ["38.04"], "accuracy": ["0.83"]},
    {"loss": ["38.04"], "accuracy": ["0.60"]},
    {"loss": ["1234567.8"]},
    {"loss": ["9.9999996e300"]},
    {"accuracy": ["0.820"], "loss": ["0.110"]},
    {"accuracy": ["0.12"], "loss": ["0.05"]},
    {"accuracy": ["train:0.81235"]},
    {"accuracy": ["train:0.8334"], "loss": ["0.4"]},
    {"accuracy": ["0.5"], "loss": ["0.6931"]},
    {"accuracy": ["0.5036"]},
    {"accuracy": ["0.5"], "loss": ["7.97"]},
    {"accuracy": ["0.25"], "loss": ["1.386"]},
    {"accuracy": ["0.18"], "loss": ["0.40"]},
    {"accuracy": ["0.18"], "loss": ["2.1"]},
    {"accuracy": ["0.05"]},
    {"accuracy": ["0.9"], "split": "unseen"},
    {"accuracy": ["unseen:0.8"]},
    {"accuracy": ["tset : 0.8"]},
    {"accuracy": ["TRAIN: 0.8"]},
    {"accuracy": ["te\u017ft:0.8"]},  # a long s
    {"accuracy": ["val\u0131dation:0.8"]},  # an i without its dot
    {"accuracy": [f"{'validation_of_' * 20}:0.8"]},
    {"accuracy": ["0.8", "test:0.9"]},
    {"matrix": ["1 2 3 4", "1 2 3 4"]},
    {"matrix": ["Accuracy : 0.82\n          Reference\nPrediction 0 1\n 0 9159 1161\n 1 3341 11339"]},
)
HISTORIES_CHOSEN: tuple[Mapping[str, Sequence[float]], ...] = (
    {"loss": [0.5, 0.4], "acc": [0.8001, 0.8201], "val_loss": [0.5, 0.4], "val_acc": [6_001 / 7_500, 6_101 / 7_500]},
    {"loss": [0.5, 0.4], "acc": [20_001 / 25_000, 20_502 / 25_000]},
    {"loss": [0.5, 0.4], "acc": [0.80005, 0.82015], "val_acc": [20_001 / 25_000, 20_502 / 25_000]},
    {"loss": [0.5] * 10, "accuracy": [0.75] * 10},
    {"loss": [0.5, float("nan")], "val_loss": [0.5, 1e-9]},
    {"loss": [1e-300, 1e300, 0.1 + 0.2], "val_loss": [1e22, 123456789.123456, 5e-324]},
)
TWICE_THE_BEST = {"val_loss": [0.3, 0.41234567, 0.3], "val_accuracy": [0.8, 0.81234567, 0.81234567]}
"""The first of two epochs is the best one."""


def chosen() -> Iterator[Request]:
    """Numbers that show what each check finds, in each chapter."""
    for name in EXPERIMENTS:
        yield from (told(name, **given) for given in CHOSEN)
        for history in HISTORIES_CHOSEN:
            yield told(name, history=saved(json.dumps(history)), accuracy=["0.82"])
    for given in ({"loss": ["0.41234567"]}, {"loss": ["0.30000001"], "accuracy": ["0.80000001"]}):
        yield told(ONE, history=saved(json.dumps(TWICE_THE_BEST)), **given)
    for label in records("jigsaw_multilabel")[0].evaluation["validation"].labels.values():
        yield told("jigsaw_multilabel/lstm", matrix=[written(label.matrix)], complete=True)
    for result in registry.chapter("imdb_lstm").results:
        given = {"loss": [f"{result.split}:{result.loss}"], "accuracy": [f"{result.split}:{result.accuracy}"]}
        yield told(ONE, **given)


# Made up
def altered(source: random.Random, text: str, parts: Sequence[str], chance: float) -> str:
    """The text, now and then with one of the parts put in somewhere."""
    if source.random() > chance:
        return text
    place = source.randrange(len(text) + 1)
    return text[:place] + source.choice(parts) + text[place:]


TYPED = ("{:.{}f}", "{:.{}f}", "{:.{}e}", "{:.{}g}", "{:.{}f}%", "{:.{}f} %", " {:.{}f}\t", "val:{:.{}f}", "+{:.{}f}")
MISTYPED = (".", ",", "e", "E", "-", "%", "0" * 30, "9" * 30, "\u0663", "'", "x", "e-400", "_")


SPACES = (" ", "\v", "\x1c", "\x85", "\xa0", "\u2028", "\u3000", "\ufeff")
"""White space of Python, of JavaScript, or of both."""


def some_numbers(source: random.Random) -> Iterator[Request]:
    """Shares, percentages and losses, in all the ways in which numbers are typed."""

    def typed() -> str:
        sizes = (source.random(), 2 * source.random(), 100 * source.random(), 10 ** source.uniform(-9, 9))
        text = source.choice(TYPED).format(source.choice(sizes), source.randrange(9))
        text = source.choice((text, text, text.replace(".", ","), text.lstrip("0")))
        return altered(source, text, (*MISTYPED, *SPACES), 0.2)

    for _ in range(800):
        experiment = source.choice(EXPERIMENTS)
        names = source.sample(numbers_of(experiment), source.choice((1, 1, 2)))
        given = {name: [typed() for _ in range(source.choice((1, 1, 1, 2)))] for name in names}
        yield told(experiment, split=source.choice((None, *READ_SPLITS)), **given)


HEADINGS = (("Actual", "Predicted"), ("Predicted", "Actual"), ("Reference", "Prediction"), ("", ""), ("true", ""))


def as_table(rows: Sequence[Sequence[object]], names: Sequence[object], headings: Sequence[str]) -> str:
    """A table as R prints it: the columns' heading above their names, the rows' beside them."""
    cells = [[headings[1], *names], *([name, *row] for name, row in zip(names, rows, strict=True))]
    lines = ["".join(f"{cell!s:>9} " for cell in line) for line in cells]
    return "\n".join([f"{'':>9} {headings[0]}", *lines] if headings[0] else lines)


def some_matrices(source: random.Random) -> Iterator[Request]:
    """Matrices as R, caret, NumPy, pandas and people write them, with sums, wrong ones too, and other names."""
    for _ in range(700):
        name = source.choice((ONE, *EXPERIMENTS))
        classes = registry.experiment(name)[0].classes
        k = len(classes)
        rows = [[source.choice((0, 7, source.randrange(2_000), 12_500)) for _ in classes] for _ in classes]
        if k == 2 and source.random() < 0.5:  # the rows of the reviews, one way or the other
            a, b = source.randrange(12_501), source.randrange(12_501)
            rows = source.choice(([[a, b], [12_500 - a, 12_500 - b]], [[a, 12_500 - a], [b, 12_500 - b]]))
        names = [*source.choice((range(k), range(1, k + 1), classes, [each[:3] for each in classes], "abcde"[:k]))]
        if source.random() < 0.3:
            names.append(source.choice(("Sum", "All", "total")))
            rows = [[*row, sum(row)] for row in rows]
            rows.append([sum(column) for column in zip(*rows, strict=True)])
            rows[source.randrange(k + 1)][source.randrange(k + 1)] += source.choice((0, 0, 1))
        headings, flat = source.choice(HEADINGS), [count for row in rows for count in row]
        ways = (
            as_table(rows, names, headings),
            as_table([[f"{count:,}" for count in row] for row in rows], names, headings),
            f"np.array({rows}, dtype='int64')",
            f"tf.Tensor({rows}, shape=({k}, {k}), dtype=int32)",
            " ".join(map(str, flat)),
            ", ".join(f"{count:,}" for count in flat),
            f"matrix(c({', '.join(map(str, flat))}), nrow = {k}{source.choice(('', ', byrow = TRUE'))})",
            f"structure(c({', '.join(f'{count}L' for count in flat)}), dim = c({k}L, {k}L))",
            "\n".join(" ".join([f"[{i},]", *map(str, row)]) for i, row in enumerate(rows, 1)),
        )
        text = altered(
            source, source.choice(ways), ("\n", "-", ".5", "\u0663", "x", ",", "e2", ":", '"', *SPACES), 0.15
        )
        yield told(name, matrix=[text], transposed=source.random() < 0.3, split=source.choice((None, "train")))


def as_csv(history: Mapping[str, Sequence[object]], separator: str = ",") -> str:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=separator)
    lines.writerow(["epoch", *history])
    lines.writerows([i, *row] for i, row in enumerate(zip(*history.values(), strict=True)))
    return text.getvalue()


def as_frame(history: Mapping[str, Sequence[object]], separator: str) -> str:
    """As R's `as.data.frame(history)`, with names of rows."""
    lines = [separator.join(('""', '"epoch"', '"value"', '"metric"', '"data"'))]
    for name, values in history.items():
        part = "validation" if name.startswith("val_") else "training"
        for epoch, value in enumerate(values, 1):
            cells = (f'"{len(lines)}"', str(epoch), str(value), f'"{name.removeprefix("val_")}"', f'"{part}"')
            lines.append(separator.join(cells))
    return "\n".join(lines) + "\n"


def as_printed(history: Mapping[str, Sequence[object]]) -> str:
    """As pandas prints a data frame."""
    rows = [["", *history], *([i, *row] for i, row in enumerate(zip(*history.values(), strict=True)))]
    return "\n".join("".join(f"{cell!s:>20}" for cell in row) for row in rows)


CURVES = ("loss", "acc", "accuracy", "auc_1", "binary_accuracy", "val_loss", "val_acc", "val_auc", "Val Accuracy", "lr")
DIGITS = ("{:.2f}", "{:.4f}", "{:.7g}", "{:.3e}", "{!r}", "{:.0%}", " {:.4f} ")
MISSING = ("NA", "", "nan", "-0.5", "Inf", "1_0", "\u0663", "1.5", "None")


def some_histories(source: random.Random) -> Iterator[Request]:
    """Histories in csv, JSON, and as R and pandas print them; with digits of all kinds, and with holes."""
    for _ in range(500):
        rows = source.choice((4, 5_000, 20_000, 25_000, 10**9))
        form, epochs = source.choice(DIGITS), source.choice((1, 2, 3, 10))
        history: dict[str, list[str]] = {}
        for name in source.sample(CURVES, source.choice((1, 2, 3, 4))):
            values = [source.randrange(rows + 1) / rows * source.choice((1, 1, 1, 2.5)) for _ in range(epochs)]
            history[name] = [form.format(value) for value in values]
            if source.random() < 0.2:
                history[name][source.randrange(epochs)] = source.choice(MISSING)
        ways = (
            as_csv(history),
            as_csv(history, "\t"),
            as_csv({name: [value.replace(".", ",") for value in values] for name, values in history.items()}, ";"),
            as_frame(history, source.choice(",;\t ")),
            as_printed(history),
            json.dumps(history),
            json.dumps(history).replace('"', "").replace("[", "[ ").translate({ord("'"): '"'}),
            json.dumps({"metrics": history, "params": {"epochs": epochs}}, indent=2),
            json.dumps([dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]),
        )
        text = altered(source, source.choice(ways), ("\n", ",", '"', "x", "0", *SPACES), 0.15)
        yield told(source.choice(EXPERIMENTS), history=saved(text), loss=source.choice(([], ["0.41"])))


WORDS = (
    *("0", "1", "7", "12,500", "-3", "0.5", "1e5", "1e999", "\u00b2", "\u0663", "Actual", "Predicted", "Sum", "TRUE"),
    *("negative", "pos", "matrix(", "c(", ")", "dtype=int64", "[", "]", ",", ";", ":", "[,1]", "\n"),
)
CELLS = (
    *("epoch", "loss", "acc", "val_acc", "value", "metric", "data", "0", "1", "2", "0.5", "0,5", "1_0", "NA", "nan"),
    *("-inf", "-1", "50%", "\u0663", '"', " ", "1e300"),
)
JSON_PARTS = (
    *('{"loss":', '"acc":', '"epoch":', '"history":', "[", "]", "{", "}", ",", ":", "0.5", "1", "-0", "1e400", "NaN"),
    *("-Infinity", "null", "true", '"NA"', '"\\u00e9\\ud83d\\ude00"', '"\\x"', '"\\u12"', '"', "\n", " ", "01", "1."),
)
LETTERS = [chr(code) for code in (*[*range(0x80)] * 500, *range(0xD800)) if category(chr(code)) != "Cn"]
"""ASCII as often as others; without those that only newer versions of Unicode have."""


def some_nonsense(source: random.Random) -> Iterator[Request]:
    for _ in range(300):
        name = source.choice(EXPERIMENTS)
        yield told(name, matrix=[" ".join(source.choices(WORDS, k=source.randrange(20)))])
        separator, lines = source.choice(",,;\t"), range(source.randrange(6))
        table = "\n".join(separator.join(source.choices(CELLS, k=source.randrange(1, 5))) for _ in lines)
        yield told(name, history=saved(table))
        parts = [source.choice(("", "{", "[")), *source.choices(JSON_PARTS, k=source.randrange(9))]
        yield told(name, history=saved("".join(parts)))
        yield told(name, loss=["".join(source.choices(LETTERS, k=9))])


# Of our runs
FORMS: tuple[Form, ...] = (*(form.format for form in ("{:.2f}", "{:.3f}", "{:.4f}", "{:.7g}", "{:.1%}")), repr)


def written(matrix: Matrix) -> str:
    return " ".join(str(count) for row in matrix for count in row)


def of_runs(source: random.Random) -> Iterator[Request]:
    """Numbers of our runs, some of them given for another split, some of the history in place of others."""
    for name in EXPERIMENTS:
        chapter, experiment = registry.experiment(name)
        made = [each for each in records(chapter.name) if each.experiment == experiment.name]
        for record in source.sample(made, min(40, len(made))):
            given = of_run(source, record, two_classes=len(chapter.classes) == 2)
            if record.history and source.random() < 0.5:
                kept = source.choice((3, len(record.seconds)))
                history = {curve: values[:kept] for curve, values in record.history.items()}
                given["history"] = saved(source.choice((json.dumps, as_csv))(history))
                prefix, split = source.choice((("", "train"), ("val_", "test"), ("val_", "validation")))
                for what in set(given) & {"accuracy", "loss", "auc"}:
                    if (curve := prefix + what) in history:
                        given[what] = [f"{split}:{history[curve][-1]:.5f}"]
            yield told(name, **given)


def of_run(source: random.Random, record: Record, two_classes: bool) -> Request:
    form, given = source.choice(FORMS), dict[str, Any]()
    for split, each in record.evaluation.items():
        said = split if split in READ_SPLITS else "test"
        said = source.choice((said, said, said, *READ_SPLITS))
        shown = {"accuracy": form(each.accuracy), "loss": repr(each.loss)[:7], "matrix": written(each.matrix)}
        shown |= {"sensitivity": form(each.sensitivity), "specificity": form(each.specificity)} if two_classes else {}
        shown |= {"auc": form(each.pooled_auc)} if each.pooled_auc else {}
        for what in source.sample(sorted(shown), source.randrange(1, len(shown) + 1)):
            given.setdefault(what, []).append(f"{said}:{shown[what]}")
    return given
