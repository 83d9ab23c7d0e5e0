// Mirrors repro/evidence/reader/split_consistency.py: compares a reader's numbers of one split with each other,
// with the data, the history, and what the source printed.
import { factsRows, fittedCounts, namedSplits, wholeRows } from "./data_facts.js";
import { besideGuessing, exchangedWithLoss, leastLoss, lossInPercent } from "./guessing.js";
import { equalEpoch, validatedOnTest } from "./history_consistency.js";
import { flipped, matrixAccuracy, matrixTotal, precision, recall, sum } from "./metrics.js";
import { general, grouped } from "./python_numbers.js";
import { exactShare, percent } from "./rounded.js";
import { isSameCounts, ofSource } from "./sources_numbers.js";
import { SplitReading } from "./split_reading.js";

/** All checks of one split's numbers. */
export class SplitConsistency extends SplitReading {
  /** All findings. Each check takes the numbers as those before it read them. */
  read() {
    this.ofHistory();
    exchangedWithLoss(this);
    lossInPercent(this);
    this.rowsOfMatrix();
    this.classesOfMatrix();
    this.accuracyAndMatrix();
    this.ratesAndMatrix();
    if (!this.given.matrix && wholeRows(this.facts)) {
      this.otherRows();
      this.accuracyAndRates();
      this.wholeShares();
    }
    besideGuessing(this);
    this.lossAndAccuracy();
    ofSource(this);
    this.ratesOfEitherClass();
    return this.found;
  }

  // Numbers of the history in place of evaluated ones
  ofHistory() {
    const { history } = this.numbers;
    const { metric } = this.numbers.experiment;
    if (!history || this.split === "validation") return;
    const ofMetric = metric === "accuracy" ? this.given.accuracy : this.given.pooledAuc;
    const given = [
      ["loss", this.given.loss],
      [metric, ofMetric],
    ].filter(([, number]) => number);
    const epoch = equalEpoch(given, history, this.split === "train" ? "" : "val_");
    if (epoch === null) return;
    const names = given.map(([name]) => name.replace("auc", "AUC")).join(" and ");
    const are = given.length === 1 ? "is" : "are";
    const rest = this.given.with({ loss: null, [metric === "accuracy" ? "accuracy" : "pooledAuc"]: null });
    if (this.split === "train") {
      this.readAs(
        "while training",
        `The ${names} given for train ${are} of epoch ${epoch} of the history: fit() takes a mean over the rows ` +
          "that it fits, while the weights change. Give what evaluate() says of all training rows afterwards.",
        rest,
      );
    } else if (!validatedOnTest(history, this.facts)) {
      this.readAs(
        "validation as test",
        `The ${names} given for test ${are} of the held-out rows: the history has it as val_ in epoch ${epoch}. ` +
          "Give what evaluate() says of the test rows.",
        rest,
      );
    }
  }

  // The matrix and the rows of the data
  rowsOfMatrix() {
    const { facts, split } = this;
    const rows = factsRows(facts, split);
    const n = this.given.matrix ? matrixTotal(this.given.matrix) : rows;
    if (!facts.complete || rows === null || n === null || n === rows) return;
    const where = `The matrix for ${split} has ${grouped(n)} rows`;
    const other = namedSplits(facts).find((each) => factsRows(facts, each) === n);
    if (facts.held_out && n === facts.held_out) {
      if (this.hasOtherClasses(facts.held_out_counts)) {
        let text = `${where}, as many as are held out of the training rows, but not their classes,`;
        text = `${text} ${listedCounts(facts.held_out_counts)}: it is of other rows, or of a part of the data.`;
        this.say("another data set", "contradiction", text);
        return;
      }
      const all = `evaluate all ${grouped(rows)} of ${split}.`;
      const text = `${where}, as many as are held out of the training rows: ${all}`;
      this.readAs("held-out rows", text, this.given, "validation");
    } else if (facts.held_out && n === facts.fitted) {
      const all = `evaluate all ${grouped(rows)}, the held-out ones too.`;
      this.say("fitted rows", "explanation", `${where}, as many as the weights are fitted to: ${all}`);
    } else if (other) {
      const text = `${where}, as many as ${other} has, where ${split} has ${grouped(rows)}: is it of ${other}?`;
      this.readAs("another split", text, this.given, other);
    } else if (facts.labels > 1 && n * facts.labels === rows) {
      const ours = `Ours counts all ${facts.labels} labels of each row, ${grouped(rows)} in all.`;
      this.say("one label", "explanation", `${where}: it is of one label. ${ours}`);
    } else {
      const text = `${where} where the data have ${grouped(rows)}:`;
      this.say("another data set", "contradiction", `${text} it is of another data set, or of a part of this one.`);
    }
  }

