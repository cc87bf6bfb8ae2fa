// What a person does with the matrix; matrix_chart.js and matrix_closer.js stand before it in the
// same module.
// Called again for every change of data or theme: where a person stands in time and which cell is
// chosen live in a Board that stays with its root element.

const boards = new WeakMap();
const FILM_MS = 220;
const REST_MS = 200; // after which a slider that was moved counts as at rest
const USUAL_TYPE = 16; // pixels, at most; it is larger before a projector
const FILM_WIDTH = 230; // of a picture of one run: with its curve they are seen whole

export default function ({ data, parentElement: root, setStateValue }) {
  if (!boards.has(root)) boards.set(root, new Board(root, data.begin));
  boards.get(root).tell = (moment) => setStateValue("moment", moment);
  boards.get(root).update(data);
  return () => {
    boards.get(root)?.stop();
    boards.delete(root);
  };
}

class Board {
  // begin: the epoch to stand at; where it is none, at the best of each cell.
  constructor(root, begin) {
    this.find = (selector) => root.querySelector(selector);
    this.board = this.find(".board");
    this.matrix = this.find(".matrix");
    this.slider = this.find(".slider");
    this.chart = this.find(".chart");
    this.closer = this.find(".closer");
    this.mode = Number.isFinite(begin) ? "epoch" : "best";
    this.epoch = this.mode === "epoch" ? begin : 1;
    this.told = this.moment();
    this.chosen = null;
    this.pictures = new Map();
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(this.board);
    this.listen();
  }

  stop() {
    this.pause();
    clearTimeout(this.resting);
    this.sizes.disconnect();
  }

  moment() {
    return this.mode === "best" ? "best" : this.epoch;
  }

  // Python hears of the moment once the slider rests, and only of a new one.
  rest() {
    clearTimeout(this.resting);
    if (!this.data?.isTelling) return;
    this.resting = setTimeout(() => {
      if (this.film || this.moment() === this.told) return;
      this.told = this.moment();
      this.tell(this.told);
    }, REST_MS);
  }

  update(data) {
    this.followTheme();
    const sent = JSON.stringify({ ...data, begin: null });
    if (sent === this.sent) return;
    this.sent = sent;
    this.data = data;
    this.pictures.clear();
    if (this.chosen !== null && this.chosen >= data.cells.length) this.chosen = null;
    this.isLine = data.rows.length === 1;
    this.first = data.firstEpoch;
    this.last = Math.max(this.first, data.lastEpoch);
    this.epoch = Math.max(this.first, Math.min(this.epoch, this.last));
    this.slider.min = this.first;
    this.slider.max = this.last;
    this.board.classList.toggle("grid", !this.isLine);
    this.board.classList.toggle("film", Boolean(data.isFilm));
    this.find(".time").classList.toggle("short", !data.curves);
    this.find(".about").replaceChildren(...(data.curves?.title ?? []).map((line, index) =>
      make(index ? "span" : "b", "", line)));
    this.drawScale();
    this.drawCells();
    if (!this.isLine && this.chosen === null) this.choose(data.opens);
    this.layOut();
  }

