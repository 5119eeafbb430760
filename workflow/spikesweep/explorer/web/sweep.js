/** The sweep of the page: its simulations with their columns, spikes and traces. */
import { fromBase64, hex, inflated, samplesOf, starts, unshuffled } from "./bytes.js";
import { parsed } from "./csv.js";
import { text } from "./numbers.js";

/**
 * @typedef {object} Axis
 * @property {string} name
 * @property {string} unit
 * @property {string} long_name
 * @property {(number|string)[]} values
 */

/**
 * @typedef {object} Trace
 * @property {string} name
 * @property {string} unit
 * @property {string} long_name
 * @property {string} at
 * @property {number} samples
 * @property {number} itemsize
 * @property {number|null} step
 * @property {number} time place of its time coordinate; -1: each simulation has its own
 * @property {number} blob
 */

/**
 * A column of which each simulation has one value.
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label with its unit
 * @property {string} name without unit
 * @property {string} unit
 * @property {"axis"|"statistic"|"class"} kind
 * @property {Float64Array} numbers NaN where undefined; of texts their place
 * @property {string[]|null} texts what the places mean
 * @property {string} definition
 */

/**
 * @typedef {object} Series
 * @property {Float64Array} times in ms
 * @property {Float32Array|Float64Array} values
 */

/** @typedef {import("./bytes.js").Coding & {blob: number|string}} Coded */

/**
 * @typedef {object} MovieFacts
 * @property {string} name
 * @property {string} unit
 * @property {string} long_name
 * @property {string} at
 * @property {number} frames
 * @property {[number, number]|null} ends least and greatest value of all simulations
 * @property {number[]} shown of each simulation, which table has its segments; -1 without a movie
 * @property {string} blob
 */

/** @typedef {MovieFacts & Coded} Movie */

/**
 * @typedef {object} Shot
 * @property {import("./csv.js").Table} table of the segments
 * @property {Float64Array} times of the frames, in ms
 * @property {Float32Array|Float64Array} values segment after segment, of each all frames
 */

/**
 * A value that is looked for.
 * @typedef {object} Asked
 * @property {Column} column
 * @property {number} number of texts their place
 * @property {number} reach how far the column's numbers are from each other
 */

const STEP_TIMES = "time_step";
const NO_FLAG = "none";
const MOST_COPIES = 8; // of a cell, whose spike sites are shown one by one
const KEPT = 64; // traces that are kept as numbers

export class Sweep {
  /**
   * Read what the page holds; traces and spikes stay coded until they are looked at.
   * @param {any} about
   * @param {(name: string) => string} blob base64 of a blob, "" where there is none
   */
  static async read(about, blob) {
    const sweep = new Sweep(about, blob);
    const read = async (/** @type {string} */ name) =>
      new TextDecoder().decode(await inflated(fromBase64(blob(name))));
    sweep.simulations = parsed(await read("simulations"));
    sweep._keepFlags(parsed(await read("flags")));
    sweep.statistics = parsed(await read("statistics"));
    sweep._fill();
    return sweep;
  }

  /**
   * The window of the statistics (ms) of a simulation; null for the whole run.
   * @param {number} i
   * @returns {[number, number]|null}
   */
  window(i) {
    const { windows } = this.about;
    return Array.isArray(windows?.[0]) ? windows[i] : windows;
  }

