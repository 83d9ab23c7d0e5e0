// Reads what repro/report/page/form_data.py wrote: the chapters, and the runs as the modules beside this one take them.

import { Candidate } from "./candidates.js";
import { ReaderError } from "./errors.js";
import { matrixAccuracy } from "./metrics.js";

const FOUND = new WeakMap();

/**
 * The chapter and the experiment called `CHAPTER/EXPERIMENT`, and its candidates: {chapter, experiment, known}.
 * `CHAPTER` is enough where it has one experiment. data: as parsed; it is read once.
 */
export function findExperiment(data, name) {
  if (!FOUND.has(data)) {
    FOUND.set(data, new Map(data.chapters.flatMap((chapter) => readChapter(data, chapter))));
  }
  const found = FOUND.get(data).get(name);
  if (!found) {
    throw new ReaderError(`no experiment ${name}`);
  }
  return found;
}

function readChapter(data, chapter) {
  const groups = chapter.groups.map((group) => ({ group, runs: runsOf(data, group) }));
  const read = chapter.experiments.map((experiment) => {
    const known = experiment.candidates.map((each) => {
      const { group, runs } = groups[each.group];
      const made = { numerics: group.numerics, epochs: group.epochs, classifies: group.classifier };
      return new Candidate(made, data.software[group.numerics], each.variation, runs, each.other_experiment);
    });
    const facts = experiment.facts && { ...experiment.facts, seen: seenIn(known) };
    return [`${chapter.name}/${experiment.name}`, { chapter, experiment: { ...experiment, facts }, known }];
  });
  return read.length === 1 ? [...read, [chapter.name, read[0][1]]] : read;
}

/** The runs of a group: [{seed, data, evaluation: {split: {loss, matrix, accuracy, pooledAuc}}, history}]. */
function runsOf(data, group) {
  const words = { kindInWords: data.kinds[group.data.kind], copyInWords: data.copies[group.data.edition] ?? null };
  const provenance = { ...group.data, ...words };
  return group.seeds.map((seed, place) => {
    const evaluation = {};
    for (const [split, { loss, matrix, pooled_auc: pooledAuc }] of Object.entries(group.evaluations)) {
      if (matrix[place]) {
        const [accuracy, auc] = [matrixAccuracy(matrix[place]), pooledAuc?.[place] ?? null];
        evaluation[split] = { loss: loss[place], matrix: matrix[place], accuracy, pooledAuc: auc };
      }
    }
    const curves = Object.entries(group.histories).map(([name, all]) => [name, all[place]]);
    const history = Object.fromEntries(curves.filter(([, curve]) => curve !== null));
    return { seed, data: provenance, evaluation, history };
  });
}

/** Loss and accuracy of each run on each split, as DataFacts.seen. */
function seenIn(known) {
  const models = known.filter((each) => !each.otherExperiment && !each.classifies);
  const evaluations = models.flatMap((each) => each.runs.flatMap((run) => Object.values(run.evaluation)));
  return evaluations.map((each) => [each.loss, each.accuracy]);
}
