// Mirrors repro/evidence/judging/panel.py: the candidates with their numbers, ready to judge.

import { FEWEST } from "./intervals.js";
import { Judged, Judgement } from "./judgement.js";
import {
  FEWEST_FOR_RANKS,
  columnMeans,
  density,
  dot,
  leaveOneOut,
  priorOf,
  rank,
  rankDistance,
  spreadAbout,
  without,
} from "./likeness.js";
import { NormalScores } from "./normal_scores.js";
import { stdtr } from "./special_functions.js";

/** Numbers with a p up to this, by themselves, are not those of a small group, whatever the prior allows. */
const APART = 0.003;

/** In logarithms: of numbers that no change explains. */
const LEAST_GAIN = -50;

/** On the scale of `Coordinate.scaled`; of numbers that do not vary. */
const LEAST_SCALE = 1e-6;

/**
 * Candidates beside the numbers that a reader gave.
 *
 * All are compared on the scale of the normal scores of one of them, the base: the unchanged one with the most runs. So
 * the densities of different candidates can be compared. The covariance of the base is the prior.
 */
export class Panel {
  /** asked: Coordinates. known: Candidates. */
  constructor(asked, known) {
    this.asked = asked;
    this.compared = asked.filter((each) => each.isCompared);
    const withValues = this.compared.length ? known.map((each) => [each, valuesOf(each, asked)]) : [];
    const usable = withValues.filter(([, found]) => found !== null);
    this.tooFew = usable.filter(([, found]) => found.length < FEWEST).map(([each]) => each);
    const kept = usable.filter(([, found]) => found.length >= FEWEST);
    this.known = kept.map(([each]) => each);
    this.values = kept.map(([, found]) => found);
    if (!this.known.length) {
      return;
    }
    this.roundings = this.compared.map((each) => each.rounding);
    this.scaled = this.values.map((found) =>
      found.map((row) => {
        const compared = row.filter((_, place) => asked[place].isCompared);
        return compared.map((value, place) => this.compared[place].scaled(this.compared[place].asGiven(value)));
      }),
    );
    this.base = this.findBase();
    const scores = this.scoresOf(this.scaled[this.base]);
    this.scores = scores;
    this.scored = this.scaled.map((runs) => runs.map((run) => scores.of(run)));
    this.prior = this.priorFor(this.scored[this.base], scores);
    const [ownOfBase, gains] = this.leaveOutEach();
    this.gains = gains;
    this.own = this.scored.map((runs, place) => (place === this.base ? ownOfBase : leaveOneOut(runs, this.prior)));
  }

  /**
   * Judge numbers, in the order of the coordinates. numerics: what the reader's software computes; then other
   * unchanged candidates are left out. null if it is not known.
   */
  judge(values, numerics = null) {
    if (!this.known.length) {
      return new Judgement(this.asked, [], [], null, [], this.tooFew);
    }
    const pairs = this.asked.map((each, place) => [each, values[place]]).filter(([each]) => each.isCompared);
    const further = this.scores.of(pairs.map(([each, value]) => each.scaled(value)));
    const middle = columnMeans(this.scored[this.base]);
    const alone = this.known[this.base].isChanged;
    const judged = this.known.map((candidate, place) => {
      const runs = this.scored[place];
      const own = this.own[place].map((each) => each.distance);
      const found = density(further, runs, this.prior);
      return new Judged(
        candidate,
        rankDistance(found.distance, own),
        found.logarithm,
        found.distance / Math.max(...own, 1e-9),
        fitsEach(further, runs),
        !candidate.isChanged || alone || sameWay(further, runs, middle),
        this.values[place],
      );
    });
    judged.sort((a, b) => b.logDensity - a.logDensity);
    const changed = judged.filter((each) => each.candidate.isChanged);
    const unchanged = judged.filter((each) => !each.candidate.isChanged);
    const kept = unchanged.filter((each) => numerics === null || each.candidate.numerics === numerics);
    const excluded = unchanged.filter((each) => !kept.includes(each) && each.plausible);
    let gain = null;
    if (this.gains !== null) {
      const likeliest = Math.max(...changed.filter((each) => each.sameWay).map((each) => each.logDensity));
      gain = rank(Math.max(likeliest - unchanged[0].logDensity, LEAST_GAIN), this.gains);
    }
    return new Judgement(this.asked, kept, changed, gain, excluded, this.tooFew);
  }

