// Mirrors repro/report/judgement_tables.py: a reader's numbers beside those of the runs, and what he may have run.
// A table is {caption, columns: [{header, align}], rows: [[text]]}.

import { deviation, fmean } from "./intervals.js";
import { FEWEST_FOR_RANKS } from "./likeness.js";
import { fixed } from "./python_numbers.js";

/** Each number beside those of the unchanged runs, and of the change that the reader is asked about. */
export function besideRuns(judgement) {
  const { asked } = judgement;
  const columns = [left("number"), right("yours")];
  for (const judged of shownRuns(judgement)) {
    const { label } = judged.candidate;
    columns.push(right(`runs, ${label}`), right(judged === asked ? `lower (${label})` : "lower"));
  }
  const rows = judgement.coordinates.map((each, place) => {
    const row = [each.name, shownNumber(each, each.given.value)];
    for (const judged of shownRuns(judgement)) {
      const values = judged.values.map((numbers) => numbers[place]);
      row.push(shownSpread(each, values), `${judged.lower(place, each)} of ${values.length}`);
    }
    return row;
  });
  const caption =
    "Your numbers beside the runs': mean ± standard deviation, and how many of the runs' are lower than yours.";
  return { caption, columns, rows };
}

/** The Judged that stand beside a reader's numbers: the unchanged runs, and the change that he is asked about. */
export function shownRuns(judgement) {
  const { asked } = judgement;
  return [...(judgement.unchanged.length ? [judgement.bestUnchanged] : []), ...(asked ? [asked] : [])];
}

function left(header) {
  return { header, align: "left" };
}

function right(header) {
  return { header, align: "right" };
}

function shownNumber(coordinate, value) {
  return coordinate.isShare ? `${fixed(100 * value, 2)}%` : fixed(value, 4);
}

function shownSpread(coordinate, values) {
  if (coordinate.isShare) {
    return `${fixed(100 * fmean(values), 2)}% ± ${fixed(100 * deviation(values), 2)}`;
  }
  return `${fixed(fmean(values), 4)} ± ${fixed(deviation(values), 4)}`;
}

/** All that may have been run, unchanged first; each by likelihood. */
export function ways(judgement) {
  const columns = [left("run"), left("change"), right("as far out"), right("p"), left("possible")];
  const rows = judgement.all.map((each) => [
    each.candidate.label,
    each.candidate.change,
    `${each.unusual.asLarge} of ${each.unusual.n}`,
    shownP(each),
    judgement.isPossible(each) ? "yes" : "no",
  ]);
  const caption =
    "What may have been run: unchanged, then changed, each in the order of how densely the runs lie about your " +
    "numbers (the likelihood), not of p: runs that lie close together may come first with a smaller p. As far out: " +
    "how many of these runs lie as far from their middle as your numbers do, or farther, each judged without itself. " +
    `p: the probability of that; with fewer than ${FEWEST_FOR_RANKS} runs an estimate (~), otherwise at least 1 / ` +
    "(runs + 1). Possible: p is above 0.05, or above 0.01 where it is estimated for a change; no number by itself is " +
    "far from those of the runs; and, where no unchanged runs give such numbers, the change moves numbers from those " +
    "of the unchanged runs to the side on which yours lie.";
  return { caption, columns, rows };
}

function shownP(judged) {
  return `${judged.unusual.n < FEWEST_FOR_RANKS ? "~" : ""}${fixed(judged.unusual.p, 2)}`;
}
