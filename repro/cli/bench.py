"""The command that measures."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from repro.bench import CONTESTANTS, SECTIONS, Section, results, sections
from repro.bench.document import tables, write
from repro.cli.common import data_option, results_option
from repro.datasets.choice import decide
from repro.errors import DataUnavailable, ReproError
from repro.files import check_writable


@click.command()
@click.argument("targets", nargs=-1, metavar="[CHAPTER[/EXPERIMENT]]...")
@click.option(
    "--only",
    "wanted",
    multiple=True,
    type=click.Choice(SECTIONS),
    help="What to measure; may be given again. Training covers memory and arithmetic too.",
)
@click.option(
    "--full-size",
    is_flag=True,
    help="Measure nothing but an epoch on as many rows as the source trained on, where it printed how long that took.",
)
@click.option("--document", is_flag=True, help="Measure nothing: write bench.md again from bench.json.")
@click.option(
    "--contestant",
    "contestants",
    multiple=True,
    type=click.Choice(list(CONTESTANTS)),
    help="Who trains and predicts; may be given again.  [default: all that are installed]",
)
@data_option("As for repro run.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Turns of each contestant.")
@click.option(
    "--batches",
    type=click.IntRange(min=1),
    help="Batches to train in a round, scaled to an epoch.  [default: as many as each trains in 2 seconds]",
)
@click.option(
    "--sweep-epochs", type=click.IntRange(min=1), default=10, show_default=True, help="Epochs of each run of the sweep."
)
@results_option
def bench(
    targets: tuple[str, ...],
    wanted: tuple[Section, ...],
    full_size: bool,
    document: bool,
    contestants: tuple[str, ...],
    source: str,
    rounds: int,
    batches: int | None,
    sweep_epochs: int,
    folder: Path,
) -> None:
    """Measure training, evaluation, preparation and start beside Keras.

    The fast engine, Keras on TensorFlow and JAX, and PyTorch, as far as they are installed, do the same work in turns;
    who does not take equally long each time gets more turns. The numbers go to bench/bench.json and bench/bench.md in
    the folder of results, where they replace earlier ones of the same experiments. All of it takes about 25 minutes on
    two cores that have nothing else to do.
    """
    choice = decide(source)
    path = folder / "bench" / ("bench-embedded.json" if choice == "embedded" else "bench.json")
    alone = [option for option, given in {"--full-size": full_size, "--document": document}.items() if given]
    if alone and (targets or wanted or len(alone) > 1):
        raise ReproError(f"{alone[0]} stands alone: name no chapter, and nothing with --only")
    if document:
        click.echo(f"Tables: {write(results.load(path), path)}")
        return
    asked = sections.Asked(
        choice=choice,
        rounds=rounds,
        batches=batches,
        sweep_epochs=sweep_epochs,
        contestants=contestants or tuple(CONTESTANTS),
        say=lambda line: click.echo(line, err=True),
    )
    try:
        parts = sections.full_sizes(asked) if full_size else sections.parts(targets, wanted, asked)
        check_writable(folder)
        whole = not (full_size or targets or contestants) and set(wanted or SECTIONS) == set(SECTIONS)
        everything = results.begin(path, whole=whole)
        new = msgspec.structs.replace(everything, rows=())
        for part in parts:
            rows = part()
            everything, new = everything.with_part(rows), new.with_part(rows)
            results.save(everything, path)
            write(everything, path)
    except DataUnavailable as error:
        raise ReproError(f"{error} Without them: --data embedded") from error
    except KeyboardInterrupt:
        click.echo(f"Stopped. What was finished is in {path.parent}.", err=True)
        raise click.exceptions.Exit(130) from None
    click.echo("\n".join(table.text for table in tables(new)))
    click.echo(f"Tables: {path.with_suffix('.md')}\nNumbers: {path}")
