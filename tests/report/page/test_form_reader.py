"""The page reads a reader's numbers as the command does: JavaScript and Python are asked the same, by the thousand."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import pytest
from browser import opened
from reader_texts import (
    COLUMNS,
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
from repro.chapter import Chapter, Experiment
from repro.errors import ReproError
from repro.evidence.reader.consistency import checked, corrected, findings
from repro.evidence.reader.data_facts import DataFacts, data_facts
from repro.evidence.reader.reader_numbers import READ_SPLITS, ReaderNumbers, read_numbers
from repro.metrics import Matrix
from repro.records import Record, Results
from repro.report.page.bundle import bundled

RESULTS = Results(Path(__file__).parents[3] / "results")
EXPERIMENTS = [f"{name}/{each.name}" for name in registry.chapters() for each in registry.chapter(name).experiments]
NUMBERS: Final = ("accuracy", "loss", "sensitivity", "specificity", "auc", "matrix")

Request = dict[str, Any]
"""What a reader asks: `experiment`; as `read_numbers` takes it, `split`, `transposed` and lists of texts; and `history`,
the name of a file and its text."""

Said = dict[str, Any]
"""What is answered: the `error`; or what was `understood` before and after it was `corrected`, the `findings`, whether
anything was `checked`, and the corrected `numbers`."""


@cache
def records(chapter: str) -> list[Record]:
    return RESULTS.records(chapter)[0]


@cache
def facts(name: str) -> DataFacts:
    chapter, experiment = registry.experiment(name)
    found = data_facts(experiment, records(chapter.name))
    assert found
    return found


# What is asked
def told(name: str, **given: object) -> Request:
    return {"experiment": name, **given}


def of_file(content: str, name: str = "imdb_lstm/model_one") -> Request:
    return told(name, history={"name": "my history.csv", "text": content})


def known_texts() -> Iterator[Request]:
    """The texts of the tests of Python's reader."""
    for name in EXPERIMENTS:
        classes = registry.experiment(name)[0].classes
        for text, *_ in [*SHARES, *NO_SHARES, *LOSSES, *NO_LOSSES]:
            for number in NUMBERS[:-1]:
                yield told(name, **{number: [text]})
        for text in [*MATRICES, *(text for text, _ in NO_MATRICES)]:
            yield told(name, matrix=[text], transposed=True)
            yield told(name, matrix=[text.replace("negative", classes[0]).replace("positive", classes[-1])])
        for content in [*HISTORIES.values(), *DIVERGED, *(text for text, _ in NO_HISTORIES), *NO_TABLES_OF_R]:
            yield of_file(content, name)


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
    {"accuracy": ["train:0.83345"]},
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
    {"accuracy": ["teſt:0.8"]},
    {"accuracy": ["vaLıdation:0.8"]},
    {"accuracy": [f"{'validation_of_' * 20}:0.8"]},
    {"accuracy": ["0.8", "test:0.9"]},
    {"matrix": ["1 2 3 4", "1 2 3 4"]},
    {"matrix": ["Accuracy : 0.82\n          Reference\nPrediction 0 1\n 0 9159 1161\n 1 3341 11339"]},
)


def chosen() -> Iterator[Request]:
    """Numbers that show what each check finds, in each chapter."""
    for name in EXPERIMENTS:
        yield from (told(name, **given) for given in CHOSEN)
    for result in registry.chapter("imdb_lstm").results:
        given = {"loss": [f"{result.split}:{result.loss}"], "accuracy": [f"{result.split}:{result.accuracy}"]}
        yield told("imdb_lstm/model_one", **given)


def numbers_near(source: random.Random) -> str:
    """A share, percentage or loss as somebody may type it, or nearly."""
    value = source.choice((source.random(), 2 * source.random(), 100 * source.random(), 10 ** source.uniform(-9, 9)))
    form = source.choice(
        ("{:.{}f}", "{:.{}e}", "{:.{}g}", "{:.{}f}%", "{:.{}f} %", " {:.{}f}\t", "val:{:.{}f}", "+{:.{}f}")
    )
    text = form.format(value, source.randrange(9))
    text = source.choice((text, text, text.replace(".", ","), text.lstrip("0")))
    if source.random() < 0.2:
        place = source.randrange(len(text) + 1)
        text = (
            text[:place]
            + source.choice((".", ",", "e", "E", "-", "%", "0" * 30, "9" * 30, "\xa0", "٣", "'", "x"))
            + text[place:]
        )
    return text


def some_numbers(source: random.Random) -> Iterator[Request]:
    for _ in range(1200):
        names = source.sample(NUMBERS[:-1], source.choice((1, 1, 2, 3)))
        split = source.choice((None, *READ_SPLITS))
        given = {name: [numbers_near(source) for _ in range(source.choice((1, 1, 1, 2)))] for name in names}
        yield told(source.choice(EXPERIMENTS), split=split, **given)


def as_table(rows: Sequence[Sequence[object]], names: Sequence[object], headings: Sequence[str]) -> str:
    """A table as R prints it: the columns' heading above their names, the rows' beside them."""
    cells = [[headings[1], *names], *([name, *row] for name, row in zip(names, rows, strict=True))]
    lines = ["".join(f"{cell!s:>9} " for cell in line) for line in cells]
    return "\n".join([f"{'':>9} {headings[0]}", *lines] if headings[0] else lines)


