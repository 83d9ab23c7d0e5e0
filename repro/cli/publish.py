"""The commands that make tables and figures from records: table, figures."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from repro import registry
from repro.chapter import Chapter
from repro.cli.common import Failure, chapters_named, event_files, read_results_option, tensorboard_option
from repro.cli.data import publish_data, publish_lengths
from repro.datasets.description import Description
from repro.errors import ReproError
from repro.evidence.run_groups import RunGroup, main_group, read_groups
from repro.records import Results
from repro.report import figures as drawn
from repro.report.data_table import current, data_folder, data_table
from repro.report.record_tables import tables
from repro.report.table import contents, write
from repro.shipped import results_in


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@click.option("--all", "prints_all", is_flag=True, help="Print the tables of every group of runs.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the tables are not those of the records.")
@read_results_option
def table(chapters: tuple[str, ...], prints_all: bool, check: bool, folder: Path | None) -> None:
    """Print the comparison with the source, and write all tables.

    They are made from the records alone: the data as they were counted, the comparison, the confusion matrices, classes
    or labels one by one, the verdicts on what the source printed and claims, and the variations, each as aligned text,
    Markdown, CSV and LaTeX. Those of the runs that stand best beside the source are printed: on its data, with its
    numerics.
    """
    if prints_all and check:
        raise Failure("--all prints tables and --check compares files: leave one out")
    results = results_in(folder)
    if check:
        check_tables(chapters, results)
        return
    for chapter, description in descriptions_of(chapters, results):
        publish_data(chapter, description, results.root)
    groups, faults = groups_of(chapters, results)
    for name, alike in groupby(groups, key=lambda group: group.chapter.name):
        of_chapter = list(alike)
        main = main_group(of_chapter)
        for group in of_chapter:
            made = tables(group)
            written = write(made, results.root / "tables" / group.folder)
            if prints_all or group is main:
                click.echo("\n".join(each.text for each in made if each.name != "confusion"))
                click.echo(f"Tables: {written}\n")
        if (others := len(of_chapter) - 1) and not prints_all:
            counted = "1 other group" if others == 1 else f"{others} other groups"
            click.echo(f"{counted} of runs: {results.root / 'tables' / name} (--all prints them too)\n")
    end(chapters, groups, faults, results)


def check_tables(names: Sequence[str], results: Results) -> None:
    """Compare the tables in the folder with those that its records give.

    Raises click's Exit with code 1 if one differs or is missing, or if there is one that no record gives; and Failure
    as `end`.
    """
    expected: dict[Path, bytes] = {}
    for chapter, description in descriptions_of(names, results):
        expected |= contents(
            [data_table(chapter, description)], results.root / "tables" / data_folder(chapter, description)
        )
    groups, faults = groups_of(names, results)
    for group in groups:
        expected |= contents(tables(group), results.root / "tables" / group.folder)
    there = {
        path
        for chapter in chapters_named(names)
        for path in (results.root / "tables" / chapter.name).rglob("*")
        if path.is_file()
    }
    differing = sorted(path for path, content in expected.items() if path in there and path.read_bytes() != content)
    lines = [f"{path}: differs from the records" for path in differing]
    lines += [f"{path}: missing" for path in sorted(expected.keys() - there)]
    lines += [f"{path}: no record gives it" for path in sorted(there - expected.keys())]
    for line in lines:
        click.echo(line)
    end(names, groups, faults, results)
    if lines:
        click.echo("repro table writes those that differ or are missing; the others may be deleted.")
        raise click.exceptions.Exit(1)
    click.echo(f"The {len(expected)} files in {results.root / 'tables'} are those of the records.")


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@tensorboard_option("Write the curves of all records there too, for tensorboard --logdir FOLDER.")
@read_results_option
def figures(chapters: tuple[str, ...], curves: Path | None, folder: Path | None) -> None:
    """Draw all figures from the records.

    These are the lengths of the texts; curves by epoch; ROC curves where a text can have several labels; confusion
    matrices where there are more than two classes; and what variations change, beside what chance alone changes.
    """
    named = chapters_named(chapters)
    shown = event_files(curves) if curves else None
    results = results_in(folder)
    for chapter, description in descriptions_of(chapters, results):
        publish_lengths(chapter, description, results.root)
    groups, faults = groups_of(chapters, results)
    for group in groups:
        publish_figures(group, results.root)
    if shown:
        records = [record for chapter in named for record in results.records(chapter.name)[0]]
        for record in records:
            shown.ended(record)
        if records:
            click.echo(f"Curves: tensorboard --logdir {shlex.quote(str(curves))}")
    end(chapters, groups, faults, results)


def publish_figures(group: RunGroup, folder: Path) -> None:
    """Draw the figures of a group, and print where they are."""
    for path in drawn.write(drawn.figures(group), folder / "figures" / group.folder):
        click.echo(f"Figure: {path}")


def descriptions_of(names: Sequence[str], results: Results) -> Iterator[tuple[Chapter, Description]]:
    """What was counted in the data of the chapters named, or of all, as they are prepared now."""
    for chapter in chapters_named(names):
        for description in current(chapter, results.descriptions(chapter.name)[0]):
            yield chapter, description


def groups_of(names: Sequence[str], results: Results) -> tuple[list[RunGroup], list[ReproError]]:
    """The groups of records of the chapters named, or of all; and an error for each file that cannot be read.

    A record that this version of the suite would not make is named on standard error.
    """
    groups: list[RunGroup] = []
    faults: list[ReproError] = []
    for chapter in chapters_named(names):
        known = read_groups(chapter, results)
        groups += known.shown
        faults += known.unreadable
        for record in known.outdated:
            click.echo(f"left out: {record}", err=True)
    return groups, faults


def end(names: Sequence[str], groups: Sequence[RunGroup], faults: Sequence[ReproError], results: Results) -> None:
    """Raises Failure if there was nothing to show, or if files were left out."""
    if not groups and not faults:
        names = names or [next(iter(registry.chapters()))]
        raise Failure(f"no records in {results.searched}; make some: repro run {' '.join(names)}")
    if faults:
        raise Failure("left out:\n" + "\n".join(f"  {fault}" for fault in faults))
