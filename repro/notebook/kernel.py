"""Runs the cells of a notebook in a Jupyter kernel of this very interpreter."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from repro.errors import ReproError

STARTING = 120
"""Seconds that a kernel may take to start."""


class CellFailed(Exception):
    """A cell has raised an error."""

    def __init__(self, position: int, kind: str, text: str) -> None:
        """position: of the cell, from 0. kind, text: of the error that it raised."""
        super().__init__(position, kind, text)
        self.position, self.kind, self.text = position, kind, text


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel. One that is installed under some name may belong to another environment."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


class _Client(NotebookClient):
    """Passes on what a cell prints, while it prints it."""

    printed: Callable[[str], None]

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        if msg["msg_type"] == "stream":
            self.printed(msg["content"]["text"])
        return super().process_message(msg, cell, cell_index)


def execute(
    notebook: NotebookNode, folder: Path, *, begun: Callable[[int], None], printed: Callable[[str], None]
) -> None:
    """Run all cells and put what they show into the notebook.

    folder: the current folder of the cells. begun: called with the position of a cell, from 0, before it runs. printed:
    called with what a cell prints.

    Raises CellFailed for the first cell that does, and ReproError if the kernel ends.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of an interrupted cell, it would show a traceback
    with tempfile.TemporaryDirectory(prefix="repro-") as own:
        manager = AsyncKernelManager(
            kernel_spec_manager=_ThisInterpreter(), connection_file=str(Path(own) / "kernel.json")
        )
        client = _Client(notebook, km=manager, timeout=None, startup_timeout=STARTING, record_timing=False)
        client.printed = printed
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "IPYTHONDIR": own,  # the user's own settings and history are left out
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        position = 0
        try:
            with client.setup_kernel(
                cleanup_kc=True,
                cwd=str(folder),
                env=environment,
                stdout=subprocess.DEVNULL,  # what cells show comes another way
                stderr=subprocess.DEVNULL,
            ):
                for position, cell in enumerate(notebook.cells):
                    begun(position)
                    client.execute_cell(cell, position)
        except CellExecutionError as error:
            raise CellFailed(position, error.ename, error.evalue) from error
        except (DeadKernelError, RuntimeError) as error:
            raise ReproError(f"the notebook's kernel has ended, perhaps for want of memory: {error}") from error
