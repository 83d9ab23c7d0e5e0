// Mirrors repro/evidence/judging/answer.py: everything about a reader's numbers.

import { checked, corrected, findings } from "./consistency.js";
import { ReaderError } from "./errors.js";
import { judge } from "./judge.js";

/**
 * Judge a reader's numbers by the runs of the candidates: {numbers, facts, findings, checked, judgement}.
 *
 * numerics: what the reader's software computes; null if it is not known. Throws ReaderError if there are no runs of
 * the experiment, or none under these numerics.
 */
export function answer(numbers, known, numerics = null) {
  const { chapter, experiment } = numbers;
  const name = `${chapter.name}/${experiment.name}`;
  if (!known.length) {
    throw new ReaderError(`no runs of ${name}\nMake some: repro run ${name} --seeds 1-20`);
  }
  const unchanged = known.filter((each) => !each.isChanged).map((each) => each.numerics);
  if (numerics && !unchanged.includes(numerics)) {
    const ran = [...new Set(unchanged)].join(", ");
    throw new ReaderError(`no runs of ${name} under numerics '${numerics}'; there are: ${ran}`);
  }
  const { facts } = experiment;
  const found = facts ? findings(numbers, facts) : [];
  const couldDisagree = facts !== null && checked(numbers, facts);
  const judgement = judge(corrected(numbers, found), known, numerics);
  return { numbers, facts, findings: found, checked: couldDisagree, judgement };
}
