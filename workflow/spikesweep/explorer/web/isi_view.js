/** The histogram of interspike intervals of the picked simulation, at its first spike site. */
import { draw } from "./barplot.js";

/**
 * @param {import("./painter.js").Painter} painter
 * @param {import("./colours.js").Theme} theme
 * @param {{values: number[], colour: string}[]} intervals the picked simulation's first
 * @param {{name: string}[]} sites of which the first is shown
 */
export function drawBars(painter, theme, intervals, sites) {
  draw(painter, theme, {
    values: intervals[0]?.values ?? [],
    label: `interspike interval${sites.length > 1 ? ` at ${sites[0].name}` : ""} (ms)`,
    colour: theme.accent,
    chosen: null,
    empty: "fewer than two spikes",
    small: false,
  });
}
