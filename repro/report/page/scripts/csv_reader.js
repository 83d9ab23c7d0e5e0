// Reads csv as Python's `csv.reader` does in its default dialect, quotes and all.

/** As many characters as Python reads of one cell. */
const LONGEST_CELL = 131072;

/** Says why a text is no csv, in Python's words. */
export class CsvError extends Error {}

/** The rows of a csv text, each a list of cells; an empty line is an empty row. Throws CsvError. */
export function rowsOfCsv(text, separator) {
  const reading = new CsvReading(separator);
  for (const line of text.match(/[^\n]*\n|[^\n]+/g) ?? []) reading.readLine(line);
  return reading.end();
}

/** What is read so far. state: of what the next character is a part. */
class CsvReading {
  constructor(separator) {
    this.separator = separator;
    this.rows = [];
    this.start();
  }

  start() {
    [this.state, this.row, this.cell, this.size] = ["row", [], "", 0];
  }

  readLine(line) {
    for (const letter of line) this.read(letter);
    this.read("");
    if (this.state === "row") this.endRow();
  }

  /** The rows, after the last line: within quotes, a cell ends there too. */
  end() {
    if (this.state === "quoted") {
      this.endCell("row");
      this.endRow();
    }
    return this.rows;
  }

  /** Takes a character, or an empty one at the end of a line. */
  read(letter) {
    const ends = letter === "\n" || letter === "\r" || letter === "";
    switch (this.state) {
      case "row":
      case "cell":
        if (ends && this.state === "row") {
          if (letter) this.state = "end";
        } else if (ends) {
          this.endCell(letter ? "end" : "row");
        } else if (letter === '"') {
          this.state = "quoted";
        } else if (letter === this.separator) {
          this.endCell("cell");
        } else {
          this.add(letter, "text");
        }
        break;
      case "text":
      case "quote":
        if (ends) this.endCell(letter ? "end" : "row");
        else if (letter === this.separator) this.endCell("cell");
        else this.add(letter, letter === '"' && this.state === "quote" ? "quoted" : "text");
        break;
      case "quoted":
        if (letter === '"') this.state = "quote";
        else if (letter) this.add(letter, "quoted");
        break;
      default: // after the end of a row
        if (letter === "") this.state = "row";
        else if (!ends) {
          throw new CsvError(
            "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?",
          );
        }
    }
  }

  add(letter, state) {
    if (this.size >= LONGEST_CELL) throw new CsvError(`field larger than field limit (${LONGEST_CELL})`);
    this.cell += letter;
    this.size += 1;
    this.state = state;
  }

  endCell(state) {
    this.row.push(this.cell);
    [this.cell, this.size, this.state] = ["", 0, state];
  }

  endRow() {
    this.rows.push(this.row);
    this.start();
  }
}
