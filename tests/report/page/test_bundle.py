"""The scripts of the page, put together as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.report.page import bundle


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundle, "files", lambda _: tmp_path)
    (tmp_path / "scripts").mkdir()
    return tmp_path / "scripts"


def test_what_is_imported_stands_before_what_imports_it_and_once(scripts: Path) -> None:
    (scripts / "one.js").write_text("export const one = 1;\n")
    (scripts / "two.js").write_text('import { one } from "./one.js";\nexport function two() {\n  return 2 * one;\n}\n')
    (scripts / "three.js").write_text(
        'import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\n\nconst three = one + two();\n'
    )
    joined = " ".join(bundle.bundled("three.js").split())
    assert joined == "const one = 1; function two() { return 2 * one; } const three = one + two();"


def test_words_of_a_text_are_no_import(scripts: Path) -> None:
    text = 'const help = `say import { x } from "./x.js";`;\nconst note = "export const";\n'
    (scripts / "one.js").write_text(text)
    assert bundle.bundled("one.js") == text
