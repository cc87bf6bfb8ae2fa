// A row that can be drawn on, and the surprise at each of its variables. The page is told when a
// stroke is finished, and sends the new map; hovering is answered here.

const LARGEST = 364;

class Surprise {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.paper = this.find(".paper");
    this.map = this.find(".map");
    this.isInk = true;
    this.cursor = 0;
    this.last = null; // the cell of the stroke under way
    this.listen();
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.find(".surprise"));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    this.data = data;
    if (this.last === null) this.row = [...data.row];
    this.cursor = Math.min(this.cursor, data.row.length - 1);
    this.theme = themeOf(this.find(".surprise"));
    this.table = colourTable(data.colours);
    this.find(".title").textContent = data.can_draw ? `${data.title}: draw on it` : data.title;
    this.find(".buttons").hidden = !data.can_draw;
    this.find(".total").textContent = data.total;
    this.find(".scale i").style.background = `linear-gradient(to right, ${data.colours.join(", ")})`;
    this.find(".scale").lastElementChild.textContent = short(data.top);
    this.map.setAttribute("aria-label", `Map of the surprise of each variable. ${data.total}`);
    this.draw();
  }

  listen() {
    const { paper } = this;
    paper.onpointerdown = (event) => {
      const cell = this.cellAt(event, paper);
      if (cell === null || !this.data.can_draw) return;
      paper.setPointerCapture(event.pointerId);
      this.last = cell;
      this.put(cell);
    };
    paper.onpointermove = (event) => {
      const cell = this.cellAt(event, paper);
      if (this.last === null) return this.hover(cell);
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.line(this.cellAt(each, paper));
    };
    paper.onpointerup = paper.onpointercancel = () => this.end();
    this.map.onpointermove = (event) => this.hover(this.cellAt(event, this.map));
    this.map.onpointerleave = paper.onpointerleave = () => this.hover(null);
    const move = (event) => {
      this.cursor = Math.min(cellByKey(event.key, this.cursor, this.data.columns, this.data.rows), this.data.row.length - 1);
      this.hover(this.cursor);
      this.draw();
    };
    const toggle = () => {
      if (!this.data.can_draw) return;
      this.row[this.cursor] = this.row[this.cursor] ? 0 : this.data.num_categories - 1;
      this.tellRow();
    };
    for (const canvas of [paper, this.map]) {
      onKeys(canvas, { ArrowLeft: move, ArrowRight: move, ArrowUp: move, ArrowDown: move, " ": toggle });
      canvas.onfocus = canvas.onblur = () => this.data && this.draw();
    }
    for (const [name, isInk] of [["pen", true], ["eraser", false]]) {
      this.find(`[data-do=${name}]`).onclick = () => {
        this.isInk = isInk;
        this.find("[data-do=pen]").setAttribute("aria-pressed", String(isInk));
        this.find("[data-do=eraser]").setAttribute("aria-pressed", String(!isInk));
      };
    }
    this.find("[data-do=clear]").onclick = () => {
      this.row.fill(0);
      this.tellRow();
    };
    this.find("[data-do=back]").onclick = () => this.tell("back", Date.now());
  }

  cellAt(event, canvas) {
    const cell = cellAt(event, canvas, this.data.columns, this.data.rows);
    return cell === null || cell >= this.data.row.length ? null : cell;
  }

  // A pen of two by two pixels, as strokes of a digit are.
  put(cell) {
    const { columns, rows, num_categories } = this.data;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    for (const [down, across] of columns > 12 ? [[0, 0], [0, 1], [1, 0], [1, 1]] : [[0, 0]]) {
      if (row + down >= rows || column + across >= columns) continue;
      this.row[(row + down) * columns + column + across] = this.isInk ? num_categories - 1 : 0;
    }
    this.cursor = cell;
    this.draw();
  }

  line(cell) {
    if (cell === null) return;
    const { columns } = this.data;
    const [y, x] = [Math.floor(this.last / columns), this.last % columns];
    const [dy, dx] = [Math.floor(cell / columns) - y, (cell % columns) - x];
    const steps = Math.max(Math.abs(dy), Math.abs(dx), 1);
    for (let step = 1; step <= steps; step++) {
      this.put(Math.round(y + (dy * step) / steps) * columns + Math.round(x + (dx * step) / steps));
    }
    this.last = cell;
  }

  end() {
    if (this.last === null) return;
    this.last = null;
    this.tellRow();
  }

  tellRow() {
    this.tell("drawn", { row: this.row });
    this.draw();
  }

  hover(cell) {
    const { data } = this;
    this.find(".hover").textContent =
      cell === null ? "" : `${data.names[cell]}: value ${data.row[cell]}, ${short(data.nats[cell], 4)} nats`;
  }

  draw() {
    const { data, theme } = this;
    const width = Math.min(LARGEST, this.find("section").clientWidth);
    if (!width) return;
    const exact = Math.min(width / data.columns, LARGEST / data.rows);
    const size = exact > 3 ? Math.floor(exact) : exact;
    const [paper, map] = [this.paper, this.map].map((canvas) => fitCanvas(canvas, size * data.columns, size * data.rows));
    const share = (value) => value / Math.max(data.num_categories - 1, 1);
    paintGrid(paper, this.row.map(share), data.columns, size, colourTable([theme.paper, "#55a5f5"]));
    paintGrid(map, data.nats.map((nats) => (data.top ? nats / data.top : 0)), data.columns, size, this.table);
    this.paper.setAttribute(
      "aria-label",
      `${data.title}. At ${data.names[this.cursor]}, value ${this.row[this.cursor]}` +
        (data.can_draw ? "; arrow keys move, Space sets or clears the ink." : "."),
    );
    for (const [context, canvas, colour] of [[paper, this.paper, "#ffffff"], [map, this.map, "#0b0d12"]]) {
      if (!canvas.matches(":focus-visible")) continue;
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.strokeRect((this.cursor % data.columns) * size, Math.floor(this.cursor / data.columns) * size, size, size);
    }
  }
}

export default keeper(Surprise);
