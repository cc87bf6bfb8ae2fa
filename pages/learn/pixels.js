// Who may see whom among the pixels of a picture. Python sends all pairs once, as bits; which pixel is
// asked about, and in which order the matrix stands, is answered here and told to the page for ticks.

const PICTURE = 336; // pixels of the screen along the larger side
const MATRIX = 392;
const HISTOGRAM = { height: 58, gap: 22, foot: 15 };

class Pixels {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.picture = this.find(".picture canvas");
    this.matrix = this.find(".matrix canvas");
    this.reader = null;
    this.hovered = null;
    this.isAlong = false;
    this.listen();
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.find(".pixels"));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    if (data.paths !== this.data?.paths) this.paths = bitsOf(data.paths);
    this.data = data;
    this.count = data.position.length;
    this.reader ??= { ...data.reader };
    if (this.reader.pixel >= this.count) this.reader.pixel = data.reader.pixel;
    this.follow();
    this.histograms();
    this.draw();
  }

  follow() {
    const host = this.find(".pixels");
    this.theme = themeOf(host);
    host.style.setProperty("--faint", this.theme.faint);
    this.cannot = this.theme.isDark ? "#2b3140" : "#e1e4ec";
    this.cut = this.theme.isDark ? "#6b3438" : "#f0bcb6";
    const { highlight } = this.data;
    this.picture.classList.toggle("pulse", highlight === "picture");
    this.find(".seen").classList.toggle("pulse", highlight === "seen");
  }

  listen() {
    const { picture, matrix } = this;
    picture.onclick = (event) => this.choose(this.pixelAt(event));
    picture.onpointermove = (event) => this.point(this.pixelAt(event));
    picture.onpointerleave = () => this.point(null);
    matrix.onclick = (event) => this.choose(this.pairAt(event)?.[this.reader.is_seen_by ? 1 : 0] ?? null);
    matrix.onpointermove = (event) => this.say(this.pairAt(event));
    matrix.onpointerleave = () => this.say(null);
    const ask = (isSeenBy) => this.change({ is_seen_by: isSeenBy });
    const order = (isAlong) => { this.isAlong = isAlong; this.draw(); };
    this.find(".sees").onclick = () => ask(false);
    this.find(".seen").onclick = () => ask(true);
    this.find(".lie").onclick = () => order(false);
    this.find(".along").onclick = () => order(true);
    const swap = () => ask(!this.reader.is_seen_by);
    const turn = () => order(!this.isAlong);
    onKeys(this.find(".pixels"), { s: swap, S: swap, o: turn, O: turn });
    const walk = (event) => this.choose(cellByKey(event.key, this.reader.pixel ?? 0, this.data.columns, this.data.rows));
    const end = (place) => () => this.choose(this.data.sequence.at(place));
    onKeys(picture, { ArrowLeft: walk, ArrowRight: walk, ArrowUp: walk, ArrowDown: walk, Home: end(0), End: end(-1) });
  }

  pixelAt(event) {
    return cellAt(event, this.picture, this.data.columns, this.data.rows);
  }

  // Output and input of the pair under a pointer; of a block, the middle one.
  pairAt(event) {
    const side = this.side || 1;
    const cells = Math.ceil(this.count / side);
    const cell = cellAt(event, this.matrix, cells, cells);
    if (cell === null) return null;
    const at = (index) => this.variableAt(Math.min(this.count - 1, index * side + (side >> 1)));
    return [at(Math.floor(cell / cells)), at(cell % cells)];
  }

  variableAt(index) {
    return this.isAlong ? this.data.sequence[index] : index;
  }

  choose(pixel) {
    if (pixel !== null && pixel !== this.reader.pixel) this.change({ pixel });
  }

  change(what) {
    Object.assign(this.reader, what);
    this.keep("reader", this.reader);
    this.draw();
  }

  point(pixel) {
    if (pixel === this.hovered) return;
    this.hovered = pixel;
    this.say(null);
  }

  may(output, input) {
    return this.paths[output * this.count + input] === 1;
  }

  // What becomes of a pixel when the chosen one is asked: "self", "lit", "cut" or "cannot".
  stateOf(pixel) {
    const { reader, data } = this;
    const own = reader.pixel;
    if (own === null) return "cannot";
    if (pixel === own) return "self";
    const [output, input] = reader.is_seen_by ? [pixel, own] : [own, pixel];
    if (this.may(output, input)) return "lit";
    return data.position[input] < data.position[output] ? "cut" : "cannot";
  }

  draw() {
    const begin = performance.now();
    const { reader } = this;
    for (const [name, isOn] of [["sees", !reader.is_seen_by], ["seen", reader.is_seen_by], ["lie", !this.isAlong], ["along", this.isAlong]]) {
      this.find(`.${name}`).setAttribute("aria-pressed", String(isOn));
    }
    this.drawPicture();
    this.drawMatrix();
    this.say(null);
    this.legend();
    this.find(".pixels").dataset.stepMs = (performance.now() - begin).toFixed(2);
  }

  drawPicture() {
    const { data, theme, reader } = this;
    const width = Math.min(PICTURE, this.find(".pixels").clientWidth);
    const size = Math.floor(Math.min(width / data.columns, PICTURE / data.rows));
    const context = fitCanvas(this.picture, size * data.columns, size * data.rows);
    const states = data.position.map((_, pixel) => this.stateOf(pixel));
    const [self, lit] = reader.is_seen_by ? [theme.data, theme.model] : [theme.model, theme.data];
    const colours = { self, lit, cut: this.cut, cannot: this.cannot };
    context.fillStyle = theme.background;
    states.forEach((state, pixel) => {
      const [x, y] = [(pixel % data.columns) * size, Math.floor(pixel / data.columns) * size];
      context.fillStyle = colours[state];
      context.fillRect(x, y, size - 1, size - 1);
    });
    this.marks(context, size, states);
    if (size >= 24) this.places(context, size, states);
    if (reader.pixel === null) return;
    const [x, y] = [(reader.pixel % data.columns) * size, Math.floor(reader.pixel / data.columns) * size];
    context.strokeStyle = theme.text;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, size + 1, size + 1);
    this.picture.setAttribute("aria-label", `${data.rows} by ${data.columns} pixels. ${this.sentence(reader.pixel)} `
      + "Arrow keys choose another pixel, Home the first of the ordering, End the last.");
  }

  // A cross on every input that reaches nothing.
  marks(context, size, states) {
    context.lineWidth = size >= 24 ? 2.5 : 1.6;
    const [low, high] = [size * 0.24, size * 0.7];
    for (const pixel of this.data.unseen) {
      const [x, y] = [(pixel % this.data.columns) * size, Math.floor(pixel / this.data.columns) * size];
      context.strokeStyle = states[pixel] === "cannot" ? this.theme.wrong : this.theme.text;
      context.beginPath();
      context.moveTo(x + low, y + low);
      context.lineTo(x + high, y + high);
      context.moveTo(x + high, y + low);
      context.lineTo(x + low, y + high);
      context.stroke();
    }
  }

  places(context, size, states) {
    context.font = `600 ${Math.min(22, Math.round(size * 0.4))}px ${getComputedStyle(this.find(".pixels")).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.data.position.forEach((place, pixel) => {
      const isDark = this.theme.isDark ? ["cut", "cannot"].includes(states[pixel]) : false;
      context.fillStyle = isDark ? "#ffffff" : "#0b0d12";
      context.fillText(String(place + 1), (pixel % this.data.columns + 0.5) * size, (Math.floor(pixel / this.data.columns) + 0.5) * size);
    });
  }

  // Each drawn cell is as orange as the share of its pairs that are joined.
  drawMatrix() {
    const { count, theme, reader } = this;
    const width = Math.min(MATRIX, this.find(".pixels").clientWidth);
    this.side = Math.ceil(count / width);
    const cells = Math.ceil(count / this.side);
    const size = Math.max(1, Math.floor(width / cells));
    const [open, cut] = [theme.model, this.cannot].map(channelsOf);
    const image = new ImageData(cells, cells);
    const [joined, pairs] = [new Float32Array(cells * cells), new Float32Array(cells * cells)];
    for (let down = 0; down < count; down++) {
      const [output, base] = [this.variableAt(down) * count, Math.floor(down / this.side) * cells];
      for (let across = 0; across < count; across++) {
        const cell = base + Math.floor(across / this.side);
        joined[cell] += this.paths[output + this.variableAt(across)];
        pairs[cell] += 1;
      }
    }
    joined.forEach((number, cell) => {
      const part = number / pairs[cell];
      for (let c = 0; c < 3; c++) image.data[4 * cell + c] = part * open[c] + (1 - part) * cut[c];
      image.data[4 * cell + 3] = 255;
    });
    const context = fitCanvas(this.matrix, size * cells, size * cells);
    const inner = new OffscreenCanvas(cells, cells);
    inner.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(inner, 0, 0, size * cells, size * cells);
    const block = this.side > 1 ? ` A dot is ${this.side} × ${this.side} pairs.` : "";
    this.find(".joined").textContent = `Outputs down, inputs across. ${this.data.words}${block}`;
    this.matrix.setAttribute("aria-label", `The product of all masks, ${count} outputs down, ${count} inputs across, `
      + `pixels ${this.isAlong ? "along the ordering: a triangle" : "as they lie in the picture"}. ${this.data.words}`);
    if (reader.pixel === null) return;
    const place = this.isAlong ? this.data.position[reader.pixel] : reader.pixel;
    const start = Math.floor(place / this.side) * size;
    context.strokeStyle = theme.text;
    context.lineWidth = size > 4 ? 2 : 1;
    const line = [start - 0.5, size + 1];
    if (reader.is_seen_by) context.strokeRect(line[0], -1, line[1], size * cells + 2);
    else context.strokeRect(-1, line[0], size * cells + 2, line[1]);
  }

  legend() {
    const { theme, reader, data } = this;
    const item = (colour, text, sign = "") => {
      const element = make("span", "", text);
      const mark = make("i", "", sign);
      if (sign) mark.style.color = colour;
      else mark.style.background = colour;
      element.prepend(mark);
      return element;
    };
    const [self, lit] = reader.is_seen_by ? [theme.data, theme.model] : [theme.model, theme.data];
    const words = reader.is_seen_by
      ? ["this input", "outputs that may see it", "later, but cut off", "earlier"]
      : ["this output", "inputs that it may see", "earlier, but cut off", "later"];
    const items = [self, lit, this.cut, this.cannot].map((colour, index) => item(colour, words[index]));
    if (data.unseen.length) items.push(item(theme.wrong, `${data.unseen.length} inputs reach nothing`, "✕"));
    this.find(".colours").replaceChildren(...items);
  }

  say(pair) {
    const { reader } = this;
    const asked = reader.pixel === null ? "Click a pixel" : this.nameOf(reader.pixel);
    this.find(".asked").textContent = asked;
    if (pair) {
      const [output, input] = pair;
      this.find(".said").textContent = `Output at ${this.nameOf(output)} ${this.may(output, input) ? "may" : "may not"} see the input at ${this.nameOf(input)}.`;
      return;
    }
    const pixel = this.hovered ?? reader.pixel;
    this.find(".said").textContent = pixel === null ? this.data.words : this.sentence(pixel);
  }

  nameOf(pixel) {
    const { columns, rows } = this.data;
    if (rows === 1) return `variable ${pixel + 1}`;
    return `row ${Math.floor(pixel / columns) + 1}, column ${(pixel % columns) + 1}`;
  }

  sentence(pixel) {
    const { data, reader, count } = this;
    const place = data.position[pixel];
    let number = 0;
    for (let other = 0; other < count; other++) number += reader.is_seen_by ? this.may(other, pixel) : this.may(pixel, other);
    const allowed = reader.is_seen_by ? count - 1 - place : place;
    const name = this.nameOf(pixel);
    const begin = `${name[0].toUpperCase()}${name.slice(1)} is number ${place + 1} of ${count} in the ordering. `;
    if (!allowed) return begin + (reader.is_seen_by ? "It is the last one: none may see it." : "It is the first one: it may see nothing.");
    const relation = reader.is_seen_by ? ["It may be seen by", "after it"] : ["It may see", "before it"];
    const whole = allowed === 1 ? "the one" : `the ${allowed}`;
    const part = number === allowed ? (allowed === 1 ? whole : `all ${allowed}`) : `${number || "none"} of ${whole}`;
    const rest = number < allowed ? `; no hidden unit leads to the other ${allowed - number}.` : ".";
    return `${begin}${relation[0]} ${part} ${relation[1]}${number ? rest : ": no hidden unit leads there."}`;
  }

  // How many units of each hidden layer have a degree within each bin.
  histograms() {
    const { data, theme } = this;
    const room = Math.max(120, (this.find(".pixels").clientWidth - HISTOGRAM.gap * (data.histograms.length - 1)) / data.histograms.length);
    const width = Math.min(260, Math.floor(room) - 1);
    const figures = data.histograms.map((counts, layer) => {
      const svg = makeSvg("svg", { width, height: HISTOGRAM.height + HISTOGRAM.foot, role: "img", "aria-label": this.histogramLabel(counts, layer) });
      const [step, top] = [width / counts.length, Math.max(...counts)];
      counts.forEach((number, bin) => {
        const tall = (number / top) * HISTOGRAM.height;
        const bar = makeSvg("rect", { x: bin * step, y: HISTOGRAM.height - tall, width: Math.max(1, step - 1), height: tall, fill: theme.model });
        const [low, high] = [data.bins[bin], data.bins[bin + 1] - 1];
        bar.append(makeSvg("title", {}, `degrees ${low} … ${high}: ${number} units`));
        svg.append(bar);
      });
      svg.append(makeSvg("line", { x1: 0, x2: width, y1: HISTOGRAM.height + 0.5, y2: HISTOGRAM.height + 0.5, stroke: theme.line }));
      const foot = { y: HISTOGRAM.height + 13, fill: theme.faint, "font-size": 12 };
      svg.append(makeSvg("text", { x: 0, ...foot }, "1"));
      svg.append(makeSvg("text", { x: width / 2, "text-anchor": "middle", ...foot }, "degree"));
      svg.append(makeSvg("text", { x: width, "text-anchor": "end", ...foot }, String(data.bins.at(-1) - 1)));
      const figure = make("figure");
      const caption = make("figcaption");
      caption.append(make("b", "", `Layer ${layer + 1}`), `${this.units(counts)} units, ≤ ${top} a bin${data.dead[layer] ? `, ${data.dead[layer]} dead` : ""}`);
      figure.append(caption, svg);
      return figure;
    });
    this.find(".histograms").replaceChildren(...figures);
  }

  units(counts) {
    return counts.reduce((sum, number) => sum + number, 0);
  }

  histogramLabel(counts, layer) {
    return `Degrees of the ${this.units(counts)} units of hidden layer ${layer + 1}: ${Math.min(...counts)} to ${Math.max(...counts)} units a bin, ${this.data.dead[layer]} dead.`;
  }
}

// The bits of a base64 text, first bit first, one byte 0 or 1 each.
function bitsOf(text) {
  const bytes = bytesOf(text);
  const bits = new Uint8Array(bytes.length * 8);
  bytes.forEach((byte, index) => { for (let bit = 0; bit < 8; bit++) bits[8 * index + bit] = (byte >> (7 - bit)) & 1; });
  return bits;
}

export default keeper(Pixels);
