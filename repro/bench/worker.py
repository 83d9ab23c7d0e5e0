"""The process of one contestant: `python -m repro.bench.worker`.

Reads a job, then amounts of work, a line each, from standard input, and answers each with a line. Ends when standard
input does, whatever it is doing: the bench has ended then, or was killed.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
import warnings

import msgspec

from repro.bench.messages import Job, Reply, Seconds, Work, peak_mib
from repro.errors import DataWarning


def main() -> None:
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever libraries print
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    warnings.simplefilter("ignore", DataWarning)  # the bench has given it
    try:
        work = _work(msgspec.json.decode(asked.get(), type=Job))
        work.warm_up()
        replies.write(_line(Reply(Seconds(0, 0), peak_mib(), work.facts)))
        while True:
            seconds = work.measure(int(asked.get()))
            replies.write(_line(Reply(seconds, peak_mib(), work.facts)))
    except Exception as error:
        traceback.print_exc()
        what = (str(error).strip().splitlines() or [""])[0]
        replies.write(_line(Reply(Seconds(0, 0), peak_mib(), error=f"{type(error).__name__}: {what}")))


def _listen(asked: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        asked.put(line)
    os._exit(0)


def _line(reply: Reply) -> bytes:
    return msgspec.json.encode(reply) + b"\n"


def _work(job: Job) -> Work:
    """Imports what the job needs and nothing else: libraries choose their threads when they are loaded."""
    match job.kind, job.contestant:
        case "product", _:
            from repro.bench.suite import Product

            return Product()
        case "full-size", _:
            from repro.bench.full_size import FullSize

            return FullSize(job)
        case (("prepare" | "open"), _):
            from repro.bench import preparation

            return preparation.work(job)
        case "sweep", _:
            from repro.bench import sweeps

            return sweeps.work(job)
        case _, ("fast" | "reference"):
            from repro.bench.suite import Suite

            return Suite(job)
        case _, ("torch" | "torch-1"):
            from repro.bench.in_torch import InTorch

            return InTorch(job)
    from repro.bench.stock import Stock

    return Stock(job)


if __name__ == "__main__":
    main()
