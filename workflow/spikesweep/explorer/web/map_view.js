/** The map with its menus: picks by click and key, and says what is picked. */
import { fill, h, say } from "./dom.js";
import { Figure } from "./figure.js";
import { canLog } from "./legend.js";
import { isHeatmap, layout, split } from "./map.js";

/** @typedef {import("./sweep.js").Sweep} Sweep */
/** @typedef {import("./sweep.js").Column} Column */
/** @typedef {import("./map.js").View} View */

/**
 * What the views share.
 * @typedef {object} App
 * @property {Sweep} sweep
 * @property {import("./address.js").Selection} selection
 * @property {(changes: Partial<import("./address.js").Selection>) => void} change
 * @property {(i: number) => boolean} passes
 */

/** @typedef {{n: number, input: HTMLInputElement, title: HTMLElement, label: HTMLElement}} Slider */

export class MapView {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   */
  constructor(app, place) {
    this.app = app;
    /** @type {Slider[]} */
    this.sliders = [];
    this.chosen = "";
    /** @type {{width: number, of: unknown[], layout: import("./map.js").Layout}|null} */
    this.latest = null;
    this.menus = h("div", { class: "menus" });
    this.cell = h("div", { role: "gridcell", id: "map-cell", "aria-selected": "true" });
    this.row = h("div", { role: "row", class: "hidden" }, this.cell);
    this.grid = h("div", {
      role: "grid",
      tabindex: "0",
      id: "map-grid",
      class: "plot",
      "aria-label": "map of all simulations",
      "aria-activedescendant": "map-cell",
      "aria-describedby": "map-help",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    const holder = h("div", { class: "holder" }, this.grid, this.tip);
    this.figure = new Figure(this.grid, {
      height: (width) => this.layout(width).height,
      ground: (width) => {
        const found = this.layout(width);
        return { of: found, draw: found.draw };
      },
      draw: (painter, theme) => {
        const { picked, pins } = app.selection;
        this.layout(painter.width).mark(painter, theme, picked, pins);
      },
      name: () => `${app.sweep.about.sweep}_map`,
    });
    this.figure.canvas.addEventListener("click", (event) => this.onClick(event));
    this.figure.canvas.addEventListener("pointermove", (event) => this.onMove(event));
    this.figure.canvas.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.grid.append(this.row);
    const help = h(
      "p",
      { id: "map-help", class: "note" },
      "Arrow keys step to a neighbour, P pins.",
    );
    place.append(
      this.menus,
      holder,
      h("div", { class: "foot" }, help, h("div", { class: "buttons" }, ...this.figure.buttons())),
    );
    this.fillMenus();
  }

  /** @returns {View} */
  view() {
    const { sweep, selection } = this.app;
    const at = Object.fromEntries(
      sweep.axes.map((axis, n) => [axis.name, sweep.places[n][selection.picked]]),
    );
    return {
      colour: sweep.column(selection.colour),
      x: sweep.column(selection.x),
      y: selection.y ? sweep.column(selection.y) : null,
      across: selection.across,
      at,
      log: selection.log,
      passes: this.app.passes,
    };
  }

  /**
   * The layout for a width, which holds until something else than the pick is changed.
   * @param {number} width
   */
  layout(width) {
    const { selection } = this.app;
    const { colour, x, y, across, log, ranges } = selection;
    const sliders = this.sliders.map(({ n }) => this.app.sweep.places[n][selection.picked]);
    const of = [colour, x, y, across, log, ranges, ...sliders];
    const { latest } = this;
    if (latest?.width === width && latest.of.every((part, n) => part === of[n])) {
      return latest.layout;
    }
    const found = layout(this.app.sweep, this.view(), width);
    this.latest = { width, of, layout: found };
    return found;
  }

  /** Make the menus that fit what is chosen; none anew while they stay the same. */
  fillMenus() {
    const { sweep, selection } = this.app;
    const view = this.view();
    const chosen = [view.colour.id, view.x.id, view.y?.id, selection.across, selection.log].join(
      "\n",
    );
    if (chosen !== this.chosen) {
      this.chosen = chosen;
      const focused = document.activeElement?.id;
      this.menus.replaceChildren(...this.menusFor(view));
      if (focused?.startsWith("map-")) document.getElementById(focused)?.focus();
    }
    for (const { n, input, title } of this.sliders) {
      const place = sweep.places[n][selection.picked];
      const words = sweep.words(sweep.columns[n], selection.picked);
      input.value = String(sweep.orders[n].indexOf(place));
      input.setAttribute("aria-valuetext", words);
      title.textContent = `${sweep.columns[n].name}: ${words}`;
    }
  }

  /** @param {View} view */
  menusFor(view) {
    const { sweep, selection } = this.app;
    const options = sweep.columns.map(
      (column) => /** @type {[string, string]} */ ([column.id, column.label]),
    );
    const menus = [
      this.menu("colour", "Colour", options, view.colour.id),
      this.menu("x", "Across", options, view.x.id),
      this.menu("y", "Up", options, view.y?.id ?? view.colour.id),
    ];
    const shown = [view.x.id, view.y?.id];
    const others = options.slice(0, sweep.axes.length).filter(([id]) => !shown.includes(id));
    if (others.length) {
      menus.push(
        this.menu("across", "A panel for each", [["", "none"], ...others], selection.across),
      );
    }
    if (canLog(view.colour)) menus.push(this.logBox(selection.log));
    this.sliders = isHeatmap(sweep, view)
      ? others.filter(([id]) => id !== selection.across).map(([id]) => this.slider(id))
      : [];
    return [...menus, ...this.sliders.map(({ label }) => label)];
  }

  /**
   * @param {"colour"|"x"|"y"|"across"} name
   * @param {string} title
   * @param {[string, string][]} options
   * @param {string} chosen
   */
  menu(name, title, options, chosen) {
    const menu = h("select", {
      id: `map-${name}`,
      onchange: () => this.app.change({ [name]: menu.value }),
    });
    fill(menu, options, chosen);
    return h("label", {}, h("span", {}, title), menu);
  }

  /** @param {boolean} checked */
  logBox(checked) {
    const box = h("input", {
      type: "checkbox",
      id: "map-log",
      checked,
      onchange: () => this.app.change({ log: box.checked }),
    });
    return h("label", { class: "check" }, box, h("span", {}, "Colours by logarithm"));
  }

  /**
   * A slider over the values of an axis, of which the map shows the picked simulation's.
   * @param {string} id
   * @returns {Slider}
   */
  slider(id) {
    const { sweep } = this.app;
    const n = sweep.axes.findIndex((axis) => axis.name === id);
    const title = h("span", {});
    const input = h("input", {
      type: "range",
      id: `map-at-${id}`,
      min: "0",
      max: String(sweep.orders[n].length - 1),
      oninput: () => this.slide(n, sweep.orders[n][Number(input.value)]),
    });
    return { n, input, title, label: h("label", {}, title, input) };
  }

  /**
   * @param {number} n of the axis
   * @param {number} place
   */
  slide(n, place) {
    const { sweep, selection } = this.app;
    const places = sweep.places.map((column) => column[selection.picked]);
    places[n] = place;
    const there = sweep.at(places);
    if (there >= 0) this.app.change({ picked: there });
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const [x, y] = this.figure.placeOf(event);
    const i = this.layout(this.figure.width).hit(x, y);
    if (i >= 0) this.app.change({ picked: i });
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const [x, y] = this.figure.placeOf(event);
    const view = this.view();
    const i = this.layout(this.figure.width).hit(x, y);
    this.tip.hidden = i < 0;
    if (i < 0) return;
    this.tip.textContent = `${this.app.sweep.described(i, view.colour)} (simulation ${this.app.sweep.indexOf(i)})`;
    this.tip.style.left = `${Math.min(x + 12, Math.max(0, this.figure.width - 230))}px`;
    this.tip.style.top = `${y + 14}px`;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const i = this.layout(Math.max(300, this.figure.width)).move(
      this.app.selection.picked,
      ...step,
    );
    if (i >= 0) this.app.change({ picked: i });
    else say("no further simulation that way");
  }

  update() {
    const { sweep, selection } = this.app;
    const view = this.view();
    this.fillMenus();
    const found = this.layout(Math.max(300, this.figure.width));
    const [row, column] = found.cell(selection.picked);
    this.grid.setAttribute("aria-rowcount", String(found.rows));
    this.grid.setAttribute("aria-colcount", String(found.columns));
    this.row.setAttribute("aria-rowindex", String(row));
    this.cell.setAttribute("aria-colindex", String(column));
    this.cell.textContent = `simulation ${sweep.indexOf(selection.picked)}: ${sweep.described(selection.picked, view.colour)}`;
    this.figure.draw();
  }

  /** The simulations that the map shows. */
  shown() {
    return split(this.app.sweep, this.view()).flatMap((part) => part.members);
  }
}
