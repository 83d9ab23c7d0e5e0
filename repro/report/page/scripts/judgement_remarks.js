// Mirrors repro/report/judgement_remarks.py: what else a reader should know.

import { FEWEST_FOR_RANKS } from "./likeness.js";

/** Changes that make the numbers within this factor as likely as the likeliest one are not told apart from it. */
const ALIKE = 20;

/** Of more changes, the likeliest are named, and the others counted. */
const MOST_NAMED = 3;

/** Sentences, of what there is to say. */
export function remarks(judgement) {
  const found = [remarkOfChanges, remarkOfSoftware, remarkOfEpochs, remarkOfLacking, remarkOfRuns];
  return found.map((remark) => remark(judgement)).filter(Boolean);
}

/** Which changes are not told from the one that the reader is asked about, or from none. */
function remarkOfChanges(judgement) {
  const { asked } = judgement;
  if (!(asked || judgement.outcome === "usual")) {
    return "";
  }
  const base = asked || judgement.unchanged[0];
  const alike = judgement.possible
    .filter((each) => each !== asked && judgement.ratio(each, base) >= 1 / ALIKE)
    .map((each) => namedChange(each.candidate));
  if (!alike.length) {
    return "";
  }
  const more = alike.length > MOST_NAMED ? `; and ${alike.length - MOST_NAMED} more` : "";
  const named = alike.slice(0, MOST_NAMED).join("; ") + more;
  if (asked) {
    return `These give such numbers too: ${named}.`;
  }
  return `These changes give such numbers too, so you may have made one of them: ${named}.`;
}

/** `the rows in the file's order (no_shuffling)`; where the words have the name, without: `the chapter's model_one` */
function namedChange({ change, label }) {
  return change.includes(label) ? change : `${change} (${label})`;
}

/** Which software gives such numbers, where runs on several were compared. */
function remarkOfSoftware(judgement) {
  const possible = judgement.unchanged.filter((each) => each.plausible).map((each) => each.candidate.software);
  const others = judgement.unchanged
    .filter((each) => !each.plausible && each.unusual.n >= FEWEST_FOR_RANKS)
    .map((each) => each.candidate.software);
  const several = possible.length > 1;
  const same = several ? `The numbers do not tell your software: ${possible.join(", ")} give such numbers.` : "";
  const seldom = possible.length && others.length ? ` On ${others.join(", ")}, runs are seldom like this.` : "";
  return (same + seldom).trim();
}

function remarkOfEpochs(judgement) {
  const epochs = judgement.comparedEpochs;
  if (!epochs) {
    return "";
  }
  const first = epochs > 1 ? `first ${epochs} epochs are` : "first epoch is";
  return `There are too few runs with as many epochs as yours. So the ${first} compared, and nothing else.`;
}

function remarkOfLacking(judgement) {
  const lacking = judgement.notCompared;
  return lacking.length ? `Not compared, since the runs do not have it: ${lacking.join(", ")}.` : "";
}

/** On which data the runs were made, and whether they are few. */
function remarkOfRuns(judgement) {
  const { data } = judgement.all[0].candidate.runs[0];
  if (data.kind !== "real") {
    return "";
  }
  const copy = data.copyInWords ? `, ${data.copyInWords}` : "";
  const best = judgement.unchanged.length ? [judgement.bestUnchanged] : [];
  const fewest = Math.min(...[...best, ...(judgement.asked ? [judgement.asked] : [])].map((each) => each.unusual.n));
  const rough = fewest < FEWEST_FOR_RANKS ? ` With as few as ${fewest} runs, this is a rough estimate.` : "";
  return `Our runs were made on ${data.kindInWords}${copy}.${rough}`;
}
