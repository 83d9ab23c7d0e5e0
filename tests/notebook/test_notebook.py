"""The notebook of a chapter: its prose and its code, executed, without what is only true of this machine."""

from __future__ import annotations

import ast
import base64
import importlib
import importlib.util
import inspect
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from repro import registry
from repro.cli import main
from repro.errors import ReproError
from repro.notebook import executed
from repro.notebook.chapter_cells import chapter_cells

CHAPTERS = list(registry.chapters())
MODULES = {name: Path(__file__).parents[2] / "chapters" / f"{name}.py" for name in CHAPTERS}

FEW = """
import repro.walkthrough
from conftest import few_rows
load = repro.walkthrough.load
repro.walkthrough.load = lambda options: few_rows(load(options))
"""
"""What the kernel does when it starts: the tests need no more than a few rows."""

FIGURES = {"imdb_lstm": 4, "rotten_tomatoes": 2, "stacked_lstm": 1}
"""How many are drawn, by chapter; none where a chapter is not named."""


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["notebook", *map(str, arguments)])


def refused(result: Result) -> str:
    """The message of a command that ended as a user's error should."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    return result.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the command. Kernels that start from it load few rows."""
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(FEW)
    monkeypatch.syspath_prepend(tmp_path / "start")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def other_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that somebody installed under the usual name, for an environment that is gone."""
    place = tmp_path / "jupyter" / "kernels" / "python3"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(
        json.dumps({"argv": ["/gone/python"], "display_name": "x", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.mark.usefixtures("other_kernel")
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapters_notebook_shows_what_its_walkthrough_shows(name: str, folder: Path) -> None:
    made = call(name, "--data", "embedded", "--epochs", "1", "--results", "results")
    assert made.exit_code == 0, made.output
    assert made.stdout == f"Notebook: {name}.ipynb\n"
    content = (folder / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.search(r"/(tmp|home|root|usr|work)\b|site-packages|ipykernel_|\d+m?s/step", content)
    notebook: Any = nbformat.reads(content, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert [f"{name}: cell {n} of {len(code)}:" for n in range(1, len(code) + 1)] == re.findall(
        rf"^{name}: cell .*?:", made.stderr, flags=re.MULTILINE
    )
    assert all(cell.metadata.keys() <= {"jupyter"} for cell in notebook.cells)
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    images = [base64.b64decode(each.data["image/png"]) for each in outputs if "image/png" in each.get("data", {})]
    assert len(images) == FIGURES.get(name, 0)
    assert all(image.startswith(b"\x89PNG") for image in images)
    shown = "".join(output.get("text", "") for output in outputs)
    assert "This run: the embedded corpus, epochs 1, seed 1." in shown
    summaries = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    for experiment in registry.chapter(name).experiments:
        assert f"{experiment.parameters:,}" in summaries

    first = notebook.cells[0].source
    module = importlib.import_module(f"chapters.{name}")
    assert first.startswith(f"# {(module.__doc__ or '').splitlines()[0]}\n\n| | |\n")
    for fact in (
        f"| chapter | `{name}` of lstm-walkthroughs ",
        "| data | the embedded corpus: ",
        "| epochs | 1; in the source: ",
        f"| made by | `repro notebook {name} --data embedded --epochs 1` |",
        ", Keras 3.",
    ):
        assert fact in first


# Cells


def flat(tree: ast.Module) -> list[str]:
    """The statements of a module but for its docstring and its call of `walkthrough.options`, steps as all others."""
    statements = [
        inner
        for statement in tree.body
        for inner in (
            statement.body if ast.unparse(statement).startswith("if __name__ == '__main__':") else [statement]  # type: ignore[attr-defined]
        )
    ]
    return [
        ast.unparse(each)
        for each in statements
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        and not ast.unparse(each).startswith("options = ")
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_its_code_is_the_chapters_without_a_large_cell_for_the_walkthrough(name: str) -> None:
    source = MODULES[name].read_text(encoding="utf-8")
    cells = chapter_cells(source, {"data": "embedded", "epochs": 1})
    code = [cell for cell in cells if cell.kind == "code"]
    assert flat(ast.parse("\n".join(cell.text for cell in code))) == flat(ast.parse(source))
    assert not any("__main__" in cell.text for cell in code)
    steps = [cell for cell in code if cell.is_step]
    assert len(steps) >= 7
    assert max(len(cell.text.splitlines()) for cell in steps) <= 20
    assert 'options = walkthrough.options(CHAPTER, data="embedded", epochs=1)' in steps[0].text
    headings = [cell.text.splitlines()[0] for cell in cells if cell.kind == "markdown"][1:]
    assert all(re.match("###? ", heading) for heading in headings)


def test_long_cells_that_build_no_model_are_folded() -> None:
    source = MODULES["imdb_lstm"].read_text(encoding="utf-8")
    code = [cell for cell in chapter_cells(source, {}) if cell.kind == "code"]
    folded = [cell.title for cell in code if cell.is_folded]
    assert len(folded) == 5
    assert any(title.startswith("What the source claims") for title in folded)
    assert not any(cell.is_folded for cell in code if "keras.layers.LSTM(" in cell.text or cell.is_step)


SMALL = '''"""A small chapter: two lines.

