// Mirrors repro/evidence/judging/likeness.py, which says where the formulas come from: how like a group of runs one more
// run is, by several of its numbers together.

import { gammaln, stdtr } from "./special_functions.js";

/** As how many runs the prior counts. */
const WEIGHT = 5;

/** With fewer runs, p could not be as low as 0.05 if it was a rank: it is at least 1 / (n + 1). */
export const FEWEST_FOR_RANKS = 19;

/** The variance, as a share of a number's own in the prior, that is added to each number's. */
const RIDGE = 1e-3;

/** The share of each number's variance that no other number has: without it, rounding may make a scale singular. */
const LEAST_OWN = 1e-11;

/** Values that differ by less are equal: sums may be taken in another order. */
const SAME = 1e-6;

/** Where one more value lies among n values, from above. */
class Rank {
  /** asLarge: how many of the n are at least as large. tail: the probability of such a value, or a larger one. */
  constructor(n, asLarge, tail) {
    this.n = n;
    this.asLarge = asLarge;
    this.tail = tail;
  }

  /** The share of the n + 1 values that are at least as large. Of few values, which say little, `tail`. */
  get p() {
    return this.n >= FEWEST_FOR_RANKS ? (this.asLarge + 1) / (this.n + 1) : this.tail;
  }
}

/** The rank of a value among others, (n); n is 2 at least. */
export function rank(value, others) {
  const n = others.length;
  const average = mean(others);
  const spread = Math.max(spreadAbout(others, average), SAME);
  const tail = stdtr(n - 1, (average - value) / (spread * Math.sqrt(1 + 1 / n)));
  return new Rank(n, others.filter((other) => other >= value - SAME).length, tail);
}

/** The rank of a distance among those of runs, (n): of their powers of 2/3, which are spread about normally. */
export function rankDistance(distance, others) {
  const [power, powers] = [distance ** (2 / 3), others.map((other) => other ** (2 / 3))];
  return rank(power, powers);
}

/**
 * The density at an item (numbers) in a group (n, numbers), the item not among it: {logarithm, distance}. The distance
 * is Mahalanobis' from the mean of the group. prior: (numbers, numbers), of which the lower triangle is read.
 */
export function density(item, group, prior) {
  const [n, p] = [group.length, item.length];
  const freedom = n + WEIGHT + 1;
  const middle = columnMeans(group);
  const lower = scatter(group, middle);
  const times = (n + 1) / (n * freedom);
  for (let i = 0; i < p; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      lower[i][j] = (WEIGHT * prior[i][j] + lower[i][j]) * times;
    }
    lower[i][i] *= 1 + LEAST_OWN;
  }
  factorise(lower);
  let [squared, halfLogarithm] = [0, 0];
  const solved = new Float64Array(p); // of lower · solved = item - middle, by forward substitution
  for (let i = 0; i < p; i += 1) {
    let rest = item[i] - middle[i];
    for (let k = 0; k < i; k += 1) {
      rest -= lower[i][k] * solved[k];
    }
    solved[i] = rest / lower[i][i];
    squared += solved[i] * solved[i];
    halfLogarithm += Math.log(lower[i][i]);
  }
  const constant = gammaln((freedom + p) / 2) - gammaln(freedom / 2) - (p / 2) * Math.log(freedom * Math.PI);
  const logarithm = constant - halfLogarithm - ((freedom + p) / 2) * Math.log1p(squared / freedom);
  const distance = Math.sqrt(squared);
  return { logarithm, distance: distance < SAME ? 0 : distance };
}

/** The density at each of the runs (n, numbers) in the group of the others. */
export function leaveOneOut(runs, prior) {
  return runs.map((run, place) => density(run, without(runs, place), prior));
}

/**
 * The covariance of a group (runs, numbers), and what is added for `RIDGE` and for rounding: (numbers, numbers), the
 * lower triangle alone. roundings: (numbers), the standard deviations of what rounding leaves out.
 */
export function priorOf(group, roundings) {
  const covariance = scatter(group, columnMeans(group)).map((row) => row.map((total) => total / (group.length - 1)));
  roundings.forEach((rounding, i) => {
    covariance[i][i] += RIDGE * covariance[i][i] + Math.max(rounding, 1e-6) ** 2;
  });
  return covariance;
}

/** The items but for that at a place. */
export function without(items, place) {
  return items.filter((_, i) => i !== place);
}

/** The mean of each column of rows (n, numbers): (numbers). */
export function columnMeans(rows) {
  const means = new Array(rows[0].length).fill(0);
  for (const row of rows) {
    for (let column = 0; column < means.length; column += 1) {
      means[column] += row[column];
    }
  }
  return means.map((total) => total / rows.length);
}

/** The standard deviation of a sample about its mean. */
export function spreadAbout(values, average) {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1));
}

/** The sum of the products of two lists. */
export function dot(a, b) {
  return a.reduce((sum, value, place) => sum + value * b[place], 0);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sums of squares and products about the middle of a group: (numbers, numbers), the lower triangle alone. */
function scatter(group, middle) {
  const p = middle.length;
  const sums = middle.map(() => new Float64Array(p));
  const centred = new Float64Array(p);
  for (const run of group) {
    for (let i = 0; i < p; i += 1) {
      centred[i] = run[i] - middle[i];
      for (let j = 0; j <= i; j += 1) {
        sums[i][j] += centred[i] * centred[j];
      }
    }
  }
  return sums;
}

/** Put the lower triangular Cholesky factor in the place of the lower triangle of a positive definite matrix. */
function factorise(matrix) {
  for (let i = 0; i < matrix.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let rest = matrix[i][j];
      for (let k = 0; k < j; k += 1) {
        rest -= matrix[i][k] * matrix[j][k];
      }
      matrix[i][j] = i === j ? Math.sqrt(rest) : rest / matrix[j][j];
    }
  }
}
