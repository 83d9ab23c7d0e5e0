// What is used of Python's `decimal.Decimal`: a number with the digits that were written.
import { scaledHalfEven, significant, withPoint } from "./python_numbers.js";
import { withAsciiDigits } from "./python_text.js";

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The digits that a computed number keeps: the precision of Python's default context. */
const PRECISION = 28;

export class Decimal {
  /** coefficient: a BigInt from 0 on; the number is coefficient times 10^exponent, negative if `signed`. */
  constructor(signed, coefficient, exponent) {
    this.signed = signed;
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  /** `Decimal(text)`, of digits with a point and an exponent, or without. */
  static parse(text) {
    const [, sign, whole, part = "", exponent = "0"] = DECIMAL.exec(withAsciiDigits(text));
    return new Decimal(sign === "-", BigInt(whole + part), Number(exponent) - part.length);
  }

  /** Below 0 if this is smaller than a whole number, 0 if it is equal, above 0 if it is larger. */
  compare(whole) {
    const shift = Math.max(0, -this.exponent);
    const value = (this.signed ? -1n : 1n) * scaledHalfEven(this.coefficient, this.exponent + shift);
    const other = BigInt(whole) * 10n ** BigInt(shift);
    return Number(value > other) - Number(value < other);
  }

  /** Whether nothing but zeros stands behind the point. */
  isWhole() {
    return this.exponent >= 0 || this.coefficient % 10n ** BigInt(-this.exponent) === 0n;
  }

  /** `scaleb`: this times a power of ten, rounded to `PRECISION` digits. */
  scaleb(power) {
    const { kept, place } = significant(this.coefficient, this.exponent, PRECISION);
    return new Decimal(this.signed, BigInt(kept), place - (kept.length - 1) + power);
  }

  /** `float(self)` */
  toNumber() {
    return Number(`${this.signed ? "-" : ""}${this.coefficient}e${this.exponent}`);
  }

  /** `f"{self:f}"`: all digits, without an exponent. */
  toFixed() {
    const zeros = this.coefficient && this.exponent > 0 ? this.exponent : 0;
    const digits = this.coefficient + "0".repeat(zeros);
    return (this.signed ? "-" : "") + withPoint(digits, Math.max(0, -this.exponent));
  }

  /** `f"{self:.{digits}g}"` of a number from 10^digits on, which has an exponent then. */
  toGeneral(digits) {
    const { kept, place } = significant(this.coefficient, this.exponent, digits);
    const mantissa = withPoint(kept, kept.length - 1);
    return `${this.signed ? "-" : ""}${mantissa}e+${place}`;
  }
}
