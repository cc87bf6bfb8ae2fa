// A draw in slow motion: play, pause, step and scrub through tosses that Python made. Nothing is
// asked of Python but another draw, or a drawn value to be changed and gone on from.

const ICONS = {
  start: "M3 2h2v12H3zM14 2v12L6 8z",
  back: "M11 2v12L4 8z",
  play: "M4 2l10 6-10 6z",
  pause: "M4 2h3v12H4zM9 2h3v12H9z",
  forward: "M5 2v12l7-6z",
  end: "M11 2h2v12h-2zM2 2v12l8-6z",
};
const ASIDE = 136; // of the pictures at the right, with the gap before them
const TOSS = 172;
const NARROW = 560;
const HIGHEST = 252; // of a picture, so that the chart below is seen without scrolling

class Motion {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.board = this.find(".motion");
    this.kinds = { grid: new MotionGrid(this.find), plane: new MotionPlane(this.find) };
    this.chart = new MotionChart(this.find(".track"));
    this.place = 0;
    this.speed = 1;
    this.told = "";
    this.sizes = new ResizeObserver(() => this.data && this.build());
    this.sizes.observe(this.board);
    this.makeControls();
    this.listen();
  }

  stop() {
    this.pause();
    this.sizes.disconnect();
  }

  get last() {
    return this.data.values.length;
  }

  get view() {
    return this.kinds[this.data.kind];
  }

  update(data) {
    const former = this.data;
    const isNew = !former || former.id !== data.id;
    this.data = data;
    if (isNew) this.begin(former, data);
    this.build();
  }

  // Where a new draw opens: a changed one goes on behind the change, another one stays complete
  // where the one before it was.
  begin(former, data) {
    const isSameRun = former && former.subject === data.subject;
    const wasComplete = former && this.place === former.values.length;
    if (isSameRun && data.changed?.length && former.seed === data.seed) {
      this.place = data.changed.at(-1) + 1;
      this.play();
    } else if (isSameRun && wasComplete) {
      this.place = data.values.length;
      this.told = data.id;
    } else {
      this.place = isSameRun ? 0 : Math.round(data.opensAt * data.values.length);
      if (!isSameRun) this.pause();
    }
    this.time = this.place;
  }

  makeControls() {
    const player = this.find(".player");
    const button = (name, label, act) => {
      const element = make("button", name);
      element.type = "button";
      element.title = label;
      element.setAttribute("aria-label", label);
      element.append(icon(ICONS[name]));
      element.onclick = act;
      player.append(element);
      return element;
    };
    button("start", "To the start (Home)", () => this.jump(0));
    button("back", "One back (←)", () => this.jump(this.place - 1));
    this.toggle = button("play", "Play (space)", () => this.playOrPause());
    button("forward", "One on (→)", () => this.jump(this.place + 1));
    button("end", "To the end (End)", () => this.jump(this.last));
    this.find(".another").onclick = () => this.another();
  }

  listen() {
    const [track, drawn] = [this.find(".track"), this.find(".drawn")];
    const scrub = (event) => this.jump(this.chart.placeAt(event));
    track.addEventListener("pointerdown", (event) => {
      track.setPointerCapture(event.pointerId);
      scrub(event);
    });
    track.addEventListener("pointermove", (event) => event.buttons && scrub(event));
    drawn.addEventListener("click", (event) => this.change(this.view.cellUnder(event)));
    for (const name of ["focus", "blur"]) drawn.addEventListener(name, () => this.draw());
    onKeys(drawn, Object.fromEntries(
      ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => [key, (event) => {
        event.stopPropagation();
        this.view.move(key);
        this.draw();
      }]).concat([["Enter", () => this.change(this.view.cursor)]])));
    const row = () => this.data.columns ?? 2;
    onKeys(this.board, {
      ArrowLeft: () => this.jump(this.place - 1),
      ArrowRight: () => this.jump(this.place + 1),
      PageUp: () => this.jump(this.place - row()),
      PageDown: () => this.jump(this.place + row()),
      Home: () => this.jump(0),
      End: () => this.jump(this.last),
      n: () => this.another(),
    });
    this.board.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target.closest("button")) return;
      event.preventDefault();
      this.playOrPause();
    });
  }

  build() {
    const { data, board } = this;
    const theme = themeOf(board);
    for (const name of ["faint", "line", "model", "dataText"]) board.style.setProperty(`--${name}`, theme[name]);
    const isNarrow = board.clientWidth < NARROW;
    board.classList.toggle("narrow", isNarrow);
    const main = board.clientWidth - (data.blank && !isNarrow ? ASIDE : 0);
    const side = isNarrow ? (main - 10) / 2 : (main - TOSS - 32) / 2;
    this.view.build(data, theme, { side: Math.max(60, Math.min(side, HIGHEST)) });
    this.chart.build(data, theme, main);
    this.find(".chart-title b").textContent = data.chartTitle;
    this.find(".note").textContent = data.note;
    this.find(".another").textContent = data.another;
    this.find(".another").title = "Draws anew (N)";
    this.find(".keys").textContent = data.kind === "grid"
      ? `Keys: space plays, ← → step, Home starts again. Click a drawn ${data.noun} to change it and go on from there.`
      : "Keys: space plays, ← → step, Home starts again.";
    for (const name of ["play", "drawn", "another"]) {
      this.find(`.${name}`).classList.toggle("pulse", data.highlight === name);
    }
    this.showSpeeds();
    this.showBlank();
    this.draw();
  }

  showSpeeds() {
    this.rates = this.view.speeds();
    this.find(".speeds").replaceChildren(...this.rates.map(([name], index) => {
      const button = make("button", "", name);
      button.type = "button";
      button.setAttribute("aria-pressed", String(index === this.speed));
      button.onclick = () => {
        this.speed = index;
        [...this.find(".speeds").children].forEach((each, place) =>
          each.setAttribute("aria-pressed", String(place === index)));
      };
      return button;
    }));
  }

  showBlank() {
    const aside = this.find(".blank");
    const { blank } = this.data;
    aside.hidden = !blank;
    if (!blank) return;
    aside.replaceChildren(make("h4", "", blank.title), ...blank.pictures.map((each) => {
      const figure = make("figure");
      const image = make("img");
      image.src = each.picture;
      image.alt = `${each.title}: ${each.line}`;
      figure.append(image, make("div", "", ""), make("b", "", each.title), make("br"), each.line);
      if (each.value) figure.append(make("br"), each.value);
      return figure;
    }), make("p", "", blank.note));
  }

  draw() {
    const { place, view } = this;
    view.now = place;
    view.draw(place);
    view.tellToss(place);
    this.chart.draw(place, view.said(place), view.aside());
    const track = this.find(".track");
    const values = {
      "aria-label": this.data.chartTitle, "aria-valuemin": 0, "aria-valuemax": this.last,
      "aria-valuenow": place, "aria-valuetext": `${place} of ${this.last} drawn, ${view.said(place)}`,
    };
    for (const [name, value] of Object.entries(values)) track.setAttribute(name, value);
    this.find(".drawn").setAttribute("aria-label", view.alt(place));
    this.find(".map").setAttribute("aria-label", view.mapAlt());
  }

  playOrPause() {
    if (this.frame) this.pause();
    else this.play();
  }

  play() {
    if (this.place >= this.last) this.place = 0;
    this.time = this.place;
    this.before = null;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.showPlaying(true);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.showPlaying(false);
  }

  showPlaying(isPlaying) {
    this.toggle.replaceChildren(icon(isPlaying ? ICONS.pause : ICONS.play));
    this.toggle.setAttribute("aria-label", isPlaying ? "Pause (space)" : "Play (space)");
    this.toggle.title = isPlaying ? "Pause (space)" : "Play (space)";
  }

  tick(now) {
    const passed = this.before === null ? 0 : Math.min(now - this.before, 100) / 1000;
    this.before = now;
    this.time = Math.min(this.time + passed * this.rates[this.speed][1], this.last);
    const place = Math.floor(this.time);
    if (place !== this.place) {
      this.place = place;
      this.draw();
    }
    if (this.place < this.last) {
      this.frame = requestAnimationFrame((next) => this.tick(next));
    } else {
      this.pause();
      this.tellEnd(true);
    }
  }

  jump(place) {
    this.pause();
    this.place = this.time = Math.max(0, Math.min(place, this.last));
    this.draw();
    if (this.place === this.last) this.tellEnd(false);
  }

  // Once for each draw that is seen to its end, and once more where it was played.
  tellEnd(isPlayed) {
    const told = `${this.data.id}${isPlayed ? " played" : ""}`;
    if (!this.data.hearsEnd || this.told.startsWith(told)) return;
    this.told = told;
    this.tell("ended", { id: this.data.id, played: isPlayed });
  }

  another() {
    this.tell("asked", { another: true, complete: this.place === this.last });
  }

  change(cell) {
    const place = this.view.drawnAt(cell, this.place);
    if (place === null) return;
    this.pause();
    this.tell("asked", { place });
  }
}

function icon(path) {
  const svg = makeSvg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  svg.append(makeSvg("path", { d: path }));
  return svg;
}

export default keeper(Motion);
