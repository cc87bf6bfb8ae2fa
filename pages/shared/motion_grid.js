// A row that grows as a picture: what is drawn, and beside it the chance at every toss already made
// and the mean of what may follow. All numbers come from Python, by place of the ordering.

class MotionGrid {
  constructor(find) {
    this.find = find;
    this.small = document.createElement("canvas");
    this.cursor = 0; // the cell under the keyboard
    find(".drawn").addEventListener("pointermove", (event) => this.tip(event, ".drawn"));
    find(".map").addEventListener("pointermove", (event) => this.tip(event, ".map"));
  }

  speeds() {
    const [noun, columns, last] = [this.data.noun, this.data.columns, this.data.values.length];
    const single = noun.charAt(0).toUpperCase() + noun.slice(1);
    return [[single, 6], [this.data.isPicture ? "Row" : "Line", columns * 4], ["Fast", Math.max(last / 2.5, 30)]];
  }

  build(data, theme, sizes) {
    Object.assign(this, { data, theme });
    const { columns, rows, order, colours, futures } = data;
    this.placeOf = new Int32Array(columns * rows).fill(-1);
    order.forEach((cell, place) => (this.placeOf[cell] = place));
    this.isRaster = order.every((cell, place) => cell === place);
    this.table = colourTable(colours);
    this.futures = bytesOf(futures);
    this.changed = new Set(data.changed);
    this.ink = colourTable([theme.paper, "#f0852f"]);
    this.byHand = colourTable([theme.paper, theme.data]);
    this.size = Math.max(1, Math.floor(sizes.side / Math.max(columns, rows)));
    this.small.width = columns;
    this.small.height = rows;
    this.todo = channelsOf(theme.isDark ? "#343a45" : "#dfe3e8");
    this.find(".map-title").textContent = data.mapTitle;
    this.find(".colours").style.background = `linear-gradient(to right, ${colours.join(",")})`;
    const [above, below] = this.isRaster ? ["above", "below"] : ["where drawn", "elsewhere"];
    this.find(".legend").replaceChildren(
      `${above}: the ${this.two() ? "chance" : "mean"} at each toss`, make("br"),
      `${below}: the mean of ${data.numFutures} futures`);
    this.find(".scale").hidden = false;
  }

  two() {
    return this.data.numCategories === 2;
  }

