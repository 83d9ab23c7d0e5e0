"""The commands on the data sets: list, get, verify."""

from __future__ import annotations

import click

from repro.cli.common import Failure
from repro.errors import ReproError


@click.group()
def data() -> None:
    """List, fetch and verify the data sets."""


@data.command("list")
def data_list() -> None:
    """List the files of each data set and where they are found."""
    from tabulate import tabulate

    from repro.datasets import corpora
    from repro.datasets.files import locate

    rows = []
    for files in corpora().values():
        for file in files:
            try:
                found = locate(file, None)
                state = f"{found.edition}, in {found.path.parent}" if found else "not here"
            except ReproError as error:
                state = str(error).partition(". ")[0]  # the rest says what to do
            rows.append((file.path, f"{file.original.size:,}", file.url or "nobody", state))
    headers = ("file", "bytes", "publisher", "found")
    click.echo(tabulate(rows, headers, colalign=("left", "right", "left", "left"), disable_numparse=True))


@data.command("get")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
def data_get(names: tuple[str, ...]) -> None:
    """Fetch into the cache folder what is not here yet, and verify it."""
    from repro.datasets import select
    from repro.datasets.download import obtain

    for file in select(names):
        if not file.url:
            continue
        found = obtain(file, None)
        click.echo(f"{file.path}: {found.edition}, in {found.path.parent}")


@data.command("verify")
@click.argument("names", nargs=-1, metavar="[DATA_SET]...")
def data_verify(names: tuple[str, ...]) -> None:
    """Hold the files that are here against the known checksums."""
    from repro.datasets import select
    from repro.datasets.files import locate

    faults = []
    for file in select(names):
        try:
            found = locate(file, None)
        except ReproError as error:
            faults.append(str(error))
            continue
        click.echo(f"{file.path}: {f'{found.edition}, sha256 {found.sha256}' if found else 'not here'}")
    if faults:
        raise Failure("\n".join(faults))
