"""What a user names as data is a word, or is there; a typing mistake never gives other data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import kaggle_files
import pytest
from click.testing import CliRunner

from repro import r, registry
from repro.cache import cache_folder
from repro.cli import main
from repro.datasets import imdb
from repro.datasets.choice import DataChoice, decide, named
from repro.datasets.dataset import Preparation
from repro.datasets.obtain import obtain
from repro.errors import DataInvalid, ReproError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home folder, with a folder `rows`; it is the current folder too."""
    (tmp_path / "rows").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path


def complaint(choice: DataChoice) -> str:
    with pytest.raises(DataInvalid) as caught:
        decide(choice)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("word", ["real", "embedded"])
def test_a_word_is_a_word_as_text_and_as_a_path(word: str) -> None:
    assert decide(word) == decide(Path(word)) == word


@pytest.mark.parametrize("folder", ["rows", "./rows", "~/rows", "rows/../rows"])
def test_a_folder_is_its_absolute_path_as_text_and_as_a_path(folder: str, home: Path) -> None:
    found = decide(folder)
    assert isinstance(found, Path)
    assert found == decide(Path(folder)) == decide(found)
    assert found.is_absolute()
    assert found.samefile(home / "rows")


def test_a_file_may_be_named_too(home: Path) -> None:
    (home / "imdb.npz").touch()
    assert decide("imdb.npz") == home / "imdb.npz"


def test_a_word_wins_over_a_folder_of_its_name(home: Path) -> None:
    (home / "real").mkdir()
    assert decide("real") == "real"
    assert decide("./real") == decide(Path("real").absolute()) == home / "real"


def test_a_path_that_is_a_word_and_a_folder_is_not_taken_for_either(home: Path) -> None:
    (home / "embedded").mkdir()
    message = complaint(Path("./embedded"))
    assert message.startswith(f"PosixPath('embedded') may mean the word embedded or the folder {home}/embedded")


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("embeded", "embedded"),
        ("Embedded", "embedded"),
        ("reel", "real"),
        ("row", "{home}/rows"),
        ("~/rowss", "{home}/rows"),
    ],
)
def test_a_typing_mistake_is_refused_with_the_nearest_name(text: str, suggested: str, home: Path) -> None:
    expected = (
        f"no data {text!r}: did you mean {suggested.format(home=home)!r}? Data are real, embedded, or the path of"
    )
    assert complaint(text).startswith(expected)
    assert complaint(Path(text)).startswith(expected)


@pytest.mark.parametrize("text", ["", "/no/such/folder", "~nobody-at-all/rows", "\0"])
def test_what_is_not_there_is_refused_with_what_would_do(text: str) -> None:
    assert complaint(text) == (
        f"no data {text!r}. Data are real, embedded, or the path of a folder or a file that exists."
    )


def test_a_path_that_the_system_refuses_is_named_with_the_reason() -> None:
    assert complaint("x" * 5000).endswith("cannot be read: File name too long.")


@pytest.mark.parametrize("choice", [5, True, ["rows"], b"rows"])
def test_what_is_no_path_is_a_type_error(choice: object) -> None:
    with pytest.raises(TypeError, match=f"not {type(choice).__name__}"):
        decide(choice)  # type: ignore[arg-type]


# The variables


def test_the_variable_counts_where_no_place_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(None) is named("real") is None
    monkeypatch.setenv("REPRO_DATA", "~/rows")
    (home / "other").mkdir()
    assert named(None) == named("real") == home / "rows"
    assert named("other") == home / "other"


@pytest.mark.parametrize("value", ["", "real"])
def test_a_variable_that_names_no_place_does_not_count(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_DATA", value)
    assert named(None) is None


@pytest.mark.parametrize(
    ("value", "says"), [("~/row", "no data '~/row': did you mean"), ("embedded", "the embedded corpus has no files")]
)
def test_a_mistake_in_the_variable_is_named_with_the_variable(
    value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_DATA", value)
    with pytest.raises(DataInvalid, match=f"^REPRO_DATA: {says}"):
        named(None)


def test_the_cache_folder_may_be_named_with_a_tilde(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_CACHE", "~/elsewhere")
    assert cache_folder() == home / "elsewhere"


def test_a_cache_folder_in_nobodys_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_CACHE", "~nobody-at-all/cache")
    with pytest.raises(ReproError, match=r"REPRO_CACHE is '~nobody-at-all/cache', but there is no such home"):
        cache_folder()


# Everything that takes a choice of data

CHAPTERS = registry.chapters().values()
REVIEWS = Preparation(words="ranked", num_words=50, maxlen=5)
LOADERS: dict[str, Callable[[DataChoice], object]] = {
    "imdb": lambda choice: imdb.load(choice, REVIEWS),
    "the words of imdb": imdb.word_index,
    "sequences": imdb.sequences,
    "dataset_imdb": lambda choice: r.dataset_imdb(folder=choice),
    "obtain": lambda choice: obtain(imdb.REVIEWS, choice),
    **{f"data of {chapter.name}": chapter.data for chapter in CHAPTERS},
    **{f"{chapter.name}, counted": chapter.describe for chapter in CHAPTERS},
}


@pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)
def test_no_loader_takes_a_mistake_for_other_data(load: Callable[[DataChoice], object]) -> None:
    for choice in ("embeded", Path("embeded")):
        with pytest.raises(DataInvalid, match="no data 'embeded': did you mean 'embedded'"):
            load(choice)


@pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)
def test_no_loader_passes_over_a_folder_named_as_text(load: Callable[[DataChoice], object], home: Path) -> None:
    for choice in ("rows", "~/rows", home / "rows"):
        with pytest.raises(DataInvalid, match=f"is missing in the data folder {home}/rows"):
            load(choice)


@pytest.mark.parametrize("name", ["jigsaw", "ag_news", "rotten_tomatoes"])
def test_text_and_path_give_the_same_data(name: str, home: Path) -> None:
    chapter = {"jigsaw": "jigsaw_multilabel", "ag_news": "stacked_lstm"}.get(name, name)
    kaggle_files.write(name, home / "rows")
    load = registry.chapter(chapter).data
    assert load("~/rows").provenance == load(home / "rows").provenance
    assert load("rows").provenance.edition == "unverified"


def test_what_has_no_files_is_not_looked_for_in_files() -> None:
    with pytest.raises(DataInvalid, match="the embedded corpus has no files"):
        imdb.sequences("embedded")


@pytest.mark.parametrize("command", [["run", "imdb_lstm"], ["bench", "imdb_lstm"], ["data", "describe"]])
def test_a_command_refuses_a_mistake_and_writes_nothing(command: list[str], home: Path) -> None:
    result = CliRunner().invoke(main, [*command, "--data", "embeded"])
    assert result.exit_code == 2
    assert result.stderr.startswith("repro: no data 'embeded': did you mean 'embedded'?")
    assert not (home / "results").exists()
