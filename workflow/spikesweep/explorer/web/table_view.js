/** The table of all simulations: sorted, filtered by ranges, saved as CSV and as a design. */
import { written } from "./csv.js";
import { fill, h, save, say } from "./dom.js";
import { FilterView } from "./filter_view.js";

/** @typedef {import("./map_view.js").App} App */
/** @typedef {import("./sweep.js").Column} Column */

const ROW = 30;
const HEIGHT = 14 * ROW;
const MORE = 8; // rows above and below those that are seen

export class TableView {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   */
  constructor(app, place) {
    this.app = app;
    /** @type {number[]} simulations in the order of the table */
    this.order = [];
    /** @type {Record<string, [number, number]>|null} that the order is by */
    this.ranged = null;
    this.sortedBy = "";
    this.filters = h("div", { class: "filters" });
    /** @type {Map<string, FilterView>} */
    this.ranges = new Map();
    this.count = h("p", { class: "note", id: "table-count" });
    this.headers = h("tr", { "aria-rowindex": "1" });
    this.body = h("tbody", {});
    this.table = h(
      "table",
      {
        role: "grid",
        tabindex: "0",
        id: "table",
        "aria-label": "all simulations",
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
      },
      h("thead", {}, this.headers),
      this.body,
    );
    this.scroller = h("div", { class: "scroller", onscroll: () => this.fillRows() }, this.table);
    this.scroller.style.maxHeight = `${HEIGHT}px`;
    this.adder = h("select", {
      id: "filter-add",
      onchange: () => this.addFilter(this.adder.value),
    });
    place.append(
      h(
        "div",
        { class: "menus" },
        h("label", {}, h("span", {}, "Filter by"), this.adder),
        this.button("save-csv", "Save statistics as CSV", () => this.saveStatistics()),
        this.button("save-design", "Save as a design", () => this.saveDesign()),
      ),
      this.filters,
      this.count,
      this.scroller,
      h(
        "p",
        { class: "note" },
        "Arrow keys pick, P pins, a column's name sorts. A design goes to a sweep file as design: {table: FILE}.",
      ),
    );
    new ResizeObserver(() => this.fillRows()).observe(this.scroller);
    this.fillHeaders();
  }

  /**
   * @param {string} id
   * @param {string} words
   * @param {() => void} onclick
   */
  button(id, words, onclick) {
    return h("button", { type: "button", id, onclick }, words);
  }

  get columns() {
    return this.app.sweep.columns;
  }

  fillHeaders() {
    const index = { id: "index", label: "simulation" };
    const heads = [index, ...this.columns].map(({ id, label }, n) =>
      h(
        "th",
        { scope: "col", "data-column": id, "aria-colindex": String(n + 1) },
        h("button", { type: "button", class: "quiet", onclick: () => this.sortBy(id) }, label),
      ),
    );
    this.headers.replaceChildren(...heads);
    this.table.setAttribute("aria-colcount", String(heads.length));
  }

  /** @param {string} id */
  sortBy(id) {
    this.app.change({ sort: this.app.selection.sort === id ? `-${id}` : id });
  }

  /** @param {string} id */
  addFilter(id) {
    const column = this.app.sweep.column(id);
    const ends = column.texts ? [0, 0] : [-Infinity, Infinity];
    this.app.change({ ranges: { ...this.app.selection.ranges, [id]: [ends[0], ends[1]] } });
    this.ranges.get(id)?.focus();
  }

  update() {
    const { sweep, selection } = this.app;
    if (this.ranged !== selection.ranges || this.sortedBy !== selection.sort) {
      const passing = Array.from({ length: sweep.count }, (_, i) => i).filter(this.app.passes);
      this.order = sorted(sweep, passing, selection.sort);
      if (this.ranged !== selection.ranges) this.updateFilters();
      [this.ranged, this.sortedBy] = [selection.ranges, selection.sort];
      this.describe();
      this.fillRows();
    }
    this.reveal();
    this.markRows();
  }

  /** How many simulations pass, and how they are sorted. */
  describe() {
    const { sweep, selection } = this.app;
    const [passing, all] = [this.order.length, sweep.count].map((n) => n.toLocaleString("en"));
    this.count.textContent = `${passing} of ${all} simulations`;
    this.table.setAttribute("aria-rowcount", String(this.order.length + 1));
    for (const head of this.headers.children) {
      const id = /** @type {HTMLElement} */ (head).dataset.column;
      const sort =
        selection.sort === id ? "ascending" : selection.sort === `-${id}` ? "descending" : "none";
      head.setAttribute("aria-sort", sort);
    }
  }

  updateFilters() {
    const { ranges } = this.app.selection;
    const options = this.columns
      .filter((column) => !(column.id in ranges))
      .map((column) => /** @type {[string, string]} */ ([column.id, column.label]));
    fill(this.adder, [["", "choose a column"], ...options], "");
    for (const [id, filter] of this.ranges) {
      if (!(id in ranges)) {
        filter.element.remove();
        this.ranges.delete(id);
      }
    }
    for (const id of Object.keys(ranges)) {
      if (!this.app.sweep.byId?.has(id)) continue;
      let filter = this.ranges.get(id);
      if (!filter) {
        filter = new FilterView(this.app, this.app.sweep.column(id));
        this.ranges.set(id, filter);
        this.filters.append(filter.element);
      }
      filter.update();
    }
  }

