// The masks of all layers with their degrees at the edges. A cell that is pointed at, or reached by
// the arrow keys, says whom it joins and how their degrees compare.

const LARGEST = 206;
const SMALLEST = 44;
const [MARK, STRIP, GAP] = [4, 12, 3];
const EDGE = MARK + STRIP + GAP;
const OTHERWISE = { "≥": "<", ">": "≤" };

class Masks {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
  }

  update(data) {
    this.theme = themeOf(this.find(".masks"));
    this.tones = colourTable(data.places);
    this.highest = data.highest;
    this.layers = data.layers.map((layer) => this.layer(layer));
    this.find(".layers").replaceChildren(...this.layers.map(({ figure }) => figure));
  }

  layer(sent) {
    const share = bytesOf(sent.share);
    const figure = make("figure");
    const canvas = make("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${sent.alt} Arrow keys walk from cell to cell.`);
    figure.append(make("h4", "", sent.title), canvas, make("figcaption", "", sent.said));
    const [rows, columns] = sent.shape;
    const scale = LARGEST / Math.max(rows, columns);
    const [width, height] = [columns, rows].map((cells) => Math.max(SMALLEST, cells * scale));
    const layer = { ...sent, share, figure, canvas, rows, columns, width, height, cell: null };
    canvas.onpointermove = (event) => this.open(layer, this.cellAt(layer, event));
    canvas.onpointerdown = (event) => this.open(layer, this.cellAt(layer, event));
    const walk = (event) => this.open(layer, cellByKey(event.key, layer.cell ?? 0, columns, rows));
    onKeys(canvas, { ArrowLeft: walk, ArrowRight: walk, ArrowUp: walk, ArrowDown: walk });
    canvas.onfocus = () => this.open(layer, layer.cell ?? 0);
    this.paint(layer);
    return layer;
  }

  cellAt(layer, event) {
    const box = layer.canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * (layer.width + EDGE) - EDGE;
    const down = ((event.clientY - box.top) / box.height) * (layer.height + EDGE) - EDGE;
    const column = Math.floor((across / layer.width) * layer.columns);
    const row = Math.floor((down / layer.height) * layer.rows);
    const isInside = column >= 0 && row >= 0 && column < layer.columns && row < layer.rows;
    return isInside ? row * layer.columns + column : null;
  }

  open(layer, cell) {
    if (cell === null) return;
    for (const other of this.layers) {
      if (other === layer || other.cell === null) continue;
      other.cell = null;
      this.paint(other);
    }
    layer.cell = cell;
    this.paint(layer);
    this.find(".said").textContent = `${layer.title}: ${this.says(layer, cell)}`;
  }

  says(layer, cell) {
    const { down, across, rule } = layer;
    const units = [[down, Math.floor(cell / layer.columns)], [across, cell % layer.columns]];
    const [reader, read] = units.map(([edge, index]) => names(edge, index));
    const isBlock = down.side > 1 || across.side > 1;
    if (isBlock) {
      const share = layer.share[cell] / (layer.share[cell] === 255 ? 255 : 254);
      return `${reader} ← ${read}: ${Math.round(100 * share)}% open`;
    }
    const isOpen = layer.share[cell] > 0;
    if (!rule) return `${reader} ${isOpen ? "may" : "may not"} depend on ${read}`;
    const [mine, other] = units.map(([edge, index]) => edge.degrees[index]);
    return `${reader} ${isOpen ? "reads" : "does not read"} ${read}: ${mine} ${isOpen ? rule : OTHERWISE[rule]} ${other}`;
  }

  paint(layer) {
    const { canvas, rows, columns, width, height, share } = layer;
    const context = fitCanvas(canvas, width + EDGE, height + EDGE);
    const [open, cut] = [this.theme.model, this.theme.isDark ? "#2b3140" : "#e1e4ec"].map(channelsOf);
    const inner = new OffscreenCanvas(columns, rows);
    const image = new ImageData(columns, rows);
    share.forEach((level, index) => {
      const part = level / 255;
      for (let c = 0; c < 3; c++) image.data[4 * index + c] = part * open[c] + (1 - part) * cut[c];
      image.data[4 * index + 3] = 255;
    });
    inner.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(inner, EDGE, EDGE, width, height);
    this.strip(context, layer.down, rows, height, (start, length, near, thick) => [near, EDGE + start, thick, length]);
    this.strip(context, layer.across, columns, width, (start, length, near, thick) => [EDGE + start, near, length, thick]);
    if (layer.cell === null) return;
    const [w, h] = [width / columns, height / rows];
    const [x, y] = [EDGE + (layer.cell % columns) * w, EDGE + Math.floor(layer.cell / columns) * h];
    context.strokeStyle = this.theme.text;
    context.lineWidth = 1;
    context.strokeRect(EDGE, y, width, h);
    context.strokeRect(x, EDGE, w, height);
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, w + 2, h + 2);
  }

  // The degrees along an edge, and beside them a mark for each cell with a dead unit.
  strip(context, { degrees, dead, side }, cells, length, box) {
    const step = length / cells;
    for (let cell = 0; cell < cells; cell++) {
      const level = Math.round((255 * (degrees[cell * side] - 1)) / Math.max(this.highest - 1, 1));
      context.fillStyle = `rgb(${this.tones[Math.max(0, Math.min(255, level))].join(",")})`;
      context.fillRect(...box(cell * step, step + 0.5, MARK, STRIP));
    }
    context.fillStyle = this.theme.wrong;
    for (const unit of dead) context.fillRect(...box(Math.floor(unit / side) * step, Math.max(step, 1), 0, MARK));
  }
}

// "unit 12 (degree 3)", or "unit 12 … unit 22 (degrees 3 … 5)" of a block.
function names({ names, degrees, side }, index) {
  const [first, last] = [index * side, Math.min((index + 1) * side, names.length) - 1];
  if (first === last) return `${names[first]} (degree ${degrees[first]})`;
  return `${names[first]} … ${names[last]} (degrees ${degrees[first]} … ${degrees[last]})`;
}

export default keeper(Masks);
