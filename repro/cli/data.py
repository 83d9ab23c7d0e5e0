"""The commands on the data sets: list, get, describe, verify."""

from __future__ import annotations

from pathlib import Path

import click
from tabulate import tabulate

from repro.chapter import Chapter
from repro.cli.common import Failure, chapters_named, data_option, results_option
from repro.datasets.choice import decide, named
from repro.datasets.corpora import select
from repro.datasets.data_file import LocatedFile
from repro.datasets.description import Description
from repro.datasets.locate import find, locate
from repro.datasets.obtain import obtain
from repro.errors import ReproError
from repro.records import Results
from repro.report import figures
from repro.report.data_table import data_folder, data_table
from repro.report.table import write

place_option = click.option(
    "--data",
    "place",
    metavar="PATH",
    help="Look in this folder, or at this file.  [default: REPRO_DATA, otherwise the cache folder and that of Keras]",
)


@click.group()
def data() -> None:
    """List, fetch, verify and describe the data sets."""


@data.command("list")
@place_option
def data_list(place: str | None) -> None:
    """List the files of each data set and where they are found."""
    named(place)  # a mistake is not repeated for each file
    rows = []
    for file in select(()):
        try:
            state = _state(find(file, place))
        except ReproError as error:
            state = str(error).partition(". ")[0].removesuffix(".")  # the rest says what to do
        rows.append((file.path, f"{file.original.size:,}", file.url or "nobody", state))
    headers = ("file", "bytes", "publisher", "found")
    click.echo(tabulate(rows, headers, colalign=("left", "right", "left", "left"), disable_numparse=True))


@data.command("get")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
def data_get(names: tuple[str, ...]) -> None:
    """Fetch into the cache folder what is not here yet, and verify it."""
    for file in select(names):
        if not file.url:
            continue
        click.echo(f"{file.path}: {_state(obtain(file, None))}")


@data.command("describe")
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@data_option("As for repro run.")
@results_option
def data_describe(chapters: tuple[str, ...], source: str, folder: Path) -> None:
    """Count the data of chapters: rows, classes, lengths, repeated texts.

    What was counted goes to data/ in the folder of results; repro run puts it there too. repro show prints it, and
    repro table and repro figures make a table and a figure of it.
    """
    choice, results = decide(source), Results(folder)
    results.check_writable()
    for chapter in chapters_named(chapters):
        description = chapter.describe(choice)
        results.write_description(chapter.name, description)
        publish_data(chapter, description, folder)
        publish_lengths(chapter, description, folder)


def publish_data(chapter: Chapter, description: Description, folder: Path) -> None:
    """Print and write the table of the data."""
    table = data_table(chapter, description)
    where = write([table], folder / "tables" / data_folder(chapter, description))
    click.echo(f"{table.text}\nTables: {where}\n")


def publish_lengths(chapter: Chapter, description: Description, folder: Path) -> None:
    """Draw the lengths of the texts, and print where the figure is."""
    picture = figures.lengths(chapter, description)
    (path,) = figures.write({"lengths": picture}, folder / "figures" / data_folder(chapter, description))
    click.echo(f"Figure: {path}")


@data.command("verify")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
@place_option
def data_verify(names: tuple[str, ...], place: str | None) -> None:
    """Compare the files that are here with the known checksums."""
    named(place)
    faults = []
    for file in select(names):
        try:
            located = locate(file, place)
        except ReproError as error:
            faults.append(str(error))
            continue
        checksum = f", sha256 {located.sha256}" if located else ""
        click.echo(f"{file.path}: {_state(located)}{checksum}")
    if faults:
        raise Failure("\n".join(faults))


def _state(located: LocatedFile | None) -> str:
    return f"{located.edition}: {located.name}" if located else "not here"
