"""The command that tells what somebody's own Keras computes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Literal

import click
from click.core import ParameterSource

from repro.cli.common import REFERENCE, Failure, chapters_named, results_option
from repro.fingerprint.probe_file import read_probe
from repro.report.fingerprint_text import Fingerprint, as_data, in_words
from repro.report.stack_table import recorded_probes, stack_table
from repro.report.table import write

SCRIPTS = {"python": "probe.py", "r": "probe.R"}

_GOES_WITH = {"FILE": {"--output"}, "--script": set[str](), "--stacks": {"--reference", "--results"}}
"""What may be asked, and the options that go with it."""


@click.command()
@click.argument("file", required=False, metavar="[FILE]")
@click.option(
    "--script",
    type=click.Choice(list(SCRIPTS), case_sensitive=False),
    help="Print the script to run on your own Keras.",
)
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For readers or programs."
)
@click.option("--stacks", is_flag=True, help="Print the table of known stacks, and write it.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path, file_okay=False),
    default=REFERENCE,
    show_default=True,
    help="With --stacks: the folder of the recordings.",
)
@results_option
@click.pass_context
def fingerprint(
    context: click.Context,
    file: str | None,
    script: str | None,
    output: Literal["text", "json"],
    stacks: bool,
    reference: Path,
    folder: Path,
) -> None:
    """Tell which of the known stacks your own Keras computes like.

    \b
    In R:        repro fingerprint --script r > probe.R
                 Rscript probe.R > fingerprint.json
    In Python:   repro fingerprint --script python > probe.py
                 python probe.py > fingerprint.json
    Then:        repro fingerprint fingerprint.json

    The script trains a very small LSTM network on your own Keras, in up to half a minute, and prints what comes out.
    FILE is what it printed; `-` is standard input. Keras is not needed here.
    """
    _check_options(context)
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


def _check_options(context: click.Context) -> None:
    """Raises Failure unless one thing is asked, with options that go with it."""
    given = {
        parameter.opts[0] if isinstance(parameter, click.Option) else "FILE"
        for parameter in context.command.params
        if context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    }
    asked = [each for each in _GOES_WITH if each in given]
    if len(asked) != 1:
        wrong = f"{' and '.join(asked)} do not go together" if asked else "nothing was asked"
        raise Failure(
            f"{wrong}\nName the FILE that the probe printed, or print its script (--script python|r), "
            "or the table of known stacks (--stacks)."
        )
    if others := sorted(given - {asked[0], *_GOES_WITH[asked[0]]}):
        goes_with = next(first for first, options in _GOES_WITH.items() if others[0] in options)
        raise Failure(f"{others[0]} does not go with {asked[0]}, only with {goes_with}\nLeave it out.")
