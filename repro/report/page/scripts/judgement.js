// Mirrors repro/evidence/judging/judgement.py: what a reader's numbers mean.

import { COVERAGE } from "./intervals.js";
import { FEWEST_FOR_RANKS } from "./likeness.js";

/** Runs with a p up to this are called implausible: one in twenty that were made as the group's is. */
const LEVEL = 1 - COVERAGE;

/** The same for a change of which there are few runs: p is estimated there, and real runs have longer tails. */
const ROUGH = 0.01;

/** Where unchanged runs give such numbers, a change is asked about if it makes them so many times as likely. */
const LIKELIER = 20;

/** Numbers that lie this many times as far from the middle of the runs as the farthest run are like none. */
const FAR = 2;

/** A candidate beside a reader's numbers. */
export class Judged {
  /**
   * unusual: Rank, how unusual the numbers are among the candidate's runs. logDensity: the logarithm of the density at
   * them. timesFarthest: how many times as far from the middle they lie as the farthest run. fitsEach: whether each
   * number, by itself, may be that of one more run. sameWay: whether the change moves numbers to the reader's side.
   * values: (runs, coordinates), the runs' own numbers.
   */
  constructor(candidate, unusual, logDensity, timesFarthest, fitsEach, sameWay, values) {
    Object.assign(this, { candidate, unusual, logDensity, timesFarthest, fitsEach, sameWay, values });
  }

  /** Whether the reader's numbers may be those of one more of the candidate's runs. */
  get plausible() {
    const rough = this.candidate.isChanged && this.unusual.n < FEWEST_FOR_RANKS;
    return this.unusual.p > (rough ? ROUGH : LEVEL) && this.fitsEach;
  }

  /** How many runs have a lower number than the reader at this place of the coordinates, with as many digits. */
  lower(place, coordinate) {
    return this.values.filter((row) => coordinate.asGiven(row[place]) < coordinate.given.value).length;
  }

  /** Whether the reader's number is above, or below, that of each run. */
  isBeyond(place, coordinate) {
    const values = this.values.map((row) => coordinate.asGiven(row[place]));
    return !(Math.min(...values) <= coordinate.given.value && coordinate.given.value <= Math.max(...values));
  }
}

/** What a reader's numbers are like. */
export class Judgement {
  /**
   * unchanged, changed: Judged, the likeliest first. gain: Rank, or null. excluded: Judged, under numerics that the
   * reader's software does not have, where the numbers may come from it. tooFew: Candidates with too few runs.
   */
  constructor(coordinates, unchanged, changed, gain, excluded, tooFew) {
    Object.assign(this, { coordinates, unchanged, changed, gain, excluded, tooFew });
    /** Whether the reader trained for another number of epochs than the source, and runs for as many are compared. */
    this.isOfOtherEpochs = false;
    /** How many epochs of the reader's history are compared, if no runs were trained for as many as his. */
    this.comparedEpochs = null;
    /** The names of numbers that no runs have. */
    this.notCompared = [];
  }

  /** How many times as likely the numbers are with one candidate as with another. */
  ratio(judged, other) {
    return Math.exp(Math.min(judged.logDensity - other.logDensity, 700));
  }

  /** The unchanged candidates, then the changed ones. */
  get all() {
    return [...this.unchanged, ...this.changed];
  }

  /** Of the unchanged candidates that the numbers may come from, or of all if there are none, the largest. */
  get bestUnchanged() {
    const isBetter = (a, b) => {
      if (a.plausible !== b.plausible) {
        return a.plausible;
      }
      return a.unusual.n === b.unusual.n ? a.unusual.p > b.unusual.p : a.unusual.n > b.unusual.n;
    };
    return this.unchanged.reduce((best, each) => (isBetter(each, best) ? each : best));
  }

  /**
   * The changes that the numbers may come from, the likeliest first. If they do not come from unchanged runs, only
   * those that move numbers to their side.
   */
  get possible() {
    const usual = this.unchanged.length > 0 && this.bestUnchanged.plausible;
    return this.changed.filter((each) => each.plausible && (usual || each.sameWay));
  }

  /** Whether the numbers may come from a candidate, unchanged or changed. */
  isPossible(judged) {
    return judged.candidate.isChanged ? this.possible.includes(judged) : judged.plausible;
  }

  /**
   * The possible changes that make the numbers likelier than no change, on their side; the likeliest first. Some run
   * with the change lies as far out. Without unchanged runs, all such changes.
   */
  get suspects() {
    const { unchanged } = this;
    const likelier = this.possible.filter((each) => !unchanged.length || this.ratio(each, unchanged[0]) > 1);
    return likelier.filter((each) => each.sameWay && each.unusual.asLarge);
  }

  /** The change that the reader is asked about; null if there is none. */
  get asked() {
    return ["likelier", "explained", "suspected"].includes(this.outcome) ? this.suspects[0] : null;
  }

  /** What is said to the reader, in a word or two. */
  get outcome() {
    const { all, unchanged, excluded, suspects, gain } = this;
    if (!all.length || !(unchanged.length || this.isOfOtherEpochs)) {
      return "too few runs";
    }
    if (all[0].candidate.runs[0].data.kind !== "real") {
      return "other data";
    }
    const better = suspects.length > 0 && (gain === null || gain.p <= LEVEL);
    if (unchanged.length && this.bestUnchanged.plausible) {
      const much = better && this.ratio(suspects[0], unchanged[0]) >= LIKELIER;
      return much ? "likelier" : "usual";
    }
    if (excluded.length && !(suspects.length && this.ratio(suspects[0], excluded[0]) >= LIKELIER)) {
      return "other software";
    }
    if (suspects.length) {
      return better ? "explained" : "suspected";
    }
    const relevant = all.filter((each) => each.sameWay);
    return relevant.every((each) => each.timesFarthest > FAR) ? "unlike" : "unusual";
  }
}
