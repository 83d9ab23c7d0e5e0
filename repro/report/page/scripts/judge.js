// Mirrors repro/evidence/judging/judge.py: judges a reader's numbers.

import { coordinates } from "./coordinates.js";
import { FEWEST } from "./intervals.js";
import { Panel } from "./panel.js";

/**
 * Compare a reader's numbers with the runs of all candidates: a Judgement.
 *
 * numerics: what the reader's software computes; null if it is not known.
 *
 * Without a history, the reader is taken to have trained for as long as the source. With one, the candidates are those
 * with as many epochs; if there are none, the epochs that both have are compared.
 */
export function judge(numbers, known, numerics = null) {
  const epochs = numbers.history ? numbers.history.epochs : null;
  let same = known.filter((each) => epochs === null || each.epochs === epochs);
  let compared = null;
  if (epochs && !same.some((each) => each.runs.length >= FEWEST)) {
    compared = Math.min(epochs, known[0].epochs);
    same = known.filter((each) => each.epochs >= compared);
  }
  const [asked, lacking] = thatRunsHave(coordinates(numbers, compared), same);
  const values = asked.map((each) => each.given.value);
  const judgement = new Panel(asked, same).judge(values, numerics);
  judgement.isOfOtherEpochs = epochs !== null && epochs !== numbers.experiment.epochs;
  judgement.comparedEpochs = compared;
  judgement.notCompared = lacking.map((each) => each.name);
  return judgement;
}

/** The coordinates that runs of the experiment have, and the others: a source may hold out nothing, for instance. */
function thatRunsHave(asked, known) {
  const runs = known.filter((each) => !each.isChanged && each.runs.length).map((each) => each.runs[0]);
  const has = (each) => !runs.length || runs.some((run) => Number.isFinite(each.of(run)));
  return [asked.filter(has), asked.filter((each) => !has(each))];
}