  /** Whether the matrix is not of rows of these classes, whichever way it may be turned. */
  hasOtherClasses(counts) {
    const { matrix } = this.given;
    if (!matrix || !counts) return false;
    const [rows, columns] = [matrix, flipped(matrix)].map((each) => each.map(sum));
    const ways = this.twoClasses ? [counts, [...counts].reverse()] : [counts];
    return !isSameCounts(rows, counts) && !ways.some((way) => isSameCounts(columns, way));
  }

  classesOfMatrix() {
    const { counts, split } = this;
    const { matrix, transposed } = this.given;
    if (!matrix || !this.facts.complete || counts === null || matrixTotal(matrix) !== sum(counts)) return;
    const [rows, columns] = [matrix, flipped(matrix)].map((each) => each.map(sum));
    if (isSameCounts(columns, counts)) return;
    if (isSameCounts(rows, counts)) {
      const how = transposed ? "Do not call it transposed, or mend its headings." : "It is read so.";
      this.readAs(
        "transposed",
        `The matrix for ${split} is transposed: its rows, not its columns, add up to the classes. ${how}`,
        this.given.with({ matrix: flipped(matrix), transposed: !transposed }),
      );
    } else if (this.twoClasses && isSameCounts([...columns].reverse(), counts)) {
      this.readAs(
        "classes exchanged",
        `The columns of the matrix for ${split} add up to ${listedCounts(columns)}, the classes the other way ` +
          "round: its first row and column are of the second class.",
        this.given.with({ matrix: [...matrix].reverse().map((row) => [...row].reverse()) }),
      );
    } else {
      const classes = this.fromFit ? "the classes of the held-out rows" : "the classes";
      this.say(
        "other classes",
        "contradiction",
        `The columns of the matrix for ${split} add up to ${listedCounts(columns)}, where ${classes} have ` +
          `${listedCounts(counts)} rows: it is of other rows or labels.`,
      );
    }
  }

  // Accuracy and rates
  accuracyAndMatrix() {
    const { matrix, accuracy } = this.given;
    if (!matrix || !accuracy) return;
    const ofMatrix = matrixAccuracy(matrix);
    if (accuracy.allows(ofMatrix)) return;
    const given = `The accuracy given for ${this.split}, ${accuracy.text},`;
    const beside = `${given} is not that of the matrix, ${percent(ofMatrix)}`;
    if (this.facts.labels > 1) {
      this.largestOutput(beside);
    } else if (this.split === "train" && this.isOfFittedRows(accuracy)) {
      const fitted = grouped(this.facts.fitted);
      const text = `${beside}, but a share of the ${fitted} fitted rows: it is fit()'s, a mean while`;
      const rest = this.given.with({ accuracy: null, loss: null });
      this.readAs("while training", `${text} the weights change. Give what evaluate() says.`, rest);
    } else if (!this.twoClasses || !accuracy.allows(1 - ofMatrix)) {
      const why = "they are of two trainings or splits, or one is mistyped.";
      this.say("accuracy and matrix", "contradiction", `${beside}: ${why}`);
    } else if (ofMatrix < 0.5) {
      const text = `${beside}; it is with the predicted classes exchanged, so the rows of the matrix are.`;
      this.readAs("classes exchanged", text, this.given.with({ matrix: [...matrix].reverse() }));
    } else {
      const text = `${beside}, but the share of its mistakes:`;
      const how = "predicted and actual classes were compared the wrong way.";
      this.readAs("classes exchanged", `${text} ${how}`, this.given.with({ accuracy: exactShare(ofMatrix) }));
    }
  }

