// Mirrors repro/evidence/reader/pasted_matrix.py: a confusion matrix as a reader pastes it.
import { Decimal } from "./decimal.js";
import { ReaderError } from "./errors.js";
import { flipped, sum } from "./metrics.js";
import { grouped } from "./python_numbers.js";
import { caseFold, cutAt, linesOf, reprText, SPACE, strip, WORD, wordsOf } from "./python_text.js";

/** More rows than this are no count of texts. */
const MOST_COUNTED = 10 ** 12;

const INDEX = /\[(?:\p{Nd}+,|,\p{Nd}+)\]/gu; // R's names of rows and columns that have none: [1,] [,1]
const WRAPPING = new RegExp(
  `((?:np\\.|numpy\\.|tf\\.)?)(?:array|asarray|matrix|tensor|Tensor)(?=\\()` +
    `|,?${SPACE}*dtype${SPACE}*=${SPACE}*(?:${WORD}|[.'<])+|,?${SPACE}*shape${SPACE}*=${SPACE}*\\([^()]*\\)` +
    `|^${SPACE}*${WORD}+${SPACE}*(?:<-|=)|[\\[\\](){}]`,
  "gu",
);
const BY_COLUMN = new RegExp(
  `(?:^|(?!${WORD}).)(?:structure|matrix)${SPACE}*\\(${SPACE}*c${SPACE}*\\(([^()]*)\\)(.*)`,
  "su",
);
const IN_R = new RegExp(`(?:^|(?!${WORD}).)c${SPACE}*\\(([^()]*)\\)`, "su");
const BY_ROW = new RegExp(`byrow${SPACE}*=${SPACE}*T(?:RUE)?(?!${WORD})`, "u");
const ENDS_IN_WORD = new RegExp(`${WORD}$`, "u");
const BETWEEN_COUNTS = new RegExp(`(?:${SPACE}|[;|])+`);
const THOUSANDS = /^\p{Nd}{1,3}(?:,\p{Nd}{3})+$/u;
const COUNT = /^[+-]?(?:\p{Nd}+(?:\.\p{Nd}*)?|\.\p{Nd}+)(?:[eE][+-]?\p{Nd}{1,3})?L?$/u;
const LOGICAL = { FALSE: "0", TRUE: "1", False: "0", True: "1" }; // of a table of `probability > 0.5`
const SUM = /^(?:sum|all|total)$/iu; // as R's addmargins and pandas' crosstab name it
const PREDICTED = /pred|guess|y_?hat/iu;
const ACTUAL = /actual|true|truth|reference|observed|target|label|test|tra[iıİ]n/iu;

/**
 * The matrix in a text, `{ matrix, transposed }`: `[predicted][actual]`, and whether the rows of the text are the
 * actual classes, as `transposed` or the headings say.
 *
 * The counts stand row by row, apart by spaces, commas, semicolons or new lines, with brackets or without; of R's
 * `matrix(c(...))` and `structure(c(...))`, column by column. A table with names of rows and columns may lack a class
 * that was never predicted, and have sums. Throws ReaderError for anything else.
 */
export function readMatrix(text, classes, transposed) {
  const table = tableWithNames(text, classes) ?? { rows: plainCounts(text, classes), rowsAreActual: null };
  if (table.rowsAreActual === false && transposed) {
    throw new ReaderError(
      "the heading of the matrix says that its rows are the predicted classes\n" +
        "Do not call it transposed: that is for rows of actual classes",
    );
  }
  if (!table.rows.some((row) => row.some((count) => count))) {
    throw new ReaderError(`the matrix has no row that was counted\n${countsNeeded(classes)}`);
  }
  const turned = transposed || table.rowsAreActual === true;
  return { matrix: turned ? flipped(table.rows) : table.rows, transposed: turned };
}

function countsNeeded(classes) {
  const k = classes.length;
  const example = k === 2 ? ', such as "9159 1161 3341 11339"' : "";
  return `Give ${k} times ${k} counts row by row, as R's table(Predicted, Actual) prints them${example}`;
}

