// The picture of a joint of two variables, x1 downwards. Pressing, dragging and the arrow keys
// choose a place of it; what stands beside the picture follows in `draw`.

const SIDE = 400;

class JointPicture {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.canvas = this.find("canvas");
    this.cell = null;
    this.picture = new Image();
    this.picture.onload = () => this.draw();
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.find(".joint"));
    this.listen();
  }

  stop() {
    this.sizes.disconnect();
  }

  listen() {
    let isDown = false;
    const go = (event) => this.moveTo(cellAt(event, this.canvas, this.data.size, this.data.size));
    this.canvas.onpointerdown = (event) => {
      isDown = true;
      this.canvas.setPointerCapture(event.pointerId);
      go(event);
    };
    this.canvas.onpointermove = (event) => isDown && go(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => (isDown = false);
    const walk = ({ key }) => this.moveTo(cellByKey(key, this.cell, this.data.size, this.data.size));
    onKeys(this.canvas, { ArrowLeft: walk, ArrowRight: walk, ArrowUp: walk, ArrowDown: walk });
  }

  moveTo(cell) {
    if (cell === null) return;
    this.cell = cell;
    this.draw();
  }

  // The picture alone. step: the side of a place; places: row and column of the chosen one.
  paint() {
    const { size } = this.data;
    const width = Math.max(120, Math.min(SIDE, this.canvas.parentElement.clientWidth));
    const context = fitCanvas(this.canvas, width, width);
    context.imageSmoothingEnabled = false;
    if (this.picture.complete) context.drawImage(this.picture, 0, 0, width, width);
    return { context, width, step: width / size, places: [Math.floor(this.cell / size), this.cell % size] };
  }
}

function numbers(base64) {
  return new Float32Array(bytesOf(base64).buffer);
}