  /** Whether a train accuracy can be of the fitted rows, and not of all. */
  isOfFittedRows(accuracy) {
    const { fitted } = this.facts;
    if (!wholeRows(this.facts) || !this.rows) return false;
    const ofAll = accuracy.tells(this.rows) && !accuracy.counts(this.rows);
    return ofAll && accuracy.tells(fitted) && accuracy.counts(fitted);
  }

  ratesAndMatrix() {
    const { matrix } = this.given;
    if (!matrix || !this.twoClasses) return;
    const [ofNegatives, ofPositives] = [recall(matrix, 0), recall(matrix, 1)];
    if (this.ratesAre(ofNegatives, ofPositives)) return;
    const matrixAlone = this.given.with({ specificity: null, sensitivity: null }); // which says as much, and exactly
    const [predicted0, predicted1] = [precision(matrix, 0), precision(matrix, 1)];
    const [first, second] = this.numbers.chapter.classes;
    const right = `sensitivity ${percent(ofPositives)}, specificity ${percent(ofNegatives)}`;
    if (this.ratesAre(ofPositives, ofNegatives)) {
      this.readAs(
        "rates exchanged",
        `The rates given for ${this.split} are exchanged; by the matrix, ${right}. caret takes the first class, ` +
          `${first}, as the positive one unless it is told that ${second} is: positive = ...`,
        matrixAlone,
      );
    } else if (this.ratesAre(predicted0, predicted1) || this.ratesAre(predicted1, predicted0)) {
      this.readAs(
        "rates by rows",
        `The rates given for ${this.split} are predictive values (precision), by the rows of the matrix, the ` +
          `predicted classes. By its columns, the actual ones: ${right}.`,
        matrixAlone,
      );
    } else {
      const text = `The rates given for ${this.split} are not those of the matrix, ${right}:`;
      const why = "they are of two trainings, or one is mistyped.";
      this.say("rates and matrix", "contradiction", `${text} ${why}`);
    }
  }

  ratesAre(specificity, sensitivity) {
    const { given } = this;
    const isSpecificity = given.specificity === null || given.specificity.allows(specificity);
    return isSpecificity && (given.sensitivity === null || given.sensitivity.allows(sensitivity));
  }

  /** Without a matrix: accuracy is the mean of the rates, weighted with the rows of the classes. */
  accuracyAndRates() {
    const { accuracy, specificity, sensitivity } = this.given;
    const { counts } = this;
    if (!accuracy || !counts || mayMix(this.given, counts)) return;
    const share = counts[1] / sum(counts);
    const exchanged = this.given.ofOtherClass;
    const fitsExchanged = exchanged !== null && mayMix(exchanged, counts);
    if (!(specificity && sensitivity) && !fitsExchanged) {
      const why = "They are of two trainings, or one is mistyped.";
      this.say("accuracy and rates", "contradiction", `${this.limitByOneRate(share)} ${why}`);
      return;
    }
    const said = specificity ? [`specificity ${specificity.text}`] : [];
    if (sensitivity) said.push(`sensitivity ${sensitivity.text}`);
    let text = `Given for ${this.split} ${said.length > 1 ? "are" : "is"} ${said.join(" and ")}`;
    text = `${text}, with which an accuracy of ${accuracy.text} does not go`;
    if (fitsExchanged) {
      const theyAre = said.length > 1 ? "they are exchanged" : "this is of the other class";
      text = `${text}; it does if ${theyAre}, with the other class as the positive one.`;
      this.readAs("rates exchanged", text, exchanged);
    } else if (specificity && sensitivity && mayBeByRows(accuracy, specificity, sensitivity, share)) {
      text = `${text}; it does if these are predictive values (precision), by the rows of the matrix: give that too.`;
      this.readAs("rates by rows", text, this.given.with({ specificity: null, sensitivity: null }));
    } else {
      text = `${text}: it is their mean over the rows. They are of two trainings, or one is mistyped.`;
      this.say("accuracy and rates", "contradiction", text);
    }
  }

