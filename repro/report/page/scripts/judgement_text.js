// Mirrors repro/report/judgement_text.py: what a reader is told about his numbers, in sentences.

import { trainRows } from "./data_facts.js";
import { FEWEST } from "./intervals.js";
import { remarks } from "./judgement_remarks.js";
import { fixed, grouped } from "./python_numbers.js";
import { saidBack } from "./reader_numbers.js";

const OTHER_EPOCHS = "You trained for another number of epochs than the source.";

/** With a p below this, numbers that are not called unusual are called so with caution. */
const CLEARLY = 0.15;

/** Paragraphs: whether the numbers agree, the verdict, and what else there is to say. */
export function sentences(answer) {
  return [...agreement(answer), verdict(answer), ...remarksOn(answer)];
}

function remarksOn(answer) {
  return isComparedWithRuns(answer) ? remarks(answer.judgement) : [];
}

/** The same for programs, as `repro judge --output json` gives it: shares from 0 to 1. */
export function asData(answer) {
  const { findings, judgement } = answer;
  const asked = isComparedWithRuns(answer) ? judgement.asked : null;
  const { gain, all } = judgement;
  return {
    experiment: experimentName(answer.numbers),
    understood: understood(answer),
    checked: answer.checked,
    findings: findings.map(({ kind, severity, text }) => ({ kind, severity, text })),
    outcome: judgement.outcome,
    verdict: verdict(answer),
    remarks: remarksOn(answer),
    asked_about: asked ? asked.candidate.label : null,
    data: all.length ? all[0].candidate.runs[0].data.label : null,
    gain: gain ? { p: gain.p, runs: gain.n, runs_with_as_much: gain.asLarge } : null,
    compared_epochs: judgement.comparedEpochs,
    not_compared: judgement.notCompared,
    too_few_runs: judgement.tooFew.map((each) => each.name),
    numbers: Object.fromEntries(judgement.coordinates.map((each) => [each.name, each.given.value])),
    candidates: all.map((each) => ({
      numerics: each.candidate.numerics,
      run: each.candidate.label,
      is_changed: each.candidate.isChanged,
      change: each.candidate.change,
      runs: each.unusual.n,
      as_far_out: each.unusual.asLarge,
      p: each.unusual.p,
      possible: judgement.isPossible(each),
      log_density: each.logDensity,
      times_farthest: each.timesFarthest,
      lower: Object.fromEntries(judgement.coordinates.map((one, place) => [one.name, each.lower(place, one)])),
    })),
  };
}

/** Whether there is more to say than the verdict: the numbers can be compared, and with some runs. */
export function isComparedWithRuns(answer) {
  const stopped = contradictory(answer.findings) || isOfOthers(answer.findings);
  return !stopped && Boolean(answer.judgement.unchanged.length || answer.judgement.asked);
}

/** What was understood, a line for each split and one for the history. */
function understood(answer) {
  const { facts } = answer;
  return saidBack(answer.numbers, facts && trainRows(facts));
}

function experimentName(numbers) {
  return `${numbers.chapter.name}/${numbers.experiment.name}`;
}

/** What each finding says; before mere notes, that the numbers agree, if anything could be checked. */
function agreement(answer) {
  const lines = answer.findings.map((each) => each.text);
  const agrees = answer.checked && agree(answer.findings);
  return [...(agrees ? ["They agree with each other and with the data."] : []), ...lines];
}

/** Whether the numbers agree with each other and with the data, as they were given. */
function agree(findings) {
  return findings.every((each) => each.severity === "note");
}

/** Whether the numbers cannot all be right. */
function contradictory(findings) {
  return findings.some((each) => each.severity === "contradiction");
}

/** Whether the numbers are those of another model, or of other rows, of the source. */
function isOfOthers(findings) {
  return findings.some((each) => each.kind === "printed for another");
}

/** The outcome, in two or three sentences. */
function verdict(answer) {
  if (contradictory(answer.findings)) {
    return "Mend this first: what contradicts itself is not compared with runs.";
  }
  if (isOfOthers(answer.findings)) {
    return "Ask again for the model and the rows that they are of.";
  }
  const apart = agree(answer.findings) ? "" : "Apart from that: ";
  return apart + outcomeInWords(answer.judgement, experimentName(answer.numbers));
}

