// The charts of the matrix as SVG. Every place comes from Python as a share 0 … 1 of the axis; here
// they become pixels. Knows no interaction.

const SVG = "http://www.w3.org/2000/svg";
const THUMB = 8;      // half of the slider's thumb: the chart's first and last epoch stand there
const LABELS = 118;   // for the names at the ends of the curves

function draw(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function frame(width, height, alt) {
  return draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": alt });
}

function path(points) {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

// Whole epochs for the ticks below a chart: about six.
function epochTicks(first, last) {
  const steps = [1, 2, 4, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000];
  const step = steps.find((size) => last / size <= 7) ?? Math.ceil(last / 6);
  const ticks = [first];
  for (let epoch = step; epoch <= last; epoch += step) if (epoch > first) ticks.push(epoch);
  return ticks;
}

// The curves of all cells. The cursor is drawn apart, so that a step moves one line only.
// scale: of the type, which is larger before a projector.
function curvesChart(curves, firstEpoch, lastEpoch, width, height, labelled, scale) {
  const labels = labelled ? LABELS * scale : 6;
  const [top, bottom] = [8, 20 * scale];
  const inner = Math.max(10, width - labels - 2 * THUMB);
  const span = lastEpoch - firstEpoch;
  const x = (epoch) => THUMB + (span ? (epoch - firstEpoch) / span : 0.5) * inner;
  const y = (share) => top + (1 - share) * (height - top - bottom);
  const names = curves.series.map((series) => series.name).join(", ");
  const svg = frame(width, height, `${curves.title[0]} of ${names}.`);
  for (const [share, label] of curves.ticks) {
    svg.append(draw("line", { class: "rule", x1: x(firstEpoch), x2: x(lastEpoch), y1: y(share), y2: y(share) }));
    svg.append(draw("text", { class: "tick over", x: x(firstEpoch), y: y(share) - 3 }, label));
  }
  for (const epoch of epochTicks(firstEpoch, lastEpoch)) {
    svg.append(draw("text", { class: "tick", x: x(epoch), y: height - 4 * scale, "text-anchor":
      epoch === firstEpoch ? "start" : "middle" },
    epoch === firstEpoch ? `epoch ${epoch}` : epoch));
  }
  for (const [share, label] of curves.lines) {
    svg.append(draw("line", { class: "bound", x1: x(firstEpoch), x2: x(lastEpoch), y1: y(share), y2: y(share) }));
    svg.append(draw("text", { class: "tick over", x: x(lastEpoch) - 4, y: y(share) - 4,
      "text-anchor": "end" }, label));
  }
  const ordered = [...curves.series].sort((a, b) => a.isBest - b.isBest);
  for (const series of ordered) {
    const kind = series.isBest ? "best" : "rival";
    const upper = series.points.map((point) => [x(point[0]), y(point[3])]);
    const lower = series.points.map((point) => [x(point[0]), y(point[2])]).reverse();
    svg.append(draw("path", { class: `band ${kind}`, d: `${path([...upper, ...lower])}Z` }));
    svg.append(draw("path", { class: `curve ${kind}`, "data-column": series.column,
      d: path(series.points.map((point) => [x(point[0]), y(point[1])])) }));
  }
  for (const series of ordered) {
    const kind = series.isBest ? "best" : "rival";
    if (series.best) {
      svg.append(draw("circle", { class: `ring ${kind}`, r: 4, cx: x(series.best[0]),
        cy: y(series.best[1]) }));
    }
    const end = series.points.at(-1);
    if (!labelled) continue;
    const [from, to] = [x(end[0]), width - labels + 2];
    svg.append(draw("path", { class: "lead", d: path([[from + 3, y(end[1])], [to, y(series.label)]]) }));
    const name = series.name.length > 16 ? `${series.name.slice(0, 15)}…` : series.name;
    svg.append(draw("text", { class: `label ${kind}`, x: to + 4, y: y(series.label) + 4 }, name));
  }
  svg.append(draw("line", { class: "cursor", y1: 0, y2: height - bottom, x1: 0, x2: 0 }));
  return { svg, x, labels };
}

// Training and validation of one cell, with the floor that no honest figure lies below.
function learningChart(learning, firstEpoch, numEpochs, width, height) {
  const [left, top, right, bottom] = [44, 8, 74, 22];
  const x = (epoch) => left + (numEpochs > firstEpoch ? (epoch - firstEpoch) / (numEpochs - firstEpoch) : 0.5)
    * (width - left - right);
  const y = (share) => top + (1 - share) * (height - top - bottom);
  const svg = frame(width, height, "Training and validation NLL of this cell.");
  for (const [share, label] of learning.ticks) {
    svg.append(draw("line", { class: "rule", x1: left, x2: width - right, y1: y(share), y2: y(share) }));
    svg.append(draw("text", { class: "tick", x: left - 5, y: y(share) + 4, "text-anchor": "end" }, label));
  }
  for (const epoch of [firstEpoch, numEpochs]) {
    svg.append(draw("text", { class: "tick", x: x(epoch), y: height - 5, "text-anchor": "middle" },
      epoch === firstEpoch ? `epoch ${epoch}` : epoch));
  }
  if (learning.entropy !== null) {
    svg.append(draw("line", { class: "bound", x1: left, x2: width - right, y1: y(learning.entropy),
      y2: y(learning.entropy) }));
    svg.append(draw("text", { class: "tick", x: width - right + 5, y: y(learning.entropy) + 4 }, "entropy"));
  }
  for (const name of ["training", "validation"]) {
    const points = learning[name];
    if (!points.length) continue;
    svg.append(draw("path", { class: `curve best ${name}`,
      d: path(points.map(([epoch, share]) => [x(epoch), y(share)])) }));
    const end = points.at(-1);
    svg.append(draw("text", { class: "label best", x: x(end[0]) + 6, y: y(end[1]) + 4 }, name));
    const best = points.find(([epoch]) => epoch === learning.best);
    if (name === "validation" && best) {
      svg.append(draw("circle", { class: "ring best", r: 4, cx: x(best[0]), cy: y(best[1]) }));
    }
  }
  return svg;
}
