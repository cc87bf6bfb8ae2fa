// A switch in the header for a room with a projector, and word of whether the window is
// narrow or large.
// Streamlit measures everything by the font size of the document, so that one length enlarges it all.

const PRESENTED = 1.3;
const ROOM = [1280, 720]; // pixels: in a larger window all grows with it, as seen from the last row
const NARROW = window.matchMedia("(max-width: 640px)");
const LARGE = window.matchMedia("(min-width: 1600px) and (min-height: 850px)");
const ICON = '<svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
  + 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
  + '<path d="M3 4h18M5 4v11h14V4M12 15v3m-4 3 4-3 4 3"/></svg>';

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  button.innerHTML = ICON;
  button.title = data.present ? "Leave the presentation mode" : "Presentation mode";
  button.setAttribute("aria-label", "Presentation mode");
  button.setAttribute("aria-pressed", String(data.present));
  button.dataset.narrow = data.isNarrow;
  button.dataset.large = data.isLarge;
  button.onclick = () => setTriggerValue("toggled", true);
  enlarge(data.present);
  const tell = () => setStateValue("narrow", NARROW.matches);
  const fit = () => enlarge(data.present);
  const tellLarge = () => setStateValue("large", LARGE.matches);
  // What the page is laid out for already is no news, and would draw all of it once more.
  if (NARROW.matches !== data.isNarrow) tell();
  if (LARGE.matches !== data.isLarge) tellLarge();
  LARGE.addEventListener("change", tellLarge);
  NARROW.addEventListener("change", tell);
  window.addEventListener("resize", fit);
  return () => {
    NARROW.removeEventListener("change", tell);
    LARGE.removeEventListener("change", tellLarge);
    window.removeEventListener("resize", fit);
  };
}

function enlarge(isPresented) {
  const root = document.documentElement;
  root.style.fontSize = "";
  if (!isPresented) return;
  const [width, height] = ROOM;
  const growth = Math.max(1, Math.min(window.innerWidth / width, window.innerHeight / height));
  root.style.fontSize = `${PRESENTED * growth * parseFloat(getComputedStyle(root).fontSize)}px`;
}
