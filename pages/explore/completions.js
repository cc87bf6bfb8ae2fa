// Completions of a sheet, their mean, what was hidden, and how far all that can be trusted.

const [WIDTH, HEIGHT] = [240, 26];

class Completions {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.root = root;
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".tiles"));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    this.data = data;
    const theme = themeOf(this.find(".board"));
    const style = this.find(".board").style;
    style.setProperty("--data-text", theme.dataText);
    style.setProperty("--model-text", theme.modelText);
    this.theme = theme;
    const head = this.find(".main h3");
    head.replaceChildren(data.title, make("span", "given", "given"), make("span", "", `${data.things} stay,`),
      make("span", "drawn", "drawn"), make("span", "", "ones differ"));
    this.find(".tiles").setAttribute("aria-label", data.alt);
    this.find(".tiles").replaceChildren(...data.rows.map(() => make("canvas")));
    this.find(".side h3").textContent = data.meanTitle;
    this.find(".unit").textContent = data.meanUnit;
    this.find(".origin").textContent = data.origin;
    this.find(".mean").setAttribute("aria-label", `${data.meanTitle}: ${data.meanUnit}`);
    this.find(".hidden").setAttribute("aria-label", `What was hidden: ${data.origin}`);
    this.find(".word").textContent = `Trust: ${data.trust.word.toLowerCase()}`;
    this.find(".why").textContent = data.trust.why;
    this.find(".figures").replaceChildren(...data.figures.map(({ title, value, of }) => {
      const part = make("div", "", "");
      part.append(title, make("br"), make("b", "", value), ` ${of}`);
      return part;
    }));
    this.along();
    this.draw();
  }

  draw() {
    const data = this.data;
    if (!data) return;
    const share = (value) => value / data.top;
    const tiles = [...this.find(".tiles").children];
    const width = Math.floor((this.find(".tiles").clientWidth - 4 * 8) / 5);
    if (width < 10) return;
    // A sheet higher than wide is drawn smaller, so that four rows stand above the fold.
    const rows = Math.ceil(data.known.length / data.columns);
    const tile = Math.min(width, (data.tallest * data.columns) / rows);
    tiles.forEach((canvas, index) => {
      paintSheet(canvas, tile, data.columns, data.rows[index].map(share), data.known, "drawn");
    });
    const side = Math.min(146, (146 * data.columns) / rows);
    const means = data.mean.map((value, index) => (data.known[index] ? share(data.rows[0][index]) : value));
    paintSheet(this.find(".mean"), side, data.columns, means, data.known, colourTable(data.colours));
    paintSheet(this.find(".hidden"), side, data.columns, data.original.map(share), data.known, "hidden");
  }

  // The effective sample size after each place; dashed: where particles are resampled.
  along() {
    const { sizes, particles, threshold } = this.data;
    const figure = this.find(".along");
    figure.hidden = !sizes.length;
    figure.querySelector("svg")?.remove();
    if (!sizes.length) return;
    const svg = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `Effective sample size along the ordering, at the end ${short(sizes[sizes.length - 1])} of ${particles}` });
    const x = (index) => ((index / Math.max(sizes.length - 1, 1)) * WIDTH).toFixed(1);
    const y = (size) => (HEIGHT - 1 - (size / particles) * (HEIGHT - 3)).toFixed(1);
    const line = { fill: "none", "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" };
    svg.append(
      makeSvg("path", { ...line, d: `M0 ${y(0)}L${WIDTH} ${y(0)}`, stroke: this.theme.reference }),
      makeSvg("path", { ...line, d: `M0 ${y(threshold)}L${WIDTH} ${y(threshold)}`, stroke: this.theme.reference,
        "stroke-dasharray": "3 3" }),
      makeSvg("path", { ...line, d: sizes.map((size, index) => `${index ? "L" : "M"}${x(index)} ${y(size)}`).join(""),
        stroke: this.theme.model }),
    );
    figure.append(svg);
  }
}

export default keeper(Completions);
