/** Histograms: of interspike intervals, and of columns, on which ranges are chosen. */
import { histogram, scale, text } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */

/**
 * @typedef {object} BarView
 * @property {number[]} values
 * @property {string} label of the values
 * @property {string} colour
 * @property {[number, number]|null} chosen
 * @property {string} empty what is said where there are no values
 * @property {boolean} small
 */

/**
 * The scale of the values, for a width.
 * @param {BarView} view
 * @param {number} width
 */
export function valueScale(view, width) {
  const bins = histogram(view.values, view.small ? 40 : 30);
  const end = bins.start + bins.width * Math.max(1, bins.counts.length);
  return scale([bins.start, end], [view.small ? 4 : 64, width - (view.small ? 4 : 14)]);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {BarView} view
 */
export function draw(painter, theme, view) {
  const bins = histogram(view.values, view.small ? 40 : 30);
  const x = valueScale(view, painter.width);
  const [left, right] = x.places;
  const bottom = painter.height - (view.small ? 18 : 40);
  if (!bins.counts.length) {
    painter.text(painter.width / 2, painter.height / 2, view.empty, {
      fill: theme.quiet,
      align: "center",
    });
    return;
  }
  const y = scale([0, Math.max(...bins.counts)], [bottom, view.small ? 4 : 10]);
  if (!view.small) {
    for (const value of y.ticks(3).filter(Number.isInteger)) {
      painter.line([left, right], [y.to(value), y.to(value)], theme.line);
      painter.text(left - 7, y.to(value), text(value), { fill: theme.ink, align: "right" });
    }
    painter.text(left - 48, bottom / 2, "number", {
      fill: theme.quiet,
      align: "center",
      turn: -90,
    });
    painter.text((left + right) / 2, bottom + 32, view.label, {
      fill: theme.quiet,
      align: "center",
    });
  }
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
  const shown = view.small ? x.values : x.ticks((right - left) / 70);
  shown.forEach((value, n) => {
    const align = view.small ? (n ? "right" : "left") : "center";
    painter.text(x.to(value), bottom + 11, text(value), {
      fill: theme.ink,
      align,
      size: view.small ? 11 : 12,
    });
  });
}
