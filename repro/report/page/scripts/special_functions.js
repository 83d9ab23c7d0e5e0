// Functions of statistics that JavaScript lacks: what scipy.special gives the Python modules as gammaln, stdtr and
// ndtri.

/** Half the logarithm of 2 pi. */
const HALF_LOG_TWO_PI = 0.9189385332046727;

/** B_2k / (2k (2k - 1)), k from 1: the coefficients of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/**
 * The logarithm of the gamma function of x > 0, by Stirling's series (NIST Digital Library of Mathematical Functions,
 * 5.11.1); small x are raised first by gamma(x + 1) = x gamma(x) (5.5.1).
 */
export function gammaln(x) {
  let [product, raised] = [1, x];
  while (raised < 16) {
    product *= raised;
    raised += 1;
  }
  let [series, power] = [0, 1 / raised];
  for (const coefficient of STIRLING) {
    series += coefficient * power;
    power /= raised * raised;
  }
  return (raised - 0.5) * Math.log(raised) - raised + HALF_LOG_TWO_PI + series - Math.log(product);
}

/**
 * The probability that Student's t with some degrees of freedom is at most t: half the incomplete beta function of
 * degrees / (degrees + t^2) in the tail (DLMF 8.17.1; Abramowitz and Stegun, 26.7.1).
 */
export function stdtr(degrees, t) {
  const square = t * t;
  const tail = incompleteBeta(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square)) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The regularised incomplete beta function of x, with rest = 1 - x. */
function incompleteBeta(a, b, x, rest) {
  if (x <= 0 || rest <= 0) {
    return x <= 0 ? 0 : 1;
  }
  const front = Math.exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log(rest));
  const below = x < (a + 1) / (a + b + 2);
  return below ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, rest)) / b;
}

/**
 * The continued fraction of the incomplete beta function (DLMF 8.17.22), from the front by Lentz's method in the form
 * of Thompson and Barnett ("Coulomb and Bessel functions of complex arguments and order", 1986).
 */
function betaFraction(a, b, x) {
  const tiny = 1e-300;
  let [value, above, below] = [1, 1, 0];
  for (let place = 1; place < 1000; place += 1) {
    const m = Math.floor(place / 2);
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const coefficient = place % 2 ? odd : even;
    below = 1 / (1 + coefficient * below || tiny);
    above = 1 + coefficient / above || tiny;
    value *= above * below;
    if (Math.abs(above * below - 1) < 3e-16) {
      break;
    }
  }
  return 1 / value;
}

/**
 * The quantile of the normal distribution with mean 0 and standard deviation 1, of 0 < p < 1 (Wichura, "Algorithm AS
 * 241: the percentage points of the normal distribution", Applied Statistics 37, 1988).
 */
export function ndtri(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(MIDDLE_ABOVE, r)) / polynomial(MIDDLE_BELOW, r);
  }
  const r = Math.sqrt(-Math.log(q <= 0 ? p : 1 - p));
  const x =
    r <= 5
      ? polynomial(SIDE_ABOVE, r - 1.6) / polynomial(SIDE_BELOW, r - 1.6)
      : polynomial(END_ABOVE, r - 5) / polynomial(END_BELOW, r - 5);
  return q < 0 ? -x : x;
}

/** The coefficients of ndtri's rational functions, from that of the highest power on. */
const MIDDLE_ABOVE = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const MIDDLE_BELOW = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1.0,
];
const SIDE_ABOVE = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const SIDE_BELOW = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1.0,
];
const END_ABOVE = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const END_BELOW = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1.0,
];

/** The value at x, by Horner's rule. */
function polynomial(coefficients, x) {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
}
