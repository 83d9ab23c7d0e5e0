// Mirrors repro/evidence/reader/reader_history.py: what a reader's training showed by epoch, from a file or pasted.
import { CsvError, rowsOfCsv } from "./csv_reader.js";
import { ReaderError } from "./errors.js";
import { JsonError, valueOfJson } from "./json_reader.js";
import { floatFromText, general, repr } from "./python_numbers.js";
import { caseFold, cutAt, linesOf, strip, stripStart, wordsOf } from "./python_text.js";

/** A larger file is no history of epochs. */
export const MOST_BYTES = 20 * 2 ** 20;

const CURVE_NAMES = {
  loss: /^loss$/,
  accuracy: /^(?:acc|accuracy|(?:binary|categorical|sparse_categorical)_acc(?:uracy)?)$/,
  auc: /^auc(?:_\p{Nd}+)?$/u,
};
const LONG_COLUMNS = ["epoch", "value", "metric"];
const ROW_NAMES = ["", "x", "_row", "unnamed: 0", "index", "epoch"];

/** What is wrong with a file, and what to do. */
class NoHistory extends Error {
  advice(experiment) {
    const names = `loss, ${experiment.metric}, val_loss, val_${experiment.metric}`;
    return `Give json of history.history, or csv with the columns ${names}`;
  }
}

/** What is wrong with a file that has no commas, semicolons or tabs: somebody may have copied R's output. */
class Unparted extends NoHistory {
  advice() {
    return 'In R, make it with write.csv(as.data.frame(history), "history.csv", row.names = FALSE)';
  }
}

/**
 * The history in csv or json, of the loss and of what the experiment follows besides it.
 *
 * file: `{ name, text }`, or `{ name, bytes }` with a Uint8Array. Returns `{ curves, diverged, ignored, epochs }`:
 * numbers by epoch as in `Record.history`, of the epochs before the loss was no longer finite; the epoch, from 1, in
 * which that was, or null; other columns; and how many epochs the curves have.
 *
 * Throws ReaderError, which names the file.
 */
export function readHistory(file, experiment) {
  try {
    return historyOfContent(contentOfFile(file), experiment);
  } catch (fault) {
    if (!(fault instanceof NoHistory)) throw fault;
    throw new ReaderError(`${file.name}: ${fault.message}\n${fault.advice(experiment)}`);
  }
}

