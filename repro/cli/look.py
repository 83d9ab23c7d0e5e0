"""The commands that look at chapters: list, show, check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from tabulate import tabulate

from repro.check import Checked, check_each, together
from repro.cli.common import chapters_named, read_results_option
from repro.registry import chapter as find_chapter
from repro.report.describe import describe
from repro.report.explanation import explained
from repro.shipped import results_in


@click.command("list")
def list_chapters() -> None:
    """List the chapters and their experiments."""
    rows = [
        (f"{chapter.name}/{experiment.name}", f"{experiment.parameters:,}", chapter.title)
        for chapter in chapters_named(())
        for experiment in chapter.experiments
    ]
    headers = ("experiment", "parameters", "chapter")
    click.echo(tabulate(rows, headers, colalign=("left", "right", "left"), disable_numparse=True))


@click.command()
@click.argument("chapter")
@click.option("--layers", "layers_alone", is_flag=True, help="Explain each layer of each model, and nothing else.")
@read_results_option
def show(chapter: str, layers_alone: bool, folder: Path | None) -> None:
    """Show a chapter: data, models layer by layer, numbers, claims, errata.

    Every printed number is shown with the place where it stands in the source. The data are shown as they were counted
    by repro run or repro data describe. With --layers: what each layer computes, its equations, its shapes, and how its
    parameters are counted.
    """
    shown = find_chapter(chapter)
    if layers_alone:
        click.echo(explained(shown), nl=False)
        return
    descriptions, faults = results_in(folder).descriptions(shown.name)
    click.echo(describe(shown, descriptions), nl=False)
    for fault in faults:
        click.echo(f"left out: {fault}", err=True)


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
def check(chapters: tuple[str, ...]) -> None:
    """Check parameter counts and printed numbers against what follows."""
    print_check(chapters)


def print_check(names: Sequence[str]) -> dict[str, Checked]:
    """Print what the check of these chapters, or of all, finds. Raises click's Exit with code 1 for a fault.

    Returns what it found, by chapter.
    """
    found = check_each(chapters_named(names))
    checked = together(found.values())
    for fault in checked.faults:
        click.echo(fault, err=True)
    if checked.faults:
        raise click.exceptions.Exit(1)
    click.echo(checked.summary)
    return found
