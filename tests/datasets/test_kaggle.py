"""Kaggle's files are fetched by whichever of its two packages is installed; else two lines say how to do it by hand.

The packages here are fakes with the signatures of kagglehub 0.3 to 1.0 and kaggle 1.6 to 2.2.
"""

from __future__ import annotations

import io
import socket
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
import requests

from repro.datasets.kaggle import fetch
from repro.errors import DataUnavailable

SLUG = "jigsaw-toxic-comment-classification-challenge"
CONTENT = b"id,comment\na1,fine\n"


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, CONTENT)
    return stream.getvalue()


class Response:
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


class KaggleApiHTTPError(OSError):
    """As kagglehub raises it, and requests, which kaggle uses."""

    def __init__(self, status: int) -> None:
        super().__init__("a long text with the user's secret")
        self.response = Response(status)


class ApiException(Exception):
    """As kaggle 1.6 raises it."""

    def __init__(self, status: int) -> None:
        super().__init__("a long text with the user's secret")
        self.status = status


class UnauthenticatedError(Exception):
    """As kagglehub raises it."""


class Competition:
    """What the fakes hold: contents, or errors, by file name."""

    def __init__(self, files: dict[str, bytes | BaseException]) -> None:
        self.files = files
        self.asked: list[tuple[str, str]] = []

    def get(self, competition: str, name: str) -> bytes:
        self.asked.append((competition, name))
        print("chatter on stdout")
        print("a progress bar", file=sys.stderr)
        file = self.files.get(name, KaggleApiHTTPError(404))
        if isinstance(file, BaseException):
            raise file
        return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "jigsaw"
    path.mkdir()
    return path


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("kagglehub", "kaggle", "kaggle.api", "kaggle.api.kaggle_api_extended"):
        monkeypatch.setitem(sys.modules, module, None)


def install_kagglehub(monkeypatch: pytest.MonkeyPatch, competition: Competition, cache: Path) -> None:
    def competition_download(
        handle: str, path: str | None = None, *, force_download: bool | None = False, output_dir: str | None = None
    ) -> str:
        assert path is not None
        content = competition.get(handle, path)
        cache.mkdir(exist_ok=True)
        (cache / path).write_bytes(content)
        return str(cache / path)

    module = ModuleType("kagglehub")
    module.__dict__["competition_download"] = competition_download
    monkeypatch.setitem(sys.modules, "kagglehub", module)


def install_kaggle(
    monkeypatch: pytest.MonkeyPatch,
    competition: Competition,
    saved_as: str | None = None,
    login: BaseException | None = None,
) -> None:
    class KaggleApi:
        authenticated = False

        def authenticate(self) -> None:
            if login is not None:
                raise login
            self.authenticated = True

        def competition_download_file(
            self,
            competition_name: str,
            file_name: str,
            path: str | None = None,
            force: bool = False,
            quiet: bool = False,
        ) -> None:
            assert self.authenticated
            assert path is not None
            content = competition.get(competition_name, file_name)
            (Path(path) / (saved_as or file_name)).write_bytes(content)

    for name in ("kaggle", "kaggle.api", "kaggle.api.kaggle_api_extended"):
        module = ModuleType(name)
        module.__dict__.update(__path__=[], KaggleApi=KaggleApi)
        monkeypatch.setitem(sys.modules, name, module)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_kagglehub_fetches_a_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    competition = Competition({"train.csv": CONTENT})
    install_kagglehub(monkeypatch, competition, tmp_path / "cache")
    assert fetch(SLUG, "train.csv", folder) == folder / "train.csv"
    assert (folder / "train.csv").read_bytes() == CONTENT
    assert names(folder) == ["train.csv"]
    assert names(tmp_path / "cache") == ["train.csv"]
    assert competition.asked == [(SLUG, "train.csv")]


def test_kaggle_fetches_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_kaggle(monkeypatch, Competition({"train.csv": CONTENT}))
    assert fetch(SLUG, "train.csv", folder).read_bytes() == CONTENT
    assert names(folder) == ["train.csv"]


