// A sheet on which is brushed what is known and what is not, and ink is laid or erased. The page is
// told when a stroke has ended, and by nothing before. Keys: arrows move, Space or Enter uses the
// brush (Space held down draws on), h g i e choose what it does, [ and ] its size.

const TOOLS = [
  ["hide", "Hide", "Leave these for the model to draw (H)"],
  ["give", "Give", "Give these to the model as they are (G)"],
  ["ink", "Ink", "Draw, and give it (I)"],
  ["erase", "Erase", "Erase, and give the empty ground (E)"],
];
const QUICK = [["left", "Left half"], ["bottom", "Bottom half"], ["hole", "Hole"], ["clear", "Clear"]];
const SHEET = 280; // CSS pixels at most, for the buttons below to be seen

class Inpainting {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    [this.tool, this.brush, this.cursor, this.seed] = ["hide", 3, 0, 0];
    this.way = ""; // the best that is open
    this.isDrawing = false;
    this.over = null; // the cell under the pointer, or the cursor of the keys
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.canvas.parentElement ?? root.host ?? root);
    this.build();
    this.listen();
  }

  stop() {
    this.sizes.disconnect();
  }

  // What was drawn here is newer than what comes back, unless it is another sheet.
  update(data) {
    const isNew = this.data?.sheet !== data.sheet;
    this.data = data;
    if (isNew) {
      this.values = [...data.values];
      this.known = [...data.known];
      this.cursor = Math.min(this.cursor, data.values.length - 1);
      this.seed = data.seed;
      this.way = data.way;
      const ink = this.find(".ink");
      ink.max = data.top;
      ink.value = data.top;
      this.find(".level").hidden = data.top < 2;
    }
    this.find("[data-do=next]").textContent = `Next ${data.kind}`;
    this.find(".why").textContent = data.line;
    this.showWays();
    this.find(".particles").replaceChildren(...data.particleCounts.map((count) => {
      const option = make("option", "", count.toLocaleString("en"));
      option.value = count;
      option.selected = count === data.particles;
      return option;
    }));
    this.canvas.setAttribute("aria-label", data.label);
    this.draw();
  }

  showWays() {
    this.find(".ways").replaceChildren(...this.data.ways.map((way) => {
      const button = make("button", "", way.title);
      button.disabled = !way.isOpen;
      button.title = way.why;
      button.setAttribute("aria-pressed", String(way.isChosen));
      button.onclick = () => {
        this.way = way.name;
        this.send();
      };
      return button;
    }));
  }

  build() {
    this.find(".tools").replaceChildren(...TOOLS.map(([name, title, hint]) => {
      const button = make("button", "", title);
      button.dataset.tool = name;
      button.title = hint;
      button.onclick = () => this.choose(name);
      return button;
    }));
    this.find(".quick").replaceChildren(...QUICK.map(([name, title]) => {
      const button = make("button", "", title);
      button.onclick = () => this.mask(name);
      return button;
    }));
    this.choose(this.tool);
    this.find(".brush").oninput = (event) => {
      this.brush = Number(event.target.value);
      this.draw();
    };
    this.find(".particles").onchange = () => this.send();
    this.find("[data-do=again]").onclick = () => {
      this.seed += 1;
      this.send();
    };
    this.find("[data-do=next]").onclick = () => this.send({ row: this.data.row + 1, values: null });
  }

  choose(tool) {
    this.tool = tool;
    for (const button of this.find(".tools").children) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
  }

  listen() {
    const canvas = this.canvas;
    const cells = (event) => cellAt(event, canvas, this.data.columns, this.rows());
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.isDrawing = true;
      this.over = cells(event);
      this.dab(this.over);
    };
    canvas.onpointermove = (event) => {
      const before = this.over;
      this.over = cells(event);
      if (this.isDrawing) this.line(before, this.over);
      else this.draw();
    };
    canvas.onpointerup = canvas.onpointercancel = () => this.end();
    canvas.onpointerleave = () => {
      if (!this.isDrawing) this.over = null;
      this.draw();
    };
    canvas.onfocus = canvas.onblur = () => this.draw();
    const use = (event) => {
      if (event.repeat) return;
      this.isDrawing = true;
      this.dab(this.cursor);
    };
    const tools = TOOLS.flatMap(([name]) => [name[0], name[0].toUpperCase()].map((key) => [key, () => this.choose(name)]));
    const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => [key, () => this.move(key)]);
    onKeys(canvas, {
      ...Object.fromEntries([...tools, ...arrows]),
      " ": use,
      Enter: use,
      "[": () => this.resize(-1),
      "]": () => this.resize(1),
    });
    canvas.onkeyup = (event) => [" ", "Enter"].includes(event.key) && this.end();
  }

  move(key) {
    const next = cellByKey(key, this.cursor, this.data.columns, this.rows());
    this.cursor = Math.min(next, this.values.length - 1);
    if (this.isDrawing) this.dab(this.cursor);
    else this.draw();
  }

  resize(step) {
    this.brush = Math.max(1, Math.min(9, this.brush + step));
    this.find(".brush").value = this.brush;
    this.draw();
  }

  rows() {
    return Math.ceil(this.values.length / this.data.columns);
  }

  // All cells whose middles lie under the brush.
  dab(cell) {
    if (cell === null) return;
    const columns = this.data.columns;
    const [x, y] = [cell % columns, Math.floor(cell / columns)];
    const reach = this.brush / 2;
    this.values.forEach((_, index) => {
      const [dx, dy] = [(index % columns) - x, Math.floor(index / columns) - y];
      if (dx * dx + dy * dy < reach * reach + 0.01) this.touch(index);
    });
    this.draw();
  }

  touch(index) {
    if (this.tool === "hide") this.known[index] = false;
    else this.known[index] = true;
    if (this.tool === "ink") this.values[index] = Number(this.find(".ink").value);
    if (this.tool === "erase") this.values[index] = 0;
  }

  // Between two places of the pointer, which may lie many cells apart.
  line(from, to) {
    if (to === null) return;
    if (from === null) return this.dab(to);
    const columns = this.data.columns;
    const [x0, y0] = [from % columns, Math.floor(from / columns)];
    const [x1, y1] = [to % columns, Math.floor(to / columns)];
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
    for (let step = 1; step <= steps; step++) {
      const [x, y] = [x0, y0].map((v, i) => Math.round(v + ((i ? y1 : x1) - v) * (step / steps)));
      this.dab(y * columns + x);
    }
  }

  end() {
    if (!this.isDrawing) return;
    this.isDrawing = false;
    this.send();
  }

  mask(name) {
    const [columns, rows] = [this.data.columns, this.rows()];
    const [left, top] = [Math.floor(columns / 3), Math.floor(rows / 3)];
    const hides = {
      left: (x) => x < columns / 2,
      bottom: (_, y) => y >= rows / 2,
      hole: (x, y) => x >= left && x < columns - left && y >= top && y < rows - top,
      clear: () => false,
    }[name];
    this.known = this.values.map((_, index) => !hides(index % columns, Math.floor(index / columns)));
    if (name === "clear") this.values = [...this.data.original];
    this.draw();
    this.send();
  }

  send(changed = {}) {
    this.tell("asked", {
      row: this.data.row,
      values: this.values,
      known: this.known,
      way: this.way,
      particles: Number(this.find(".particles").value),
      seed: this.seed,
      ...changed,
    });
  }

  draw() {
    if (!this.data) return;
    const { columns, top } = this.data;
    const width = Math.max(120, Math.min(SHEET, this.canvas.parentElement?.clientWidth || SHEET));
    const sheet = paintSheet(this.canvas, width, columns, this.values.map((value) => value / top), this.known, "unknown");
    outlineSheet(sheet.context, sheet.size, columns, this.known);
    const hasFocus = this.canvas.matches(":focus-visible");
    const at = hasFocus && this.over === null ? this.cursor : this.over;
    if (at !== null) {
      const [x, y] = [(at % columns) + 0.5, Math.floor(at / columns) + 0.5];
      sheet.context.beginPath();
      sheet.context.arc(x * sheet.size, y * sheet.size, (this.brush / 2) * sheet.size, 0, 2 * Math.PI);
      sheet.context.strokeStyle = "#ffffff";
      sheet.context.lineWidth = 2;
      sheet.context.stroke();
    }
    const given = this.known.filter(Boolean).length;
    this.find(".said").textContent = `given: ${given} · unknown: ${this.known.length - given} ${this.data.things}`;
  }
}

export default keeper(Inpainting);
