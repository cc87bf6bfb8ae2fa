// A network drawn small: a column of dots a layer, the links between them, what each mask keeps, and
// how its weights have grown. Hovering an output, or the arrow keys, light the paths to it. Which
// links there are and which lie on a path, Python has said.

const TOP = 6; // of the dots, in pixels
const DOTS = 52; // height of a full column
const [LEFT, RIGHT] = [26, 46]; // from the outer columns to the edges
const FARTHEST = 40; // of two dots of a column
const FEW_LINKS = 60; // up to so many, those that a mask cuts are drawn, too
const RADIUS = 3;
const MOST_GROWN = 4; // layers whose sizes are shown

class Network {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.svg = this.find("svg");
    this.chosen = null; // the output whose paths are lit
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".head"));
    const by = (step) => () => this.choose(this.chosen === null ? 0 : this.chosen + step);
    onKeys(this.svg, {
      ArrowDown: by(1),
      ArrowRight: by(1),
      ArrowUp: by(-1),
      ArrowLeft: by(-1),
      Escape: () => this.choose(null),
    });
    this.svg.addEventListener("blur", () => this.choose(null));
    this.svg.addEventListener("pointerleave", () => this.choose(null));
  }

  stop() {
    this.sizes.disconnect();
  }

  update(data) {
    this.data = data;
    if (this.chosen >= (data.says?.length ?? 0)) this.chosen = null;
    this.draw();
  }

  choose(output) {
    const count = this.data.says?.length ?? 0;
    const chosen = output === null || !count ? null : (output + count) % count;
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    this.draw();
  }

  draw() {
    const { svg, data } = this;
    if (!data) return;
    this.theme = themeOf(svg);
    const grown = this.chosen === null && data.columns.length ? this.growth() : [];
    this.find(".words").replaceChildren(...(grown.length ? ["weights ", ...grown] : [this.chosen === null ? data.words : data.says[this.chosen]]));
    svg.style.display = data.columns.length ? "block" : "none";
    if (!data.columns.length) return;
    const width = this.find(".head").clientWidth || 300;
    const height = TOP + DOTS + 20;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    svg.setAttribute("aria-label", this.chosen === null ? data.alt : `${data.says[this.chosen]}. ${data.alt}`);
    this.places = colourTable(data.colours).map((channels) => `rgb(${channels.join(",")})`);
    const step = (width - LEFT - RIGHT) / (data.columns.length - 1);
    this.x = data.columns.map((_, column) => LEFT + column * step);
    this.parts = [];
    data.gaps.forEach((gap, index) => this.drawGap(gap, index, step));
    if (data.direct) this.drawDirect();
    data.columns.forEach((column, index) => this.drawColumn(column, index));
    svg.replaceChildren(...this.parts);
  }

  // The middle of a dot: columns of fewer dots stand closer together, about the middle.
  place(column, dot) {
    const count = this.data.columns[column].names.length;
    const step = count > 1 ? Math.min(DOTS / (count - 1), FARTHEST) : 0;
    return [this.x[column], TOP + DOTS / 2 + (dot - (count - 1) / 2) * step];
  }

  isLit(column, dot) {
    if (this.chosen === null) return false;
    if (column === this.data.columns.length - 1) return dot === this.chosen;
    return this.data.paths[this.chosen][column].includes(dot);
  }

  // Inputs' links are blue, outputs' are orange, those between hidden layers grey.
  colourOf(index) {
    if (index >= this.data.gaps.length - 1) return this.theme.model;
    return index === 0 ? this.theme.data : this.theme.reference;
  }

  drawGap(gap, index, step) {
    const { columns } = this.data;
    const hasCut = columns[index].names.length * columns[index + 1].names.length <= FEW_LINKS;
    gap.links?.forEach((row, above) => row.forEach((isKept, below) => {
      if (!isKept && !hasCut) return;
      const isLit = isKept && this.isLit(index, below) && this.isLit(index + 1, above);
      this.line(this.place(index, below), this.place(index + 1, above), isKept, isLit, this.colourOf(index), gap);
    }));
    const middle = (this.x[index] + this.x[index + 1]) / 2;
    const words = index === 0 && step > 100 ? `${gap.kept} kept` : gap.kept;
    if (gap.kept) this.text(middle, TOP + DOTS + 16, words, this.theme.faint);
  }

  // How large the weights of each layer are: over the epochs as a line, and now as a number.
  growth() {
    const named = [...this.data.gaps, ...(this.data.direct ? [this.data.direct] : [])];
    const known = named.map(({ name }, index) => [this.data.sizes[name], this.colourOf(index)]).filter(([size]) => size);
    const shown = known.length > MOST_GROWN ? [...known.slice(0, MOST_GROWN / 2), ...known.slice(-MOST_GROWN / 2)] : known;
    return shown.map(([{ heights, latest }, colour]) => {
      const part = make("span", "size");
      const last = Math.max(1, heights.length - 1);
      const points = heights.map((height, at) => `${1 + (20 * at) / last},${11 - 9 * height}`).join(" ");
      const line = makeSvg("svg", { width: 22, height: 12, class: "grown", "aria-hidden": "true" });
      line.append(makeSvg("polyline", { points, fill: "none", stroke: colour, "stroke-width": 1.5 }));
      part.append(line, latest);
      return part;
    });
  }

  drawDirect() {
    const { direct, columns } = this.data;
    const last = columns.length - 1;
    direct.links.forEach((row, output) => row.forEach((isKept, input) => {
      const isLit = isKept && this.isLit(0, input) && output === this.chosen;
      if (!isLit && columns.length > 2) return;
      this.line(this.place(0, input), this.place(last, output), isKept, isLit, this.theme.model, direct);
    }));
    if (columns.length === 2) this.text((this.x[0] + this.x[last]) / 2, TOP + DOTS + 16, `${direct.kept} kept`, this.theme.faint);
  }

  // How thick a kept link is tells how large the weights are, where that is known.
  line([x1, y1], [x2, y2], isKept, isLit, colour, gap) {
    const size = this.data.sizes[gap.name];
    const grown = size ? 0.5 + 1.2 * size.heights[size.heights.length - 1] : 1;
    const isDim = this.chosen !== null && !isLit;
    this.parts.push(makeSvg("line", {
      x1, y1, x2, y2,
      class: isLit ? "link lit" : isKept ? "link kept" : "link cut",
      stroke: isKept ? colour : this.theme.reference,
      "stroke-width": isLit ? 2 : isKept ? grown : 0.8,
      "stroke-opacity": isLit ? 1 : isDim ? 0.12 : isKept ? 0.55 : 0.6,
      ...(isKept ? {} : { "stroke-dasharray": "1.5 3" }),
    }));
  }

  drawColumn(column, index) {
    const count = column.names.length;
    const isLast = index === this.data.columns.length - 1;
    column.names.forEach((name, dot) => {
      const [x, y] = this.place(index, dot);
      const isDead = column.isDead[dot];
      const isLit = this.isLit(index, dot);
      const fill = column.kind === "hidden" ? this.theme.background : this.places[Math.round(255 * column.shares[dot])];
      const circle = makeSvg("circle", {
        cx: x, cy: y, r: isLit ? RADIUS + 1 : RADIUS,
        class: `dot ${column.kind}${isDead ? " dead" : ""}`,
        fill: isDead ? this.theme.background : fill,
        stroke: isLit ? this.theme.primary : isDead ? this.theme.reference : this.theme.faint,
        "stroke-width": isLit ? 2.5 : 1.2,
        ...(isDead ? { "stroke-dasharray": "2 2" } : {}),
      });
      circle.append(makeSvg("title", {}, name));
      this.parts.push(circle);
      if (count <= 4 && column.kind !== "hidden") {
        this.text(x + (isLast ? 26 : -17), y + 4, name);
      }
      if (isLast) this.listen(x, y, dot, count);
    });
    const dots = column.isWhole ? "" : "… ";
    this.text(this.x[index], TOP + DOTS + 16, `${dots}${column.width}`);
  }

  // A place to point at that is larger than the dot.
  listen(x, y, dot, count) {
    const height = count > 1 ? Math.min(DOTS / (count - 1), FARTHEST) : FARTHEST;
    const place = makeSvg("rect", {
      x: x - 16, y: y - height / 2, width: 16 + RIGHT, height, fill: "transparent", class: "output",
    });
    place.addEventListener("pointerenter", () => this.choose(dot));
    place.addEventListener("click", () => this.choose(dot));
    this.parts.push(place);
  }

  text(x, y, words, colour = this.theme.text) {
    this.parts.push(makeSvg("text", { x, y, "text-anchor": "middle", fill: colour }, words));
  }
}

export default keeper(Network);
