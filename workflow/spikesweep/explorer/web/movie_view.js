/** A quantity of the whole cell in time: played, or looked at frame by frame. */
import { fill, h } from "./dom.js";
import { segmentsOf } from "./morphology.js";
import { range, text } from "./numbers.js";
import { Turning } from "./turning.js";

/** @typedef {import("./map_view.js").App} App */
/** @typedef {import("./sweep.js").Movie} Movie */

const PER_SECOND = 20; // frames that are played
const SHORTEST = 2; // s that a movie of few frames takes
const LONGEST = 15;

export class MovieView {
  /**
   * @param {App} app
   * @param {HTMLElement} place
   */
  constructor(app, place) {
    this.app = app;
    this.movie = app.sweep.movies[0];
    this.frame = 0;
    /** @type {import("./sweep.js").Shot|null} */
    this.shot = null;
    /** @type {import("./morphology.js").Segments|null} */
    this.segments = null;
    this.asked = 0;
    this.playing = 0;
    this.menu = h("select", {
      id: "movie",
      onchange: () => {
        const chosen = app.sweep.movies.find(({ name }) => name === this.menu.value);
        this.movie = chosen ?? this.movie;
        this.frame = 0;
        return this.update();
      },
    });
    this.button = h("button", { type: "button", id: "play", onclick: () => this.toggle() }, "Play");
    this.slider = h("input", {
      type: "range",
      id: "frame",
      min: "0",
      step: "1",
      "aria-label": "Time",
      oninput: () => {
        this.stop();
        this.show(Number(this.slider.value));
      },
    });
    this.time = h("output", { for: "frame", "aria-live": "off" });
    this.message = h("p", { class: "note" });
    const name = () =>
      `${app.sweep.about.sweep}_${this.movie.name}_${app.sweep.indexOf(app.selection.picked)}_${this.frame}`;
    this.turning = new Turning("shot", name, () => this.view());
    place.append(
      h("div", { class: "menus" }, h("label", {}, h("span", {}, "Movie"), this.menu)),
      h("div", { class: "player" }, this.button, this.slider, this.time),
      this.message,
      this.turning.plot,
      h(
        "div",
        { class: "foot" },
        h(
          "p",
          { class: "note", id: "shot-help" },
          "Of the picked simulation; colours are the same for all. Drag or arrow keys turn, + − zoom, 0 as it was.",
        ),
        h("div", { class: "buttons" }, ...this.turning.figure.buttons()),
      ),
    );
  }

  get label() {
    const { long_name, unit } = this.movie;
    return unit ? `${long_name} (${unit})` : long_name;
  }

  /** The values of all segments in the frame that is shown. */
  values() {
    const frames = this.movie.frames;
    const all = this.shot?.values ?? [];
    return Float64Array.from(
      { length: all.length / frames },
      (_, segment) => all[segment * frames + this.frame],
    );
  }

  view() {
    const { segments, movie } = this;
    if (!segments) return null;
    return { segments, values: this.values(), texts: null, ends: movie.ends, label: this.label };
  }

  toggle() {
    if (this.playing) this.stop();
    else this.play();
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.button.textContent = "Play";
  }

  /** Play from the frame that is shown, from the first where that is the last. */
  play() {
    const { frames } = this.movie;
    if (!this.shot || frames < 2) return;
    const begin = this.frame < frames - 1 ? this.frame : 0;
    const seconds = Math.min(LONGEST, Math.max(SHORTEST, frames / PER_SECOND));
    /** @type {number|null} */
    let from = null;
    const step = (/** @type {number} */ now) => {
      from ??= now;
      const frame = begin + Math.floor((((now - from) / 1000) * (frames - 1)) / seconds);
      this.show(Math.min(frame, frames - 1));
      if (frame < frames - 1) this.playing = requestAnimationFrame(step);
      else this.stop();
    };
    this.button.textContent = "Pause";
    this.playing = requestAnimationFrame(step);
  }

  /** @param {number} frame */
  show(frame) {
    this.frame = frame;
    const time = this.shot ? `${text(this.shot.times[frame])} ms` : "";
    this.time.textContent = time;
    this.slider.value = String(frame);
    this.slider.setAttribute("aria-valuetext", time);
    const ends = range(this.values());
    const said = ends ? `from ${text(ends[0])} to ${text(ends[1])}` : "undefined";
    this.turning.plot.setAttribute("aria-label", `${this.label} of the cell at ${time}: ${said}`);
    this.turning.figure.draw();
  }

  async update() {
    const { sweep, selection } = this.app;
    const asked = ++this.asked;
    fill(
      this.menu,
      sweep.movies.map(({ name, at }) => [name, `${name}, of ${at}`]),
      this.movie.name,
    );
    const shot = await sweep.movie(this.movie, selection.picked);
    if (asked !== this.asked) return; // another was picked meanwhile
    if (!shot) this.stop();
    this.shot = shot;
    this.segments = shot && segmentsOf(shot.table);
    this.button.disabled = !shot;
    this.slider.disabled = !shot;
    this.slider.max = String(this.movie.frames - 1);
    this.message.textContent = shot ? "" : "This simulation has no movie.";
    this.show(Math.min(this.frame, this.movie.frames - 1));
  }
}
