// Mirrors repro/metrics.py: rates of a classifier, from its confusion matrix `matrix[predicted][actual]`.

/** The sum of numbers, in their order. */
export function sum(numbers) {
  return numbers.reduce((so, each) => so + each, 0);
}

/** A matrix, or a list of rows, with rows and columns exchanged. */
export function flipped(matrix) {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]));
}

/** The number of rows that were classified. */
export function matrixTotal(matrix) {
  return sum(matrix.map(sum));
}

/** The share of all rows whose class was predicted, 0 to 1. */
export function matrixAccuracy(matrix) {
  return sum(matrix.map((row, i) => row[i])) / matrixTotal(matrix);
}

/** The share of the rows of class `label` that were predicted to be, 0 to 1; NaN if there are none. */
export function recall(matrix, label) {
  return matrix[label][label] / sum(matrix.map((row) => row[label]));
}

/** The share of the rows predicted to be of class `label` that are, 0 to 1; NaN if there are none. */
export function precision(matrix, label) {
  return matrix[label][label] / sum(matrix[label]);
}
