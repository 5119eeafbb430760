/** Colours: of numbers, of classes, of themes. */

// After Wong (2011), Nature Methods 8, 441: those that the colour-blind tell apart.
export const CLASSES = [
  "#0173b2",
  "#de8f05",
  "#029e73",
  "#d55e00",
  "#cc78bc",
  "#ca9161",
  "#8c6bb1",
  "#949494",
  "#b8a800",
  "#56b4e9",
];

/**
 * A colour from lightness, chroma and hue of OKLCH (Ottosson 2020).
 * @param {number} lightness 0 to 1
 * @param {number} chroma
 * @param {number} hue in degrees
 * @returns {[number, number, number]} sRGB, 0 to 255
 */
export function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const shown = linear.map((x) => {
    const c = Math.min(1, Math.max(0, x));
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  });
  return /** @type {[number, number, number]} */ (shown);
}

/** From dark violet over green to yellow, evenly in lightness: 256 steps. */
const RAMP = Array.from({ length: 256 }, (_, i) => {
  const t = i / 255;
  const [r, g, b] = oklch(0.28 + 0.62 * t, 0.11 + 0.06 * Math.sin(Math.PI * t), 305 - 205 * t);
  return `#${[r, g, b].map((x) => x.toString(16).padStart(2, "0")).join("")}`;
});

/**
 * The colour of a part of the way from the least to the greatest.
 * @param {number} part 0 to 1
 * @returns {string}
 */
export function ramp(part) {
  return RAMP[Math.min(255, Math.max(0, Math.round(part * 255)))];
}

/**
 * The colour of the n-th class.
 * @param {number} n
 * @returns {string}
 */
export function classColour(n) {
  return CLASSES[n % CLASSES.length];
}

/**
 * The colours that the theme gives to what is drawn.
 * @param {Element} [element]
 */
export function theme(element = document.documentElement) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"),
    quiet: colour("quiet"),
    line: colour("line"),
    paper: colour("paper"),
    accent: colour("accent"),
    undefined: colour("undefined"),
    failed: colour("failed"),
    hatch: colour("hatch"),
  };
}

/** @typedef {ReturnType<typeof theme>} Theme */
