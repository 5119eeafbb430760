/** Histograms of interspike intervals: one a spike site, of the picked simulation and the pins. */
import { histogram, scale, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */

/**
 * @typedef {object} SiteIntervals
 * @property {string} site its name; "" where it is the only one
 * @property {{values: number[], colour: string|null}[]} series in ms; the picked one is the first,
 *   and has the theme's colour
 */

const ONE = 190;
const BINS = 30;

/**
 * @param {SiteIntervals[]} sites
 * @returns {number}
 */
export function heightOf(sites) {
  return ONE * Math.max(1, sites.length);
}

/**
 * All sites below each other, over one range of intervals, so that they can be compared.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {SiteIntervals[]} sites
 */
export function draw(painter, theme, sites) {
  const all = sites.flatMap(({ series }) => series.flatMap(({ values }) => values));
  sites.forEach((site, n) => drawSite(painter, theme, site, n * ONE, all));
}

/**
 * The picked simulation's as bars, the pins' as outlines over them.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {SiteIntervals} site
 * @param {number} top
 * @param {number[]} all the intervals of all sites
 */
function drawSite(painter, theme, { site, series }, top, all) {
  const counted = series.map(({ values, colour }) => ({
    ...histogram(values, BINS, all),
    colour: colour ?? theme.accent,
  }));
  const [{ start, width, counts }] = counted;
  const [left, right, bottom] = [64, painter.width - 14, top + ONE - 40];
  const most = Math.max(...counted.flatMap((one) => one.counts));
  if (!(most > 0)) {
    const words = `fewer than two spikes${site ? `, ${site}` : ""}`;
    const style = { fill: theme.quiet, align: /** @type {const} */ ("center") };
    painter.text(painter.width / 2, top + ONE / 2, words, style);
    return;
  }
  const x = scale([start, start + width * counts.length], [left, right]);
  const y = scale([0, most], [bottom, top + 16]);
  const label = `interspike interval${site ? `, ${site}` : ""} (ms)`;
  drawAxes(painter, theme, x, y, label);
  const edge = (/** @type {number} */ n) => x.to(start + n * width);
  counts.forEach((count, n) => {
    const wide = Math.max(1, edge(n + 1) - edge(n) - 1);
    if (count) painter.rect(edge(n) + 0.5, y.to(count), wide, bottom - y.to(count), theme.accent);
  });
  for (const pin of counted.slice(1)) {
    const high = (/** @type {number} */ n) => y.to(pin.counts[n] ?? 0);
    const outline = pin.counts.flatMap((count, n) =>
      count
        ? [
            [edge(n), high(n - 1)],
            [edge(n), high(n)],
            [edge(n + 1), high(n)],
            [edge(n + 1), high(n + 1)],
          ]
        : [[NaN, NaN]],
    );
    painter.line(
      outline.map(([px]) => px),
      outline.map(([, py]) => py),
      pin.colour,
      2,
    );
  }
  painter.line([left, right], [bottom, bottom], theme.quiet);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {import("./numbers.js").Scale} x
 * @param {import("./numbers.js").Scale} y
 * @param {string} label
 */
function drawAxes(painter, theme, x, y, label) {
  const [left, right] = x.places;
  const [bottom, top] = y.places;
  for (const value of y.ticks(3).filter(Number.isInteger)) {
    painter.line([left, right], [y.to(value), y.to(value)], theme.line);
    painter.text(left - 7, y.to(value), text(value), { fill: theme.ink, align: "right" });
  }
  for (const value of x.ticks((right - left) / 70)) {
    painter.text(x.to(value), bottom + 11, text(value), { fill: theme.ink, align: "center" });
  }
  const quiet = { fill: theme.quiet, align: /** @type {const} */ ("center") };
  painter.text(left - 48, (bottom + top) / 2, "number", { ...quiet, turn: -90 });
  painter.text((left + right) / 2, bottom + 32, label, quiet);
}
