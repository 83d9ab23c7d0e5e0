// Mirrors repro/evidence/reader/history_consistency.py: what a reader's history shows by itself.
import { factsRows, rowsHeldOut, wholeRows } from "./data_facts.js";
import { general, grouped } from "./python_numbers.js";
import { tellRunsApart, withDigits } from "./rounded.js";

/** What people write for `validation_split`. */
const SHARES_HELD_OUT = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5];

/** All that the history shows without other numbers: findings. */
export function ofHistory(history, experiment, facts) {
  const said = [...ofEpochs(history, experiment), ...ofRows(history, experiment, facts)];
  return said.map(([kind, severity, text]) => ({ kind, severity, text, split: null, corrected: null }));
}

function* ofEpochs(history, experiment) {
  if (history.diverged) {
    yield [
      "diverged",
      "explanation",
      `The loss was no longer finite in epoch ${history.diverged}: the training diverged, and later numbers say ` +
        "nothing. Look for a learning rate that is too high, or for activations without bounds.",
    ];
  } else if (history.epochs !== experiment.epochs) {
    const number = history.epochs === 1 ? "1 epoch" : `${history.epochs} epochs`;
    const fewer = history.epochs < experiment.epochs ? "fewer" : "more";
    yield [
      "number of epochs",
      "explanation",
      `The history has ${number}, ${fewer} than the source's ${experiment.epochs}: train for as long.`,
    ];
  }
}

function* ofRows(history, experiment, facts) {
  const heldOut = rowsHeldOut(facts);
  if (heldOut && !Object.keys(history.curves).some((name) => name.startsWith("val_"))) {
    yield [
      "validation missing",
      "note",
      `The history has no validation, where the source holds out ${grouped(heldOut)} rows: was nothing held out?`,
    ];
  }
  const [train, test] = [factsRows(facts, "train"), factsRows(facts, "test")];
  if (validatedOnTest(history, facts)) {
    const beside = heldOut ? `, not of the ${grouped(heldOut)} held-out ones` : "";
    yield [
      "validated on test",
      heldOut ? "explanation" : "note",
      `val_accuracy is a share of ${grouped(test)} rows, as many as test has${beside}: ` +
        "the test rows were the validation data.",
    ];
  } else if (wholeRows(facts) && train && facts.held_out) {
    const again = `: set validation_split = ${general(experiment.validation_split, 6)}.`;
    if (noSharesOf(history, "accuracy", facts.fitted) && sharesOf(history, "accuracy", train)) {
      yield [
        "share of other rows",
        "explanation",
        `accuracy is a share of all ${grouped(train)} training rows, where the source fits ` +
          `${grouped(facts.fitted)}${again}`,
      ];
    } else if (noSharesOf(history, "val_accuracy", facts.held_out)) {
      const others = SHARES_HELD_OUT.map((share) => train - Math.trunc(train * (1 - share)));
      const rows = others.find((each) => sharesOf(history, "val_accuracy", each));
      if (rows) {
        yield [
          "share of other rows",
          "explanation",
          `val_accuracy is a share of ${grouped(rows)} rows, where the source holds out ` +
            `${grouped(facts.held_out)}${again}`,
        ];
      }
    }
  }
}

/** Whether a curve has digits enough to be no share of the rows that the source fits, or validates on. */
export function mayShowRows(history, facts) {
  const curves = [
    ["accuracy", facts.fitted],
    ["val_accuracy", rowsHeldOut(facts)],
  ];
  return wholeRows(facts) && curves.some(([name, rows]) => rows && tellingCurve(history, name, rows));
}

/** Whether what was validated on has as many rows as test, and not as many as are held out. */
export function validatedOnTest(history, facts) {
  const [heldOut, test] = [rowsHeldOut(facts), factsRows(facts, "test")];
  if (!wholeRows(facts) || test === null) return false;
  return (!heldOut || noSharesOf(history, "val_accuracy", heldOut)) && sharesOf(history, "val_accuracy", test);
}

/**
 * The epoch, from 1, in which the history has all these numbers: the last, or the best by validation.
 *
 * given: pairs of the name of a curve without `prefix`, which is `val_` or empty, and a Rounded. null if there is no
 * such epoch, or if the numbers have too few digits to tell.
 */
export function equalEpoch(given, history, prefix) {
  const curves = given.map(([name]) => history.curves[prefix + name] ?? []);
  if (!curves.every((curve) => curve.length)) return null;
  const [valLoss, valAccuracy] = ["val_loss", "val_accuracy"].map((name) => history.curves[name] ?? []);
  const epochs = [history.epochs - 1];
  if (valLoss.length) epochs.push(placeOfBest(valLoss, (value, best) => value < best));
  if (valAccuracy.length) epochs.push(placeOfBest(valAccuracy, (value, best) => value > best));
  const numbers = given.map(([, number]) => number);
  if (!tellRunsApart(numbers, new Set(epochs).size)) return null;
  const equal = epochs.find((epoch) => numbers.every((number, i) => number.allows(curves[i][epoch])));
  return equal === undefined ? null : equal + 1;
}

/** The first place of the best value. */
function placeOfBest(values, isBetter) {
  return values.reduce((best, value, place) => (isBetter(value, values[best]) ? place : best), 0);
}

/** The numbers of a curve, if there are any and all have digits enough to tell so many rows; null otherwise. */
function tellingCurve(history, name, rows) {
  const curve = withDigits(history.curves[name] ?? []);
  return curve.length && curve.every((each) => each.tells(rows)) ? curve : null;
}

/** Whether a curve has digits enough, and each of its numbers is a share of so many rows. */
function sharesOf(history, name, rows) {
  return tellingCurve(history, name, rows)?.every((each) => each.counts(rows)) ?? false;
}

/** Whether a curve has digits enough, and not each of its numbers is a share of so many rows. */
function noSharesOf(history, name, rows) {
  return tellingCurve(history, name, rows)?.some((each) => !each.counts(rows)) ?? false;
}
