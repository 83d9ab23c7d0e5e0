// Mirrors repro/evidence/reader/reader_numbers.py: what somebody who followed a source got, by split.
import { READ_SPLITS } from "./data_facts.js";
import { ReaderError, suggestion } from "./errors.js";
import { matrixAccuracy, matrixTotal } from "./metrics.js";
import { readMatrix } from "./pasted_matrix.js";
import { general, grouped } from "./python_numbers.js";
import { caseFold, reprText, SPACE } from "./python_text.js";
import { readHistory } from "./reader_history.js";
import { lossFromText, shareFromText } from "./rounded.js";

const ITS_SPLIT = new RegExp(`^${SPACE}*([a-z_\\u0130\\u0131\\u017f\\u212a]+)${SPACE}*:(.*)$`, "is");
const SPLIT_NAMES = { train: "train", validation: "validation", val: "validation", test: "test" };
const GIVEN_WORDS = { pooledAuc: "AUC", matrix: "the matrix" };
const NOT_GIVEN = {
  loss: null,
  accuracy: null,
  specificity: null,
  sensitivity: null,
  pooledAuc: null,
  matrix: null,
  transposed: false,
};

/** The numbers of one split. What was not given is null. */
class SplitNumbers {
  /**
   * given: loss, accuracy, specificity, sensitivity and pooledAuc, each a Rounded; matrix, `[predicted][actual]` as in
   * a record, however it was given; and transposed, whether it was given with a row for each actual class.
   */
  constructor(given) {
    Object.assign(this, NOT_GIVEN, given);
  }

  /** `dataclasses.replace`: the same with other numbers in the place of some. */
  with(changes) {
    return new SplitNumbers({ ...this, ...changes });
  }

  /** Whether no number is given. */
  get isEmpty() {
    return Object.keys(NOT_GIVEN).every((name) => name === "transposed" || this[name] === null);
  }

  /** The same with the other one of two classes as the positive one; null if nothing of it depends on that. */
  get ofOtherClass() {
    const { matrix, specificity, sensitivity } = this;
    if (!specificity && !sensitivity && matrix?.length !== 2) return null;
    const turned = matrix && [...matrix].reverse().map((row) => [...row].reverse());
    return this.with({ specificity: sensitivity, sensitivity: specificity, matrix: turned });
  }
}

/**
 * `ReaderNumbers.said_back`: what was understood, a line for each split and one for the history.
 *
 * trainRows: the training rows of the reader's data, held-out ones included; null if they are not known.
 */
export function saidBack(numbers, trainRows) {
  const lines = Object.entries(numbers.splits).map(([split, given]) => {
    const rows = trainRows ? `all ${grouped(trainRows)} rows` : "all rows";
    const ofAll = split === "train" && !numbers.experiment.evaluates_held_out;
    const takenFor = ofAll ? ` (evaluate() on ${rows}, not the last line of fit())` : "";
    return `${split}${takenFor}: ${saidOfSplit(given).join(", ")}`;
  });
  if (numbers.history) {
    const { curves, epochs, ignored } = numbers.history;
    const number = epochs === 1 ? "1 epoch" : `${epochs} epochs`;
    const notUsed = ignored.length ? `; not used: ${ignored.join(", ")}` : "";
    lines.push(`history: ${number} of ${Object.keys(curves).join(", ")}${notUsed}`);
  }
  return lines;
}

function saidOfSplit(given) {
  const numbers = [
    ["accuracy", given.accuracy],
    ["loss", given.loss],
    ["specificity", given.specificity],
    ["sensitivity", given.sensitivity],
    ["pooled AUC", given.pooledAuc],
  ];
  const said = numbers
    .filter(([, number]) => number)
    .map(([what, number]) => `${what} ${number.understood(what === "loss" ? 1 : 100)}`);
  if (given.matrix) {
    const how = given.transposed ? ", given with a row for each actual class" : "";
    const accuracy = general(100 * matrixAccuracy(given.matrix), 5);
    said.push(`a matrix of ${grouped(matrixTotal(given.matrix))} rows (accuracy ${accuracy} %)${how}`);
  }
  return said;
}

