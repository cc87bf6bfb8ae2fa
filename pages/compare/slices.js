// p(x2 | x1 = a) of every cell over that of the truth, for the a under the slider.

const SVG = "http://www.w3.org/2000/svg";
const seen = new WeakMap();
const [WIDTH, HEIGHT] = [200, 92];

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function path(heights) {
  const step = WIDTH / heights.length;
  return heights.map((height, index) => {
    const y = (HEIGHT - height * (HEIGHT - 4)).toFixed(1);
    return `${index ? "L" : "M"}${(index * step).toFixed(1)} ${y}L${((index + 1) * step).toFixed(1)} ${y}`;
  }).join("");
}

export default function ({ data, parentElement: root }) {
  const host = root.querySelector(".slices");
  const state = seen.get(host) ?? { place: Math.floor(data.truth.length / 2) };
  seen.set(host, state);
  state.place = Math.min(state.place, data.truth.length - 1);
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const slider = element("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = data.truth.length - 1;
  slider.value = state.place;
  slider.setAttribute("aria-label", "a, the value of x1");
  const said = element("b");
  const row = element("div", "row");
  const panels = data.series.map((series) => {
    const panel = element("figure", series.isBest ? "best" : "");
    const caption = element("figcaption");
    const kl = element("span");
    caption.append(element("b", "", series.name), kl);
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
      "aria-label": `${series.name} over the truth`, preserveAspectRatio: "none" });
    const truth = draw("path", { class: "truth" });
    const model = draw("path", { class: "model" });
    svg.append(truth, model);
    panel.append(caption, svg);
    row.append(panel);
    return { series, kl, truth, model };
  });
  const show = () => {
    const place = state.place;
    const first = place * data.side;
    const last = Math.min(first + data.side, data.numValues) - 1;
    said.textContent = first === last ? `a = ${first}` : `a = ${first} … ${last}`;
    const base = path(data.truth[place]);
    for (const panel of panels) {
      panel.truth.setAttribute("d", `${base}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`);
      panel.model.setAttribute("d", path(panel.series.heights[place]));
      panel.kl.textContent = `KL ${panel.series.kl[place].toPrecision(3)}`;
    }
  };
  slider.addEventListener("input", () => {
    state.place = Number(slider.value);
    show();
  });
  const head = element("div", "under");
  head.append(element("span", "", "Grey: the truth. Line: the model."), slider, said);
  host.replaceChildren(head, row);
  show();
}
