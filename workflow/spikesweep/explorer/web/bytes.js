/** What the page holds as base64, made numbers and texts again. See `content.py` and `traces.py`. */

const LOSSLESS = 0x80000000;
const NOT_A_NUMBER = -0x80000000;

/**
 * Bytes of base64 text.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * A part of base64 text, as bytes; it begins at a multiple of 3.
 * @param {string} text
 * @param {number} start in bytes
 * @param {number} length in bytes
 * @returns {Uint8Array}
 */
export function partOf(text, start, length) {
  const characters = Math.ceil(length / 3) * 4;
  return fromBase64(text.slice((start / 3) * 4, (start / 3) * 4 + characters)).subarray(0, length);
}

/**
 * What zlib deflated.
 * @param {Uint8Array} bytes
 * @returns {Promise<Uint8Array>}
 */
export async function inflated(bytes) {
  const stream = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Numbers of which all first bytes stand together, then all second ones, and so on.
 * @param {Uint8Array} planes
 * @param {number} size bytes of a number
 * @returns {ArrayBuffer}
 */
export function unshuffled(planes, size) {
  const count = planes.length / size;
  const bytes = new Uint8Array(planes.length);
  for (let byte = 0; byte < size; byte++) {
    for (let i = 0; i < count; i++) bytes[i * size + byte] = planes[byte * count + i];
  }
  return bytes.buffer;
}

/**
 * @typedef {object} Coding
 * @property {number} samples of a whole trace
 * @property {number} itemsize bytes of a lossless sample
 * @property {number|null} step of whole numbers
 */

/**
 * The samples of one simulation's trace; all NaN where it has none.
 * @param {string} text base64 of all chunks
 * @param {number} start of the chunk
 * @param {number} length with its flag, as in `lengths_<n>`
 * @param {Coding} coding
 * @returns {Promise<Float32Array|Float64Array>}
 */
export async function samplesOf(text, start, length, coding) {
  const nbytes = length & 0x7fffffff;
  if (!nbytes) return new Float32Array(coding.samples).fill(NaN);
  const planes = await inflated(partOf(text, start, nbytes));
  if (length >= LOSSLESS) {
    const buffer = unshuffled(planes, coding.itemsize);
    return coding.itemsize === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
  }
  return steps(new Int32Array(unshuffled(planes, 4)), coding.step ?? 1);
}

/**
 * Numbers from the differences of their steps.
 * @param {Int32Array} differences
 * @param {number} step
 * @returns {Float64Array}
 */
export function steps(differences, step) {
  const values = new Float64Array(differences.length);
  let whole = 0;
  for (let i = 0; i < values.length; i++) {
    whole = (whole + differences[i]) | 0;
    values[i] = whole === NOT_A_NUMBER ? NaN : whole * step;
  }
  return values;
}

/**
 * Where each chunk starts.
 * @param {Uint32Array} lengths with their flags
 * @returns {Float64Array}
 */
export function starts(lengths) {
  const found = new Float64Array(lengths.length);
  let start = 0;
  lengths.forEach((length, i) => {
    found[i] = start;
    start += Math.ceil((length & 0x7fffffff) / 3) * 3;
  });
  return found;
}

/**
 * Bytes as hex digits.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
