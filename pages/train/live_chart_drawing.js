// What the live chart looks like: axes, series, bands, reference lines and the box under the pointer,
// in units of one canvas, each as large as the type of the page asks for. Knows no interaction beyond the fields it reads: data, view, hidden,
// pointer and drag.

const LEFT = 64, RIGHT = 14, TOP = 10, BOTTOM = 25;

const USUAL_TYPE = 15; // pixels

class Picture {
  // Pixels of the page in a unit: more than one where type is larger, as before a projector.
  get unit() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_TYPE;
  }

  area() {
    return {
      width: Math.max(10, this.plot.clientWidth / this.unit - LEFT - RIGHT),
      height: Math.max(10, this.data.height - TOP - BOTTOM),
    };
  }

  toX(value) {
    const [low, high] = this.view.x;
    return LEFT + ((value - low) / (high - low)) * this.area().width;
  }

  toY(value) {
    const [low, high] = this.view.y;
    return TOP + ((high - value) / (high - low)) * this.area().height;
  }

  fromX(place) {
    const [low, high] = this.view.x;
    return low + ((place - LEFT) / this.area().width) * (high - low);
  }

  fromY(place) {
    const [low, high] = this.view.y;
    return high - ((place - TOP) / this.area().height) * (high - low);
  }

  colours() {
    const style = getComputedStyle(this.plot);
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const dark = 0.3 * red + 0.6 * green + 0.1 * blue < 128;
    return {
      of: (series) => series.color[dark ? 1 : 0],
      text: style.getPropertyValue("--st-text-color").trim() || (dark ? "#ffffff" : "#000000"),
      background: probe.fillStyle,
      font: style.getPropertyValue("--st-font").trim() || "sans-serif",
    };
  }

  draw() {
    if (!this.data || !this.plot.clientWidth) return;
    const ratio = (window.devicePixelRatio || 1) * this.unit;
    const [width, height] = [this.plot.clientWidth / this.unit, this.data.height];
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    const colours = this.colours();
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.drawAxes(pen, colours);
    const area = this.area();
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, TOP, area.width, area.height);
    pen.clip();
    const shown = this.data.series.filter((series) => !this.hidden.has(series.name));
    for (const series of shown) this.drawSeries(pen, series, colours);
    for (const line of this.data.lines) this.drawLine(pen, line, colours);
    this.drawMarks(pen, colours);
    if (shown.every((series) => series.x.length === 0) && !this.hidden.size) {
      this.write(pen, "No point yet", LEFT + area.width / 2, TOP + area.height / 2, "center",
        this.data.line_color, colours.background);
    }
    if (this.drag && !this.drag.pan && this.pointer) this.drawBox(pen, colours);
    pen.restore();
    this.drawTip(pen, shown, colours);
  }

  drawAxes(pen, { text, font }) {
    const { width, height } = this.area();
    pen.font = `12px ${font}`;
    pen.fillStyle = pen.strokeStyle = text;
    pen.lineWidth = 1;
    const across = ticks(this.view.x, Math.max(3, Math.floor(width / 110)), true);
    const down = ticks(this.view.y, Math.max(3, Math.floor(height / 48)), false);
    const line = (x0, y0, x1, y1, alpha) => {
      pen.globalAlpha = alpha;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
      pen.stroke();
      pen.globalAlpha = 1;
    };
    pen.textAlign = "center";
    pen.textBaseline = "top";
    // What the axis counts stands at the end of the row of its numbers.
    const end = LEFT + width + RIGHT - pen.measureText(this.data.x_label).width - 10;
    for (const { value, label } of across) {
      const x = Math.round(this.toX(value)) + 0.5;
      line(x, TOP, x, TOP + height, 0.08);
      if (x + pen.measureText(label).width / 2 < end) pen.fillText(label, x, TOP + height + 7);
    }
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { value, label } of down) {
      const y = Math.round(this.toY(value)) + 0.5;
      line(LEFT, y, LEFT + width, y, 0.08);
      pen.fillText(label, LEFT - 8, y);
    }
    line(LEFT, TOP + height + 0.5, LEFT + width, TOP + height + 0.5, 0.35);
    pen.textAlign = "right";
    pen.textBaseline = "top";
    pen.fillText(this.data.x_label, LEFT + width + RIGHT - 2, TOP + height + 7);
    pen.font = `13px ${font}`;
    pen.textAlign = "center";
    pen.save();
    const room = this.data.height - 4;
    const half = Math.min(pen.measureText(this.data.y_label).width, room) / 2;
    pen.translate(14, Math.max(TOP + height / 2, half + 2));
    pen.rotate(-Math.PI / 2);
    pen.textBaseline = "middle";
    pen.fillText(this.data.y_label, 0, 0, room);
    pen.restore();
  }

  drawSeries(pen, series, colours) {
    pen.strokeStyle = pen.fillStyle = colours.of(series);
    pen.lineJoin = "round";
    if (series.kind === "band") {
      pen.globalAlpha = 0.13;
      this.fillBand(pen, series);
      pen.globalAlpha = 0.4;
      pen.lineWidth = 1;
      this.strokePath(pen, series);
    } else {
      pen.setLineDash(series.dash ?? []);
      pen.lineWidth = series.kind === "points" ? 1.8 : 2.2;
      this.strokePath(pen, series);
      pen.setLineDash([]);
    }
    pen.globalAlpha = 1;
    if (series.kind === "points") this.drawPoints(pen, series, colours);
  }

  // Where something was changed: the words of a mark that would run into the next one are left out.
  drawMarks(pen, { text, font }) {
    pen.save();
    pen.font = `12px ${font}`;
    pen.fillStyle = pen.strokeStyle = text;
    pen.textBaseline = "top";
    this.data.marks.forEach(({ x, label }, index, marks) => {
      const place = Math.round(this.toX(x)) + 0.5;
      pen.setLineDash([2, 3]);
      pen.beginPath();
      pen.moveTo(place, TOP);
      pen.lineTo(place, TOP + this.area().height);
      pen.stroke();
      const width = pen.measureText(label).width + 8;
      const next = index + 1 < marks.length ? this.toX(marks[index + 1].x) : LEFT + this.area().width;
      const isLeft = index + 1 === marks.length && place + width > next;
      if (isLeft) pen.fillText(label, place - width + 4, TOP + 1);
      else if (place + width <= next) pen.fillText(label, place + 4, TOP + 1);
    });
    pen.restore();
  }

  strokePath(pen, { x, y }) {
    pen.beginPath();
    let down = false;
    for (let i = 0; i < x.length; i++) {
      if (y[i] === null) down = false;
      else {
        down ? pen.lineTo(this.toX(x[i]), this.toY(y[i])) : pen.moveTo(this.toX(x[i]), this.toY(y[i]));
        down = true;
      }
    }
    pen.stroke();
  }

  fillBand(pen, { x, low, high }) {
    const known = [...x.keys()].filter((i) => low[i] !== null);
    pen.beginPath();
    for (const i of known) pen.lineTo(this.toX(x[i]), this.toY(high[i]));
    for (const i of known.reverse()) pen.lineTo(this.toX(x[i]), this.toY(low[i]));
    pen.fill();
  }

  drawPoints(pen, { x, y, best }, { background, font, text }) {
    let last = -Infinity;
    for (let i = 0; i < x.length; i++) {
      const place = this.toX(x[i]);
      if (y[i] === null || (place - last < 9 && i !== best)) continue;
      last = place;
      pen.beginPath();
      pen.arc(place, this.toY(y[i]), 3.5, 0, 2 * Math.PI);
      const ink = pen.fillStyle;
      pen.fillStyle = background;
      pen.fill();
      pen.fillStyle = ink;
      pen.stroke();
    }
    if (best === null || best === undefined || y[best] === null) return;
    const [cx, cy] = [this.toX(x[best]), this.toY(y[best])];
    pen.beginPath();
    pen.arc(cx, cy, 3.5, 0, 2 * Math.PI);
    pen.fill();
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(cx, cy, 8, 0, 2 * Math.PI);
    pen.stroke();
    const label = `best ${figures(y[best])}`;
    pen.font = `600 13px ${font}`;
    const left = cx + 14 + pen.measureText(label).width > LEFT + this.area().width;
    const above = cy - 14 > TOP + 8;
    this.write(pen, label, cx + (left ? -12 : 12), above ? cy - 14 : cy + 16, left ? "right" : "left", text, background);
  }

  drawLine(pen, { y, label, dash }, { background, font, text }) {
    const place = Math.round(this.toY(y)) + 0.5;
    pen.strokeStyle = this.data.line_color;
    pen.lineWidth = 1.6;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(LEFT, place);
    pen.lineTo(LEFT + this.area().width, place);
    pen.stroke();
    pen.setLineDash([]);
    pen.font = `13px ${font}`;
    const above = place - 10 > TOP + 4;
    this.write(pen, label, LEFT + 8, place + (above ? -10 : 11), "left", text, background);
  }

  write(pen, label, x, y, align, colour, background) {
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.strokeStyle = background;
    pen.strokeText(label, x, y);
    pen.fillStyle = colour;
    pen.fillText(label, x, y);
  }

  drawBox(pen, { text }) {
    const { width, height } = this.area();
    const { from } = this.drag;
    const [dx, dy] = [this.pointer.x - from.x, this.pointer.y - from.y];
    const [x, w] = Math.abs(dx) < 12 ? [LEFT, width] : [from.x, dx];
    const [y, h] = Math.abs(dy) < 12 ? [TOP, height] : [from.y, dy];
    pen.fillStyle = pen.strokeStyle = text;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.1;
    pen.fillRect(x, y, w, h);
    pen.globalAlpha = 0.6;
    pen.strokeRect(x, y, w, h);
    pen.globalAlpha = 1;
  }

  drawTip(pen, shown, { text }) {
    const { width, height } = this.area();
    const place = this.pointer;
    const inside = place && place.x >= LEFT && place.x <= LEFT + width && place.y >= TOP
      && place.y <= TOP + height;
    const filled = shown.filter((series) => series.x.length > 0);
    this.tip.hidden = !inside || this.drag !== null || filled.length === 0;
    if (this.tip.hidden) return;
    const step = nearest(filled, this.fromX(place.x));
    const cross = Math.round(this.toX(step)) + 0.5;
    pen.strokeStyle = text;
    pen.globalAlpha = 0.35;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(cross, TOP);
    pen.lineTo(cross, TOP + height);
    pen.stroke();
    pen.globalAlpha = 1;
    const rows = filled.flatMap((series) => {
      const i = closest(series.x, step);
      if (Math.abs(this.toX(series.x[i]) - cross) > 10 || series.y[i] === null) return [];
      const spread = series.low && series.low[i] !== series.high[i]
        ? ` (${figures(series.low[i])} to ${figures(series.high[i])})` : "";
      return [`${series.name} ${figures(series.y[i])}${spread}`];
    });
    this.tip.replaceChildren(...[`Step ${step.toLocaleString("en")}`, ...rows].map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    const [wide, high] = [this.tip.offsetWidth / this.unit, this.tip.offsetHeight / this.unit];
    const left = cross + 14 + wide > LEFT + width;
    const x = this.unit * (left ? cross - 14 - wide : cross + 14);
    const y = this.unit * Math.min(Math.max(place.y - 20, TOP), TOP + height - high);
    this.tip.style.transform = `translate(${Math.max(0, x)}px, ${Math.max(0, y)}px)`;
  }
}