// Counts without names
function plainCounts(text, classes) {
  let byColumn = false;
  let found = BY_COLUMN.exec(text);
  if (found) {
    text = found[1];
    byColumn = !BY_ROW.test(found[2]);
  } else if ((found = IN_R.exec(text))) {
    text = found[1];
  }
  const bare = text.replace(INDEX, " ").replace(WRAPPING, withoutWrapping);
  const k = classes.length;
  let words = bare.split(BETWEEN_COUNTS).map((word) => word.replace(/^,+|,+$/g, ""));
  words = words.filter((word) => word);
  if (words.length === k * k && words.every((word) => THOUSANDS.test(word) || !word.includes(","))) {
    words = words.map((word) => word.replaceAll(",", ""));
  } else {
    words = words.flatMap((word) => word.split(",").filter((each) => each));
  }
  const counts = words.map((word) => countFromText(word, classes));
  if (counts.length !== k * k) {
    const foundCounts = counts.length === 1 ? "1 count" : `${counts.length} counts`;
    const there = counts.length ? foundCounts : "no count";
    throw new ReaderError(`the matrix has ${there} where ${k * k} are needed\n${countsNeeded(classes)}`);
  }
  const rows = classes.map((_, i) => counts.slice(i * k, (i + 1) * k));
  return byColumn ? flipped(rows) : rows;
}

/** A space in place of what is no count; `array` and the like only where a word begins, perhaps behind the module. */
function withoutWrapping(found, module, at, text) {
  if (module === undefined || !ENDS_IN_WORD.test(text.slice(Math.max(0, at - 2), at))) return " ";
  return module ? `${module} ` : found;
}

function countFromText(word, classes) {
  const shown = reprText(cutAt(word, 30));
  if (!COUNT.test(word)) throw new ReaderError(`the matrix has ${shown}, which is no count\n${countsNeeded(classes)}`);
  const number = Decimal.parse(word.replace(/L$/, ""));
  if (number.compare(0) < 0 || number.compare(MOST_COUNTED) > 0) {
    throw new ReaderError(`the matrix has ${shown}: counts go from 0 on\n${countsNeeded(classes)}`);
  }
  if (!number.isWhole()) {
    throw new ReaderError(
      `the matrix has ${shown}: counts of rows are whole numbers, not shares\n${countsNeeded(classes)}`,
    );
  }
  return Math.abs(number.toNumber()); // of -0 too
}

// Tables with names of rows and columns

/**
 * The table in a text whose rows and columns are named after the classes, `{ rows, rowsAreActual }`; null if there is
 * none. Lines with a colon are the statistics that caret prints around it.
 */
function tableWithNames(text, classes) {
  for (const name of classes) {
    text = text.replace(new RegExp(ignoringCase(name), "giu"), () => name.replaceAll(" ", "_"));
  }
  const lines = linesOf(text)
    .filter((line) => strip(line) && !line.includes(":"))
    .map((line) => wordsOf(line.replaceAll('"', "")));
  const k = classes.length;
  for (let start = Math.max(1, lines.length - k - 1); start < lines.length; start++) {
    // one more for sums
    for (let columns = k + 1; columns > 0; columns--) {
      for (let heading = start - 1; heading >= 0; heading--) {
        const found = namedTable(lines.slice(0, start), heading, lines.slice(start), columns, classes);
        if (found) return found;
      }
    }
  }
  return null;
}

/** A pattern for the name of a class, in which Python takes an i with or without its dot for the same. */
function ignoringCase(name) {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("i", "[iıİ]");
}

