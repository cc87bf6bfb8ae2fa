// The running log p, whose axis is the scrub bar: a slider with a curve above it. Steps in which
// something unlikely fell are dark. Only as much of the curve is seen as has been drawn.

const CHART = { height: 176, left: 38, right: 12, top: 8, bottom: 34 };

class MotionChart {
  constructor(track) {
    this.track = track;
    this.svg = makeSvg("svg", { "aria-hidden": "true" });
    track.append(this.svg);
  }

  // running: numbers or null at places 0 … last. level: a value to be compared with, or null.
  build(data, theme, width) {
    const { left, right, top, bottom, height } = CHART;
    this.running = data.running;
    this.last = data.running.length - 1;
    this.theme = theme;
    const known = data.running.filter((value) => value !== null);
    const values = data.level === null ? [...known, 0] : [...known, data.level];
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (high - low < 1e-6) [low, high] = [low - 1, high];
    const tick = niceTick((high - low) / 4);
    this.x = (place) => left + (place / this.last) * (width - left - right);
    this.y = (value) => top + ((high - value) / (high - low)) * (height - top - bottom);
    this.width = width;
    for (const [name, value] of Object.entries({ width, height })) this.svg.setAttribute(name, value);
    this.svg.replaceChildren();
    const add = (tag, attributes, text) => {
      const element = makeSvg(tag, attributes, text);
      this.svg.append(element);
      return element;
    };
    const label = { fill: theme.faint, "font-size": 12 };
    for (let value = Math.ceil(low / tick) * tick; value <= high + 1e-9; value += tick) {
      add("line", { x1: left, x2: width - right, y1: this.y(value), y2: this.y(value), stroke: theme.line, "stroke-width": 0.6 });
      const text = short(Number(value.toPrecision(6)));
      add("text", { x: left - 6, y: this.y(value) + 4, "text-anchor": "end", ...label }, text);
    }
    if (data.level !== null) {
      const y = this.y(data.level);
      add("line", { x1: left, x2: width - right, y1: y, y2: y, stroke: theme.reference, "stroke-dasharray": "5 4" });
      add("text", { x: width - right, y: y - 5, "text-anchor": "end", ...label }, `exact ${short(data.level, 4)}`);
    }
    const axis = height - bottom + 12;
    add("line", { x1: left, x2: width - right, y1: axis, y2: axis, stroke: theme.line, "stroke-width": 4, "stroke-linecap": "round" });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const place = Math.round(share * this.last);
      add("text", { x: this.x(place), y: height - 2, "text-anchor": "middle", ...label }, String(place));
    }
    const clip = add("clipPath", { id: "drawn-part" });
    this.window = makeSvg("rect", { x: 0, y: 0, height, width: 0 });
    clip.append(this.window);
    const part = add("g", { "clip-path": "url(#drawn-part)" });
    part.append(makeSvg("path", { d: this.path(), fill: "none", stroke: theme.model, "stroke-width": 2 }));
    const dark = data.surprises.map((place) =>
      `M${this.x(place + 1).toFixed(1)} ${this.y(data.running[place]).toFixed(1)}V${this.y(data.running[place + 1]).toFixed(1)}`);
    part.append(makeSvg("path", { d: dark.join(""), fill: "none", stroke: theme.text, "stroke-width": 2.5 }));
    this.done = add("line", { x1: left, y1: axis, y2: axis, stroke: theme.primary, "stroke-width": 4, "stroke-linecap": "round" });
    this.cursor = add("line", { y1: top, y2: axis, stroke: theme.primary, "stroke-dasharray": "3 3" });
    this.head = add("circle", { r: 4.5, fill: theme.model });
    this.thumb = add("circle", { r: 7.5, cy: axis, fill: theme.primary });
    this.said = add("text", { "font-size": 14, "font-weight": 600, fill: theme.modelText, class: "said" });
    this.aside = add("text", { "font-size": 12.5, fill: theme.faint });
  }

  // Steps, as log p falls at a toss and stays until the next one.
  path() {
    const parts = [];
    this.running.forEach((value, place) => {
      if (value === null) return;
      const [x, y] = [this.x(place).toFixed(1), this.y(value).toFixed(1)];
      parts.push(parts.length ? `H${x}V${y}` : `M${x} ${y}`);
    });
    return parts.join("");
  }

  draw(place, said, aside) {
    const x = this.x(place);
    const value = this.running[place];
    this.window.setAttribute("width", x + 0.5);
    this.done.setAttribute("x2", Math.max(x, CHART.left + 0.01));
    for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, x);
    this.thumb.setAttribute("cx", x);
    this.head.style.display = value === null ? "none" : "";
    const y = value === null ? CHART.top + 20 : this.y(value);
    this.head.setAttribute("cx", x);
    this.head.setAttribute("cy", y);
    const isRight = x > this.width - 235;
    // Towards the end there is room above the curve alone, as it has fallen.
    const base = isRight ? CHART.top + 16 : y > CHART.height - CHART.bottom - 46 ? y - 28 : y + 16;
    [this.said, this.aside].forEach((text, line) => {
      text.textContent = [said, aside][line];
      text.setAttribute("x", isRight ? this.width - CHART.right : x + 12);
      text.setAttribute("text-anchor", isRight ? "end" : "start");
      text.setAttribute("y", base + 17 * line);
    });
  }

  placeAt(event) {
    const box = this.track.getBoundingClientRect();
    const { left, right } = CHART;
    const width = this.track.clientWidth; // the box is larger where the drawing is enlarged
    const x = ((event.clientX - box.left) / box.width) * width;
    const share = (x - left) / Math.max(1, width - left - right);
    return Math.round(Math.max(0, Math.min(1, share)) * this.last);
  }
}

// 1, 2 or 5 times a power of ten, at least the given distance.
function niceTick(distance) {
  const power = 10 ** Math.floor(Math.log10(distance));
  return [1, 2, 5, 10].map((factor) => factor * power).find((tick) => tick >= distance * 0.999);
}
