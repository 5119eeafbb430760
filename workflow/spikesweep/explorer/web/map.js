/** The map of a sweep: where each simulation stands, as a heat map of a grid or as a scatter. */
import { classColour } from "./colours.js";
import { BAR, LEFT, SMALL, colouring, fitted, legend } from "./legend.js";
import { range, scale, text, wantsLog } from "./numbers.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */
/** @typedef {import("./sweep.js").Sweep} Sweep */
/** @typedef {import("./sweep.js").Column} Column */
/** @typedef {import("./legend.js").Colouring} Colouring */

/**
 * What the map is to show.
 * @typedef {object} View
 * @property {Column} colour
 * @property {Column} x
 * @property {Column|null} y
 * @property {string} across an axis, "" for none
 * @property {Record<string, number>} at axis -> place of the picked simulation's value
 * @property {boolean} log whether colours are by the logarithm
 * @property {(i: number) => boolean} passes the filter
 */

/**
 * A panel, and where on the drawing it lies.
 * @typedef {object} Panel
 * @property {string} title
 * @property {number[]} members simulations
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * @typedef {object} Layout
 * @property {number} height
 * @property {(painter: Painter, theme: Theme) => void} draw all but the marks
 * @property {(painter: Painter, theme: Theme, picked: number, pins: number[]) => void} mark
 * @property {(x: number, y: number) => number} hit the simulation there, -1 for none
 * @property {(from: number, dx: number, dy: number) => number} move the simulation beside one
 * @property {number} rows
 * @property {number} columns
 * @property {(i: number) => [number, number]} cell row and column of a simulation, from 1
 */

const RIGHT = 14;
const TOP = 26;
const BOTTOM = 46;

/**
 * Whether two axes of a grid make a heat map.
 * @param {Sweep} sweep
 * @param {View} view
 */
export function isHeatmap(sweep, view) {
  return sweep.isGrid && view.x.kind === "axis" && view.y?.kind === "axis" && view.x !== view.y;
}

/**
 * The layout of the map for a width.
 * @param {Sweep} sweep
 * @param {View} view
 * @param {number} width
 * @returns {Layout}
 */
export function layout(sweep, view, width) {
  return isHeatmap(sweep, view) ? heatmap(sweep, view, width) : scatter(sweep, view, width);
}

/**
 * The simulations of each panel: all, or of each value of an axis those that have it.
 * @param {Sweep} sweep
 * @param {View} view
 * @returns {{title: string, members: number[]}[]}
 */
export function split(sweep, view) {
  const free = new Set([view.x.id, view.y?.id, view.across]);
  const fixed = sweep.axes
    .map((axis, n) => ({ n, place: view.at[axis.name] }))
    .filter(({ n }) => isHeatmap(sweep, view) && !free.has(sweep.axes[n].name));
  /** @type {number[]} */
  const all = [];
  for (let i = 0; i < sweep.count; i++) {
    if (fixed.every(({ n, place }) => sweep.places[n][i] === place)) all.push(i);
  }
  const n = sweep.axes.findIndex((axis) => axis.name === view.across);
  if (n < 0) return [{ title: "", members: all }];
  const column = sweep.columns[n];
  return sweep.orders[n]
    .map((place) => all.filter((i) => sweep.places[n][i] === place))
    .filter((members) => members.length)
    .map((members) => ({ title: `${column.name} ${sweep.words(column, members[0])}`, members }));
}

/**
 * Panels side by side, as many as fit.
 * @param {{title: string, members: number[]}[]} parts
 * @param {number} width
 * @param {(width: number) => number} heightOf a panel's inside
 * @returns {{panels: Panel[], height: number}}
 */
function arranged(parts, width, heightOf) {
  const least = parts.length > 1 ? 230 : width;
  const across = Math.max(1, Math.min(parts.length, Math.floor(width / least)));
  const whole = width / across;
  const within = Math.max(60, whole - LEFT - RIGHT);
  const height = heightOf(within);
  const panels = parts.map((part, n) => ({
    ...part,
    left: (n % across) * whole + LEFT,
    top: Math.floor(n / across) * (height + TOP + BOTTOM) + TOP,
    width: within,
    height,
  }));
  return { panels, height: Math.ceil(parts.length / across) * (height + TOP + BOTTOM) + BAR };
}

/**
 * @param {Sweep} sweep
 * @param {View} view
 * @param {number} width
 * @returns {Layout}
 */
