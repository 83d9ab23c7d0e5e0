"""The command that judges a reader's numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import click
import msgspec

from repro import registry
from repro.cli.common import Function, results_option
from repro.errors import ReproError
from repro.evaluation import Split
from repro.evidence.judging.answer import answer
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.recognition import recognise
from repro.evidence.run_groups import read_groups
from repro.numerics import NUMERICS, Numerics
from repro.records import Results
from repro.report.judgement_text import as_data, told
from repro.report.recognition_tables import recognition, recognition_summary
from repro.report.table import write


def number_option(name: str, text: str) -> Callable[[Function], Function]:
    """An option that may be given for several splits."""
    return click.option(f"--{name}", multiple=True, metavar="NUMBER", help=text)


@click.command()
@click.argument("experiment", metavar="CHAPTER[/EXPERIMENT]")
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
    type=click.Choice(get_args(Split)),
    help="The rows that numbers without a name are of.  [default: those that the source ends with]",
)
@click.option(
    "--numerics",
    type=click.Choice(NUMERICS),
    help="What your software computes, if you know it: keras2 is that of Keras 2.11 to 2.15 and of R's keras 2.11 to "
    "2.15, stock that of Keras 3 and R's keras3, source that of the source's time. repro fingerprint finds out.",
)
@click.option("--all", "all_ways", is_flag=True, help="Show all that may have been run.")
@click.option(
    "--on-runs",
    is_flag=True,
    help="Judge each of our own runs in place of a reader's, and write the table of what is said of them.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@results_option
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
    on_runs: bool,
    output: str,
    folder: Path,
) -> None:
    """Say what your numbers mean: whether they agree with each other, and which of our runs they are like.

    Give what you have; any part may be missing. Percent and shares are understood.

        repro judge imdb_lstm/model_one --accuracy 0.8137 --loss 0.41
    """
    if on_runs:
        if any((accuracy, loss, sensitivity, specificity, auc, matrix, history)):
            raise ReproError("--on-runs judges our own runs: leave your numbers out, or leave out --on-runs")
        judge_runs(experiment, Results(folder))
        return
    answered = answer(
        experiment,
        Results(folder),
        split=split,
        numerics=numerics,
        accuracy=accuracy,
        loss=loss,
        sensitivity=sensitivity,
        specificity=specificity,
        auc=auc,
        matrix=matrix,
        transposed=transposed,
        history=history,
    )
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(as_data(answered)), indent=1).decode())
    else:
        click.echo(told(answered, all_ways=all_ways), nl=False)


def judge_runs(name: str, results: Results) -> None:
    """Write the table of an experiment, or of all experiments of a chapter that have enough runs."""
    chapter = registry.chapter(name.partition("/")[0])
    models = [registry.experiment(name)[1]] if "/" in name else list(chapter.experiments)
    groups = read_groups(chapter, results).groups
    found = {model.name: list(recognise(chapter, model, candidates(groups, model.name))) for model in models}
    made = [recognition(chapter, experiment, rows) for experiment, rows in found.items() if rows]
    if not made:
        raise ReproError(f"{name}: too few runs in {results.root / 'records'}; repro run makes more")
    if "/" not in name:
        made.append(recognition_summary(chapter, {experiment: rows for experiment, rows in found.items() if rows}))
    click.echo("\n".join(each.text for each in made))
    click.echo(f"Tables: {write(made, results.root / 'tables' / 'judge' / chapter.name)}")