/** The table whose columns are named by the last words of line `heading` above its `body`; null if it is none. */
function namedTable(above, heading, body, columns, classes) {
  const names = above[heading].slice(-columns);
  if (names.length < columns || body.some((row) => row.length !== columns + 1)) return null;
  const down = body.map((row) => row[0]);
  const [sumAcross, sumDown] = [names, down].map((each) => SUM.test(each.at(-1)));
  const places = placesOfNames(sumAcross ? names.slice(0, -1) : names, sumDown ? down.slice(0, -1) : down, classes);
  if (!places) return null;
  const withoutCommas = (word) => (THOUSANDS.test(word) ? word.replaceAll(",", "") : word);
  const counts = body.map((row) => row.slice(1).map((word) => countFromText(withoutCommas(word), classes)));
  if (sumAcross) checkSums(names.at(-1), counts.slice(0, places.rows.length));
  if (sumDown) checkSums(down.at(-1), flipped(counts));
  const rows = classes.map(() => classes.map(() => 0));
  places.rows.forEach((i, row) => places.columns.forEach((j, column) => (rows[i][j] = counts[row][column])));
  const beside = above[heading].slice(0, -columns);
  const [over, under] = [above.slice(0, heading), above.slice(heading + 1)];
  if (under.length) {
    // pandas, and R's ftable: the name of the rows stands below that of the columns
    return { rows, rowsAreActual: rowsAreActual(under.at(-1), beside) };
  }
  return { rows, rowsAreActual: rowsAreActual(beside, over.at(-1) ?? []) };
}

/** Throws ReaderError unless the last count of each row, or column, is the sum of those before. */
function checkSums(name, lines) {
  for (const line of lines) {
    const [given, added] = [line.at(-1), sum(line.slice(0, -1))];
    if (added !== given) {
      throw new ReaderError(
        `${grouped(given)} stands under ${name} in the matrix, but the counts add up to ${grouped(added)}\n` +
          `Mend it, or give the matrix without ${name}`,
      );
    }
  }
}

/**
 * The classes that the names of columns and rows stand for, `{ columns, rows }`; null unless each is one, and one side
 * has them all.
 */
function placesOfNames(across, down, classes) {
  const k = classes.length;
  const asNumber = (name) => (k === 2 && Object.hasOwn(LOGICAL, name) ? LOGICAL[name] : name);
  const both = [...across, ...down].map(asNumber);
  if (!both.length) return null; // a table of sums alone
  let found;
  if (both.every((name) => /^[0-9]{1,3}$/.test(name))) {
    const first = Math.max(...both.map(Number)) < k ? 0 : 1;
    found = both.map((name) => Number(name) - first);
  } else {
    const known = classes.map((name) => caseFold(name.replaceAll(" ", "_")));
    const likely = both.map((name) => likelyPlaces(caseFold(name), known));
    if (likely.every((each) => each.length === 1)) {
      found = likely.map((each) => each[0]);
    } else if (across.length === down.length && across.every((name, i) => name === down[i])) {
      found = [...classes.keys(), ...classes.keys()]; // other names, in the order of the classes
    } else {
      return null;
    }
  }
  const [columns, rows] = [found.slice(0, across.length), found.slice(across.length)];
  const fit = found.every((place) => place >= 0 && place < k) && [columns.length, rows.length].includes(k);
  const distinct = new Set(columns).size === columns.length && new Set(rows).size === rows.length;
  return fit && distinct ? { columns, rows } : null;
}

/** The places of the known names that begin with this one, or of the one that it is. */
function likelyPlaces(name, known) {
  if (known.includes(name)) return [known.indexOf(name)];
  return [...known.keys()].filter((i) => known[i].startsWith(name));
}

/** What the names of the two variables, as words, say; null if they say nothing, or not the same. */
function rowsAreActual(rows, columns) {
  const ofColumns = isActual(columns.join(" "));
  const said = new Set([isActual(rows.join(" ")), ofColumns === null ? null : !ofColumns]);
  said.delete(null);
  return said.size === 1 ? [...said][0] : null;
}

function isActual(name) {
  if (PREDICTED.test(name)) return false;
  return ACTUAL.test(name) ? true : null;
}