  listen() {
    this.slider.addEventListener("input", () => {
      this.pause();
      this.goTo("epoch", Number(this.slider.value));
    });
    this.find(".jumps").addEventListener("click", (event) => {
      const to = event.target.closest("button")?.dataset.to;
      if (!to) return;
      this.pause();
      this.goTo(to === "best" ? "best" : "epoch", to === "last" ? this.last : this.first);
    });
    this.find(".play").addEventListener("click", () => (this.film ? this.pause() : this.play()));
    this.board.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1 };
      if (event.key === " " && event.target === this.slider) {
        this.film ? this.pause() : this.play();
        event.preventDefault();
      }
      if (!(event.key in steps) || event.target === this.slider) return;
      if (!event.target.closest(".matrix, .time")) return;
      event.preventDefault();
      this.pause();
      this.goTo("epoch", this.now() + steps[event.key]);
    });
    this.matrix.addEventListener("click", (event) => {
      const place = event.target.closest("button.cell")?.dataset.place;
      if (place === undefined || this.data.isFilm) return;
      const chosen = Number(place);
      this.choose(this.isLine && chosen === this.chosen ? null : chosen);
    });
    this.chart.addEventListener("pointerdown", (event) => this.scrub(event));
    this.chart.addEventListener("pointermove", (event) => event.buttons && this.scrub(event));
  }

  scrub(event) {
    if (!this.lines) return;
    const box = this.chart.getBoundingClientRect();
    const [first, last] = [this.lines.x(this.first), this.lines.x(this.last)];
    const share = (event.clientX - box.left - first) / Math.max(1, last - first);
    this.pause();
    this.goTo("epoch", Math.round(this.first + share * (this.last - this.first)));
  }

  // The epoch at which the thumb stands: in the mode of best epochs that of the winner.
  now() {
    if (this.mode === "epoch") return this.epoch;
    const winner = this.data.cells.find((cell) => cell.isBest) ?? this.data.cells[0];
    return winner?.bestEpoch || this.last;
  }

  goTo(mode, epoch) {
    const begin = performance.now();
    this.mode = mode;
    this.epoch = Math.min(this.last, Math.max(this.first, epoch));
    this.show();
    this.board.dataset.stepMs = (performance.now() - begin).toFixed(2);
    this.rest();
  }

  play() {
    this.goTo("epoch", this.mode === "epoch" && this.epoch < this.last ? this.epoch : this.first);
    this.find(".play").classList.add("on");
    this.find(".play").setAttribute("aria-label", "Pause");
    const pace = Math.max(40, Math.min(FILM_MS, 12000 / (this.last || 1)));
    this.film = setInterval(() => {
      if (this.epoch >= this.last) this.pause();
      else this.goTo("epoch", this.epoch + 1);
    }, pace);
  }

  pause() {
    clearInterval(this.film);
    this.film = null;
    this.find(".play").classList.remove("on");
    this.find(".play").setAttribute("aria-label", "Play through the epochs");
    this.rest();
  }

  choose(place) {
    this.chosen = place;
    this.drawCloser();
    this.show();
  }

  drawScale() {
    const { scale, measure, isExact, numSeeds } = this.data;
    const seeds = numSeeds > 1 ? `, mean ± standard error of ${numSeeds} seeds` : "";
    this.find(".measure").textContent = measure + seeds;
    this.find(".scale").replaceChildren();
    if (!scale) return;
    const bar = make("i", "colours");
    bar.style.background = `linear-gradient(to right, ${scale.colours.join(",")})`;
    this.find(".scale").append(make("span", "", `${scale.title}  ${scale.low}`), bar,
      make("span", "", scale.high));
  }

  drawCells() {
    const { rows, columns, cells, truth, truthTitle } = this.data;
    this.matrix.replaceChildren();
    const parts = [];
    if (truth && this.isLine) {
      const reference = make("div", "cell truth");
      reference.append(this.named(truthTitle), this.canvas(`${truthTitle}, for comparison`));
      reference.dataset.column = -1;
      parts.push(reference);
      this.paint(reference.querySelector("canvas"), truth);
    }
    if (!this.isLine) {
      parts.push(make("div", "corner"));
      columns.forEach((title) => parts.push(make("div", "column", title)));
    }
    this.buttons = cells.map((cell, place) => this.button(cell, place));
    if (this.isLine) parts.push(...this.buttons);
    else rows.forEach((row, index) => parts.push(this.rowHead(row), ...columns.map((_, column) =>
      this.buttons[cells.findIndex((cell) => cell.row === index && cell.column === column)]
        ?? make("div", "none", "–"))));
    this.matrix.append(...parts);
  }

  named(title) {
    const name = make("span", "name");
    name.append(make("span", "title", title));
    return name;
  }

  rowHead(row) {
    const head = make("div", "row");
    head.append(make("b", "", row.title), ...row.notes.map((note) => make("span", "", note)));
    return head;
  }

  canvas(alt) {
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", alt);
    return canvas;
  }

  button(cell, place) {
    const button = make("button", `cell${cell.isBest ? " best" : ""}`);
    button.dataset.place = place;
    button.setAttribute("aria-pressed", "false");
    if (!this.data.isFilm) {
      button.title = `${cell.name}: best epoch ${cell.bestEpochs} of ${cell.numEpochs}`;
    }
    if (this.isLine) {
      const name = this.named(cell.name);
      if (cell.isBest && this.data.cells.length > 1) name.append(make("em", "", cell.chip));
      button.append(name);
    }
    button.append(this.canvas(cell.name), make("span", "figure"));
    if (this.isLine && !this.data.isFilm) {
      const bar = make("span", "bar");
      bar.append(make("i"));
      button.append(bar);
    }
    return button;
  }

  // Pictures are decoded once, and drawn at once from then on.
  paint(canvas, address) {
    canvas.dataset.address = address ?? "";
    if (!address) {
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    let image = this.pictures.get(address);
    if (!image) {
      image = new Image();
      image.src = address;
      this.pictures.set(address, image);
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

  pictureOf(cell) {
    if (this.mode === "best" || !cell.pictures.length) return cell.bestPicture;
    const later = cell.kept.findIndex((epoch) => epoch > this.epoch);
    const index = later < 0 ? cell.kept.length - 1 : Math.max(0, later - 1);
    return cell.pictures[index];
  }

  figureOf(cell) {
    if (this.mode === "best") return cell.best;
    const place = Math.min(this.epoch - this.first, cell.figures.length - 1);
    return cell.figures[place] ?? null;
  }

  show() {
    if (!this.data) return;
    const figures = this.data.cells.map((cell) => this.figureOf(cell));
    const most = Math.max(...figures.map((figure) => figure?.value ?? 0), 1e-12);
    this.data.cells.forEach((cell, place) => {
      const button = this.buttons[place];
      this.paint(button.querySelector("canvas"), this.pictureOf(cell));
      const figure = figures[place];
      const shown = button.querySelector(".figure");
      shown.replaceChildren(make("b", "", figure?.text ?? (this.data.isFilm ? "" : "–")));
      if (figure?.error) shown.append(make("span", "", ` ± ${figure.error}`));
      shown.classList.toggle("beaten", cell.isBeaten && this.mode === "best");
      const bar = button.querySelector(".bar i");
      if (bar) bar.style.width = `${(100 * (figure?.value ?? 0)) / most}%`;
      button.setAttribute("aria-pressed", String(place === this.chosen));
    });
    this.slider.value = this.now();
    this.slider.setAttribute("aria-valuetext", this.mode === "best" ? "best epochs" : `epoch ${this.epoch}`);
    this.find(".now b").textContent = this.mode === "best"
      ? (this.data.isFilm ? `Best epoch, ${this.now()}` : "Best epochs") : `Epoch ${this.epoch} of ${this.last}`;
    for (const button of this.find(".jumps").children) {
      const on = { first: this.mode === "epoch" && this.epoch === this.first, best: this.mode === "best",
        last: this.mode === "epoch" && this.epoch === this.last }[button.dataset.to];
      button.setAttribute("aria-pressed", String(on));
    }
    this.board.classList.toggle("moved", this.mode !== "best");
    this.moveCursor();
  }

  moveCursor() {
    const cursor = this.chart.querySelector(".cursor");
    if (!cursor) return;
    const x = this.lines.x(this.now());
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.style.opacity = this.mode === "best" ? 0.25 : 1;
  }

  // The theme's colours are known here, and whether they are dark ones is not said.
  followTheme() {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(this.board).getPropertyValue("--st-background-color").trim()
      || "#ffffff";
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    this.board.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue < 128);
  }

  layOut() {
    if (!this.data || !this.board.clientWidth) return;
    this.followTheme();
    const count = this.data.columns.length;
    const width = this.board.clientWidth;
    const isNarrow = width < 620;
    this.board.classList.toggle("narrow", isNarrow);
    if (this.data.isFilm) {
      const parts = isNarrow ? 1 : count + (this.data.truth ? 1 : 0);
      this.matrix.style.gridTemplateColumns = `repeat(${parts}, minmax(0, 1fr))`;
      const isLarge = parseFloat(getComputedStyle(document.documentElement).fontSize) > USUAL_TYPE;
      this.matrix.style.maxWidth = isNarrow || isLarge ? "" : `${parts * FILM_WIDTH}px`;
    } else if (this.isLine) {
      const many = count > 8 || isNarrow;
      this.matrix.style.gridTemplateColumns = many
        ? `repeat(auto-fill, minmax(${isNarrow ? 132 : 112}px, 1fr))`
        : `minmax(96px, ${Math.min(1, 150 / 1130 * 7)}fr) repeat(${count}, minmax(0, 1fr))`;
      this.matrix.style.maxWidth = many ? "" : `${(count + 1) * 205}px`;
    } else {
      this.matrix.style.gridTemplateColumns = `minmax(76px, 96px) repeat(${count}, minmax(0, 1fr))`;
    }
    this.drawBrackets();
    if (this.data.curves) {
      const box = this.chart.clientWidth;
      this.lines = curvesChart(this.data.curves, this.first, this.last, box, isNarrow ? 170 : 164, !isNarrow);
      this.chart.replaceChildren(this.lines.svg);
      this.slider.style.width = `${box - (isNarrow ? 6 : LABELS)}px`;
    } else {
      this.lines = null;
      this.chart.replaceChildren();
      this.slider.style.width = "";
    }
    this.drawCloser();
    this.show();
  }

  // A line under neighbours that the seeds do not tell apart.
  drawBrackets() {
    this.matrix.querySelectorAll(".tie").forEach((tie) => tie.remove());
    if (!this.isLine || this.matrix.style.gridTemplateColumns.includes("auto-fill")) return;
    const offset = this.data.truth ? 2 : 1;
    for (const [from, to, lane] of this.data.ties) {
      const tie = make("div", "tie");
      tie.style.gridRow = 2 + lane;
      tie.style.gridColumn = `${from + offset} / ${to + offset + 1}`;
      tie.append(make("span", "", "not told apart"));
      this.matrix.append(tie);
    }
  }

  drawCloser() {
    const cell = this.chosen === null ? null : this.data.cells[this.chosen];
    this.closer.hidden = !cell;
    if (!cell) return;
    this.closer.replaceChildren(...closerLook(this, cell));
  }
}
