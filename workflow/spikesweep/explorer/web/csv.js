/** Tables as text: taken apart, and put together again, letter by letter. */

/**
 * @typedef {object} Table
 * @property {string[]} names of the columns
 * @property {string[][]} rows the cells, as they are written
 * @property {string[]} lines each row's own text, with its line end
 * @property {string} header its text, with its line end
 */

/**
 * Take a table apart. Cells may be quoted, and hold commas, quotes and line ends then.
 * @param {string} text
 * @returns {Table}
 */
export function parsed(text) {
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  const lines = [];
  let place = 0;
  while (place < text.length) {
    const [cells, end] = row(text, place);
    rows.push(cells);
    lines.push(text.slice(place, end));
    place = end;
  }
  const names = rows.shift() ?? [];
  return { names, rows, header: lines.shift() ?? "", lines };
}

/**
 * One row, and where the next begins.
 * @param {string} text
 * @param {number} start
 * @returns {[string[], number]}
 */
function row(text, start) {
  let end = text.indexOf("\n", start);
  end = end < 0 ? text.length : end;
  const line = text.slice(start, end);
  if (!line.includes('"')) return [line.split(","), end + 1];
  /** @type {string[]} */
  const cells = [];
  let place = start;
  for (;;) {
    const [cell, after] = text[place] === '"' ? quotedCell(text, place) : plainCell(text, place);
    cells.push(cell);
    if (text[after] !== ",") return [cells, after + 1];
    place = after + 1;
  }
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {[string, number]}
 */
function plainCell(text, start) {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n") end++;
  return [text.slice(start, end), end];
}

/**
 * @param {string} text
 * @param {number} start of the quote
 * @returns {[string, number]}
 */
function quotedCell(text, start) {
  let end = start + 1;
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) {
    end += text[end] === '"' ? 2 : 1;
  }
  return [text.slice(start + 1, end).replaceAll('""', '"'), end + 1];
}

/**
 * A cell as a table has it.
 * @param {string} cell
 * @returns {string}
 */
export function quoted(cell) {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/**
 * A table's text.
 * @param {string[]} names
 * @param {string[][]} rows
 * @returns {string}
 */
export function written(names, rows) {
  return [names, ...rows].map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}
