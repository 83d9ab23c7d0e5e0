"""The command that goes recorded steps again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from repro.backend import BACKENDS, installed
from repro.cli.common import chapters_named, jobs_option, results_option

if TYPE_CHECKING:
    from repro.parity.measure import Computer


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@click.option("--check", "exit_code", is_flag=True, help="Exit with 1 if a difference is larger than it may be.")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    type=click.Choice(["fast", *BACKENDS]),
    help="What computes: the fast engine, or Keras on one of its backends; may be given again.  [default: the engine, "
    "and all backends that are installed]",
)
@click.option(
    "--reference",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tests/reference"),
    show_default=True,
    help="Folder of what was recorded.",
)
@jobs_option
@results_option
def parity(
    chapters: tuple[str, ...],
    exit_code: bool,
    backends: tuple[Computer, ...],
    reference: Path,
    jobs: int | None,
    folder: Path,
) -> None:
    """Replay the steps recorded in R and in Python, and compare.

    The chapters' models, from the recorded weights on the recorded batches, under all numerics; the runs in the folder
    of results beside whole trainings recorded in R; and the fast engine's runs beside those of Keras. imdb_lstm needs
    the real reviews. The tables are written if neither chapters nor backends are named.
    """
    from repro.files import write_if_new
    from repro.parity import compare, measure
    from repro.parity.recorded import cases
    from repro.parity.trainings import trainings
    from repro.records import Results
    from repro.report import parity as report
    from repro.report import table
    from repro.report.beside_r import beside_r
    from repro.report.engines import engines
    from repro.runs.sweep import workers

    names = {chapter.name for chapter in chapters_named(chapters)}
    chosen = [case for case in cases(reference) if case.experiment.partition("/")[0] in names]
    chosen[0].start()  # the reviews, if they are needed, are found or fetched before anything else
    Results(folder).check_writable()
    todo = backends or ("fast", *installed())
    found = measure.between_recorded(chosen) + measure.computed_here(
        chosen,
        todo,
        jobs=jobs or workers(len(chosen)),
        done=lambda what: click.echo(what, err=True),
    )
    made = report.tables(found)
    records, faults = Results(folder).records("imdb_lstm")
    figure = None
    if "imdb_lstm" in names and records:
        in_r = trainings(reference)
        made.append(report.whole_trainings(in_r, records))
        figure = folder / "figures" / "parity" / "trainings.png"
        write_if_new(figure, beside_r(in_r, records))
    of_both = engines(record for name in sorted(names) for record in Results(folder).records(name)[0])
    made += [of_both] if of_both else []
    click.echo("\n".join(one.text for one in made))
    if not (chapters or backends):  # else they would take the place of the whole ones
        click.echo(f"Tables: {table.write(made, folder / 'tables' / 'parity')}")
    if figure:
        click.echo(f"Figure: {figure}")
    for fault in faults:
        click.echo(f"left out: {fault}", err=True)
    beyond = compare.beyond(found)
    for line in beyond:
        click.echo(line, err=True)
    if beyond and exit_code:
        raise click.exceptions.Exit(1)
    if not beyond:
        click.echo(f"All differences are within their limits, on {', '.join(report.BACKENDS[name] for name in todo)}.")