  /** Scroll to the picked simulation, where it is in the table and out of sight. */
  reveal() {
    const place = this.order.indexOf(this.app.selection.picked);
    if (place < 0) return;
    const top = place * ROW;
    const seen = this.scroller.clientHeight - 2 * ROW;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top > this.scroller.scrollTop + seen) this.scroller.scrollTop = top - seen;
  }

  /** Make the rows that are seen, and some around them. */
  fillRows() {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - MORE);
    const last = Math.min(this.order.length, first + HEIGHT / ROW + 2 * MORE);
    const rows = [];
    for (let place = first; place < last; place++) rows.push(this.row(this.order[place], place));
    this.body.replaceChildren(spacer(first), ...rows, spacer(this.order.length - last));
    this.markRows();
  }

  /** Mark the picked and the pinned among the rows that are there. */
  markRows() {
    const { picked, pins } = this.app.selection;
    this.table.removeAttribute("aria-activedescendant");
    for (const row of this.body.querySelectorAll("tr[data-simulation]")) {
      const i = Number(/** @type {HTMLElement} */ (row).dataset.simulation);
      row.setAttribute("aria-selected", String(i === picked));
      row.classList.toggle("picked", i === picked);
      row.classList.toggle("pinned", pins.includes(i));
      if (i === picked) this.table.setAttribute("aria-activedescendant", row.id);
    }
  }

  /**
   * @param {number} i
   * @param {number} place
   */
  row(i, place) {
    const { sweep } = this.app;
    const cells = this.columns.map((column, n) =>
      h(
        "td",
        {
          role: "gridcell",
          class: column.texts ? "word" : "number",
          "aria-colindex": String(n + 2),
        },
        Number.isNaN(column.numbers[i]) ? "" : sweep.words({ ...column, unit: "" }, i),
      ),
    );
    return h(
      "tr",
      {
        id: `row-${i}`,
        "data-simulation": String(i),
        "aria-rowindex": String(place + 2),
        onclick: () => this.app.change({ picked: i }),
      },
      h("th", { scope: "row", "aria-colindex": "1", class: "number" }, sweep.indexOf(i)),
      ...cells,
    );
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.target !== this.table) return;
    const place = this.order.indexOf(this.app.selection.picked);
    /** @type {Record<string, number>} */
    const places = {
      ArrowDown: place + 1,
      ArrowUp: Math.max(0, place - 1),
      PageDown: place + 12,
      PageUp: Math.max(0, place - 12),
      Home: 0,
      End: this.order.length - 1,
    };
    if (!(event.key in places) || !this.order.length) return;
    event.preventDefault();
    this.app.change({ picked: this.order[Math.min(this.order.length - 1, places[event.key])] });
  }

  /** The rows of the table of statistics, as they are, of the simulations that pass. */
  saveStatistics() {
    const { sweep } = this.app;
    const sites = sweep.count ? sweep.statistics.lines.length / sweep.count : 0;
    const lines = [];
    for (let i = 0; i < sweep.count; i++) {
      if (this.app.passes(i))
        lines.push(...sweep.statistics.lines.slice(i * sites, (i + 1) * sites));
    }
    save(
      `${sweep.about.sweep}_statistics.csv`,
      sweep.statistics.header + lines.join(""),
      "text/csv",
    );
  }

  /** The values of the axes of the simulations that pass, as a table that a design can be. */
  saveDesign() {
    const { sweep } = this.app;
    const names = sweep.axes.map((axis) => axis.name);
    const rows = sweep.simulations.rows
      .filter((_, i) => this.app.passes(i))
      .map((cells) => cells.slice(1, names.length + 1));
    if (!rows.length || !names.length) say("nothing to save: no simulation passes");
    else save(`${sweep.about.sweep}_design.csv`, written(names, rows), "text/csv");
  }
}

/**
 * Simulations in the order of a column; undefined ones come last.
 * @param {import("./sweep.js").Sweep} sweep
 * @param {number[]} members
 * @param {string} sort
 * @returns {number[]}
 */
export function sorted(sweep, members, sort) {
  const id = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  if (id === "index" || !sweep.byId?.has(id)) return sign < 0 ? [...members].reverse() : members;
  const { numbers } = sweep.column(id);
  return [...members].sort((a, b) => {
    const [left, right] = [Number.isNaN(numbers[a]), Number.isNaN(numbers[b])];
    return Number(left) - Number(right) || sign * (numbers[a] - numbers[b]) || a - b;
  });
}

/** @param {number} rows that are not made */
function spacer(rows) {
  const row = h("tr", { "aria-hidden": "true", class: "spacer" });
  row.style.height = `${rows * ROW}px`;
  return row;
}
