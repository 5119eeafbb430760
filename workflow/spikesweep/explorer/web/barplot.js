/** The histogram of a column, on which a range is brushed. */
import { histogram, scale, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */

/**
 * @typedef {object} BarView
 * @property {number[]} values
 * @property {string} colour
 * @property {[number, number]|null} chosen
 * @property {string} empty what is said where there are no values
 */

const BINS = 40;

/**
 * The scale of the values, for a width.
 * @param {BarView} view
 * @param {number} width
 */
export function valueScale(view, width) {
  const bins = histogram(view.values, BINS);
  const end = bins.start + bins.width * Math.max(1, bins.counts.length);
  return scale([bins.start, end], [4, width - 4]);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {BarView} view
 */
export function draw(painter, theme, view) {
  const bins = histogram(view.values, BINS);
  const x = valueScale(view, painter.width);
  const [left, right] = x.places;
  const bottom = painter.height - 18;
  if (!bins.counts.length) {
    painter.text(painter.width / 2, painter.height / 2, view.empty, {
      fill: theme.quiet,
      align: "center",
    });
    return;
  }
  const y = scale([0, Math.max(...bins.counts)], [bottom, 4]);
  bins.counts.forEach((count, n) => {
    const start = bins.start + n * bins.width;
    const [from, to] = [x.to(start), x.to(start + bins.width)];
    const middle = start + bins.width / 2;
    const isOut = view.chosen && (middle < view.chosen[0] || middle > view.chosen[1]);
    const fill = isOut ? theme.undefined : view.colour;
    if (count)
      painter.rect(from + 0.5, y.to(count), Math.max(1, to - from - 1), bottom - y.to(count), fill);
  });
  painter.line([left, right], [bottom, bottom], theme.quiet);
  x.values.forEach((value, n) => {
    painter.text(x.to(value), bottom + 11, text(value), {
      fill: theme.ink,
      align: n ? "right" : "left",
      size: 11,
    });
  });
}
