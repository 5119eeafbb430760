/** The cells as they were built, in three dimensions, far segments first. */
import { classColour, ramp } from "./colours.js";
import { range, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */
/** @typedef {import("./csv.js").Table} Table */

/**
 * @typedef {object} Segments
 * @property {number} count
 * @property {Float64Array} ends x0 y0 z0 x1 y1 z1 of each, in um, around the middle of all
 * @property {Float64Array} diam in um
 * @property {number} reach of the farthest end from the middle
 */

/**
 * @typedef {object} CellView
 * @property {Segments} segments
 * @property {number[]|Float64Array} values NaN where undefined
 * @property {string[]|null} texts what values mean that are classes
 * @property {[number, number]|null} [ends] of the colour scale; default: of the values
 * @property {string} label
 * @property {number} yaw in radians
 * @property {number} pitch
 * @property {number} size how much larger than what fits
 */

const NEITHER = new Set(["section", "index", "x0", "y0", "z0", "x1", "y1", "z1"]);

/**
 * The segments of a table.
 * @param {Table} table
 * @returns {Segments}
 */
export function segmentsOf({ names, rows }) {
  const places = ["x0", "y0", "z0", "x1", "y1", "z1"].map((name) => names.indexOf(name));
  const ends = Float64Array.from(rows.flatMap((row) => places.map((place) => Number(row[place]))));
  for (let d = 0; d < 3; d++) {
    const found = range(ends.filter((_, i) => i % 3 === d)) ?? [0, 0];
    for (let i = d; i < ends.length; i += 3) ends[i] -= (found[0] + found[1]) / 2;
  }
  let reach = 1;
  for (let i = 0; i < ends.length; i += 3)
    reach = Math.max(reach, Math.hypot(ends[i], ends[i + 1], ends[i + 2]));
  const diam = names.indexOf("diam");
  return {
    count: rows.length,
    ends,
    diam: Float64Array.from(rows, (row) => Number(row[diam])),
    reach,
  };
}

/**
 * The columns that can colour the segments: those that are not all the same.
 * @param {Table} table
 * @returns {string[]}
 */
export function paintable({ names, rows }) {
  return names.filter(
    (name, n) =>
      !NEITHER.has(name) &&
      (name === "region" || name === "diam" || rows.some((row) => row[n] !== rows[0][n])),
  );
}

/**
 * The values of a column, of texts their places.
 * @param {Table} table
 * @param {string} name
 * @returns {{values: number[], texts: string[]|null}}
 */
export function painted({ names, rows }, name) {
  const cells = rows.map((row) => row[names.indexOf(name)] ?? "");
  if (cells.every((cell) => cell === "" || !Number.isNaN(Number(cell)))) {
    return { values: cells.map((cell) => (cell === "" ? NaN : Number(cell))), texts: null };
  }
  const found = [...new Set(cells)];
  const texts = found.map((cell) => cell || "no region");
  return { values: cells.map((cell) => found.indexOf(cell)), texts };
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {CellView} view
 */
export function draw(painter, theme, view) {
  const { segments, values } = view;
  const middle = [painter.width / 2, (painter.height - 50) / 2];
  const zoom =
    (view.size * (Math.min(painter.width, painter.height - 50) / 2 - 10)) / segments.reach;
  const points = turned(segments.ends, view.yaw, view.pitch);
  const order = Array.from({ length: segments.count }, (_, i) => i);
  order.sort(
    (a, b) => points[6 * a + 2] + points[6 * a + 5] - points[6 * b + 2] - points[6 * b + 5],
  );
  const ends = view.ends ?? range(values);
  const colourOf = (/** @type {number} */ i) => {
    if (Number.isNaN(values[i]) || !ends) return theme.undefined;
    if (view.texts) return classColour(values[i]);
    return ramp(ends[1] > ends[0] ? (values[i] - ends[0]) / (ends[1] - ends[0]) : 0.5);
  };
  for (const i of order) {
    const [x0, y0, , x1, y1] = points.subarray(6 * i, 6 * i + 6);
    painter.line(
      [middle[0] + x0 * zoom, middle[0] + x1 * zoom],
      [middle[1] - y0 * zoom, middle[1] - y1 * zoom],
      colourOf(i),
      Math.max(1, segments.diam[i] * zoom),
    );
  }
  bar(painter, theme, zoom);
  key(painter, theme, view, ends);
}

/**
 * Points seen from the side: about the vertical, then about the horizontal.
 * @param {Float64Array} ends
 * @param {number} yaw
 * @param {number} pitch
 * @returns {Float64Array} x to the right, y upwards, z towards the eye
 */
export function turned(ends, yaw, pitch) {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const found = new Float64Array(ends.length);
  for (let i = 0; i < ends.length; i += 3) {
    const x = ends[i] * cy + ends[i + 2] * sy;
    const z = ends[i + 2] * cy - ends[i] * sy;
    found[i] = x;
    found[i + 1] = ends[i + 1] * cp - z * sp;
    found[i + 2] = ends[i + 1] * sp + z * cp;
  }
  return found;
}

/**
 * A bar of a round length.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {number} zoom pixels a um
 */
function bar(painter, theme, zoom) {
  const power = 10 ** Math.floor(Math.log10(120 / zoom));
  const length = [5, 2, 1].map((f) => f * power).find((l) => l * zoom <= 120) ?? power;
  const [right, y] = [painter.width - 14, 20];
  painter.line([right - length * zoom, right], [y, y], theme.ink, 2);
  painter.text(right, y - 10, `${text(length)} µm`, { fill: theme.ink, align: "right" });
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {CellView} view
 * @param {[number, number]|null} ends
 */
function key(painter, theme, view, ends) {
  const top = painter.height - 44;
  let left = 12;
  if (view.texts) {
    view.texts.slice(0, 10).forEach((word, n) => {
      painter.rect(left, top + 2, 12, 12, classColour(n));
      painter.text(left + 18, top + 8, word, { fill: theme.ink });
      left += 34 + word.length * 7.5;
    });
    return;
  }
  if (!ends) return;
  for (let i = 0; i < 160; i++) painter.rect(left + i, top, 1.5, 10, ramp(i / 160));
  painter.text(left, top + 20, text(ends[0]), { fill: theme.ink });
  painter.text(left + 160, top + 20, text(ends[1]), { fill: theme.ink, align: "right" });
  painter.text(left + 174, top + 5, view.label, { fill: theme.quiet });
}
