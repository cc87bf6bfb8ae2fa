// The cells of the matrix as elements: heads, pictures under their names, and the picture painted.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function named(title) {
  const name = make("span", "name");
  name.append(make("span", "title", title));
  return name;
}

function canvasOf(alt) {
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", alt);
  return canvas;
}

// Pictures are decoded once, and drawn at once from then on.
class Painter {
  constructor() {
    this.images = new Map();
  }

  forget() {
    this.images.clear();
  }

  paint(canvas, address) {
    canvas.dataset.address = address ?? "";
    if (!address) {
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    let image = this.images.get(address);
    if (!image) {
      image = new Image();
      image.src = address;
      this.images.set(address, image);
    }
    const draw = () => {
      if (canvas.dataset.address !== address) return;
      if (canvas.width !== image.naturalWidth || canvas.height !== image.naturalHeight) {
        canvas.width = image.naturalWidth;
        canvas.height = image.naturalHeight;
      }
      canvas.getContext("2d").drawImage(image, 0, 0);
    };
    image.complete && image.naturalWidth ? draw() : image.decode().then(draw, () => {});
  }
}

// All that stands in the matrix, in the order in which it is read, and its buttons one a cell.
// arrangement: which way a matrix of two settings stands, as matrix_layout.js has found it.
function cellsOf(data, arrangement, painter) {
  const buttons = data.cells.map((cell, place) => button(data, cell, place, arrangement));
  const at = (row, column) => buttons[data.cells.findIndex((cell) =>
    cell.row === row && cell.column === column)] ?? make("div", "none", "–");
  const rows = data.rows.map((row) => head("row", row.title, row.notes));
  const columns = data.columns.map((title) => head("column", title, []));
  const parts = { line: () => [...buttons],
    table: () => [make("div", "corner"), ...columns,
      ...rows.flatMap((row, index) => [row, ...columns.map((_, column) => at(index, column))])],
    turned: () => [make("div", "corner"), ...rows,
      ...columns.flatMap((column, index) => [column, ...rows.map((_, row) => at(row, index))])],
    blocks: () => rows.flatMap((row, index) => [row, ...columns.map((_, column) => at(index, column))]),
  }[arrangement.shape]();
  if (arrangement.hasTruth) parts.unshift(truthOf(data, painter));
  return { parts, buttons };
}

function truthOf(data, painter) {
  const reference = make("div", "cell truth");
  const canvas = canvasOf(`${data.truthTitle}, for comparison`);
  reference.append(named(data.truthTitle), canvas);
  reference.dataset.column = -1;
  painter.paint(canvas, data.truth);
  return reference;
}

function head(className, title, notes) {
  const element = make("div", className);
  element.append(make("b", "", title), ...notes.map((note) => make("span", "", note)));
  return element;
}

function button(data, cell, place, arrangement) {
  const element = make("button", `cell${cell.isBest ? " best" : ""}`);
  element.dataset.place = place;
  element.setAttribute("aria-pressed", "false");
  if (!data.isFilm) element.title = `${cell.name}: best epoch ${cell.bestEpochs} of ${cell.numEpochs}`;
  const isLine = arrangement.shape === "line";
  if (isLine || arrangement.shape === "blocks") {
    const name = named(isLine ? cell.name : data.columns[cell.column]);
    if (isLine && cell.isBest && data.cells.length > 1) name.append(make("em", "", cell.chip));
    element.append(name);
  }
  element.append(canvasOf(cell.name), make("span", "figure"));
  if (isLine && !data.isFilm) {
    const bar = make("span", "bar");
    bar.append(make("i"));
    element.append(bar);
  }
  return element;
}

// A figure with its error, which stands below where it does not fit beside.
function figureIn(element, figure, otherwise) {
  element.replaceChildren(make("b", "", figure?.text ?? otherwise));
  if (figure?.error) element.append(" ", make("span", "", `± ${figure.error}`));
}

// A line under neighbours that the seeds do not tell apart.
function bracketsOf(data, hasTruth) {
  return data.ties.map(([from, to, lane]) => {
    const tie = make("div", "tie");
    const offset = hasTruth ? 2 : 1;
    tie.style.gridRow = 2 + lane;
    tie.style.gridColumn = `${from + offset} / ${to + offset + 1}`;
    tie.append(make("span", "", "not told apart"));
    return tie;
  });
}
