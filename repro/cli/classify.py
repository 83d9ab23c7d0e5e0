"""The command that classifies: one text, or the texts in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from repro import registry
from repro.cli.common import results_option, trained_on_option
from repro.datasets.user_texts import texts_in
from repro.errors import ReproError, cause
from repro.files import csv_text, write_atomically
from repro.records import Results

if TYPE_CHECKING:
    from repro.runs.predict import Prediction

STANDARD = "-"
"""In the place of a file: standard input or output."""


@click.command()
@click.argument("experiment", metavar="CHAPTER/EXPERIMENT")
@click.argument("argument", metavar="[TEXT]", required=False)
@click.option("--text", metavar="TEXT", help="The text, even if there is a file of that name.")
@click.option(
    "--file",
    metavar="FILE",
    help="Classify each line of this file; in a .csv or .tsv file each row. `-` is standard input.",
)
@click.option("--column", metavar="NAME", help="The column of a .csv or .tsv file that has the texts.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the answers to --file go, as csv.  [default: standard output]",
)
@trained_on_option
@results_option
def predict(
    experiment: str,
    argument: str | None,
    text: str | None,
    file: str | None,
    column: str | None,
    output: Path | None,
    data: str | None,
    folder: Path,
) -> None:
    """Classify TEXT, or the texts in a file, with the newest trained weights.

    With --file, the answers are a csv table: the number of the line or row, the answer, the probability of each class
    or label, and the numbers of words that are known, that are read, and that there are. Texts are not repeated. A text
    without a known word has no answer.
    """
    if sum(given is not None for given in (argument, text, file)) != 1:
        raise ReproError("give one of these: a text, --text TEXT, --file FILE")
    if file is None and (column is not None or output is not None):
        raise ReproError("--column and --output go with --file")
    if file is not None:
        texts = texts_in(file, column)
        _check_file(file, texts, output)
    else:
        texts = [_one_text(argument) if argument is not None else text or ""]
        if not texts[0].strip():
            raise ReproError("the text is empty")

    from repro.runs.predict import predict as classify  # starts Keras

    predictions, record = classify(experiment, texts, Results(folder), data)
    settings = record.settings
    model = (
        f"{record.stem}: trained on {record.data.label} data, numerics {settings.numerics}, epochs {settings.epochs}"
    )
    if file is None:
        _show_one(predictions[0], model)
        return
    chapter = registry.chapter(record.chapter)
    table = _table(predictions, chapter.labels or chapter.classes)
    if output is None or str(output) == STANDARD:
        click.echo(table, nl=False)
    else:
        _write(output, table)
        click.echo(f"Answers: {output}")
    click.echo(f"by {model}", err=True)
    if unanswered := sum(each.answer is None for each in predictions):
        none = f"{unanswered:,} of {len(texts):,} texts have no answer"
        click.echo(f"{none}: the model knows none of their words", err=True)
    if cut := sum(each.read < each.words for each in predictions):
        click.echo(f"{cut:,} of {len(texts):,} texts are too long: only their last words are read", err=True)


def _one_text(argument: str) -> str:
    """The argument. Raises ReproError if the user seems to mean a file, not a text."""
    if argument == STANDARD:
        raise ReproError("`-` is no text; --file - classifies what comes from standard input")
    try:
        is_file = Path(argument).exists() and not Path(argument).is_dir()
    except (OSError, ValueError):  # too long for a name, or with characters that none has
        is_file = False
    if is_file:
        raise ReproError(
            f"{argument} is a file: --file {argument} classifies what is in it, --text {argument} these very words"
        )
    return argument


def _check_file(file: str, texts: Sequence[str], output: Path | None) -> None:
    if not texts:
        raise ReproError(f"{file} has no texts")
    if output and output.is_file() and Path(file).exists() and output.samefile(file):
        raise ReproError(f"{output} has the texts; name another file for the answers")


def _show_one(prediction: Prediction, model: str) -> None:
    """Print the probabilities, the answer, and how much of the text the model knows."""
    read, words = prediction.read, prediction.words
    cut = f"the last {read:,} of {words:,} words are read; " if read < words else ""
    known = f"{cut}{prediction.known:,} of {read:,} words known"
    if prediction.answer is None:
        why = f"{known}; all such texts would get the same answer" if words else "there is no word"
        raise ReproError(f"no answer: {why}")
    for name, probability in prediction.probabilities.items():
        click.echo(f"{probability:7.2%}  {name}")
    click.echo(f"that is: {prediction.answer}  ({model})")
    click.echo(known)


def _table(predictions: Sequence[Prediction], names: Sequence[str]) -> str:
    """A line for each text, as csv; empty where there is no answer."""
    rows: list[Sequence[object]] = [("row", "answer", *names, "known_words", "read_words", "words")]
    for row, each in enumerate(predictions, 1):
        probabilities = (each.probabilities.get(name) for name in names)
        rows.append((row, each.answer, *probabilities, each.known, each.read, each.words))
    return csv_text(rows)


def _write(output: Path, table: str) -> None:
    """Write into a file, whole or not at all; into a pipe or the like as it is. Raises ReproError if that fails."""
    if not output.exists() or output.is_file():
        write_atomically(output.resolve(), table.encode())  # what a link points to is replaced, not the link
        return
    try:
        output.write_bytes(table.encode())
    except OSError as error:
        raise ReproError(f"cannot write {output}: {cause(error)}") from error
