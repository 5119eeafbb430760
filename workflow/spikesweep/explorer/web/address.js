/** What is looked at, as the page's address keeps it. */

/**
 * @typedef {object} Selection
 * @property {number} picked index of a simulation
 * @property {number[]} pins indices of simulations
 * @property {string} colour id of a column
 * @property {string} x id of a column
 * @property {string} y id of a column, "" for none
 * @property {boolean} log whether colours are by the logarithm
 * @property {string} across an axis of small multiples, "" for none
 * @property {Record<string, [number, number]>} ranges column -> least and greatest; what is asked
 *   for may be nothing, such as from 3 to 1
 * @property {string} sort column, with "-" before it for descending
 * @property {[number, number]|null} zoom from and to in ms
 * @property {string} paint what colours the morphology
 */

/**
 * The part of an address after "#".
 * @param {Partial<Selection>} selection
 * @returns {string}
 */
export function written(selection) {
  const words = new URLSearchParams();
  for (const name of /** @type {const} */ ([
    "picked",
    "colour",
    "x",
    "y",
    "across",
    "sort",
    "paint",
  ])) {
    if (selection[name] !== undefined) words.set(name, String(selection[name]));
  }
  if (selection.log) words.set("log", "1");
  if (selection.pins?.length) words.set("pins", selection.pins.join(","));
  if (selection.zoom) words.set("zoom", selection.zoom.join(","));
  for (const [column, ends] of Object.entries(selection.ranges ?? {})) {
    words.set(`in.${column}`, ends.join(","));
  }
  return words.toString();
}

/**
 * A selection from the part of an address after "#"; what cannot be read is left out.
 * @param {string} text
 * @returns {Partial<Selection>}
 */
export function read(text) {
  const words = new URLSearchParams(text.replace(/^#/, ""));
  /** @type {Partial<Selection>} */
  const found = {};
  const picked = words.get("picked");
  if (picked !== null && /^\d+$/.test(picked)) found.picked = Number(picked);
  for (const name of /** @type {const} */ (["colour", "x", "y", "across", "sort", "paint"])) {
    const value = words.get(name);
    if (value !== null) found[name] = value;
  }
  if (words.get("log") === "1") found.log = true;
  const pins = words.get("pins");
  if (pins)
    found.pins = pins
      .split(",")
      .filter((pin) => /^\d+$/.test(pin))
      .map(Number);
  const zoom = pair(words.get("zoom"));
  if (zoom && zoom[0] < zoom[1]) found.zoom = zoom;
  for (const [name, value] of words) {
    const ends = name.startsWith("in.") && pair(value);
    if (ends) (found.ranges ??= {})[name.slice(3)] = ends;
  }
  return found;
}

/**
 * @param {string|null} text
 * @returns {[number, number]|null}
 */
function pair(text) {
  const ends = (text ?? "").split(",").map((end) => (end.trim() ? Number(end) : NaN));
  return ends.length === 2 && !ends.some(Number.isNaN) ? [ends[0], ends[1]] : null;
}
