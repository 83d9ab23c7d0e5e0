"""Loss and accuracy of one split beside what guessing gives: exchanged, mistyped, or of a model that learned nothing.

Guessing means one answer for all rows, with the shares of the classes as probabilities: its accuracy is the share of
the most frequent class, its loss the entropy of the shares.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import log, sqrt
from typing import Final

from repro import metrics
from repro.evidence.reader.reader_numbers import SplitNumbers
from repro.evidence.reader.rounded import Rounded, percent
from repro.evidence.reader.split_reading import SplitReading

FAR_ABOVE: Final = 2.5
"""A loss of more than so many times that of guessing comes of certainty in the wrong place, or of a slip of the pen."""


def exchanged_with_loss(reading: SplitReading) -> None:
    """The accuracy was given as the loss, and the loss as the accuracy."""
    loss, accuracy, matrix = reading.given.loss, reading.given.accuracy, reading.given.matrix
    if not loss or not accuracy or accuracy.high >= _majority(reading):
        return
    as_accuracy = loss if loss.value <= 1 else _hundredth(loss)
    as_accuracy = as_accuracy._replace(text=percent(as_accuracy.value))
    as_loss = accuracy._replace(text=f"{accuracy.value:.6g}")
    if matrix and not as_accuracy.allows(metrics.accuracy(matrix)):
        return
    if reading.facts.is_usual(as_loss, as_accuracy) and not reading.facts.is_usual(loss, accuracy):
        reading.read_as(
            "accuracy and loss exchanged",
            f"Accuracy and loss may be exchanged: on {reading.split}, an accuracy of {as_accuracy.text} and a loss of "
            f"{as_loss.text} go together, not {accuracy.text} and {loss.text}. They are read so.",
            replace(reading.given, accuracy=as_accuracy, loss=as_loss),
        )


def loss_in_percent(reading: SplitReading) -> None:
    """The loss was given a hundred times too large."""
    loss = reading.given.loss
    if not loss or loss.value < FAR_ABOVE * _unsure(reading):
        return
    hundredth = _hundredth(loss)
    if reading.facts.is_usual(hundredth, reading.accuracy):
        text = f"{_far_above(reading, loss)}. Do you mean {hundredth.text}? It is read so."
        reading.read_as("loss in percent", text, replace(reading.given, loss=hundredth))


def beside_guessing(reading: SplitReading) -> None:
    """Nothing was learned, less than nothing, or the mistakes are certain."""
    loss, accuracy = reading.given.loss, reading.accuracy
    much = loss is not None and loss.value > FAR_ABOVE * _unsure(reading)
    if accuracy is None or reading.facts.labels > 1:
        if loss and much:
            _certain(reading, loss)
        return
    counts = reading.counts or reading.facts.counts["train"]
    n = sum(counts)

    def is_near(share: float) -> bool:
        noise = 3 * sqrt(share * (1 - share) / n)
        return accuracy.half < noise and abs(accuracy.value - share) < noise

    chances = [(_majority(reading), _unsure(reading))]
    if not reading.facts.complete:  # a reader's classes may have other shares than those of our sample: equal ones
        chances.append((1 / len(counts), log(len(counts))))
    chance, unsure = next((each for each in chances if is_near(each[0])), chances[0])
    near = is_near(chance)
    possible = near or accuracy.allows(chance)
    given = f"An accuracy of {accuracy.text} on {reading.split} is"
    one_answer = f"{given} what one answer for all rows gives"
    check = "nothing was learned. Check labels and losses."
    if loss and possible and abs(loss.value - unsure) < 0.01:
        text = f"{one_answer}, and a loss near {unsure:.3f} what not knowing gives: {check}"
        reading.say("nothing learned", "note", text)
    elif loss and possible and much:
        text = f"{one_answer}, and a loss of {loss.text} is far more than that of guessing, {unsure:.3f}: all rows get"
        text = f"{text} one class, with certainty. The weights went wrong: check the learning rate and the labels."
        reading.say("nothing learned", "note", text)
    elif near and not loss:
        reading.say("nothing learned", "note", f"{one_answer}: {check}")
    elif accuracy.high < min(counts) / n - 6 * sqrt(chance * (1 - chance) / n):
        _below(reading, accuracy, f"{given} below chance")
    elif loss and much:
        _certain(reading, loss)


def _below(reading: SplitReading, accuracy: Rounded, text: str) -> None:
    """Below chance: what a loss says of two classes is whether it is of the right labels."""
    loss, opposite = reading.given.loss, accuracy.opposite
    if not reading.two_classes:
        text = f"{text}: the labels are in another order than the outputs, or counted from 1."
        reading.say("below chance", "note", text)
    elif loss is None or loss.high < least_loss(accuracy) or reading.facts.is_usual(loss, opposite):
        text = f"{text}: the classes are exchanged. Read the other way round, it is {opposite.text}."
        reading.read_as("below chance", text, _other_way_round(reading.given))
    else:
        text = (
            f"{text}, and a loss of {loss.text} does not say why: the labels may be exchanged, 0 for 1, or a number is"
        )
        reading.say("below chance", "note", f"{text} mistyped.")


def _certain(reading: SplitReading, loss: Rounded) -> None:
    text = f"{_far_above(reading, loss)}: it is mistyped, or mistakes were made with certainty."
    reading.say("loss above guessing", "note", text)


def least_loss(accuracy: Rounded) -> float:
    """The least loss that goes with an accuracy.

    A row that is classified wrongly gives its class a probability of 1/2 at most: a loss of ln 2 at least.
    """
    return (1 - accuracy.high) * log(2)


def _far_above(reading: SplitReading, loss: Rounded) -> str:
    return f"A loss of {loss.text} on {reading.split} is far more than that of guessing, {_unsure(reading):.3f}"


def _majority(reading: SplitReading) -> float:
    counts = reading.counts or reading.facts.counts["train"]
    return max(counts) / sum(counts)


def _unsure(reading: SplitReading) -> float:
    counts = reading.counts or reading.facts.counts["train"]
    n = sum(counts)
    return -sum(count / n * log(count / n) for count in counts if count)


def _hundredth(number: Rounded) -> Rounded:
    return Rounded(number.value / 100, number.half / 100, f"{Decimal(number.text).scaleb(-2):f}")


def _other_way_round(given: SplitNumbers) -> SplitNumbers:
    """The numbers with the other class predicted for every row."""
    return replace(
        given,
        accuracy=given.accuracy and given.accuracy.opposite,
        specificity=given.specificity and given.specificity.opposite,
        sensitivity=given.sensitivity and given.sensitivity.opposite,
        matrix=given.matrix[::-1] if given.matrix else None,
    )
