// The surprise at every place of a joint of two variables. A place that is clicked, or reached by
// the arrow keys, opens into the two terms that its surprise is the sum of; all is sent at once.

const BUTTONS = { most: "Most likely test row", least: "Least likely test row" };

class JointSurprise extends JointPicture {
  constructor(root) {
    super(root);
    this.turn = {};
  }

  update(data) {
    const before = this.data;
    this.data = data;
    if (before?.nats !== data.nats) {
      this.nats = numbers(data.nats);
      this.picture.src = data.picture;
    }
    if (before?.title !== data.title || before?.nats !== data.nats) {
      this.cell = data.cell;
      this.title = data.title;
    }
    this.theme = themeOf(this.find(".joint"));
    this.find(".scale i").style.background = `linear-gradient(to right, ${data.colours.join(", ")})`;
    this.find(".scale").children[1].textContent = data.scale[0];
    this.find(".scale").children[2].textContent = data.scale[1];
    this.find(".mean").textContent = data.mean;
    this.find(".memorised").textContent = data.memorised;
    const buttons = Object.entries(data.rows).map(([which, cells]) => {
      const button = make("button", "", BUTTONS[which]);
      button.type = "button";
      button.onclick = () => {
        this.turn[which] = ((this.turn[which] ?? -1) + 1) % cells.length;
        this.moveTo(cells[this.turn[which]], BUTTONS[which]);
      };
      return button;
    });
    this.find(".buttons").replaceChildren(...buttons);
    this.draw();
  }

  moveTo(cell, title = "") {
    if (cell !== null) this.title = title;
    super.moveTo(cell);
  }

  values(place) {
    const { side, numValues } = this.data;
    const [first, last] = [place * side, Math.min((place + 1) * side, numValues) - 1];
    return first === last ? `${first}` : `${first} … ${last}`;
  }

  draw() {
    if (!this.data) return;
    const { size, first, order, isFirstDown, rows } = this.data;
    const { context, step, places } = this.paint();
    const ring = (cell, radius, colour, thickness) => {
      context.strokeStyle = colour;
      context.lineWidth = thickness;
      context.beginPath();
      context.arc(((cell % size) + 0.5) * step, (Math.floor(cell / size) + 0.5) * step, radius, 0, 7);
      context.stroke();
    };
    for (const cells of Object.values(rows)) for (const cell of cells) ring(cell, 4, this.theme.data, 2);
    for (const [colour, thickness] of [["#ffffff", 5], ["#0b0d12", 2]]) ring(this.cell, 9, colour, thickness);
    const total = this.nats[this.cell];
    const firstPart = first[isFirstDown ? places[0] : places[1]];
    const at = isFirstDown ? places : [...places].reverse();
    const terms = [
      [`−log p(${order[0]} = ${this.values(at[0])})`, firstPart],
      [`−log p(${order[1]} = ${this.values(at[1])} | ${order[0]})`, total - firstPart],
      ["−log p of the place", total],
    ];
    this.find(".title").textContent = this.title || `Place ${this.values(places[0])}, ${this.values(places[1])}`;
    this.find("tbody").replaceChildren(...terms.map(([name, nats]) => {
      const line = make("tr");
      line.append(make("td", "", name), make("td", "", `${nats.toFixed(3)} nats`));
      return line;
    }));
    const [one, other] = this.find(".bar").children;
    Object.assign(one.style, { width: `${(100 * firstPart) / total}%`, background: this.theme.model });
    Object.assign(other.style, { flex: 1, background: this.theme.modelText });
    this.canvas.setAttribute("aria-label",
      `Map of the surprise. ${terms.map(([name, nats]) => `${name}: ${nats.toFixed(3)} nats`).join("; ")}. Blue rings: test rows.`);
  }
}

export default keeper(JointSurprise);
