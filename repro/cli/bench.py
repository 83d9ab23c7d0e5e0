"""The command that measures."""

from __future__ import annotations

from pathlib import Path

import click

from repro.bench import SECTIONS, Section
from repro.cli.common import results_option
from repro.errors import DataUnavailable, ReproError


@click.command()
@click.argument("targets", nargs=-1, metavar="[CHAPTER[/EXPERIMENT]]...")
@click.option(
    "--only",
    "sections",
    multiple=True,
    type=click.Choice(SECTIONS),
    help="What to measure; may be given again. To training belong memory and the share of the machine's rate.",
)
@click.option(
    "--full-size",
    is_flag=True,
    help="Measure nothing but an epoch of jigsaw_multilabel on as many rows as its source trained on.",
)
@click.option(
    "--data",
    "source",
    default="real",
    show_default=True,
    metavar="real|embedded|PATH",
    help="As of repro run.",
)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Turns of each contestant.")
@click.option(
    "--batches",
    type=click.IntRange(min=1),
    help="Batches to train in a round, scaled to an epoch.  [default: what stock Keras does in 2 seconds]",
)
@click.option(
    "--sweep-epochs", type=click.IntRange(min=1), default=10, show_default=True, help="Epochs of each run of the sweep."
)
@results_option
def bench(
    targets: tuple[str, ...],
    sections: tuple[Section, ...],
    full_size: bool,
    source: str,
    rounds: int,
    batches: int | None,
    sweep_epochs: int,
    folder: Path,
) -> None:
    """Measure training, evaluation and preparation beside Keras.

    The fast engine, Keras as installed and whatever else is there, on TensorFlow, JAX and PyTorch, do the same work in
    turns. What is measured goes to bench/bench.json and bench/bench.md in the folder of results; what they had of the
    same experiments is replaced. All of it takes about a quarter of an hour, on cores that have nothing else to do.
    """
    from repro.bench.measure import measure, measure_full_size
    from repro.bench.tables import tables
    from repro.datasets.choice import decide

    choice = decide(source)

    def say(line: str) -> None:
        click.echo(line, err=True)

    if full_size and (targets or sections):
        raise ReproError("--full-size stands alone: name no chapter, and nothing with --only")
    try:
        if full_size:
            found, document = measure_full_size(choice, root=folder, say=say)
        else:
            found, document = measure(
                targets,
                sections,
                choice=choice,
                rounds=rounds,
                batches=batches,
                sweep_epochs=sweep_epochs,
                root=folder,
                say=say,
            )
    except DataUnavailable as error:
        raise ReproError(f"{error} Without them: --data embedded") from error
    except KeyboardInterrupt:
        click.echo(f"Stopped. What was finished is in {folder / 'bench'}.", err=True)
        raise click.exceptions.Exit(130) from None
    click.echo("\n".join(table.text for table in tables(found)))
    click.echo(f"Tables: {document}\nNumbers: {document.with_suffix('.json')}")
