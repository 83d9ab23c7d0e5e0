"""The executed notebook of a chapter: its cells, what they show, and a first cell that says how it was made."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import nbformat

from repro.chapter import Chapter
from repro.datasets.choice import DataChoice
from repro.datasets.dataset import Provenance
from repro.environment import versions
from repro.errors import DataUnavailable, ReproError
from repro.evidence.run_groups import data_in_words
from repro.notebook.chapter_cells import ChapterCell, chapter_cells
from repro.notebook.kernel import CellFailed, execute

NAMES = {
    "python": "Python",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
    "numpy": "NumPy",
}
"""How software is spelled."""


class CellBegun(NamedTuple):
    """How far the notebook is."""

    number: int
    """Of the cell that runs now, from 1."""
    cells: int
    title: str


def executed_notebook(
    chapter: Chapter,
    folder: Path,
    *,
    data: DataChoice,
    options: Mapping[str, str | int],
    command: str,
    begun: Callable[[CellBegun], None],
    printed: Callable[[str], None],
) -> bytes:
    """Run a chapter's cells, the walkthrough among them; return the notebook, in Jupyter's format 4.5.

    folder: that of the notebook, and the current one of its cells.
    data: what `options`, the arguments of `walkthrough.options`, make the walkthrough load.
    command: what made it, for readers.
    begun: called before each cell with code. printed: called with what a cell prints, while it runs.

    What is only true of this machine is left out: paths, unless `options` has one, and the times that Keras prints.

    Raises ReproError if the data cannot be had, a cell fails, or the chapter has no walkthrough.
    """
    module = importlib.import_module(f"chapters.{chapter.name}")
    try:
        cells = chapter_cells(inspect.getsource(module), options)
    except ReproError as error:
        raise ReproError(f"{chapter.name}: {error}") from error
    try:
        provenance = chapter.data(data).provenance
    except DataUnavailable as error:
        raise DataUnavailable(f"{error} Without them: --data embedded") from error
    cells = _with_first(cells, chapter.title, _facts(chapter, provenance, options, command))
    notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[_node(number, cell) for number, cell in enumerate(cells, 1)],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "version": versions()["python"], "file_extension": ".py"},
        },
    )
    code = [position for position, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

    def cell_begun(position: int) -> None:
        if position in code:
            begun(CellBegun(code.index(position) + 1, len(code), cells[position].title))

    try:
        execute(notebook, folder, begun=cell_begun, printed=printed)
    except CellFailed as error:
        raise ReproError(_failure(chapter, cells[error.position], error)) from error
    _without_this_machine(notebook, folder)
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return f"{text}\n".encode()


def _with_first(cells: list[ChapterCell], title: str, facts: Mapping[str, str]) -> list[ChapterCell]:
    """The cells behind one that says what the notebook is.

    title: of a chapter without a docstring. Otherwise, the first line of that is the title, and a cell has the rest.
    """
    if cells[0].kind == "markdown" and not cells[0].title:
        title, _, rest = cells[0].text.partition("\n\n")
        cells = [*([replace(cells[0], text=rest)] if rest else []), *cells[1:]]
    rows = [f"| {name} | {text} |" for name, text in facts.items()]
    table = "\n".join(["| | |", "|:--|:--|", *rows])
    hint = (
        "To go through it in another way, change the call of `walkthrough.options` and run all cells. "
        "JupyterLab folds long cells that hold only what the suite reads. Times and paths are left out of the outputs."
    )
    return [ChapterCell("markdown", f"# {title}\n\n{table}\n\n{hint}", "", is_step=False), *cells]


def _facts(chapter: Chapter, provenance: Provenance, options: Mapping[str, str | int], command: str) -> dict[str, str]:
    """What the notebook is, on which data, made by which command and versions."""
    package, *software = (f"{NAMES.get(name, name)} {version}" for name, version in _versions())
    as_in_source = " or ".join(map(str, sorted({experiment.epochs for experiment in chapter.experiments})))
    rows = f"{provenance.train_rows:,} rows to train on, {provenance.test_rows:,} to test on"
    if provenance.validation_rows:
        rows += f", {provenance.validation_rows:,} held out"
    return {
        "chapter": f"`{chapter.name}` of {package}, the code in `chapters/{chapter.name}.py`",
        "data": f"{data_in_words(provenance)}: {rows}",
        "epochs": f"{options.get('epochs', as_in_source)}; in the source: {as_in_source}",
        "made by": f"`{command}`",
        "with": ", ".join(software),
    }


def _versions() -> Iterator[tuple[str, str]]:
    """Versions, this package's first."""
    found = versions()
    package = "lstm-walkthroughs"
    yield package, found.pop(package)
    yield from found.items()


def _node(number: int, cell: ChapterCell) -> nbformat.NotebookNode:
    make = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
    node: nbformat.NotebookNode = make(cell.text, id=f"cell-{number}")  # type: ignore[no-untyped-call]
    if cell.is_folded:
        node.metadata["jupyter"] = {"source_hidden": True}
    return node


def _failure(chapter: Chapter, cell: ChapterCell, error: CellFailed) -> str:
    """A line or two: what a user can mend as it is, anything else with the cell and the last line of the error."""
    mendable: list[type[ReproError]] = [ReproError, *ReproError.__subclasses__()]
    if error.kind in {each.__name__ for each in mendable}:
        return error.text
    last = next((line for line in reversed(error.text.splitlines()) if line.strip()), "")
    return f"{chapter.name}: the cell {cell.title!r} fails, so there is no notebook.\n{error.kind}: {last}"


def _without_this_machine(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Take folders, the kernel's own files, and how long an epoch took out of what the cells show."""
    roots = {Path(__file__).parents[2], folder, Path(sys.prefix), Path(tempfile.gettempdir())}
    shortened = {f"{path}/": "" for root in roots for path in (root.absolute(), root.resolve())}
    shortened |= {f"{path}/": "~/" for path in (Path.home(), Path.home().resolve())}
    longest_first = sorted((path for path in shortened if path != "//"), key=len, reverse=True)

    def without(text: str) -> str:
        text = re.sub(r"\S*ipykernel_\d+/\d+\.py", "cell", text)
        text = re.sub(r" - \d+m?s - \d+[mu]?s/(step|epoch)", "", text)
        for path in longest_first:
            text = text.replace(path, shortened[path])
        return text

    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "text" in output:
                output.text = without(output.text)
            for kind, content in output.get("data", {}).items():
                if kind.startswith("text/"):
                    output.data[kind] = without(content)
