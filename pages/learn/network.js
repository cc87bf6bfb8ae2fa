// The small network of the first chapters, opened to its numbers. Python sends every value at all
// eight inputs and the rule of every weight; flipping, selecting and hovering happen here. Only a
// change of degrees needs Python; what the reader has done is told to it for the ticks.

class Board {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.board = this.find(".board");
    const acts = {
      press: (id) => this.press(id),
      open: (id) => this.open(id),
      point: (id) => this.point(id),
      choose: (name) => this.change({ chosen: name }),
    };
    this.drawing = new NetworkDrawing(this.find(".stage"), acts);
    this.matrices = new Matrices(this.find(".beside"), acts);
    this.costs = new Costs(this.find(".beside"), acts);
    this.pointed = null;
    this.wanted = null; // degrees that Python has not answered yet
  }

  update(data) {
    this.data = data;
    this.reader ??= { ...data.reader };
    if (String(this.wanted) === String(data.degrees.h)) this.wanted = null;
    this.followTheme();
    this.drawing.build(data);
    this.show();
  }

  followTheme() {
    const theme = themeOf(this.board);
    for (const name of ["faint", "line", "data", "dataText", "model", "modelText", "reference", "wrong"]) {
      this.board.style.setProperty(`--${name}`, theme[name]);
    }
    this.board.classList.toggle("dark", theme.isDark);
    this.board.classList.toggle("by-degree", this.data.byDegree);
  }

  press(id) {
    const [layer, index] = [id[0], Number(id.slice(1)) - 1];
    const { reader } = this;
    if (layer === "x") {
      const x = reader.x.map((value, place) => (place === index ? 1 - value : value));
      const tried = [...new Set([...reader.tried, stateOf(x)])];
      this.change({ x, tried, flipped: [...new Set([...reader.flipped, index + 1])] });
    } else if (layer === "o") {
      this.change({ selected: reader.selected === index + 1 ? null : index + 1, opened: id });
    } else if (this.data.byDegree) {
      this.turn(index);
    } else {
      this.change({ opened: reader.opened === id ? null : id, selected: null });
    }
  }

  // The next degree 1 … D-1 of a hidden unit; the number turns at once, the weights follow.
  turn(index) {
    const degrees = [...(this.wanted ?? this.data.degrees.h)];
    const highest = this.data.degrees.x.length - 1;
    degrees[index] = (degrees[index] % highest) + 1;
    this.wanted = degrees;
    this.tell("degrees", degrees);
    this.show();
  }

  open(id) {
    this.change({ opened: this.reader.opened === id ? null : id });
  }

  point(id) {
    if (this.pointed === id) return;
    this.pointed = id;
    this.show();
  }

  change(what) {
    Object.assign(this.reader, what);
    this.keep("reader", this.reader);
    this.show();
  }

  // What is chosen, as the parts of the drawing ask for it.
  view() {
    const { data, reader } = this;
    const state = stateOf(reader.x);
    const selected = reader.selected && `o${reader.selected}`;
    const opened = this.pointed ?? reader.opened;
    const weight = (id) => {
      const [from, to] = id.split("-");
      return data[from[0] === "x" ? "first" : "second"][from.slice(1) - 1][to.slice(1) - 1];
    };
    const traced = selected ?? (opened && !opened.includes("-") && opened[0] !== "x" ? opened : null);
    const leads = (id) => traced === id || (traced?.[0] === "o" && id[0] === "h" && weight(`${id}-${traced}`).kept);
    return {
      data, state, selected, opened, weight,
      highlight: data.highlight,
      chosen: reader.chosen,
      isByDegree: data.byDegree,
      alt: data.alt,
      value: (id) => data.values[id[0]][state][id.slice(1) - 1],
      degree: (id) => (id[0] === "h" && this.wanted ? this.wanted : data.degrees[id[0]])[id.slice(1) - 1],
      isLit: (id) => Boolean(traced) && leads(id.split("-")[1]),
      isOnPath: (id) => Boolean(traced) && (leads(id)
        || (id[0] === "x" && data.first[id.slice(1) - 1].some((one, k) => one.kept && leads(`h${k + 1}`)))),
      pulses: (id) => pulses(data.highlight, id, weight),
      nodeLabel: (id, name) => this.nodeLabel(id, name),
    };
  }

  nodeLabel(id, name) {
    const { data, reader } = this;
    const place = id.slice(1) - 1;
    const value = data.values[id[0]][stateOf(reader.x)][place].replace("-", "−");
    const degree = data.byDegree ? `, degree ${(id[0] === "h" && this.wanted ? this.wanted : data.degrees[id[0]])[place]}` : "";
    const act = { x: "flip it", o: "what does it depend on?", h: data.byDegree ? "change its degree" : "how does it come about?" };
    return `${name} = ${value}${degree}: ${act[id[0]]}`;
  }

  show() {
    const begin = performance.now();
    const view = this.view();
    this.drawing.update(view);
    (this.data.costs ? this.costs : this.matrices).update(view);
    const { data } = this;
    const said = view.selected && data.byDegree ? data.depends[this.reader.selected - 1] : data.functions;
    this.write(".said", said);
    this.find(".said").classList.toggle("wrong", Boolean(view.selected) && data.byDegree && !data.isMasked);
    this.showPanel(view);
    this.showBadge();
    this.board.dataset.stepMs = (performance.now() - begin).toFixed(2);
  }

  write(selector, text) {
    const element = this.find(selector);
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    element.replaceChildren(typeset(text));
  }

  showPanel(view) {
    const lines = this.panelLines(view);
    const wanted = JSON.stringify(lines);
    const panel = this.find(".panel");
    if (panel.dataset.text === wanted) return;
    panel.dataset.text = wanted;
    panel.replaceChildren(...lines.map(([name, text, title]) => {
      const line = make("p", name);
      if (title) line.append(make("b", "", title), " ");
      line.append(typeset(text));
      return line;
    }));
  }

  // [class, text, bold beginning] of each line about what is pointed at or opened.
  panelLines(view) {
    const { data } = this;
    const id = view.opened ?? view.selected;
    if (!id) return [["hint", data.hint]];
    if (!id.includes("-")) {
      const place = id.slice(1) - 1;
      if (id[0] === "x") return [["hint", data.inputHint]];
      return [["title", data.nodeTitles[id[0]]], ["sum", data.sums[id[0]][view.state][place]]];
    }
    const weight = view.weight(id);
    const carries = weight.kept ? [["carries", `weight · value = ${weight.carries[view.state]}`]] : [];
    if (!data.byDegree) return [["title kept", weight.title, "Weight"], ["sum", weight.carries[view.state]], ["hint", data.carryHint]];
    const kind = !data.isMasked || !weight.kept ? "title wrong" : "title kept";
    return [[kind, weight.title, weight.verdict], ["formula", weight.formula], ["words", weight.words],
      ...carries, ...(data.isMasked ? [["rules", data.rules[id[0] === "x" ? 0 : 1]]] : [])].filter(([, text]) => text);
  }

  showBadge() {
    const { badge } = this.data;
    const element = this.find(".badge");
    const wanted = JSON.stringify(badge);
    if (element.dataset.text === wanted) return;
    element.dataset.text = wanted;
    element.className = `badge ${badge.isGood ? "good" : "bad"}`;
    const title = make("p", "title");
    title.append(mark(badge.isGood), make("b", "", badge.title));
    element.replaceChildren(title, ...badge.lines.map((text) => {
      const line = make("p");
      line.append(typeset(text));
      return line;
    }));
  }
}

function stateOf(x) {
  return x.reduce((sum, bit) => 2 * sum + bit, 0);
}

// "output-2", "input-2", "hidden": nodes; "into-2": removed weights into an output.
function pulses(highlight, id, weight) {
  const [kind, number] = (highlight ?? "").split("-");
  const nodes = { output: "o", input: "x", hidden: "h" };
  if (nodes[kind]) return !id.includes("-") && id[0] === nodes[kind] && (!number || id.slice(1) === number);
  return kind === "into" && id.endsWith(`-o${number}`) && !weight(id).kept;
}

function mark(isGood) {
  const svg = makeSvg("svg", { viewBox: "0 0 24 24", class: "mark", "aria-hidden": "true" });
  svg.append(makeSvg("circle", { cx: 12, cy: 12, r: 10 }),
    makeSvg("path", { d: isGood ? "M7 12.5l3.5 3.5 6.5-7.5" : "M8 8l8 8M16 8l-8 8" }));
  return svg;
}

export default keeper(Board);