def some_matrices(source: random.Random) -> Iterator[Request]:
    for _ in range(900):
        name = source.choice(EXPERIMENTS)
        classes, k = registry.experiment(name)[0].classes, len(registry.experiment(name)[0].classes)
        rows: list[list[Any]] = [
            [source.choice((0, 7, source.randrange(2_000), 12_500)) for _ in range(k)] for _ in range(k)
        ]
        if k == 2 and source.random() < 0.3:
            a, b = source.randrange(12_501), source.randrange(12_501)
            rows = [[a, b], [12_500 - a, 12_500 - b]]
        names: Sequence[object] = source.choice(
            (range(k), range(1, k + 1), classes, [each[:3] for each in classes], ["a", "b", "c", "d", "e"][:k])
        )
        headings = source.choice(
            (
                ("Actual", "Predicted"),
                ("Predicted", "Actual"),
                ("Reference", "Prediction"),
                ("", ""),
                ("true", ""),
                ("pred", "test"),
            )
        )
        if source.random() < 0.3:
            names = [*names, source.choice(("Sum", "All", "total"))]
            rows = [[*row, sum(row)] for row in rows]
            rows.append([sum(column) for column in zip(*rows, strict=True)])
            rows[source.randrange(k + 1)][source.randrange(k + 1)] += source.choice((0, 0, 1))
        flat = [count for row in rows for count in row]
        text = source.choice(
            (
                as_table(rows, names, headings),
                as_table([[f"{count:,}" for count in row] for row in rows], names, headings),
                str(rows),
                f"array({rows})",
                f"np.array({rows}, dtype='int64')",
                " ".join(map(str, flat)),
                ", ".join(f"{count:,}" for count in flat),
                f"matrix(c({', '.join(map(str, flat))}), nrow = {k})",
                f"structure(c({', '.join(f'{count}L' for count in flat)}), dim = c({k}L, {k}L))",
                "\n".join(" ".join([f"[{i},]", *map(str, row)]) for i, row in enumerate(rows, 1)),
            )
        )
        if source.random() < 0.15:
            place = source.randrange(len(text) + 1)
            text = text[:place] + source.choice(("\n", "-", ".5", "٣", "x", ",", "e2", ":")) + text[place:]
        yield told(name, matrix=[text], transposed=source.random() < 0.3, split=source.choice((None, "train")))


WORDS = "0 1 7 12,500 -3 0.5 1e5 1e999 ² ٣ Actual Predicted Sum TRUE negative pos matrix( c( ) dtype=int64 [ ] , ; : [,1]".split()
CELLS = 'epoch loss acc val_acc value metric data 0 1 2 0.5 0,5 1_0 NA nan -inf -1 50% ٣ " \r'.split(" ")
JSON_PARTS = ('{"loss":', '"acc":', "[", "]", "{", "}", ",", ":", "0.5", "1", "-0", "1e400", "NaN", "-Infinity", "null", "true", '"NA"', '"\\u00e9\\ud83d\\ude00"', '"\\x"', '"\\u12"', '"', "\n", " ", "01", "1.", '"history":', '"epoch":')  # fmt: skip


LETTERS = [chr(code) for code in (*[*range(0x80)] * 500, *range(0xD800)) if category(chr(code)) != "Cn"]
"""ASCII as often as others; not those that newer versions of Unicode have, of which Python and a browser know more or less."""


def any_texts(source: random.Random) -> Iterator[Request]:
    for _ in range(1200):
        name = source.choice(EXPERIMENTS)
        words = source.choices([*WORDS, "\n"], k=source.randrange(20))
        yield told(name, matrix=[" ".join(words)], transposed=source.random() < 0.2)
        rows = [source.choices(CELLS, k=source.randrange(1, 5)) for _ in range(source.randrange(6))]
        yield of_file("\n".join(source.choice(",,;\t").join(row) for row in rows), name)
        yield of_file(source.choice(("", "{", "[")) + "".join(source.choices(JSON_PARTS, k=source.randrange(9))), name)
        yield told(name, loss=["".join(source.choices(LETTERS, k=9))])


FORMS: tuple[Callable[[float], str], ...] = (
    "{:.2f}".format,
    "{:.3f}".format,
    "{:.4f}".format,
    "{:.7g}".format,
    "{:.1%}".format,
    repr,
)


def written(matrix: Matrix) -> str:
    return " ".join(str(count) for row in matrix for count in row)


def as_csv(history: Mapping[str, Sequence[float]]) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["epoch", *history])
    lines.writerows([i, *row] for i, row in enumerate(zip(*history.values(), strict=True)))
    return text.getvalue()