  /** The place of the first unchanged candidate with the most runs; without unchanged ones, of the first with most. */
  findBase() {
    const isBetter = (a, b) =>
      a.isChanged === b.isChanged ? a.runs.length > b.runs.length : !a.isChanged && b.isChanged;
    return this.known.reduce((best, each, place) => (isBetter(each, this.known[best]) ? place : best), 0);
  }

  scoresOf(runs) {
    const least = this.roundings.map((rounding) => Math.max(rounding, LEAST_SCALE));
    return new NormalScores(runs, least);
  }

  priorFor(scored, scores) {
    const scales = scores.meanScales;
    const roundings = this.roundings.map((rounding, place) => rounding / scales[place]);
    return priorOf(scored, roundings);
  }

  /**
   * Judge each run of the base by the others, which give the scale and the prior too: [densities, gains].
   *
   * The density at each run in the base; and by how much the likeliest change makes it likelier, in logarithms, or null
   * without changes, or if nothing is unchanged. Of other candidates, the run of its seed is left out, which starts from
   * the same weights.
   */
  leaveOutEach() {
    const [base, candidate] = [this.scaled[this.base], this.known[this.base]];
    const isCompared = !candidate.isChanged && this.known.some((each) => each.isChanged);
    const [own, gains] = [[], []];
    candidate.runs.forEach(({ seed }, i) => {
      const others = without(base, i);
      const scores = this.scoresOf(others);
      const scored = others.map((run) => scores.of(run));
      const prior = this.priorFor(scored, scores);
      const item = scores.of(base[i]);
      const groupOf = (place) =>
        this.scaled[place].filter((_, run) => this.known[place].runs[run].seed !== seed).map((run) => scores.of(run));
      const group = groupOf(this.base);
      own.push(density(item, group, prior));
      if (isCompared) {
        const middle = columnMeans(group);
        let [withChange, withNone] = [-Infinity, -Infinity];
        this.known.forEach((each, place) => {
          const runs = place === this.base ? group : groupOf(place);
          if (!each.isChanged) {
            withNone = Math.max(withNone, density(item, runs, prior).logarithm);
          } else if (sameWay(item, runs, middle)) {
            withChange = Math.max(withChange, density(item, runs, prior).logarithm);
          }
        });
        gains.push(Math.max(withChange - withNone, LEAST_GAIN));
      }
    });
    return [own, gains.length ? gains : null];
  }
}

/**
 * Whether no number of an item lies far from those of the runs, by their own spread: by Student's distribution of one
 * more value, at the level `APART` for all numbers together (Bonferroni). Of many runs, the joint distance says it.
 */
function fitsEach(item, runs) {
  const n = runs.length;
  if (n >= FEWEST_FOR_RANKS) {
    return true;
  }
  const middle = columnMeans(runs);
  const pValues = item.map((value, place) => {
    const column = runs.map((run) => run[place]);
    const spread = Math.max(spreadAbout(column, middle[place]), LEAST_SCALE);
    return 2 * stdtr(n - 1, -Math.abs(value - middle[place]) / (spread * Math.sqrt(1 + 1 / n)));
  });
  return Math.min(...pValues) * item.length > APART;
}

/** Whether a change moves numbers to the side of the middle on which the item lies. */
function sameWay(item, runs, middle) {
  const [apart, moved] = [item, columnMeans(runs)].map((numbers) => numbers.map((value, i) => value - middle[i]));
  return dot(apart, moved) > 0;
}

/** The numbers of its runs, (runs, coordinates); null if one lacks some, as a classifier has no curves. */
function valuesOf(candidate, asked) {
  const found = candidate.runs.map((run) => asked.map((each) => each.of(run)));
  return found.every((row) => row.every(Number.isFinite)) ? found : null;
}
