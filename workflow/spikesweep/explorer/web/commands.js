/** The commands that lead from a simulation of the page back to the project. */

/** @typedef {import("./sweep.js").Sweep} Sweep */

/**
 * A word as a shell takes it: as it is, or in quotes.
 * @param {string} word
 */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {Sweep} sweep
 * @param {number} i
 * @returns {{what: string, command: string}[]}
 */
export function commands(sweep, i) {
  const name = sweep.about.sweep;
  const point = sweep.axes.map((axis, n) =>
    quoted(`${axis.name}=${axis.values[sweep.places[n][i]]}`),
  );
  const at = point.length ? ` --at ${point.join(" ")}` : "";
  return [
    { what: "run it alone", command: `spikesweep run ${name} --index ${sweep.indexOf(i)}` },
    { what: "what made it", command: `spikesweep explain results/${name}/statistics.csv${at}` },
  ];
}
