/** What colours a simulation on the map, and the legend that says so. */
import { classColour, ramp } from "./colours.js";
import { range, scale, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */
/** @typedef {import("./sweep.js").Sweep} Sweep */
/** @typedef {import("./sweep.js").Column} Column */

export const LEFT = 64;
export const BAR = 58;
export const SMALL = 12;

/**
 * @typedef {object} Colouring
 * @property {(i: number, theme: Theme) => string|null} of a simulation; null where undefined; the
 *   paper's, of what is not above 0 on a logarithmic scale
 * @property {(i: number) => number} part of the way from least to greatest
 * @property {[number, number]|null} ends
 * @property {boolean} log
 */

/**
 * Whether a column has values of which a logarithm can be taken.
 * @param {Column} column
 */
export function canLog(column) {
  return !column.texts && column.numbers.some((value) => value > 0 && Number.isFinite(value));
}

/**
 * The colours of a column among simulations.
 * @param {Column} column
 * @param {number[]} members
 * @param {boolean} asksLog
 * @returns {Colouring}
 */
export function colouring(column, members, asksLog) {
  if (column.texts) {
    return { of: (i) => classColour(column.numbers[i]), part: () => 0, ends: null, log: false };
  }
  const values = members.map((i) => column.numbers[i]);
  const ends = range(asksLog ? values.filter((value) => value > 0) : values);
  const log = asksLog && ends !== null;
  const along = scale(ends ?? [0, 1], [0, 1], log);
  const part = (/** @type {number} */ i) => along.to(column.numbers[i]);
  const of = (/** @type {number} */ i, /** @type {Theme} */ theme) => {
    const value = column.numbers[i];
    if (!Number.isFinite(value)) return null;
    return log && value <= 0 ? theme.paper : ramp(part(i));
  };
  return { of, part, ends, log };
}

/**
 * A text that takes no more than a width, about.
 * @param {string} words
 * @param {number} width
 */
export function fitted(words, width) {
  const most = Math.max(4, Math.floor(width / 6.3));
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

/**
 * What the colours mean, and what a hatch and a grey mean where there are some.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Sweep} sweep
 * @param {Column} column
 * @param {Colouring} colours
 * @param {number[]} members
 * @param {number} height
 */
export function legend(painter, theme, sweep, column, colours, members, height) {
  const top = height - BAR + 6;
  let left = LEFT;
  const style = { fill: theme.ink, size: SMALL };
  const entry = (/** @type {string} */ words, /** @type {() => void} */ box) => {
    box();
    painter.text(left + 20, top + 8, words, style);
    left += 34 + words.length * 7;
  };
  if (column.texts) {
    column.texts.forEach((word, n) => {
      if (n < 10)
        entry(fitted(word, 140), () => painter.rect(left, top + 1, 14, 14, classColour(n)));
    });
    return;
  }
  if (colours.ends) {
    const width = Math.min(200, painter.width * 0.4);
    for (let i = 0; i < width; i++) painter.rect(left + i, top, 1.5, 12, ramp(i / width));
    if (colours.log) middleOf(painter, style, colours.ends, left + width / 2, top + 23);
    painter.text(left, top + 23, text(colours.ends[0]), style);
    painter.text(left + width, top + 23, text(colours.ends[1]), { ...style, align: "right" });
    painter.text(
      left,
      top + 41,
      fitted(colours.log ? `${column.label}, log` : column.label, painter.width - left),
      {
        fill: theme.quiet,
        size: SMALL,
      },
    );
    left += width + 24;
  }
  const isFailed = (/** @type {number} */ i) => sweep.status(i) !== "ok";
  if (members.some(isFailed)) {
    entry("failed", () => painter.hatch(left, top + 1, 14, 14, theme.failed, theme.hatch));
  }
  if (members.some((i) => !isFailed(i) && Number.isNaN(column.numbers[i]))) {
    entry("undefined", () => painter.rect(left, top + 1, 14, 14, theme.undefined));
  }
  if (colours.log && members.some((i) => !isFailed(i) && column.numbers[i] <= 0)) {
    entry("0 or below", () => {
      painter.rect(left, top + 1, 14, 14, theme.paper);
      painter.frame(left, top + 1, 14, 14, theme.ink);
    });
  }
}

/**
 * The value in the middle of a logarithmic scale, which shows that it is one.
 * @param {Painter} painter
 * @param {import("./painter.js").TextStyle} style
 * @param {[number, number]} ends
 * @param {number} x
 * @param {number} y
 */
function middleOf(painter, style, ends, x, y) {
  painter.text(x, y, text(Math.sqrt(ends[0] * ends[1]), 2), { ...style, align: "center" });
}
