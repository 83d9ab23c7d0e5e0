// Reads JSON as Python's `json.loads` does: NaN and infinities too, int apart from float, and the same errors.
import { lengthOf } from "./python_text.js";

/** As many digits as Python reads of a whole number. */
const MOST_DIGITS = 4300;

/** About as many lists inside one another as Python reads. */
const DEEPEST = 950;

const JSON_NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const JSON_WORD = /null|true|false|NaN|-?Infinity/y;
const JSON_WORDS = { null: null, true: true, false: false, NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
const JSON_ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Says where a text is no JSON, in Python's words. */
export class JsonError extends Error {}

/** The value of a JSON text: null, boolean, string, number (float), BigInt (int), array (list) or Map (dict). */
export function valueOfJson(text) {
  const reading = new JsonReading(text);
  reading.skipSpace();
  const value = reading.value(0);
  reading.skipSpace();
  if (reading.at < text.length) reading.fail("Extra data", reading.at);
  return value;
}

class JsonReading {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(message, at) {
    const before = this.text.slice(0, at);
    const line = before.split("\n").length;
    const column = lengthOf(before.slice(before.lastIndexOf("\n") + 1)) + 1;
    throw new JsonError(`${message}: line ${line} column ${column} (char ${lengthOf(before)})`);
  }

  skipSpace() {
    while (this.at < this.text.length && " \t\n\r".includes(this.text[this.at])) this.at += 1;
  }

  value(depth) {
    const letter = this.text[this.at];
    if (letter === '"') return this.string();
    if (letter === "{" || letter === "[") {
      if (depth >= DEEPEST) {
        const what = letter === "{" ? "object" : "array";
        throw new JsonError(`maximum recursion depth exceeded while decoding a JSON ${what} from a unicode string`);
      }
      return letter === "{" ? this.object(depth + 1) : this.array(depth + 1);
    }
    const word = this.found(JSON_WORD);
    return word ? JSON_WORDS[word[0]] : this.number();
  }

  /** What a sticky pattern finds here, which is stepped over; null if it finds nothing. */
  found(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found;
  }

  number() {
    const found = this.found(JSON_NUMBER);
    if (!found) this.fail("Expecting value", this.at);
    if (found[2] !== undefined || found[3] !== undefined) return Number(found[0]);
    const digits = found[1].replace("-", "").length;
    if (digits > MOST_DIGITS) {
      throw new JsonError(
        `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion: value has ${digits} digits; ` +
          "use sys.set_int_max_str_digits() to increase the limit",
      );
    }
    return BigInt(found[1]);
  }

  array(depth) {
    const values = [];
    this.at += 1;
    this.skipSpace();
    if (this.text[this.at] === "]") {
      this.at += 1;
      return values;
    }
    for (;;) {
      values.push(this.value(depth));
      this.skipSpace();
      if (this.ends("]")) return values;
    }
  }

  object(depth) {
    const values = new Map();
    this.at += 1;
    this.skipSpace();
    if (this.text[this.at] === "}") {
      this.at += 1;
      return values;
    }
    for (;;) {
      if (this.text[this.at] !== '"') this.fail("Expecting property name enclosed in double quotes", this.at);
      const key = this.string();
      this.skipSpace();
      if (this.text[this.at] !== ":") this.fail("Expecting ':' delimiter", this.at);
      this.at += 1;
      this.skipSpace();
      values.set(key, this.value(depth));
      this.skipSpace();
      if (this.ends("}")) return values;
    }
  }

  /** Whether a list ends here, with this bracket; otherwise steps over the comma that must stand here. */
  ends(bracket) {
    const letter = this.text[this.at];
    if (letter !== bracket && letter !== ",") this.fail("Expecting ',' delimiter", this.at);
    this.at += 1;
    if (letter === ",") this.skipSpace();
    return letter === bracket;
  }

  string() {
    const { text, at: begin } = this;
    let content = "";
    for (let next = begin + 1; next < text.length; next++) {
      if (text[next] === '"') {
        this.at = next + 1;
        return content;
      }
      if (text[next] < " ") this.fail("Invalid control character at", next);
      if (text[next] !== "\\") {
        content += text[next];
      } else if (text[next + 1] === "u") {
        const code = text.slice(next + 2, next + 6);
        // a text that ends within the four digits, or with them
        if (next + 6 >= text.length || !/^[0-9a-fA-F]{4}$/.test(code)) this.fail("Invalid \\uXXXX escape", next + 1);
        content += String.fromCharCode(parseInt(code, 16));
        next += 5;
      } else if (next + 1 < text.length) {
        const letter = text[next + 1];
        if (!Object.hasOwn(JSON_ESCAPES, letter)) this.fail("Invalid \\escape", next);
        content += JSON_ESCAPES[letter];
        next += 1;
      }
    }
    return this.fail("Unterminated string starting at", begin);
  }
}
