// One network under many mask sets: each alone as a dot, the mixture of the first ones as a line whose
// axis is the slider. Python sends all figures once; opening and mixing are answered here.

const CHART = { height: 392, left: 44, right: 12, top: 10, bottom: 46 };
const CELL = 26;

class ManyMasks {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.svg = this.find(".chart svg");
    this.reader = null;
    this.pointed = null;
    this.listen();
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.find(".many"));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    this.data = data;
    this.count = data.sets.length;
    this.reader ??= { ...data.reader };
    const host = this.find(".many");
    this.theme = themeOf(host);
    for (const name of ["faint", "model", "wrong"]) host.style.setProperty(`--${name}`, this.theme[name]);
    host.style.setProperty("--text-on-panel", this.theme.isDark ? "#b6bcc7" : "#545b67");
    this.tones = colourTable(data.tones);
    for (const [name, selector] of [["plot", ".plot"], ["track", ".track"], ["logits", ".logits"]]) {
      this.find(selector).classList.toggle("pulse", data.highlight === name);
    }
    this.draw();
  }

  listen() {
    const [plot, track] = [this.find(".plot"), this.find(".track")];
    plot.onpointermove = (event) => this.point(this.setAt(event, plot));
    plot.onpointerleave = () => this.point(null);
    plot.onclick = (event) => this.change({ opened: this.setAt(event, plot) });
    const drag = (event) => this.mix(this.setAt(event, track) + 1);
    track.onpointerdown = (event) => {
      track.setPointerCapture(event.pointerId);
      this.isDragged = true;
      drag(event);
    };
    track.onpointermove = (event) => this.isDragged && drag(event);
    track.onpointerup = track.onpointercancel = () => { this.isDragged = false; };
    const keys = (element, value, act) => {
      const by = (step) => () => act(Math.max(0, Math.min(this.count - 1, value() + step)));
      onKeys(element, {
        ArrowLeft: by(-1), ArrowDown: by(-1), ArrowRight: by(1), ArrowUp: by(1),
        Home: () => act(0), End: () => act(this.count - 1),
      });
    };
    keys(plot, () => this.reader.opened ?? -1, (index) => this.change({ opened: index }));
    keys(track, () => this.reader.mixed - 1, (index) => this.mix(index + 1));
    const average = (isAveraged) => this.change({ is_averaged: isAveraged });
    this.find(".probabilities").onclick = () => average(false);
    this.find(".logits").onclick = () => average(true);
    const swap = () => average(!this.reader.is_averaged);
    onKeys(this.find(".many"), { a: swap, A: swap });
  }

  setAt(event, element) {
    const box = element.getBoundingClientRect();
    return Math.max(0, Math.min(this.count - 1, Math.floor(((event.clientX - box.left) / box.width) * this.count)));
  }

  point(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.draw();
  }

  mix(mixed) {
    if (mixed !== this.reader.mixed) this.change({ mixed });
  }

  change(what) {
    Object.assign(this.reader, what);
    this.keep("reader", this.reader);
    this.draw();
  }

  draw() {
    const begin = performance.now();
    this.keysLine();
    this.drawChart();
    this.showAlone();
    this.showMixture();
    this.showSum();
    this.find(".many").dataset.stepMs = (performance.now() - begin).toFixed(2);
  }

  keysLine() {
    const item = (className, text) => {
      const element = make("span", "", text);
      element.prepend(make("i", className));
      return element;
    };
    const isAll = this.data.sets.every((one) => one.trained);
    const items = [item("dot full", isAll ? "a mask set alone" : "a mask set of training")];
    if (!isAll) items.push(item("dot", "one that it never met"));
    items.push(item("line", "mixture of the first ones"));
    if (this.reader.is_averaged) items.push(item("line wrong", "averaged logits: no NLL"));
    this.find(".keys").replaceChildren(...items);
  }

  drawChart() {
    const { data, theme, reader, svg, count } = this;
    const { height, left, right, top, bottom } = CHART;
    const width = this.find(".many").clientWidth;
    if (!width) return;
    const step = (width - left - right) / count;
    const x = (index) => left + (index + 0.5) * step;
    const values = [...data.sets.map((one) => one.nll), ...data.mixtures.map((one) => one.nll)];
    if (data.reference !== null) values.push(data.reference);
    if (reader.is_averaged) values.push(...data.mixtures.map((one) => one.averaged));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = (most - least) * 0.06;
    const [low, high] = [least - room, most + room];
    const y = (value) => top + ((high - value) / (high - low)) * (height - top - bottom);
    for (const [name, value] of Object.entries({ width, height })) svg.setAttribute(name, value);
    svg.replaceChildren();
    const add = (tag, attributes, text) => svg.appendChild(makeSvg(tag, attributes, text));
    const label = { fill: theme.faint, "font-size": 12 };
    const tick = niceTick((high - low) / 5);
    for (let value = Math.ceil(low / tick) * tick; value <= high; value += tick) {
      add("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: theme.line, "stroke-width": 0.6 });
      add("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end", ...label }, short(Number(value.toPrecision(6)), 4));
    }
    if (data.reference !== null) {
      const at = y(data.reference);
      add("line", { x1: left, x2: width - right, y1: at, y2: at, stroke: theme.reference, "stroke-dasharray": "5 4", "stroke-width": 1.5 });
    }
    const band = [...data.mixtures.map((one, index) => `${x(index)},${y(one.low)}`), ...data.mixtures.map((one, index) => `${x(index)},${y(one.high)}`).reverse()];
    add("polygon", { points: band.join(" "), fill: theme.model, opacity: 0.16 });
    const path = (name, end) => data.mixtures.slice(0, end).map((one, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(one[name]).toFixed(1)}`).join("");
    add("path", { d: path("nll"), fill: "none", stroke: theme.model, "stroke-width": 2, opacity: 0.35 });
    add("path", { d: path("nll", reader.mixed), fill: "none", stroke: theme.model, "stroke-width": 3 });
    if (reader.is_averaged) add("path", { d: path("averaged", reader.mixed), fill: "none", stroke: theme.wrong, "stroke-width": 2, "stroke-dasharray": "6 4" });
    data.sets.forEach((one, index) => {
      const isOpen = index === (this.pointed ?? reader.opened);
      add("circle", {
        cx: x(index), cy: y(one.nll), r: isOpen ? 6.5 : 4.5, fill: one.trained ? theme.model : theme.background,
        stroke: isOpen ? theme.text : theme.model, "stroke-width": isOpen ? 2.5 : 2, opacity: index < reader.mixed || isOpen ? 1 : 0.55,
      });
    });
    const end = x(reader.mixed - 1);
    const axis = height - bottom + 20;
    const mixed = data.mixtures[reader.mixed - 1];
    add("line", { x1: end, x2: end, y1: y(mixed.nll), y2: axis, stroke: theme.primary, "stroke-dasharray": "3 3" });
    add("circle", { cx: end, cy: y(mixed.nll), r: 5, fill: theme.model, stroke: theme.background, "stroke-width": 1.5 });
    add("line", { x1: x(0), x2: x(count - 1), y1: axis, y2: axis, stroke: theme.line, "stroke-width": 4, "stroke-linecap": "round" });
    add("line", { x1: x(0), x2: Math.max(end, x(0) + 0.01), y1: axis, y2: axis, stroke: theme.primary, "stroke-width": 4, "stroke-linecap": "round" });
    add("circle", { cx: end, cy: axis, r: 8, fill: theme.primary });
    for (const number of [1, 8, 16, 24, 32]) add("text", { x: x(number - 1), y: height - 3, "text-anchor": "middle", ...label }, String(number));
    if (data.reference !== null) {
      const halo = { stroke: theme.background, "stroke-width": 4, "paint-order": "stroke" };
      add("text", { x: width - right, y: y(data.reference) + 15, "text-anchor": "end", ...label, ...halo }, `trained and asked in one ordering: ${data.referenceText}`);
    }
    const place = (selector, begin, tall) => Object.assign(this.find(selector).style, {
      left: `${left}px`, width: `${width - left - right}px`, top: `${begin}px`, height: `${tall}px`,
    });
    place(".plot", 0, height - bottom);
    place(".track", height - bottom + 6, bottom - 6);
  }

  showAlone() {
    const { data, reader, theme } = this;
    const index = this.pointed ?? reader.opened;
    const svg = this.find(".order svg");
    const plot = this.find(".plot");
    plot.setAttribute("aria-valuemax", this.count);
    plot.setAttribute("aria-valuenow", (reader.opened ?? 0) + 1);
    const one = data.sets[index ?? 0];
    const said = `${one.trained ? "A mask set of training." : "Training never met it."} NLL ${one.text}`;
    plot.setAttribute("aria-valuetext", reader.opened === null ? "none yet" : `mask set ${reader.opened + 1}: NLL ${data.sets[reader.opened].text}`);
    this.find(".alone h4").textContent = index === null ? "A mask set alone" : `Mask set ${index + 1} alone`;
    this.find(".order p").textContent = index === null ? "Click a dot: in which order does it ask for the twelve pixels?" : said;
    for (const [name, value] of Object.entries({ width: CELL * data.columns, height: CELL * data.rows })) svg.setAttribute(name, value);
    svg.setAttribute("aria-label", index === null ? "No mask set is open." : `Places of the pixels in its ordering, row by row: ${one.places.join(" ")}.`);
    svg.replaceChildren();
    one.places.forEach((number, pixel) => {
      const [left, top] = [(pixel % data.columns) * CELL, Math.floor(pixel / data.columns) * CELL];
      const level = Math.round((255 * (number - 1)) / (one.places.length - 1));
      const isEmpty = index === null;
      svg.append(makeSvg("rect", {
        x: left, y: top, width: CELL - 2, height: CELL - 2, rx: 2, fill: isEmpty ? theme.line : `rgb(${this.tones[level].join(",")})`,
      }));
      if (isEmpty) return;
      svg.append(makeSvg("text", {
        x: left + CELL / 2 - 1, y: top + CELL / 2 + 4, "text-anchor": "middle", "font-size": 12.5, "font-weight": 600, fill: level > 130 ? "#ffffff" : "#0b0d12",
      }, String(number)));
    });
  }

  showMixture() {
    const { reader, data } = this;
    const one = data.mixtures[reader.mixed - 1];
    const track = this.find(".track");
    track.setAttribute("aria-valuemax", this.count);
    track.setAttribute("aria-valuenow", reader.mixed);
    track.setAttribute("aria-valuetext", `${reader.mixed} mixed: NLL ${one.text}`);
    this.find(".mixture h4").textContent = reader.mixed === 1 ? "Mask set 1, nothing mixed" : `Mixture of the first ${reader.mixed}`;
    this.find(".figure").textContent = one.text;
    this.find(".gain").textContent = reader.mixed === 1 ? "Drag the slider to mix more." : `${one.gain} below the mean of its parts, row by row`;
    this.find(".next").textContent = reader.mixed === this.count ? "" : `One more: ${one.next}`;
  }

  showSum() {
    const { reader, data } = this;
    const one = data.mixtures[reader.mixed - 1];
    this.find(".sum h4").textContent = `Sum over all ${data.states} states`;
    this.find(".probabilities").setAttribute("aria-pressed", String(!reader.is_averaged));
    this.find(".logits").setAttribute("aria-pressed", String(reader.is_averaged));
    const total = (text, name, className) => {
      const element = make("span", className);
      element.append(make("b", "", text), name);
      return element;
    };
    const totals = [total(one.total, "probabilities averaged", "")];
    const isWrong = one.averagedTotal !== "1.000";
    if (reader.is_averaged) totals.push(total(one.averagedTotal, "logits averaged", isWrong ? "wrong" : ""));
    this.find(".totals").replaceChildren(...totals);
    this.find(".why").textContent = !reader.is_averaged
      ? "A mean of probabilities is a probability: a density whatever is mixed."
      : reader.mixed === 1 ? "With one mask set both are the same."
        : `Conditionals of different orderings do not multiply to a probability: ${one.averagedText} is no NLL. Divided by the sum it is ${one.normalised}.`;
  }
}

// 1, 2 or 5 times a power of ten, at least the given distance.
function niceTick(distance) {
  const power = 10 ** Math.floor(Math.log10(distance));
  return [1, 2, 5, 10].map((factor) => factor * power).find((tick) => tick >= distance * 0.999);
}

export default keeper(ManyMasks);
