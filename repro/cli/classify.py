"""The command that classifies: one text, or the texts in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from repro.cli.common import results_option
from repro.errors import ReproError, cause
from repro.files import write_atomically

if TYPE_CHECKING:
    from repro.records import Record
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
    help="Classify what is in it: each line; in a .csv or .tsv file each row. `-` is standard input.",
)
@click.option("--column", metavar="NAME", help="The column of a .csv or .tsv file that has the texts.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the answers to --file go, as csv.  [default: standard output]",
)
@click.option(
    "--data",
    metavar="real|embedded|PATH",
    help="What it was trained on; PATH is where the real data are, for the numbers of the words.  [default: what the "
    "newest model was trained on]",
)
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
    or label, and of the words how many are known, read and there. Texts are not repeated. A text without a known word
    has no answer.
    """
    from repro.datasets.user_texts import texts_in

    if sum(given is not None for given in (argument, text, file)) != 1:
        raise ReproError("give one of these: a text, --text TEXT, --file FILE")
    if file is not None:
        _classify_file(experiment, file, texts_in(file, column), output, data, folder)
        return
    if column is not None or output is not None:
        raise ReproError("--column and --output go with --file")
    if argument is not None:
        _check_no_file(argument)
    _classify(experiment, argument or text or "", data, folder)


def _check_no_file(argument: str) -> None:
    """Raises ReproError if the user seems to mean a file, not a text."""
    if argument == STANDARD:
        raise ReproError("`-` is no text; --file - classifies what comes from standard input")
    try:
        is_file = Path(argument).exists() and not Path(argument).is_dir()
    except (OSError, ValueError):  # too long for a name, or with characters that none has
        return
    if is_file:
        raise ReproError(
            f"{argument} is a file: --file {argument} classifies what is in it, --text {argument} these very words"
        )


def _classify(experiment: str, text: str, data: str | None, folder: Path) -> None:
    from repro.records import Results
    from repro.runs.predict import predict as classify

    if not text.strip():
        raise ReproError("the text is empty")
    (found,), record = classify(experiment, [text], Results(folder), data)
    if found.answer is None:
        fault = f"{_words(found)}; the model would say the same of any such text" if found.words else "there is no word"
        raise ReproError(f"no answer: {fault}")
    for name, probability in found.probabilities.items():
        click.echo(f"{probability:7.2%}  {name}")
    click.echo(f"that is: {found.answer}  ({_model(record)})")
    click.echo(_words(found))


def _words(found: Prediction) -> str:
    """`7 of 9 words known`, and what is read of a longer text."""
    cut = f"the last {found.read:,} of {found.words:,} words are read; " if found.read < found.words else ""
    return f"{cut}{found.known:,} of {found.read:,} words known"


def _model(record: Record) -> str:
    made = record.settings
    return f"{record.stem}: trained on {record.data.label} data, numerics {made.numerics}, epochs {made.epochs}"


def _classify_file(
    experiment: str, file: str, texts: list[str], output: Path | None, data: str | None, folder: Path
) -> None:
    from repro import registry
    from repro.records import Results
    from repro.runs.predict import predict as classify

    if not texts:
        raise ReproError(f"{file} has no texts")
    if output and output.is_file() and Path(file).exists() and output.samefile(file):
        raise ReproError(f"{output} has the texts; name another file for the answers")
    found, record = classify(experiment, texts, Results(folder), data)
    chapter = registry.chapter(record.chapter)
    table = _table(found, chapter.labels or chapter.classes)
    if output is None or str(output) == STANDARD:
        click.echo(table, nl=False)
    else:
        _write(output, table)
        click.echo(f"Answers: {output}")
    click.echo(f"by {_model(record)}", err=True)
    if none := sum(one.answer is None for one in found):
        click.echo(f"{none:,} of {len(found):,} texts have no answer: the model knows none of their words", err=True)
    if cut := sum(one.read < one.words for one in found):
        click.echo(f"{cut:,} of {len(found):,} texts are too long: only their last words are read", err=True)


def _table(found: Sequence[Prediction], names: Sequence[str]) -> str:
    """A line for each text, as csv; empty where there is no answer."""
    lines = io.StringIO()
    write = csv.writer(lines, lineterminator="\n").writerow
    write(("row", "answer", *names, "known_words", "read_words", "words"))
    for row, one in enumerate(found, 1):
        probabilities = (one.probabilities.get(name) for name in names)
        write((row, one.answer, *probabilities, one.known, one.read, one.words))
    return lines.getvalue()


def _write(output: Path, table: str) -> None:
    """Into a file, whole or not at all; into a pipe or the like as it is. Raises ReproError if that fails."""
    if not output.exists() or output.is_file():
        write_atomically(output.resolve(), table.encode())  # what a link points to is replaced, not the link
        return
    try:
        output.write_bytes(table.encode())
    except OSError as error:
        raise ReproError(f"cannot write {output}: {cause(error)}") from error
