/** Numbers as people read them: ticks, texts, ranges, bins. */

/**
 * A number with so many digits as tell it apart from its neighbours.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function text(value, digits = 4) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const shown = size >= 1e6 || size < 1e-3 ? exponential(value, digits) : plain(value, digits);
  return shown.replaceAll("-", "−");
}

/**
 * @param {number} value
 * @param {number} digits
 */
function plain(value, digits) {
  const shown = Number(value.toPrecision(digits));
  return Math.abs(value) >= 10 ** digits ? String(Math.round(value)) : String(shown);
}

/**
 * @param {number} value
 * @param {number} digits
 */
function exponential(value, digits) {
  return String(value.toExponential(digits - 1)).replace(/\.?0*e\+?/, "e");
}

/**
 * Round values between two ends, ascending.
 * @param {number} low
 * @param {number} high
 * @param {number} [about] how many
 * @returns {number[]}
 */
export function ticks(low, high, about = 5) {
  if (!(high > low) || !Number.isFinite(high - low)) return Number.isFinite(low) ? [low] : [];
  const step = roundStep((high - low) / about);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const found = [];
  for (let k = first; k <= last; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

/**
 * 1, 2 or 5 times a power of ten, not below a size.
 * @param {number} size
 * @returns {number}
 */
export function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5, 10].find((f) => f * power >= size * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
}

/**
 * Ticks of a logarithmic scale: powers of ten, with 2 and 5 where there are few.
 * @param {number} low above 0
 * @param {number} high
 * @returns {number[]}
 */
export function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const factors = decades > 3 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
  const found = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** p).toPrecision(12));
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
    }
  }
  return found.length > 1 ? found : ticks(low, high, 4);
}

/**
 * Least and greatest of the finite numbers; null without any.
 * @param {Iterable<number>} values
 * @returns {[number, number]|null}
 */
export function range(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * @typedef {object} Bins
 * @property {number} start of the first
 * @property {number} width
 * @property {number[]} counts
 */

/**
 * Numbers counted in bins of a round width.
 * @param {number[]} values finite
 * @param {number} [about] how many bins
 * @param {number[]} [among] of which the bins are, if not of the values alone
 * @returns {Bins}
 */
export function histogram(values, about = 24, among = values) {
  const ends = range(among);
  if (!ends) return { start: 0, width: 1, counts: [] };
  const [low, high] = ends;
  const width = high > low ? roundStep((high - low) / about) : Math.abs(low) / 10 || 1;
  const start = Math.floor(low / width + 1e-9) * width;
  const counts = new Array(Math.floor((high - start) / width + 1e-9) + 1).fill(0);
  for (const value of values) {
    if (Number.isFinite(value)) {
      counts[Math.min(counts.length - 1, Math.floor((value - start) / width + 1e-9))]++;
    }
  }
  return { start, width, counts };
}

/**
 * Whether positive values span so much that a logarithmic scale shows them better.
 * @param {number[]} values
 * @returns {boolean}
 */
export function wantsLog(values) {
  const ends = range(values);
  if (!ends || !(ends[0] > 0) || ends[1] / ends[0] < 30) return false;
  const middle = values.filter(Number.isFinite).sort((a, b) => a - b)[values.length >> 1];
  return middle < Math.sqrt(ends[0] * ends[1]) * 3;
}

/**
 * A scale from values to places.
 * @param {[number, number]} values
 * @param {[number, number]} places
 * @param {boolean} [log]
 */
export function scale(values, places, log = false) {
  const f = log ? Math.log : (/** @type {number} */ x) => x;
  const inverse = log ? Math.exp : (/** @type {number} */ x) => x;
  const [low, high] = [f(values[0]), f(values[1])];
  const slope = high > low ? (places[1] - places[0]) / (high - low) : 0;
  const middle = (places[0] + places[1]) / 2;
  return {
    values,
    places,
    log,
    /** @param {number} value */
    to: (value) => (slope ? places[0] + (f(value) - low) * slope : middle),
    /** @param {number} place */
    from: (place) => (slope ? inverse(low + (place - places[0]) / slope) : values[0]),
    ticks: (/** @type {number} */ about) =>
      log ? logTicks(values[0], values[1]) : ticks(values[0], values[1], about),
  };
}

/** @typedef {ReturnType<typeof scale>} Scale */
