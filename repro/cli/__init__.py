"""The command line. A command's module is imported when it is called, so that the others start fast."""

from __future__ import annotations

import importlib
from typing import NamedTuple

import click

from repro.cli.common import HELP, Group


class Lazy(NamedTuple):
    """A command that is not imported yet."""

    place: str
    """`MODULE:ATTRIBUTE`, in this package."""
    help: str
    """The first line of the command's own help."""


COMMANDS = {
    "list": Lazy("look:list_chapters", "List the chapters and their experiments."),
    "show": Lazy("look:show", "Show a chapter: data, models layer by layer, numbers, claims, errata."),
    "check": Lazy("look:check", "Check parameter counts and printed numbers against what follows."),
    "data": Lazy("data:data", "List, fetch, verify and describe the data sets."),
    "run": Lazy("launch:run", "Train experiments and write their records."),
    "notebook": Lazy("notebook:notebook", "Make an executed notebook of a chapter, with what its walkthrough shows."),
    "table": Lazy("publish:table", "Print the comparison with the source, and write all tables."),
    "figures": Lazy("publish:figures", "Draw all figures from the records."),
    "report": Lazy("report:report", "Write all results as one HTML page, with a form that judges your numbers."),
    "fingerprint": Lazy("fingerprint:fingerprint", "Tell which of the known stacks your own Keras computes like."),
    "judge": Lazy("judge:judge", "Say what your own numbers mean, and which of our runs they are like."),
    "compare": Lazy("compare:compare", "Say what differs between two runs, or two groups of runs."),
    "recognise": Lazy("recognise:recognise", "Judge each of our own runs as if it were a reader's."),
    "docs": Lazy("docs:docs", "Rewrite the numbers and outputs in README.md and docs/ from the results."),
    "parity": Lazy("parity:parity", "Replay the steps recorded in R and in Python, and compare."),
    "predict": Lazy("classify:predict", "Classify TEXT, or the texts in a file, with the newest trained weights."),
    "export": Lazy("export:export", "Write the newest trained model for use elsewhere: Keras, SavedModel, ONNX."),
    "reproduce": Lazy("launch:reproduce", "Check the counts, train each model once, compare."),
    "bench": Lazy("bench:bench", "Measure training, evaluation, preparation and start beside Keras."),
}
"""In the order of use, as `repro --help` lists them."""


class LazyGroup(Group):
    """Knows `COMMANDS` by name and first line, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"repro.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings=HELP)
@click.version_option(package_name="lstm-walkthroughs", prog_name="repro")
def main() -> None:
    """Five published LSTM text-classification walkthroughs, reproduced and checked.

    A CHAPTER is one walkthrough. An EXPERIMENT is one of its models with its settings. A run trains an experiment with
    one seed and leaves a record; every table and figure is made from records.
    """
