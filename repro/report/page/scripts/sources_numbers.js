// Mirrors repro/evidence/reader/sources_numbers.py: a reader's numbers that are the source's own.
import { recall } from "./metrics.js";
import { tellRunsApart } from "./rounded.js";

/** Compares with each result that the source printed, of whichever model and split. */
export function ofSource(reading) {
  const { chapter, experiment } = reading.numbers;
  const times = chapter.results.length;
  for (const result of chapter.results) {
    const printed = `what the source printed for ${result.experiment} on ${result.split}`;
    if (!isPrinted(reading.given, result, times)) {
      const exchanged = reading.given.ofOtherClass;
      if (exchanged === null || !isPrinted(exchanged, result, times)) continue;
      exchangeClasses(reading, exchanged);
    }
    if (result.experiment === experiment.name && result.split === reading.placed) {
      const text = `The numbers given for ${reading.split} are ${printed}, to the digit:`;
      reading.say("printed", "note", `${text} those of its run, not of another.`);
    } else {
      const text = `The numbers given for ${experiment.name} on ${reading.split} are ${printed}, to the digit.`;
      reading.say("printed for another", "explanation", text);
    }
  }
}

function exchangeClasses(reading, exchanged) {
  if (exchanged.matrix) {
    const text = `The matrix for ${reading.split} is the source's with the classes the other way round:`;
    const how = "its first row and column are of the second class. It is read so.";
    reading.readAs("classes exchanged", `${text} ${how}`, exchanged);
  } else {
    const text = `The rates given for ${reading.split} are the source's, but exchanged:`;
    const how = 'yours are of the other class, as caret gives them unless positive = "1". They are read so.';
    reading.readAs("rates exchanged", `${text} ${how}`, exchanged);
  }
}

/** Whether all that is given, and enough of it, is one result of so many that the source printed. */
function isPrinted(given, result, times) {
  if ((given.matrix && !isSameMatrix(given.matrix, result.matrix)) || given.pooledAuc) return false;
  const pairs = [
    [given.loss, () => result.loss],
    [given.accuracy, () => result.accuracy],
    [given.specificity, () => recall(result.matrix, 0)],
    [given.sensitivity, () => recall(result.matrix, 1)],
  ];
  const numbers = pairs.filter(([number]) => number);
  const enough =
    given.matrix ||
    tellRunsApart(
      numbers.map(([number]) => number),
      times,
    );
  return Boolean(enough) && numbers.every(([number, printed]) => number.allows(printed()));
}

/** Whether two matrices are equal. */
function isSameMatrix(matrix, other) {
  return matrix.length === other.length && matrix.every((row, i) => isSameCounts(row, other[i]));
}

/** Whether two lists of counts are equal. */
export function isSameCounts(counts, other) {
  return counts.length === other.length && counts.every((count, i) => count === other[i]);
}
