// What Python's `str` does: white space, lines, case and `repr` are not quite those of JavaScript.

/** What stands in a pattern for a character of Python's `\s`. */
export const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

/** What stands in a pattern, with the flag u, for a character of Python's `\w`. */
export const WORD = "[\\p{L}\\p{N}_]";

const SPACE_BEFORE = new RegExp(`^${SPACE}+`);
const SPACE_BEHIND = new RegExp(`${SPACE}+$`);
const SPACE_BETWEEN = new RegExp(`${SPACE}+`);
const LINE_END = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;
const NOT_PRINTED = /[\p{C}\p{Z}]/u;
const NAMED_ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** `text.strip()` */
export function strip(text) {
  return stripStart(text).replace(SPACE_BEHIND, "");
}

/** `text.lstrip()` */
export function stripStart(text) {
  return text.replace(SPACE_BEFORE, "");
}

/** `text.split()`: the words of a text. */
export function wordsOf(text) {
  return text.split(SPACE_BETWEEN).filter((word) => word);
}

/** `text.splitlines()` */
export function linesOf(text) {
  const lines = text.split(LINE_END);
  return lines.at(-1) ? lines : lines.slice(0, -1);
}

/** `text.casefold()`, but for Cherokee: small letters, and two where a letter such as ß is written so in capitals. */
export function caseFold(text) {
  const small = (letter) => (letter === "\u0131" ? letter : letter.toUpperCase().toLowerCase());
  return Array.from(text, small).join("");
}

/** `len(text)`: characters beyond U+FFFF count once. */
export function lengthOf(text) {
  return Array.from(text).length;
}

/** A text of at most `most` characters: a longer one ends with three dots. */
export function cutAt(text, most) {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 3).join("")}...`;
}

/** A text with 0 to 9 in place of the decimal digits of other scripts, as Python reads numbers. */
export function withAsciiDigits(text) {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    let before = 0; // the digits of a script follow on each other in ten characters, or in several times ten
    while (/\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0) - before - 1))) before += 1;
    return String(before % 10);
  });
}

/** `repr(text)` */
export function reprText(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + Array.from(text, (letter) => escapedLetter(letter, quote)).join("") + quote;
}

function escapedLetter(letter, quote) {
  if (letter === quote) return `\\${letter}`;
  if (letter in NAMED_ESCAPES) return NAMED_ESCAPES[letter];
  if (letter === " " || !NOT_PRINTED.test(letter)) return letter;
  const code = letter.codePointAt(0);
  const hexadecimal = (digits) => code.toString(16).padStart(digits, "0");
  if (code <= 0xff) return `\\x${hexadecimal(2)}`;
  return code <= 0xffff ? `\\u${hexadecimal(4)}` : `\\U${hexadecimal(8)}`;
}
