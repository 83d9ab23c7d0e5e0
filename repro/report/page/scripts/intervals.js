// Mirrors repro/evidence/intervals.py as far as the form needs it, with what Python's math and statistics give it.

/** The probability with which intervals cover what they are for. */
export const COVERAGE = 0.95;

/** Fewer runs decide nothing. */
export const FEWEST = 5;

/**
 * The sum of numbers, rounded once, as Python's math.fsum: what each addition leaves out is kept (Shewchuk, "Adaptive
 * precision floating-point arithmetic and fast robust geometric predicates", 1997).
 */
function fsum(values) {
  const partials = [];
  for (const value of values) {
    let [x, kept] = [value, 0];
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) {
        [x, y] = [y, x];
      }
      const high = x + y;
      const low = y - (high - x);
      if (low) {
        partials[kept] = low;
        kept += 1;
      }
      x = high;
    }
    partials.length = kept;
    partials.push(x);
  }
  let [sum, rest] = [partials.pop() ?? 0, 0];
  while (partials.length && !rest) {
    const [x, y] = [sum, partials.pop()];
    sum = x + y;
    rest = y - (sum - x);
  }
  const next = partials.at(-1) ?? 0;
  if ((rest < 0 && next < 0) || (rest > 0 && next > 0)) {
    const doubled = 2 * rest; // half a unit of the last place, and more of the same sign follows: round away
    const raised = sum + doubled;
    sum = raised - sum === doubled ? raised : sum;
  }
  return sum;
}

/** The mean, as Python's statistics.fmean. */
export function fmean(values) {
  return fsum(values) / values.length;
}

/** The standard deviation of a sample; 0 if all values are equal. */
export function deviation(values) {
  if (Math.min(...values) === Math.max(...values)) {
    return 0;
  }
  const average = fmean(values);
  return Math.sqrt(fsum(values.map((value) => (value - average) ** 2)) / (values.length - 1));
}