function heatmap(sweep, view, width) {
  const y = /** @type {Column} */ (view.y);
  const [nx, ny] = [view.x, y].map((column) => sweep.columns.indexOf(column));
  const [orderX, orderY] = [sweep.orders[nx], sweep.orders[ny]];
  const ranks = [orderX, orderY].map((order) => {
    const rank = new Int32Array(order.length);
    order.forEach((place, k) => (rank[place] = k));
    return rank;
  });
  const parts = split(sweep, view);
  const { panels, height } = arranged(parts, width, (within) =>
    Math.max(
      90,
      Math.min(
        parts.length > 1 ? 240 : 420,
        (within / orderX.length) * orderY.length,
        orderY.length * 64,
      ),
    ),
  );
  const all = parts.flatMap((part) => part.members);
  const colours = colouring(view.colour, all, view.log);
  const cellOf = (/** @type {number} */ i) => [
    ranks[0][sweep.places[nx][i]],
    ranks[1][sweep.places[ny][i]],
  ];
  const boxOf = (/** @type {Panel} */ panel, /** @type {number} */ i) => {
    const [column, row] = cellOf(i);
    const [w, h] = [panel.width / orderX.length, panel.height / orderY.length];
    return [panel.left + column * w, panel.top + panel.height - (row + 1) * h, w, h];
  };
  return {
    height,
    rows: orderY.length,
    columns: orderX.length,
    cell: (i) => {
      const [column, row] = cellOf(i);
      return [orderY.length - row, column + 1];
    },
    hit(px, py) {
      const panel = panels.find((p) => inside(p, px, py));
      if (!panel) return -1;
      const column = Math.floor(((px - panel.left) / panel.width) * orderX.length);
      const row = orderY.length - 1 - Math.floor(((py - panel.top) / panel.height) * orderY.length);
      return (
        panel.members.find((i) => {
          const [ownColumn, ownRow] = cellOf(i);
          return ownColumn === column && ownRow === row;
        }) ?? -1
      );
    },
    move: (from, dx, dy) => sweep.neighbour(from, dx ? nx : ny, dx || dy),
    mark(painter, theme, picked, pins) {
      for (const panel of panels) {
        marks(painter, theme, panel, picked, pins, (i) => {
          const [left, top, w, h] = boxOf(panel, i);
          return { left, top, w, h };
        });
      }
    },
    draw(painter, theme) {
      for (const panel of panels) {
        heading(painter, theme, panel);
        for (const i of panel.members) {
          const [left, top, w, h] = boxOf(panel, i);
          const gap = w > 8 && h > 8 ? 0.5 : 0;
          cell(painter, theme, sweep, view, colours, i, [
            left + gap,
            top + gap,
            w - 2 * gap,
            h - 2 * gap,
          ]);
        }
        bandLabels(painter, theme, view.x, sweep.axes[nx].values, orderX, panel, false);
        bandLabels(painter, theme, y, sweep.axes[ny].values, orderY, panel, true);
      }
      legend(painter, theme, sweep, view.colour, colours, all, height);
    },
  };
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Sweep} sweep
 * @param {View} view
 * @param {Colouring} colours
 * @param {number} i
 * @param {number[]} box
 */
function cell(painter, theme, sweep, view, colours, i, [left, top, w, h]) {
  const failed = view.colour.kind === "statistic" && sweep.status(i) !== "ok";
  const fill = colours.of(i, theme);
  if (failed) painter.hatch(left, top, w, h, theme.failed, theme.hatch);
  else painter.rect(left, top, w, h, fill ?? theme.undefined);
  if (!failed && fill && w > 46 && h > 20 && view.passes(i) && !view.colour.texts) {
    const shown = text(view.colour.numbers[i], 3);
    painter.text(left + w / 2, top + h / 2, shown, {
      fill: fill === theme.paper ? theme.ink : colours.part(i) > 0.55 ? "#111111" : "#ffffff",
      size: SMALL,
      align: "center",
    });
  }
  if (!view.passes(i)) painter.rect(left, top, w, h, `${theme.paper}cc`);
}

/**
 * @param {Sweep} sweep
 * @param {View} view
 * @param {number} width
 * @returns {Layout}
 */
