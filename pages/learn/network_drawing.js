// A network drawn in layers from below: inputs x, hidden units h, outputs o. It knows where things
// stand and how they are lit; what is chosen is decided by the board that holds it.

const WIDE = 456;
const HIGH = 388;
const RADIUS = 23;
const ROWS = { o: 62, h: 193, x: 324 };
const LAYERS = ["x", "h", "o"];
const SYMBOLS = { x: "x", h: "h", o: "\\hat x" };
const MOST_WEIGHTS = 4; // shown at the edges of one layer; more would lie on each other

class NetworkDrawing {
  // stage: the element to fill; acts: { press(node), open(edge), point(thing or null) }.
  constructor(stage, acts) {
    this.stage = stage;
    this.acts = acts;
    this.nodes = new Map();
    this.edges = new Map();
    this.texts = new Map();
    this.current = "x1";
  }

  build(data) {
    const sizes = LAYERS.map((layer) => data.degrees[layer].length).join();
    if (sizes === this.sizes) return;
    this.sizes = sizes;
    this.stage.replaceChildren();
    this.svg = makeSvg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "group" });
    this.stage.append(this.svg);
    for (const layer of LAYERS) {
      const count = data.degrees[layer].length;
      for (let index = 0; index < count; index++) this.addNode(layer, index, count);
    }
    for (const [low, high] of [["x", "h"], ["h", "o"]]) {
      for (const from of this.layer(low)) for (const to of this.layer(high)) this.addEdge(from, to);
    }
    for (const node of this.nodes.values()) this.svg.append(node.group);
  }

  layer(name) {
    return [...this.nodes.values()].filter((node) => node.layer === name);
  }

  addNode(layer, index, count) {
    const id = `${layer}${index + 1}`;
    const step = layer === "h" ? 114 : 137;
    const [x, y] = [WIDE / 2 + (index - (count - 1) / 2) * step, ROWS[layer]];
    const group = makeSvg("g", { class: `node ${layer}`, role: "button", tabindex: -1, "data-id": id });
    const halo = makeSvg("circle", { class: "halo", cx: x, cy: y, r: RADIUS + 6 });
    const circle = makeSvg("circle", { class: "disc", cx: x, cy: y, r: RADIUS });
    const text = makeSvg("text", { x, y: y + 7, "text-anchor": "middle" });
    group.append(halo, circle, text);
    const label = make("div", `label ${layer}`);
    label.setAttribute("aria-hidden", "true");
    label.style.left = `${(100 * (layer === "h" ? x - RADIUS - 12 : x)) / WIDE}%`;
    label.style.top = `${(100 * { o: y - 43, h: y - 26, x: y + 40 }[layer]) / HIGH}%`;
    this.stage.append(label);
    this.nodes.set(id, { id, layer, index, x, y, group, text, label });
    group.addEventListener("click", () => this.press(id));
    group.addEventListener("pointerenter", () => this.acts.point(id));
    group.addEventListener("pointerleave", () => this.acts.point(null));
    group.addEventListener("focus", () => {
      this.current = id;
      this.rove();
      if (group.matches(":focus-visible")) this.acts.point(id);
    });
    group.addEventListener("blur", () => this.acts.point(null));
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
    const moves = Object.entries(steps).map(([key, by]) => [key, () => this.step(id, ...by)]);
    const press = () => this.press(id);
    onKeys(group, { ...Object.fromEntries(moves), Enter: press, " ": press });
  }

  press(id) {
    this.current = id;
    this.rove();
    this.acts.press(id);
  }

  // To a neighbour in the layer, or to the nearest node of the layer above or below.
  step(id, up, along) {
    const node = this.nodes.get(id);
    const row = this.layer(LAYERS[LAYERS.indexOf(node.layer) + up] ?? node.layer);
    const near = (other) => Math.abs(other.x - node.x);
    const next = along ? row[node.index + along] : row.reduce((a, b) => (near(b) < near(a) ? b : a));
    next?.group.focus();
  }

  rove() {
    for (const node of this.nodes.values()) node.group.tabIndex = node.id === this.current ? 0 : -1;
  }

  addEdge(from, to) {
    const id = `${from.id}-${to.id}`;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const part = RADIUS / Math.hypot(dx, dy);
    const ends = {
      x1: from.x + dx * part, y1: from.y + dy * part, x2: to.x - dx * part, y2: to.y - dy * part,
    };
    const line = makeSvg("line", { class: "line", ...ends });
    const target = makeSvg("line", { class: "target", ...ends });
    const group = makeSvg("g", { class: "edge", "data-id": id, "aria-hidden": "true" });
    group.append(line, target);
    const share = from.layer === "x" ? 0.5 : 0.42;
    const weight = make("div", "weight");
    weight.setAttribute("aria-hidden", "true");
    weight.style.left = `${(100 * (from.x + dx * share)) / WIDE}%`;
    weight.style.top = `${(100 * (from.y + dy * share)) / HIGH}%`;
    this.stage.append(weight);
    this.svg.append(group);
    this.edges.set(id, { id, from, to, group, weight });
    target.addEventListener("pointerenter", () => this.acts.point(id));
    target.addEventListener("pointerleave", () => this.acts.point(null));
    target.addEventListener("click", () => this.acts.open(id));
  }

  // view: the board's view of what is chosen; see Board.view in network.js.
  update(view) {
    this.svg.setAttribute("aria-label", view.alt);
    const lit = { first: 0, second: 0 };
    for (const edge of this.edges.values()) {
      edge.isLit = view.isLit(edge.id) && view.weight(edge.id).kept;
      if (edge.isLit) lit[edge.from.layer === "x" ? "first" : "second"] += 1;
    }
    for (const edge of this.edges.values()) this.updateEdge(edge, view, lit);
    for (const node of this.nodes.values()) this.updateNode(node, view);
    this.rove();
  }

  updateEdge(edge, view, lit) {
    const { kept, weight } = view.weight(edge.id);
    const isFirst = edge.from.layer === "x";
    const isOpen = view.opened === edge.id;
    const colour = isFirst ? "data" : "model";
    edge.group.setAttribute("class", ["edge", kept ? "kept" : "removed", edge.isLit && `lit ${colour}`,
      isOpen && "open", view.pulses(edge.id) && "pulse"].filter(Boolean).join(" "));
    const few = lit[isFirst ? "first" : "second"] <= MOST_WEIGHTS;
    const isShown = kept && (isOpen || (edge.isLit && few));
    edge.weight.className = `weight ${colour}${isShown ? "" : " hidden"}`;
    edge.weight.textContent = weight.replace("-", "−");
  }

  updateNode(node, view) {
    const { id, layer, index } = node;
    const symbol = `${SYMBOLS[layer]}_${index + 1}`;
    const value = view.value(id);
    const shown = view.isByDegree ? view.degree(id) : value;
    const moved = node.value !== undefined && node.value !== value;
    const classes = ["node", layer, view.selected === id && "selected", view.isOnPath(id) && "path",
      layer === "x" && value === "1" && "one", view.opened === id && "open", view.pulses(id) && "pulse"];
    node.group.setAttribute("class", classes.filter(Boolean).join(" "));
    node.text.textContent = String(shown).replace("-", "−");
    node.text.classList.toggle("small", String(shown).length > 2);
    node.label.className = `label ${layer}${view.isOnPath(id) ? " path" : ""}`;
    const withValue = view.isByDegree && layer !== "h";
    node.label.replaceChildren(typeset(`$${symbol}${withValue ? ` = ${value}` : ""}$`));
    if (moved) flash(view.isByDegree && layer !== "h" ? node.label : node.text);
    node.value = value;
    node.group.setAttribute("aria-label", view.nodeLabel(id, spoken(`$${symbol}$`)));
    if (layer === "o") node.group.setAttribute("aria-pressed", String(view.selected === id));
    if (layer === "x") node.group.setAttribute("aria-pressed", String(value === "1"));
  }
}

// A number that has changed is seen to change.
function flash(element) {
  element.classList.remove("moved");
  void element.getBoundingClientRect();
  element.classList.add("moved");
}
