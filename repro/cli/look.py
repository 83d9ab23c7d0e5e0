"""The commands that look at chapters: list, show, check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from repro.cli.common import chapters_named, results_option


@click.command("list")
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


@click.command()
@click.argument("chapter")
@results_option
def show(chapter: str, folder: Path) -> None:
    """Show a chapter: data, models layer by layer, numbers, claims, errata.

    Every printed number is shown with the place where it stands in the source. The data are shown as they were counted
    by repro run or repro data describe.
    """
    from repro.records import Results
    from repro.registry import chapter as find
    from repro.report.describe import describe

    found = find(chapter)
    descriptions, faults = Results(folder).descriptions(found.name)
    click.echo(describe(found, descriptions), nl=False)
    for fault in faults:
        click.echo(f"left out: {fault}", err=True)


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
def check(chapters: tuple[str, ...]) -> None:
    """Hold parameter counts and printed numbers against what follows."""
    print_check(chapters)


def print_check(names: Sequence[str]) -> None:
    from repro.check import check

    checked = check(chapters_named(names))
    for fault in checked.faults:
        click.echo(fault, err=True)
    if checked.faults:
        raise click.exceptions.Exit(1)
    click.echo(checked.summary)
