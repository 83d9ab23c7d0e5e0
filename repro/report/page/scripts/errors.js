// Mirrors repro/errors.py: what a reader can cause and mend.
import { reprText } from "./python_text.js";

/** Says what is wrong and what to do about it, in one or two lines. */
export class ReaderError extends Error {}

/** What to add to an error about an unknown `name`: `did you mean 'test'?`, or the names that there are. */
export function suggestion(name, known) {
  const near = nearest(name, known);
  return near ? `did you mean ${reprText(near)}?` : `there are: ${known.join(", ")}`;
}

/** The known name that is most like `name`; null if none is like it. Of two, the later one in the alphabet. */
function nearest(name, known) {
  let [best, most] = [null, 0.4];
  for (const each of [...known].sort().reverse()) {
    const ratio = likenessOfNames(Array.from(each), Array.from(name));
    if (ratio > most || (ratio === most && best === null)) [best, most] = [each, ratio];
  }
  return best;
}

/** The share of the letters of two names that match, as `difflib.SequenceMatcher.ratio` counts them. */
function likenessOfNames(a, b) {
  return a.length + b.length ? (2 * matchingLetters(a, b)) / (a.length + b.length) : 1;
}

/** The letters of the longest common part, and of those before and behind it. */
function matchingLetters(a, b) {
  let [size, i, j] = [0, 0, 0];
  for (let start = 0; start < a.length; start++) {
    for (let other = 0; other < b.length; other++) {
      let length = 0;
      while (start + length < a.length && other + length < b.length && a[start + length] === b[other + length])
        length++;
      if (length > size) [size, i, j] = [length, start, other];
    }
  }
  if (!size) return 0;
  const before = matchingLetters(a.slice(0, i), b.slice(0, j));
  return before + size + matchingLetters(a.slice(i + size), b.slice(j + size));
}