function contentOfFile(file) {
  const bytes = file.bytes ?? new TextEncoder().encode(file.text);
  if (bytes.length > MOST_BYTES) {
    throw new NoHistory(`larger than ${MOST_BYTES / 2 ** 20} MiB, and so no history of epochs`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new NoHistory("cannot be read: not a text file");
  }
}

function historyOfContent(content, experiment) {
  if (!strip(content)) throw new NoHistory("empty");
  const columns = "{[".includes(stripStart(content)[0]) ? columnsOfJson(content) : columnsOfCsv(content);
  if (new Set(Array.from(columns.values(), (column) => column.length)).size > 1) {
    const lengths = Array.from(columns, ([name, column]) => `${name} ${column.length}`).join(", ");
    throw new NoHistory(`its columns are not of the same length: ${cutLine(lengths)}`);
  }
  const { known, ignored } = knownColumns(inOrderOfEpochs(columns), experiment);
  const curves = Array.from(known, ([name, column]) => [name, column.map((each) => numberOfCell(name, each))]);
  return checkedHistory(curves, ignored);
}

// From the formats to columns: a Map by name, of what stands in each epoch, text or numbers, or null where nothing does
function columnsOfJson(content) {
  let found;
  try {
    found = valueOfJson(content);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new NoHistory(`not valid JSON, or cut off: ${cutLine(error.message)}`);
  }
  for (let inner = found; holdsSomething(inner); inner = insideHistory(found)) {
    found = inner; // R writes the parameters of fit beside them
  }
  if (Array.isArray(found) && found.length && found.every((row) => row instanceof Map)) {
    const names = [...new Set(found.flatMap((row) => [...row.keys()]))];
    return wideTable(
      names,
      found.map((row) => names.map((name) => row.get(name) ?? null)),
    );
  }
  if (!(found instanceof Map) || !found.size) {
    throw new NoHistory("the JSON is neither an object with a list for each column nor a list of epochs");
  }
  return new Map(Array.from(found, ([name, column]) => [name, listedColumn(column)]));
}

/** What stands under `history` or `metrics`; null if there is neither. */
function insideHistory(found) {
  if (!(found instanceof Map)) return null;
  return (found.has("history") ? found.get("history") : found.get("metrics")) ?? null;
}

/** `bool(value)` */
function holdsSomething(value) {
  if (value instanceof Map) return value.size > 0;
  return Array.isArray(value) ? value.length > 0 : Boolean(value) || Number.isNaN(value);
}

/** A column of JSON: pandas names each row, and R leaves out the list of a single epoch. */
function listedColumn(column) {
  if (column instanceof Map) return [...column.values()];
  return Array.isArray(column) ? column : [column];
}

function columnsOfCsv(content) {
  const first = linesOf(content).find((line) => strip(line));
  const times = (separator) => first.split(separator).length;
  const separator = [";", "\t", ","].reduce((best, each) => (times(each) > times(best) ? each : best));
  const printed = !first.includes(separator) && wordsOf(first).length > 1; // as R and pandas print it, apart by spaces
  const Fault = printed ? Unparted : NoHistory;
  const lines = printed ? linesOf(content).map(wordsOf) : linesOfCsv(stripStart(content), separator);
  const rows = lines.filter((row) => row.some(strip));
  let names = (rows[0] ?? []).map(strip);
  const body = rows.slice(1);
  if (body.length && body.every((row) => row.length === names.length + 1)) {
    names = ["", ...names]; // row names, which R's write.table gives no heading
  }
  if (!body.length) throw new Fault("no epoch under its first line, which should name the columns");
  body.forEach((row, i) => {
    if (row.length !== names.length) {
      throw new Fault(`row ${i + 1} has ${row.length} values where the first line names ${names.length} columns`);
    }
  });
  const withPointOf = (cell) => (separator === "," ? cell : cell.replaceAll(",", "."));
  return wideTable(
    names,
    body.map((row) => row.map(withPointOf)),
  );
}

function linesOfCsv(content, separator) {
  try {
    return rowsOfCsv(content, separator);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new NoHistory(`not csv: ${error.message}`);
  }
}

/** Columns of a table, which may have a row for each number, as R's `as.data.frame(history)`. */
function wideTable(names, rows) {
  if (new Set(names).size < names.length) throw new NoHistory(`two columns of one name: ${cutLine(names.join(", "))}`);
  const columns = new Map(names.map((name, i) => [name, rows.map((row) => row[i])]));
  const long = new Map(Array.from(columns, ([name, column]) => [caseFold(name), column]));
  if (!LONG_COLUMNS.every((name) => long.has(name)) || long.has("loss")) return columns;
  const [numbers, values, metrics] = LONG_COLUMNS.map((name) => long.get(name));
  const parts = long.get("data") ?? rows.map(() => "training");
  const byName = new Map();
  rows.forEach((_, i) => {
    const isValidation = caseFold(strip(textOfCell(parts[i]))).startsWith("val");
    const name = (isValidation ? "val_" : "") + strip(textOfCell(metrics[i]));
    if (!byName.has(name)) byName.set(name, new Map());
    const [curve, epoch] = [byName.get(name), epochOfCell(numbers[i])];
    if (curve.has(epoch))
      throw new NoHistory(`epoch ${epoch} has two values of ${cutLine(name)}: is it of several runs?`);
    curve.set(epoch, values[i]);
  });
  const epochs = [...new Set(Array.from(byName.values(), (curve) => [...curve.keys()]).flat())].sort(compareWhole);
  const wide = new Map([["epoch", epochs]]);
  byName.forEach((curve, name) =>
    wide.set(
      name,
      epochs.map((epoch) => curve.get(epoch) ?? null),
    ),
  );
  return wide;
}

/** `str(cell)` */
function textOfCell(cell) {
  return typeof cell === "string" ? cell : repr(cell);
}

function compareWhole(a, b) {
  return Number(a > b) - Number(a < b);
}

// From columns to numbers

/** The columns in the order of the epochs, which must follow on each other; without those that never took place. */
function inOrderOfEpochs(columns) {
  const numbered = Array.from(columns).find(([name]) => caseFold(name) === "epoch")?.[1];
  let ordered = Array.from(columns);
  if (numbered) {
    const epochs = numbered.map(epochOfCell);
    const order = [...epochs.keys()].sort((a, b) => compareWhole(epochs[a], epochs[b]));
    order.slice(1).forEach((after, i) => {
      const before = order[i];
      if (epochs[after] !== epochs[before] + 1n) {
        const twice = epochs[after] === epochs[before];
        const fault = twice ? "is there twice: is it of several runs?" : `is followed by ${epochs[after]}`;
        throw new NoHistory(`epoch ${epochs[before]} ${fault}`);
      }
    });
    ordered = ordered.map(([name, column]) => [name, order.map((i) => column[i])]);
  }
  const curves = ordered.filter(([name]) => !ROW_NAMES.includes(caseFold(name)));
  const lengths = curves.map(([, column]) => column.reduce((so, cell, i) => (isMissing(cell) ? so : i + 1), 0));
  const length = lengths.reduce((longest, each) => Math.max(longest, each), 0);
  return new Map(ordered.map(([name, column]) => [name, column.slice(0, length)]));
}

/** The columns that a record has too, under its names, and the names of the others. */
function knownColumns(columns, experiment) {
  const known = new Map();
  const ignored = [];
  for (const [name, column] of columns) {
    const bare = caseFold(strip(name)).replaceAll(" ", "_");
    const base = bare.replace(/^val_/, "");
    const ours = ["loss", experiment.metric].find((each) => CURVE_NAMES[each].test(base));
    if (ours === undefined) {
      if (!ROW_NAMES.includes(bare)) ignored.push(name);
      continue;
    }
    const key = base === bare ? ours : `val_${ours}`;
    if (known.has(key)) throw new NoHistory(`two columns of ${key}; leave one of them`);
    known.set(key, column);
  }
  if (!known.size) {
    const there = columns.size ? `; its columns are ${cutLine([...columns.keys()].join(", "))}` : "";
    throw new NoHistory(`neither loss nor ${experiment.metric} is in it${there}`);
  }
  const order = ["loss", experiment.metric, "val_loss", `val_${experiment.metric}`].filter((key) => known.has(key));
  return { known: new Map(order.map((key) => [key, known.get(key)])), ignored };
}

/** curves: pairs of a name and its numbers by epoch. */
function checkedHistory(curves, ignored) {
  const length = curves[0][1].length;
  if (!length) throw new NoHistory("no epoch has a value");
  const isLoss = (name) => name.endsWith("loss");
  const losses = curves.filter(([name]) => isLoss(name)).map(([, curve]) => curve);
  const finite = (epoch) => losses.every((curve) => Number.isFinite(curve[epoch]));
  const diverged = [...curves[0][1].keys()].findIndex((epoch) => !finite(epoch));
  const epochs = diverged < 0 ? length : diverged;
  const kept = curves.map(([name, values]) => {
    let curve = values.slice(0, epochs);
    const most = curve.reduce((largest, value) => (value > largest ? value : largest), curve[0] ?? 0);
    if (!isLoss(name) && most >= 2) curve = curve.map((value) => value / 100);
    curve.forEach((value, i) => {
      if (!(value >= 0 && value <= (isLoss(name) ? Infinity : 1 + 1e-6))) {
        throw new NoHistory(`${name} of epoch ${i + 1} is ${general(value, 6)}, which cannot be`);
      }
    });
    return [name, curve];
  });
  return { curves: Object.fromEntries(kept), diverged: diverged < 0 ? null : diverged + 1, ignored, epochs };
}

function isMissing(cell) {
  return cell === null || (typeof cell === "string" && ["", "NA"].includes(strip(cell)));
}

/** A cell as a number, which may be NaN or infinite. */
function numberOfCell(name, cell) {
  if (isMissing(cell)) throw new NoHistory(`${name} is missing in some epochs`);
  const number = typeof cell === "boolean" ? null : floatOfCell(cell);
  if (number === null && typeof cell === "string" && strip(cell).endsWith("%")) {
    const share = floatFromText(strip(cell).replace(/%+$/, ""));
    if (share !== null) return share / 100;
  }
  if (number === null) throw new NoHistory(`${name} has ${cutLine(repr(cell))}, which is no number`);
  return number;
}

/** `float(cell)`; null where Python raises an error. */
function floatOfCell(cell) {
  if (typeof cell === "string") return floatFromText(cell);
  if (typeof cell === "bigint") return Number.isFinite(Number(cell)) ? Number(cell) : null;
  return typeof cell === "number" || typeof cell === "boolean" ? Number(cell) : null;
}

/** A whole number as a BigInt, for an epoch may be as large as a file says. */
function epochOfCell(cell) {
  const number = floatOfCell(cell);
  if (!Number.isInteger(number)) throw new NoHistory(`epoch ${cutLine(repr(cell))} is no whole number`);
  return BigInt(number);
}

/** A text from the file, on one line and not too long. */
function cutLine(text) {
  return cutAt(wordsOf(text).join(" "), 80);
}
