// Two pictures in one place: an edge between them that is dragged, or their difference.

const seen = new WeakMap();

export default function ({ data, parentElement: root }) {
  const host = root.querySelector(".wipe");
  const state = seen.get(host) ?? { share: 0.5, isDifference: false };
  seen.set(host, state);
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const picture = (address, alt) => {
    const image = element("img");
    image.src = address;
    image.alt = alt;
    image.draggable = false;
    return image;
  };
  const frame = element("div", "frame");
  const [left, right] = data.names;
  const over = picture(data.pictures[0], left);
  const edge = element("div", "edge");
  const slider = element("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = 100;
  slider.value = 100 * state.share;
  slider.setAttribute("aria-label", `How much of ${left} is seen`);
  const mode = element("button", "mode");
  const head = element("div", "names");
  head.append(element("b", "", left), element("b", "", right));
  const legend = element("p", "legend");

  const show = () => {
    frame.replaceChildren();
    if (state.isDifference) {
      frame.append(picture(data.difference, `${left} − ${right}`));
      legend.textContent = `Orange: ${left} gives more mass, blue: ${right} does; the scale ends at ±${data.limit} a state.`;
    } else {
      frame.append(picture(data.pictures[1], right), over, edge);
      over.style.clipPath = `inset(0 ${100 - 100 * state.share}% 0 0)`;
      edge.style.left = `${100 * state.share}%`;
      legend.textContent = "Drag the edge, or use the slider and its arrow keys.";
    }
    mode.textContent = state.isDifference ? "Wipe" : "Difference";
    slider.disabled = state.isDifference;
  };
  const moveTo = (share) => {
    state.share = Math.min(1, Math.max(0, share));
    slider.value = 100 * state.share;
    show();
  };
  slider.addEventListener("input", () => moveTo(slider.value / 100));
  const drag = (event) => {
    if (!event.buttons || state.isDifference) return;
    const box = frame.getBoundingClientRect();
    moveTo((event.clientX - box.left) / box.width);
  };
  frame.addEventListener("pointerdown", (event) => {
    frame.setPointerCapture(event.pointerId);
    drag(event);
  });
  frame.addEventListener("pointermove", drag);
  mode.addEventListener("click", () => {
    state.isDifference = !state.isDifference;
    show();
  });
  const bar = element("div", "under");
  bar.append(slider, mode);
  host.replaceChildren(head, frame, bar, legend);
  show();
}
