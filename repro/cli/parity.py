"""The command that replays recorded steps."""

from __future__ import annotations

from pathlib import Path

import click

from repro import registry
from repro.backend import BACKENDS, installed
from repro.cli.common import Failure, chapters_named, jobs_option, results_option
from repro.parity.compare import Computer, between_recorded, beyond_limits, replay_all
from repro.parity.recorded import recorded_models
from repro.parity.trainings import recorded_trainings
from repro.records import Record, Results
from repro.report import figures
from repro.report.parity_tables import COMPUTERS, engines, step_tables, whole_trainings
from repro.report.table import write
from repro.runs.sweep import share_cores


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
    help="Folder of the recordings.",
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

    Each model starts from the recorded weights and takes the recorded batches, under all numerics. Then the runs in the
    folder of results are compared with whole trainings recorded in R, and those of the fast engine with those of Keras.
    The steps recorded in R need the real reviews. The tables are written if neither chapters nor backends are named.
    """
    named = {chapter.name for chapter in chapters_named(chapters)}
    chosen = [chapter for name, chapter in registry.chapters().items() if name in named]
    models = recorded_models(chosen, reference)
    if not models:
        raise Failure(f"nothing was recorded of {', '.join(chapters)}")
    models[0].start()  # the data, if they are needed, are found or fetched before anything else
    results = Results(folder)
    results.check_writable()
    computers = backends or ("fast", *installed())
    differences = between_recorded(models) + replay_all(
        models, computers, jobs=share_cores(len(models), jobs).jobs, done=lambda what: click.echo(what, err=True)
    )

    tables = step_tables(differences)
    pictures: list[Path] = []
    everything: list[Record] = []
    for chapter in chosen:
        records, faults = results.records(chapter.name)
        everything += records
        for fault in faults:
            click.echo(f"left out: {fault}", err=True)
        if records and (in_r := recorded_trainings(chapter, reference)):
            tables += whole_trainings(chapter, in_r, records)
            picture = figures.trainings(chapter, in_r, records)
            pictures += figures.write({"trainings": picture}, folder / "figures" / "parity")
    tables += engines(everything)
    click.echo("\n".join(table.text for table in tables))
    if not (chapters or backends):  # a part would take the place of the whole
        click.echo(f"Tables: {write(tables, folder / 'tables' / 'parity')}")
    for path in pictures:
        click.echo(f"Figure: {path}")
    beyond = beyond_limits(differences)
    for line in beyond:
        click.echo(line, err=True)
    if beyond and exit_code:
        raise click.exceptions.Exit(1)
    if not beyond:
        click.echo(f"All differences are within their limits, on {', '.join(COMPUTERS[name] for name in computers)}.")
