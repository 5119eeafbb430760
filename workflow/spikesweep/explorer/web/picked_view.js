/** The picked simulation: where it stands, what it came to, its traces, spikes and intervals. */
import { draw as drawBars, heightOf as heightOfBars } from "./isi_view.js";
import { classColour } from "./colours.js";
import { commands } from "./commands.js";
import { copied, h, save, say } from "./dom.js";
import { Figure } from "./figure.js";
import { written } from "./csv.js";
import { draw, heightOf, timeScale } from "./traceplot.js";

/** @typedef {import("./map_view.js").App} App */
/** @typedef {import("./traceplot.js").TimeView} TimeView */

const PICKED = "var(--accent)";
export const MOST_PINS = 9; // as many as have a colour of their own
const FULL = `${MOST_PINS} are pinned: unpin one first`;

export class PickedView {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   */
  constructor(app, place) {
    this.app = app;
    /** @type {TimeView} */
    this.time = {
      traces: [],
      spikes: [],
      zoom: [0, 1],
      cursor: null,
      window: null,
    };
    this.whole = /** @type {[number, number]} */ ([0, 1]);
    this.turn = 0;
    /** @type {import("./isi_view.js").SiteIntervals[]} */
    this.intervals = [];
    this.head = h("div", { class: "picked-head" });
    this.steps = h("div", { class: "steppers" });
    this.pins = h("ul", { class: "pins", "aria-label": "pinned simulations" });
    this.message = h("p", { class: "message" });
    this.plot = h("div", {
      class: "plot",
      id: "traces",
      tabindex: "0",
      role: "application",
      "aria-label": "traces and spikes over time",
      "aria-describedby": "traces-help",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    });
    this.figure = new Figure(this.plot, {
      height: () => heightOf(this.time),
      draw: (painter, theme) => draw(painter, theme, this.coloured(theme.accent)),
      name: () => `${app.sweep.about.sweep}_traces_${app.sweep.indexOf(app.selection.picked)}`,
    });
    this.bars = h("div", { class: "plot", id: "isi", role: "img" });
    this.histogram = new Figure(this.bars, {
      height: () => heightOfBars(this.intervals),
      draw: (painter, theme) => drawBars(painter, theme, this.intervals),
      name: () => `${app.sweep.about.sweep}_isi_${app.sweep.indexOf(app.selection.picked)}`,
    });
    this.facts = h("dl", { class: "facts" });
    this.commands = h("div", { class: "commands" });
    this.layOut(place);
    this.listen();
  }

