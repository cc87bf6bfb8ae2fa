// What drawings share: elements, canvases that are sharp on every screen, the theme's colours, keys.
// It stands before a drawing's own module and knows nothing of what is drawn.

const USUAL_TYPE = 15; // pixels, as in .streamlit/config.toml
const MARGIN = 12;
const STEP = 0.94;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function makeSvg(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// A drawing that grows before a room: see keeper.js.
function keeper(Kind) {
  class Grown extends Kind {
    constructor(root, data) {
      super(root, data);
      // The type of the page grows by the style of its root: see frame.js.
      this.room = new MutationObserver(() => fill(root, this));
      this.room.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
    }

    stop() {
      this.room.disconnect();
      super.stop?.();
    }
  }
  return keep(Grown, fill);
}

// Before a room the type of the page grows. A drawing counts in pixels, and grows with it as far as
// all of it stays above the fold.
function fill(root, drawing) {
  const style = (root.host ?? root).style;
  const most = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_TYPE;
  if (most < 1.05 && !style.zoom) return;
  const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0;
  // Step by step, as in a narrower place a drawing may be higher, and then at once much lower.
  for (let growth = most; ; growth = Math.max(1, STEP * growth)) {
    style.zoom = growth;
    (drawing.build ?? drawing.draw)?.call(drawing);
    const { top, height } = (root.host ?? root).getBoundingClientRect();
    if (growth <= 1 || top + scrolled + height + MARGIN <= window.innerHeight) return;
  }
}

// The colours of the theme that an element stands in, read from Streamlit's own variables.
// Blue is data, orange is model, grey is reference; names as in made/plots/palette.py.
function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  const background = read("background-color", "#ffffff");
  const isDark = brightness(background) < 128;
  return {
    isDark,
    background,
    panel: read("secondary-background-color", "#f2f3f5"),
    text: read("text-color", "#1b1f27"),
    primary: read("primary-color", "#0f766e"),
    faint: isDark ? "#9aa3af" : "#5f6773",
    line: isDark ? "#4a5260" : "#c6cad1",
    data: "#3a82d0",
    dataText: isDark ? "#7fb4ee" : "#1f62ac",
    model: "#e0701a",
    modelText: isDark ? "#ffb57a" : "#9c3d00",
    reference: "#7d848f",
    wrong: isDark ? "#ff8a80" : "#b3261e",
    paper: "#0b0d12",
  };
}

function brightness(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.6 * green + 0.1 * blue;
}

// A canvas of so many CSS pixels with enough device pixels; the context draws in CSS pixels.
function fitCanvas(canvas, width, height) {
  const ratio = (window.devicePixelRatio || 1) * (canvas.currentCSSZoom ?? 1);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// The bytes of a base64 text, as Python sends arrays.
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// [red, green, blue] of "#rrggbb".
function channelsOf(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

// "#rrggbb" colours with even distances, as a table of 256 [red, green, blue].
function colourTable(anchors) {
  const channels = anchors.map(channelsOf);
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (anchors.length - 1);
    const low = Math.min(Math.floor(place), anchors.length - 2);
    return channels[low].map((value, c) => Math.round(value + (place - low) * (channels[low + 1][c] - value)));
  });
}

// Draws a grid of shares 0 … 1 (null: nothing there) as squares; colourOf(share, index) may be a
// table of colours or a function that gives a CSS colour.
function paintGrid(context, values, columns, size, colourOf) {
  // Edges lie on whole pixels of the screen: between two cells no ground shines through.
  const ratio = context.getTransform().a;
  const snap = (place) => Math.round(place * ratio) / ratio;
  values.forEach((value, index) => {
    if (value === null) return;
    const colour = typeof colourOf === "function" ? colourOf(value, index)
      : `rgb(${colourOf[Math.max(0, Math.min(255, Math.round(255 * value)))].join(",")})`;
    if (!colour) return;
    context.fillStyle = colour;
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const [left, right, top, bottom] = [column, column + 1, row, row + 1].map((edge) => snap(edge * size));
    context.fillRect(left, top, right - left, bottom - top);
  });
}

// The cell of a grid of squares under a pointer, or null beside it.
function cellAt(event, canvas, columns, rows) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  return column < 0 || row < 0 || column >= columns || row >= rows ? null : row * columns + column;
}

// Where an arrow key leads from a cell of a grid; null for another key.
function cellByKey(key, cell, columns, rows) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const step = steps[key];
  if (!step) return null;
  const column = Math.max(0, Math.min(columns - 1, (cell % columns) + step[0]));
  const row = Math.max(0, Math.min(rows - 1, Math.floor(cell / columns) + step[1]));
  return row * columns + column;
}

// Calls actions[event.key] and keeps the key from scrolling the page.
function onKeys(element, actions) {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}

// "0.06", "-1.95", "12.3", "1.25e-6": three significant digits, a true minus sign, no needless zeros.
function short(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const isTiny = value !== 0 && Math.abs(value) < 1e-4;
  if (isTiny) return Number(value.toPrecision(digits)).toExponential().replaceAll("-", "−");
  const text = Math.abs(value) >= 10 ** digits ? value.toFixed(0) : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}
