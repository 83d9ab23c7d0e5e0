// What evaluate() printed, pasted whole into a field for one number: each number goes into the field of its name.

const PASTED_NAMES = { loss: "loss", acc: "accuracy", accuracy: "accuracy", binary_accuracy: "accuracy" };
const PASTED_NAME = /\b(?:loss|acc|accuracy|binary_accuracy)\b/g;
const PASTED_NUMBER = /\d*\.\d+(?:e-?\d+)?/gi;

/**
 * The numbers by their fields, `{loss: "0.41", accuracy: "0.81"}`; null if there are not as many numbers as names.
 *
 * Keras in R prints each number behind its name, or a line of names above a line of numbers; Keras in Python prints
 * `accuracy: 0.81 - loss: 0.41`. Counts of steps and times have no decimal point, or stand before a unit.
 */
export function evaluatedNumbers(text) {
  const names = text.match(PASTED_NAME) ?? [];
  const numbers = text.replace(/\d*\.?\d+m?s(?:\/\w+)?\b/g, "").match(PASTED_NUMBER) ?? [];
  if (!names.length || names.length !== numbers.length) {
    return null;
  }
  return Object.fromEntries(names.map((name, place) => [PASTED_NAMES[name], numbers[place]]));
}

/** Let the fields for loss and accuracy take what evaluate() printed. */
export function takeEvaluated(form) {
  for (const name of ["loss", "accuracy"]) {
    form.elements[name].addEventListener("paste", (event) => {
      const found = evaluatedNumbers(event.clipboardData.getData("text"));
      if (found) {
        event.preventDefault();
        for (const [field, number] of Object.entries(found)) {
          form.elements[field].value = number;
        }
      }
    });
  }
}
