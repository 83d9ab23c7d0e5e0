// Mirrors repro/evidence/reader/guessing.py: loss and accuracy of one split beside what guessing gives.
import { isUsual } from "./data_facts.js";
import { Decimal } from "./decimal.js";
import { matrixAccuracy, sum } from "./metrics.js";
import { fixed, general } from "./python_numbers.js";
import { percent, Rounded } from "./rounded.js";

/** A loss so many times that of guessing comes of certainty in the wrong place, or of a slip of the pen. */
const FAR_ABOVE = 2.5;

/** The accuracy was given as the loss, and the loss as the accuracy. */
export function exchangedWithLoss(reading) {
  const { loss, accuracy, matrix } = reading.given;
  if (!loss || !accuracy || accuracy.high >= shareOfMajority(reading)) return;
  const share = loss.value <= 1 ? loss : hundredthOf(loss);
  const asAccuracy = new Rounded(share.value, share.half, percent(share.value));
  const asLoss = new Rounded(accuracy.value, accuracy.half, general(accuracy.value, 6));
  if (matrix && !asAccuracy.allows(matrixAccuracy(matrix))) return;
  if (isUsual(reading.facts, asLoss, asAccuracy) && !isUsual(reading.facts, loss, accuracy)) {
    reading.readAs(
      "accuracy and loss exchanged",
      `Accuracy and loss may be exchanged: on ${reading.split}, an accuracy of ${asAccuracy.text} and a loss of ` +
        `${asLoss.text} go together, not ${accuracy.text} and ${loss.text}. They are read so.`,
      reading.given.with({ accuracy: asAccuracy, loss: asLoss }),
    );
  }
}

/** The loss was given a hundred times too large. */
export function lossInPercent(reading) {
  const { loss } = reading.given;
  if (!loss || loss.value < FAR_ABOVE * lossOfGuessing(reading)) return;
  const hundredth = hundredthOf(loss);
  if (isUsual(reading.facts, hundredth, reading.accuracy)) {
    const text = `${farAbove(reading, loss)}. Do you mean ${hundredth.text}? It is read so.`;
    reading.readAs("loss in percent", text, reading.given.with({ loss: hundredth }));
  }
}

/** Nothing was learned, less than nothing, or the mistakes are certain. */
export function besideGuessing(reading) {
  const { accuracy, facts } = reading;
  const { loss } = reading.given;
  const much = loss !== null && loss.value > FAR_ABOVE * lossOfGuessing(reading);
  if (accuracy === null || facts.labels > 1) {
    if (loss && much) mistakenWithCertainty(reading, loss);
    return;
  }
  const counts = reading.counts ?? facts.counts.train;
  const n = sum(counts);
  const isNear = (share) => {
    const noise = 3 * Math.sqrt((share * (1 - share)) / n);
    return accuracy.half < noise && Math.abs(accuracy.value - share) < noise;
  };
  const chances = [[shareOfMajority(reading), lossOfGuessing(reading)]];
  if (!facts.complete) {
    // a reader's classes may have other shares than those of our sample: equal ones
    chances.push([1 / counts.length, Math.log(counts.length)]);
  }
  const [chance, unsure] = chances.find(([share]) => isNear(share)) ?? chances[0];
  const near = isNear(chance);
  const possible = near || accuracy.allows(chance);
  const given = `An accuracy of ${accuracy.text} on ${reading.split} is`;
  const oneAnswer = `${given} what one answer for all rows gives`;
  const check = "nothing was learned. Check labels and losses.";
  const guessed = fixed(unsure, 3);
  if (loss && possible && Math.abs(loss.value - unsure) < 0.01) {
    const text = `${oneAnswer}, and a loss near ${guessed} what not knowing gives: ${check}`;
    reading.say("nothing learned", "note", text);
  } else if (loss && possible && much) {
    const text = `${oneAnswer}, and a loss of ${loss.text} is far more than that of guessing, ${guessed}: all rows get`;
    const why = "one class, with certainty. The weights went wrong: check the learning rate and the labels.";
    reading.say("nothing learned", "note", `${text} ${why}`);
  } else if (near && !loss) {
    reading.say("nothing learned", "note", `${oneAnswer}: ${check}`);
  } else if (accuracy.high < Math.min(...counts) / n - 6 * Math.sqrt((chance * (1 - chance)) / n)) {
    belowChance(reading, accuracy, `${given} below chance`);
  } else if (loss && much) {
    mistakenWithCertainty(reading, loss);
  }
}

/** Below chance: what a loss says of two classes is whether it is of the right labels. */
function belowChance(reading, accuracy, text) {
  const { loss } = reading.given;
  const { opposite } = accuracy;
  if (!reading.twoClasses) {
    const why = "the labels are in another order than the outputs, or counted from 1.";
    reading.say("below chance", "note", `${text}: ${why}`);
  } else if (loss === null || loss.high < leastLoss(accuracy) || isUsual(reading.facts, loss, opposite)) {
    const how = `the classes are exchanged. Read the other way round, it is ${opposite.text}.`;
    reading.readAs("below chance", `${text}: ${how}`, otherWayRound(reading.given));
  } else {
    const why = `a loss of ${loss.text} does not say why: the labels may be exchanged, 0 for 1, or a number is`;
    reading.say("below chance", "note", `${text}, and ${why} mistyped.`);
  }
}

function mistakenWithCertainty(reading, loss) {
  const text = `${farAbove(reading, loss)}: it is mistyped, or mistakes were made with certainty.`;
  reading.say("loss above guessing", "note", text);
}

/**
 * The least loss that goes with an accuracy.
 *
 * A row that is classified wrongly gives its class a probability of 1/2 at most: a loss of ln 2 at least.
 */
export function leastLoss(accuracy) {
  return (1 - accuracy.high) * Math.log(2);
}

function farAbove(reading, loss) {
  const guessed = fixed(lossOfGuessing(reading), 3);
  return `A loss of ${loss.text} on ${reading.split} is far more than that of guessing, ${guessed}`;
}

/** `_majority` in Python. */
function shareOfMajority(reading) {
  const counts = reading.counts ?? reading.facts.counts.train;
  return Math.max(...counts) / sum(counts);
}

/** `_unsure` in Python: the entropy of the shares of the classes. */
function lossOfGuessing(reading) {
  const counts = reading.counts ?? reading.facts.counts.train;
  const n = sum(counts);
  return -sum(counts.filter((count) => count).map((count) => (count / n) * Math.log(count / n)));
}

function hundredthOf(number) {
  const text = Decimal.parse(number.text).scaleb(-2).toFixed();
  return new Rounded(number.value / 100, number.half / 100, text);
}

/** The numbers with the other class predicted for every row. */
function otherWayRound(given) {
  return given.with({
    accuracy: given.accuracy?.opposite ?? null,
    specificity: given.specificity?.opposite ?? null,
    sensitivity: given.sensitivity?.opposite ?? null,
    matrix: given.matrix && [...given.matrix].reverse(),
  });
}
