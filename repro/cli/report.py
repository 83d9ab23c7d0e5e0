"""The command that writes the page: report."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from pathlib import Path

import click

from repro.check import Checked, check_each
from repro.cli.common import Failure, chapters_named, results_option
from repro.evidence.run_groups import GroupedRecords, read_groups
from repro.files import write_if_new
from repro.records import Results
from repro.report.page.page_file import NAME, page

REFERENCE = Path("tests/reference")
"""What was recorded in R, in the checkout."""


@click.command()
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@results_option
def report(opens: bool, folder: Path) -> None:
    """Write all results as one HTML page, with a form that judges your numbers.

    It is made from the records, and needs neither network nor Python to be read. The same records give the same page.
    """
    known, path = write_page(folder, check_each(chapters_named(()))), folder / NAME
    for record in [record for each in known.values() for record in each.outdated]:
        click.echo(f"left out: {record}", err=True)
    if opens and not webbrowser.open(path.resolve().as_uri()):
        raise Failure(f"no browser could be started; open {path} yourself")
    if faults := [fault for each in known.values() for fault in each.unreadable]:
        raise Failure("left out:\n" + "\n".join(f"  {fault}" for fault in faults))


def write_page(folder: Path, checks: Mapping[str, Checked]) -> dict[str, GroupedRecords]:
    """Write the page of a folder of results, and print where it is; returns what it has of each chapter.

    checks: what the check of each chapter found. Raises ReproError as `page`.
    """
    chapters, results = chapters_named(()), Results(folder)
    known = {chapter.name: read_groups(chapter, results) for chapter in chapters}
    write_if_new(folder / NAME, page(chapters, known, checks, results, REFERENCE))
    click.echo(f"Page: {folder / NAME}")
    return known
