// A switch in the header for a room with a projector, and word of whether the window is narrow.
// Streamlit measures everything by the font size of the document, so that one length enlarges it all.

const PRESENTED = 1.3;
const NARROW = window.matchMedia("(max-width: 640px)");
const ICON = '<svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
  + 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
  + '<path d="M3 4h18M5 4v11h14V4M12 15v3m-4 3 4-3 4 3"/></svg>';

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  button.innerHTML = ICON;
  button.title = data.present ? "Leave the presentation mode" : "Presentation mode";
  button.setAttribute("aria-label", "Presentation mode");
  button.setAttribute("aria-pressed", String(data.present));
  button.onclick = () => setTriggerValue("toggled", true);
  enlarge(data.present);
  const tell = () => setStateValue("narrow", NARROW.matches);
  tell();
  NARROW.addEventListener("change", tell);
  return () => NARROW.removeEventListener("change", tell);
}

function enlarge(isPresented) {
  const root = document.documentElement;
  root.style.fontSize = "";
  if (isPresented) {
    root.style.fontSize = `${PRESENTED * parseFloat(getComputedStyle(root).fontSize)}px`;
  }
}