Its docstring has `code` and 2 * 2 * 2.

    python -m chapters.small
"""

# %% Numbers, in short
# What one_number is: see `repro`.
#
#     one_number = 2
one_number = 1
# a comment of the code


def two() -> int:
    return 2


# %% [markdown]
# As it *is*.

# %% The walkthrough
# Its prose
if __name__ == "__main__":  # the walkthrough
    # first
    options = walkthrough.options(
        CHAPTER, epochs=5, seed=3  # as in the source
    )

    print("ö")

# %% A text
if __name__ == "__main__":
    print("""a
    b""")
'''


def test_titles_and_comments_become_prose_and_steps_lose_their_condition() -> None:
    cells = chapter_cells(SMALL, {"epochs": 1, "data": 'a "path"'})
    assert [(cell.kind, cell.text) for cell in cells] == [
        (
            "markdown",
            "A small chapter: two lines.\n\nIts docstring has `code` and 2 \\* 2 \\* 2.\n\n"
            "```\npython -m chapters.small\n```",
        ),
        ("markdown", "## Numbers, in short\n\nWhat one_number is: see `repro`.\n\n```\none_number = 2\n```"),
        ("code", "one_number = 1\n# a comment of the code\n\n\ndef two() -> int:\n    return 2"),
        ("markdown", "As it *is*."),
        ("markdown", "## The walkthrough\n\nIts prose"),
        (
            "code",
            '# first\noptions = walkthrough.options(CHAPTER, seed=3, epochs=1, data="a \\"path\\"")\n\nprint("ö")',
        ),
        ("markdown", "### A text"),
        ("code", 'if __name__ == "__main__":\n    print("""a\n    b""")'),  # to move it would change the text
    ]


def test_options_that_are_as_in_the_chapter_stay_as_they_are() -> None:
    source = "if __name__ == '__main__':\n    options = walkthrough.options(CHAPTER, epochs=5)"
    assert chapter_cells(source, {})[0].text == "options = walkthrough.options(CHAPTER, epochs=5)"
    assert chapter_cells(source, {"epochs": 5})[0].text == "options = walkthrough.options(CHAPTER, epochs=5)"


def test_what_stands_beside_the_walkthrough_in_one_cell_gets_a_cell_of_its_own() -> None:
    source = "a = 1\n\nif __name__ == '__main__':\n    walkthrough.options(a)\n\n# after\nb = 2"
    cells = chapter_cells(source, {})
    assert [(cell.text, cell.is_step) for cell in cells] == [
        ("a = 1", False),
        ("walkthrough.options(a)", True),
        ("# after\nb = 2", False),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a = 1", "no cell calls walkthrough.options"),
        ("walkthrough.options(1)", "no cell calls walkthrough.options"),
        ("# %% One\na = (1,\n# %% Two\n2)", "its cell 'One' is not complete"),
    ],
)
def test_a_module_that_gives_no_notebook_is_an_error(source: str, message: str) -> None:
    with pytest.raises(ReproError, match=message):
        chapter_cells(source, {})


# Mistakes


def of_source(monkeypatch: pytest.MonkeyPatch, *steps: str) -> None:
    """Let all chapters have these steps alone, each a line."""
    first = "from repro import walkthrough\n    if False: walkthrough.options()"
    cells = [f"# %% Step {n}\nif __name__ == '__main__':\n    {step}" for n, step in enumerate((first, *steps))]
    monkeypatch.setattr(inspect, "getsource", lambda _: "\n".join(cells))
    monkeypatch.setattr(executed, "inspect", inspect)


def test_a_cell_that_fails_is_named_and_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source(monkeypatch, "print(1)", "raise ValueError('first\\nlast')")
    message = refused(call("imdb_rnn", "--data", "embedded"))
    lines = [line for line in message.splitlines() if not line.startswith("imdb_rnn: cell ")]
    assert lines == ["repro: imdb_rnn: the cell 'Step 2' fails, so there is no notebook.", "ValueError: last"]
    assert list(folder.iterdir()) == []


def test_a_users_mistake_that_a_cell_notices_is_said_as_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source(monkeypatch, "from repro.errors import DataInvalid; raise DataInvalid('it is cut off')")
    assert refused(call("imdb_rnn", "--data", "embedded")).endswith("repro: it is cut off\n")
    assert list(folder.iterdir()) == []


def test_a_kernel_that_dies_ends_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source(monkeypatch, "import os; os._exit(9)")
    assert "repro: the notebook's kernel has ended" in refused(call("imdb_rnn", "--data", "embedded"))
    assert list(folder.iterdir()) == []


INTERRUPTED = """
import inspect, signal
from repro.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
step = "from repro import walkthrough; 0 and walkthrough.options(); import time; time.sleep(600)"
inspect.getsource = lambda _: f"# %% Wait\\nif __name__ == '__main__':\\n    {step}"
main(["notebook", "imdb_rnn", "--data", "embedded"])
"""


def test_an_interrupt_ends_the_command_and_its_kernel_in_a_line(folder: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert process.stderr.readline() == "imdb_rnn: cell 1 of 1: Wait\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "Stopped. No notebook was written.\n"
        assert process.wait() == 130
    assert list(folder.iterdir()) == []


def test_a_notebook_that_is_there_is_replaced_only_by_force(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source(monkeypatch, "print(7 * 191)")
    target = folder / "mine.ipynb"
    target.write_text("edited")
    arguments = ("imdb_rnn", "--data", "embedded", "--to", target)
    assert "mine.ipynb is there already; --force replaces it" in refused(call(*arguments))
    assert target.read_text() == "edited"
    assert call(*arguments, "--force").exit_code == 0
    assert "1337" in target.read_text()
    title = nbformat.read(target, as_version=4).cells[0].source.splitlines()[0]  # type: ignore[no-untyped-call]
    assert title == f"# {registry.chapter('imdb_rnn').title}"  # for want of a docstring


def test_paths_of_this_machine_are_left_out_of_what_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source(
        monkeypatch,
        "import pathlib, repro; print(pathlib.Path.cwd() / 'a', repro.__file__, pathlib.Path.home() / 'b')",
        "import warnings; warnings.warn('careful')",
        "print('6/6 - 12s - 2s/step - loss: 1.5\\n6/6 - 0s - 31ms/step - loss: 1.4')",
    )
    assert call("imdb_rnn", "--data", "embedded").exit_code == 0
    notebook: Any = nbformat.read(folder / "imdb_rnn.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    shown = ["".join(output.text for output in cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert shown[1:] == [
        "a repro/__init__.py ~/b\n",
        "cell:1: UserWarning: careful\n  import warnings; warnings.warn('careful')\n",
        "6/6 - loss: 1.5\n6/6 - loss: 1.4\n",
    ]


def test_a_relative_path_is_written_as_the_notebooks_folder_sees_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "notes").mkdir()
    given: dict[str, Any] = {}
    monkeypatch.setattr(executed, "executed_notebook", lambda *_, **options: given.update(options) or b"{}")
    call("imdb_rnn", "--data", ".", "--results", "results", "--to", "notes/a.ipynb")
    assert given["options"] == {"data": "..", "results": "../results"}
    call("imdb_rnn", "--data", folder, "--to", "notes/b.ipynb")
    assert given["options"] == {"data": str(folder)}
    call("imdb_rnn", "--to", "notes/c.ipynb")
    assert given["options"] == {}


def unknown(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["imdb_rn"], "did you mean 'imdb_rnn'?"),
        (["imdb_rnn", "--data", "embeded"], "did you mean 'embedded'?"),
        (["imdb_rnn", "--to", "a.html"], "a.html: the name of a notebook ends in .ipynb"),
        (["imdb_rnn", "--to", "file/a.ipynb"], "cannot write to"),
        (["imdb_rnn"], "Without them: --data embedded"),
        (["imdb_rnn", "--epochs", "0"], "0 is not in the range x>=1"),
    ],
)
def test_a_mistake_ends_with_a_line_or_two_before_a_kernel_starts(
    arguments: list[str], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(executed, "execute", lambda *_, **__: pytest.fail("nothing runs"))
    assert message in refused(call(*arguments))
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in ("jupytext", "nbclient") else object()
    )
    message = refused(call("imdb_rnn"))
    assert message.startswith("repro: repro notebook needs jupytext and nbclient: pip install ")
