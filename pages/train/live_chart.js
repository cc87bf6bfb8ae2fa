// What a person does with the live chart; live_chart_drawing.js stands before it in the same module.
// What a person did (zoom, hidden series) outlives a change of data or theme.

class Chart extends Picture {
  constructor(root) {
    super();
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.plot = this.find(".plot");
    this.tip = this.find(".tip");
    this.zoom = null;
    this.hidden = new Set();
    this.pointer = null;
    this.drag = null;
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.plot);
    this.listen();
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    const whole = joined(this.data, data);
    if (!whole) {
      this.tell("whole", true);
      return;
    }
    this.data = whole;
    this.canvas.dataset.points = whole.series[0].x.length;
    this.canvas.setAttribute("aria-label", data.alt);
    this.drawLegend();
    this.redraw();
  }

  get view() {
    return this.zoom ?? this.data.view;
  }

  redraw() {
    if (!this.data) return;
    this.plot.style.height = this.canvas.style.height = `${this.data.height * this.unit}px`;
    this.canvas.dataset.zoom = this.zoom ? JSON.stringify(this.zoom) : "";
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  listen() {
    const canvas = this.canvas;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: (event.clientX - box.left) / this.unit, y: (event.clientY - box.top) / this.unit };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.drag = { from: at(event), view: this.view, pan: event.shiftKey };
    });
    canvas.addEventListener("pointermove", (event) => {
      this.pointer = at(event);
      if (this.drag?.pan) this.pan(this.drag, this.pointer);
      this.redraw();
    });
    canvas.addEventListener("pointerup", (event) => {
      const drag = this.drag;
      this.drag = null;
      if (drag && !drag.pan) this.zoomTo(drag.from, at(event));
      this.redraw();
    });
    canvas.addEventListener("pointercancel", () => {
      this.drag = null;
      this.redraw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.redraw();
    });
    canvas.addEventListener("dblclick", () => this.act("reset"));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.scale(Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * 0.003), at(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const action = { "+": "in", "=": "in", "-": "out", 0: "reset", ArrowLeft: "left",
        ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" }[event.key];
      if (!action) return;
      event.preventDefault();
      this.act(action);
    });
    this.find(".buttons").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button.dataset.do);
    });
    this.find(".legend").addEventListener("click", (event) => {
      const name = event.target.closest("button")?.dataset.name;
      if (name === undefined) return;
      this.hidden.has(name) ? this.hidden.delete(name) : this.hidden.add(name);
      this.drawLegend();
      this.redraw();
    });
  }

  act(action) {
    const { width, height } = this.area();
    const centre = { x: LEFT + width / 2, y: TOP + height / 2 };
    const shifts = { left: [1, 0], right: [-1, 0], up: [0, 1], down: [0, -1] };
    if (action === "reset") this.zoom = null;
    else if (action === "in") this.scale(0.7, centre);
    else if (action === "out") this.scale(1 / 0.7, centre);
    else {
      const [right, down] = shifts[action];
      const to = { x: centre.x + (right * width) / 8, y: centre.y + (down * height) / 8 };
      this.pan({ from: centre, view: this.view }, to);
    }
    this.redraw();
  }

  pan({ from, view }, to) {
    const { width, height } = this.area();
    const right = ((from.x - to.x) / width) * (view.x[1] - view.x[0]);
    const up = ((to.y - from.y) / height) * (view.y[1] - view.y[0]);
    this.zoom = { x: view.x.map((v) => v + right), y: view.y.map((v) => v + up) };
  }

  scale(factor, centre) {
    const { x, y } = this.view;
    const [cx, cy] = [this.fromX(centre.x), this.fromY(centre.y)];
    this.setZoom(x.map((v) => cx + (v - cx) * factor), y.map((v) => cy + (v - cy) * factor));
    this.redraw();
  }

  // A flat drag zooms along the steps only, an upright one along the values only.
  zoomTo(from, to) {
    const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    if (Math.max(dx, dy) < 8) return;
    const sorted = (a, b) => (a < b ? [a, b] : [b, a]);
    const x = dx < 12 ? this.view.x : sorted(this.fromX(from.x), this.fromX(to.x));
    const y = dy < 12 ? this.view.y : sorted(this.fromY(from.y), this.fromY(to.y));
    this.setZoom(x, y);
  }

  setZoom(x, y) {
    const enough = (range) => range[1] - range[0] > 1e-9 * Math.max(1, Math.abs(range[0]));
    if (enough(x) && enough(y)) this.zoom = { x, y };
  }

  drawLegend() {
    const colours = this.colours();
    const items = this.data.series.filter((s) => s.x.length > 0).map((series) => {
      const button = document.createElement("button");
      button.dataset.name = series.name;
      button.setAttribute("aria-pressed", String(!this.hidden.has(series.name)));
      button.title = "Show or hide";
      button.innerHTML = swatch(series, colours.of(series), colours.background);
      button.append(series.name);
      return button;
    });
    this.find(".legend").replaceChildren(...items);
  }
}

// Of what grows the page sends the end alone to who has the beginning; null where that is lacking.
function joined(before, data) {
  if (!data.begin) return data;
  const has = before?.bucket === data.bucket ? before.series[0].x.length : 0;
  if (has < data.begin) return null;
  const series = data.series.map((series, place) => {
    if (!series.grows) return series;
    const grown = { ...series };
    for (const row of ["x", "y", "low", "high"]) {
      if (series[row]) grown[row] = before.series[place][row].slice(0, data.begin).concat(series[row]);
    }
    return grown;
  });
  return { ...data, begin: 0, series };
}

export default keep(Chart);