  /** @param {HTMLElement} place */
  layOut(place) {
    const help = h(
      "p",
      { id: "traces-help", class: "note" },
      "Drag to zoom, double-click for all; keys: + − zoom, arrows move, , . cursor, 0 all.",
    );
    const csv = h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": "Save the traces shown as CSV",
        onclick: () => this.saveCsv(),
      },
      "CSV",
    );
    const all = h(
      "button",
      { type: "button", class: "quiet", onclick: () => this.app.change({ zoom: null }) },
      "All of the time",
    );
    place.append(
      this.head,
      this.steps,
      this.message,
      this.pins,
      this.plot,
      h(
        "div",
        { class: "foot" },
        help,
        h("div", { class: "buttons" }, all, ...this.figure.buttons(), csv),
      ),
    );
    if (this.app.sweep.about.spikes && this.app.sweep.sites.length) {
      place.append(
        h("h3", {}, "Interspike intervals"),
        this.bars,
        h(
          "div",
          { class: "foot" },
          h("span", {}),
          h("div", { class: "buttons" }, ...this.histogram.buttons()),
        ),
      );
    }
    place.append(h("h3", {}, "Values"), this.facts, h("h3", {}, "Provenance"), this.commands);
  }

  listen() {
    const canvas = this.figure.canvas;
    /** @type {number|null} */
    let from = null;
    const time = (/** @type {PointerEvent|MouseEvent} */ event) =>
      timeScale(this.time, this.figure.width).from(this.figure.placeOf(event)[0]);
    canvas.addEventListener("pointerdown", (event) => {
      from = event.pointerType === "touch" ? null : time(event);
    });
    canvas.addEventListener("pointermove", (event) => this.setCursor(time(event)));
    canvas.addEventListener("pointerleave", () => this.setCursor(null));
    canvas.addEventListener("pointerup", (event) => {
      const to = time(event);
      const [low, high] = this.time.zoom;
      if (from !== null && Math.abs(to - from) > (high - low) / 60)
        this.zoomTo(Math.min(from, to), Math.max(from, to));
      from = null;
    });
    canvas.addEventListener("dblclick", () => this.app.change({ zoom: null }));
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoomBy(event.deltaY > 0 ? 1.25 : 0.8, time(event));
      },
      { passive: false },
    );
  }

  /** @param {number|null} time in ms */
  setCursor(time) {
    this.time.cursor =
      time === null ? null : Math.min(this.time.zoom[1], Math.max(this.time.zoom[0], time));
    this.figure.draw();
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  zoomTo(from, to) {
    const [low, high] = [Math.max(this.whole[0], from), Math.min(this.whole[1], to)];
    const round = (/** @type {number} */ x) => Number(x.toPrecision(8));
    if (high - low > 1e-6) this.app.change({ zoom: [round(low), round(high)] });
  }

  /**
   * @param {number} factor
   * @param {number} [around] in ms
   */
  zoomBy(factor, around = (this.time.zoom[0] + this.time.zoom[1]) / 2) {
    const [low, high] = this.time.zoom;
    this.zoomTo(around - (around - low) * factor, around + (high - around) * factor);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const [low, high] = this.time.zoom;
    const width = high - low;
    const move = (/** @type {number} */ by) => {
      const held = Math.max(this.whole[0] - low, Math.min(this.whole[1] - high, by));
      this.zoomTo(low + held, high + held);
    };
    const cursor = (/** @type {number} */ by) => {
      this.setCursor((this.time.cursor ?? (low + high) / 2) + by);
      say(`${this.time.cursor?.toPrecision(6)} ms`);
    };
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => this.zoomBy(0.5),
      "=": () => this.zoomBy(0.5),
      "-": () => this.zoomBy(2),
      ArrowLeft: () => move(-width / 5),
      ArrowRight: () => move(width / 5),
      ",": () => cursor(-width / 200),
      ".": () => cursor(width / 200),
      0: () => this.app.change({ zoom: null }),
    };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  }

  /**
   * What is drawn, the picked simulation in the theme's colour.
   * @param {string} accent
   * @returns {TimeView}
   */
  coloured(accent) {
    const own = (/** @type {string} */ colour) => (colour === PICKED ? accent : colour);
    return {
      ...this.time,
      traces: this.time.traces.map((row) => ({
        ...row,
        curves: row.curves.map((curve) => ({ ...curve, colour: own(curve.colour) })),
      })),
      spikes: this.time.spikes.map((row) => ({
        ...row,
        trains: row.trains.map((train) => ({ ...train, colour: own(train.colour) })),
      })),
    };
  }

  /** Show what is picked; of several picks in a hurry, the last. */
  async update() {
    const { sweep, selection } = this.app;
    const turn = ++this.turn;
    const i = selection.picked;
    this.fillHead(i);
    const shown = [
      { i, colour: PICKED },
      ...selection.pins
        .map((pin, n) => ({ i: pin, colour: classColour(n + 1) }))
        .filter((pin) => pin.i !== i),
    ];
    const traces = await Promise.all(
      sweep.traces.map(async (trace) => ({
        title: `${trace.name}: ${trace.long_name}${trace.at ? ` at ${trace.at}` : ""}`,
        unit: trace.unit,
        curves: await Promise.all(
          shown.map(async (one) => ({ ...(await sweep.trace(trace, one.i)), colour: one.colour })),
        ),
      })),
    );
    const spikes = await Promise.all(
      (sweep.about.spikes ? sweep.populations() : []).map(async ({ name, sites }) => ({
        title: titleOf(name, sites, sweep.sites[sites[0]].at),
        trains: await Promise.all(
          shown.flatMap((one, place) =>
            sites.map(async (n) => ({
              times: await sweep.train(n, one.i),
              colour: one.colour,
              place,
            })),
          ),
        ),
      })),
    );
    const key = await sweep.key(i);
    if (turn !== this.turn) return;
    Object.assign(this.time, { traces, spikes, window: sweep.window(i) });
    this.whole = wholeOf(this.time);
    this.time.zoom = selection.zoom ?? this.whole;
    const populations = sweep.populations();
    this.intervals = spikes.map((row, n) => ({
      site: sweep.sites.length > 1 ? populations[n].name : "",
      series: shown.map((one, place) => ({
        values: row.trains
          .filter((train) => train.place === place)
          .flatMap(({ times }) => [...within(times, sweep.window(one.i))]),
        colour: one.colour === PICKED ? null : one.colour,
      })),
    }));
    this.fillProvenance(i, key);
    this.describe(i);
    this.figure.drawNow();
    this.histogram.draw();
    document.documentElement.dataset.shown = String(i);
  }

  /** @param {number} i */
  describe(i) {
    const counts = this.time.spikes.map(({ trains, title }) => {
      const own = trains.filter(({ place }) => place === 0);
      const count = own.reduce((sum, { times }) => sum + times.length, 0);
      return `${count} ${title.replace(/^spikes/, "spikes in the whole run")}`;
    });
    this.plot.setAttribute(
      "aria-label",
      `traces and spikes over time of simulation ${i}: ${counts.join(", ")}`,
    );
    const said = this.intervals.map(
      ({ site, series }) =>
        `${series[0].values.length} intervals in the window${site ? ` at ${site}` : ""}`,
    );
    this.bars.setAttribute(
      "aria-label",
      `histogram of interspike intervals of simulation ${i}: ${said.join(", ")}`,
    );
  }

  /** @param {number} i */
  fillHead(i) {
    const { sweep, selection } = this.app;
    const status = sweep.status(i);
    const isPinned = selection.pins.includes(i);
    const isFull = !isPinned && selection.pins.length === MOST_PINS;
    const pin = h(
      "button",
      {
        type: "button",
        id: "pin",
        "aria-pressed": String(isPinned),
        "aria-disabled": String(isFull),
        onclick: () => this.pin(i),
      },
      isPinned ? "Unpin" : isFull ? FULL : "Pin to compare",
    );
    const focused = document.activeElement?.id;
    this.head.replaceChildren(
      h("h2", { id: "picked-title" }, `Simulation ${sweep.indexOf(i)}`),
      h("span", { class: status === "ok" ? "status ok" : "status" }, status),
      pin,
    );
    this.steps.replaceChildren(...sweep.axes.map((_, n) => this.stepper(n, i)));
    this.message.textContent = sweep.message(i);
    this.message.hidden = !sweep.message(i);
    this.fillPins();
    this.fillFacts(i);
    if (focused) document.getElementById(focused)?.focus();
  }

  /**
   * The value of an axis, with buttons to its neighbours.
   * @param {number} n
   * @param {number} i
   */
  stepper(n, i) {
    const { sweep } = this.app;
    const column = sweep.columns[n];
    const button = (
      /** @type {number} */ step,
      /** @type {string} */ sign,
      /** @type {string} */ words,
    ) => {
      const there = sweep.neighbour(i, n, step);
      return h(
        "button",
        {
          type: "button",
          class: "step",
          id: `step-${column.id}-${step}`,
          "aria-label": `${words} ${column.name}`,
          "aria-disabled": String(there < 0),
          onclick: () => there >= 0 && this.app.change({ picked: there }),
        },
        sign,
      );
    };
    return h(
      "div",
      { class: "stepper", role: "group", "aria-label": column.name },
      h("span", { class: "axis" }, column.name),
      button(-1, "‹", "previous"),
      h("output", {}, sweep.words(column, i)),
      button(1, "›", "next"),
    );
  }

  /** @param {number} i */
  pin(i) {
    const { pins } = this.app.selection;
    const others = pins.filter((pin) => pin !== i);
    if (others.length === MOST_PINS) say(FULL);
    else this.app.change({ pins: others.length < pins.length ? others : [...pins, i] });
  }

  fillPins() {
    const { sweep, selection } = this.app;
    this.pins.hidden = !selection.pins.length;
    this.pins.replaceChildren(
      ...selection.pins.map((i, n) => {
        const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
        swatch.style.background = classColour(n + 1);
        return h(
          "li",
          {},
          swatch,
          h(
            "button",
            { type: "button", class: "quiet", onclick: () => this.app.change({ picked: i }) },
            `${sweep.indexOf(i)}: ${sweep.described(i)}`,
          ),
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": `Unpin simulation ${sweep.indexOf(i)}`,
              onclick: () => this.pin(i),
            },
            "×",
          ),
        );
      }),
    );
  }

  /** @param {number} i */
  fillFacts(i) {
    const { sweep, selection } = this.app;
    const pins = selection.pins.filter((pin) => pin !== i);
    const columns = sweep.columns.filter((column) => column.kind === "statistic");
    this.facts.replaceChildren(
      ...columns.map((column) =>
        h(
          "div",
          { title: column.definition },
          h("dt", {}, column.name),
          h("dd", {}, sweep.words(column, i)),
          ...pins.map((pin) => {
            const other = h(
              "dd",
              { class: "other" },
              Number.isNaN(column.numbers[pin]) ? "–" : sweep.words(column, pin),
            );
            other.style.borderColor = classColour(selection.pins.indexOf(pin) + 1);
            return other;
          }),
        ),
      ),
    );
  }

  /**
   * @param {number} i
   * @param {string} key
   */
  fillProvenance(i, key) {
    const { sweep } = this.app;
    const line = (/** @type {string} */ what, /** @type {string} */ value) => {
      const button = h(
        "button",
        {
          type: "button",
          class: "quiet",
          "data-copy": value,
          "aria-label": `Copy: ${what}`,
          onclick: async () => {
            button.textContent = (await copied(value)) ? "Copied" : "Select and copy";
            say(`${what}: ${button.textContent}`);
          },
        },
        "Copy",
      );
      return h("div", { class: "command" }, h("span", {}, what), h("code", {}, value), button);
    };
    this.commands.replaceChildren(
      ...commands(sweep, i).map(({ what, command }) => line(what, command)),
      line("key", key),
      line("page's fingerprint", sweep.about.lineage.fingerprint),
    );
  }

  saveCsv() {
    const { sweep, selection } = this.app;
    const [first] = this.time.traces;
    if (!first) return;
    const time = first.curves[0].times;
    const alike = this.time.traces.filter((row) => row.curves[0].times.length === time.length);
    const names = ["time", ...alike.map((row) => row.title.split(":")[0])];
    const rows = Array.from(time, (t, k) => [
      String(t),
      ...alike.map((row) => String(row.curves[0].values[k])),
    ]);
    save(
      `${sweep.about.sweep}_traces_${sweep.indexOf(selection.picked)}.csv`,
      written(names, rows),
      "text/csv",
    );
  }
}