  /** That the accuracy goes beyond what one rate allows, with the other rate 0 or 1. share: of positive rows. */
  limitByOneRate(share) {
    const { accuracy, specificity, sensitivity } = this.given;
    const rate = sensitivity || specificity;
    const [name, rows, of] = sensitivity ? ["sensitivity", "positive", share] : ["specificity", "negative", 1 - share];
    const least = of * rate.value;
    const limit = accuracy.value < least ? `at least ${percent(least)}` : `at most ${percent(least + 1 - of)}`;
    const part = of === 0.5 ? "half" : percent(of);
    const where = `With a ${name} of ${rate.text} on ${this.split}`;
    return `${where}, the accuracy is ${limit}, since ${part} of the rows are ${rows}; yours is ${accuracy.text}.`;
  }

  // Without a matrix: shares are of whole rows

  /** The numbers may fit other rows than those of the split, and only these. */
  otherRows() {
    const { facts, rows, given } = this;
    const readings = [given, given.ofOtherClass].filter((each) => each);
    if (rows === null || readings.some((each) => mayBeOf(each, rows, this.counts, rows))) return;
    const text = `The numbers given for ${this.split} cannot be of its ${grouped(rows)} rows, but`;
    const inFit = this.split === "train" && facts.held_out;
    if (inFit && mayBeOf(given, facts.held_out, facts.held_out_counts, rows)) {
      const why = `of ${grouped(facts.held_out)}, as many as are held out: evaluate all rows of train.`;
      this.readAs("held-out rows", `${text} ${why}`, given, "validation");
      return;
    }
    if (inFit && mayBeOf(given, facts.fitted, fittedCounts(facts), rows)) {
      const why = `of ${grouped(facts.fitted)}, as many as the weights are fitted to: evaluate the held-out ones too.`;
      this.say("fitted rows", "explanation", `${text} ${why}`);
      [this.counts, this.rows] = [fittedCounts(facts), facts.fitted];
      return;
    }
    const other = namedSplits(facts).find((each) => this.mayBeOfSplit(each, rows));
    if (other) {
      const why = `of ${grouped(factsRows(facts, other))}, as many as ${other} has: are they of ${other}?`;
      this.readAs("another split", `${text} ${why}`, given, other);
    }
  }

  mayBeOfSplit(split, asked) {
    const counts = this.facts.counts[split];
    return mayBeOf(this.given, sum(counts), counts, asked);
  }

  wholeShares() {
    const { accuracy, specificity, sensitivity } = this.given;
    const shares = [["accuracy", accuracy, this.rows]];
    if (this.counts?.length === 2) {
      shares.push(["specificity", specificity, this.counts[0]], ["sensitivity", sensitivity, this.counts[1]]);
    }
    for (const [name, share, rows] of shares) {
      if (share && rows && share.tells(rows) && !share.counts(rows)) {
        const text = `The ${name} given for ${this.split}, ${share.text}, is no share of ${grouped(rows)} rows:`;
        const why = "it is mistyped, a mean over runs, or of other data.";
        this.say("no share of the rows", "contradiction", `${text} ${why}`);
      }
    }
  }

