import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { read, written as address } from "../../workflow/spikesweep/explorer/web/address.js";
import {
  fromBase64,
  hex,
  samplesOf,
  starts,
  steps,
  unshuffled,
} from "../../workflow/spikesweep/explorer/web/bytes.js";
import { quoted as word } from "../../workflow/spikesweep/explorer/web/commands.js";
import { parsed, written } from "../../workflow/spikesweep/explorer/web/csv.js";
import { ramp } from "../../workflow/spikesweep/explorer/web/colours.js";
import { canLog, colouring } from "../../workflow/spikesweep/explorer/web/legend.js";
import { turned } from "../../workflow/spikesweep/explorer/web/morphology.js";
import * as numbers from "../../workflow/spikesweep/explorer/web/numbers.js";
import { asSvg, escaped } from "../../workflow/spikesweep/explorer/web/painter.js";
import {
  between,
  draw,
  heightOf,
  reduced,
  valueAt,
} from "../../workflow/spikesweep/explorer/web/traceplot.js";
import { Sweep } from "../../workflow/spikesweep/explorer/web/sweep.js";

test("tables are taken apart as they are written, and keep their lines", () => {
  const names = ["a", 'b"', "c,d"];
  const rows = [
    ["1", "", "x\ny"],
    ['"', ",", "細胞"],
    ["", "", ""],
  ];
  const text = written(names, rows);
  const table = parsed(text);
  assert.deepEqual([table.names, table.rows], [names, rows]);
  assert.equal(table.header + table.lines.join(""), text);
  assert.deepEqual(parsed("").rows, []);
  assert.deepEqual(parsed("a,b\n1,2").rows, [["1", "2"]]);
});

test("any cells come back", () => {
  const pieces = ['"', ",", "\n", "a", " ", "", "é", '""'];
  let seed = 1;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let k = 0; k < 500; k++) {
    const cell = () => Array.from({ length: next(4) }, () => pieces[next(8)]).join("");
    const rows = Array.from({ length: 1 + next(4) }, () => [cell(), cell()]);
    assert.deepEqual(parsed(written(["x", "y"], rows)).rows, rows);
  }
});

test("samples are the bits that were shuffled, or whole steps", async () => {
  const values = new Float32Array([-65, 0.1, NaN, -0, 1e-40]);
  const bytes = new Uint8Array(values.buffer);
  const planes = Uint8Array.from(bytes, (_, k) => bytes[(k % 5) * 4 + Math.floor(k / 5)]);
  assert.deepEqual(new Uint8Array(unshuffled(planes, 4)), bytes);
  const packed = deflateSync(planes);
  const text = Buffer.concat([Buffer.from("abc"), packed]).toString("base64");
  const coding = { samples: 5, itemsize: 4, step: null };
  const found = await samplesOf(text, 3, packed.length + 0x80000000, coding);
  assert.deepEqual(new Uint8Array(found.buffer), bytes);
  assert.deepEqual(await samplesOf(text, 0, 0, coding), new Float32Array(5).fill(NaN));
  const differences = new Int32Array([-6500, 1, -(2 ** 31) + 6499, 2 ** 31 - 1]);
  assert.deepEqual(steps(differences, 0.01), new Float64Array([-65, -64.99, NaN, -0.01]));
  assert.deepEqual([...starts(new Uint32Array([4, 0, 0x80000003, 1]))], [0, 6, 6, 9]);
  assert.equal(hex(fromBase64("AAr/")), "000aff");
});

test("an address gives back the selection, and takes no nonsense", () => {
  const selection = {
    picked: 12,
    pins: [3, 4],
    colour: "rate@so ma",
    x: "dose",
    y: "",
    log: true,
    across: "a&b=c",
    ranges: { n_spikes: [2, Infinity], "a=b": [-1.5, 2] },
    sort: "-cv",
    zoom: [0.5, 99],
    paint: "diam",
  };
  assert.deepEqual(read(`#${address(selection)}`), selection);
  assert.deepEqual(read("#picked=-1&pins=a,2&zoom=3,1&zoom=,&in.rate=x,y&in.cv=,"), { pins: [2] });
});

