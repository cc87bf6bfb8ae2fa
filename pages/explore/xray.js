// A variable of a row, opened up. Choosing a cell, flipping it and the next row are told to the
// page, which sends all numbers; hovering is answered here.

const LARGEST = 224; // pixels of a map
const ADDRESSES = new Map(); // pictures that were loaded once

class XRay {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.canvases = Object.fromEntries(
      ["row", "may", "does", "bars", "moved"].map((name) => [name, this.find(`.${name} canvas`)]),
    );
    this.isWaiting = false;
    this.listen();
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.find(".xray"));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    this.data = data;
    this.isWaiting = false;
    if (this.wanted !== undefined && this.wanted !== data.variable) this.choose(this.wanted);
    else this.wanted = undefined;
    this.cursor = this.wanted ?? data.variable;
    this.theme = themeOf(this.root.querySelector(".xray"));
    this.scale = colourTable(data.diverging);
    this.say();
    this.draw();
  }

  listen() {
    for (const [name, canvas] of Object.entries(this.canvases)) {
      canvas.onclick = (event) => this.click(name, event);
      canvas.onpointermove = (event) => this.hover(name, event);
      canvas.onpointerleave = () => this.hover(name, null);
    }
    this.find(".flip").onclick = () => this.flip();
    this.find(".next").onclick = () => this.tell("next", Date.now());
    const move = (event) => this.step(event.key);
    onKeys(this.root, {
      ArrowLeft: move, ArrowRight: move, ArrowUp: move, ArrowDown: move,
      f: () => this.flip(), F: () => this.flip(),
      n: () => this.tell("next", Date.now()), N: () => this.tell("next", Date.now()),
    });
  }

  step(key) {
    const { data } = this;
    const isBars = this.root.activeElement === this.canvases.bars || document.activeElement?.shadowRoot?.activeElement === this.canvases.bars;
    if (isBars && data.num_categories > 2) {
      const by = key === "ArrowLeft" || key === "ArrowDown" ? -1 : 1;
      let other = data.other + by;
      if (other === data.value) other += by;
      if (other >= 0 && other < data.num_categories) this.tell("moved_to", other);
      return;
    }
    const next = cellByKey(key, this.cursor, data.columns, data.rows);
    if (next !== null && next < data.row.length) this.choose(next);
  }

  // While the page answers, only the latest wish is kept.
  choose(variable) {
    this.wanted = this.cursor = variable;
    if (!this.isWaiting) {
      this.isWaiting = variable !== this.data.variable;
      if (this.isWaiting) this.tell("chosen", variable);
      else this.wanted = undefined;
    }
    this.draw();
  }

  flip() {
    this.tell("flipped", { variable: this.data.variable, value: this.data.other });
  }

  click(name, event) {
    const { data } = this;
    if (name === "bars") {
      const bar = this.barAt(event);
      if (bar !== null && bar !== data.value && data.num_categories > 2) this.tell("moved_to", bar);
      return;
    }
    if (name === "row" && data.density) {
      const size = data.num_categories;
      const cell = cellAt(event, this.canvases.row, size, size);
      if (cell !== null) this.tell("point", [Math.floor(cell / size), cell % size]);
      return;
    }
    const cell = this.variableAt(name, event);
    if (cell !== null) this.choose(cell);
  }

  variableAt(name, event) {
    const { data } = this;
    if (data.matrix && name === "may") {
      const cell = cellAt(event, this.canvases.may, data.row.length, data.row.length);
      return cell === null ? null : Math.floor(cell / data.row.length);
    }
    const cell = cellAt(event, this.canvases[name], data.columns, data.rows);
    return cell === null || cell >= data.row.length ? null : cell;
  }

  barAt(event) {
    const bar = cellAt(event, this.canvases.bars, this.data.num_categories, 1);
    return this.data.num_categories > 2 ? bar : null;
  }

  hover(name, event) {
    const { data } = this;
    const said = this.find(".hover");
    said.textContent = "";
    if (!event) return;
    if (name === "bars") {
      const bar = this.barAt(event);
      if (bar === null) return;
      const truth = data.truth ? `, truly ${short(data.truth[bar], 4)}` : "";
      said.textContent = `value ${bar}: p = ${short(data.probabilities[bar], 4)}${truth}`;
      return;
    }
    if (data.density && name === "row") return;
    const cell = this.variableAt(name, event);
    if (cell === null) return;
    if (data.matrix && name === "may") {
      const input = cellAt(event, this.canvases.may, data.row.length, 1);
      const may = data.matrix.may[cell * data.row.length + input];
      said.textContent = `${data.names[cell]} ${may ? "may" : "cannot"} see ${data.names[input]}`;
      return;
    }
    const numbers = {
      row: () => `value ${data.row[cell]}, place ${data.position[cell] + 1}`,
      may: () => (data.may[cell] ? "may be seen" : "cannot be seen"),
      does: () => (data.may[cell] ? short(data.does[cell], 4) : "cannot be seen"),
      moved: () => short(data.moved[cell], 4),
    };
    said.textContent = `${data.names[cell]}: ${numbers[name]()}`;
  }

  say() {
    const { data, find, theme } = this;
    const { words } = data;
    const host = this.root.querySelector(".xray");
    host.style.setProperty("--made-model-text", theme.modelText);
    host.style.setProperty("--made-data-text", theme.dataText);
    find(".title").textContent = data.title;
    find(".name").textContent = words.name;
    find(".where").textContent = words.where;
    find("dl").replaceChildren(...words.facts.flatMap(([term, value]) => [make("dt", "", term), make("dd", "", value)]));
    find(".may p").textContent = words.may;
    find(".may h4").firstChild.textContent = data.matrix ? "Who sees whom " : "May see ";
    find(".may small").textContent = data.matrix ? "outputs down, inputs across" : "by the masks";
    find(".does .of").textContent = words.does_of;
    find(".does p").textContent = words.does;
    find(".bars .of").textContent = words.formula;
    find(".surprise").textContent = words.surprise;
    find(".flip").textContent = words.flip;
    find(".flip").title = "Key F";
    find(".moved .of").textContent = data.other_before ? "grey as it is, orange then" : words.moved_of;
    find(".moves").textContent = words.moved;
    find(".most caption").hidden = !words.most.length;
    find(".most tbody").replaceChildren(...words.most.map(([name, before, after, isMore]) => {
      const line = make("tr");
      const change = make("td", "", `${before} → `);
      change.append(make("b", isMore ? "more" : "less", after));
      line.append(make("td", "", name), change);
      return line;
    }));
    const log = find(".log-p");
    log.textContent = words.log_p.length ? `log p of the row ${words.log_p[0].replace("-", "−")} → ` : "";
    if (words.log_p.length) log.append(make("b", "", words.log_p[1].replace("-", "−")));
    for (const [name, top] of [["does", data.does_top], ["moved", data.moved_top]]) {
      const scale = find(`.${name} .scale`);
      scale.querySelector("i").style.background = `linear-gradient(to right, ${data.diverging.join(", ")})`;
      scale.children[1].textContent = short(-top);
      scale.children[3].textContent = `+${short(top)}`;
      scale.hidden = name === "moved" && Boolean(data.other_before);
      scale.style.display = scale.hidden ? "none" : "";
    }
    const { canvases } = this;
    const row = data.density ? `the point (${data.row.join(", ")}) on the density` : `${data.title}`;
    canvases.row.setAttribute("aria-label", `${row}; ${words.name} is chosen, its value ${data.value}.`);
    canvases.may.setAttribute("aria-label", `What ${words.name} may see. ${words.may}`);
    canvases.does.setAttribute("aria-label", `What ${words.name} does see. ${words.does}`);
    canvases.bars.setAttribute("aria-label", words.bars);
    canvases.moved.setAttribute("aria-label", `What moves if ${words.name} becomes ${data.other}. ${words.moved}`);
  }

  draw() {
    const { data, theme } = this;
    const width = Math.min(LARGEST, this.find("section").clientWidth);
    if (!width) return;
    const size = Math.min(width / data.columns, LARGEST / data.rows);
    const cannot = theme.isDark ? "#2b3140" : "#e1e4ec";
    this.size = size > 3 ? Math.floor(size) : size;
    if (data.density) this.drawDensity(width);
    else this.drawMap("row", (cell) => this.ink(data.row[cell]), "#ffffff");
    if (data.matrix) this.drawMatrix(width, cannot);
    else {
      const free = theme.isDark ? "#1d3c5e" : "#b3d1f0";
      this.drawMap("may", (cell) => (!data.may[cell] ? cannot : data.row[cell] ? theme.data : free));
    }
    this.drawMap("does", (cell) => (data.may[cell] ? this.signed(data.does[cell], data.does_top) : cannot), null, true);
    this.drawBars(width);
    if (data.other_before) this.drawLines("moved", width, 150);
    else {
      const place = data.position[data.variable];
      const isFixed = (cell) => data.words.log_p.length && data.position[cell] <= place;
      this.drawMap("moved", (cell) => (isFixed(cell) ? cannot : this.signed(data.moved[cell], data.moved_top)), null, true);
    }
  }

  ink(value) {
    const share = value / Math.max(this.data.num_categories - 1, 1);
    const dark = [11, 13, 18];
    return `rgb(${[85, 165, 245].map((full, c) => Math.round(dark[c] + share * (full - dark[c]))).join(",")})`;
  }

  signed(value, top) {
    const level = top ? 127.5 + (127.5 * value) / top : 127.5;
    return `rgb(${this.scale[Math.max(0, Math.min(255, Math.round(level)))].join(",")})`;
  }

  drawMap(name, colourOf, cursorColour, hasOutline) {
    const { data, size } = this;
    const canvas = this.canvases[name];
    const context = fitCanvas(canvas, size * data.columns, size * data.rows);
    paintGrid(context, data.row, data.columns, size, (_, cell) => colourOf(cell));
    if (hasOutline && data.kind === "image") this.outline(context);
    if (data.row.length <= 64 && size >= 20) this.numbers(context, name);
    const [x, y] = [(this.cursor % data.columns) * size, Math.floor(this.cursor / data.columns) * size];
    context.lineWidth = 2;
    context.strokeStyle = cursorColour ?? (this.theme.isDark && name === "may" ? "#ffffff" : "#0b0d12");
    context.strokeRect(x - 2, y - 2, size + 4, size + 4);
  }

  // Values of few large cells, or x₁, x₂ on the maps.
  numbers(context, name) {
    const { data, size } = this;
    context.font = `${Math.min(13, size / 2)}px ${getComputedStyle(this.find(".xray")).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    data.row.forEach((value, cell) => {
      const text = name === "row" ? String(value) : data.kind === "image" ? "" : data.names[cell];
      const isLit = name === "row" && value / Math.max(data.num_categories - 1, 1) > 0.55;
      const isDark = name === "row" ? !isLit : this.theme.isDark && (name === "may" || !data.may[cell]);
      context.fillStyle = isDark ? "#ffffff" : "#0b0d12";
      context.fillText(text, (cell % data.columns + 0.5) * size, (Math.floor(cell / data.columns) + 0.5) * size);
    });
  }

  outline(context) {
    const { data, size } = this;
    const isInk = (row, column) =>
      row >= 0 && column >= 0 && row < data.rows && column < data.columns &&
      data.row[row * data.columns + column] * 2 > data.num_categories - 1;
    context.beginPath();
    for (let row = 0; row <= data.rows; row++) {
      for (let column = 0; column <= data.columns; column++) {
        const [x, y] = [column * size, row * size];
        if (isInk(row, column) !== isInk(row - 1, column)) { context.moveTo(x, y); context.lineTo(x + size, y); }
        if (isInk(row, column) !== isInk(row, column - 1)) { context.moveTo(x, y); context.lineTo(x, y + size); }
      }
    }
    context.lineWidth = 1;
    context.strokeStyle = "rgba(70, 76, 88, 0.85)";
    context.stroke();
  }

  drawMatrix(width, cannot) {
    const { data } = this;
    const count = data.row.length;
    const size = width / count;
    const context = fitCanvas(this.canvases.may, width, width);
    data.matrix.may.forEach((may, cell) => {
      context.fillStyle = may ? this.signed(data.matrix.does[cell], 127) : cannot;
      context.fillRect((cell % count) * size, Math.floor(cell / count) * size, size - (size > 6 ? 1 : 0), size - (size > 6 ? 1 : 0));
    });
    context.strokeStyle = this.theme.isDark ? "#ffffff" : "#0b0d12";
    context.lineWidth = 2;
    context.strokeRect(1, this.cursor * size + 1, width - 2, Math.max(size - 2, 2));
  }

  drawDensity(width) {
    const { data } = this;
    const context = fitCanvas(this.canvases.row, width, width);
    const size = width / data.num_categories;
    const picture = loaded(data.density, () => this.draw());
    context.imageSmoothingEnabled = false;
    if (picture) context.drawImage(picture, 0, 0, width, width);
    const [x, y] = [(data.row[1] + 0.5) * size, (data.row[0] + 0.5) * size];
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1;
    context.strokeRect(0, y - size / 2, width, Math.max(size, 2));
    context.strokeRect(x - size / 2, 0, Math.max(size, 2), width);
  }

  drawBars(width) {
    if (this.data.num_categories > 2) return this.drawLines("bars", width, 150);
    const { data, theme } = this;
    const context = fitCanvas(this.canvases.bars, width, 70);
    const names = data.kind === "image" ? ["0 blank", "1 ink"] : ["0", "1"];
    context.font = `13px ${getComputedStyle(this.find(".xray")).fontFamily}`;
    context.textBaseline = "middle";
    data.probabilities.forEach((share, value) => {
      const y = 4 + value * 34;
      const full = width - 62 - 52;
      context.fillStyle = theme.panel;
      context.fillRect(62, y, full, 26);
      context.fillStyle = value === data.value ? theme.model : "rgba(224, 112, 26, 0.5)";
      context.fillRect(62, y, full * share, 26);
      context.fillStyle = theme.text;
      context.textAlign = "left";
      context.fillText(names[value], 10, y + 13);
      context.textAlign = "right";
      context.fillText(share.toFixed(4), width, y + 13);
      if (value !== data.value) return;
      context.fillStyle = theme.data; // which of the two the row has
      context.fillRect(0, y + 9, 7, 7);
    });
  }

  // K bars: model over truth, or as it is and as it would be.
  drawLines(name, width, height) {
    const { data, theme } = this;
    const isMoved = name === "moved";
    const front = isMoved ? data.other_after : data.probabilities;
    const back = isMoved ? data.other_before : data.truth;
    const context = fitCanvas(this.canvases[name], width, height + 14);
    const top = Math.max(...front, ...(back ?? [0])) || 1;
    const step = width / front.length;
    const bar = (value, share, colour, inset) => {
      context.fillStyle = colour;
      const tall = (share / top) * (height - 4);
      context.fillRect(value * step + inset, height - tall, Math.max(step - 2 * inset, 0.8), tall);
    };
    back?.forEach((share, value) => bar(value, share, isMoved ? theme.reference : theme.data, 0));
    front.forEach((share, value) => bar(value, share, back ? "rgba(224, 112, 26, 0.75)" : theme.model, step > 6 ? step * 0.2 : 0));
    context.fillStyle = theme.line;
    context.fillRect(0, height, width, 1);
    const mark = (value, colour, text) => {
      context.fillStyle = colour;
      context.fillRect(value * step, height + 1, Math.max(step, 3), 4);
      context.font = `11px ${getComputedStyle(this.find(".xray")).fontFamily}`;
      context.textAlign = value * step < 20 ? "left" : value * step > width - 20 ? "right" : "center";
      context.fillStyle = theme.text;
      context.fillText(text, (value + 0.5) * step, height + 14);
    };
    context.textBaseline = "alphabetic";
    if (isMoved) mark(data.row[1 - data.variable], theme.data, String(data.row[1 - data.variable]));
    else {
      mark(data.other, theme.model, String(data.other));
      mark(data.value, theme.data, String(data.value));
    }
  }
}

// The picture at an address once it is there; calls back when it comes.
function loaded(address, whenThere) {
  if (!ADDRESSES.has(address)) {
    const picture = new Image();
    picture.onload = whenThere;
    picture.src = address;
    ADDRESSES.clear();
    ADDRESSES.set(address, picture);
  }
  const picture = ADDRESSES.get(address);
  return picture.complete && picture.naturalWidth ? picture : null;
}

export default keeper(XRay);
