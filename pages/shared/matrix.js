// What a person does with the matrix. Its charts, cells, closer look and layout stand before it in
// the same module, in files of their own.
// Where a person stands in time and which cell is chosen outlive a change of data or theme.

const FILM_MS = 220;
const REST_MS = 200; // after which a slider that was moved counts as at rest

class Board {
  // begin: the epoch to stand at; where it is none, at the best of each cell.
  constructor(root, { begin }) {
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
    this.painter = new Painter();
    this.resized = () => this.layOut();
    this.sizes = new ResizeObserver(this.resized);
    this.sizes.observe(this.board);
    window.addEventListener("resize", this.resized);
    this.listen();
  }

  stop() {
    this.pause();
    clearTimeout(this.resting);
    this.sizes.disconnect();
    window.removeEventListener("resize", this.resized);
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
      this.keep("moment", this.told);
    }, REST_MS);
  }

  update(data) {
    this.followTheme();
    const sent = JSON.stringify({ ...data, begin: null });
    if (sent === this.sent) return;
    this.sent = sent;
    const isOther = Boolean(this.data?.isPresented) !== Boolean(data.isPresented);
    this.data = data;
    this.painter.forget();
    if (isOther || this.chosen >= data.cells.length) this.chosen = null;
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
    this.drawn = null;
    if (this.chosen === null && this.opensOne()) this.chosen = data.opens;
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
      this.choose(!this.opensOne() && chosen === this.chosen ? null : chosen);
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

  // A matrix of two settings has room beside it for one cell; before a projector it has none.
  opensOne() {
    return !this.isLine && !this.data.isPresented;
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
    if (!this.buttons) return;
    const figures = this.data.cells.map((cell) => this.figureOf(cell));
    const most = Math.max(...figures.map((figure) => figure?.value ?? 0), 1e-12);
    this.data.cells.forEach((cell, place) => {
      const button = this.buttons[place];
      this.painter.paint(button.querySelector("canvas"), this.pictureOf(cell));
      const figure = figures[place];
      const shown = button.querySelector(".figure");
      figureIn(shown, figure, this.data.isFilm ? "" : "–");
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
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const found = arrange(this.data, this.board.clientWidth, window.innerHeight, rem);
    this.board.classList.toggle("narrow", found.isNarrow);
    this.board.dataset.shape = found.shape;
    this.drawCells(found);
    this.matrix.style.gridTemplateColumns = found.tracks;
    this.matrix.style.maxWidth = found.most;
    for (const name of ["--cell", "--rows"]) {
      this.matrix.style.setProperty(name, found.variables[name] ?? null);
    }
    this.drawCurves(found, rem / USUAL_TYPE);
    this.drawCloser();
    this.show();
  }

  // The elements are made anew only where they stand otherwise: the focus stays on what it is on.
  drawCells(found) {
    const drawn = [found.shape, found.hasTruth, found.hasBrackets].join();
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    const { parts, buttons } = cellsOf(this.data, found, this.painter);
    this.buttons = buttons;
    this.matrix.replaceChildren(...parts,
      ...(found.hasBrackets ? bracketsOf(this.data, found.hasTruth) : []));
  }

  drawCurves(found, scale) {
    const { curves } = this.data;
    this.chart.replaceChildren();
    this.slider.style.width = "";
    this.lines = null;
    if (!curves) return;
    const width = this.chart.clientWidth;
    this.lines = curvesChart(curves, this.first, this.last, width, found.curves, !found.isNarrow, scale);
    this.chart.append(this.lines.svg);
    this.slider.style.width = `${width - this.lines.labels}px`;
  }

  drawCloser() {
    const cell = this.chosen === null ? null : this.data.cells[this.chosen];
    this.closer.hidden = !cell;
    if (!cell) return;
    this.closer.replaceChildren(
      ...closerOf(this.data, cell, this.painter, this.closer.clientWidth || 400));
  }
}

export default keep(Board);
