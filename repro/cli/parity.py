"""The command that replays recorded steps, and compares whole trainings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from repro import registry
from repro.backend import BACKENDS, installed
from repro.chapter import Chapter
from repro.cli.common import REFERENCE, Failure, chapters_named, jobs_option, read_results_option
from repro.evidence.run_groups import group_records
from repro.parity.compare import Computer, Difference, between_recorded, beyond_limits, replay_all
from repro.parity.judged_trainings import judge_trainings
from repro.parity.recorded import recorded_models
from repro.parity.trainings import recorded_trainings
from repro.records import Record, Results
from repro.report import figures
from repro.report.judged_table import judged_trainings
from repro.report.parity_tables import COMPUTERS, step_tables
from repro.report.table import Table, write
from repro.report.training_tables import engines, two_samples, whole_trainings
from repro.runs.sweep import share_cores
from repro.shipped import results_in


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
@click.option("--trainings", "trainings_alone", is_flag=True, help="Compare whole trainings alone; replay no steps.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path, file_okay=False),
    default=REFERENCE,
    show_default=True,
    help="Folder of the recordings.",
)
@jobs_option
@read_results_option
def parity(
    chapters: tuple[str, ...],
    exit_code: bool,
    backends: tuple[Computer, ...],
    trainings_alone: bool,
    reference: Path,
    jobs: int | None,
    folder: Path | None,
) -> None:
    """Replay the steps recorded in R and in Python, and compare.

    Each model starts from the recorded weights and takes the recorded batches, under all numerics. Then the runs in the
    folder of results are compared with whole trainings recorded in R, and in Python as R calls Keras, and those of the
    fast engine with those of Keras. The steps recorded in R need the real reviews. The tables are written if neither
    chapters nor backends are named.
    """
    if trainings_alone and (exit_code or backends):
        raise Failure("--trainings replays no steps: leave out --check and --backend")
    named = {chapter.name for chapter in chapters_named(chapters)}
    chosen = [chapter for name, chapter in registry.chapters().items() if name in named]
    results, computers = results_in(folder), backends or ("fast", *installed())
    differences = [] if trainings_alone else replayed(chosen, results, reference, computers, jobs)

    tables, pictures = compared_trainings(chosen, results, reference)
    tables = [*step_tables(differences), *tables]
    click.echo("\n".join(table.text for table in tables))
    if not (chapters or backends):  # a part would take the place of the whole
        click.echo(f"Tables: {write(tables, results.root / 'tables' / 'parity')}")
    for path in figures.write(pictures, results.root / "figures" / "parity"):
        click.echo(f"Figure: {path}")
    beyond = beyond_limits(differences)
    for line in beyond:
        click.echo(line, err=True)
    if beyond and exit_code:
        raise click.exceptions.Exit(1)
    if differences and not beyond:
        click.echo(f"All differences are within their limits, on {', '.join(COMPUTERS[name] for name in computers)}.")


def replayed(
    chapters: Sequence[Chapter], results: Results, reference: Path, computers: Sequence[Computer], jobs: int | None
) -> list[Difference]:
    """How far the computers, and the recorded stacks from one another, are apart on the recorded steps."""
    models = recorded_models(chapters, reference)
    if not models:
        raise Failure(f"nothing was recorded of {', '.join(chapter.name for chapter in chapters)}")
    models[0].start()  # the data, if they are needed, are found or fetched before anything else
    results.check_writable()
    return between_recorded(models) + replay_all(
        models, computers, jobs=share_cores(len(models), jobs).jobs, done=lambda what: click.echo(what, err=True)
    )


def compared_trainings(
    chapters: Sequence[Chapter], results: Results, reference: Path
) -> tuple[list[Table], dict[str, bytes]]:
    """The tables of whole trainings, and the pictures by name."""
    tables: list[Table] = []
    pictures: dict[str, bytes] = {}
    everything: list[Record] = []
    for chapter in chapters:
        records, faults = results.records(chapter.name)
        everything += records
        for fault in faults:
            click.echo(f"left out: {fault}", err=True)
        if records and (recorded := recorded_trainings(chapter, reference)):
            tables += [*whole_trainings(chapter, recorded, records), *two_samples(chapter, recorded, records)]
            judged = judge_trainings(chapter, recorded, group_records(chapter, records)[0])
            tables += judged_trainings(list(judged))
            pictures["trainings"] = figures.trainings(chapter, recorded, records)
    return [*tables, *engines(everything)], pictures
