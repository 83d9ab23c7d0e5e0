"""The command that tells what somebody's own Keras computes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Literal

import click

from repro.cli.common import Failure, chapters_named, results_option
from repro.fingerprint.probe_file import read_probe
from repro.report.fingerprint_text import Fingerprint, as_data, in_words
from repro.report.stack_table import recorded_probes, stack_table
from repro.report.table import write

SCRIPTS = {"python": "probe.py", "r": "probe.R"}


@click.command()
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--script", type=click.Choice(list(SCRIPTS)), help="Print the script to run on your own Keras.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For readers or programs."
)
@click.option("--stacks", is_flag=True, help="Print the table of known stacks, and write it.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tests/reference"),
    show_default=True,
    help="With --stacks: the folder of the recordings.",
)
@results_option
def fingerprint(
    file: str | None,
    script: str | None,
    output: Literal["text", "json"],
    stacks: bool,
    reference: Path,
    folder: Path,
) -> None:
    """Tell which of the known stacks your own Keras computes like.

    \b
    In Python:   repro fingerprint --script python > probe.py
                 python probe.py > fingerprint.json
    In R:        repro fingerprint --script r > probe.R
                 Rscript probe.R > fingerprint.json
    Then:        repro fingerprint fingerprint.json

    The script trains a very small LSTM network for some seconds on your own Keras, and prints what comes out. FILE is
    what it printed; `-` is standard input. Keras is not needed here.
    """
    if (file is not None) + (script is not None) + stacks != 1:
        raise Failure("name the file that the probe printed, or print the script: repro fingerprint --script python|r")
    if script:
        click.echo(
            files("repro.fingerprint").joinpath("scripts", SCRIPTS[script]).read_text(encoding="utf-8"), nl=False
        )
    elif stacks:
        table = stack_table(recorded_probes(reference))
        click.echo(table.text)
        click.echo(f"Tables: {write([table], folder / 'tables' / 'fingerprints')}")
    else:
        found = Fingerprint.of(read_probe(str(file)))
        chapters = chapters_named(())
        click.echo(json.dumps(as_data(found, chapters), indent=2) if output == "json" else in_words(found, chapters))
