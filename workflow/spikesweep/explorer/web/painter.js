/** One drawing, two ways: on a canvas, and as SVG. Places are in CSS pixels. */

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/**
 * @typedef {object} TextStyle
 * @property {string} fill
 * @property {number} [size]
 * @property {"left"|"center"|"right"} [align]
 * @property {"top"|"middle"|"bottom"} [base]
 * @property {number} [turn] in degrees
 * @property {boolean} [bold]
 */

/**
 * @typedef {object} Painter
 * @property {number} width
 * @property {number} height
 * @property {(x: number, y: number, w: number, h: number, fill: string) => void} rect
 * @property {(x: number, y: number, w: number, h: number, stroke: string, width?: number) => void} frame
 * @property {(x: number, y: number, w: number, h: number, fill: string, stroke: string) => void} hatch
 * @property {(xs: ArrayLike<number>, ys: ArrayLike<number>, stroke: string, width?: number) => void} line
 * @property {(x: number, y: number, r: number, fill: string, stroke?: string) => void} circle
 * @property {(x: number, y: number, text: string, style: TextStyle) => void} text
 * @property {(x: number, y: number, w: number, h: number, draw: () => void) => void} clip
 */

/**
 * Painter on a canvas, which it makes as large as it is shown, in the pixels of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {number} [density] pixels a CSS pixel
 * @returns {Painter}
 */
export function onCanvas(canvas, width, height, density = window.devicePixelRatio || 1) {
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineJoin = "round";
  return {
    width,
    height,
    rect(x, y, rw, rh, fill) {
      context.fillStyle = fill;
      context.fillRect(x, y, rw, rh);
    },
    frame(x, y, rw, rh, stroke, line = 1) {
      context.strokeStyle = stroke;
      context.lineWidth = line;
      context.strokeRect(x, y, rw, rh);
    },
    hatch(x, y, rw, rh, fill, stroke) {
      context.save();
      context.beginPath();
      context.rect(x, y, rw, rh);
      context.clip();
      context.fillStyle = fill;
      context.fillRect(x, y, rw, rh);
      context.strokeStyle = stroke;
      context.lineWidth = 1;
      context.beginPath();
      for (const [x0, y0, x1, y1] of hatching(x, y, rw, rh)) {
        context.moveTo(x0, y0);
        context.lineTo(x1, y1);
      }
      context.stroke();
      context.restore();
    },
    line(xs, ys, stroke, line = 1) {
      context.strokeStyle = stroke;
      context.lineWidth = line;
      context.beginPath();
      eachRun(xs, ys, (i, first) =>
        first ? context.moveTo(xs[i], ys[i]) : context.lineTo(xs[i], ys[i]),
      );
      context.stroke();
    },
    circle(x, y, r, fill, stroke) {
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      if (fill !== "none") {
        context.fillStyle = fill;
        context.fill();
      }
      if (stroke) {
        context.strokeStyle = stroke;
        context.lineWidth = 1.5;
        context.stroke();
      }
    },
    text(x, y, text, style) {
      context.save();
      context.translate(x, y);
      context.rotate(((style.turn ?? 0) * Math.PI) / 180);
      context.font = `${style.bold ? "600 " : ""}${style.size ?? 12}px ${FONT}`;
      context.fillStyle = style.fill;
      context.textAlign = style.align ?? "left";
      context.textBaseline = style.base ?? "middle";
      context.fillText(text, 0, 0);
      context.restore();
    },
    clip(x, y, rw, rh, draw) {
      context.save();
      context.beginPath();
      context.rect(x, y, rw, rh);
      context.clip();
      draw();
      context.restore();
    },
  };
}

/**
 * Painter that writes SVG; `svg()` gives its text.
 * @param {number} width
 * @param {number} height
 * @param {string} paper
 * @returns {Painter & {svg: () => string}}
 */
export function asSvg(width, height, paper) {
  /** @type {string[]} */
  const parts = [];
  let clips = 0;
  const n = (/** @type {number} */ x) => String(Number(x.toFixed(2)));
  const anchors = { left: "start", center: "middle", right: "end" };
  const bases = { top: "hanging", middle: "central", bottom: "alphabetic" };
  return {
    width,
    height,
    rect(x, y, w, h, fill) {
      parts.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${fill}"/>`);
    },
    frame(x, y, w, h, stroke, line = 1) {
      parts.push(
        `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="none" ` +
          `stroke="${stroke}" stroke-width="${n(line)}"/>`,
      );
    },
    hatch(x, y, w, h, fill, stroke) {
      this.clip(x, y, w, h, () => {
        this.rect(x, y, w, h, fill);
        const path = hatching(x, y, w, h).map(
          ([x0, y0, x1, y1]) => `M${n(x0)} ${n(y0)}L${n(x1)} ${n(y1)}`,
        );
        parts.push(`<path d="${path.join("")}" stroke="${stroke}" fill="none"/>`);
      });
    },
    line(xs, ys, stroke, line = 1) {
      let path = "";
      eachRun(xs, ys, (i, first) => (path += `${first ? "M" : "L"}${n(xs[i])} ${n(ys[i])}`));
      parts.push(
        `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${n(line)}" ` +
          'stroke-linejoin="round"/>',
      );
    },
    circle(x, y, r, fill, stroke) {
      const edge = stroke ? ` stroke="${stroke}" stroke-width="1.5"` : "";
      parts.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"${edge}/>`);
    },
    text(x, y, text, style) {
      const turn = style.turn ? ` transform="rotate(${style.turn} ${n(x)} ${n(y)})"` : "";
      parts.push(
        `<text x="${n(x)}" y="${n(y)}" fill="${style.fill}" font-size="${style.size ?? 12}"` +
          `${style.bold ? ' font-weight="600"' : ""} ` +
          `text-anchor="${anchors[style.align ?? "left"]}" ` +
          `dominant-baseline="${bases[style.base ?? "middle"]}"${turn}>${escaped(text)}</text>`,
      );
    },
    clip(x, y, w, h, draw) {
      const id = `clip${clips++}`;
      parts.push(
        `<clipPath id="${id}"><rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}"/>` +
          `</clipPath><g clip-path="url(#${id})">`,
      );
      draw();
      parts.push("</g>");
    },
    svg: () =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" ` +
      `viewBox="0 0 ${n(width)} ${n(height)}" font-family="${escaped(FONT)}">` +
      `<rect width="100%" height="100%" fill="${paper}"/>${parts.join("")}</svg>\n`,
  };
}

/**
 * Text that XML takes as text.
 * @param {string} text
 * @returns {string}
 */
export function escaped(text) {
  /** @type {Record<string, string>} */
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
  // eslint-disable-next-line no-control-regex -- XML has no way to hold these
  return text.replace(/[&<>"']/g, (c) => names[c]).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "�");
}

/**
 * Calls for every point that has a place; `first` where a line begins.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {(i: number, first: boolean) => void} point
 */
function eachRun(xs, ys, point) {
  let first = true;
  for (let i = 0; i < xs.length; i++) {
    if (Number.isFinite(ys[i]) && Number.isFinite(xs[i])) {
      point(i, first);
      first = false;
    } else {
      first = true;
    }
  }
}

/**
 * The lines of a hatch, which run on from one rectangle to its neighbour.
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @returns {[number, number, number, number][]}
 */
function hatching(x, y, w, h) {
  const gap = 6;
  /** @type {[number, number, number, number][]} */
  const lines = [];
  const first = Math.ceil((x + y) / gap) * gap;
  for (let sum = first; sum < x + w + y + h; sum += gap)
    lines.push([sum - y, y, sum - y - h, y + h]);
  return lines;
}