function scatter(sweep, view, width) {
  const parts = split(sweep, view);
  const { panels, height } = arranged(parts, width, (within) =>
    Math.max(140, Math.min(parts.length > 1 ? 220 : 400, within * 0.62)),
  );
  const all = parts.flatMap((part) => part.members);
  const colours = colouring(view.colour, all, view.log);
  const ends = (/** @type {Column} */ column) => padded(column, all);
  const radius = sweep.count > 5000 ? 1.8 : sweep.count > 600 ? 2.8 : 4.5;
  const y = view.y ?? view.colour;
  const [endsX, endsY] = [ends(view.x), ends(y)];
  const scalesOf = new Map(
    panels.map((panel) => [
      panel,
      {
        x: scale(endsX.ends, [panel.left, panel.left + panel.width], endsX.log),
        y: scale(endsY.ends, [panel.top + panel.height - 12, panel.top], endsY.log),
      },
    ]),
  );
  const scales = (/** @type {Panel} */ panel) =>
    /** @type {{x: import("./numbers.js").Scale, y: import("./numbers.js").Scale}} */ (
      scalesOf.get(panel)
    );
  const placeOf = (/** @type {Panel} */ panel, /** @type {number} */ i) => {
    const s = scales(panel);
    const [vx, vy] = [view.x.numbers[i], y.numbers[i]];
    return [
      Number.isFinite(vx) ? s.x.to(vx) : panel.left - 5,
      Number.isFinite(vy) ? s.y.to(vy) : panel.top + panel.height - 4,
    ];
  };
  return {
    height,
    rows: 1,
    columns: sweep.count,
    cell: (i) => [1, i + 1],
    hit(px, py) {
      const panel = panels.find((p) => inside(p, px, py, 10));
      if (!panel) return -1;
      let [found, least] = [-1, 18 ** 2];
      for (const i of panel.members) {
        const [x, yy] = placeOf(panel, i);
        const apart = (x - px) ** 2 + (yy - py) ** 2;
        if (apart < least) [found, least] = [i, apart];
      }
      return found;
    },
    move: (from, dx, dy) => sweep.along(dx ? view.x : y, from, dx || dy),
    mark(painter, theme, picked, pins) {
      for (const panel of panels) {
        marks(painter, theme, panel, picked, pins, (i) => {
          const [px, py] = placeOf(panel, i);
          return { left: px - 8, top: py - 8, w: 16, h: 16 };
        });
      }
    },
    draw(painter, theme) {
      for (const panel of panels) {
        heading(painter, theme, panel);
        const s = scales(panel);
        scatterAxes(painter, theme, view.x, y, s, panel);
        for (const i of panel.members) {
          const [px, py] = placeOf(panel, i);
          const failed = sweep.status(i) !== "ok";
          const fill = failed && view.colour.kind === "statistic" ? null : colours.of(i, theme);
          const faded = view.passes(i) ? "" : "30";
          if (fill === theme.paper) painter.circle(px, py, radius, fill, `${theme.ink}${faded}`);
          else if (fill) painter.circle(px, py, radius, `${fill}${faded || "d8"}`);
          else if (failed) cross(painter, px, py, radius, `${theme.hatch}${faded}`);
          else painter.circle(px, py, radius, "none", `${theme.hatch}${faded}`);
        }
      }
      legend(painter, theme, sweep, view.colour, colours, all, height);
    },
  };
}

/**
 * @param {Column} column
 * @param {number[]} members
 * @returns {{ends: [number, number], log: boolean}}
 */
function padded(column, members) {
  if (column.texts) return { ends: [-0.5, column.texts.length - 0.5], log: false };
  const values = members.map((i) => column.numbers[i]).filter(Number.isFinite);
  const log = column.kind === "axis" && wantsLog(values);
  const [low, high] = range(values) ?? [0, 1];
  if (log) return { ends: [low / (high / low) ** 0.04, high * (high / low) ** 0.04], log };
  const pad = (high - low) * 0.05 || Math.abs(low) * 0.05 || 0.5;
  return { ends: [low - pad, high + pad], log };
}

/**
 * @param {Panel} panel
 * @param {number} x
 * @param {number} y
 * @param {number} [around]
 */
function inside(panel, x, y, around = 0) {
  return (
    x >= panel.left - around &&
    x < panel.left + panel.width + around &&
    y >= panel.top - around &&
    y < panel.top + panel.height + around
  );
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Panel} panel
 */
function heading(painter, theme, panel) {
  if (panel.title) {
    painter.text(panel.left, panel.top - 12, panel.title, {
      fill: theme.ink,
      size: SMALL,
      bold: true,
    });
  }
}

/**
 * Frames of the picked simulation and of the pins.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Panel} panel
 * @param {number} picked
 * @param {number[]} pins
 * @param {(i: number) => {left: number, top: number, w: number, h: number}} boxOf
 */
