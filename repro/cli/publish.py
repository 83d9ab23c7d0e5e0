"""The commands that make tables and figures from records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from repro.cli.common import Failure, chapters_named, results_option
from repro.errors import ReproError

if TYPE_CHECKING:
    from repro.chapter import Chapter
    from repro.datasets.description import Description
    from repro.report.variants import Variant


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@results_option
def table(chapters: tuple[str, ...], folder: Path) -> None:
    """Print the comparison with the source, and write all tables.

    They are made from the records alone: the data as they were counted, the comparison, the confusion matrices, classes
    or labels one by one, what else was printed, and the claims, each as aligned text, Markdown, CSV and LaTeX.
    """
    for chapter, description in descriptions_of(chapters, folder):
        publish_data(chapter, description, folder)
    found, faults = variants_of(chapters, folder)
    for variant in found:
        publish_tables(variant, folder)
    end(chapters, found, faults, folder)


def publish_tables(variant: Variant, folder: Path) -> None:
    from repro.report import tables

    made = tables.tables(variant)
    click.echo("\n".join(table.text for table in made if table.name != "confusion"))
    click.echo(f"Tables: {tables.write(made, variant, folder)}\n")


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@results_option
def figures(chapters: tuple[str, ...], folder: Path) -> None:
    """Draw all figures from the records.

    How long the texts are; curves by epoch; and where a chapter has what it takes, ROC curves and confusion matrices.
    """
    for chapter, description in descriptions_of(chapters, folder):
        publish_lengths(chapter, description, folder)
    found, faults = variants_of(chapters, folder)
    for variant in found:
        publish_figures(variant, folder)
    end(chapters, found, faults, folder)


def publish_figures(variant: Variant, folder: Path) -> None:
    from repro.report.figures import write

    for path in write(variant, folder):
        click.echo(f"Figure: {path}")


def publish_data(chapter: Chapter, description: Description, folder: Path) -> None:
    from repro.report import data

    click.echo(f"{data.described(chapter, description).text}\nTables: {data.write(chapter, description, folder)}\n")


def publish_lengths(chapter: Chapter, description: Description, folder: Path) -> None:
    from repro.report import data

    click.echo(f"Figure: {data.write_figure(chapter, description, folder)}")


def descriptions_of(names: Sequence[str], folder: Path) -> Iterator[tuple[Chapter, Description]]:
    """What was counted in the data of the chapters named, or of all, as they are prepared now."""
    from repro.records import Results
    from repro.report.data import current

    for chapter in chapters_named(names):
        for description in current(chapter, Results(folder).descriptions(chapter.name)[0]):
            yield chapter, description


def variants_of(names: Sequence[str], folder: Path) -> tuple[list[Variant], list[ReproError]]:
    """The groups of records of the chapters named, or of all; and the files that are no records."""
    from repro.records import Results
    from repro.report.variants import variants

    found: list[Variant] = []
    faults: list[ReproError] = []
    for chapter in chapters_named(names):
        records, invalid = Results(folder).records(chapter.name)
        descriptions, not_descriptions = Results(folder).descriptions(chapter.name)
        groups, outdated = variants(chapter, records, descriptions)
        found += groups
        faults += [*invalid, *not_descriptions]
        for record in outdated:
            click.echo(f"left out: {record}", err=True)
    return found, faults


def end(names: Sequence[str], found: Sequence[Variant], faults: Sequence[ReproError], folder: Path) -> None:
    if not found and not faults:
        raise Failure(f"no records in {folder / 'records'}; make some: repro run {' '.join(names) or 'imdb_lstm'}")
    if faults:
        raise Failure("left out:\n" + "\n".join(f"  {fault}" for fault in faults))
