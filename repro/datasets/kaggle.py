"""Fetches files of Kaggle competitions with the user's own login.

Kaggle gives them only to users who are logged in and have accepted the competition's rules. The packages `kagglehub`
and `kaggle` know how to log in; one of them does it if it is installed. Neither is a dependency.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from repro.datasets import connection
from repro.errors import DataUnavailable, cause

if TYPE_CHECKING:
    from types import ModuleType


class NotInstalled(Exception):
    """Neither package is there."""


def fetch(competition: str, name: str, folder: Path) -> Path:
    """Fetch the file `name` of a competition into `folder`, as `name` or, if Kaggle zipped it, as `name.zip`.

    competition: as its page's address ends, `jigsaw-toxic-comment-classification-challenge`.
    folder: of the corpus; it exists.

    Raises DataUnavailable, whose second line says how to fetch by hand, and OSError if `folder` cannot be written.
    """

    def unavailable(reason: str) -> DataUnavailable:
        page = f"https://www.kaggle.com/competitions/{competition}"
        return DataUnavailable(
            f"{folder.name}/{name} could not be fetched from Kaggle: {reason}.\n"
            f"By hand: accept the rules on {page}/rules, download the zip file from {page}/data, put it as "
            f"{folder.name}/{competition}.zip into a folder and name that with --data or REPRO_DATA."
        )

    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        try:
            # What the packages print stays off stdout, and their progress bars off what is no terminal.
            progress = sys.stderr if sys.stderr.isatty() else io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(progress):
                got = _plain_or_zipped(competition, name, Path(temporary))
        except (Exception, SystemExit) as error:  # `kaggle` exits where it finds no credentials
            raise unavailable(_reason(error)) from error
        if got is None:
            raise unavailable("its package reported no error but left no file")
        if not got.is_relative_to(temporary):  # in the cache of the package's own
            got = Path(shutil.copyfile(got, Path(temporary, "copy")))
        target = folder / (f"{name}.zip" if zipfile.is_zipfile(got) else name)
        got.replace(target)
    return target


def _plain_or_zipped(competition: str, name: str, folder: Path) -> Path | None:
    """Download `name`, or `name.zip`: older competitions list their files zipped."""
    try:
        return _download(competition, name, folder)
    except Exception as error:
        if _status(error) != 404:
            raise
    return _download(competition, f"{name}.zip", folder)


def _download(competition: str, name: str, folder: Path) -> Path | None:
    """What the first package that is installed brings, if anything: in the empty `folder` or elsewhere, by any name."""
    if (kagglehub := _imported("kagglehub")) is not None:
        # It has a cache of its own, which gives a file even if Kaggle cannot be reached.
        return Path(kagglehub.competition_download(competition, path=name))
    if (kaggle := _imported("kaggle.api.kaggle_api_extended")) is None:  # importing it logs in
        raise NotInstalled
    api = kaggle.KaggleApi()
    api.authenticate()
    api.competition_download_file(competition, name, path=str(folder), force=True, quiet=True)
    # The name is the one in the address that Kaggle forwards to. Beside the file there may be a small marker.
    files = [file for file in folder.iterdir() if file.is_file()]
    return max(files, key=lambda file: file.stat().st_size, default=None)


def _imported(module: str) -> ModuleType | None:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            return None
        raise  # it is installed, but lacks something


def _status(error: BaseException) -> int | None:
    """The HTTP status in an error of any version of either package."""
    status = getattr(getattr(error, "response", None), "status_code", None) or getattr(error, "status", None)
    return status if isinstance(status, int) else None


def _reason(error: BaseException) -> str:
    """In words. The errors' own texts are long, and may quote what should stay private."""
    kind = type(error).__name__
    match _status(error):
        case 401:
            return "it does not accept the credentials (HTTP 401)"
        case 403:
            return "it refuses (HTTP 403), as it does until the competition's rules are accepted on its page"
        case 404:
            return "it has no such file, or no such competition (HTTP 404)"
        case int(status):
            return f"HTTP {status}"
    if isinstance(error, NotInstalled):
        return "it needs a login, and neither kagglehub nor kaggle is installed to do that"
    # `kagglehub` raises UnauthenticatedError, `kaggle` exits, older ones raise an OSError that names the file.
    if kind == "UnauthenticatedError" or isinstance(error, SystemExit) or "kaggle.json" in str(error):
        return "no valid credentials were found, neither in KAGGLE_API_TOKEN nor in ~/.kaggle"
    if (failed := connection.failed(error, "Kaggle's server")) is not None:
        return str(failed)
    if isinstance(error, ImportError):
        return f"its package is installed but cannot be imported ({kind})"
    if isinstance(error, OSError) and error.strerror:
        return f"its package cannot keep the file{f' in {error.filename}' * bool(error.filename)}: {cause(error)}"
    if "Connection" in kind or "Timeout" in kind or kind == "MaxRetryError":
        return f"the connection failed ({kind})"
    return f"its package failed ({kind})"
