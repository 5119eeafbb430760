/** The cells in three dimensions: turned by mouse and keys, coloured by a column of the table. */
import { fill, h } from "./dom.js";
import { Figure } from "./figure.js";
import { draw, paintable, painted, segmentsOf } from "./morphology.js";

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
    this.turn = { yaw: 0, pitch: 0, size: 1 };
    this.menu = h("select", {
      id: "paint",
      onchange: () => app.change({ paint: this.menu.value }),
    });
    this.plot = h("div", {
      class: "plot turnable",
      id: "cells",
      tabindex: "0",
      role: "application",
      "aria-describedby": "cells-help",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.figure = new Figure(this.plot, {
      height: (width) => Math.max(260, Math.min(440, width * 0.8)),
      draw: (painter, theme) => draw(painter, theme, this.view()),
      name: () => `${app.sweep.about.sweep}_cells`,
    });
    place.append(
      h("div", { class: "menus" }, h("label", {}, h("span", {}, "Colour"), this.menu)),
      this.plot,
      h(
        "div",
        { class: "foot" },
        h(
          "p",
          { class: "note", id: "cells-help" },
          "As built in the first simulation. Drag or arrow keys turn, + − zoom, 0 as it was.",
        ),
        h("div", { class: "buttons" }, ...this.figure.buttons()),
      ),
    );
    this.listen();
  }

  get paint() {
    const { paint } = this.app.selection;
    return this.columns.includes(paint) ? paint : this.columns[0];
  }

  view() {
    const unit = this.app.sweep.about.units[this.paint];
    const label = unit ? `${this.paint} (${unit})` : this.paint;
    return { segments: this.segments, ...painted(this.table, this.paint), label, ...this.turn };
  }

  listen() {
    const canvas = this.figure.canvas;
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons) this.by(event.movementX / 150, event.movementY / 150, 1);
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.by(0, 0, event.deltaY > 0 ? 0.9 : 1.1);
      },
      { passive: false },
    );
  }

  /**
   * @param {number} yaw
   * @param {number} pitch
   * @param {number} factor
   */
  by(yaw, pitch, factor) {
    this.turn = {
      yaw: this.turn.yaw + yaw,
      pitch: this.turn.pitch + pitch,
      size: Math.min(40, Math.max(0.3, this.turn.size * factor)),
    };
    this.figure.draw();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {Record<string, [number, number, number]>} */
    const steps = {
      ArrowLeft: [-0.15, 0, 1],
      ArrowRight: [0.15, 0, 1],
      ArrowUp: [0, -0.15, 1],
      ArrowDown: [0, 0.15, 1],
      "+": [0, 0, 1.25],
      "=": [0, 0, 1.25],
      "-": [0, 0, 0.8],
    };
    if (event.key === "0") this.turn = { yaw: 0, pitch: 0, size: 1 };
    else if (!steps[event.key]) return;
    event.preventDefault();
    this.by(...(steps[event.key] ?? [0, 0, 1]));
  }

  update() {
    fill(
      this.menu,
      this.columns.map((name) => [name, name]),
      this.paint,
    );
    this.plot.setAttribute(
      "aria-label",
      `the cells in space, ${this.segments.count} segments, coloured by ${this.paint}`,
    );
    this.figure.draw();
  }
}
