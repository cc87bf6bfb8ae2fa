// A grid of variables on which their order is painted: each cell that the pointer crosses takes the
// next place. Arrow keys move a cursor, Space gives it the next place, Backspace takes back a
// stroke. The page is told when a stroke is finished, and by nothing else.

class Painting {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.first = [];
    this.strokes = []; // how many cells were placed before each stroke
    this.told = []; // lists that the page has not sent back yet
    this.cursor = 0;
    this.last = null; // the cell of the stroke under way
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.canvas);
    this.listen();
  }

  stop() {
    this.sizes.disconnect();
  }

  // What comes back from the page is old news while the pointer has gone on.
  update(data) {
    const isNew = !this.data || data.num_variables !== this.data.num_variables;
    this.data = data;
    const sent = this.told.indexOf(String(data.first));
    if (isNew || (sent < 0 && this.last === null)) {
      if (isNew || String(data.first) !== String(this.first)) {
        this.first = [...data.first];
        this.strokes = [];
      }
      this.told = [];
    }
    if (sent >= 0) this.told.splice(0, sent + 1);
    this.cursor = Math.min(this.cursor, data.num_variables - 1);
    this.draw();
  }

  listen() {
    const canvas = this.canvas;
    canvas.onpointerdown = (event) => {
      const cell = this.cellAt(event);
      if (cell === null) return;
      canvas.setPointerCapture(event.pointerId);
      this.begin();
      this.crossTo(cell);
    };
    canvas.onpointermove = (event) => {
      if (this.last === null) return;
      for (const each of event.getCoalescedEvents?.() ?? [event]) {
        const cell = this.cellAt(each);
        if (cell !== null) this.crossTo(cell);
      }
    };
    canvas.onpointerup = canvas.onpointercancel = () => this.end();
    canvas.onkeydown = (event) => this.key(event);
    canvas.onfocus = canvas.onblur = () => this.draw();
    this.find("[data-do=undo]").onclick = () => this.undo();
    this.find("[data-do=clear]").onclick = () => {
      this.begin();
      this.first = [];
      this.end();
    };
  }

  key(event) {
    const { width } = this.data;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (by !== undefined) {
      const to = this.cursor + by;
      if (to >= 0 && to < this.data.num_variables) this.cursor = to;
    } else if (event.key === " " || event.key === "Enter") {
      this.begin();
      this.crossTo(this.cursor);
      this.end();
    } else if (event.key === "Backspace") {
      this.undo();
    } else {
      return;
    }
    event.preventDefault();
    this.draw();
  }

  begin() {
    this.before = [...this.first];
    this.last = -1;
  }

  // All cells on the straight line from the last one, as a quick pointer jumps over some.
  crossTo(cell) {
    const { width } = this.data;
    const from = this.last < 0 ? cell : this.last;
    const [y0, x0] = [Math.floor(from / width), from % width];
    const [dy, dx] = [Math.floor(cell / width) - y0, (cell % width) - x0];
    const steps = Math.max(Math.abs(dx), Math.abs(dy), 1);
    for (let step = 0; step <= steps; step++) {
      const row = Math.round(y0 + (dy * step) / steps);
      this.place(row * width + Math.round(x0 + (dx * step) / steps));
    }
    this.last = this.cursor = cell;
    this.draw();
  }

  place(cell) {
    if (cell < this.data.num_variables && !this.first.includes(cell)) this.first.push(cell);
  }

  end() {
    if (this.last === null) return;
    this.last = null;
    if (String(this.before) === String(this.first)) return;
    this.strokes.push(this.before);
    this.report();
  }

  undo() {
    if (!this.strokes.length) return;
    this.first = this.strokes.pop();
    this.report();
  }

  report() {
    this.told.push(String(this.first));
    this.tell("painted", { first: this.first });
    this.draw();
  }

  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height, num_variables } = this.data;
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const cell = row * width + column;
    const isInside = column >= 0 && column < width && row >= 0 && cell < num_variables;
    return isInside ? cell : null;
  }

  draw() {
    const { canvas, data } = this;
    const side = Math.min(canvas.clientWidth / data.width, 44);
    canvas.style.height = `${side * data.height}px`;
    canvas.style.maxWidth = `${44 * data.width}px`;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth * scale, side * data.height * scale];
    if (canvas.width !== Math.round(width)) canvas.width = Math.round(width);
    if (canvas.height !== Math.round(height)) canvas.height = Math.round(height);
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, side * data.height);
    const places = new Map(this.first.map((cell, place) => [cell, place]));
    for (let cell = 0; cell < data.num_variables; cell++) this.drawCell(pen, cell, places, side);
    if (canvas.matches(":focus-visible")) this.drawCursor(pen, side);
    this.say();
  }

  drawCell(pen, cell, places, side) {
    const { width, num_variables, colours } = this.data;
    const [x, y] = [(cell % width) * side, Math.floor(cell / width) * side];
    const gap = side > 8 ? 1 : 0;
    const style = getComputedStyle(this.canvas);
    const place = places.get(cell);
    if (place === undefined) {
      pen.strokeStyle = style.getPropertyValue("--st-border-color");
      pen.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
      return;
    }
    const share = num_variables > 1 ? place / (num_variables - 1) : 0;
    pen.fillStyle = shade(colours, share);
    pen.fillRect(x + gap / 2, y + gap / 2, side - gap, side - gap);
    if (side < 18) return;
    pen.fillStyle = share < 0.45 ? "#082550" : "#ffffff";
    pen.font = `${Math.min(12, side / 2.2)}px ${style.getPropertyValue("--st-font")}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(place + 1), x + side / 2, y + side / 2);
  }

  drawCursor(pen, side) {
    const { width } = this.data;
    pen.strokeStyle = getComputedStyle(this.canvas).getPropertyValue("--st-primary-color");
    pen.lineWidth = 2;
    pen.strokeRect(
      (this.cursor % width) * side + 1,
      Math.floor(this.cursor / width) * side + 1,
      side - 2,
      side - 2,
    );
    pen.lineWidth = 1;
  }

  say() {
    const { num_variables, width, names } = this.data;
    const count = this.first.length;
    this.find(".said").textContent = count
      ? `${count} of ${num_variables} painted`
      : "Paint: first, second, …";
    const [row, column] = [Math.floor(this.cursor / width) + 1, (this.cursor % width) + 1];
    this.canvas.setAttribute(
      "aria-label",
      `Order of ${num_variables} variables: ${count} painted. At ${names[0]} ${row}, ` +
        `${names[1]} ${column}; Space gives it the next place.`,
    );
    this.find("[data-do=undo]").disabled = !this.strokes.length;
    this.find("[data-do=clear]").disabled = !count;
  }
}

// The colour of a share 0 … 1 between the anchors of a scale.
function shade(colours, share) {
  const at = share * (colours.length - 1);
  const below = Math.min(Math.floor(at), colours.length - 2);
  const channel = (colour, start) => parseInt(colour.slice(start, start + 2), 16);
  const mixed = [1, 3, 5].map((start) => {
    const [low, high] = [channel(colours[below], start), channel(colours[below + 1], start)];
    return Math.round(low + (high - low) * (at - below));
  });
  return `rgb(${mixed.join(", ")})`;
}

export default keep(Painting);
