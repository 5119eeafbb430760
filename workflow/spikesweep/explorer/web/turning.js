/** A drawing of cells that mouse and keys turn and zoom. */
import { h } from "./dom.js";
import { Figure } from "./figure.js";
import { draw } from "./morphology.js";

/** @typedef {import("./morphology.js").CellView} CellView */

export class Turning {
  /**
   * @param {string} id
   * @param {() => string} name of the file that it is saved as
   * @param {() => Omit<CellView, "yaw"|"pitch"|"size">|null} view what is drawn, where there is any
   */
  constructor(id, name, view) {
    this.turn = { yaw: 0, pitch: 0, size: 1 };
    this.plot = h("div", {
      class: "plot turnable",
      id,
      tabindex: "0",
      role: "application",
      "aria-describedby": `${id}-help`,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.figure = new Figure(this.plot, {
      height: (width) => Math.max(260, Math.min(440, width * 0.8)),
      draw: (painter, theme) => {
        const shown = view();
        if (shown) draw(painter, theme, { ...shown, ...this.turn });
      },
      name,
    });
    this.listen();
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
}
