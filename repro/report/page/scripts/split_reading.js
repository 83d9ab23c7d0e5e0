// Mirrors repro/evidence/reader/split_reading.py: the numbers of one split as they are read so far.
import { factsClasses, factsRows } from "./data_facts.js";
import { matrixAccuracy } from "./metrics.js";
import { exactShare } from "./rounded.js";

/** What each check of a split's numbers starts from, and what it leaves to the next. */
export class SplitReading {
  constructor(numbers, facts, split, given) {
    Object.assign(this, { numbers, facts, split, given });
    /** The split that the numbers are of, as far as they tell. */
    this.placed = split;
    /** The classes and the number of the rows that they are of; null if not known. */
    this.counts = factsClasses(facts, split);
    this.rows = factsRows(facts, split);
    this.twoClasses = numbers.chapter.classes.length === 2;
    this.found = [];
  }

  say(kind, severity, text) {
    this.found.push({ kind, severity, text, split: this.split, corrected: null });
  }

  /**
   * An explanation, by which the numbers are others, or of another split, than they were given as.
   *
   * If other numbers were given for that split, those count.
   */
  readAs(kind, text, given, placed = null) {
    this.given = given;
    if (placed) {
      this.placed = placed;
      this.counts = factsClasses(this.facts, placed);
      this.rows = factsRows(this.facts, placed);
    }
    const kept = this.placed === this.split || !(this.placed in this.numbers.splits);
    const corrected = kept && !given.isEmpty ? { [this.placed]: given } : {};
    this.found.push({ kind, severity: "explanation", text, split: this.split, corrected });
  }

  /** Whether the rows are held out by `fit`, and of our runs only the history has numbers of them. */
  get fromFit() {
    return this.placed === "validation" && this.numbers.experiment.validation_split > 0;
  }

  /** Of the matrix, or as given. */
  get accuracy() {
    const { matrix, accuracy } = this.given;
    return matrix ? exactShare(matrixAccuracy(matrix)) : accuracy;
  }
}
