"""The command that takes a trained model away."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from repro.cli.common import read_results_option, trained_on_option
from repro.shipped import results_in


@click.command()
@click.argument("experiment", metavar="CHAPTER/EXPERIMENT")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where to write: a new folder, or an empty one.",
)
@trained_on_option
@read_results_option
def export(experiment: str, target: Path, data: str | None, folder: Path | None) -> None:
    """Write the newest trained model for use elsewhere: Keras, SavedModel, ONNX.

    FOLDER also gets what turns a text into the model's input, as data (preprocessing.json, vocabulary.json); a card
    that says what the model is and how well it does; and short programs that load it and classify texts, in Python and
    in R. Nothing there needs this package. All is checked against the trained model before it is put into place.
    """
    from repro.export.exported import export_model  # starts Keras
    from repro.export.model_card import shown

    exported = export_model(experiment, target, results_in(folder), data)
    record = exported.record
    click.echo(f"{record.stem}: trained on {record.data.label} data, numerics {record.settings.numerics}")
    for name, difference in exported.differences.items():
        click.echo(f"{name}: probabilities within {shown(difference)} of the trained model's")
    click.echo(f"Written: {', '.join(str(target / name) for name in exported.names)}")
    click.echo(f"To try it: python {shlex.quote(str(target / 'load.py'))} 'A text.'")
