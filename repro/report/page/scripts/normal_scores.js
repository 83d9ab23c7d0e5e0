// Mirrors repro/evidence/judging/normal_scores.py: numbers of runs on a scale on which those of a group are spread
// normally (Blom, "Statistical Estimates and Transformed Beta-Variables", 1958).

import { ndtri } from "./special_functions.js";

/** The upper quartile of the normal distribution with mean 0 and standard deviation 1. */
const QUARTILE = 0.6744897501960817;

/**
 * Maps each number by its place among those of a group of runs, to the score of a normal distribution.
 *
 * Between two runs it is linear. Beyond the farthest, it goes on with the scale of its own side: the distance from the
 * median to the quartile there.
 */
export class NormalScores {
  /** runs: (n, numbers). least: (numbers), the smallest scale of each, above 0. */
  constructor(runs, least) {
    const n = runs.length;
    const scores = runs.map((_, place) => ndtri((place + 1 - 0.375) / (n + 0.25)));
    this.columns = least.map((smallest, column) => {
      const ordered = runs.map((run) => run[column]).sort((a, b) => a - b);
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ordered, share));
      const below = Math.max((middle - low) / QUARTILE, smallest);
      const above = Math.max((high - middle) / QUARTILE, smallest);
      return { ...withoutTies(ordered, scores), below, above };
    });
  }

  /** The mean of the scales below and above the median, (numbers). */
  get meanScales() {
    return this.columns.map(({ below, above }) => (below + above) / 2);
  }

  /** The scores of the numbers of one run, (numbers). */
  of(run) {
    const scores = new Array(run.length);
    for (let place = 0; place < run.length; place += 1) {
      const { known, knownScores, below, above } = this.columns[place];
      const value = run[place];
      const beyond = Math.max(value - known[known.length - 1], 0) / above - Math.max(known[0] - value, 0) / below;
      scores[place] = interpolated(value, known, knownScores) + beyond;
    }
    return scores;
  }
}

/** The quantile of ordered numbers, linear between two of them, as numpy's. */
function quantile(ordered, share) {
  const place = share * (ordered.length - 1);
  const before = Math.floor(place);
  const next = Math.min(before + 1, ordered.length - 1);
  return ordered[before] + (ordered[next] - ordered[before]) * (place - before);
}

/** The different values, and of each the mean of its scores. */
function withoutTies(ordered, scores) {
  const [known, knownScores] = [[], []];
  let from = 0;
  for (let to = 1; to <= ordered.length; to += 1) {
    if (to === ordered.length || ordered[to] !== ordered[from]) {
      let sum = 0;
      for (let place = from; place < to; place += 1) {
        sum += scores[place];
      }
      known.push(ordered[from]);
      knownScores.push(sum / (to - from));
      from = to;
    }
  }
  return { known, knownScores };
}

/** What numpy.interp gives: linear between the known values, and beyond them the first or last score. */
function interpolated(value, known, knownScores) {
  let low = 0;
  let high = known.length - 1;
  if (value <= known[low] || value >= known[high]) {
    return knownScores[value <= known[low] ? low : high];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (known[middle] <= value) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const slope = (knownScores[high] - knownScores[low]) / (known[high] - known[low]);
  return slope * (value - known[low]) + knownScores[low];
}
