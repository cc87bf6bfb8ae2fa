// The matrices beside the network: both masks, their product, and the measured Jacobian. A row for
// each unit that a path comes from, a column for each that it leads to, along the ordering.

class Matrices {
  constructor(place, acts) {
    this.place = place;
    this.acts = acts;
    this.grids = new Map();
  }

  update(view) {
    const { data } = view;
    const shape = JSON.stringify([data.sequence, data.first.length, data.first[0].length]);
    if (shape !== this.shape) this.build(data);
    this.shape = shape;
    for (const grid of this.grids.values()) for (const cell of grid.cells) this.updateCell(cell, view);
  }

  build(data) {
    const along = data.sequence;
    const units = data.first[0].map((_, k) => k);
    this.grids.clear();
    const top = make("div", "pair");
    const bottom = make("div", "pair");
    top.append(this.grid("first", "$M^W$", "", "Mask of the first layer", ["x", along], ["h", units]),
      this.grid("second", "$M^V$", "", "Mask of the second layer", ["h", units], ["o", along]));
    bottom.append(
      this.grid("paths", "$M^W M^V$", "paths", "Number of paths", ["x", along], ["o", along]),
      this.grid("jacobian", "$\\partial \\hat x / \\partial x$", "measured", "Jacobian at this input", ["x", along], ["o", along]));
    const question = make("p", "question", "Which input reaches which output?");
    this.place.replaceChildren(top, question, bottom);
  }

  grid(kind, title, note, label, [from, rows], [to, columns]) {
    const whole = make("div", "matrix");
    const head = make("p", "name");
    head.append(typeset(title), make("span", "note", note));
    const table = make("div", "grid");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", label);
    table.style.gridTemplateColumns = `25.5px repeat(${columns.length}, 30px)`;
    const cells = [];
    const heads = make("div", "row");
    heads.setAttribute("role", "row");
    heads.append(header(""), ...columns.map((column) => header(`$${SYMBOLS[to]}_${column + 1}$`, "columnheader")));
    table.append(heads);
    rows.forEach((row, r) => {
      const line = make("div", "row");
      line.setAttribute("role", "row");
      line.append(header(`$${SYMBOLS[from]}_${row + 1}$`, "rowheader"));
      columns.forEach((column, c) => {
        const element = make("div", "cell");
        element.setAttribute("role", "gridcell");
        element.tabIndex = cells.length ? -1 : 0;
        const id = `${from}${row + 1}-${to}${column + 1}`;
        const cell = { kind, row, column, id, element, isWeight: kind === "first" || kind === "second" };
        cells.push(cell);
        line.append(element);
        this.listen(cell, cells, r * columns.length + c, columns.length, rows.length);
      });
      table.append(line);
    });
    this.grids.set(kind, { cells });
    whole.append(head, table);
    return whole;
  }

  listen(cell, cells, place, columns, rows) {
    const { element } = cell;
    const thing = cell.isWeight ? cell.id : `o${cell.column + 1}`;
    element.addEventListener("pointerenter", () => this.acts.point(thing));
    element.addEventListener("pointerleave", () => this.acts.point(null));
    element.addEventListener("focus", () => {
      for (const other of cells) other.element.tabIndex = other === cell ? 0 : -1;
      if (element.matches(":focus-visible")) this.acts.point(thing);
    });
    element.addEventListener("blur", () => this.acts.point(null));
    const act = () => (cell.isWeight ? this.acts.open(cell.id) : this.acts.press(thing));
    element.addEventListener("click", act);
    const go = ({ key }) => cells[cellByKey(key, place, columns, rows)].element.focus();
    onKeys(element, {
      ArrowLeft: go, ArrowRight: go, ArrowUp: go, ArrowDown: go, Enter: act, " ": act,
    });
  }

  updateCell(cell, view) {
    const { kind, row, column, element } = cell;
    const { data } = view;
    const isOfSelected = view.selected === `o${column + 1}`;
    const classes = ["cell"];
    let text;
    let said;
    if (cell.isWeight) {
      const weight = data[kind][row][column];
      text = weight.kept ? "1" : "0";
      said = `${spoken(weight.title)}: ${weight.verdict}. ${spoken(weight.formula)}`;
      if (view.isLit(cell.id) && weight.kept) classes.push(kind === "first" ? "data" : "model");
      if (view.opened === cell.id) classes.push(weight.kept ? "open" : "open wrong");
      if (view.pulses(cell.id)) classes.push("pulse");
    } else {
      const isForbidden = data.forbidden[row][column];
      text = String(kind === "paths" ? data.paths[row][column] : data.jacobians[view.state][row][column]);
      said = `x${row + 1} to x̂${column + 1}: ${text}${kind === "paths" ? " paths" : ""}`;
      if (isForbidden && text !== "0") classes.push(isOfSelected ? "wrong-strong" : "wrong-faint");
      else if (isOfSelected && text !== "0") classes.push("model");
      if (isForbidden) classes.push("forbidden");
    }
    if (text !== "0") classes.push("on");
    element.className = classes.join(" ");
    element.setAttribute("aria-label", said);
    const shown = text.replace("-", "−");
    if (element.textContent !== shown && element.textContent) flash(element);
    element.textContent = shown;
  }
}

function header(text, role = "columnheader") {
  const element = make("div", "head");
  element.setAttribute("role", role);
  element.append(typeset(text));
  if (!text) element.setAttribute("aria-label", "from, to");
  return element;
}
