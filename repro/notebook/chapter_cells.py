"""The cells of a chapter's notebook: its module, taken apart into prose and code.

A chapter's module has cells that begin with `# %%` and a title. In the notebook, the title becomes a heading, the
comment under it prose, and what stands under `if __name__ == "__main__":` a cell of its own, without that line.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import jupytext  # type: ignore[import-untyped]

from repro.errors import ReproError

LONG = 40
"""Lines of a cell that is folded, if it builds no model: it holds what the suite reads."""


@dataclass(frozen=True)
class ChapterCell:
    """One cell of the notebook."""

    kind: Literal["markdown", "code"]
    text: str
    title: str
    """That of the cell in the module."""
    is_step: bool
    """Whether it belongs to the walkthrough, not to what the walkthrough uses."""

    @property
    def is_folded(self) -> bool:
        """Whether its code is hidden until a reader asks for it."""
        long = self.text.count("\n") >= LONG
        return self.kind == "code" and not self.is_step and long and "keras.layers." not in self.text


def chapter_cells(source: str, options: Mapping[str, str | int]) -> list[ChapterCell]:
    """The cells of a chapter's module, in its order; the first has its docstring.

    source: of the module. options: arguments that the call of `walkthrough.options` gets in place of its own.

    Raises ReproError if no cell calls it, or a cell does not end where a statement does.
    """
    notebook = jupytext.reads(source, fmt={"extension": ".py", "format_name": "percent", "comment_magics": False})
    cells: list[ChapterCell] = []
    for cell in notebook.cells:
        title = str(cell.metadata.get("title", ""))
        if cell.cell_type != "code":
            cells.append(ChapterCell("markdown", cell.source, title, is_step=False))
            continue
        try:
            in_steps = any(each.is_step for each in cells)
            cells += _cells(cell.source, title, in_steps)
        except SyntaxError as error:
            raise ReproError(f"its cell {title!r} is not complete: {error}") from error
    calls = [_options_call(cell) for cell in cells]
    if not any(calls):
        raise ReproError("it has no walkthrough: no cell calls walkthrough.options (docs/chapters.md)")
    return [_with_options(cell, call, options) if call else cell for cell, call in zip(cells, calls, strict=True)]


def _cells(source: str, title: str, in_steps: bool) -> Iterator[ChapterCell]:
    """The cells that one cell of the module becomes. in_steps: whether there was a step before it."""
    lines = source.splitlines()
    statements = ast.parse(source).body
    if statements and (docstring := _docstring(statements[0])):
        yield ChapterCell("markdown", _prose(docstring.splitlines()), title, is_step=False)
        lines[: statements[0].end_lineno] = [""] * (statements[0].end_lineno or 0)
        del statements[0]
    first = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    is_step = any(map(_is_main, statements))
    heading = [f"{'###' if is_step and in_steps else '##'} {_escaped(title)}"] if title else []
    if text := "\n\n".join(filter(None, [*heading, _prose([line.lstrip("#")[1:] for line in lines[:first]])])):
        yield ChapterCell("markdown", text, title, is_step)
    for piece in _pieces(lines, first, statements):
        yield ChapterCell("code", piece.text, title, piece.is_main)


@dataclass(frozen=True)
class _Piece:
    text: str
    is_main: bool


def _pieces(lines: list[str], first: int, statements: list[ast.stmt]) -> Iterator[_Piece]:
    """The code from line `first` (from 0) on, cut where the walkthrough begins and ends."""
    start = first
    for is_main, group in groupby(statements, _is_main):
        together = list(group)
        for part in ([each] for each in together) if is_main else [together]:
            end = part[-1].end_lineno or start
            text = "\n".join(lines[start:end]).strip("\n")
            yield _Piece(_without_main(text) if is_main else text, is_main)
            start = end
    if rest := "\n".join(lines[start:]).strip("\n"):  # comments
        yield _Piece(rest, is_main=False)


def _docstring(statement: ast.stmt) -> str:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return ""


def _is_main(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":` without an else."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and ast.unparse(statement.test) == "__name__ == '__main__'"
    )


def _without_main(text: str) -> str:
    """What stands under `if __name__ == "__main__":`, four spaces further to the left; as it is if that changes it."""
    (statement,) = ast.parse(text).body
    assert isinstance(statement, ast.If)
    lines = text.splitlines()
    head = lines[: statement.lineno - 1]  # comments
    body = "\n".join([*head, *(line.removeprefix("    ") for line in lines[statement.lineno :])]).strip("\n")
    unchanged = ast.dump(ast.parse(body)) == ast.dump(ast.Module(statement.body, []))
    return body if unchanged else text  # a text of several lines may have spaces of its own


def _options_call(cell: ChapterCell) -> ast.Call | None:
    """The call of `walkthrough.options` in a step of the walkthrough."""
    nodes = ast.walk(ast.parse(cell.text)) if cell.kind == "code" and cell.is_step else ()
    calls = (node for node in nodes if isinstance(node, ast.Call))
    return next((call for call in calls if ast.unparse(call.func) == "walkthrough.options"), None)


def _with_options(cell: ChapterCell, call: ast.Call, options: Mapping[str, str | int]) -> ChapterCell:
    """The cell with these arguments in its call of `walkthrough.options`."""
    kept = [keyword for keyword in call.keywords if keyword.arg not in options]
    arguments = [ast.unparse(each) for each in (*call.args, *kept)]
    arguments += [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in options.items()]
    before, after = _around(cell.text, call)
    return replace(cell, text=f"{before}walkthrough.options({', '.join(arguments)}){after}")


def _around(text: str, node: ast.expr) -> tuple[str, str]:
    """What stands before and after a node."""
    lines = text.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
    return text.encode()[:start].decode(), text.encode()[end:].decode()


def _prose(lines: list[str]) -> str:
    """Lines of a comment or a docstring as Markdown; what is indented by four spaces is code."""
    blocks = []
    for is_code, group in groupby(lines, lambda line: line.startswith("    ")):
        block = [line.removeprefix("    ") if is_code else _escaped(line) for line in group]
        blocks += ["```", *block, "```"] if is_code else block
    return "\n".join(blocks).strip("\n")


def _escaped(text: str) -> str:
    """Text in which Markdown and Jupyter see nothing special, but for code between backticks."""
    parts = re.split("(`[^`]*`)", text)
    return "".join(
        part if number % 2 else re.sub(r"([\\*<$]|\b_|_\b)", r"\\\1", part) for number, part in enumerate(parts)
    )
