// Mirrors repro/evidence/reader/consistency.py: whether a reader's numbers agree with each other and with the data.
import { factsClasses, factsRows, wholeRows } from "./data_facts.js";
import { ALL_SPLITS, SEVERITIES } from "./finding.js";
import { mayShowRows, ofHistory } from "./history_consistency.js";
import { SplitConsistency } from "./split_consistency.js";

/** What the numbers show, the gravest first. Numbers that are those of a run give no contradiction. */
export function findings(numbers, facts) {
  const found = numbers.history ? ofHistory(numbers.history, numbers.experiment, facts) : [];
  for (const [split, given] of Object.entries(numbers.splits)) {
    found.push(...new SplitConsistency(numbers, facts, split, given).read());
  }
  const gravity = (finding) => SEVERITIES.indexOf(finding.severity);
  return found.sort((a, b) => gravity(a) - gravity(b));
}

/** Whether there was anything that could have disagreed, with the data or with the other numbers given. */
export function checked(numbers, facts) {
  const { history, splits } = numbers;
  if (history && (Object.keys(splits).some((split) => split !== "validation") || mayShowRows(history, facts))) {
    return true;
  }
  return Object.entries(splits).some(([split, given]) => isChecked(split, given, facts));
}

function isChecked(split, given, facts) {
  const { accuracy, loss, matrix, specificity, sensitivity } = given;
  const hasRates = Boolean(specificity || sensitivity);
  if (matrix) return Boolean(accuracy || hasRates || loss) || (facts.complete && factsRows(facts, split) !== null);
  if (loss && accuracy) return true;
  if (!wholeRows(facts)) return false;
  const counts = factsClasses(facts, split);
  const shares = [[accuracy, factsRows(facts, split)]];
  if (counts?.length === 2) shares.push([specificity, counts[0]], [sensitivity, counts[1]]);
  const enoughDigits = shares.some(([share, rows]) => share && rows && share.tells(rows));
  return enoughDigits || Boolean(accuracy && hasRates && counts);
}

/** The numbers as the findings read them. */
export function corrected(numbers, found) {
  const last = {};
  for (const each of found) {
    if (each.split && each.corrected) last[each.split] = each.corrected;
  }
  const untouched = Object.entries(numbers.splits).filter(([split]) => !(split in last));
  const splits = Object.fromEntries(untouched);
  for (const replaced of Object.values(last)) {
    for (const [split, given] of Object.entries(replaced)) splits[split] ??= given;
  }
  const there = ALL_SPLITS.filter((split) => split in splits);
  return { ...numbers, splits: Object.fromEntries(there.map((split) => [split, splits[split]])) };
}
