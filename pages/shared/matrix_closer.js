// One cell looked at closely: its best epoch beside its last, the truth, and how it learned.

function closerOf(data, cell, painter, room) {
  const parts = [make("h4", "", cell.name), pairOf(cell, painter)];
  if (cell.hasMemorised) {
    const words = make("p", "argument");
    words.append(make("b", "", "It has learned its samples by heart: "),
      "each step after the best epoch draws them sharper and scores worse.");
    parts.push(words);
  }
  const below = make("div", "below");
  if (data.truth) {
    const reference = make("figure", "truth");
    const canvas = canvasOf(data.truthTitle);
    painter.paint(canvas, data.truth);
    reference.append(named(data.truthTitle), canvas);
    below.append(reference);
  }
  if (cell.learning) {
    const width = Math.max(200, Math.min(420, room - (data.truth ? 140 : 0)));
    const chart = make("div");
    chart.append(make("span", "unit", "NLL (nats / example)"),
      learningChart(cell.learning, data.firstEpoch, cell.numEpochs, width, 114));
    below.append(chart);
  }
  return [...parts, below];
}

function pairOf(cell, painter) {
  const side = (title, epoch, address, figure) => {
    const part = make("figure");
    const caption = make("figcaption");
    caption.append(make("b", "", title), make("span", "", epoch));
    const canvas = canvasOf(`${cell.name}, ${title}`);
    const below = make("div", "figure");
    figureIn(below, figure, "–");
    part.append(caption, canvas, below);
    painter.paint(canvas, address);
    return part;
  };
  const pair = make("div", "pair");
  pair.append(
    side("Best epoch", `${cell.bestEpochs} of ${cell.numEpochs}`, cell.bestPicture, cell.best),
    side("Last epoch", `${cell.numEpochs} of ${cell.numEpochs}`, cell.pictures.at(-1) ?? null,
      cell.figures.at(-1)),
  );
  return pair;
}
