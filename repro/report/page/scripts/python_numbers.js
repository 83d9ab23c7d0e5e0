// How Python writes and reads numbers: formats round half to even, on the exact value of a double.
import { reprText, withAsciiDigits } from "./python_text.js";

const UNDERSCORED = "[0-9]+(?:_[0-9]+)*";
const FLOAT = new RegExp(
  `^[+-]?(?:${UNDERSCORED}(?:\\.(?:${UNDERSCORED})?)?|\\.${UNDERSCORED})(?:[eE][+-]?${UNDERSCORED})?$`,
);
const NOT_FINITE = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** `f"{x:.{places}f}"` */
export function fixed(x, places) {
  if (!Number.isFinite(x)) return notFinite(x);
  if (isNoTie(x, places)) return x.toFixed(places);
  const { negative, coefficient, exponent } = exactParts(x);
  const units = scaledHalfEven(coefficient, exponent + places);
  return (negative ? "-" : "") + withPoint(units.toString(), places);
}

/** `f"{x:.{digits}g}"`, and `f"{x:g}"` with 6 digits. */
export function general(x, digits) {
  if (!Number.isFinite(x)) return notFinite(x);
  const { negative, coefficient, exponent } = exactParts(x);
  const { kept, place } = significant(coefficient, exponent, Math.max(digits, 1));
  return (negative ? "-" : "") + laidOut(kept.replace(/0+$/, "") || "0", place, Math.max(digits, 1), 0);
}

/** `repr(x)` of a float: the shortest digits that give it back. */
export function reprFloat(x) {
  if (!Number.isFinite(x)) return notFinite(x);
  const negative = x < 0 || Object.is(x, -0);
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
  return (negative ? "-" : "") + laidOut(mantissa.replace(".", ""), Number(exponent), 16, 1);
}

/** `repr` of text, a float (number), an int (BigInt), a bool, None (null), a list or a dict (Map). */
export function repr(value) {
  if (value === null) return "None";
  if (typeof value === "string") return reprText(value);
  if (typeof value === "number") return reprFloat(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return `{${Array.from(value, ([key, each]) => `${repr(key)}: ${repr(each)}`).join(", ")}}`;
  return value.toString();
}

/** `f"{n:,}"` of a whole number. */
export function grouped(n) {
  return n.toString().replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `round(x, places)`; places may be negative. */
export function roundTo(x, places) {
  if (!Number.isFinite(x) || places > 340) return x;
  if (isNoTie(x, places)) return Number(x.toFixed(places));
  const { negative, coefficient, exponent } = exactParts(x);
  return Number(`${negative ? "-" : ""}${scaledHalfEven(coefficient, exponent + places)}e${-places}`);
}

/** `float(text)`; null if it is none. */
export function floatFromText(text) {
  const bare = withAsciiDigits(text).replace(/^[\t-\r \x85\p{Z}]+|[\t-\r \x85\p{Z}]+$/gu, "");
  const found = NOT_FINITE.exec(bare);
  if (found) return found[2] ? Number(`${found[1]}Infinity`) : NaN;
  return FLOAT.test(bare) ? Number(bare.replaceAll("_", "")) : null;
}

/** The whole number nearest to coefficient times a power of ten, to even if two are as near. All are BigInt. */
export function scaledHalfEven(coefficient, power) {
  if (power >= 0) return coefficient * 10n ** BigInt(power);
  const unit = 10n ** BigInt(-power);
  const whole = coefficient / unit;
  const twice = 2n * (coefficient % unit);
  return twice > unit || (twice === unit && whole % 2n === 1n) ? whole + 1n : whole;
}

/** A coefficient (BigInt, times 10^exponent) rounded to so many digits: they, and the exponent of the first of them. */
export function significant(coefficient, exponent, digits) {
  const all = coefficient.toString();
  const kept = scaledHalfEven(coefficient, Math.min(0, digits - all.length)).toString();
  const place = exponent + all.length - 1;
  return kept.length > Math.min(digits, all.length) ? { kept: kept.slice(0, -1), place: place + 1 } : { kept, place };
}

/**
 * Whether `toFixed` rounds as Python does, and takes so large a number: surely if x is not in the middle between two
 * numbers with so many places, for then x times 2^(places + 1) would be whole.
 */
function isNoTie(x, places) {
  return places >= 0 && places <= 100 && Math.abs(x) < 1e21 && !Number.isInteger(x * 2 ** (places + 1));
}

/** The digits of a whole number with a decimal point before the last `places`. */
export function withPoint(digits, places) {
  if (!places) return digits;
  const padded = digits.padStart(places + 1, "0");
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** Digits, of which the first stands for 10^place, as a number; with an exponent if place is below -4 or too large. */
function laidOut(digits, place, tooLarge, fewestPlaces) {
  if (place >= -4 && place < tooLarge) {
    const places = Math.max(digits.length - 1 - place, fewestPlaces);
    return withPoint(digits + "0".repeat(places - (digits.length - 1 - place)), places);
  }
  const mantissa = digits.length > 1 ? withPoint(digits, digits.length - 1) : digits;
  return `${mantissa}e${place < 0 ? "-" : "+"}${Math.abs(place).toString().padStart(2, "0")}`;
}

/** A finite double, exactly: its sign, and coefficient times 10^exponent. */
function exactParts(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased ? fraction | 0x10000000000000n : fraction;
  const binary = (biased || 1) - 1075;
  const parts = { negative: bits >> 63n === 1n };
  if (!mantissa) return { ...parts, coefficient: 0n, exponent: 0 };
  if (binary >= 0) return { ...parts, coefficient: mantissa << BigInt(binary), exponent: 0 };
  return { ...parts, coefficient: mantissa * 5n ** BigInt(-binary), exponent: binary };
}

function notFinite(x) {
  if (Number.isNaN(x)) return "nan";
  return x > 0 ? "inf" : "-inf";
}
