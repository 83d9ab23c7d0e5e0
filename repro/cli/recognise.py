"""The command that tries the judge on our own runs."""

from __future__ import annotations

from pathlib import Path

import click

from repro.cli.common import chapters_named, read_results_option
from repro.errors import ReproError
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.recognition import recognise as recognise_runs
from repro.evidence.run_groups import read_groups
from repro.report.recognition_tables import recognition, recognition_summary
from repro.report.table import write
from repro.shipped import results_in


@click.command()
@click.argument("chapters", nargs=-1, metavar="[CHAPTER]...")
@read_results_option
def recognise(chapters: tuple[str, ...], folder: Path | None) -> None:
    """Judge each of our own runs as if it were a reader's.

    The tables that are written show how often a run is found plausible as what it is, how often an unchanged run is
    asked about a change, and which slips the judge can see. It takes some 20 seconds for a chapter with many runs.
    """
    results, made = results_in(folder), False
    for chapter in chapters_named(chapters):
        groups = read_groups(chapter, results).groups
        found = {
            model.name: list(recognise_runs(chapter, model, candidates(groups, model.name)))
            for model in chapter.experiments
        }
        enough = {experiment: rows for experiment, rows in found.items() if rows}
        if enough:
            tables = [recognition(chapter, experiment, rows) for experiment, rows in enough.items()]
            tables.append(recognition_summary(chapter, enough))
            click.echo("\n".join(each.text for each in tables))
            click.echo(f"Tables: {write(tables, results.root / 'tables' / 'judge' / chapter.name)}")
            made = True
    if not made:
        raise ReproError(f"too few runs in {results.searched} to be judged; repro run makes more")