function outcomeInWords(judgement, experiment) {
  switch (judgement.outcome) {
    case "too few runs":
      return tooFewRuns(judgement, experiment);
    case "other data": {
      const { data } = judgement.all[0].candidate.runs[0];
      const rows = `${grouped(data.train_rows + data.validation_rows)} rows to train on`;
      return (
        `Whether they are usual cannot be said: our runs were made on ${data.kindInWords} (${rows}). On the ` +
        "complete data, others are expected."
      );
    }
    case "usual": {
      const best = judgement.bestUnchanged;
      const start = best.unusual.p >= CLEARLY ? "Nothing unusual." : "Not clearly unusual.";
      return `${start} ${asFarOut(best)} as yours, or farther.${outsideAll(judgement)}`;
    }
    case "likelier":
      return (
        `Not unusual. ${asFarOut(judgement.bestUnchanged)} as yours, or farther. But one change makes them far ` +
        `likelier. ${asksAbout(judgement.suspects[0])}`
      );
    case "explained":
      return `${seldomHave(judgement)} ${asksAbout(judgement.suspects[0])}`;
    case "suspected": {
      const { gain } = judgement;
      const chance = gain
        ? ` For ${gain.asLarge} of ${gain.n} unchanged runs, some change does as much by chance.`
        : "";
      return `${seldomHave(judgement)} One change makes them likelier.${chance} ${asksAbout(judgement.suspects[0])}`;
    }
    case "other software": {
      const found = judgement.excluded.map((each) => each.candidate.software).join(", ");
      return `${seldomHave(judgement)} But runs on ${found} give such numbers: is that your software?`;
    }
    case "unusual":
      return `${seldomHave(judgement)} ${unexplained(judgement)}`;
    default:
      return (
        `${judgement.unchanged.length ? "" : `${OTHER_EPOCHS} `}None of our runs is like this. ` +
        `${unexplained(judgement)} So something else differs: compare your settings with \`repro show\`, and let ` +
        "`repro fingerprint` say what your software computes."
      );
  }
}

function tooFewRuns(judgement, experiment) {
  if (!judgement.coordinates.length) {
    return "Nothing is left to be compared with runs.";
  }
  const unchanged = judgement.tooFew.filter((each) => !each.isChanged);
  if (!unchanged.length) {
    return "No runs have all these numbers, under these numerics and for as many epochs.";
  }
  const most = unchanged.reduce((best, each) => (each.runs.length > best.runs.length ? each : best));
  const shown = judgement.coordinates.slice(0, 4).map((each) => `${each.name} ${rangeOf(most.runs.map(each.of))}`);
  const under = most.numerics === "source" ? "" : ` --numerics ${most.numerics}`;
  return (
    `Whether they are usual cannot be said: ${thereAre(most.runs.length)} here, and ${FEWEST} are needed. Their ` +
    `numbers: ${shown.join(", ")}. \`repro run ${experiment} --seeds 1-20${under}\` makes more.`
  );
}

function thereAre(number) {
  return number === 1 ? "there is 1 run" : `there are ${number} runs`;
}

function rangeOf(values) {
  const low = fixed(Math.min(...values), 4);
  return values.length > 1 ? `${low} to ${fixed(Math.max(...values), 4)}` : low;
}

/** `14 of 32 unchanged runs (on the source's software) lie as far out` */
function asFarOut(judged) {
  const { n, asLarge } = judged.unusual;
  const lie = asLarge < 2 ? "lies" : "lie";
  return `${asLarge || "None"} of ${n} unchanged runs (on ${judged.candidate.software}) ${lie} as far out`;
}

/** That unchanged runs seldom have such numbers, or that there are none to compare with. */
function seldomHave(judgement) {
  if (!judgement.unchanged.length) {
    return OTHER_EPOCHS;
  }
  const best = judgement.bestUnchanged;
  if (best.unusual.asLarge) {
    return `Unusual. Only ${asFarOut(best)} as yours.`;
  }
  const all = `all ${best.unusual.n} unchanged runs (on ${best.candidate.software})`;
  return `Unusual. Your numbers lie outside ${all}.`;
}

/** Which numbers are, by themselves, above or below those of all runs that they may come from. */
function outsideAll(judgement) {
  const best = judgement.bestUnchanged;
  const found = [];
  judgement.coordinates.forEach((each, place) => {
    if (!each.name.includes(" in epoch ") && best.isBeyond(place, each)) {
      found.push(`${each.name} is ${best.lower(place, each) === 0 ? "below" : "above"}`);
    }
  });
  return found.length ? ` By itself, your ${found.join(", your ")} that of all ${best.unusual.n}.` : "";
}

/** Which runs are like the reader's, and what he is asked. */
function asksAbout(judged) {
  const { candidate, unusual } = judged;
  const { question } = candidate;
  const asked = question ? ` ${question.slice(0, 1).toUpperCase()}${question.slice(1)}` : "";
  const lie = unusual.asLarge === 1 ? "lies" : "lie";
  const far = `${unusual.asLarge} of ${unusual.n} of these ${lie} as far from their own middle, or farther`;
  return `They are like those of runs with \`${candidate.label}\` (${candidate.change}): ${far}.${asked}`;
}

function unexplained(judgement) {
  const varied = judgement.changed.some((each) => each.candidate.variation);
  return varied ? "None of the changes that we tried explains it." : "No changes were run for this model.";
}
