/** A filter by one column: a range that is brushed on its histogram, or one of its classes. */
import { draw, valueScale } from "./barplot.js";
import { fill, h } from "./dom.js";
import { Figure } from "./figure.js";

/** @typedef {import("./map_view.js").App} App */
/** @typedef {import("./sweep.js").Column} Column */

export class FilterView {
  /**
   * @param {App} app
   * @param {Column} column
   */
  constructor(app, column) {
    this.app = app;
    this.column = column;
    this.values = Array.from(column.numbers).filter(Number.isFinite);
    const remove = h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": `Remove the filter by ${column.name}`,
        onclick: () => this.remove(),
      },
      "×",
    );
    this.element = h(
      "fieldset",
      { class: "filter", "data-filter": column.id },
      h("legend", {}, column.label),
      ...(column.texts ? this.classes(column.texts) : this.range()),
      remove,
    );
  }

  /** @param {string[]} texts */
  classes(texts) {
    this.menu = h("select", {
      "aria-label": `${this.column.name} is`,
      onchange: () => this.choose(Number(this.menu?.value), Number(this.menu?.value)),
    });
    fill(
      this.menu,
      texts.map((word, n) => [String(n), word]),
      "0",
    );
    return [this.menu];
  }

  range() {
    const input = (/** @type {string} */ end) =>
      h("input", {
        type: "number",
        step: "any",
        class: end,
        "aria-label": `${end} ${this.column.name}`,
        placeholder: end,
        onchange: () =>
          this.choose(this.number(this.least, -Infinity), this.number(this.greatest, Infinity)),
      });
    this.least = input("least");
    this.greatest = input("greatest");
    const place = h("div", { class: "plot brush", "aria-hidden": "true" });
    this.figure = new Figure(place, {
      height: () => 74,
      draw: (painter, theme) => draw(painter, theme, this.view(theme.accent)),
      name: () => `${this.app.sweep.about.sweep}_${this.column.id}`,
    });
    this.listen(this.figure);
    return [place, this.least, this.greatest];
  }

  /** @param {string} colour */
  view(colour) {
    const chosen = this.app.selection.ranges[this.column.id] ?? null;
    return {
      values: this.values,
      colour,
      chosen,
      empty: "no values",
    };
  }

  /** @param {Figure} figure */
  listen(figure) {
    /** @type {number|null} */
    let from = null;
    const value = (/** @type {PointerEvent} */ event) => {
      const s = valueScale(this.view(""), figure.width);
      return Number(s.from(figure.placeOf(event)[0]).toPrecision(4));
    };
    figure.canvas.addEventListener("pointerdown", (event) => {
      from = value(event);
      figure.canvas.setPointerCapture(event.pointerId);
    });
    figure.canvas.addEventListener("pointermove", (event) => {
      if (from !== null) this.choose(Math.min(from, value(event)), Math.max(from, value(event)));
    });
    figure.canvas.addEventListener("pointerup", () => (from = null));
    figure.canvas.addEventListener("dblclick", () => this.choose(-Infinity, Infinity));
  }

  /**
   * @param {HTMLInputElement|undefined} input
   * @param {number} otherwise
   */
  number(input, otherwise) {
    return input && input.value !== "" ? Number(input.value) : otherwise;
  }

  /**
   * @param {number} least
   * @param {number} greatest
   */
  choose(least, greatest) {
    this.app.change({
      ranges: { ...this.app.selection.ranges, [this.column.id]: [least, greatest] },
    });
  }

  remove() {
    const ranges = { ...this.app.selection.ranges };
    delete ranges[this.column.id];
    this.app.change({ ranges });
    document.getElementById("filter-add")?.focus();
  }

  focus() {
    (this.menu ?? this.least)?.focus();
  }

  update() {
    const [least, greatest] = this.app.selection.ranges[this.column.id];
    if (this.menu) this.menu.value = String(least);
    const shown = (/** @type {number} */ value) => (Number.isFinite(value) ? String(value) : "");
    if (this.least && document.activeElement !== this.least) this.least.value = shown(least);
    if (this.greatest && document.activeElement !== this.greatest)
      this.greatest.value = shown(greatest);
    this.figure?.draw();
  }
}

/**
 * Whether a simulation is within all ranges; where a value is undefined, it is in none but of all.
 * @param {import("./sweep.js").Sweep} sweep
 * @param {Record<string, [number, number]>} ranges
 * @param {number} i
 */
export function passes(sweep, ranges, i) {
  return Object.entries(ranges).every(([id, [least, greatest]]) => {
    const value = sweep.byId?.get(id)?.numbers[i];
    if (value === undefined) return true;
    if (Number.isNaN(value)) return least === -Infinity && greatest === Infinity;
    return value >= least && value <= greatest;
  });
}
