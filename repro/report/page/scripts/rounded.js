// Mirrors repro/evidence/reader/rounded.py: a number as a reader gives it, with how far it may be rounded.
import { Decimal } from "./decimal.js";
import { ReaderError } from "./errors.js";
import { general, reprFloat } from "./python_numbers.js";
import { cutAt, reprText, strip, wordsOf } from "./python_text.js";

const NUMBER = /^([+-]?)([0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40})(?:e([+-]?[0-9]{1,3}))?$/i;
const NOT_A_NUMBER = /^[+-]?(?:nan|na|[iıİ]nf|[iıİ]nf[iıİ]n[iıİ]ty)$/i;

/** The relative error that is always allowed: Keras computes in float32, and prints all of its digits. */
const FLOAT32 = 2 ** -22;

/** Half a unit of a number with two digits after the point. From here on, rounding is most of what is not known. */
const COARSE = 0.005;

/** A number with its digits. */
export class Rounded {
  /**
   * value: a share goes from 0 to 1. half: half a unit of the last digit given, in the unit of `value`; 0 if the number
   * is exact. text: as it is called in sentences: `81.37 %`, `0.41`.
   */
  constructor(value, half, text) {
    this.value = value;
    this.half = half;
    this.text = text;
  }

  /** How it is said back; where half a unit is 0.005 or more, with what may be meant. scale: 100 for a share, or 1. */
  understood(scale) {
    if (this.half < COARSE) return this.text;
    const [low, high] = [this.value - this.half, this.value + this.half].map((number) => scale * number);
    const most = scale === 1 ? high : Math.min(100, high);
    return `${this.text} (${general(Math.max(0, low), 6)} to ${general(most, 6)}, as typed)`;
  }

  /** The smallest number that may be meant: what rounds to `value`. */
  get low() {
    return this.value - this.half - FLOAT32 * Math.abs(this.value);
  }

  /** The largest number that may be meant: readers, and sources, also cut digits off. */
  get high() {
    const noise = FLOAT32 * Math.abs(this.value);
    return this.value + Math.max(this.half + noise, 2 * this.half - noise);
  }

  /** Whether the number, rounded or cut to as many digits, may have been given as this. */
  allows(number) {
    return this.low <= number && number <= this.high;
  }

  /** Whether this can be the share of a whole number of `rows` rows: the GRIM test. */
  counts(rows) {
    return Math.max(0, Math.ceil(this.low * rows)) <= Math.min(rows, Math.floor(this.high * rows));
  }

  /** The share of the other rows. */
  get opposite() {
    return new Rounded(1 - this.value, this.half, percent(1 - this.value));
  }

  /** Whether a share has digits enough to tell rows: a random one would mostly be no share of so many. */
  tells(rows) {
    return (this.high - this.low) * rows < 0.5;
  }
}

/** Whether it is hardly chance if these numbers of one run are equal to those of another, compared so many times. */
export function tellRunsApart(numbers, times) {
  return times * numbers.reduce((so, number) => so * Math.min(1, (number.high - number.low) / 0.02), 1) < 0.003;
}

/** Shares of one column of a file, all with as many digits as the longest has: zeros at the end are left out. */
export function withDigits(values) {
  const places = values.map((value) => Decimal.parse(reprFloat(value)).exponent);
  const unit = Number(`1e${places.reduce((least, place) => Math.min(least, place), places[0] ?? 0)}`);
  return values.map((value) => new Rounded(value, unit / 2, `${general(100 * value, 6)} %`));
}

/** A share that is known exactly, since it was computed from counts. */
export function exactShare(value) {
  return new Rounded(value, 0, `${general(100 * value, 4)} %`);
}

/** A share in sentences: `81.992 %`. */
export function percent(share) {
  return `${general(100 * share, 5)} %`;
}

/**
 * `share` in Python: a share from text; `what` names it in errors: `accuracy`.
 *
 * With a percent sign, or from 2 on, it is a percentage; up to 1 it is a share. Between 1 and 2 the sign is needed.
 * Throws ReaderError for what is no number, or is below 0 or above 100 %.
 */
export function shareFromText(text, what) {
  const bare = strip(text);
  let isPercent = bare.endsWith("%");
  const number = decimalFromText(bare.replace(/%$/, ""), text, what);
  const needed = `${what} goes from 0 to 1, or from 0 to 100 %`;
  if (number.signed) throw new ReaderError(`${what} ${shownText(text)} is negative\n${needed}`);
  if (number.compare(1) > 0 && number.compare(2) < 0 && !isPercent) {
    throw new ReaderError(
      `${what} ${shownText(text)} is no share, for it is above 1\nFor a percentage, write ${bare}%`,
    );
  }
  isPercent ||= number.compare(1) > 0;
  if (number.compare(isPercent ? 100 : 1) > 0) {
    throw new ReaderError(`${what} ${shownText(text)} is more than all rows\n${needed}`);
  }
  const ofOne = isPercent ? number.scaleb(-2) : number;
  const whole = !isPercent && (number.compare(0) === 0 || number.compare(1) === 0) && number.exponent >= 0;
  const said = `${(isPercent ? number : number.scaleb(2)).toFixed()} %`;
  return new Rounded(ofOne.toNumber(), whole ? 0 : lastDigit(ofOne) / 2, said);
}

/** `loss` in Python: a loss from text, a finite number from 0 on. Throws ReaderError for anything else. */
export function lossFromText(text) {
  if (NOT_A_NUMBER.test(strip(text))) {
    throw new ReaderError(
      `the loss ${shownText(text)} is no number: the training diverged, and later weights mean nothing\n` +
        "Give the history, the losses by epoch, to see where",
    );
  }
  const number = decimalFromText(text, text, "loss");
  if (number.signed) {
    throw new ReaderError(`loss ${shownText(text)} is negative\nThe loss of a classifier is 0 or more`);
  }
  const said = number.compare(10 ** 6) < 0 ? number.toFixed() : number.toGeneral(6);
  return new Rounded(number.toNumber(), lastDigit(number) / 2, said);
}

/** One unit of the last digit. */
function lastDigit(number) {
  return Number(`1e${number.exponent}`);
}

function decimalFromText(bare, text, what) {
  const found = NUMBER.exec(strip(bare));
  if (!found) {
    const empty = strip(text) ? `${shownText(text)} is no number` : "nothing was given";
    const orPercent = what === "loss" ? "" : " or 81.37%";
    throw new ReaderError(`${what}: ${empty}\nGive a number such as 0.8137${orPercent}`);
  }
  const [, sign, digits, exponent = "0"] = found;
  const number = Decimal.parse(`${sign}${digits.replace(",", ".")}e${exponent}`);
  if (!Number.isFinite(number.toNumber())) {
    throw new ReaderError(`${what} ${shownText(text)} is too large to be one\nGive a number such as 0.8137`);
  }
  return number;
}

/** A text in an error: on one line, and not too long. */
function shownText(text) {
  return reprText(cutAt(wordsOf(text).join(" "), 40));
}
