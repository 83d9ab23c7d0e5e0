"""The commands that train: run, reproduce."""

from __future__ import annotations

import functools
import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from repro import extras
from repro.cli.common import (
    NumericsChoice,
    chapters_named,
    data_option,
    event_files,
    jobs_option,
    read_results_option,
    results_option,
    tensorboard_option,
    threads_option,
)
from repro.cli.data import publish_data, publish_lengths
from repro.cli.look import print_check
from repro.cli.publish import descriptions_of, end, groups_of, publish_figures
from repro.cli.report import write_page
from repro.datasets.choice import decide
from repro.engines import ENGINES, Engine
from repro.errors import DataUnavailable, ReproError
from repro.numerics import Numerics
from repro.records import Results
from repro.report.page.page_file import read_known
from repro.report.record_tables import comparison, tables
from repro.report.standing import standing
from repro.report.table import WIDTH, write
from repro.runs.plan import Plan, describe_data, parse_seeds, plan
from repro.runs.progress import Display
from repro.runs.sweep import Sweep, sweep
from repro.shipped import results_in

if TYPE_CHECKING:
    from repro.datasets.choice import DataChoice


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="CHAPTER[/EXPERIMENT]...")
@click.option("--seeds", default="1", show_default=True, help="Such as 3, 1-5 or 1,4,8-10.")
@data_option(
    "The real data (from REPRO_DATA, the cache, the folder of Keras, or their publisher); the corpus that the "
    "package generates; or the real data in this folder or file."
)
@click.option(
    "--vary",
    "variations",
    multiple=True,
    metavar="NAME|all",
    help="Train this variation, an experiment with one thing changed, or all; may be repeated. repro show "
    "CHAPTER lists them.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Epochs to train.  [default: as many as the source, or as the variation says]",
)
@click.option(
    "--numerics",
    type=NumericsChoice(),
    default="source",
    show_default=True,
    help="What Keras computes: as the source's stack did, as R keras 2.11 to 2.15 did, or as installed.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="What trains: kernels made for these models, or Keras, the reference.  [default: fast; keras if KERAS_BACKEND "
    "is set]",
)
@jobs_option
@threads_option
@click.option(
    "--cluster",
    metavar="tcp://HOST:PORT|local",
    help="Train on the workers of this Dask scheduler, or of a cluster that is started here. --jobs is then how many "
    "workers at most, and a run has as many threads as its worker unless --threads says otherwise.",
)
@tensorboard_option(
    "Write the curves of these runs there, epoch by epoch, for tensorboard --logdir FOLDER; those of finished runs too."
)
@click.option("--retrain", is_flag=True, help="Delete the trained weights of these runs and make them again.")
@results_option
def run(
    targets: tuple[str, ...],
    seeds: str,
    source: str,
    variations: tuple[str, ...],
    epochs: int | None,
    numerics: Numerics,
    engine: Engine | None,
    jobs: int | None,
    threads: int | None,
    cluster: str | None,
    curves: Path | None,
    retrain: bool,
    folder: Path,
) -> None:
    """Train experiments and write their records.

    A run that was stopped resumes after its last finished epoch. A run whose record and trained weights are here is not
    made again unless --retrain asks for it. A run that another command is making in this folder is left to that one.
    """
    results = Results(folder)
    make = sweep if cluster is None else on_cluster(cluster)
    shown = event_files(curves) if curves else None
    try:
        planned = plan(
            targets,
            seeds=parse_seeds(seeds),
            data=decide(source),
            numerics=numerics,
            epochs=epochs,
            engine=engine,
            results=results,
            variations=variations,
            retrain=retrain,
        )
    except DataUnavailable as error:
        raise ReproError(f"{error} Without them: --data embedded") from error
    results.check_writable()
    if shown:
        for record in planned.done:
            shown.ended(record)
        make = shown.following(make)
    train(planned, results, jobs, threads, make)
    click.echo(f"Records: {folder / 'records'}")
    if curves:
        click.echo(f"Curves: tensorboard --logdir {shlex.quote(str(curves))}")


def on_cluster(address: str) -> Sweep:
    """`sweep` on a cluster. Raises ReproError if `address` is none, or Dask is not installed."""
    extras.need("cluster", "--cluster", "distributed")
    from repro.runs.cluster import check_address, sweep_on  # needs an extra

    check_address(address)
    return functools.partial(sweep_on, address)


def train(planned: Plan, results: Results, jobs: int | None, threads: int | None, make: Sweep = sweep) -> None:
    """Make the runs that are not finished, and show their progress."""
    if planned.done:
        click.echo(f"{len(planned.done)} of {len(planned.done) + len(planned.to_do)} runs are finished here already.")
    if not planned.to_do:
        return
    describe_data(planned.to_do, results)
    try:
        with Display(planned.to_do, Console(stderr=True)) as display:
            make(
                planned.to_do,
                results,
                jobs=jobs,
                threads=threads,
                progressed=display.progressed,
                finished=display.finished,
                tell=display.tell,
            )
    except KeyboardInterrupt:
        click.echo("Stopped. The same command, without --retrain, resumes after the last finished epochs.", err=True)
        raise click.exceptions.Exit(130) from None


@click.command()
@click.argument("chapters", nargs=-1, required=True, metavar="CHAPTER...")
@jobs_option
@threads_option
@read_results_option
def reproduce(chapters: tuple[str, ...], jobs: int | None, threads: int | None, folder: Path | None) -> None:
    """Check the counts, train each model once, compare.

    The seed is 1 and the settings are the source's. The data are the real ones if they can be had; otherwise a line
    says so, and the embedded corpus is used. The comparison that is printed shows these runs alone; the tables and
    figures that are written show all records in the folder.
    """
    names = [chapter.name for chapter in chapters_named(chapters)]
    results = results_in(folder)

    def planned_on(source: DataChoice) -> Plan:
        return plan(names, seeds=[1], data=source, numerics="source", epochs=None, engine=None, results=results)

    try:
        planned = planned_on("real")
    except DataUnavailable as error:
        reason = str(error).splitlines()[0]
        click.echo(
            f"{reason} Using the embedded corpus instead; for the real data go online or set REPRO_DATA.", err=True
        )
        planned = planned_on("embedded")
    results.check_writable()
    checks = print_check(())
    made = {run.stem for run in planned.to_do}
    before = {record.stem: record for name in names for record in results.records(name)[0] if record.stem in made}
    train(planned, results, jobs, threads)

    for chapter, description in descriptions_of(names, results):
        if description.data.sha256 in {run.provenance.sha256 for run in planned.to_do}:
            publish_data(chapter, description, results.root)
            publish_lengths(chapter, description, results.root)
    groups, faults = groups_of(names, results)
    for group in groups:
        these = group.only(made | {record.stem for record in planned.done})
        if not these.records:
            continue
        click.echo(f"\n{comparison(these).text}")
        known = [record for record in these.records if record.stem in before]
        if known:
            equal = sum(record.outcome() == before[record.stem].outcome() for record in known)
            click.echo(f"{equal} of {len(known)} runs equal, bit for bit, the records that were here before.")
        if place := standing(these, groups):
            click.echo(textwrap.fill(place, WIDTH))
        click.echo(f"Tables: {write(tables(group), results.root / 'tables' / group.folder)}")
        publish_figures(group, results.root)
    click.echo(f"Records: {results.root / 'records'}")
    write_page(results, read_known(chapters_named(()), results), checks)
    end(names, groups, faults, results)
