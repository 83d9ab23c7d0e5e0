"""What the commands share: options, and how a user meets errors and warnings."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from repro import extras, registry
from repro.chapter import Chapter
from repro.errors import DataWarning, ReproError, suggestion
from repro.files import not_writable
from repro.numerics import NUMERICS, SOFTWARE, Numerics

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
    """Ends a ReproError, and a command that cannot be read, as a `Failure`; shows each DataWarning once, in a line."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with _mistakes_told():
            return super().make_context(*arguments, **more)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise Failure(f"no command {args[0]!r}; {suggestion(args[0], known)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = functools.partial(warn, set[str]())
        with _mistakes_told():
            return super().invoke(ctx)


@contextmanager
def _mistakes_told() -> Iterator[None]:
    """Raises Failure for a ReproError, and for what click cannot read; lets click show the help where it would."""
    try:
        yield
    except ReproError as error:
        raise Failure(str(error)) from error
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        message = error.format_message()
        help_of = f"\n{error.ctx.command_path} --help explains it" if error.ctx else ""
        raise Failure(f"{message[:1].lower()}{message[1:]}{help_of}") from error


class NumericsChoice(click.Choice[Numerics]):
    """The name of numerics, in any case. A name that there is not ends with what each stands for."""

    def __init__(self) -> None:
        super().__init__(NUMERICS, case_sensitive=False)

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        known = ", ".join(f"{name} ({SOFTWARE[name]})" for name in NUMERICS)
        return f"{value!r} is none of {known}; R's keras3 computes as stock"


REFERENCE = Path("tests/reference")
"""What was recorded in R and in Python, in the repository."""

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
