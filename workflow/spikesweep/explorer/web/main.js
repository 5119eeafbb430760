/** The page: reads what it holds, and keeps its views and its address in step with the selection. */
import { read, written } from "./address.js";
import { CellView } from "./cell_view.js";
import { byId, h, say } from "./dom.js";
import { drawAll } from "./figure.js";
import { passes } from "./filter_view.js";
import { MapView } from "./map_view.js";
import { MovieView } from "./movie_view.js";
import { MOST_PINS, PickedView } from "./picked_view.js";
import { Sweep } from "./sweep.js";
import { TableView } from "./table_view.js";

/** @typedef {import("./address.js").Selection} Selection */

/**
 * What is selected where the address does not say.
 * @param {Sweep} sweep
 * @returns {Selection}
 */
function beginning(sweep) {
  const axes = sweep.columns.slice(0, sweep.axes.length);
  const varied = axes.filter(({ numbers }) => numbers.some((value) => value !== numbers[0]));
  const statistics = sweep.columns.filter((column) => column.kind === "statistic");
  const first = statistics.find((column) => /^rate/.test(column.id)) ?? statistics[0];
  const colour = (first ?? sweep.column("status")).id;
  const [x = axes[0], y] = varied;
  return {
    picked: firstWithSpikes(sweep),
    pins: [],
    colour,
    log: false,
    across: "",
    ranges: {},
    sort: "index",
    zoom: null,
    paint: "region",
    x: (x ?? sweep.column("status")).id,
    y: y ? y.id : colour,
  };
}

/**
 * The first simulation that fires at any site; the first of all where none does.
 * @param {Sweep} sweep
 * @returns {number}
 */
function firstWithSpikes(sweep) {
  const counts = sweep.columns.filter(({ id }) => /^n_spikes(?!_lower)/.test(id));
  const first = Array.from({ length: sweep.count }, (_, i) => i).find((i) =>
    counts.some(({ numbers }) => numbers[i] > 0),
  );
  return first ?? 0;
}

/**
 * A selection that fits the sweep, whatever the address says.
 * @param {Sweep} sweep
 * @param {Partial<Selection>} asked
 * @returns {Selection}
 */
function fitting(sweep, asked) {
  const start = beginning(sweep);
  const selection = { ...start, ...asked };
  const isThere = (/** @type {number} */ i) => i < sweep.count;
  if (!isThere(selection.picked)) selection.picked = start.picked;
  selection.pins = [...new Set(selection.pins)].filter(isThere).slice(0, MOST_PINS);
  for (const name of /** @type {const} */ (["colour", "x", "y"])) {
    if (!sweep.byId?.has(selection[name])) selection[name] = start[name];
  }
  if (
    selection.across === selection.x ||
    selection.across === selection.y ||
    !sweep.axes.some((axis) => axis.name === selection.across)
  ) {
    selection.across = "";
  }
  return selection;
}

/** Colours by the user's system, until a button says otherwise. */
function chooseTheme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = byId("theme");
  const apply = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    button.textContent = isDark ? "Light" : "Dark";
    drawAll();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = button.textContent === "Dark" ? "dark" : "light";
    apply();
  });
  dark.addEventListener("change", apply);
  window.addEventListener("beforeprint", drawAll);
  apply();
}

/** @param {Sweep} sweep */
function fillHeader(sweep) {
  const { about } = sweep;
  const failed = sweep.simulations.rows.filter((_, i) => sweep.status(i) !== "ok").length;
  const counts = `${sweep.count.toLocaleString("en")} simulation${sweep.count === 1 ? "" : "s"}${failed ? `, ${failed.toLocaleString("en")} failed` : ""}`;
  byId("counts").textContent = `${about.sweep} · ${counts}`;
  byId("left-out").replaceChildren(
    ...about.left_out.map((/** @type {string} */ words) =>
      h("li", {}, `Not on this page: ${words}.`),
    ),
  );
  byId("lineage").textContent = JSON.stringify(
    { ...about.lineage, specification: about.specification },
    null,
    2,
  );
}

/**
 * @param {Sweep} sweep
 * @param {import("./map_view.js").App} app
 */
function listenForWords(sweep, app) {
  const input = /** @type {HTMLInputElement} */ (byId("find"));
  const [axis] = sweep.axes;
  const example = axis ? `${axis.name}=${axis.values[0]}` : "n_spikes=3";
  byId("finder").addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = await sweep.find(input.value);
    const isFound = typeof found === "number";
    const why = isFound ? "" : `${found}; expected an index, the beginning of a key, or ${example}`;
    input.setAttribute("aria-invalid", String(!isFound));
    input.setCustomValidity(why);
    if (isFound) app.change({ picked: found });
    else {
      input.reportValidity();
      say(why);
    }
  });
  input.addEventListener("input", () => input.setCustomValidity(""));
  input.placeholder = `index, key, or ${example}`;
}

async function begin() {
  const about = JSON.parse(byId("about").textContent ?? "");
  const sweep = await Sweep.read(
    about,
    (name) => document.getElementById(`blob-${name}`)?.textContent ?? "",
  );
  fillHeader(sweep);
  /** @type {{update: () => unknown}[]} */
  const views = [];
  let address = location.hash;
  const app = {
    sweep,
    selection: fitting(sweep, read(address)),
    passes: (/** @type {number} */ i) => passes(sweep, app.selection.ranges, i),
    change(/** @type {Partial<Selection>} */ changes) {
      app.selection = fitting(sweep, { ...app.selection, ...changes });
      address = `#${written(app.selection)}`;
      try {
        history.replaceState(null, "", address);
      } catch {
        // A page within another page may have no address of its own.
      }
      for (const view of views) view.update();
      if (changes.picked !== undefined)
        say(sweep.described(changes.picked, sweep.column(app.selection.colour)));
    },
  };
  window.addEventListener("hashchange", () => {
    if (location.hash !== address) app.change(fitting(sweep, read(location.hash)));
  });
  const picked = new PickedView(app, byId("picked"));
  views.push(new MapView(app, byId("map")), picked, new TableView(app, byId("all")));
  const structure = await sweep.structure();
  if (structure.rows.length && structure.names.includes("x0")) {
    byId("cells-panel").hidden = false;
    views.push(new CellView(app, byId("cells-place"), structure));
  }
  if (sweep.movies.length) {
    byId("movie-panel").hidden = false;
    views.push(new MovieView(app, byId("movie-place")));
  }
  document.addEventListener("keydown", (event) => {
    const isWriting =
      event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (
      event.key.toLowerCase() === "p" &&
      !isWriting &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey
    )
      picked.pin(app.selection.picked);
  });
  listenForWords(sweep, app);
  chooseTheme();
  await Promise.all(views.map((view) => view.update()));
  byId("main").removeAttribute("aria-busy");
  document.documentElement.dataset.ready = "true";
}

begin().catch((error) => {
  const said = byId("trouble");
  said.hidden = false;
  said.textContent = `This page cannot be shown: ${error}. It needs a browser of 2023 or later.`;
  throw error;
});
