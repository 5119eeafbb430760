/** Traces and spikes over time, one row each, all with one time axis, zoom and cursor. */
import { range, scale, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */

/**
 * @typedef {object} Curve
 * @property {Float64Array} times ascending; NaN after the last
 * @property {Float32Array|Float64Array} values
 * @property {string} colour
 */

/**
 * @typedef {object} TraceRow
 * @property {string} title
 * @property {string} unit
 * @property {Curve[]} curves
 */

/**
 * @typedef {object} SpikeRow
 * @property {string} title
 * @property {{times: Float64Array, colour: string, place?: number}[]} trains of which simulation
 *   shown, by its place
 */

/**
 * @typedef {object} TimeView
 * @property {TraceRow[]} traces
 * @property {SpikeRow[]} spikes
 * @property {[number, number]} zoom from and to, in ms
 * @property {number|null} cursor in ms
 * @property {[number, number]|null} window of the statistics
 */

export const LEFT = 64;
export const RIGHT = 14;
const ROW = 150;
const TRAIN = 14;
const TITLE = 22;
const AXIS = 40;
const CHARACTER = 7.2; // px, of a title

/** @param {TimeView} view */
export function heightOf(view) {
  const spikes = view.spikes.reduce((sum, row) => sum + TITLE + TRAIN * row.trains.length + 6, 0);
  return view.traces.length * ROW + spikes + AXIS;
}

/**
 * The scale of time.
 * @param {TimeView} view
 * @param {number} width
 */
export function timeScale(view, width) {
  return scale(view.zoom, [LEFT, Math.max(LEFT + 1, width - RIGHT)]);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 */
export function draw(painter, theme, view) {
  const x = timeScale(view, painter.width);
  let top = 0;
  for (const row of view.traces) {
    traceRow(painter, theme, view, row, x, top);
    top += ROW;
  }
  for (const row of view.spikes) {
    spikeRow(painter, theme, view, row, x, top);
    top += TITLE + TRAIN * row.trains.length + 6;
  }
  timeAxis(painter, theme, view, x, top);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 * @param {TraceRow} row
 * @param {import("./numbers.js").Scale} x
 * @param {number} top
 */
function traceRow(painter, theme, view, row, x, top) {
  const parts = row.curves.map((curve) => ({ ...curve, part: between(curve.times, view.zoom) }));
  const ends = range(parts.flatMap(({ values, part }) => range(values.subarray(...part)) ?? []));
  const [left, right] = [x.places[0], x.places[1]];
  const most = Math.floor((right - left) / CHARACTER);
  const title = row.title.length > most ? `${row.title.slice(0, most - 1)}…` : row.title;
  painter.text(LEFT, top + TITLE / 2, view.cursor === null ? title : title.split(":")[0], {
    fill: theme.ink,
    bold: true,
  });
  const [above, below] = [top + TITLE, top + ROW - 8];
  if (!ends) {
    painter.text((left + right) / 2, (above + below) / 2, "no samples", {
      fill: theme.quiet,
      align: "center",
    });
    return;
  }
  const pad = (ends[1] - ends[0]) * 0.06 || Math.abs(ends[0]) * 0.06 || 0.5;
  const y = scale([ends[0] - pad, ends[1] + pad], [below, above]);
  for (const value of y.ticks(4)) {
    const place = y.to(value);
    painter.line([left, right], [place, place], theme.line);
    painter.text(left - 7, place, text(value), { fill: theme.ink, align: "right" });
  }
  painter.text(left - 54, (above + below) / 2, row.unit, {
    fill: theme.quiet,
    align: "center",
    turn: -90,
  });
  painter.clip(left, above, right - left, below - above, () => {
    for (const { times, values, colour, part } of [...parts].reverse()) {
      const [xs, ys] = reduced(times, values, part, x, y);
      painter.line(xs, ys, colour, 1.4);
    }
    cursorLine(painter, theme, view, x, above, below);
  });
  readout(painter, theme, view, row, x, top);
}

/**
 * The values of each curve at the cursor: beside the title where they fit, else one below the other
 * on the side where the cursor is not.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 * @param {TraceRow} row
 * @param {import("./numbers.js").Scale} x
 * @param {number} top
 */
function readout(painter, theme, view, row, x, top) {
  const { cursor } = view;
  if (cursor === null) return;
  const [left, right] = x.places;
  const values = row.curves.map((curve) => `${text(valueAt(curve, cursor), 5)} ${row.unit}`);
  const widths = values.map((words) => words.length * CHARACTER + 10);
  const free = right - left - (row.title.split(":")[0].length + 1) * CHARACTER;
  const fit = widths.reduce((sum, width) => sum + width, 0) <= free;
  const line = (ROW - TITLE - 8) / Math.max(8, values.length);
  const width = Math.max(...widths);
  const end = fit || x.to(cursor) < (left + right) / 2 ? right : left + width;
  if (!fit) painter.rect(end - width, top + TITLE, width, line * values.length, theme.paper);
  row.curves.forEach(({ colour }, n) => {
    const place = fit
      ? [end - widths.slice(n + 1).reduce((sum, one) => sum + one, 0), top + TITLE / 2]
      : [end - 4, top + TITLE + (n + 0.5) * line];
    painter.text(place[0], place[1], values[n], { fill: colour, align: "right", bold: true });
  });
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 * @param {SpikeRow} row
 * @param {import("./numbers.js").Scale} x
 * @param {number} top
 */
function spikeRow(painter, theme, view, row, x, top) {
  painter.text(LEFT, top + TITLE / 2, row.title, { fill: theme.ink, bold: true });
  const [left, right] = [x.places[0], x.places[1]];
  const height = TRAIN * row.trains.length;
  painter.clip(left, top + TITLE, right - left, height, () => {
    row.trains.forEach(({ times, colour }, n) => {
      const y = top + TITLE + n * TRAIN;
      for (const time of times) {
        if (time >= view.zoom[0] && time <= view.zoom[1]) {
          const place = x.to(time);
          painter.line([place, place], [y + 1, y + TRAIN - 2], colour, 1.4);
        }
      }
    });
    cursorLine(painter, theme, view, x, top + TITLE, top + TITLE + height);
  });
  row.trains.forEach(({ times, colour }, n) => {
    const y = top + TITLE + (n + 0.5) * TRAIN;
    painter.text(left - 7, y, String(times.length), { fill: colour, align: "right" });
  });
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 * @param {import("./numbers.js").Scale} x
 * @param {number} top
 * @param {number} bottom
 */
function cursorLine(painter, theme, view, x, top, bottom) {
  if (view.cursor === null) return;
  const place = x.to(view.cursor);
  painter.line([place, place], [top, bottom], theme.accent, 1);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {TimeView} view
 * @param {import("./numbers.js").Scale} x
 * @param {number} top
 */
function timeAxis(painter, theme, view, x, top) {
  const [left, right] = [x.places[0], x.places[1]];
  painter.line([left, right], [top + 2, top + 2], theme.quiet);
  if (view.window) {
    const [from, to] = view.window.map((time) => Math.min(right, Math.max(left, x.to(time))));
    painter.rect(from, top, to - from, 4, theme.quiet);
  }
  for (const value of x.ticks((right - left) / 80)) {
    const place = x.to(value);
    painter.line([place, place], [top + 2, top + 7], theme.quiet);
    painter.text(place, top + 16, text(value, 6), { fill: theme.ink, align: "center" });
  }
  painter.text((left + right) / 2, top + 32, "time (ms)", { fill: theme.quiet, align: "center" });
  if (view.cursor !== null) {
    const place = Math.min(right - 30, Math.max(left + 30, x.to(view.cursor)));
    const words = `${text(view.cursor, 6)} ms`;
    painter.rect(place - words.length * 4 - 3, top + 8, words.length * 8 + 6, 17, theme.paper);
    painter.text(place, top + 16, words, { fill: theme.accent, align: "center", bold: true });
  }
}

/**
 * From which sample to which times lie within a zoom, with one more at each end.
 * @param {Float64Array} times
 * @param {[number, number]} zoom
 * @returns {[number, number]}
 */
export function between(times, zoom) {
  return [
    Math.max(0, firstFrom(times, zoom[0]) - 1),
    Math.min(times.length, firstFrom(times, zoom[1]) + 2),
  ];
}

/**
 * The first sample that is not before a time.
 * @param {Float64Array} times ascending, NaN after the last
 * @param {number} time
 * @returns {number}
 */
function firstFrom(times, time) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The value of the sample next to a time.
 * @param {Curve} curve
 * @param {number} time
 * @returns {number}
 */
export function valueAt({ times, values }, time) {
  const after = firstFrom(times, time);
  const before = Math.max(0, after - 1);
  const isNearer = after >= times.length || !(times[after] - time < time - times[before]);
  return values[isNearer ? before : after] ?? NaN;
}

/**
 * A curve's places on the screen: of many samples in one column of pixels the first, the least, the
 * greatest and the last, so that no peak is lost.
 * @param {Float64Array} times
 * @param {Float32Array|Float64Array} values
 * @param {[number, number]} part
 * @param {import("./numbers.js").Scale} x
 * @param {import("./numbers.js").Scale} y
 * @returns {[number[], number[]]}
 */
export function reduced(times, values, [from, to], x, y) {
  /** @type {number[]} */
  const xs = [];
  /** @type {number[]} */
  const ys = [];
  const add = (/** @type {number} */ i) => {
    xs.push(x.to(times[i]));
    ys.push(y.to(values[i]));
  };
  if (to - from < 3 * (x.places[1] - x.places[0])) {
    for (let i = from; i < to; i++) add(i);
    return [xs, ys];
  }
  for (let i = from; i < to;) {
    const column = Math.floor(x.to(times[i]) * 2);
    let [low, high, last] = [i, i, i];
    for (let j = i; j < to && Math.floor(x.to(times[j]) * 2) === column; j++) {
      if (values[j] < values[low]) low = j;
      if (values[j] > values[high]) high = j;
      last = j;
    }
    for (const k of [...new Set([i, Math.min(low, high), Math.max(low, high), last])]) add(k);
    i = last + 1;
  }
  return [xs, ys];
}
