"""The command line: parses, calls, prints. What a command needs it imports itself, so that the others start fast."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repro.backend import BACKENDS, Backend, installed
from repro.errors import DataUnavailable, DataWarning, ReproError
from repro.numerics import NUMERICS, Numerics

if TYPE_CHECKING:
    from repro.chapter import Chapter, DataChoice
    from repro.plan import Plan
    from repro.records import Results
    from repro.report.variants import Variant

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Failure(click.ClickException):
    """An error that the user can mend: a line or two, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"repro: {self.message}", err=True)


def _warn(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """A DataWarning as a line like an error's; others as Python shows them."""
    if issubclass(category, DataWarning):
        click.echo(f"repro: {message}", err=True)
    else:
        _show_warning(message, category, *where, **more)


_show_warning = warnings.showwarning


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = _warn
        try:
            return super().invoke(ctx)
        except ReproError as error:
            raise _Failure(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order below, which is the order of use


results_option = click.option(
    "--results",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Folder of records, weights, tables and figures.",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs side by side, one thread each.  [default: one for each core]"
)


@click.group(cls=_Group, context_settings=HELP)
@click.version_option(package_name="lstm-walkthroughs", prog_name="repro")
def main() -> None:
    """Five published LSTM text-classification walkthroughs, reproduced and checked.

    A CHAPTER is one walkthrough, an EXPERIMENT one of its models with its settings; a run trains an experiment with one
    seed and leaves a record, and every table and figure is made from records.
    """


@main.command("list")
def list_chapters() -> None:
    """List the chapters and their experiments."""
    from tabulate import tabulate

    from repro.registry import chapters

    rows = [
        (f"{c.name}/{experiment.name}", f"{experiment.parameters:,}", c.title)
        for c in chapters().values()
        for experiment in c.experiments
    ]
    headers = ("experiment", "parameters", "chapter")
    click.echo(tabulate(rows, headers, colalign=("left", "right", "left"), disable_numparse=True))


@main.command()
@click.argument("chapter")
def show(chapter: str) -> None:
    """Show a chapter: models layer by layer, numbers, claims, errata."""
    from repro.registry import chapter as find
    from repro.report.describe import describe

    click.echo(describe(find(chapter)), nl=False)


@main.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
def check(chapters: tuple[str, ...]) -> None:
    """Hold parameter counts and printed numbers against what follows."""
    _check(chapters)


def _check(names: Sequence[str]) -> None:
    from repro.check import check

    checked = check(_chapters(names))
    for fault in checked.faults:
        click.echo(fault, err=True)
    if checked.faults:
        raise click.exceptions.Exit(1)
    click.echo(checked.summary)


def _chapters(names: Sequence[str]) -> list[Chapter]:
    """The chapters named, or all."""
    from repro import registry

    return [registry.chapter(name) for name in names] or list(registry.chapters().values())


@main.group()
def data() -> None:
    """List, fetch and verify the data sets."""


@data.command("list")
def data_list() -> None:
    """List the files of each data set and where they are found."""
    from tabulate import tabulate

    from repro.datasets import corpora
    from repro.datasets.store import locate

    rows = []
    for files in corpora().values():
        for file in files:
            try:
                found = locate(file, None)
                state = f"{found.edition}, in {found.path.parent}" if found else "not here"
            except ReproError as error:
                state = str(error).partition(". ")[0]  # the rest says what to do
            size = f"{file.original.size:,}" if file.original else "not known"
            rows.append((file.path, size, file.url or "nobody", state))
    headers = ("file", "bytes", "publisher", "found")
    click.echo(tabulate(rows, headers, colalign=("left", "right", "left", "left"), disable_numparse=True))


@data.command("get")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
def data_get(names: tuple[str, ...]) -> None:
    """Fetch into the cache folder what is not here yet, and verify it."""
    from repro.datasets import select
    from repro.datasets.store import obtain

    for file in select(names):
        if not file.url:
            continue
        found = obtain(file, None)
        click.echo(f"{file.path}: {found.edition}, in {found.path.parent}")


@data.command("verify")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
def data_verify(names: tuple[str, ...]) -> None:
    """Hold the files that are here against the known checksums."""
    from repro.datasets import select
    from repro.datasets.store import locate

    faults = []
    for file in select(names):
        try:
            found = locate(file, None)
        except ReproError as error:
            faults.append(str(error))
            continue
        click.echo(f"{file.path}: {f'{found.edition}, sha256 {found.sha256}' if found else 'not here'}")
    if faults:
        raise _Failure("\n".join(faults))


@main.command()
@click.argument("targets", nargs=-1, required=True, metavar="CHAPTER[/EXPERIMENT]...")
@click.option("--seeds", default="1", show_default=True, help="Such as 3, 1-5 or 1,4,8-10.")
@click.option(
    "--data",
    "source",
    default="real",
    show_default=True,
    metavar="real|embedded|PATH",
    help="The real data (from REPRO_DATA, the cache, or their publisher), the corpus that the package generates, "
    "or the real data in this folder.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs to train.  [default: as many as the source]")
@click.option(
    "--numerics",
    type=click.Choice(NUMERICS),
    default="source",
    show_default=True,
    help="What Keras computes: as the source's stack did, as R keras 2.11 to 2.15 did, or as installed.",
)
@jobs_option
@click.option("--retrain", is_flag=True, help="Forget the trained weights of these runs and make them again.")
@results_option
def run(
    targets: tuple[str, ...],
    seeds: str,
    source: str,
    epochs: int | None,
    numerics: Numerics,
    jobs: int | None,
    retrain: bool,
    folder: Path,
) -> None:
    """Train experiments and write their records.

    A run that was stopped goes on from its last finished epoch. A run whose record and trained weights are here is not
    made again unless --retrain asks for it.
    """
    from repro.plan import parse_data, parse_seeds, plan
    from repro.records import Results

    results = Results(folder)
    try:
        todo = plan(
            targets,
            seeds=parse_seeds(seeds),
            data=parse_data(source),
            numerics=numerics,
            epochs=epochs,
            results=results,
            retrain=retrain,
        )
    except DataUnavailable as error:
        raise ReproError(f"{error} Without them: --data embedded") from error
    results.check_writable()
    _train(todo, results, jobs)
    click.echo(f"Records: {folder / 'records'}")


def _train(todo: Plan, results: Results, jobs: int | None) -> None:
    from rich.console import Console

    from repro.progress import Display
    from repro.sweep import sweep, workers

    if todo.done:
        click.echo(f"{len(todo.done)} of {len(todo.done) + len(todo.to_do)} runs are finished here already.")
    if not todo.to_do:
        return
    try:
        with Display(todo.to_do, Console(stderr=True)) as display:
            sweep(
                todo.to_do,
                results,
                jobs=jobs or workers(len(todo.to_do)),
                progressed=display.progressed,
                finished=display.finished,
            )
    except KeyboardInterrupt:
        click.echo("Stopped. The same command, without --retrain, goes on from the last finished epochs.", err=True)
        raise click.exceptions.Exit(130) from None


@main.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@results_option
def table(chapters: tuple[str, ...], folder: Path) -> None:
    """Print the comparison with the source, and write all tables.

    They are made from the records alone: the comparison, the confusion matrices, classes or labels one by one, what
    else was printed, and the claims, each as aligned text, Markdown, CSV and LaTeX.
    """
    found, faults = _variants(chapters, folder)
    for variant in found:
        _publish_tables(variant, folder)
    _end(chapters, found, faults, folder)


def _publish_tables(variant: Variant, folder: Path) -> None:
    from repro.report import tables

    made = tables.tables(variant)
    click.echo("\n".join(table.text() for table in made if table.name != "confusion"))
    click.echo(f"Tables: {tables.write(made, variant, folder)}\n")


@main.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@results_option
def figures(chapters: tuple[str, ...], folder: Path) -> None:
    """Draw all figures from the records: curves by epoch, ROC curves, confusion matrices, lengths.

    A chapter has those that its data and models give.
    """
    from repro.report.figures import write

    found, faults = _variants(chapters, folder)
    for variant in found:
        for path in write(variant, folder):
            click.echo(f"Figure: {path}")
    _end(chapters, found, faults, folder)


def _variants(names: Sequence[str], folder: Path) -> tuple[list[Variant], list[ReproError]]:
    """The groups of records of the chapters named, or of all; and the files that are no records."""
    from repro.records import Results
    from repro.report.variants import variants

    found: list[Variant] = []
    faults: list[ReproError] = []
    for chapter in _chapters(names):
        records, invalid = Results(folder).records(chapter.name)
        groups, outdated = variants(chapter, records)
        found += groups
        faults += invalid
        for record in outdated:
            click.echo(f"left out: {record}", err=True)
    return found, faults


def _end(names: Sequence[str], found: Sequence[Variant], faults: Sequence[ReproError], folder: Path) -> None:
    if not found and not faults:
        raise _Failure(f"no records in {folder / 'records'}; make some: repro run {' '.join(names) or 'imdb_lstm'}")
    if faults:
        raise _Failure("left out:\n" + "\n".join(f"  {fault}" for fault in faults))


@main.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@click.option("--check", "exit_code", is_flag=True, help="Exit with 1 if a difference is larger than it may be.")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    type=click.Choice(BACKENDS),
    help="What Keras computes with; may be given again.  [default: all that are installed]",
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
    backends: tuple[Backend, ...],
    reference: Path,
    jobs: int | None,
    folder: Path,
) -> None:
    """Go the steps recorded in R, and in Python, again, and compare.

    The chapters' models, from the recorded weights on the recorded batches, under all numerics; and the runs in the
    folder of results beside whole trainings recorded in R. imdb_lstm needs the real reviews. The tables are written if
    neither chapters nor backends are named.
    """
    from repro.files import write_atomically
    from repro.parity import compare, measure
    from repro.parity.recorded import cases
    from repro.parity.trainings import trainings
    from repro.records import Results
    from repro.report import parity as report
    from repro.report import table
    from repro.report.beside_r import beside_r
    from repro.sweep import workers

    names = {chapter.name for chapter in _chapters(chapters)}
    chosen = [case for case in cases(reference) if case.experiment.partition("/")[0] in names]
    chosen[0].start()  # the reviews, if they are needed, are found or fetched before anything else
    Results(folder).check_writable()
    todo = backends or installed()
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
        write_atomically(figure, beside_r(in_r, records))
    click.echo("\n".join(one.text() for one in made))
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


@main.command()
@click.argument("experiment", metavar="CHAPTER/EXPERIMENT")
@click.argument("text")
@click.option(
    "--data",
    "source",
    type=click.Path(path_type=Path),
    help="Folder of the data it was trained on, for the numbers of the words.",
)
@results_option
def predict(experiment: str, text: str, source: Path | None, folder: Path) -> None:
    """Classify TEXT with the newest trained weights."""
    from repro.predict import predict as classify
    from repro.records import Results

    found = classify(experiment, text, Results(folder), source)
    for name, probability in found.probabilities.items():
        click.echo(f"{probability:7.2%}  {name}")
    made = found.record.settings
    how = f"trained on {found.record.data.label} data, numerics {made.numerics}, epochs {made.epochs}"
    click.echo(f"that is: {found.verdict}  ({found.record.stem}: {how})")


@main.command()
@click.argument("chapters", nargs=-1, required=True, metavar="CHAPTER...")
@jobs_option
@results_option
def reproduce(chapters: tuple[str, ...], jobs: int | None, folder: Path) -> None:
    """Check the counts, train each model once, compare.

    The seed is 1, the settings are the source's, the data are the real ones if they can be had and else, as one line
    says, the embedded corpus. What is printed comes from these runs alone; the tables and figures that are written,
    from all records in the folder.
    """
    from repro.plan import plan
    from repro.records import Results
    from repro.report import figures as drawing
    from repro.report import tables

    names = [chapter.name for chapter in _chapters(chapters)]
    results = Results(folder)

    def planned(source: DataChoice) -> Plan:
        return plan(names, seeds=[1], data=source, numerics="source", epochs=None, results=results)

    try:
        todo = planned("real")
    except DataUnavailable as error:
        reason = str(error).splitlines()[0]
        click.echo(
            f"{reason} Using the embedded corpus instead; for the real data go online or set REPRO_DATA.", err=True
        )
        todo = planned("embedded")
    results.check_writable()
    _check(())
    made = {run.stem for run in todo.to_do}
    before = {record.stem: record for name in names for record in results.records(name)[0] if record.stem in made}
    _train(todo, results, jobs)

    found, faults = _variants(names, folder)
    for variant in found:
        these = variant.only(made | {record.stem for record in todo.done})
        if not these.records:
            continue
        click.echo(f"\n{tables.comparison(these).text()}")
        known = [record for record in these.records if record.stem in before]
        if known:
            equal = sum(record.outcome() == before[record.stem].outcome() for record in known)
            click.echo(f"{equal} of {len(known)} runs equal, bit for bit, the records that were here before.")
        click.echo(f"Tables: {tables.write(tables.tables(variant), variant, folder)}")
        for path in drawing.write(variant, folder):
            click.echo(f"Figure: {path}")
    click.echo(f"Records: {folder / 'records'}")
    _end(names, found, faults, folder)


def run_chapter(name: str) -> None:
    """What `python -m chapters.NAME` does: `repro run NAME` with the options given."""
    main(["run", name, *sys.argv[1:]], prog_name="repro")
