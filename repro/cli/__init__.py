"""The command line: parses, calls, prints. What a command needs it imports itself, so that the others start fast."""

from __future__ import annotations

import sys

import click

from repro.cli import bench, data, look, parity, publish
from repro.cli import classify as predict
from repro.cli import launch as train
from repro.cli.common import HELP, Group


@click.group(cls=Group, context_settings=HELP)
@click.version_option(package_name="lstm-walkthroughs", prog_name="repro")
def main() -> None:
    """Five published LSTM text-classification walkthroughs, reproduced and checked.

    A CHAPTER is one walkthrough, an EXPERIMENT one of its models with its settings; a run trains an experiment with one
    seed and leaves a record, and every table and figure is made from records.
    """


for _command in (
    *(look.list_chapters, look.show, look.check, data.data, train.run, publish.table, publish.figures),
    *(parity.parity, predict.predict, train.reproduce, bench.bench),
):
    main.add_command(_command)


def run_chapter(name: str) -> None:
    """What `python -m chapters.NAME` does: `repro run NAME` with the options given."""
    main(["run", name, *sys.argv[1:]], prog_name="repro")