  // The last stop at or before a place: its futures are shown until the next one.
  stop(place) {
    let [low, high] = [0, this.data.stops.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.data.stops[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  share(cell, now) {
    const place = this.placeOf[cell];
    if (place < 0) return null;
    if (place <= now) return this.data.shares[place];
    return this.futures[this.stop(now) * this.data.values.length + place] / 255;
  }

  draw(now) {
    const { data, theme } = this;
    const highest = data.numCategories - 1;
    const drawn = this.paint(".drawn", (cell) => {
      const place = this.placeOf[cell];
      if (place < 0) return null;
      if (place >= now) return this.todo;
      const colours = this.changed.has(place) ? this.byHand : this.ink;
      return colours[Math.round((255 * data.values[place]) / highest)];
    });
    const from = this.stop(now) * data.values.length;
    const map = this.paint(".map", (cell) => {
      const place = this.placeOf[cell];
      if (place < 0) return null;
      const share = place <= now ? data.shares[place] * 255 : this.futures[from + place];
      return this.table[Math.round(share)];
    });
    for (const place of data.changed) this.outline(drawn, data.order[place], theme.data, 1.5);
    if (now < data.values.length) {
      if (this.isRaster) this.border(map, now);
      this.outline(drawn, data.order[now], theme.primary, 2.5);
      this.outline(map, data.order[now], "#ffffff", 2.5);
    }
    if (this.find(".drawn").matches(":focus-visible")) this.outline(drawn, this.cursor, "#7fb4ee", 2);
    const left = data.values.length - now;
    this.find(".drawn-title").replaceChildren(
      "Drawn so far ", make("small", "", left ? `${left} ${data.noun}${left > 1 ? "s" : ""} to go` : "complete"));
  }

  paint(name, colourOf) {
    const { columns, rows } = this.data;
    const pen = this.small.getContext("2d");
    const image = pen.createImageData(columns, rows);
    for (let cell = 0; cell < columns * rows; cell++) {
      const colour = colourOf(cell);
      if (!colour) continue;
      image.data.set(colour, 4 * cell);
      image.data[4 * cell + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
    const context = fitCanvas(this.find(name), columns * this.size, rows * this.size);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.small, 0, 0, columns * this.size, rows * this.size);
    return context;
  }

  outline(context, cell, colour, width) {
    const { columns } = this.data;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect((cell % columns) * this.size, Math.floor(cell / columns) * this.size, this.size, this.size);
  }

  // Between what is drawn and what is not, where the ordering goes line by line.
  border(context, now) {
    const { columns } = this.data;
    const [row, column] = [Math.floor(now / columns), now % columns];
    context.strokeStyle = "rgba(255, 255, 255, 0.85)";
    context.lineWidth = 1.2;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(0, (row + 1) * this.size);
    context.lineTo(column * this.size, (row + 1) * this.size);
    context.lineTo(column * this.size, row * this.size);
    context.lineTo(columns * this.size, row * this.size);
    context.stroke();
    context.setLineDash([]);
  }

  tellToss(now) {
    const { data, find } = this;
    const { values, columns } = data;
    const isDone = now >= values.length;
    const place = Math.min(now, values.length - 1);
    const cell = data.order[place];
    const number = cell + 1;
    find(".where").textContent = isDone ? `All ${values.length} ${data.noun}s are drawn`
      : `${data.noun === "pixel" ? "Pixel" : "Toss"} ${place + 1} of ${values.length}: ${
        data.isPicture ? `row ${Math.floor(cell / columns) + 1}, column ${(cell % columns) + 1}` : `variable ${number}`}`;
    const isByHand = this.changed.has(place);
    find(".bar").hidden = isDone || !this.two();
    find(".bars").hidden = isDone || this.two() || !data.conditionals;
    if (isDone) {
      find(".chance").replaceChildren(`log p(x) = ${short(data.running[values.length], 4)} nats`);
      find(".fell").textContent = "";
      return;
    }
    const chance = this.two() ? data.shares[place] : data.own[place];
    find(".chance").replaceChildren("p(x", make("sub", "", String(number)),
      ` = ${this.two() ? 1 : values[place]} | earlier) = ${short(chance, 4)}`);
    find(".fill").style.width = `${100 * chance}%`;
    find(".mark").style.left = `calc(${100 * data.coins[place]}% - 1px)`;
    find(".mark").hidden = isByHand;
    if (data.conditionals) {
      bars(find(".bars"), data.conditionals[place], values[place], this.theme, find(".toss").clientWidth, 54);
      find(".bars").setAttribute("aria-label", `The chances of all ${data.numCategories} values; ${values[place]} fell.`);
    }
    find(".fell").textContent = isByHand ? `set by hand: ${this.name(values[place])}` : this.fell(place);
  }

  name(value) {
    return this.two() ? this.data.outcomes[value] : String(value);
  }

  fell(place) {
    const value = this.data.values[place];
    const coin = short(this.data.coins[place], 4);
    if (!this.two()) return `number ${coin}: falls to ${value}`;
    return `coin ${coin}: ${value ? "below" : "above"}, so ${this.name(value)}`;
  }

  // The place of a drawn cell, or null for one that is not drawn yet.
  drawnAt(cell, now) {
    const place = cell === null ? -1 : this.placeOf[cell];
    return place >= 0 && place < now ? place : null;
  }

  cellUnder(event) {
    return cellAt(event, this.find(".drawn"), this.data.columns, this.data.rows);
  }

  move(key) {
    const to = cellByKey(key, this.cursor, this.data.columns, this.data.rows);
    if (to !== null && this.placeOf[to] >= 0) this.cursor = to;
  }

  tip(event, name) {
    if (!this.data) return;
    const canvas = this.find(name);
    const cell = cellAt(event, canvas, this.data.columns, this.data.rows);
    const place = cell === null ? -1 : this.placeOf[cell];
    if (place < 0) return;
    const isDrawn = place < this.now;
    const where = `${this.data.noun} ${cell + 1}`;
    canvas.title = name === ".drawn"
      ? (isDrawn ? `${where}: ${this.name(this.data.values[place])}. Click to change it and go on from there` : `${where}: not drawn yet`)
      : `${where}: ${short(this.share(cell, this.now), 2)} ${isDrawn ? "at its toss" : "in the mean of what may follow"}`;
  }

  alt(now) {
    const { data } = this;
    const where = data.isPicture ? `${data.rows} × ${data.columns} picture` : "row";
    return `${where}, ${now} of ${data.values.length} ${data.noun}s drawn. Arrow keys choose one, Enter changes a drawn one.`;
  }

  mapAlt() {
    return `${this.data.mapTitle}: at the tosses already made, and the mean of ${this.data.numFutures} ways to go on.`;
  }

  aside() {
    const share = this.data.surprise;
    return this.data.surprises.length ? `dark steps: what fell had p < ${share}` : "";
  }

  said(now) {
    const nats = this.data.running[now];
    return `${short(nats, 4)} nats = ${short(-nats * this.data.bitsPerNat, 4)} bits`;
  }
}

// Probabilities as bars from left to right; the one that fell in the colour of the model.
function bars(canvas, probs, chosen, theme, width, height) {
  const context = fitCanvas(canvas, width, height);
  const top = Math.max(...probs);
  const step = width / probs.length;
  probs.forEach((p, value) => {
    const tall = Math.max(0.5, (p / top) * (height - 2));
    context.fillStyle = value === chosen ? theme.model : theme.reference;
    context.fillRect(value * step, height - tall, Math.max(step - (step > 3 ? 1 : 0), 0.7), tall);
  });
}
