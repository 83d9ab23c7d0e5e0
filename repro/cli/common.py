"""What the commands share: options, errors and warnings as a user meets them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repro.errors import DataWarning, ReproError

if TYPE_CHECKING:
    from repro.chapter import Chapter


HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Failure(click.ClickException):
    """An error that the user can mend: a line or two, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"repro: {self.message}", err=True)


def warn(shown: set[str], message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """A DataWarning as a line like an error's, unless it was `shown` before; others as Python shows them."""
    if issubclass(category, DataWarning):
        if str(message) not in shown:
            click.echo(f"repro: {message}", err=True)
        shown.add(str(message))
    else:
        _show_warning(message, category, *where, **more)


_show_warning = warnings.showwarning


class Group(click.Group):
    """Ends with a `Failure` for a ReproError, and shows each DataWarning once, as a line."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = functools.partial(warn, set[str]())
        try:
            return super().invoke(ctx)
        except ReproError as error:
            raise Failure(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which they were added, that of use


results_option = click.option(
    "--results",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Folder of records, weights, tables and figures.",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs side by side, one thread each.  [default: one for each core]"
)


def chapters_named(names: Sequence[str]) -> list[Chapter]:
    """The chapters named, or all."""
    from repro import registry

    return [registry.chapter(name) for name in names] or list(registry.chapters().values())
