"""The command that keeps the pages' numbers equal to the results."""

from __future__ import annotations

import contextlib
import io
from functools import partial
from pathlib import Path

import click

from repro.cli import main
from repro.cli.common import results_option
from repro.errors import ReproError
from repro.files import write_if_new
from repro.report.markers import filled


def output_of(words: list[str], results: Path) -> str:
    """What a command of `repro` prints, of this folder of results if it takes one.

    Raises click's Failure as the command does.
    """
    by_default = {words[0]: {"folder": str(results)}}  # what `--results` says; no command refuses it as not its own
    with contextlib.redirect_stdout(io.StringIO()) as output:
        main.main(words, standalone_mode=False, default_map=by_default)
    return output.getvalue()


@click.command()
@click.argument("pages", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a page differs from the results.")
@results_option
def docs(pages: tuple[Path, ...], check: bool, folder: Path) -> None:
    """Rewrite the numbers and outputs in README.md and docs/ from the results.

    Each number stands between two comments that say which file in the folder of results it comes from; see
    repro/report/markers.py.
    """
    pages = pages or (Path("README.md"), *sorted(Path("docs").glob("*.md")))
    outdated = False
    for page in pages:
        try:
            before = page.read_text(encoding="utf-8")
        except OSError as error:
            raise ReproError(f"{page} cannot be read; run this where README.md and docs/ are, or name pages") from error
        after = filled(before, folder, partial(output_of, results=folder))
        if after == before:
            continue
        outdated = True
        click.echo(f"{page}: {'differs from the results' if check else 'rewritten'}")
        if not check:
            write_if_new(page, after.encode())
    if not outdated:
        click.echo(f"The numbers of {len(pages)} pages are those of {folder}.")
    elif check:
        raise click.exceptions.Exit(1)
