"""The command that writes the page: report."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from pathlib import Path

import click

from repro.check import Checked, check_each
from repro.cli.common import REFERENCE, Failure, chapters_named, read_results_option
from repro.evidence.run_groups import GroupedRecords
from repro.files import write_if_new
from repro.records import Results
from repro.report.page.page_file import NAME, page, read_known
from repro.shipped import results_in


@click.command()
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@read_results_option
def report(opens: bool, folder: Path | None) -> None:
    """Write all results as one HTML page, with a form that judges your numbers.

    It is made from the records, and needs neither network nor Python to be read. The same records give the same page.
    """
    results = results_in(folder)
    known, path = read_known(chapters_named(()), results), results.root / NAME
    write_page(results, known, check_each(chapters_named(())))
    for record in [record for each in known.values() for record in each.outdated]:
        click.echo(f"left out: {record}", err=True)
    said = []
    if opens and not webbrowser.open(path.resolve().as_uri()):
        said.append(f"no browser could be started; open {path} yourself")
    if faults := [fault for each in known.values() for fault in each.unreadable]:
        said.append("\n".join(["left out:", *(f"  {fault}" for fault in faults)]))
    if said:
        raise Failure("\n".join(said))


def write_page(results: Results, known: Mapping[str, GroupedRecords], checks: Mapping[str, Checked]) -> None:
    """Write the page of a folder of results, and print where it is. Raises ReproError as `page`.

    known, checks: by chapter, what the folder has of it, and what its check found.
    """
    write_if_new(results.root / NAME, page(chapters_named(()), known, checks, results, REFERENCE))
    click.echo(f"Page: {results.root / NAME}")
