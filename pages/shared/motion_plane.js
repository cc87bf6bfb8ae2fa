// Points of a joint of two variables: the first by its bar chart, then the second by p(second | first),
// and the point falls onto the plane, x₁ downwards and x₂ across as in every picture of a joint.

class MotionPlane {
  constructor(find) {
    this.find = find;
  }

  speeds() {
    return [["Toss", 1.5], ["Point", 10], ["Fast", 120]];
  }

  build(data, theme, sizes) {
    Object.assign(this, { data, theme });
    this.side = Math.floor(sizes.side);
    this.first = floatsOf(data.first);
    this.second = floatsOf(data.second);
    this.find(".legend").replaceChildren("Each point takes two tosses; bars: all chances of the toss, the value that falls in orange");
    this.find(".scale").hidden = true;
    this.find(".bar").hidden = true;
    this.find(".bars").hidden = true;
  }

  // Of a toss: its chances, its value, and what was tossed before it.
  toss(now) {
    const place = Math.min(now, this.data.values.length - 1);
    const value = this.data.values[place];
    if (place % 2 === 0) return { place, value, probs: this.first, given: null };
    const given = this.data.values[place - 1];
    const count = this.data.numCategories;
    return { place, value, probs: this.second.subarray(given * count, (given + 1) * count), given };
  }

  draw(now) {
    const { data, theme, side } = this;
    const { values, numCategories, isSwapped, names } = data;
    const step = side / numCategories;
    const context = fitCanvas(this.find(".drawn"), side, side);
    context.fillStyle = theme.paper;
    context.fillRect(0, 0, side, side);
    const dot = Math.max(step, 4);
    const at = (value) => (value + 0.5) * step;
    context.fillStyle = "#f0852f";
    const count = Math.floor(now / 2);
    for (let point = 0; point < count; point++) {
      const [a, b] = [values[2 * point], values[2 * point + 1]];
      const [x, y] = isSwapped ? [a, b] : [b, a];
      context.globalAlpha = point === count - 1 ? 1 : 0.75;
      context.fillRect(at(x) - dot / 2, at(y) - dot / 2, dot, dot);
    }
    context.globalAlpha = 1;
    const { given, value, probs, place } = this.toss(now);
    if (given !== null && now < values.length) {
      context.strokeStyle = "#ffffff";
      context.setLineDash([4, 3]);
      context.beginPath();
      const line = at(given);
      if (isSwapped) context.moveTo(line, 0), context.lineTo(line, side);
      else context.moveTo(0, line), context.lineTo(side, line);
      context.stroke();
      context.setLineDash([]);
    }
    const map = this.find(".map");
    bars(map, [...probs], now < values.length ? value : -1, theme, side, side);
    const title = given === null ? `p(${names[0]})` : `p(${names[1]} | ${names[0]} = ${given})`;
    this.find(".map-title").textContent = title;
    this.find(".drawn-title").replaceChildren("Points so far ", make("small", "", `${count} of ${values.length / 2}`));
    this.title = title;
    this.place = place;
  }

  tellToss(now) {
    const { data, find } = this;
    const { place, value, given } = this.toss(now);
    const isDone = now >= data.values.length;
    const name = data.names[given === null ? 0 : 1];
    find(".where").textContent = isDone ? `All ${data.values.length / 2} points are drawn`
      : `Point ${(place >> 1) + 1} of ${data.values.length / 2}: ${given === null ? "first" : "then"} ${name}`;
    find(".chance").textContent = isDone ? "" : `p(${name} = ${value}${given === null ? "" : ` | ${data.names[0]} = ${given}`}) = ${short(data.own[place], 4)}`;
    find(".fell").textContent = isDone ? "" : `number ${short(data.coins[place], 4)}: falls to ${value}`;
  }

  drawnAt() {
    return null;
  }

  cellUnder() {
    return null;
  }

  move() {}

  alt(now) {
    return `The plane with the ${Math.floor(now / 2)} points drawn so far, x₁ downwards, x₂ across.`;
  }

  mapAlt() {
    return `Bars of ${this.title}.`;
  }

  aside() {
    return "dashed: the mean over all states";
  }

  said(now) {
    const nats = this.data.running[now];
    return nats === null ? "" : `${short(nats, 4)} nats`;
  }
}

function floatsOf(text) {
  return new Float32Array(bytesOf(text).buffer);
}
