// A few small pictures of ink or none, drawn one by one. The page is told when a stroke has ended,
// and by nothing before.

const [PAPER, INK] = ["#0b0d12", "#ffffff"]; // as rows of pictures are drawn everywhere here
const STEPS = [
  ["undo", "Undo", "Take back a stroke (Z)"],
  ["redo", "Redo", "Do it again (Y)"],
  ["copy", "Copy", "Copy this picture to the next empty one (C)"],
  ["clear", "Clear", "Empty this picture (X)"],
];
const [LARGE, SMALL] = [320, 44]; // CSS pixels of a side

class Pictures {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find(".sheet");
    this.steps = new Steps();
    this.chosen = 0;
    pressButtons(this.find(".steps"), STEPS, (name) => this.step(name));
    this.pen = new Pen(this.canvas, this);
    this.keys = {
      n: () => this.choose(this.chosen + 1),
      p: () => this.choose(this.chosen - 1),
      c: () => this.step("copy"),
      x: () => this.step("clear"),
    };
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".desk"));
  }

  stop() {
    this.sizes.disconnect();
  }

  // What was drawn here is newer than what comes back, unless it was put here from outside.
  update(data) {
    const isFirst = this.data === undefined;
    const isNew = isFirst || this.data.version !== data.version;
    this.data = data;
    [this.columns, this.rows] = [data.side, data.side];
    if (isNew) {
      if (!isFirst) this.steps.add(this.now());
      const area = data.side * data.side;
      this.pictures = Array.from({ length: data.count }, (_, index) =>
        Array.from(data.pixels.slice(index * area, (index + 1) * area), Number));
    }
    if (isFirst) this.build();
    this.draw();
  }

  build() {
    this.find(".pictures").replaceChildren(...this.pictures.map((_, index) => {
      const button = make("button");
      button.type = "button";
      button.append(make("canvas"));
      button.onclick = () => this.choose(index);
      return button;
    }));
  }

  choose(index) {
    this.chosen = (index + this.pictures.length) % this.pictures.length;
    this.draw();
  }

  get picture() {
    return this.pictures[this.chosen];
  }

  begin(cell) {
    this.before = this.now();
    this.ink = 1 - this.picture[cell];
  }

  dab(cell) {
    this.replace(this.picture.map((pixel, at) => (at === cell ? this.ink : pixel)));
  }

  // A changed picture is another one, so that what was before stays as it was.
  replace(picture, index = this.chosen) {
    this.pictures = this.pictures.map((each, at) => (at === index ? picture : each));
  }

  end() {
    this.steps.add(this.before);
    this.send();
  }

  step(name) {
    if (name === "undo" || name === "redo") {
      const then = this.steps[name](this.now());
      if (then === null) return;
      [this.pictures, this.chosen] = [then.pictures, then.chosen];
      this.send();
      return;
    }
    const empty = this.pictures.findIndex((each) => !each.includes(1));
    if (!this.picture.includes(1) || (name === "copy" && empty < 0)) return;
    this.begin(0);
    if (name === "copy") {
      this.replace(this.picture, empty);
      this.chosen = empty;
    } else {
      this.replace(this.picture.map(() => 0));
    }
    this.end();
  }

  now() {
    return { pictures: this.pictures, chosen: this.chosen };
  }

  send() {
    this.tell("drawn", { pixels: this.pictures.flat().join("") });
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { columns, pen } = this;
    const width = Math.min(LARGE, this.find(".desk").clientWidth || LARGE);
    const context = this.paint(this.canvas, this.picture, width);
    const side = width / columns;
    context.strokeStyle = "rgba(125, 132, 143, 0.55)";
    context.lineWidth = 1;
    for (let line = 1; line < columns; line++) {
      context.strokeRect(line * side, -1, 0.01, width + 2);
      context.strokeRect(-1, line * side, width + 2, 0.01);
    }
    if (pen.at !== null) {
      context.strokeStyle = "#f68a2e";
      context.lineWidth = 3;
      const [x, y] = [pen.at % columns, Math.floor(pen.at / columns)];
      context.strokeRect(x * side + 1.5, y * side + 1.5, side - 3, side - 3);
    }
    [...this.find(".pictures").children].forEach((button, index) => {
      this.paint(button.firstChild, this.pictures[index], SMALL);
      const state = this.pictures[index].includes(1) ? "" : ", empty";
      button.setAttribute("aria-label", `Picture ${index + 1}${state}`);
      button.setAttribute("aria-pressed", String(index === this.chosen));
    });
    this.say();
  }

  paint(canvas, picture, width) {
    const context = fitCanvas(canvas, width, width);
    paintGrid(context, picture, this.columns, width / this.columns, (pixel) => (pixel ? INK : PAPER));
    return context;
  }

  say() {
    const { columns, chosen, pictures, picture } = this;
    const at = this.pen.at ?? this.pen.cursor;
    const place = `row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
    const drawn = pictures.filter((each) => each.includes(1)).length;
    this.find(".said").textContent = `Picture ${chosen + 1} of ${pictures.length} · ${drawn} drawn`;
    this.canvas.setAttribute(
      "aria-label",
      `Picture ${chosen + 1} of ${pictures.length}, ${columns} × ${columns} pixels. At ${place}: `
        + `${picture[at] ? "ink" : "no ink"}. Arrow keys move, Space draws.`,
    );
    const isEmpty = !picture.includes(1);
    const off = {
      undo: !this.steps.past.length,
      redo: !this.steps.future.length,
      copy: isEmpty || drawn === pictures.length,
      clear: isEmpty,
    };
    for (const button of this.find(".steps").children) button.disabled = off[button.dataset.name];
  }
}

export default keeper(Pictures);