function swatch({ kind, dash }, colour, background) {
  const band = kind === "band" ? `<rect y="1" width="26" height="10" opacity="0.2" fill="${colour}"/>` : "";
  const mark = kind === "points" ? `<circle cx="13" cy="6" r="3.5" fill="${background}"/>` : "";
  return `<svg width="26" height="12" aria-hidden="true" stroke="${colour}">${band.replace("/>", ' stroke="none"/>')}`
    + `<path d="M0 6H26" stroke-width="${kind === "band" ? 1 : 2}" stroke-dasharray="${dash ?? ""}"`
    + ` opacity="${kind === "band" ? 0.5 : 1}"/>${mark}</svg>`;
}

function ticks([low, high], count, whole) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  if (whole) step = Math.max(1, Math.round(step));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const values = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) values.push(i * step + 0);
  return values.map((value) => ({ value,
    label: value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }) }));
}

function closest(sorted, value) {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    sorted[middle] < value ? (low = middle + 1) : (high = middle);
  }
  return low > 0 && value - sorted[low - 1] < sorted[low] - value ? low - 1 : low;
}

function nearest(series, value) {
  const steps = series.map(({ x }) => x[closest(x, value)]);
  return steps.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a));
}

function figures(value) {
  return Number(value.toPrecision(4)).toLocaleString("en", { minimumSignificantDigits: 4,
    maximumSignificantDigits: 4 });
}
