"""The command that makes an executed notebook of a chapter: notebook."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import click
from rich import progress as bars
from rich.console import Console

from repro import extras
from repro.cli.common import data_option
from repro.datasets.choice import decide
from repro.errors import ReproError
from repro.files import not_writable, write_atomically
from repro.registry import chapter as find_chapter

if TYPE_CHECKING:
    from repro.notebook.executed import CellBegun


@click.command()
@click.argument("chapter")
@data_option("The real data; a small corpus that this package generates; or the real data in this folder or file.")
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs to train.  [default: as many as in the source]")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.ipynb",
    help="The notebook.  [default: CHAPTER.ipynb]",
)
@click.option("--force", is_flag=True, help="Replace a notebook that is there.")
@click.option(
    "--results",
    "results",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder of the records to compare with; files that the walkthrough writes go to its folder walkthrough.  "
    "[default: results, in the repository]",
)
def notebook(
    chapter: str, source: str, epochs: int | None, target: Path | None, force: bool, results: Path | None
) -> None:
    """Make an executed notebook of a chapter, with what its walkthrough shows.

    The chapter's prose and code stand in cells, and under each step of the walkthrough what it printed and drew. It is
    trained by Keras, as in `python -m chapters.CHAPTER`.
    """
    found = find_chapter(chapter)
    extras.need("study", "repro notebook", "ipykernel", "jupytext", "nbclient")
    target = target or Path(f"{chapter}.ipynb")
    if target.suffix != ".ipynb":
        raise ReproError(f"{target}: the name of a notebook ends in .ipynb")
    if target.exists() and not force:
        raise ReproError(f"{target} is there already; --force replaces it, --to names another file")
    decide(source)
    folder = target.absolute().parent
    if fault := not_writable(folder):
        raise ReproError(f"cannot write to {folder}: {fault}")
    from repro.notebook.executed import executed_notebook  # needs an extra

    options: dict[str, str | int] = {}
    if source != "real":
        options["data"] = _seen_from(folder, source)
    if epochs is not None:
        options["epochs"] = epochs
    if results is not None:
        options["results"] = _seen_from(folder, str(results))
    typed = ["repro", "notebook", chapter]
    typed += ["--data", source] if source != "real" else []
    typed += ["--epochs", str(epochs)] if epochs is not None else []
    with _Display(chapter, Console(stderr=True)) as display:
        try:
            content = executed_notebook(
                found,
                folder,
                data=source,
                options=options,
                command=shlex.join(typed),
                begun=display.begun,
                printed=display.printed,
            )
        except KeyboardInterrupt:
            click.echo("Stopped. No notebook was written.", err=True)
            raise click.exceptions.Exit(130) from None
    write_atomically(target, content)
    click.echo(f"Notebook: {target}")


def _seen_from(folder: Path, typed: str) -> str:
    """A word or an absolute path as it is; a relative path as it is called in the notebook's folder."""
    path = Path(typed)
    if typed == "embedded" or path.expanduser().is_absolute():
        return typed
    return os.path.relpath(path, folder)


class _Display:
    """Shows which cell runs: a bar with the last line that it printed on a terminal, a line for each cell elsewhere."""

    def __init__(self, chapter: str, console: Console) -> None:
        self.chapter, self.console = chapter, console
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.fields[last]}", markup=False),
            bars.TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(f"{chapter}: starting", total=None, last="")

    def __enter__(self) -> _Display:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begun(self, cell: CellBegun) -> None:
        where = f"{self.chapter}: cell {cell.number} of {cell.cells}"
        self._bar.update(self._task, description=where, total=cell.cells, completed=cell.number - 1, last=cell.title)
        if not self.console.is_terminal:
            self.console.print(f"{where}: {cell.title}", highlight=False, soft_wrap=True, markup=False)

    def printed(self, text: str) -> None:
        if lines := text.split("\n")[-2:-1]:
            self._bar.update(self._task, last=lines[0][:60])