test("numbers as people read them", () => {
  const shown = {
    0: "0",
    0.1: "0.1",
    36.123456: "36.12",
    1234567: "1.235e6",
    "-0.00012": "−1.2e−4",
  };
  for (const [value, text] of Object.entries(shown))
    assert.equal(numbers.text(Number(value)), text);
  assert.equal(numbers.text(-65), "−65");
  assert.equal(numbers.text(NaN), "–");
  assert.deepEqual(numbers.ticks(-65, 40, 4), [-50, 0]);
  assert.deepEqual(numbers.ticks(0.1, 0.5, 4), [0.1, 0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(numbers.ticks(3, 3), [3]);
  assert.deepEqual(numbers.logTicks(0.1, 1000), [0.1, 1, 10, 100, 1000]);
  assert.deepEqual(numbers.range([NaN, 3, -1, Infinity]), [-1, 3]);
  assert.equal(numbers.range([NaN]), null);
});

test("every number is in a bin", () => {
  for (const values of [[1], [0, 0], [1, 2, 3, 4, 10], [1e-9, 2e-9], [-5, 5], [46.65, 47.55]]) {
    const { counts, start, width } = numbers.histogram(values);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      values.length,
    );
    assert.ok(start <= Math.min(...values) + 1e-12);
    assert.ok(start + width * counts.length >= Math.max(...values));
  }
  assert.deepEqual(numbers.histogram([]).counts, []);
});

test("bins among other numbers are common to all", () => {
  const [one, other] = [[1, 2, 2], [40]];
  const [a, b] = [one, other].map((own) => numbers.histogram(own, 10, [...one, ...other]));
  assert.deepEqual([a.start, a.width, a.counts.length], [b.start, b.width, b.counts.length]);
  assert.deepEqual(
    [a, b].map(({ counts }) => counts.reduce((sum, n) => sum + n, 0)),
    [3, 1],
  );
});

/** @type {import("../../workflow/spikesweep/explorer/web/sweep.js").Column} */
const COLUMN = {
  id: "a",
  name: "a",
  label: "a",
  unit: "",
  kind: "statistic",
  numbers: new Float64Array([0.1, 1, 100, 0, -3, NaN]),
  texts: null,
  definition: "",
};

test("colours by logarithm are of what is above 0", () => {
  const members = [0, 1, 2, 3, 4, 5];
  const theme = /** @type {any} */ ({ paper: "paper" });
  const log = colouring(COLUMN, members, true);
  assert.deepEqual(log.ends, [0.1, 100]);
  assert.ok(Math.abs(log.part(1) - 1 / 3) < 1e-12);
  const shown = members.map((i) => log.of(i, theme));
  assert.deepEqual(shown, [ramp(0), ramp(1 / 3), ramp(1), "paper", "paper", null]);
  assert.deepEqual(colouring(COLUMN, members, false).ends, [-3, 100]);
  const never = { ...COLUMN, numbers: new Float64Array([0, -1, NaN]) };
  assert.equal(canLog(never), false);
  assert.equal(colouring(never, [0, 1, 2], true).log, false);
});

test("scales lead there and back", () => {
  for (const log of [false, true]) {
    const scale = numbers.scale([0.1, 1000], [10, 110], log);
    assert.equal(scale.to(0.1), 10);
    assert.equal(scale.to(1000), 110);
    assert.ok(Math.abs(scale.from(scale.to(30)) - 30) < 1e-9);
  }
  assert.equal(numbers.scale([5, 5], [0, 100]).to(5), 50);
});

test("no peak is lost between the pixels", () => {
  const times = Float64Array.from({ length: 10000 }, (_, i) => i / 10);
  const values = Float32Array.from(times, (_, i) => (i === 5003 ? 40 : i === 7007 ? -90 : -65));
  const x = numbers.scale([0, 1000], [0, 300]);
  const y = numbers.scale([-100, 50], [150, 0]);
  const [xs, ys] = reduced(times, values, between(times, [0, 1000]), x, y);
  assert.ok(xs.length < 3000);
  assert.equal(Math.min(...ys), y.to(40));
  assert.equal(Math.max(...ys), y.to(-90));
  assert.deepEqual(between(times, [100, 101]), [999, 1012]);
  assert.equal(valueAt({ times, values, colour: "" }, 500.31), 40);
});

test("words of a shell", () => {
  assert.equal(word("dose=30"), "dose=30");
  assert.equal(word("cell=it's $HOME `x`"), "'cell=it'\\''s $HOME `x`'");
});

test("SVG takes text as text", () => {
  assert.equal(escaped('<a b="c">&\'\0'), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;�");
  const painter = asSvg(100, 50, "#fff");
  painter.text(1, 2, "</text><script>", { fill: "#000" });
  painter.line([0, 1, NaN, 3], [0, 1, 2, 3], "#000");
  assert.ok(!painter.svg().includes("<script>"));
  assert.ok(painter.svg().includes('d="M0 0L1 1M3 3"'));
});

test("a turn by a quarter brings depth to the side", () => {
  const [x, y, z] = turned(new Float64Array([0, 0, 1]), Math.PI / 2, 0);
  assert.ok(Math.abs(x - 1) < 1e-12 && Math.abs(y) < 1e-12 && Math.abs(z) < 1e-12);
});

test("values at the cursor lie over no title, over no other, and within the drawing", () => {
  const theme = { ink: "#000", quiet: "#777", line: "#ccc", accent: "#b00", paper: "#fff" };
  for (const width of [300, 400, 700, 1500]) {
    for (const count of [1, 2, 3, 5, 10]) {
      for (const cursor of [0, 1, 9, 10]) {
        const curves = Array.from({ length: count }, (_, n) => ({
          times: new Float64Array([0, 10]),
          values: new Float32Array([-65.123 - n, 30.77 + n]),
          colour: `curve ${n}`,
        }));
        const row = { title: "v_soma: membrane potential at soma(0.5)", unit: "mV", curves };
        const view = { traces: [row], spikes: [], zoom: [0, 10], cursor, window: null };
        /** @type {{from: number, to: number, y: number, bold: boolean}[]} */
        const texts = [];
        const painter = asSvg(width, heightOf(view), theme.paper);
        painter.text = (x, y, words, { align = "left", bold = false }) => {
          const size = words.length * 7.2;
          const from = align === "right" ? x - size : align === "center" ? x - size / 2 : x;
          texts.push({ from, to: from + size, y, bold });
        };
        draw(painter, theme, view);
        const told = texts.filter(({ bold }) => bold).slice(0, count + 1); // the title and values
        assert.equal(told.length, count + 1);
        told.forEach((one, n) => {
          assert.ok(one.from >= 60 && one.to <= width, `${width} ${count}: ${one.from} ${one.to}`);
          for (const other of told.slice(n + 1)) {
            const isBeside = other.from >= one.to || other.to <= one.from;
            assert.ok(isBeside || Math.abs(one.y - other.y) >= 11, `${width} ${count} ${cursor}`);
          }
        });
      }
    }
  }
});

test("spike sites of many copies stand together, and those of few one by one", () => {
  const copies = (name, n) => Array.from({ length: n }, (_, i) => ({ name: `${name}[${i}]` }));
  const of = (...sites) => Sweep.prototype.populations.call({ sites });
  assert.deepEqual(of(...copies("exc", 16), ...copies("inh", 2), { name: "soma" }), [
    { name: "exc", sites: Array.from({ length: 16 }, (_, i) => i) },
    { name: "inh[0]", sites: [16] },
    { name: "inh[1]", sites: [17] },
    { name: "soma", sites: [18] },
  ]);
  assert.deepEqual(of(), []);
});

test("statistics of many copies are their mean, of those that are defined", () => {
  const sites = Array.from({ length: 10 }, (_, i) => ({ name: `exc[${i}]` }));
  const rows = [...sites.map((_, i) => [i < 8 ? "" : String(i)]), ...sites.map(() => [""])];
  const sweep = {
    count: 2,
    sites,
    columns: [],
    statistics: { names: ["cv"], rows },
    about: { columns: { cv: { long_name: "CV of ISI", unit: "", definition: "" } } },
    populations: Sweep.prototype.populations,
  };
  Sweep.prototype._fillStatistics.call(sweep);
  assert.deepEqual(
    sweep.columns.map((column) => [column.id, column.name, [...column.numbers]]),
    [["cv@exc", "CV of ISI, mean of exc (10)", [8.5, NaN]]],
  );
});
