/** The cells in three dimensions: turned by mouse and keys, coloured by a column of the table. */
import { fill, h } from "./dom.js";
import { paintable, painted, segmentsOf } from "./morphology.js";
import { Turning } from "./turning.js";

/** @typedef {import("./map_view.js").App} App */

export class CellView {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   * @param {import("./csv.js").Table} table
   */
  constructor(app, place, table) {
    this.app = app;
    this.table = table;
    this.segments = segmentsOf(table);
    this.columns = paintable(table);
    this.menu = h("select", {
      id: "paint",
      onchange: () => app.change({ paint: this.menu.value }),
    });
    const name = () => `${app.sweep.about.sweep}_cells`;
    this.turning = new Turning("cells", name, () => this.view());
    place.append(
      h("div", { class: "menus" }, h("label", {}, h("span", {}, "Colour"), this.menu)),
      this.turning.plot,
      h(
        "div",
        { class: "foot" },
        h(
          "p",
          { class: "note", id: "cells-help" },
          "As built in the first simulation. Drag or arrow keys turn, + − zoom, 0 as it was.",
        ),
        h("div", { class: "buttons" }, ...this.turning.figure.buttons()),
      ),
    );
  }

  get paint() {
    const { paint } = this.app.selection;
    return this.columns.includes(paint) ? paint : this.columns[0];
  }

  view() {
    const unit = this.app.sweep.about.units[this.paint];
    const label = unit ? `${this.paint} (${unit})` : this.paint;
    return { segments: this.segments, ...painted(this.table, this.paint), label };
  }

  update() {
    fill(
      this.menu,
      this.columns.map((name) => [name, name]),
      this.paint,
    );
    this.turning.plot.setAttribute(
      "aria-label",
      `the cells in space, ${this.segments.count} segments, coloured by ${this.paint}`,
    );
    this.turning.figure.draw();
  }
}