  // The least loss
  lossAndAccuracy() {
    const { accuracy } = this;
    const { loss } = this.given;
    if (!loss || !accuracy) return;
    const least = leastLoss(accuracy);
    if (loss.high >= least) return;
    const more = `a loss is ${general(least, 4)} or more, not ${loss.text}`;
    const text = `With an accuracy of ${accuracy.text} on ${this.split}, ${more}`;
    if (this.facts.labels > 1 && this.given.accuracy) {
      this.largestOutput(text);
    } else {
      const why = "for each mistake costs ln 2 at least: they are of two trainings or splits.";
      this.say("loss and accuracy", "contradiction", `${text}, ${why}`);
    }
  }

  /** Several outputs, and an accuracy that does not fit: Keras takes it for one of classes. */
  largestOutput(text) {
    const why = "With several outputs, Keras' 'accuracy' is how often the largest is right: use 'binary_accuracy'.";
    this.readAs("accuracy of the largest output", `${text}. ${why}`, this.given.with({ accuracy: null }));
  }

  /** Two rates, and nothing that shows whether they are exchanged. */
  ratesOfEitherClass() {
    const { matrix, specificity, sensitivity } = this.given;
    const exchanged = this.given.ofOtherClass;
    const known = ["printed", "printed for another", "rates exchanged", "below chance", "accuracy and rates"];
    if (!exchanged || matrix || !specificity || !sensitivity || specificity.allows(sensitivity.value)) return;
    if (this.found.some((each) => known.includes(each.kind))) return;
    if (wholeRows(this.facts) && this.rows && !mayBeOf(exchanged, this.rows, this.counts, this.rows)) return;
    const text =
      'Are the rates from caret? Its sensitivity is that of the first class, 0, unless you set positive = "1".';
    this.say("rates of either class", "note", `${text} If you did not, exchange the two.`);
  }
}

/** Whether all numbers can be of so many rows of these classes, and have as many digits as `asked` rows need. */
function mayBeOf(given, rows, counts, asked) {
  const shares = [[given.accuracy, rows, asked]];
  if (counts?.length === 2) {
    const half = Math.floor(asked / 2);
    shares.push([given.specificity, counts[0], half], [given.sensitivity, counts[1], half]);
  }
  const there = shares.filter(([share]) => share);
  const whole = there.every(([share, n]) => !share.tells(n) || share.counts(n));
  const told = there.every(([share, n, usual]) => share.tells(n) || !share.tells(usual));
  return whole && told && (!counts || mayMix(given, counts));
}

/** Whether the accuracy can be the mean of the rates, weighted with these rows of class 0 and 1. */
function mayMix(given, counts) {
  const { accuracy, specificity, sensitivity } = given;
  if (!accuracy || (!specificity && !sensitivity)) return true;
  let [low, high] = [0, 0];
  [specificity, sensitivity].forEach((rate, label) => {
    low += (counts[label] / sum(counts)) * (rate ? rate.low : 0);
    high += (counts[label] / sum(counts)) * (rate ? rate.high : 1);
  });
  return low <= accuracy.high && accuracy.low <= high;
}

/**
 * Whether two rates can be the predictive values of a negative and of a positive answer. share: of positive rows.
 *
 * With a share r of positive answers, accuracy = r · positive + (1 - r) · negative, and the share of positive rows is
 * r · positive + (1 - r) · (1 - negative). So r follows from the first, and the second decides.
 */
function mayBeByRows(accuracy, negative, positive, share) {
  const shares = [];
  for (const a of [accuracy.low, accuracy.high]) {
    for (const n of [negative.low, negative.high]) {
      for (const p of [positive.low, positive.high]) {
        const r = p === n ? -1 : (a - n) / (p - n);
        if (!(r >= 0 && r <= 1)) return false;
        shares.push(r * p + (1 - r) * (1 - n));
      }
    }
  }
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  return least <= share && share <= most && most - least < 0.05;
}

/** `12,500 and 12,500` */
function listedCounts(counts) {
  return `${counts.slice(0, -1).map(grouped).join(", ")} and ${grouped(counts.at(-1))}`;
}
