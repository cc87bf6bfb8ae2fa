// One digit and what a density is good for. Python sends every change of it at every level, so that
// moving through them is answered here; what depends on the one that is looked at comes from Python.

const TILE = 88;
const SHEET = 84;

class Uses {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.reader = null;
    this.find(".next").onclick = () => this.next();
    onKeys(this.find(".uses"), { n: () => this.next(), N: () => this.next() });
  }

  update(data) {
    this.data = data;
    this.reader ??= { ...data.reader };
    const host = this.find(".uses");
    this.theme = themeOf(host);
    const colours = { faint: "faint", wrong: "wrong", reference: "reference", dataText: "data-text", modelText: "model-text" };
    for (const [name, variable] of Object.entries(colours)) host.style.setProperty(`--${variable}`, this.theme[name]);
    this.table = colourTable(data.colours);
    if (this.built !== data.title) this.buildTiles();
    for (const [name, selector] of [["changes", ".tiles"], ["halves", ".halves"], ["bars", ".bars"]]) {
      this.find(selector).classList.toggle("pulse", data.highlight === name);
    }
    this.draw();
  }

  next() {
    this.change({ digit: (this.reader.digit + 1) % this.data.count });
  }

  change(what) {
    Object.assign(this.reader, what);
    this.keep("reader", this.reader);
    this.draw();
  }

  // Elements are made once a digit: what has the focus keeps it.
  buildTiles() {
    const { data } = this;
    this.built = data.title;
    const scale = this.find(".scale");
    const bar = make("i");
    bar.style.background = `linear-gradient(to right, ${data.colours.join(",")})`;
    scale.replaceChildren(make("span", "", "0"), bar, make("span", "", `${data.most} bits or more a pixel`));
    scale.setAttribute("aria-label", `Colours of the maps, from 0 to ${data.most} bits a pixel or more`);
    const focused = this.find(".uses").getRootNode().activeElement?.closest?.(".tile")?.dataset.name;
    this.tiles = data.tiles.map((tile) => {
      const parts = { box: make("div", "tile"), button: make("button"), ink: make("canvas"), map: make("canvas"), bits: make("span", "bits"), nats: make("span", "nats"), title: make("b") };
      parts.box.dataset.name = tile.name;
      parts.button.type = "button";
      parts.button.append(parts.title, parts.ink, parts.map, parts.bits, parts.nats);
      parts.button.onclick = () => this.change({ change: tile.name });
      parts.box.append(parts.button);
      if (tile.variants.length > 1) {
        const range = Object.assign(make("input"), { type: "range", min: 0, max: tile.variants.length - 1, value: this.reader.levels[tile.name] });
        range.oninput = () => {
          this.reader.levels = { ...this.reader.levels, [tile.name]: Number(range.value) };
          this.reader.change = tile.name;
          this.draw();
        };
        range.onchange = () => this.keep("reader", this.reader);
        parts.range = range;
        parts.box.append(range);
      }
      return parts;
    });
    this.find(".tiles").replaceChildren(...this.tiles.map((parts) => parts.box));
    if (focused) this.tiles.find((parts) => parts.box.dataset.name === focused).button.focus();
  }

  draw() {
    const begin = performance.now();
    this.drawTiles();
    this.drawCompletion();
    this.drawBars();
    this.find(".uses").dataset.stepMs = (performance.now() - begin).toFixed(2);
  }

  variant(tile) {
    return tile.variants[this.reader.levels[tile.name] ?? 0];
  }

  drawTiles() {
    const { data, reader, theme } = this;
    data.tiles.forEach((tile, index) => {
      const parts = this.tiles[index];
      const shown = this.variant(tile);
      const title = tile.name === "none" ? data.title : `${tile.title} ${shown.level}`.trim();
      parts.title.textContent = title;
      parts.button.setAttribute("aria-pressed", String(tile.name === reader.change));
      parts.button.setAttribute("aria-label", `${title}${tile.name === "none" ? ", as it is" : ""}: ${shown.bits}, ${shown.nats}`);
      parts.bits.textContent = shown.bits;
      parts.bits.className = shown.more ? "bits more" : "bits";
      parts.nats.textContent = shown.nats;
      parts.map.style.outline = `1px solid ${theme.line}`;
      if (isNews(parts.map, shown.map)) {
        const ink = cells(shown.ink);
        paintSheet(parts.ink, TILE, data.columns, ink, ink.map(() => !data.isDrawn), "drawn");
        const shades = [...bytesOf(shown.map)].map((level) => level / 255);
        paintGrid(fitCanvas(parts.map, TILE, (TILE * shades.length) / data.columns ** 2), shades, data.columns, TILE / data.columns, this.table);
      }
      if (parts.range) {
        parts.range.value = reader.levels[tile.name];
        parts.range.setAttribute("aria-label", `How much: ${tile.title}`);
        parts.range.setAttribute("aria-valuetext", `${shown.level}: ${shown.bits}`);
      }
    });
  }

  drawCompletion() {
    const { data, reader } = this;
    const { completion, columns } = data;
    const halves = this.find(".halves");
    if (halves.children.length !== completion.halves.length) {
      halves.replaceChildren(...completion.halves.map((half) => {
        const button = Object.assign(make("button", "", half.title), { type: "button" });
        button.onclick = () => this.change({ given: half.name });
        return button;
      }));
    }
    completion.halves.forEach((half, index) => halves.children[index].setAttribute("aria-pressed", String(half.name === (reader.given ?? "top"))));
    const sheets = this.find(".sheets");
    while (sheets.children.length <= completion.rows.length) sheets.append(make("canvas"));
    const known = cells(completion.known).map(Boolean);
    [completion.rows[0], ...completion.rows].forEach((row, index) => {
      const canvas = sheets.children[index];
      if (isNews(canvas, completion.known + row)) {
        const { context, size } = paintSheet(canvas, SHEET, columns, cells(row), known, index ? "drawn" : "unknown");
        if (!index) outlineSheet(context, size, columns, known);
      }
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", index ? `Completion ${index}` : "What is given");
    });
    const trust = this.find(".trust");
    trust.replaceChildren(make("b", "", `Trust: ${completion.word.toLowerCase()}. `), completion.why);
  }

  drawBars() {
    const { data, reader, theme } = this;
    this.find(".legend .many").textContent = `one of ${data.count} together`;
    const most = Math.max(...data.bars.flatMap((bar) => [bar.alone, bar.together]));
    const bars = this.find(".bars");
    while (bars.children.length < data.bars.length) {
      const button = Object.assign(make("button"), { type: "button" });
      const index = bars.children.length;
      button.onclick = () => this.change({ picked: this.data.bars[index].name });
      button.append(make("span", "name"), make("span", "track"), make("span", "number"));
      button.children[1].append(make("span", "alone"), make("span", "together"));
      button.querySelector(".alone").append(make("i"));
      bars.append(button);
    }
    data.bars.forEach((bar, index) => {
      const button = bars.children[index];
      const isOurs = bar.name === "MADE";
      const [name, track, number] = button.children;
      button.setAttribute("aria-pressed", String(reader.picked === bar.name));
      button.setAttribute("aria-label", `${bar.name}: ${bar.aloneText} bits alone, ${bar.togetherText} together`);
      name.textContent = bar.name;
      name.className = isOurs ? "name ours" : "name";
      track.style.setProperty("--tone", isOurs ? theme.model : theme.reference);
      const [alone, together] = track.children;
      alone.style.width = `${(100 * bar.alone) / most}%`;
      together.style.width = `${(100 * bar.together) / most}%`;
      alone.firstChild.style.width = `${(100 * bar.empty) / bar.alone}%`;
      number.textContent = `${bar.aloneText} · ${bar.togetherText}`;
    });
    const picked = data.bars.find((bar) => bar.name === reader.picked);
    this.find(".length").textContent = data.code.title;
    this.find(".code .bits").textContent = data.code.bits;
    this.find(".code .bits").setAttribute("aria-label", "The first bits of its code");
    this.find(".code .why").textContent = picked ? `${picked.name}: ${picked.why}` : data.code.why;
  }
}

// Whether a canvas shows something else by now, or shows it at another size of the page.
const painted = new WeakMap();
function isNews(canvas, what) {
  const key = `${what} ${window.devicePixelRatio} ${canvas.currentCSSZoom ?? 1}`;
  if (painted.get(canvas) === key) return false;
  painted.set(canvas, key);
  return true;
}

function cells(text) {
  return [...text].map(Number);
}

export default keeper(Uses);
