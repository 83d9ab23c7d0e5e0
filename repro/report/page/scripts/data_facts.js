// Mirrors repro/evidence/reader/data_facts.py: what is known of the rows of a chapter's data.
//
// Facts are an object with the fields of `DataFacts` by their Python names; what is a method there takes them here.
import { sum } from "./metrics.js";

/** The splits that a reader may have numbers of. */
export const READ_SPLITS = ["train", "validation", "test"];

/** Whether a run has about this loss, with about this accuracy if one is given: within a quarter, 3 points. */
export function isUsual(facts, loss, accuracy) {
  return facts.seen.some(
    ([otherLoss, otherAccuracy]) =>
      Math.abs(loss.value - otherLoss) <= 0.25 * otherLoss + loss.half &&
      (!accuracy || Math.abs(accuracy.value - otherAccuracy) <= 0.03 + accuracy.half),
  );
}

/** The rows of a split, as often as they are counted in its matrix; null if that is not known. */
export function factsRows(facts, split) {
  if (split === "validation" && !("validation" in facts.counts)) return facts.held_out || null;
  return split in facts.counts ? sum(facts.counts[split]) : null;
}

/** The rows of each class of a split; null if they are not known. */
export function factsClasses(facts, split) {
  if (split === "validation" && !("validation" in facts.counts)) return facts.held_out_counts;
  return facts.counts[split] ?? null;
}

/** The rows that are validated on while training, of whichever kind; 0 if there are none. */
export function rowsHeldOut(facts) {
  return facts.held_out || Math.floor(sum(facts.counts.validation ?? []) / facts.labels);
}

/** The training rows of a reader's data, held-out ones included; null if his may be more or fewer. */
export function trainRows(facts) {
  return facts.complete ? Math.floor(sum(facts.counts.train) / facts.labels) : null;
}

/** Whether an accuracy is a share of a known number of rows. */
export function wholeRows(facts) {
  return facts.complete && facts.labels === 1;
}

/** The splits that a reader can name. */
export function namedSplits(facts) {
  return Object.keys(facts.counts).filter((split) => READ_SPLITS.includes(split));
}

/** The classes of the fitted rows, if those of the held-out rows are known; null otherwise. */
export function fittedCounts(facts) {
  if (!facts.held_out_counts) return null;
  return facts.counts.train.map((count, label) => count - facts.held_out_counts[label]);
}