/**
 * What a raster shows: a spike site, or those of all copies of a cell.
 * @param {string} name
 * @param {number[]} sites
 * @param {string} at of the first
 */
function titleOf(name, sites, at) {
  const where = sites.length > 1 ? `, ${sites.length} copies` : at && ` at ${at}`;
  return `spikes, ${name}${where}`;
}

/**
 * All of the time that is shown.
 * @param {TimeView} view
 * @returns {[number, number]}
 */
function wholeOf(view) {
  let end = 0;
  for (const { times, values } of view.traces.flatMap((row) => row.curves)) {
    for (let i = times.length - 1; i >= 0; i--) {
      if (Number.isFinite(times[i]) && Number.isFinite(values[i])) {
        end = Math.max(end, times[i]);
        break;
      }
    }
  }
  for (const { times } of view.spikes.flatMap((row) => row.trains)) {
    if (times.length) end = Math.max(end, times[times.length - 1]);
  }
  return [0, end || 1];
}

/**
 * The intervals between neighbouring spikes that both lie in a window.
 * @param {Float64Array} times
 * @param {[number, number]|null} window
 * @returns {number[]}
 */
export function within(times, window) {
  const own = Array.from(times).filter((t) => !window || (t >= window[0] && t <= window[1]));
  return own.slice(1).map((t, i) => t - own[i]);
}
