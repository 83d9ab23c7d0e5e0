"""The command that says what differs between two runs, or two groups of runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from repro.cli.common import read_results_option
from repro.evidence.named_runs import named_pair
from repro.report.contrasts import contrast
from repro.shipped import results_in


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for readers, or JSON for programs, with rates from 0 to 1.",
)
@read_results_option
def compare(first: str, second: str, output: str, folder: Path | None) -> None:
    """Say what differs between two runs, or two groups of runs.

    That is: settings, data, numerics, versions, machines and results, and whether the results differ beyond chance.

    A and B are each the file of a record; its place in the folder of records, such as
    imdb_lstm/model_one/source/seed1-fast-003e981e; or all runs of a model over seeds,
    CHAPTER/EXPERIMENT[/NUMERICS[/VARIATION]], such as imdb_lstm/model_one/source/padding_after.

    Behind @ stand choices: an engine, a seed, data or epochs, as in imdb_lstm/model_one@keras or
    imdb_lstm/model_one@keras@seed3. Without one, the runs on the real data are taken, and if neither A nor B chooses an
    engine, those by one that made enough runs of both; otherwise those by the engine with the most seeds.
    """
    a, b = named_pair(first, second, results_in(folder))
    for fault in dict.fromkeys(map(str, (*a.left_out, *b.left_out))):
        click.echo(f"left out: {fault}", err=True)
    found = contrast(a, b)
    click.echo(json.dumps(found.content, indent=1) if output == "json" else found.text)
