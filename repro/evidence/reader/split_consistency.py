"""Compares a reader's numbers of one split with each other, with the data, the history, and what the source printed."""

from __future__ import annotations

from dataclasses import replace

from repro import metrics
from repro.evaluation import Split
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.guessing import beside_guessing, exchanged_with_loss, least_loss, loss_in_percent
from repro.evidence.reader.history_consistency import equal_epoch, validated_on_test
from repro.evidence.reader.reader_numbers import SplitNumbers
from repro.evidence.reader.rounded import Rounded, exact_share, percent
from repro.evidence.reader.sources_numbers import of_source
from repro.evidence.reader.split_reading import SplitReading


class SplitConsistency(SplitReading):
    """All checks of one split's numbers."""

    def read(self) -> list[Finding]:
        """All findings. Each check takes the numbers as those before it read them."""
        self._history()
        exchanged_with_loss(self)
        loss_in_percent(self)
        self._rows_of_matrix()
        self._classes_of_matrix()
        self._accuracy_and_matrix()
        self._rates_and_matrix()
        if not self.given.matrix and self.facts.whole_rows:
            self._other_rows()
            self._accuracy_and_rates()
            self._whole_rows()
        beside_guessing(self)
        self._loss_and_accuracy()
        of_source(self)
        self._rates_of_either_class()
        return self.found

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
            self.read_as(
                "while training",
                f"The {names} given for train {are} of epoch {epoch} of the history: fit() takes a mean over the rows "
                "that it fits, while the weights change. Give what evaluate() says of all training rows afterwards.",
                rest,
            )
        elif not validated_on_test(history, self.facts):
            self.read_as(
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
            if self._has_other_classes(facts.held_out_counts):
                text = f"{where}, as many as are held out of the training rows, but not their classes,"
                text = f"{text} {_listed(facts.held_out_counts or ())}: it is of other rows, or of a part of the data."
                self.say("another data set", "contradiction", text)
                return
            text = f"{where}, as many as are held out of the training rows: evaluate all {rows:,} of {self.split}."
            self.read_as("held-out rows", text, self.given, "validation")
        elif facts.held_out and n == facts.fitted:
            text = f"{where}, as many as the weights are fitted to: evaluate all {rows:,}, the held-out ones too."
            self.say("fitted rows", "explanation", text)
        elif other := next((each for each in facts.named_splits if facts.rows(each) == n), None):
            text = f"{where}, as many as {other} has, where {self.split} has {rows:,}: is it of {other}?"
            self.read_as("another split", text, self.given, other)
        elif facts.labels > 1 and n * facts.labels == rows:
            text = f"{where}: it is of one label. Ours counts all {facts.labels} labels of each row, {rows:,} in all."
            self.say("one label", "explanation", text)
        else:
            text = f"{where} where the data have {rows:,}: it is of another data set, or of a part of this one."
            self.say("another data set", "contradiction", text)

    def _has_other_classes(self, counts: tuple[int, ...] | None) -> bool:
        """Whether the matrix is not of rows of these classes, whichever way it may be turned."""
        if not self.given.matrix or not counts:
            return False
        rows, columns = (tuple(map(sum, each)) for each in (self.given.matrix, zip(*self.given.matrix, strict=True)))
        return rows != counts and columns not in (counts, *([counts[::-1]] if self.two_classes else []))

    def _classes_of_matrix(self) -> None:
        matrix, counts = self.given.matrix, self.counts
        if not matrix or not self.facts.complete or counts is None or metrics.total(matrix) != sum(counts):
            return
        rows, columns = tuple(map(sum, matrix)), tuple(map(sum, zip(*matrix, strict=True)))
        if columns == counts:
            return
        if rows == counts:
            how = "It is read so."
            if self.given.transposed:
                how = "Do not call it transposed, or mend its headings."
            self.read_as(
                "transposed",
                f"The matrix for {self.split} is transposed: its rows, not its columns, add up to the classes. {how}",
                replace(self.given, matrix=tuple(zip(*matrix, strict=True)), transposed=not self.given.transposed),
            )
        elif columns[::-1] == counts and self.two_classes:
            self.read_as(
                "classes exchanged",
                f"The columns of the matrix for {self.split} add up to {_listed(columns)}, the classes the other way "
                "round: its first row and column are of the second class.",
                replace(self.given, matrix=tuple(row[::-1] for row in matrix[::-1])),
            )
        else:
            classes = "the classes of the held-out rows" if self.from_fit else "the classes"
            self.say(
                "other classes",
                "contradiction",
                f"The columns of the matrix for {self.split} add up to {_listed(columns)}, where {classes} have "
                f"{_listed(counts)} rows: it is of other rows or labels.",
            )

    # Accuracy and rates
    def _accuracy_and_matrix(self) -> None:
        matrix, accuracy = self.given.matrix, self.given.accuracy
        if not matrix or not accuracy or accuracy.allows(of_matrix := metrics.accuracy(matrix)):
            return
        beside = (
            f"The accuracy given for {self.split}, {accuracy.text}, is not that of the matrix, {percent(of_matrix)}"
        )
        if self.facts.labels > 1:
            self._largest_output(beside)
        elif self.split == "train" and self._is_of_fitted_rows(accuracy):
            text = f"{beside}, but a share of the {self.facts.fitted:,} fitted rows: it is fit()'s, a mean while"
            rest = replace(self.given, accuracy=None, loss=None)
            self.read_as("while training", f"{text} the weights change. Give what evaluate() says.", rest)
        elif not self.two_classes or not accuracy.allows(1 - of_matrix):
            text = f"{beside}: they are of two trainings or splits, or one is mistyped."
            self.say("accuracy and matrix", "contradiction", text)
        elif of_matrix < 0.5:
            text = f"{beside}; it is with the predicted classes exchanged, so the rows of the matrix are."
            self.read_as("classes exchanged", text, replace(self.given, matrix=matrix[::-1]))
        else:
            text = f"{beside}, but the share of its mistakes: predicted and actual classes were compared the wrong way."
            self.read_as("classes exchanged", text, replace(self.given, accuracy=exact_share(of_matrix)))

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
        right = f"sensitivity {percent(of_positives)}, specificity {percent(of_negatives)}"
        if self._rates_are(of_positives, of_negatives):
            self.read_as(
                "rates exchanged",
                f"The rates given for {self.split} are exchanged; by the matrix, {right}. caret takes the first class, "
                f"{first}, as the positive one unless it is told that {second} is: positive = ...",
                matrix_alone,
            )
        elif self._rates_are(predicted_0, predicted_1) or self._rates_are(predicted_1, predicted_0):
            self.read_as(
                "rates by rows",
                f"The rates given for {self.split} are predictive values (precision), by the rows of the matrix, the "
                f"predicted classes. By its columns, the actual ones: {right}.",
                matrix_alone,
            )
        else:
            text = (
                f"The rates given for {self.split} are not those of the matrix, {right}: they are of two trainings, or"
            )
            self.say("rates and matrix", "contradiction", f"{text} one is mistyped.")

    def _rates_are(self, specificity: float, sensitivity: float) -> bool:
        pairs = ((self.given.specificity, specificity), (self.given.sensitivity, sensitivity))
        return all(given is None or given.allows(rate) for given, rate in pairs)

    def _accuracy_and_rates(self) -> None:
        """Without a matrix: accuracy is the mean of the rates, weighted with the rows of the classes."""
        accuracy, specificity, sensitivity = self.given.accuracy, self.given.specificity, self.given.sensitivity
        if not accuracy or not self.counts or _may_mix(self.given, self.counts):
            return
        share = self.counts[1] / sum(self.counts)
        exchanged = self.given.of_other_class
        fits_exchanged = exchanged is not None and _may_mix(exchanged, self.counts)
        if not (specificity and sensitivity) and not fits_exchanged:
            text = f"{self._limit_by_one_rate(share)} They are of two trainings, or one is mistyped."
            self.say("accuracy and rates", "contradiction", text)
            return
        said = [f"specificity {specificity.text}"] if specificity else []
        said += [f"sensitivity {sensitivity.text}"] if sensitivity else []
        text = f"Given for {self.split} {'are' if len(said) > 1 else 'is'} {' and '.join(said)}"
        text = f"{text}, with which an accuracy of {accuracy.text} does not go"
        if exchanged and fits_exchanged:
            they_are = "they are exchanged" if len(said) > 1 else "this is of the other class"
            text = f"{text}; it does if {they_are}, with the other class as the positive one."
            self.read_as("rates exchanged", text, exchanged)
        elif specificity and sensitivity and _may_be_by_rows(accuracy, specificity, sensitivity, share):
            text = (
                f"{text}; it does if these are predictive values (precision), by the rows of the matrix: give that too."
            )
            self.read_as("rates by rows", text, replace(self.given, specificity=None, sensitivity=None))
        else:
            text = f"{text}: it is their mean over the rows. They are of two trainings, or one is mistyped."
            self.say("accuracy and rates", "contradiction", text)

    def _limit_by_one_rate(self, share: float) -> str:
        """That the accuracy goes beyond what one rate allows, with the other rate 0 or 1. share: of positive rows."""
        accuracy, rate = self.given.accuracy, self.given.sensitivity or self.given.specificity
        assert accuracy
        assert rate
        name, rows, of = (
            ("sensitivity", "positive", share) if self.given.sensitivity else ("specificity", "negative", 1 - share)
        )
        least = of * rate.value
        limit = f"at least {percent(least)}" if accuracy.value < least else f"at most {percent(least + 1 - of)}"
        part = "half" if of == 0.5 else percent(of)
        where = f"With a {name} of {rate.text} on {self.split}"
        return f"{where}, the accuracy is {limit}, since {part} of the rows are {rows}; yours is {accuracy.text}."

    # Without a matrix: shares are of whole rows
    def _other_rows(self) -> None:
        """The numbers may fit other rows than those of the split, and only these."""
        facts, rows, given = self.facts, self.rows, self.given
        readings = [each for each in (given, given.of_other_class) if each]
        if rows is None or any(_may_be_of(each, rows, self.counts, rows) for each in readings):
            return
        text = f"The numbers given for {self.split} cannot be of its {rows:,} rows, but"
        in_fit = self.split == "train" and facts.held_out
        if in_fit and _may_be_of(given, facts.held_out, facts.held_out_counts, rows):
            text = f"{text} of {facts.held_out:,}, as many as are held out: evaluate all rows of train."
            self.read_as("held-out rows", text, self.given, "validation")
        elif in_fit and _may_be_of(given, facts.fitted, facts.fitted_counts, rows):
            text = f"{text} of {facts.fitted:,}, as many as the weights are fitted to: evaluate the held-out ones too."
            self.say("fitted rows", "explanation", text)
            self.counts, self.rows = facts.fitted_counts, facts.fitted
        elif other := next((each for each in facts.named_splits if self._may_be_of_split(each, rows)), None):
            text = f"{text} of {facts.rows(other):,}, as many as {other} has: are they of {other}?"
            self.read_as("another split", text, self.given, other)

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
                self.say("no share of the rows", "contradiction", f"{text} mean over runs, or of other data.")

    # The least loss
    def _loss_and_accuracy(self) -> None:
        loss, accuracy = self.given.loss, self.accuracy
        if not loss or not accuracy:
            return
        least = least_loss(accuracy)
        if loss.high >= least:
            return
        text = f"With an accuracy of {accuracy.text} on {self.split}, a loss is {least:.4g} or more, not {loss.text}"
        if self.facts.labels > 1 and self.given.accuracy:
            self._largest_output(text)
        else:
            text = f"{text}, for each mistake costs ln 2 at least: they are of two trainings or splits."
            self.say("loss and accuracy", "contradiction", text)

    def _largest_output(self, text: str) -> None:
        """Several outputs, and an accuracy that does not fit: Keras takes it for one of classes."""
        text = (
            f"{text}. With several outputs, Keras' 'accuracy' is how often the largest is right: use 'binary_accuracy'."
        )
        self.read_as("accuracy of the largest output", text, replace(self.given, accuracy=None))

    def _rates_of_either_class(self) -> None:
        """Two rates, and nothing that shows whether they are exchanged."""
        specificity, sensitivity = self.given.specificity, self.given.sensitivity
        exchanged = self.given.of_other_class
        known = {"printed", "printed for another", "rates exchanged", "below chance", "accuracy and rates"}
        if (
            not exchanged
            or self.given.matrix
            or not specificity
            or not sensitivity
            or specificity.allows(sensitivity.value)
        ):
            return
        if known & {each.kind for each in self.found}:
            return
        if self.facts.whole_rows and self.rows and not _may_be_of(exchanged, self.rows, self.counts, self.rows):
            return
        text = 'Are the rates from caret? Its sensitivity is that of the first class, 0, unless you set positive = "1".'
        self.say("rates of either class", "note", f"{text} If you did not, exchange the two.")


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


def _listed(counts: tuple[int, ...]) -> str:
    return ", ".join(f"{count:,}" for count in counts[:-1]) + f" and {counts[-1]:,}"