  /**
   * @param {any} about
   * @param {(name: string) => string} blob
   */
  constructor(about, blob) {
    this.about = about;
    this.blob = blob;
    /** @type {Axis[]} */
    this.axes = about.axes;
    /** @type {Movie[]} */
    this.movies = about.movies;
    /** @type {Trace[]} */
    this.traces = about.traces.filter((/** @type {Trace} */ t) => t.name !== STEP_TIMES);
    /** @type {{name: string, at: string}[]} */
    this.sites = about.sites;
    this.count = about.simulations;
    this.isGrid = about.grid !== null;
    this.simulations = parsed("");
    this.statistics = parsed("");
    /** @type {Map<string, {flag: string, message: string}[]>} of each index that has some */
    this.flags = new Map();
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Int32Array[]} of each axis, the place of each simulation's value */
    this.places = [];
    /** @type {number[][]} of each axis, its places from the least value to the greatest */
    this.orders = [];
    /** @type {Map<string, number>} */
    this._there = new Map();
    /** @type {Map<string, Promise<any>>} */
    this._read = new Map();
  }

  /** @param {import("./csv.js").Table} table with a row a flag */
  _keepFlags({ names, rows }) {
    const [flag, message] = ["flag", "message"].map((name) => names.indexOf(name));
    for (const cells of rows) {
      const before = this.flags.get(cells[0]) ?? [];
      this.flags.set(cells[0], [...before, { flag: cells[flag], message: cells[message] }]);
    }
  }

  /**
   * The kinds of flags of a simulation, in words.
   * @param {string} index
   * @returns {string[]}
   */
  _flagsOf(index) {
    const kinds = (this.flags.get(index) ?? []).map(({ flag }) => flag.replace(/_/g, " "));
    return [...new Set(kinds)].sort();
  }

  _fill() {
    const rows = this.simulations.rows;
    this.axes.forEach((axis, n) => this._fillAxis(axis, n, rows));
    for (let i = 0; i < this.count; i++) {
      const there = this._pointOf(i);
      if (!this._there.has(there)) this._there.set(there, i);
    }
    const status = rows.map((cells) => cells[this.axes.length + 1]);
    this.columns.push(classes("status", "status", status));
    if (this.flags.size) {
      const flags = rows.map((cells, i) => {
        return status[i] === "ok" ? this._flagsOf(cells[0]).join(", ") || NO_FLAG : status[i];
      });
      this.columns.push(classes("flags", "flags", flags, NO_FLAG));
    }
    if (this.sites.length || this.statistics.rows.length) this._fillStatistics();
    this.byId = new Map(this.columns.map((column) => [column.id, column]));
  }

  /**
   * @param {Axis} axis
   * @param {number} n
   * @param {string[][]} rows
   */
  _fillAxis(axis, n, rows) {
    const isText = axis.values.some((value) => typeof value === "string");
    const places = new Map(
      axis.values.map((value, place) => [isText ? String(value) : value, place]),
    );
    const own = rows.map((cells) => places.get(isText ? cells[n + 1] : Number(cells[n + 1])) ?? -1);
    this.places.push(Int32Array.from(own));
    const order = axis.values.map((_, place) => place);
    if (!isText) order.sort((a, b) => Number(axis.values[a]) - Number(axis.values[b]));
    this.orders.push(order);
    const name = axis.long_name || axis.name;
    this.columns.push({
      id: axis.name,
      name,
      unit: shown(axis.unit),
      label: labelled(name, axis.unit),
      kind: "axis",
      numbers: Float64Array.from(own, (place) => (isText ? place : Number(axis.values[place]))),
      texts: isText ? axis.values.map(String) : null,
      definition: axis.name,
    });
  }

  _fillStatistics() {
    const { names, rows } = this.statistics;
    const sites = Math.max(1, this.sites.length);
    const groups = sites > 1 ? this.populations() : [{ name: "", sites: [0] }];
    for (const [name, described] of Object.entries(this.about.columns)) {
      const place = names.indexOf(name);
      if (place < 0) continue;
      for (const group of groups) {
        const many = group.sites.length > 1;
        const of = many ? `mean of ${group.name} (${group.sites.length})` : group.name;
        const at = of ? `${described.long_name}, ${of}` : described.long_name;
        this.columns.push({
          id: group.name ? `${name}@${group.name}` : name,
          name: at || name,
          unit: shown(described.unit),
          label: labelled(at || name, described.unit),
          kind: "statistic",
          numbers: Float64Array.from({ length: this.count }, (_, i) => {
            const cells = group.sites.map((site) => rows[i * sites + site]?.[place]);
            return mean(cells.filter(Boolean).map(Number));
          }),
          texts: null,
          definition: described.definition,
        });
      }
    }
  }

  /**
   * The spike sites as they are shown: each, and those of many copies of a cell together.
   * @returns {{name: string, sites: number[]}[]} places of sites
   */
  populations() {
    /** @type {Map<string, number[]>} */
    const copies = new Map();
    this.sites.forEach(({ name }, n) => {
      const of = name.includes("[") ? name.slice(0, name.indexOf("[")) : name;
      copies.set(of, [...(copies.get(of) ?? []), n]);
    });
    return [...copies].flatMap(([name, sites]) => {
      if (sites.length > MOST_COPIES) return [{ name, sites }];
      return sites.map((n) => ({ name: this.sites[n].name, sites: [n] }));
    });
  }

  /**
   * The column of an id, or another where there is none of it.
   * @param {string|undefined} id
   * @param {string} [otherwise]
   * @returns {Column}
   */
  column(id, otherwise = "status") {
    const known = /** @type {Map<string, Column>} */ (this.byId);
    return /** @type {Column} */ (known.get(id ?? "") ?? known.get(otherwise) ?? this.columns[0]);
  }

  /** @param {number} i */
  status(i) {
    return this.simulations.rows[i][this.axes.length + 1];
  }

  /**
   * Why a simulation failed, or what is odd about one that did not: a line each.
   * @param {number} i
   * @returns {string}
   */
  message(i) {
    const flags = this.flags.get(this.indexOf(i)) ?? [];
    return [this.simulations.rows[i][this.axes.length + 2], ...flags.map((one) => one.message)]
      .filter(Boolean)
      .join("\n");
  }

  /** @param {number} i */
  indexOf(i) {
    return this.simulations.rows[i][0];
  }

  /**
   * A value as it is shown: with its unit, or the text that it stands for.
   * @param {Column} column
   * @param {number} i
   * @returns {string}
   */
  words(column, i) {
    const value = column.numbers[i];
    if (Number.isNaN(value)) return "undefined";
    if (column.texts) return column.texts[value];
    return `${text(value)}${column.unit ? ` ${column.unit}` : ""}`;
  }

  /**
   * A simulation in words: axes, value and status.
   * @param {number} i
   * @param {Column} [column]
   */
  described(i, column) {
    const point = this.columns.slice(0, this.axes.length);
    const words = point.map((axis) => `${axis.name} ${this.words(axis, i)}`);
    if (column && (column.kind === "statistic" || column.id === "flags"))
      words.push(`${column.name} ${this.words(column, i)}`);
    return [...words, this.status(i)].join(", ");
  }

  /** @param {number} i */
  _pointOf(i) {
    return this.places.map((places) => places[i]).join();
  }

  /**
   * The simulation at places of all axes; -1 where there is none.
   * @param {number[]} places
   */
  at(places) {
    return this._there.get(places.join()) ?? -1;
  }

  /**
   * The simulation that is next along an axis: in a grid, all else equal; otherwise, by its value.
   * @param {number} i
   * @param {number} axis
   * @param {number} step 1 or -1
   * @returns {number} -1 at the end
   */
  neighbour(i, axis, step) {
    const places = this.places.map((column) => column[i]);
    const order = this.orders[axis];
    for (let k = order.indexOf(places[axis]) + step; k >= 0 && k < order.length; k += step) {
      const there = this.at(places.map((place, n) => (n === axis ? order[k] : place)));
      if (there >= 0) return there;
    }
    return this.isGrid ? -1 : this.along(this.columns[axis], i, step);
  }

  /**
   * The simulation that is next by the value of a column.
   * @param {Column} column
   * @param {number} i
   * @param {number} step 1 or -1
   * @returns {number} -1 at the end
   */
  along(column, i, step) {
    const before = (/** @type {number} */ a, /** @type {number} */ b) =>
      column.numbers[a] - column.numbers[b] || a - b;
    let found = -1;
    for (let other = 0; other < this.count; other++) {
      if (Number.isNaN(column.numbers[other]) || before(other, i) * step <= 0) continue;
      if (found < 0 || before(other, found) * step < 0) found = other;
    }
    return found;
  }

  /**
   * The simulation that words mean: an index, the beginning of a key, or values of columns, of
   * which it is the nearest: "dose=30 celsius=26".
   * @param {string} words
   * @returns {Promise<number|string>} why none is meant, where none is
   */
  async find(words) {
    const trimmed = words.trim();
    if (/^\d+$/.test(trimmed) && Number(trimmed) < this.count) return Number(trimmed);
    if (/^[0-9a-f]{1,64}$/i.test(trimmed)) return this._byKey(trimmed.toLowerCase());
    const asked = this._asked(trimmed);
    return typeof asked === "string" ? asked : this._nearest(asked);
  }

  /**
   * @param {string} beginning
   * @returns {Promise<number|string>}
   */
  async _byKey(beginning) {
    const keys = await this._bytes("keys");
    const length = Math.ceil(beginning.length / 2);
    let [found, key] = [-1, ""];
    for (let i = 0; i < this.count; i++) {
      if (!hex(keys.subarray(32 * i, 32 * i + length)).startsWith(beginning)) continue;
      const own = hex(keys.subarray(32 * i, 32 * i + 32));
      if (found >= 0 && own !== key) return `several keys begin with ${beginning}`;
      if (found < 0) [found, key] = [i, own];
    }
    return found < 0 ? `no index or key begins with ${beginning}` : found;
  }

  /**
   * The values that words ask for; the unit of a column may follow its value.
   * @param {string} words
   * @returns {Asked[]|string} or what cannot be read
   */
  _asked(words) {
    /** @type {Asked[]} */
    const asked = [];
    const term = /[\s,]*(?:([^\s=,"]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))|([^\s,]+))/y;
    for (let match = term.exec(words); match; match = term.exec(words)) {
      const [, id, quoted, plain, alone] = match;
      if (alone !== undefined && this._isUnit(alone, asked.at(-1)?.column)) continue;
      const column = this.byId?.get(id);
      if (!column) return `there is no column ${id ?? alone}`;
      if (asked.some((one) => one.column === column)) return `${id} is asked for twice`;
      const value = quoted ?? plain;
      const number = column.texts ? column.texts.indexOf(value) : Number(value || NaN);
      if (Number.isNaN(number) || (column.texts && number < 0)) return `${id} is never ${value}`;
      asked.push({ column, number, reach: spread(column.numbers) });
    }
    return asked.length ? asked : "nothing is asked for";
  }

  /**
   * Whether a word is the unit of a column, as it is shown or as the sweep file has it.
   * @param {string} word
   * @param {Column} [column]
   */
  _isUnit(word, column) {
    const axis = this.axes.find(({ name }) => name === column?.id);
    return Boolean(column) && (word === column?.unit || word === axis?.unit);
  }

  /**
   * @param {Asked[]} asked
   * @returns {number|string}
   */
  _nearest(asked) {
    let [found, least] = [-1, Infinity];
    for (let i = 0; i < this.count; i++) {
      let distance = 0;
      for (const { column, number, reach } of asked) {
        const apart = Math.abs(column.numbers[i] - number);
        distance += column.texts && apart ? Infinity : (apart / reach) ** 2;
      }
      if (distance < least) [found, least] = [i, distance];
    }
    return found < 0 ? "no simulation has all of these" : found;
  }

  /**
   * @param {number} i
   * @returns {Promise<string>}
   */
  async key(i) {
    return hex((await this._bytes("keys")).subarray(32 * i, 32 * i + 32));
  }

  /**
   * @param {string} name of a blob that is not deflated
   * @returns {Promise<Uint8Array>}
   */
  _bytes(name) {
    return this._once(name, async () => fromBase64(this.blob(name)));
  }

  /**
   * @param {string} name of a blob
   * @param {number} size bytes of its numbers
   * @returns {Promise<ArrayBuffer>}
   */
  _numbers(name, size) {
    return this._once(name, async () =>
      unshuffled(await inflated(fromBase64(this.blob(name))), size),
    );
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} read
   * @returns {Promise<T>}
   */
  _once(name, read) {
    let found = this._read.get(name);
    if (!found) this._read.set(name, (found = read()));
    return found;
  }

  /**
   * The spike times of a simulation at a site, in ms.
   * @param {number} site
   * @param {number} i
   * @returns {Promise<Float64Array>}
   */
  async train(site, i) {
    if (!this.about.spikes) return new Float64Array();
    const ends = await this._once(`ends_${site}`, async () => {
      let end = 0;
      const counts = new Uint32Array(await this._numbers(`counts_${site}`, 4));
      return Array.from(counts, (count) => (end += count));
    });
    const times = new Float64Array(await this._numbers(`spikes_${site}`, 8));
    return times.subarray(i ? ends[i - 1] : 0, ends[i]);
  }

  /**
   * The samples of a trace of a simulation.
   * @param {Trace} trace
   * @param {number} i
   * @returns {Promise<Series>}
   */
  async trace(trace, i) {
    const values = await this._samples(trace, i);
    if (trace.time >= 0) {
      return { times: new Float64Array(await this._numbers(`time_${trace.time}`, 8)), values };
    }
    const steps = this.about.traces.find((/** @type {Trace} */ t) => t.name === STEP_TIMES);
    return { times: Float64Array.from(await this._samples(steps, i)), values };
  }

  /**
   * @param {Coded} trace
   * @param {number} i
   * @returns {Promise<Float32Array|Float64Array>}
   */
  async _samples(trace, i) {
    const lengths = new Uint32Array(await this._numbers(`lengths_${trace.blob}`, 4));
    const begins = await this._once(`starts_${trace.blob}`, async () => starts(lengths));
    const name = `samples_${trace.blob}_${i}`;
    const kept = [...this._read.keys()].filter((other) => other.startsWith("samples_"));
    if (kept.length > KEPT) this._read.delete(kept[0]);
    return this._once(name, () =>
      samplesOf(this.blob(`trace_${trace.blob}`), begins[i], lengths[i], trace),
    );
  }

  /**
   * A movie of a simulation; null where it has none.
   * @param {Movie} movie
   * @param {number} i
   * @returns {Promise<Shot|null>}
   */
  async movie(movie, i) {
    if (movie.shown[i] < 0) return null;
    const tables = await this._once(`shown_${movie.blob}`, async () =>
      JSON.parse(
        new TextDecoder().decode(await inflated(fromBase64(this.blob(`shown_${movie.blob}`)))),
      ),
    );
    return {
      table: tables[movie.shown[i]],
      times: new Float64Array(await this._numbers(`time_${movie.blob}`, 8)),
      values: await this._samples(movie, i),
    };
  }

  /** The table of the cells' segments. */
  structure() {
    return this._once("structure", async () =>
      parsed(new TextDecoder().decode(await inflated(fromBase64(this.blob("structure"))))),
    );
  }
}

/**
 * A column of texts.
 * @param {string} id
 * @param {string} name
 * @param {string[]} cells
 * @param {string} [first] the text that comes first
 * @returns {Column}
 */
function classes(id, name, cells, first = "ok") {
  const texts = [...new Set(cells)].sort(
    (a, b) => Number(b === first) - Number(a === first) || (a < b ? -1 : 1),
  );
  const places = new Map(texts.map((word, place) => [word, place]));
  const numbers = Float64Array.from(cells, (cell) => places.get(cell) ?? NaN);
  return { id, name, unit: "", label: name, kind: "class", numbers, texts, definition: "" };
}

/**
 * A unit as it is printed.
 * @param {string} unit
 */
function shown(unit) {
  if (unit === "1") return "";
  return unit
    .replace(/degC/g, "°C")
    .replace(/\bu(?=[A-Za-z])/g, "µ")
    .replace(/\*\*|(?<=cm|um|µm)(?=2)/g, "")
    .replace(/2\b/g, "²")
    .replace(/\*/g, "·");
}

/**
 * @param {string} name
 * @param {string} unit
 */
function labelled(name, unit) {
  return shown(unit) ? `${name} (${shown(unit)})` : name;
}

/**
 * The mean, as NaN of no numbers; what is undefined was left out.
 * @param {number[]} numbers
 */
function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** @param {Float64Array} numbers */
function spread(numbers) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of numbers) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low ? high - low : 1;
}