function marks(painter, theme, panel, picked, pins, boxOf) {
  const isHere = (/** @type {number} */ i) => panel.members.includes(i);
  pins.forEach((i, n) => {
    if (!isHere(i)) return;
    const { left, top, w, h } = boxOf(i);
    painter.frame(left + 1, top + 1, w - 2, h - 2, theme.paper, 4);
    painter.frame(left + 1, top + 1, w - 2, h - 2, classColour(n + 1), 2.5);
  });
  if (isHere(picked)) {
    const { left, top, w, h } = boxOf(picked);
    painter.frame(left, top, w, h, theme.paper, 5);
    painter.frame(left, top, w, h, theme.accent, 3);
  }
}

/**
 * Values along an axis of a heat map, so many as fit, and its name.
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Column} column
 * @param {(number|string)[]} values
 * @param {number[]} order
 * @param {Panel} panel
 * @param {boolean} isY
 */
function bandLabels(painter, theme, column, values, order, panel, isY) {
  const texts = order.map((place) => {
    const value = values[place];
    const shown = typeof value === "number" ? text(value) : value;
    return shown.length > (isY ? 9 : 14) ? `${shown.slice(0, isY ? 8 : 13)}…` : shown;
  });
  const size = (isY ? panel.height : panel.width) / order.length;
  const widest = isY ? 16 : Math.max(...texts.map((shown) => shown.length)) * 7 + 8;
  const every = Math.max(1, Math.ceil(widest / size));
  texts.forEach((shown, k) => {
    if (k % every) return;
    const middle = (k + 0.5) * size;
    if (isY) {
      painter.text(panel.left - 7, panel.top + panel.height - middle, shown, {
        fill: theme.ink,
        size: SMALL,
        align: "right",
      });
    } else {
      painter.text(panel.left + middle, panel.top + panel.height + 12, shown, {
        fill: theme.ink,
        size: SMALL,
        align: "center",
      });
    }
  });
  axisTitles(painter, theme, column, panel, isY);
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Column} column
 * @param {Panel} panel
 * @param {boolean} isY
 */
function axisTitles(painter, theme, column, panel, isY) {
  if (isY) {
    const shown = fitted(column.label, panel.height + 20);
    painter.text(panel.left - 54, panel.top + panel.height / 2, shown, {
      fill: theme.quiet,
      size: SMALL,
      align: "center",
      turn: -90,
    });
  } else {
    const shown = fitted(column.label, panel.width);
    painter.text(panel.left + panel.width / 2, panel.top + panel.height + 31, shown, {
      fill: theme.quiet,
      size: SMALL,
      align: "center",
    });
  }
}

/**
 * @param {Painter} painter
 * @param {Theme} theme
 * @param {Column} x
 * @param {Column} y
 * @param {{x: import("./numbers.js").Scale, y: import("./numbers.js").Scale}} scales
 * @param {Panel} panel
 */
function scatterAxes(painter, theme, x, y, scales, panel) {
  const bottom = panel.top + panel.height;
  painter.line(
    [panel.left, panel.left, panel.left + panel.width],
    [panel.top, bottom, bottom],
    theme.quiet,
  );
  const along = (
    /** @type {Column} */ c,
    /** @type {import("./numbers.js").Scale} */ s,
    /** @type {number} */ n,
  ) => (c.texts ? c.texts.map((_, place) => place) : s.ticks(n));
  const said = (/** @type {Column} */ c, /** @type {number} */ v) =>
    fitted(c.texts ? c.texts[v] : text(v), 60);
  for (const value of along(x, scales.x, panel.width / 80)) {
    const px = scales.x.to(value);
    painter.line([px, px], [panel.top, bottom], theme.line);
    painter.text(px, bottom + 12, said(x, value), {
      fill: theme.ink,
      size: SMALL,
      align: "center",
    });
  }
  for (const value of along(y, scales.y, panel.height / 50)) {
    const py = scales.y.to(value);
    painter.line([panel.left, panel.left + panel.width], [py, py], theme.line);
    painter.text(panel.left - 7, py, said(y, value), {
      fill: theme.ink,
      size: SMALL,
      align: "right",
    });
  }
  axisTitles(painter, theme, x, panel, false);
  axisTitles(painter, theme, y, panel, true);
}

/**
 * @param {Painter} painter
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} stroke
 */
function cross(painter, x, y, r, stroke) {
  painter.line([x - r, x + r], [y - r, y + r], stroke, 1.5);
  painter.line([x - r, x + r], [y + r, y - r], stroke, 1.5);
}
