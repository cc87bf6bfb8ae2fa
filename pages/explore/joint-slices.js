// A joint of two variables. A place that is clicked, or reached by the arrow keys, chooses its row
// and its column: beside it stand p(x2 | x1) and p(x1 | x2) of the model over those of the truth.

const [CHART_WIDTH, CHART_HEIGHT] = [360, 170];

class JointSlices extends JointPicture {
  constructor(root) {
    super(root);
    this.charts = [...root.querySelectorAll(".charts figure")];
  }

  update(data) {
    const isNew = this.data?.picture !== data.picture;
    this.data = data;
    if (isNew) {
      this.tables = data.given.map(({ model, truth }) => ({ model: numbers(model), truth: truth && numbers(truth) }));
      if (this.cell === null || this.cell >= data.size ** 2) this.cell = data.start;
      this.picture.src = data.picture;
    }
    this.canvas.setAttribute("aria-label", data.alt);
    this.theme = themeOf(this.find(".joint"));
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { context, width, step, places } = this.paint();
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.strokeRect(0.75, places[0] * step, width - 1.5, step);
    context.strokeRect(places[1] * step, 0.75, step, width - 1.5);
    this.charts.forEach((figure, given) => this.chart(figure, given, places[given]));
  }

  chart(figure, given, place) {
    const { size, side, numValues, given: sent } = this.data;
    const [model, truth] = [row(this.tables[given].model, place, size), row(this.tables[given].truth, place, size)];
    const top = 1.05 * Math.max(...model, ...(truth ?? []));
    const first = place * side;
    const last = Math.min(first + side, numValues) - 1;
    const [known, other] = given ? ["x₂", "x₁"] : ["x₁", "x₂"];
    const value = first === last ? `${first}` : `${first} … ${last}`;
    figure.querySelector("h3").textContent = `p(${other} | ${known} = ${value})`;
    const kl = sent[given].kl?.[place];
    const says = [`orange: the model, highest ${short(Math.max(...model))} at ${other} = ${model.indexOf(Math.max(...model)) * side}`];
    if (truth) says.push(`blue: the truth`, kl === null ? "no data there" : `KL ${short(kl)} nats`);
    figure.querySelector("figcaption").textContent = says.join(" · ");
    const svg = figure.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-label", `${figure.querySelector("h3").textContent}: ${says.join(", ")}`);
    const parts = [];
    if (truth) {
      const area = `${steps(truth, top)}L${CHART_WIDTH} ${CHART_HEIGHT}L0 ${CHART_HEIGHT}Z`;
      parts.push(makeSvg("path", { d: area, fill: this.theme.data, "fill-opacity": 0.55 }));
    }
    parts.push(makeSvg("path", { d: steps(model, top), fill: "none", stroke: this.theme.model, "stroke-width": 2,
      "vector-effect": "non-scaling-stroke" }));
    svg.replaceChildren(...parts);
  }
}

function row(table, place, size) {
  return table && [...table.subarray(place * size, (place + 1) * size)];
}

function steps(values, top) {
  const step = CHART_WIDTH / values.length;
  return values.map((value, index) => {
    const y = (CHART_HEIGHT * (1 - value / top)).toFixed(1);
    return `${index ? "L" : "M"}${(index * step).toFixed(1)} ${y}L${((index + 1) * step).toFixed(1)} ${y}`;
  }).join("");
}

export default keeper(JointSlices);
