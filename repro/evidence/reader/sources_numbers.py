"""A reader's numbers that are the source's own, as they are or with the classes exchanged."""

from __future__ import annotations

from repro.chapter import PrintedResult
from repro.evidence.reader.reader_numbers import SplitNumbers
from repro.evidence.reader.rounded import tell_runs_apart
from repro.evidence.reader.split_reading import SplitReading


def of_source(reading: SplitReading) -> None:
    """Compares with each result that the source printed, of whichever model and split."""
    chapter, experiment = reading.numbers.chapter, reading.numbers.experiment
    times = len(chapter.results)
    for result in chapter.results:
        printed = f"what the source printed for {result.experiment} on {result.split}"
        if not _is_printed(reading.given, result, times):
            exchanged = reading.given.of_other_class
            if exchanged is None or not _is_printed(exchanged, result, times):
                continue
            _exchange(reading, exchanged)
        if (result.experiment, result.split) == (experiment.name, reading.placed):
            text = (
                f"The numbers given for {reading.split} are {printed}, to the digit: those of its run, not of another."
            )
            reading.say("printed", "note", text)
        else:
            text = f"The numbers given for {experiment.name} on {reading.split} are {printed}, to the digit."
            reading.say("printed for another", "explanation", text)


def _exchange(reading: SplitReading, exchanged: SplitNumbers) -> None:
    if exchanged.matrix:
        text = f"The matrix for {reading.split} is the source's with the classes the other way round: its first row and"
        reading.read_as("classes exchanged", f"{text} column are of the second class. It is read so.", exchanged)
    else:
        text = f"The rates given for {reading.split} are the source's, but exchanged: yours are of the other class, as"
        text = f'{text} caret gives them unless positive = "1". They are read so.'
        reading.read_as("rates exchanged", text, exchanged)


def _is_printed(given: SplitNumbers, result: PrintedResult, times: int) -> bool:
    """Whether all that is given, and enough of it, is one result of so many that the source printed."""
    if given.matrix not in (None, result.matrix) or given.pooled_auc:
        return False
    pairs = (
        (given.loss, result.loss),
        (given.accuracy, result.accuracy),
        (given.specificity, result.specificity if given.specificity else 0.0),
        (given.sensitivity, result.sensitivity if given.sensitivity else 0.0),
    )
    numbers = [(number, printed) for number, printed in pairs if number]
    enough = bool(given.matrix) or tell_runs_apart((number for number, _ in numbers), times)
    return enough and all(number.allows(printed) for number, printed in numbers)
