// Mirrors repro/evidence/judging/candidates.py: what a reader may have run. Which candidates there are, Python decides.

/** One thing that may have been run, with the runs that were made of it. */
export class Candidate {
  /**
   * made: {numerics, engine, epochs, classifies}. software: whose numerics they are, in words. variation: {name,
   * change, question}, or null. runs: [{seed, data, evaluation: by split, history: by curve}], by seed.
   */
  constructor(made, software, variation, runs, otherExperiment) {
    this.numerics = made.numerics;
    this.software = software;
    this.variation = variation;
    this.epochs = made.epochs;
    this.classifies = made.classifies;
    this.runs = runs;
    this.otherExperiment = otherExperiment;
  }

  /** Whether it is not what the reader means to have run. */
  get isChanged() {
    return this.variation !== null || this.otherExperiment !== "";
  }

  /** What is other than usual: `padding_after`, `model_two`; if nothing is, the numerics. */
  get label() {
    return this.variation ? this.variation.name : this.otherExperiment || this.numerics;
  }

  /** `source`, `source, padding_after`. */
  get name() {
    return this.isChanged ? `${this.numerics}, ${this.label}` : this.numerics;
  }

  /** What is other than usual, in words. */
  get change() {
    if (this.variation) {
      return this.variation.change;
    }
    if (this.otherExperiment) {
      const under = this.numerics === "source" ? "" : `, on ${this.software}`;
      return `the chapter's ${this.otherExperiment}${under}`;
    }
    return `nothing, on ${this.software}`;
  }

  /** What a reader is asked whose numbers look like its runs; empty if nobody can have done this. */
  get question() {
    if (this.variation) {
      return this.variation.question;
    }
    return this.otherExperiment ? `are these the numbers of ${this.otherExperiment}?` : "";
  }
}