def runs(source: random.Random) -> Iterator[Request]:
    """Numbers of our runs, some of them under another split, or of another epoch."""
    for name in EXPERIMENTS:
        chapter, experiment = registry.experiment(name)
        made = [each for each in records(chapter.name) if each.experiment == experiment.name]
        for record in source.sample(made, min(40, len(made))):
            form, given = source.choice(FORMS), dict[str, Any]()
            for split, each in record.evaluation.items():
                where = (
                    source.choice((split, split, split, "train", "test", "validation")) if split in READ_SPLITS else ""
                )
                if not where:
                    continue
                shown: dict[str, object] = {"accuracy": form(each.accuracy), "loss": repr(each.loss)[:7]}
                shown |= {"sensitivity": form(each.sensitivity)} if len(chapter.classes) == 2 else {}
                shown |= {"auc": form(each.pooled_auc)} if each.pooled_auc else {}
                shown |= {"matrix": written(each.matrix)}
                for what in source.sample(sorted(shown), source.randrange(1, len(shown) + 1)):
                    given.setdefault(what, []).append(f"{where}:{shown[what]}")
            if record.history and source.random() < 0.5:
                history = {curve: values[: source.choice((3, None))] for curve, values in record.history.items()}
                epochs = min(map(len, history.values()))
                history = {curve: values[:epochs] for curve, values in history.items()}
                text = source.choice((json.dumps, as_csv))(history)
                given["history"] = {"name": "run.csv", "text": text}
                if source.random() < 0.5:
                    prefix = source.choice(("", "val_"))
                    split = "test" if prefix else "train"
                    for what in ("loss", "accuracy"):
                        if values := history.get(prefix + what):
                            given[what] = [f"{split}:{values[-1]:.5f}"]
            yield told(name, **given)


def requests() -> list[Request]:
    source = random.Random(15)
    return [
        *known_texts(),
        *chosen(),
        *some_numbers(source),
        *some_matrices(source),
        *any_texts(source),
        *runs(source),
    ]


# What is answered
def by_python(request: Request, path: Path) -> Said:
    chapter, experiment = registry.experiment(request["experiment"])
    given = {name: value for name, value in request.items() if name not in ("experiment", "history")}
    try:
        if "history" in request:
            path.write_bytes(request["history"]["text"].encode())
        numbers = read_numbers(chapter, experiment, **given, history=path if "history" in request else None)
    except ReproError as error:
        return {"error": str(error)}
    known = facts(request["experiment"])
    found = findings(numbers, known)
    read = corrected(numbers, found)
    return {
        "understood": [numbers.said_back(known.train_rows), read.said_back()],
        "findings": [[each.kind, each.severity, each.split, each.text] for each in found],
        "checked": checked(numbers, known),
        "numbers": as_data(read),
    }


def as_data(numbers: ReaderNumbers) -> dict[str, Any]:
    history = numbers.history
    return {
        "splits": {split: asdict(given) for split, given in numbers.splits.items()},
        "history": history and [dict(history.curves), history.diverged, list(history.ignored), history.epochs],
    }


IN_PAGE = """
const reader = (() => { %s; return { readNumbers, saidBack }; })();
const checks = (() => { %s; return { checked, corrected, findings, trainRows }; })();
function asData({ pooledAuc, ...given }) {
  const numbers = Object.entries({ pooled_auc: pooledAuc, ...given });
  return Object.fromEntries(
    numbers.map(([name, number]) => [name, number?.text ? [number.value, number.half, number.text] : number]),
  );
}
function answerOf(known, request) {
  const { chapter, experiment, facts } = known[request.experiment];
  try {
    const numbers = reader.readNumbers(chapter, experiment, request);
    const found = checks.findings(numbers, facts);
    const read = checks.corrected(numbers, found);
    const { splits, history } = read;
    return {
      understood: [reader.saidBack(numbers, checks.trainRows(facts)), reader.saidBack(read, null)],
      findings: found.map(({ kind, severity, split, text }) => [kind, severity, split, text]),
      checked: checks.checked(numbers, facts),
      numbers: {
        splits: Object.fromEntries(Object.entries(splits).map(([split, given]) => [split, asData(given)])),
        history: history && [history.curves, history.diverged, history.ignored, history.epochs],
      },
    };
  } catch (error) {
    return { error: error.constructor.name === "ReaderError" ? error.message : error.stack };
  }
}
"""


def script() -> str:
    return IN_PAGE % (bundled("reader_numbers.js"), bundled("consistency.js"))


def known_in_page() -> dict[str, Any]:
    """What the page knows of each experiment."""
    known = {}
    for name in EXPERIMENTS:
        chapter, experiment = registry.experiment(name)
        known[name] = {
            "chapter": of_chapter(chapter),
            "experiment": of_experiment(experiment),
            "facts": asdict(facts(name)),
        }
    return known


def of_chapter(chapter: Chapter) -> dict[str, Any]:
    results = [
        {name: getattr(each, name) for name in ("experiment", "split", "loss", "accuracy", "matrix")}
        for each in chapter.results
    ]
    fields = {name: getattr(chapter, name) for name in ("name", "classes", "labels", "headline")}
    return {**fields, "held_out": chapter.preparation.held_out, "results": results}


def of_experiment(experiment: Experiment) -> dict[str, Any]:
    fields = ("name", "metric", "epochs", "validation_split", "evaluates_held_out")
    return {name: getattr(experiment, name) for name in fields}
