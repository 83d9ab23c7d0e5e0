"""Puts the scripts of the page together: JavaScript modules that import one another, as one script.

A page that is opened from a disk cannot import modules from files beside it. So each module keeps to a form that is
easy to join: an import is `import { name, name } from "./module.js";`, what is exported is declared behind the word
`export`, and no two modules use a name twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<module>[\w./]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


def bundled(entry: str) -> str:
    """A module of `scripts/`, by its file name, behind all that it imports: one script without imports."""
    folder = files(__package__) / "scripts"
    sources = dict(_sources(folder, entry))
    order = TopologicalSorter({name: _imported(source) for name, source in sources.items()}).static_order()
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", sources[name])) for name in order)


def _imported(source: str) -> list[str]:
    return [match["module"] for match in _IMPORT.finditer(source)]


def _sources(folder: Traversable, entry: str) -> Iterator[tuple[str, str]]:
    """The text of a module and of all that it imports, each once."""
    seen, waiting = set[str](), [entry]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            source = (folder / name).read_text(encoding="utf-8")
            yield name, source
            waiting += _imported(source)