@pytest.mark.parametrize("saved_as", ["train.csv", "train.csv.zip", "DownloadDataFile"])
def test_a_file_that_kaggle_zipped_is_named_as_one(
    saved_as: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_kaggle(monkeypatch, Competition({"train.csv": zipped("train.csv")}), saved_as)
    assert fetch(SLUG, "train.csv", folder) == folder / "train.csv.zip"
    assert names(folder) == ["train.csv.zip"]


def test_a_file_that_is_listed_zipped_is_asked_for_zipped(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    competition = Competition({"train.csv.zip": zipped("train.csv")})
    install_kagglehub(monkeypatch, competition, tmp_path / "cache")
    assert fetch(SLUG, "train.csv", folder) == folder / "train.csv.zip"
    assert [name for _, name in competition.asked] == ["train.csv", "train.csv.zip"]


def test_the_packages_chatter_is_kept_off_the_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install_kaggle(monkeypatch, Competition({"train.csv": CONTENT}))
    fetch(SLUG, "train.csv", folder)
    assert capsys.readouterr() == ("", "")


def test_the_packages_progress_bar_is_for_terminals(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    install_kaggle(monkeypatch, Competition({"train.csv": CONTENT}))
    fetch(SLUG, "train.csv", folder)
    assert capsys.readouterr() == ("", "a progress bar\n")


def message(folder: Path) -> str:
    with pytest.raises(DataUnavailable) as caught:
        fetch(SLUG, "train.csv", folder)
    assert names(folder) == []
    first, second = str(caught.value).splitlines()
    assert second == (
        f"By hand: accept the rules on https://www.kaggle.com/competitions/{SLUG}/rules, download the zip file from "
        f"https://www.kaggle.com/competitions/{SLUG}/data, put it as jigsaw/{SLUG}.zip into a folder and name that "
        "with --data or REPRO_DATA."
    )
    assert "secret" not in first
    return first.removeprefix("jigsaw/train.csv could not be fetched from Kaggle: ").removesuffix(".")


def test_without_a_package_two_lines_say_what_to_do(folder: Path) -> None:
    assert message(folder) == "it needs a login, and neither kagglehub nor kaggle is installed to do that"


PROXY = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names"
REASONS = [
    (KaggleApiHTTPError(401), "it does not accept the credentials (HTTP 401)"),
    (
        KaggleApiHTTPError(403),
        "it refuses (HTTP 403), as it does until the competition's rules are accepted on its page",
    ),
    (ApiException(403), "it refuses (HTTP 403), as it does until the competition's rules are accepted on its page"),
    (KaggleApiHTTPError(404), "it has no such file, or no such competition (HTTP 404)"),
    (ApiException(404), "it has no such file, or no such competition (HTTP 404)"),
    (KaggleApiHTTPError(503), "HTTP 503"),
    (ConnectionResetError("secret"), "the connection to Kaggle's server broke off"),
    (TimeoutError("secret"), "Kaggle's server did not answer in time"),
    (socket.gaierror(-2, "secret"), "the name of Kaggle's server cannot be looked up (is this machine online?)"),
    (requests.exceptions.ProxyError("secret"), f"the connection to {PROXY} broke off"),
    (OSError(28, "No space left on device"), "its package cannot keep the file: the disk is full"),
    (PermissionError(13, "Permission denied", "/x"), "its package cannot keep the file in /x: Permission denied"),
    (UnauthenticatedError("secret"), "no valid credentials were found, neither in KAGGLE_API_TOKEN nor in ~/.kaggle"),
    (ValueError("secret"), "its package failed (ValueError)"),
]


@pytest.mark.parametrize(("error", "reason"), REASONS)
def test_what_goes_wrong_is_said_in_words(
    error: Exception, reason: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    competition = Competition({"train.csv": error, "train.csv.zip": error})
    install_kagglehub(monkeypatch, competition, tmp_path / "cache")
    assert message(folder) == reason
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    install_kaggle(monkeypatch, competition)
    assert message(folder) == reason


@pytest.mark.parametrize("login", [SystemExit(1), OSError("Could not find kaggle.json. Make sure it's located in")])
def test_kaggle_without_credentials_says_so(
    login: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_kaggle(monkeypatch, Competition({}), login=login)
    assert message(folder) == "no valid credentials were found, neither in KAGGLE_API_TOKEN nor in ~/.kaggle"


def test_a_package_that_leaves_no_file_is_not_believed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_kaggle(monkeypatch, Competition({"train.csv": CONTENT}), saved_as="../elsewhere")
    with pytest.raises(DataUnavailable, match=r"its package reported no error but left no file\.\nBy hand"):
        fetch(SLUG, "train.csv", folder)


def test_a_package_that_cannot_be_imported_is_told_from_one_that_is_missing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "site/kagglehub.py"
    broken.parent.mkdir()
    broken.write_text("import no_such_module_at_all")
    monkeypatch.delitem(sys.modules, "kagglehub")
    monkeypatch.syspath_prepend(broken.parent)
    assert message(folder) == "its package is installed but cannot be imported (ModuleNotFoundError)"


def test_an_interrupt_is_passed_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    module = ModuleType("kagglehub")
    module.__dict__["competition_download"] = interrupt
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    with pytest.raises(KeyboardInterrupt):
        fetch(SLUG, "train.csv", folder)
    assert names(folder) == []
