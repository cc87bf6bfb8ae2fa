// One value as the vector that enters a network, in six encodings, and what each network has learned
// at that value. Python sends the vectors and the curves of all values once; the slider stays here.

const NARROW = 560;
const STRIP = { width: 176, height: 20, narrow: 150, second: 200 };
const CHART = { width: 240, height: 92 };
const TITLES = { raw: "Raw", normalized: "Normalized", bits: "Bits", fourier: "Fourier", embedding: "Embedding", "one-hot": "One-hot" };

class Encodings {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.host = this.find(".encodings");
    this.input = this.find("input");
    this.reader = null;
    this.input.oninput = () => {
      this.reader = { ...this.reader, value: Number(this.input.value), moved: true };
      this.draw();
    };
    this.input.onchange = () => this.keep("reader", this.reader);
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.host);
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    const isNew = this.data?.curves !== data.curves;
    this.data = data;
    this.reader ??= { ...data.reader };
    this.theme = themeOf(this.host);
    for (const name of ["faint", "model", "dataText", "reference"]) this.host.style.setProperty(`--${name}`, this.theme[name]);
    this.tones = colourTable(data.tones);
    this.input.max = data.size - 1;
    this.input.value = this.reader.value;
    this.find(".slider").classList.toggle("pulse", data.highlight === "slider");
    this.find(".charts").classList.toggle("pulse", data.highlight === "charts");
    if (isNew) this.build();
    this.draw();
  }

  build() {
    const { data } = this;
    this.strips = data.strips.map((strip) => {
      const row = make("div");
      const [first, second] = ["first", "second"].map((name) => {
        const vector = make("div", `vector ${name}`);
        vector.append(make("canvas"), make("span"));
        return vector;
      });
      row.append(make("b", "", TITLES[strip.name]), make("span", "count", String(strip.width)), first, second);
      return { ...strip, row, first, second, levels: bytesOf(strip.levels) };
    });
    this.find(".strips").replaceChildren(this.find(".head"), ...this.strips.map(({ row }) => row));
    this.truth = shares(data.truth);
    this.curves = data.curves.map((curve) => {
      const button = make("button");
      button.type = "button";
      const line = make("span", "line");
      line.append(make("b", "", `${TITLES[curve.name]}${curve.isLowest ? ", nearest over all" : ""}`), make("span"));
      const svg = makeSvg("svg", { viewBox: `0 0 ${CHART.width} ${CHART.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
      button.append(line, svg);
      button.onclick = () => {
        this.reader = { ...this.reader, picked: curve.name };
        this.keep("reader", this.reader);
        this.draw();
      };
      return { ...curve, button, svg, given: shares(curve.given) };
    });
    this.find(".charts").replaceChildren(...this.curves.map(({ button }) => button));
  }

  draw() {
    const { data, reader } = this;
    this.host.classList.toggle("narrow", this.host.clientWidth < NARROW);
    const a = reader.value;
    this.find(".value").textContent = a;
    this.find(".first").textContent = `x₁ = ${a}`;
    this.find(".bracket .second").textContent = `x₂ = ${data.second}`;
    this.find(".formula").textContent = `p(x₂ | x₁ = ${a})`;
    for (const strip of this.strips) {
      this.vector(strip, strip.first, a, true);
      this.vector(strip, strip.second, data.second, false);
    }
    const lines = [this.truth, ...this.curves.map(({ given }) => given)].map(({ row }) => row(a));
    const top = 1.05 * Math.max(...lines.flat());
    this.curves.forEach((curve, index) => this.chart(curve, lines[0], lines[index + 1], top, curve.kl[a]));
  }

  vector(strip, element, value, isFirst) {
    const room = this.host.classList.contains("narrow") ? STRIP.narrow : isFirst ? STRIP.width : STRIP.second;
    const { width, levels, isOneHot } = strip;
    const cell = isOneHot ? room / width : Math.min(20, Math.floor(room / Math.max(width, 1)));
    const canvas = element.firstChild;
    const context = fitCanvas(canvas, cell * width, STRIP.height);
    const colour = (level) => `rgb(${this.tones[level].join(",")})`;
    if (isOneHot) {
      context.fillStyle = colour(10);
      context.fillRect(0, 0, cell * width, STRIP.height);
      context.fillStyle = colour(235);
      context.fillRect(Math.floor(value * cell) - 1, 0, 3, STRIP.height);
    } else {
      for (let column = 0; column < width; column++) {
        const level = levels[value * width + column];
        context.fillStyle = colour(level);
        context.fillRect(column * cell, 0, cell - 1, STRIP.height);
        if (!strip.isSigned) continue;
        context.fillStyle = level > 127 ? "#ffffff" : "#12161c";
        context.font = "600 13px sans-serif";
        context.textAlign = "center";
        context.fillText(level > 127 ? "+" : "−", column * cell + (cell - 1) / 2, 15);
      }
    }
    const words = element.lastChild;
    words.replaceChildren();
    if (strip.numbers.length) words.append(make("b", "", strip.numbers[value]), ` ${isFirst ? strip.about : ""}`);
    else if (isOneHot) words.append(isFirst ? `${strip.about}, at column ${value}` : "");
    else if (isFirst && !this.host.classList.contains("narrow")) words.append(strip.about);
    element.title = `${TITLES[strip.name]}: ${strip.about}; ${width} ${width === 1 ? "column" : "columns"}`;
  }

  chart(curve, truth, model, top, kl) {
    const area = `${steps(truth, top)}L${CHART.width} ${CHART.height}L0 ${CHART.height}Z`;
    curve.svg.replaceChildren(
      makeSvg("path", { d: area, fill: this.theme.reference, "fill-opacity": 0.42 }),
      makeSvg("path", { d: steps(model, top), fill: "none", stroke: this.theme.model, "stroke-width": 1.6, "vector-effect": "non-scaling-stroke" }),
    );
    curve.button.querySelector(".line").lastChild.textContent = `KL ${kl} nats`;
    curve.button.setAttribute("aria-pressed", String(this.reader.picked === curve.name));
    curve.button.setAttribute("aria-label",
      `${TITLES[curve.name]}, epoch ${curve.epoch}: KL to the truth ${kl} nats at x₁ = ${this.reader.value}, ${curve.total} nats over all.`);
  }
}

// A table of probabilities whose largest is sent beside 16-bit levels.
function shares({ top, levels }) {
  const table = new Uint16Array(bytesOf(levels).buffer);
  const size = Math.round(Math.sqrt(table.length));
  return { row: (a) => [...table.subarray(a * size, (a + 1) * size)].map((level) => (level * top) / 65535) };
}

function steps(values, top) {
  const step = CHART.width / values.length;
  return values.map((value, index) => {
    const y = (CHART.height * (1 - value / top)).toFixed(1);
    return `${index ? "L" : "M"}${(index * step).toFixed(1)} ${y}L${((index + 1) * step).toFixed(1)} ${y}`;
  }).join("");
}

export default keeper(Encodings);
