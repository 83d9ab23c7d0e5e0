"""What the commands share: options, and how a user meets errors and warnings."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from repro import extras, registry
from repro.chapter import Chapter
from repro.errors import DataWarning, ReproError
from repro.files import not_writable

if TYPE_CHECKING:
    from repro.runs.event_files import EventFiles

Function = TypeVar("Function", bound=Callable[..., Any])

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Failure(click.ClickException):
    """An error that the user can mend: a line or two, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"repro: {self.message}", err=True)


def warn(shown: set[str], message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """Show a DataWarning as one line, once; show others as Python does. `shown` has the messages shown so far."""
    if issubclass(category, DataWarning):
        if str(message) not in shown:
            click.echo(f"repro: {message}", err=True)
        shown.add(str(message))
    else:
        _show_warning(message, category, *where, **more)


_show_warning = warnings.showwarning


class Group(click.Group):
    """Ends a ReproError as a `Failure`, and shows each DataWarning once, in a line."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = functools.partial(warn, set[str]())
        try:
            return super().invoke(ctx)
        except ReproError as error:
            raise Failure(str(error)) from error


results_option = click.option(
    "--results",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Folder of records, weights, tables and figures.",
)
read_results_option = click.option(
    "--results",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of records, tables and figures.  [default: results, with the records that came with the package]",
)
"""Of a command that reads records: `results_in` opens what is given."""
trained_on_option = click.option(
    "--data",
    metavar="real|embedded|PATH",
    help="What the model was trained on; PATH is where the real data are, for the numbers of the words.  "
    "[default: real, if there is such a model; otherwise embedded]",
)
"""Of a command that takes a trained model."""
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Runs side by side.  [default: all of them, but no more than there are cores]",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of each run; they do not change its bits. Keras' engine takes one.  [default: the cores divided by "
    "--jobs]",
)


def tensorboard_option(text: str) -> Callable[[Function], Function]:
    """The option that names a folder for curves, with its help."""
    place = click.Path(path_type=Path, file_okay=False)
    return click.option("--tensorboard", "curves", type=place, metavar="FOLDER", help=text)


def data_option(text: str) -> Callable[[Function], Function]:
    """The option that chooses the data to train on or to count, with its help."""
    return click.option("--data", "source", default="real", show_default=True, metavar="real|embedded|PATH", help=text)


def event_files(folder: Path) -> EventFiles:
    """What writes curves to a folder. Raises ReproError if it cannot be written, or TensorBoard is not installed."""
    extras.need("study", "--tensorboard", "tensorboard")
    if fault := not_writable(folder):
        raise ReproError(f"cannot write to {folder}: {fault}; name another folder with --tensorboard")
    from repro.runs.event_files import EventFiles  # needs an extra

    return EventFiles(folder)


def chapters_named(names: Sequence[str]) -> list[Chapter]:
    """The chapters named, or all."""
    return [registry.chapter(name) for name in names] or list(registry.chapters().values())
