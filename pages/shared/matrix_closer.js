// One cell of the matrix looked at closely: its best and its last epoch, and how it learned.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// The elements of it. board: knows how pictures are painted, and how wide it is.
function closerLook(board, cell) {
  const pair = make("div", "pair");
  const side = (title, epoch, address, figure) => {
    const part = make("figure");
    const caption = make("figcaption");
    caption.append(make("b", "", title), make("span", "", epoch));
    const canvas = board.canvas(`${cell.name}, ${title}`);
    const below = make("div", "figure");
    below.append(make("b", "", figure?.text ?? "–"), make("span", "", figure?.error ? ` ± ${figure.error}` : ""));
    part.append(caption, canvas, below);
    board.paint(canvas, address);
    return part;
  };
  pair.append(
    side("Best epoch", `${cell.bestEpochs} of ${cell.numEpochs}`, cell.bestPicture, cell.best),
    side("Last epoch", `${cell.numEpochs} of ${cell.numEpochs}`, cell.pictures.at(-1) ?? null,
      cell.figures.at(-1)),
  );
  const parts = [make("h4", "", cell.name), pair];
  if (cell.hasMemorised) {
    const words = make("p", "argument");
    words.append(make("b", "", "It has learned its samples by heart: "),
      "each step after the best epoch draws them sharper and scores worse.");
    parts.push(words);
  }
  const below = make("div", "below");
  if (board.data.truth) {
    const reference = make("figure");
    const canvas = board.canvas(board.data.truthTitle);
    board.paint(canvas, board.data.truth);
    reference.append(board.named(board.data.truthTitle), canvas);
    reference.className = "truth";
    below.append(reference);
  }
  if (cell.learning) {
    const room = (board.closer.clientWidth || 400) - (board.data.truth ? 140 : 0);
    const chart = make("div");
    chart.append(make("span", "unit", "NLL (nats / example)"), learningChart(cell.learning,
      board.first, cell.numEpochs, Math.max(200, Math.min(420, room)), 132));
    below.append(chart);
  }
  parts.push(below);
  return parts;
}
