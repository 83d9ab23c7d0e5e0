// Mirrors repro/evidence/reader/finding.py: what comparing a reader's numbers can find.

/**
 * Numbers that cannot all be right; numbers that are right in another reading, which is named; something to know.
 *
 * A finding is `{ kind, severity, text, split, corrected }`: its kind as in Python; one of these; a plain sentence or
 * two; the split whose numbers it is about, or null for the history; and what takes the place of these numbers if they
 * are read as the finding says: an object by split, which may be another one or empty, or null if nothing does.
 */
export const SEVERITIES = ["contradiction", "explanation", "note"];

/** The rows that a model is evaluated on, in the order in which they are listed. */
export const ALL_SPLITS = ["train", "validation", "test", "unseen"];
