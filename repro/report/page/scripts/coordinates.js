// Mirrors repro/evidence/judging/coordinates.py: a reader's numbers and the same numbers of a run, side by side, on a
// scale on which runs can be compared.

import { matrixAccuracy, recall } from "./metrics.js";
import { roundTo } from "./python_numbers.js";
import { exactShare, withDigits } from "./rounded.js";

/** Shares nearer to 0 or 1, and smaller losses, are taken as this: their logarithm would count too much. */
const SMALLEST = 1e-4;

/** One number that a reader gave, and the same of a run. */
class Coordinate {
  /**
   * name: `test accuracy`; of a history, `val_loss in epoch 1`. given: {value, half, text}. isShare: whether it goes
   * from 0 to 1. of: takes a run; its number, undefined or NaN if it has none. isCompared: whether runs are compared by
   * it; it is shown alone if it follows from others.
   */
  constructor(name, given, isShare, of, isCompared = true) {
    this.name = name;
    this.given = given;
    this.isShare = isShare;
    this.of = of;
    this.isCompared = isCompared;
  }

  /** A run's number with as many digits as the reader's. */
  asGiven(value) {
    const digits = this.given.half ? -Math.round(Math.log10(2 * this.given.half)) : 15;
    return roundTo(value, digits);
  }

  /** The logarithm of a loss, the log odds of a share: on this scale runs vary about evenly up and down. */
  scaled(value) {
    if (!this.isShare) {
      return Math.log(Math.max(value, SMALLEST));
    }
    const inside = Math.min(Math.max(value, SMALLEST), 1 - SMALLEST);
    return Math.log(inside / (1 - inside));
  }

  /** The standard deviation of what rounding leaves out, on the scale of `scaled`. */
  get rounding() {
    const value = Math.max(this.given.value, SMALLEST);
    const slope = this.isShare ? 1 / (value * Math.max(1 - value, SMALLEST)) : 1 / value;
    return (this.given.half / Math.sqrt(3)) * slope;
  }
}

/**
 * What a reader's numbers are compared by: Coordinates.
 *
 * epochs: how many epochs of the history are compared, and nothing else; null for all that the reader gave.
 *
 * Nothing that follows from others: no accuracy beside a matrix, or beside sensitivity and specificity. Of a history,
 * four epochs: the first two, the one in the middle, and the last.
 */
export function coordinates(numbers, epochs = null) {
  const { history } = numbers;
  const found = [];
  for (const [split, given] of epochs === null ? Object.entries(numbers.splits) : []) {
    const fromFit = split === "validation" && numbers.experiment.validation_split > 0;
    found.push(...(fromFit ? ofFit(given, history) : ofSplit(split, given)));
  }
  return found.concat(history ? inEpochs(history, epochs || history.epochs) : []);
}

/** Of rows that a record has an evaluation of. */
function ofSplit(split, given) {
  const of = (what, number, take, isCompared = true) => {
    if (number === null || !Number.isFinite(number.value)) {
      return [];
    }
    const ofRun = (run) => run.evaluation[split] && (take(run.evaluation[split]) ?? NaN);
    return [new Coordinate(`${split} ${what}`, number, what !== "loss", ofRun, isCompared)];
  };
  const found = [
    ...of("loss", given.loss, (each) => each.loss),
    ...of("AUC", given.pooledAuc, (each) => each.pooledAuc),
  ];
  if (given.matrix) {
    for (let label = 0; label < given.matrix.length; label += 1) {
      const share = exactShare(recall(given.matrix, label));
      found.push(...of(recallName(label, given.matrix), share, (each) => recall(each.matrix, label)));
    }
    const accuracy = exactShare(matrixAccuracy(given.matrix));
    return [...found, ...of("accuracy", accuracy, (each) => each.accuracy, false)];
  }
  const both = given.specificity !== null && given.sensitivity !== null;
  return [
    ...found,
    ...of("specificity", given.specificity, (each) => recall(each.matrix, 0)),
    ...of("sensitivity", given.sensitivity, (each) => recall(each.matrix, 1)),
    ...of("accuracy", given.accuracy, (each) => each.accuracy, !both),
  ];
}

function recallName(label, matrix) {
  return matrix.length === 2 ? ["specificity", "sensitivity"][label] : `recall of class ${label}`;
}

/**
 * Of the rows that `fit` holds out: a record has their loss and accuracy by epoch, and no matrix. Nothing that the
 * history has too.
 */
function ofFit(given, history) {
  const accuracy = given.matrix ? exactShare(matrixAccuracy(given.matrix)) : given.accuracy;
  const last = { loss: given.loss, accuracy, auc: given.pooledAuc };
  return Object.entries(last)
    .filter(([what, number]) => number !== null && !(history && `val_${what}` in history.curves))
    .map(([what, number]) => new Coordinate(`validation ${what}`, number, what !== "loss", byEpoch(`val_${what}`, -1)));
}

function inEpochs(history, epochs) {
  const last = epochs - 1;
  const places = epochs ? [...new Set([0, Math.min(1, last), Math.floor(last / 2), last])].sort((a, b) => a - b) : [];
  return Object.entries(history.curves).flatMap(([curve, values]) => {
    const digits = withDigits(values);
    return places.map((epoch) => {
      const name = `${curve} in epoch ${epoch + 1}`;
      return new Coordinate(name, digits[epoch], !curve.includes("loss"), byEpoch(curve, epoch));
    });
  });
}

function byEpoch(curve, epoch) {
  return (run) => run.history[curve]?.at(epoch);
}
