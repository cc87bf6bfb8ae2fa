// What canvases to draw on share: pointer and keys become strokes, and strokes are taken back.
// It stands before a canvas's own module, after the shared one.

const MOST_STEPS = 100; // strokes that can be taken back

// What a canvas was before each stroke, and what it was before those that were taken back.
class Steps {
  constructor() {
    [this.past, this.future] = [[], []];
  }

  add(before) {
    this.past.push(before);
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
  }

  // Each gives what the canvas is to be now, or null; now: what it is.
  undo(now) {
    if (!this.past.length) return null;
    this.future.push(now);
    return this.past.pop();
  }

  redo(now) {
    if (!this.future.length) return null;
    this.past.push(now);
    return this.future.pop();
  }
}

// All cells on the straight line between two, without the first, as a quick pointer jumps over some.
function cellsBetween(from, to, columns) {
  const [x0, y0] = [from % columns, Math.floor(from / columns)];
  const [x1, y1] = [to % columns, Math.floor(to / columns)];
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  return Array.from({ length: steps }, (_, step) => {
    const share = (step + 1) / steps;
    return Math.round(y0 + (y1 - y0) * share) * columns + Math.round(x0 + (x1 - x0) * share);
  });
}

// Turns pointer and keys on a canvas into strokes of its sheet, which has columns, rows, begin(cell),
// dab(cell), end(), draw(), and keys: actions by the name of their key. Arrow keys move a cursor,
// Space or Enter held down draws.
class Pen {
  constructor(canvas, sheet) {
    [this.canvas, this.sheet] = [canvas, sheet];
    this.cursor = 0;
    this.over = null; // the cell under the pointer
    this.isDown = false;
    canvas.onpointerdown = (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.over = cellAt(event, canvas, sheet.columns, sheet.rows);
      if (this.over !== null) this.down(this.over);
    };
    canvas.onpointermove = (event) => {
      for (const each of this.isDown ? event.getCoalescedEvents?.() ?? [event] : [event]) {
        const cell = cellAt(each, canvas, sheet.columns, sheet.rows);
        if (this.isDown && cell !== null) this.to(cell);
        this.over = cell;
      }
      sheet.draw();
    };
    canvas.onpointerup = canvas.onpointercancel = () => this.up();
    canvas.onpointerleave = () => {
      this.over = null;
      sheet.draw();
    };
    canvas.onfocus = () => sheet.draw();
    canvas.onblur = () => {
      this.up();
      sheet.draw();
    };
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.onkeyup = (event) => [" ", "Enter"].includes(event.key) && this.up();
  }

  // The cell that a tool would touch now: that of the pointer, or of the keys.
  get at() {
    if (this.over !== null) return this.over;
    return this.canvas.matches(":focus-visible") ? this.cursor : null;
  }

  down(cell) {
    [this.isDown, this.last, this.cursor] = [true, cell, cell];
    this.sheet.begin(cell);
    this.sheet.dab(cell);
    this.sheet.draw();
  }

  to(cell) {
    for (const between of cellsBetween(this.last, cell, this.sheet.columns)) this.sheet.dab(between);
    this.last = this.cursor = cell;
  }

  up() {
    if (!this.isDown) return;
    this.isDown = false;
    this.sheet.end();
  }

  key(event) {
    const isUndo = event.key.toLowerCase() === "z" || event.key.toLowerCase() === "y";
    if (event.altKey || ((event.ctrlKey || event.metaKey) && !isUndo)) return;
    const { columns, rows } = this.sheet;
    const next = cellByKey(event.key, this.cursor, columns, rows);
    const action = this.sheet.keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (next !== null) {
      this.over = null;
      if (this.isDown) this.to(next);
      this.cursor = next;
    } else if (event.key === " " || event.key === "Enter") {
      this.over = null;
      if (!event.repeat) this.down(this.cursor);
    } else if (isUndo) {
      this.sheet.step(event.key === "z" && !event.shiftKey ? "undo" : "redo");
    } else if (action) {
      action();
    } else {
      return;
    }
    // Letters are not to reach the shortcuts of the page.
    event.preventDefault();
    event.stopPropagation();
    this.sheet.draw();
  }
}

// Bytes 0 … 255 as text, and back.
function packBytes(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(text);
}

// Buttons of which one, or any number, is pressed; names: [name, title, hint] each.
function pressButtons(place, names, onPress) {
  place.replaceChildren(...names.map(([name, title, hint]) => {
    const button = make("button", "", title);
    button.type = "button";
    button.dataset.name = name;
    if (hint) button.title = hint;
    button.onclick = () => onPress(name);
    return button;
  }));
}

function showPressed(place, isPressed) {
  for (const button of place.children) {
    button.setAttribute("aria-pressed", String(isPressed(button.dataset.name)));
  }
}
