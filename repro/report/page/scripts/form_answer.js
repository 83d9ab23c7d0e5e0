// What the form answers: all that `repro judge` says of a reader's numbers, in the same words.

import { answer } from "./answer.js";
import { findExperiment } from "./form_runs.js";
import { besideRuns, shownRuns, ways } from "./judgement_tables.js";
import { asData, isComparedWithRuns, sentences } from "./judgement_text.js";
import { readNumbers } from "./reader_numbers.js";

/**
 * Judge a reader's numbers.
 *
 * data: what form_data.py made, parsed. request: {experiment: "CHAPTER/EXPERIMENT", split, accuracy, loss, sensitivity,
 * specificity, auc, matrix, transposed, history, numerics}; of numbers, lists of texts as they were typed; history:
 * null, or a file as `readHistory` takes it; split and numerics: null if they were not chosen.
 *
 * The answer: `data` is that of `repro judge --output json`. `sentences` are all paragraphs that the command prints.
 * `tables` are null if nothing is compared with runs. `drawn` has each number beside those of the runs: [{name, given,
 * isShare, groups: [{change, isChanged, values}]}].
 *
 * Throws ReaderError with the message that the command would print.
 */
export function answerReader(data, request) {
  const { chapter, experiment, known } = findExperiment(data, request.experiment);
  const numbers = readNumbers(chapter, experiment, request);
  const answered = answer(numbers, known, request.numerics || null);
  const { judgement } = answered;
  const isCompared = isComparedWithRuns(answered);
  return {
    data: asData(answered),
    sentences: sentences(answered),
    tables: { numbers: isCompared ? besideRuns(judgement) : null, ways: isCompared ? ways(judgement) : null },
    drawn: isCompared ? drawn(judgement) : [],
  };
}

function drawn(judgement) {
  return judgement.coordinates.map((each, place) => ({
    name: each.name,
    given: each.given.value,
    isShare: each.isShare,
    groups: shownRuns(judgement).map(({ candidate, values }) => ({
      change: candidate.change,
      isChanged: candidate.isChanged,
      values: values.map((row) => row[place]),
    })),
  }));
}
