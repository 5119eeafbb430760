/** The histogram of interspike intervals: of the picked simulation, with those of the pins. */
import { draw } from "./barplot.js";

/**
 * @param {import("./painter.js").Painter} painter
 * @param {import("./colours.js").Theme} theme
 * @param {{values: number[], colour: string}[]} intervals the picked simulation's first
 */
export function drawBars(painter, theme, intervals) {
  draw(painter, theme, {
    values: intervals[0]?.values ?? [],
    label: "interspike interval (ms)",
    colour: theme.accent,
    chosen: null,
    empty: "fewer than two spikes",
    small: false,
  });
}
