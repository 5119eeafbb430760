/** A drawing in the page: as large as its place, drawn anew when that or the theme changes. */
import { theme } from "./colours.js";
import { h, save } from "./dom.js";
import { asSvg, onCanvas } from "./painter.js";

/** @typedef {import("./painter.js").Painter} Painter */
/** @typedef {import("./colours.js").Theme} Theme */

/**
 * @typedef {object} Drawing
 * @property {(width: number) => number} height for a width
 * @property {(painter: Painter, theme: Theme) => void} draw
 * @property {(width: number) => Ground} [ground] what lies below and seldom changes
 * @property {() => string} name of the file that it is saved as
 */

/**
 * @typedef {object} Ground
 * @property {unknown} of it is drawn anew when this is another
 * @property {(painter: Painter, theme: Theme) => void} draw
 */

/** @type {Set<Figure>} */
const figures = new Set();

export class Figure {
  /**
   * @param {HTMLElement} place that the canvas is put into
   * @param {Drawing} drawing
   */
  constructor(place, drawing) {
    this.drawing = drawing;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.place = place;
    this.width = 0;
    this.waiting = false;
    this.ground = h("canvas");
    /** @type {unknown[]} what the ground was drawn for */
    this.groundOf = [];
    place.append(this.canvas);
    new ResizeObserver(() => this.draw()).observe(place);
    figures.add(this);
  }

  /** Draw before the next frame, once, however often it was asked for. */
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    this.waiting = false;
    const width = Math.floor(this.place.clientWidth);
    if (!width) return;
    this.width = width;
    const height = this.drawing.height(width);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const colours = theme(this.place);
    this.drawGround(width, height, colours);
    const painter = onCanvas(this.canvas, width, height);
    if (this.drawing.ground)
      this.canvas.getContext("2d")?.drawImage(this.ground, 0, 0, width, height);
    this.drawing.draw(painter, colours);
  }

  /**
   * Draw the ground where it is not there as it is asked for: of thousands of cells it takes long.
   * @param {number} width
   * @param {number} height
   * @param {Theme} colours
   */
  drawGround(width, height, colours) {
    const ground = this.drawing.ground?.(width);
    if (!ground) return;
    const of = [ground.of, width, height, devicePixelRatio, ...Object.values(colours)];
    if (of.length === this.groundOf.length && of.every((part, n) => part === this.groundOf[n])) {
      return;
    }
    this.groundOf = of;
    ground.draw(onCanvas(this.ground, width, height), colours);
  }

  /**
   * @param {Painter} painter
   * @param {Theme} colours
   */
  drawWhole(painter, colours) {
    this.drawing.ground?.(painter.width).draw(painter, colours);
    this.drawing.draw(painter, colours);
  }

  /** @param {PointerEvent|MouseEvent} event */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  savePng() {
    const canvas = h("canvas");
    const colours = theme(this.place);
    const painter = onCanvas(canvas, this.width, this.drawing.height(this.width), 3);
    painter.rect(0, 0, painter.width, painter.height, colours.paper);
    this.drawWhole(painter, colours);
    canvas.toBlob((blob) => blob && save(`${this.drawing.name()}.png`, blob), "image/png");
  }

  saveSvg() {
    const colours = theme(this.place);
    const painter = asSvg(this.width, this.drawing.height(this.width), colours.paper);
    this.drawWhole(painter, colours);
    save(`${this.drawing.name()}.svg`, painter.svg(), "image/svg+xml");
  }

  /** Buttons that save what is drawn. */
  buttons() {
    const what = this.drawing.name;
    return [
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          "data-save": "png",
          "aria-label": `Save ${what()} as PNG`,
          onclick: () => this.savePng(),
        },
        "PNG",
      ),
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          "data-save": "svg",
          "aria-label": `Save ${what()} as SVG`,
          onclick: () => this.saveSvg(),
        },
        "SVG",
      ),
    ];
  }
}

/** Draw all figures anew, as when the theme changes. */
export function drawAll() {
  for (const figure of figures) figure.draw();
}
