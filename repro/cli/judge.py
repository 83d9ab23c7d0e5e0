"""The command that judges a reader's numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec

from repro import registry
from repro.cli.common import Function, NumericsChoice, read_results_option
from repro.evaluation import Split
from repro.evidence.judging.answer import answer
from repro.evidence.reader.reader_numbers import READ_SPLITS, read_numbers
from repro.numerics import Numerics
from repro.report.judgement_text import as_data, told
from repro.shipped import results_in


def number_option(name: str, text: str) -> Callable[[Function], Function]:
    """An option that may be given for several splits."""
    return click.option(f"--{name}", multiple=True, metavar="NUMBER", help=text)


@click.command()
@click.argument("experiment", metavar="CHAPTER/EXPERIMENT")
@number_option("accuracy", "Such as 0.8137 or 81.37%; train:0.83 names its rows.")
@number_option("loss", "Such as 0.41.")
@number_option("sensitivity", "The accuracy on the rows of class 1, the positive ones.")
@number_option("specificity", "The accuracy on the rows of class 0, the negative ones.")
@number_option("auc", "Of the chapters that follow it.")
@click.option(
    "--matrix",
    multiple=True,
    metavar="COUNTS",
    help='The confusion matrix, row by row as R\'s table(Predicted, Actual) prints it: "9159 1161 3341 11339" has the '
    "rows predicted as class 0 first. R's output may be pasted whole.",
)
@click.option("--transposed", is_flag=True, help="The matrix has a row for each actual class, as scikit-learn's has.")
@click.option(
    "--history",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Loss and accuracy by epoch: csv or json, as Keras in Python or R leaves them.",
)
@click.option(
    "--split",
    type=click.Choice(READ_SPLITS),
    help="The rows that numbers without a name are of.  [default: those that the source ends with]",
)
@click.option(
    "--numerics",
    type=NumericsChoice(),
    help="What your software computes, if you know it: keras2 is that of Keras 2.11 to 2.15 and of R's keras 2.11 to "
    "2.15, stock that of Keras 3 and R's keras3, source that of the source's time. repro fingerprint finds out.",
)
@click.option("--all", "all_ways", is_flag=True, help="Show all that may have been run.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@read_results_option
def judge(
    experiment: str,
    accuracy: Sequence[str],
    loss: Sequence[str],
    sensitivity: Sequence[str],
    specificity: Sequence[str],
    auc: Sequence[str],
    matrix: Sequence[str],
    transposed: bool,
    history: Path | None,
    split: Split | None,
    numerics: Numerics | None,
    all_ways: bool,
    output: str,
    folder: Path | None,
) -> None:
    """Say what your own numbers mean, and which of our runs they are like.

    First they are compared with each other and with the data, then with our runs. Give what you have; any part may be
    missing. Percent and shares are understood.

    repro judge imdb_lstm/model_one --accuracy 0.8137 --loss 0.41
    """
    numbers = read_numbers(
        *registry.experiment(experiment),
        split=split,
        accuracy=accuracy,
        loss=loss,
        sensitivity=sensitivity,
        specificity=specificity,
        auc=auc,
        matrix=matrix,
        transposed=transposed,
        history=history,
    )
    answered = answer(numbers, results_in(folder), numerics)
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(as_data(answered)), indent=1).decode())
    else:
        click.echo(told(answered, all_ways=all_ways), nl=False)
