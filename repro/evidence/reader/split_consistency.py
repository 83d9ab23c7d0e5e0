"""Compares a reader's numbers of one split with each other, with the data, the history, and what the source printed."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

from repro import metrics
from repro.chapter import PrintedResult
from repro.evaluation import Split
from repro.evidence.reader.data_facts import DataFacts
from repro.evidence.reader.finding import Finding, FindingKind, Severity
from repro.evidence.reader.history_consistency import equal_epoch, validated_on_test
from repro.evidence.reader.reader_numbers import ReaderNumbers, SplitNumbers
from repro.evidence.reader.rounded import Rounded, exact_share, tell_runs_apart

NOTHING = SplitNumbers()


class SplitReading:
    """The numbers of one split, as they are read so far, and what was found."""

    def __init__(self, numbers: ReaderNumbers, facts: DataFacts, split: Split, given: SplitNumbers) -> None:
        self.numbers, self.facts, self.split, self.given = numbers, facts, split, given
        self.placed = split
        """The split that the numbers are of, as far as they tell."""
        self.counts, self.rows = facts.classes(split), facts.rows(split)
        """The classes and the number of the rows that they are of, if known."""
        self.two_classes = len(numbers.chapter.classes) == 2
        self.found: list[Finding] = []

    def read(self) -> list[Finding]:
        """All findings. Each check takes the numbers as those before it read them."""
        self._history()
        self._rows_of_matrix()
        self._classes_of_matrix()
        self._accuracy_and_matrix()
        self._rates_and_matrix()
        if not self.given.matrix and self.facts.whole_rows:
            self._other_rows()
            self._accuracy_and_rates()
            self._whole_rows()
        self._loss_and_accuracy()
        self._chance()
        self._printed()
        return self.found

    def _say(self, kind: FindingKind, severity: Severity, text: str) -> None:
        self.found.append(Finding(kind, severity, text, self.split))

    def _read_as(self, kind: FindingKind, text: str, given: SplitNumbers, placed: Split | None = None) -> None:
        """An explanation, by which the numbers are others, or of another split, than they were given as.

        If other numbers were given for that split, those count.
        """
        self.given = given
        if placed:
            self.placed, self.counts, self.rows = placed, self.facts.classes(placed), self.facts.rows(placed)
        kept = self.placed == self.split or self.placed not in self.numbers.splits
        left = {self.placed: given} if kept and replace(given, transposed=False) != NOTHING else {}
        self.found.append(Finding(kind, "explanation", text, self.split, left))

    # Numbers of the history in place of evaluated ones
    def _history(self) -> None:
        history, metric = self.numbers.history, self.numbers.experiment.metric
        if history is None or self.split == "validation":
            return
        of_metric = self.given.accuracy if metric == "accuracy" else self.given.pooled_auc
        given = {name: number for name, number in (("loss", self.given.loss), (metric, of_metric)) if number}
        epoch = equal_epoch(given, history, "" if self.split == "train" else "val_")
        if epoch is None:
            return
        names = " and ".join(given).replace("auc", "AUC")
        are = "is" if len(given) == 1 else "are"
        rest = replace(self.given, loss=None)
        rest = replace(rest, accuracy=None) if metric == "accuracy" else replace(rest, pooled_auc=None)
        if self.split == "train":
            self._read_as(
                "while training",
                f"The {names} given for train {are} of epoch {epoch} of the history: fit() takes a mean over the rows "
                "that it fits, while the weights change. Give what evaluate() says of all training rows afterwards.",
                rest,
            )
        elif not validated_on_test(history, self.facts):
            self._read_as(
                "validation as test",
                f"The {names} given for test {are} of the held-out rows: the history has it as val_ in epoch {epoch}. "
                "Give what evaluate() says of the test rows.",
                rest,
            )

    # The matrix and the rows of the data
    def _rows_of_matrix(self) -> None:
        facts, rows = self.facts, self.facts.rows(self.split)
        n = metrics.total(self.given.matrix) if self.given.matrix else rows
        if not facts.complete or rows is None or n is None or n == rows:
            return
        where = f"The matrix for {self.split} has {n:,} rows"
        if facts.held_out and n == facts.held_out:
            text = f"{where}, as many as are held out of the training rows: evaluate all {rows:,} of {self.split}."
            self._read_as("held-out rows", text, self.given, "validation")
        elif facts.held_out and n == facts.fitted:
            text = f"{where}, as many as the weights are fitted to: evaluate all {rows:,}, the held-out ones too."
            self._say("fitted rows", "explanation", text)
        elif other := next((each for each in facts.named_splits if facts.rows(each) == n), None):
            text = f"{where}, as many as {other} has, where {self.split} has {rows:,}: is it of {other}?"
            self._read_as("another split", text, self.given, other)
        elif facts.labels > 1 and n * facts.labels == rows:
            text = f"{where}: it is of one label. Ours counts all {facts.labels} labels of each row, {rows:,} in all."
            self._say("one label", "explanation", text)
        else:
            text = f"{where} where the data have {rows:,}: it is of another data set, or of a part of this one."
            self._say("another data set", "contradiction", text)

    def _classes_of_matrix(self) -> None:
        matrix, counts = self.given.matrix, self.counts
        if not matrix or not self.facts.complete or counts is None or metrics.total(matrix) != sum(counts):
            return
        rows, columns = tuple(map(sum, matrix)), tuple(map(sum, zip(*matrix, strict=True)))
        if columns == counts:
            return
        if rows == counts:
            how = "With --transposed, it is read in this way."
            if self.given.transposed:
                how = "Leave out --transposed, or mend its headings."
            self._read_as(
                "transposed",
                f"The matrix for {self.split} is transposed: its rows, not its columns, add up to the classes. {how}",
                replace(self.given, matrix=tuple(zip(*matrix, strict=True)), transposed=not self.given.transposed),
            )
        elif columns[::-1] == counts and self.two_classes:
            self._read_as(
                "classes exchanged",
                f"The columns of the matrix for {self.split} add up to {_listed(columns)}, the classes the other way "
                "round: its first row and column are of the second class.",
                replace(self.given, matrix=tuple(row[::-1] for row in matrix[::-1])),
            )
        else:
            self._say(
                "other classes",
                "contradiction",
                f"The columns of the matrix for {self.split} add up to {_listed(columns)}, where the classes have "
                f"{_listed(counts)} rows: it is of other rows or labels.",
            )

    # Accuracy and rates
    def _accuracy_and_matrix(self) -> None:
        matrix, accuracy = self.given.matrix, self.given.accuracy
        if not matrix or not accuracy or accuracy.allows(of_matrix := metrics.accuracy(matrix)):
            return
        beside = (
            f"The accuracy given for {self.split}, {accuracy.text}, is not that of the matrix, {_percent(of_matrix)}"
        )
        if self.facts.labels > 1:
            self._largest_output(beside)
        elif self.split == "train" and self._is_of_fitted_rows(accuracy):
            text = f"{beside}, but a share of the {self.facts.fitted:,} fitted rows: it is fit()'s, a mean while"
            rest = replace(self.given, accuracy=None, loss=None)
            self._read_as("while training", f"{text} the weights change. Give what evaluate() says.", rest)
        elif not self.two_classes or not accuracy.allows(1 - of_matrix):
            text = f"{beside}: they are of two trainings or splits, or one is mistyped."
            self._say("accuracy and matrix", "contradiction", text)
        elif of_matrix < 0.5:
            text = f"{beside}; it is with the predicted classes exchanged, so the rows of the matrix are."
            self._read_as("classes exchanged", text, replace(self.given, matrix=matrix[::-1]))
        else:
            text = f"{beside}, but the share of its mistakes: predicted and actual classes were compared the wrong way."
            self._read_as("classes exchanged", text, replace(self.given, accuracy=exact_share(of_matrix)))

    def _is_of_fitted_rows(self, accuracy: Rounded) -> bool:
        """Whether a train accuracy can be of the fitted rows, and not of all."""
        if not self.facts.whole_rows or not self.rows:
            return False
        of_all, of_fitted = ((accuracy.tells(n), bool(accuracy.counts(n))) for n in (self.rows, self.facts.fitted))
        return of_all == (True, False) and of_fitted == (True, True)

    def _rates_and_matrix(self) -> None:
        matrix = self.given.matrix
        if not matrix or not self.two_classes:
            return
        of_negatives, of_positives = metrics.recall(matrix, 0), metrics.recall(matrix, 1)
        if self._rates_are(of_negatives, of_positives):
            return
        matrix_alone = replace(self.given, specificity=None, sensitivity=None)  # which says as much, and exactly
        predicted_0, predicted_1 = metrics.precision(matrix, 0), metrics.precision(matrix, 1)
        first, second = self.numbers.chapter.classes
        right = f"sensitivity {_percent(of_positives)}, specificity {_percent(of_negatives)}"
        if self._rates_are(of_positives, of_negatives):
            self._read_as(
                "rates exchanged",
                f"The rates given for {self.split} are exchanged; by the matrix, {right}. caret takes the first class, "
                f"{first}, as the positive one unless it is told that {second} is: positive = ...",
                matrix_alone,
            )
        elif self._rates_are(predicted_0, predicted_1) or self._rates_are(predicted_1, predicted_0):
            self._read_as(
                "rates by rows",
                f"The rates given for {self.split} are predictive values (precision), by the rows of the matrix, the "
                f"predicted classes. By its columns, the actual ones: {right}.",
                matrix_alone,
            )
        else:
            text = (
                f"The rates given for {self.split} are not those of the matrix, {right}: they are of two trainings, or"
            )
            self._say("rates and matrix", "contradiction", f"{text} one is mistyped.")

    def _rates_are(self, specificity: float, sensitivity: float) -> bool:
        pairs = ((self.given.specificity, specificity), (self.given.sensitivity, sensitivity))
        return all(given is None or given.allows(rate) for given, rate in pairs)

    def _accuracy_and_rates(self) -> None:
        """Without a matrix: accuracy is the mean of the rates, weighted with the rows of the classes."""
        accuracy, specificity, sensitivity = self.given.accuracy, self.given.specificity, self.given.sensitivity
        if not accuracy or not self.counts or _may_mix(self.given, self.counts):
            return
        share = self.counts[1] / sum(self.counts)
        said = [f"specificity {specificity.text}"] if specificity else []
        said += [f"sensitivity {sensitivity.text}"] if sensitivity else []
        text = f"Given for {self.split} {'are' if len(said) > 1 else 'is'} {' and '.join(said)}"
        text = f"{text}, with which an accuracy of {accuracy.text} does not go"
        exchanged = replace(self.given, specificity=sensitivity, sensitivity=specificity)
        if _may_mix(exchanged, self.counts):
            text = f"{text}; it does if they are exchanged, with the other class as the positive one."
            self._read_as("rates exchanged", text, exchanged)
        elif specificity and sensitivity and _may_be_by_rows(accuracy, specificity, sensitivity, share):
            text = (
                f"{text}; it does if these are predictive values (precision), by the rows of the matrix: give --matrix."
            )
            self._read_as("rates by rows", text, replace(self.given, specificity=None, sensitivity=None))
        else:
            text = f"{text}: it is their mean over the rows. They are of two trainings, or one is mistyped."
            self._say("accuracy and rates", "contradiction", text)

    # Without a matrix: shares are of whole rows
    def _other_rows(self) -> None:
        """The numbers may fit other rows than those of the split, and only these."""
        facts, rows, given = self.facts, self.rows, self.given
        exchanged = replace(given, specificity=given.sensitivity, sensitivity=given.specificity)
        if rows is None or any(_may_be_of(each, rows, self.counts, rows) for each in (given, exchanged)):
            return
        text = f"The numbers given for {self.split} cannot be of its {rows:,} rows, but"
        in_fit = self.split == "train" and facts.held_out
        if in_fit and _may_be_of(given, facts.held_out, facts.held_out_counts, rows):
            text = f"{text} of {facts.held_out:,}, as many as are held out: evaluate all rows of train."
            self._read_as("held-out rows", text, self.given, "validation")
        elif in_fit and _may_be_of(given, facts.fitted, facts.fitted_counts, rows):
            text = f"{text} of {facts.fitted:,}, as many as the weights are fitted to: evaluate the held-out ones too."
            self._say("fitted rows", "explanation", text)
            self.counts, self.rows = facts.fitted_counts, facts.fitted
        elif other := next((each for each in facts.named_splits if self._may_be_of_split(each, rows)), None):
            text = f"{text} of {facts.rows(other):,}, as many as {other} has: are they of {other}?"
            self._read_as("another split", text, self.given, other)

    def _may_be_of_split(self, split: Split, asked: int) -> bool:
        return _may_be_of(self.given, sum(self.facts.counts[split]), self.facts.counts[split], asked)

    def _whole_rows(self) -> None:
        shares = [("accuracy", self.given.accuracy, self.rows)]
        if self.counts and len(self.counts) == 2:
            shares += [("specificity", self.given.specificity, self.counts[0])]
            shares += [("sensitivity", self.given.sensitivity, self.counts[1])]
        for name, share, rows in shares:
            if share and rows and share.tells(rows) and not share.counts(rows):
                text = (
                    f"The {name} given for {self.split}, {share.text}, is no share of {rows:,} rows: it is mistyped, a"
                )
                self._say("no share of the rows", "contradiction", f"{text} mean over runs, or of other data.")

    # The least loss
    def _loss_and_accuracy(self) -> None:
        """A row that is classified wrongly gives its class a probability of 1/2 at most: a loss of ln 2 at least."""
        loss, accuracy = self.given.loss, self._accuracy()
        if not loss or not accuracy:
            return
        least = (1 - accuracy.high) * log(2)
        if loss.high >= least:
            return
        text = f"With an accuracy of {accuracy.text} on {self.split}, a loss is {least:.4g} or more, not {loss.text}"
        if self.facts.labels > 1 and self.given.accuracy:
            self._largest_output(text)
        else:
            text = f"{text}, for each mistake costs ln 2 at least: they are of two trainings or splits."
            self._say("loss and accuracy", "contradiction", text)

    def _largest_output(self, text: str) -> None:
        """Several outputs, and an accuracy that does not fit: Keras takes it for one of classes."""
        text = (
            f"{text}. With several outputs, Keras' 'accuracy' is how often the largest is right: use 'binary_accuracy'."
        )
        self._read_as("accuracy of the largest output", text, replace(self.given, accuracy=None))

    def _accuracy(self) -> Rounded | None:
        """As given, or of the matrix."""
        matrix = self.given.matrix
        return self.given.accuracy or (exact_share(metrics.accuracy(matrix)) if matrix else None)

    # What guessing gives
    def _chance(self) -> None:
        accuracy, loss = self._accuracy(), self.given.loss
        counts = self.counts or self.facts.counts["train"]
        if accuracy is None or self.facts.labels > 1:
            return
        n = sum(counts)
        majority, smallest = max(counts) / n, min(counts) / n
        noise = 3 * sqrt(majority * (1 - majority) / n)
        unsure = -sum(count / n * log(count / n) for count in counts if count)
        given = f"An accuracy of {accuracy.text} on {self.split} is"
        near = accuracy.half < noise and abs(accuracy.value - majority) < noise
        if loss and abs(loss.value - unsure) < 0.01 and (near or accuracy.allows(majority)):
            text = f"{given} what one answer for all rows gives, and a loss near {unsure:.3f} what not knowing gives"
            self._say("nothing learned", "note", f"{text}: nothing was learned. Check labels and losses.")
        elif near and not loss:
            text = f"{given} what one answer for all rows gives: nothing was learned. Check labels and losses."
            self._say("nothing learned", "note", text)
        elif accuracy.high < smallest - 2 * noise:
            if self.two_classes:
                text = f"{given} below chance: the classes are exchanged. Read the other way round, it is"
                self._read_as("below chance", f"{text} {_percent(1 - accuracy.value)}.", _other_way_round(self.given))
            else:
                text = f"{given} below chance: the labels are in another order than the outputs, or counted from 1."
                self._say("below chance", "note", text)

    # The source's own numbers
    def _printed(self) -> None:
        chapter, experiment = self.numbers.chapter, self.numbers.experiment
        for result in chapter.results:
            if not _is_printed(self.given, result, len(chapter.results)):
                continue
            printed = f"what the source printed for {result.experiment} on {result.split}"
            if (result.experiment, result.split) == (experiment.name, self.placed):
                text = (
                    f"The numbers given for {self.split} are {printed}, to the digit: those of its run, not of another."
                )
                self._say("printed", "note", text)
            else:
                text = f"The numbers given for {experiment.name} on {self.split} are {printed}, to the digit."
                self._say("printed for another", "explanation", text)


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


def _may_be_of(given: SplitNumbers, rows: int, counts: tuple[int, ...] | None, asked: int) -> bool:
    """Whether all numbers can be of so many rows of these classes, and have as many digits as `asked` rows need."""
    shares = [(given.accuracy, rows, asked)]
    if counts and len(counts) == 2:
        shares += [(given.specificity, counts[0], asked // 2), (given.sensitivity, counts[1], asked // 2)]
    whole = all(share.counts(n) for share, n, _ in shares if share and share.tells(n))
    told = all(share.tells(n) or not share.tells(usual) for share, n, usual in shares if share)
    return whole and told and (not counts or _may_mix(given, counts))


def _may_mix(given: SplitNumbers, counts: tuple[int, ...]) -> bool:
    """Whether the accuracy can be the mean of the rates, weighted with these rows of class 0 and 1."""
    if not given.accuracy or not (given.specificity or given.sensitivity):
        return True
    low = high = 0.0
    for rate, count in zip((given.specificity, given.sensitivity), counts, strict=True):
        low += count / sum(counts) * (rate.low if rate else 0)
        high += count / sum(counts) * (rate.high if rate else 1)
    return low <= given.accuracy.high and given.accuracy.low <= high


def _may_be_by_rows(accuracy: Rounded, negative: Rounded, positive: Rounded, share: float) -> bool:
    """Whether two rates can be the predictive values of a negative and of a positive answer. share: of positive rows.

    With a share r of positive answers, accuracy = r · positive + (1 - r) · negative, and the share of positive rows is
    r · positive + (1 - r) · (1 - negative). So r follows from the first, and the second decides.
    """
    shares = []
    for a in (accuracy.low, accuracy.high):
        for n in (negative.low, negative.high):
            for p in (positive.low, positive.high):
                r = (a - n) / (p - n) if p != n else -1.0
                if not 0 <= r <= 1:
                    return False
                shares.append(r * p + (1 - r) * (1 - n))
    return min(shares) <= share <= max(shares) and max(shares) - min(shares) < 0.05


def _other_way_round(given: SplitNumbers) -> SplitNumbers:
    """The numbers with the other class predicted for every row."""

    def opposite(rate: Rounded | None) -> Rounded | None:
        return rate._replace(value=1 - rate.value, text=_percent(1 - rate.value)) if rate else None

    return replace(
        given,
        accuracy=opposite(given.accuracy),
        specificity=opposite(given.specificity),
        sensitivity=opposite(given.sensitivity),
        matrix=given.matrix[::-1] if given.matrix else None,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.5g} %"


def _listed(counts: tuple[int, ...]) -> str:
    return ", ".join(f"{count:,}" for count in counts[:-1]) + f" and {counts[-1]:,}"