/**
 * The numbers that were given as text, such as `81.37%`, or `train:0.8275` for a split other than the one named.
 *
 * request: `{ split, accuracy, loss, sensitivity, specificity, auc, matrix, transposed, history }`: a split, or null
 * for the chapter's headline; lists of texts, which may be left out; whether matrices have a row for each actual class;
 * and a file as `readHistory` takes it, or null. Returns `{ chapter, experiment, splits, history }`, with
 * `SplitNumbers` by split in the order of splits.
 *
 * Throws ReaderError for what cannot be read, cannot be, is given twice, or is nothing that the experiment has.
 */
export function readNumbers(chapter, experiment, request) {
  const { split = null, transposed = false, history = null } = request;
  const { accuracy = [], loss = [], sensitivity = [], specificity = [], auc = [], matrix = [] } = request;
  refuseWhatItLacks(chapter, sensitivity.length + specificity.length > 0, auc.length > 0);
  if (transposed && !matrix.length) {
    throw new ReaderError("transposed says how a matrix is to be read, and there is none\nGive the matrix too");
  }
  const asShare = (what) => (text) => shareFromText(text, what);
  const given = [
    ["loss", loss, lossFromText],
    ["accuracy", accuracy, asShare("accuracy")],
    ["specificity", specificity, asShare("specificity")],
    ["sensitivity", sensitivity, asShare("sensitivity")],
    ["pooledAuc", auc, asShare("AUC")],
    ["matrix", matrix, (text) => readMatrix(text, chapter.classes, transposed)],
  ];
  const bySplit = {};
  for (const [name, texts, read] of given) {
    for (const text of texts) {
      const [itsSplit, number] = namedSplit(text, split || chapter.headline);
      checkSplit(chapter, experiment, itsSplit);
      const numbers = (bySplit[itsSplit] ??= {});
      if (name in numbers) {
        throw new ReaderError(
          `two values of ${GIVEN_WORDS[name] ?? name} were given for ${itsSplit}\n` +
            "Give one for each split, as train:0.83 or test:0.82",
        );
      }
      Object.assign(numbers, name === "matrix" ? read(number) : { [name]: read(number) });
    }
  }
  const there = READ_SPLITS.filter((each) => each in bySplit);
  if (!there.length && !history) {
    throw new ReaderError("no numbers were given\nGive accuracy, loss, matrix, history: what you have of them");
  }
  const splits = Object.fromEntries(there.map((each) => [each, new SplitNumbers(bySplit[each])]));
  return { chapter, experiment, splits, history: history && readHistory(history, experiment) };
}

function refuseWhatItLacks(chapter, rates, auc) {
  const k = chapter.classes.length;
  if (rates && k > 2) {
    throw new ReaderError(
      `${chapter.name} has ${k} classes: sensitivity and specificity are rates of two\n` +
        "Give the accuracy, or the matrix of all classes",
    );
  }
  if (auc && !chapter.labels.length) {
    throw new ReaderError(
      `there are no AUCs of ${chapter.name}: its runs keep accuracy, loss and matrix\n` +
        "Give accuracy, loss or matrix",
    );
  }
}

/** The split that a number names, or `split`, and the rest of the text. */
function namedSplit(text, split) {
  const found = ITS_SPLIT.exec(text);
  if (!found) return [split, text];
  const name = caseFold(found[1]);
  if (Object.hasOwn(SPLIT_NAMES, name)) return [SPLIT_NAMES[name], found[2]];
  if (text.includes("\n")) return [split, text]; // pasted: the first of its lines may well have a colon
  const unknown = reprText(Array.from(found[1]).slice(0, 40).join(""));
  throw new ReaderError(`no split ${unknown}; ${suggestion(name, READ_SPLITS)}\nWrite test:0.82 for test`);
}

function checkSplit(chapter, experiment, split) {
  if (!READ_SPLITS.includes(split)) {
    throw new ReaderError(`numbers of ${split} cannot be judged\nThe splits are ${READ_SPLITS.join(", ")}`);
  }
  if (split === "validation" && !(experiment.validation_split || chapter.held_out)) {
    throw new ReaderError(`${chapter.name} holds no rows out for validation\nThe splits are train and test`);
  }
}
