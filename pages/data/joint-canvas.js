// A joint that is drawn: ink in K × K cells, with brush, eraser, round clouds and mirrors. The page
// is told when a stroke has ended, and by nothing before.

const TOOLS = [
  ["brush", "Brush", "Lay ink (B)"],
  ["eraser", "Eraser", "Take ink away (E)"],
  ["blob", "Blob", "A Gaussian cloud about the place that is clicked (G)"],
];
const MIRRORS = [
  ["across", "⇆", "Left and right alike (H)"],
  ["down", "⇅", "Top and bottom alike (V)"],
  ["diagonal", "⤡", "Both sides of the diagonal alike: x₁ and x₂ change places (D)"],
];
const MIRROR_NAMES = { across: "left and right", down: "top and bottom", diagonal: "diagonal" };
const STEPS = [["undo", "Undo", "Take back a stroke (Z)"], ["redo", "Redo", "Do it again (Y)"], ["clear", "Clear", "Begin with an empty canvas"]];
const LARGEST = 500; // CSS pixels of a side

class JointCanvas {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.steps = new Steps();
    [this.tool, this.mirrors, this.isBlended] = ["brush", new Set(), true];
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".desk"));
    this.picture = document.createElement("canvas"); // one pixel a cell
    this.build();
    this.pen = new Pen(this.canvas, this);
  }

  stop() {
    this.sizes.disconnect();
  }

  get columns() {
    return this.size;
  }

  get rows() {
    return this.size;
  }

  // What was drawn here is newer than what comes back, unless it was put here from outside.
  update(data) {
    const isFirst = this.data === undefined;
    const isNew = isFirst || this.data.version !== data.version;
    this.data = data;
    this.colours = colourTable(data.colours);
    if (isNew) {
      if (!isFirst) this.steps.add(this.now());
      this.take({ size: data.size, levels: bytesOf(data.levels) });
    }
    if (isFirst) {
      pressButtons(this.find(".grid"), data.grids.map((size) => [size, String(size)]), (size) => this.regrid(Number(size)));
      this.pen.cursor = Math.floor(this.size / 2) * (this.size + 1);
    }
    this.draw();
  }

  build() {
    pressButtons(this.find(".tool"), TOOLS, (name) => this.choose(name));
    pressButtons(this.find(".mirror"), MIRRORS, (name) => this.mirror(name));
    for (const button of this.find(".mirror").children) {
      button.setAttribute("aria-label", `Mirror ${MIRROR_NAMES[button.dataset.name]}`);
    }
    pressButtons(this.find(".steps"), STEPS, (name) => this.step(name));
    [this.find(".size").value, this.find(".strength").value] = [6, 50];
    for (const name of [".size", ".strength"]) this.find(name).oninput = () => this.draw();
    const more = (name, by) => () => {
      const slider = this.find(name);
      slider.value = Number(slider.value) + by * Number(slider.step);
    };
    this.keys = {
      b: () => this.choose("brush"),
      e: () => this.choose("eraser"),
      g: () => this.choose("blob"),
      h: () => this.mirror("across"),
      v: () => this.mirror("down"),
      d: () => this.mirror("diagonal"),
      "[": more(".size", -1),
      "]": more(".size", 1),
      "-": more(".strength", -1),
      "+": more(".strength", 1),
      "=": more(".strength", 1),
    };
    this.choose("brush");
    showPressed(this.find(".mirror"), () => false);
  }

  choose(name) {
    this.tool = name;
    showPressed(this.find(".tool"), (each) => each === name);
    this.draw();
  }

  mirror(name) {
    if (!this.mirrors.delete(name)) this.mirrors.add(name);
    showPressed(this.find(".mirror"), (each) => this.mirrors.has(each));
    this.draw();
  }

  // The size of a tool in cells: its share of the side is the same on every grid.
  get reach() {
    return (Number(this.find(".size").value) / 100) * this.size;
  }

  begin() {
    this.before = this.now();
    this.cover = new Float32Array(this.levels.length); // how far each cell is under the stroke
    this.hasBlob = false;
  }

  // A brush covers what it passes once, however slowly; a cloud stands where the pointer went down.
  dab(cell) {
    if (this.tool === "blob" && this.hasBlob) return;
    this.hasBlob = true;
    for (const place of this.images(cell)) this.spread(place);
    this.isBlended = false;
  }

  spread(cell) {
    const { size, reach } = this;
    const isBlob = this.tool === "blob";
    const [x0, y0] = [cell % size, Math.floor(cell / size)];
    const radius = isBlob ? 4 * reach : Math.max(reach, 0.5);
    for (let y = Math.max(0, Math.ceil(y0 - radius)); y <= Math.min(size - 1, y0 + radius); y++) {
      for (let x = Math.max(0, Math.ceil(x0 - radius)); x <= Math.min(size - 1, x0 + radius); x++) {
        const square = (x - x0) ** 2 + (y - y0) ** 2;
        const share = isBlob ? Math.exp(-square / (2 * reach * reach)) : Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(square)));
        const at = y * size + x;
        if (share > this.cover[at]) this.cover[at] = share;
      }
    }
  }

  blend() {
    if (this.isBlended) return;
    this.isBlended = true;
    const strength = Number(this.find(".strength").value) / 100;
    const { top } = this.data;
    const before = this.before.levels;
    this.levels = before.map((level, at) => {
      const share = strength * this.cover[at];
      return Math.round(this.tool === "eraser" ? level * (1 - share) : Math.min(top, level + top * share));
    });
  }

  // A cell and its mirror images.
  images(cell) {
    const last = this.size - 1;
    const moves = {
      across: ([x, y]) => [last - x, y],
      down: ([x, y]) => [x, last - y],
      diagonal: ([x, y]) => [y, x],
    };
    const found = new Map();
    const add = (place) => {
      const at = place[1] * this.size + place[0];
      if (found.has(at)) return;
      found.set(at, place);
      for (const name of this.mirrors) add(moves[name](place));
    };
    add([cell % this.size, Math.floor(cell / this.size)]);
    return [...found.keys()];
  }

  end() {
    this.blend();
    const isSame = this.levels.every((level, at) => level === this.before.levels[at]);
    if (!isSame) this.done(this.before);
    this.draw();
  }

  step(name) {
    if (name === "clear") return this.change({ size: this.size, levels: new Uint8Array(this.levels.length) });
    const then = this.steps[name](this.now());
    if (then === null) return undefined;
    this.take(then);
    return this.send();
  }

  // Cells become blocks of equal cells, or blocks become their mean: grids are multiples of each other.
  regrid(size) {
    if (size === this.size) return;
    const { levels, size: old } = this;
    const block = Math.max(1, old / size);
    const levelAt = (index) => {
      const [x, y] = [index % size, Math.floor(index / size)].map((place) => Math.floor((place * old) / size));
      let sum = 0;
      for (let dy = 0; dy < block; dy++) {
        for (let dx = 0; dx < block; dx++) sum += levels[(y + dy) * old + x + dx];
      }
      return Math.round(sum / block / block);
    };
    this.change({ size, levels: Uint8Array.from({ length: size * size }, (_, index) => levelAt(index)) });
  }

  change(to) {
    const before = this.now();
    this.take(to);
    this.done(before);
  }

  now() {
    return { size: this.size, levels: this.levels };
  }

  take({ size, levels }) {
    const old = this.size || size;
    const [x, y] = [this.pen.cursor % old, Math.floor(this.pen.cursor / old)];
    this.pen.cursor = Math.floor((y * size) / old) * size + Math.floor((x * size) / old);
    this.pen.over = null;
    [this.size, this.levels] = [size, levels];
  }

  done(before) {
    this.steps.add(before);
    this.send();
  }

  send() {
    this.tell("drawn", { size: this.size, levels: packBytes(this.levels) });
    this.draw();
  }

  draw() {
    if (!this.data) return;
    this.blend();
    const { size, levels, picture } = this;
    const room = Math.min(this.find(".paper").clientWidth || LARGEST, LARGEST, Math.max(260, window.innerHeight - 210));
    const width = size > room ? room : Math.floor(room / size) * size;
    [picture.width, picture.height] = [size, size];
    const pixels = new ImageData(size, size);
    for (let at = 0; at < levels.length; at++) {
      const colour = this.colours[levels[at]];
      for (let channel = 0; channel < 3; channel++) pixels.data[4 * at + channel] = colour[channel];
      pixels.data[4 * at + 3] = 255;
    }
    picture.getContext("2d").putImageData(pixels, 0, 0);
    this.find(".axes").style.width = `${width}px`;
    const context = fitCanvas(this.canvas, width, width);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, 0, 0, width, width);
    this.drawGuides(context, width);
    this.say();
  }

  drawGuides(context, width) {
    const side = width / this.size;
    context.strokeStyle = "rgba(255, 255, 255, 0.55)";
    context.setLineDash([5, 4]);
    context.beginPath();
    const lines = { across: [0.5, 0, 0.5, 1], down: [0, 0.5, 1, 0.5], diagonal: [0, 0, 1, 1] };
    for (const name of this.mirrors) {
      const [x0, y0, x1, y1] = lines[name].map((share) => share * width);
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.stroke();
    context.setLineDash([]);
    if (this.pen.at === null) return;
    for (const cell of this.images(this.pen.at)) {
      const [x, y] = [((cell % this.size) + 0.5) * side, (Math.floor(cell / this.size) + 0.5) * side];
      context.beginPath();
      context.arc(x, y, Math.max(3, (this.reach + (this.tool === "blob" ? 0 : 0.5)) * side), 0, 2 * Math.PI);
      context.strokeStyle = cell === this.pen.at ? "#ffffff" : "rgba(255, 255, 255, 0.6)";
      context.lineWidth = 2;
      context.stroke();
    }
  }

  say() {
    const { size, data } = this;
    const at = this.pen.at ?? this.pen.cursor;
    const [row, column] = [Math.floor(at / size), at % size];
    const ink = Math.round((100 * this.levels[at]) / data.top);
    const place = `x₁ = ${row}, x₂ = ${column}: ink ${ink} %`;
    this.find(".said").textContent = this.pen.at === null ? "" : place;
    const name = TOOLS.find(([each]) => each === this.tool)[1];
    this.canvas.setAttribute(
      "aria-label",
      `Canvas of ${size} × ${size} cells, x₁ downwards, x₂ to the right. ${name} at ${place}. `
        + "Arrow keys move, Space draws.",
    );
    this.find(".size-said").textContent = `${short(this.reach, 2)} cells`;
    this.find(".strength-said").textContent = `${this.find(".strength").value} %`;
    const isEmpty = this.levels.every((level) => !level);
    showPressed(this.find(".grid"), (each) => Number(each) === size);
    const off = { undo: !this.steps.past.length, redo: !this.steps.future.length, clear: isEmpty };
    for (const button of this.find(".steps").children) button.disabled = off[button.dataset.name];
  }
}

export default keeper(JointCanvas);
