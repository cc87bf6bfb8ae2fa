// Sentences with mathematics between dollar signs, set in the fonts of KaTeX that Streamlit brings.
// Reads the little TeX that lessons need: \hat x_2, m(k) \ge d, \tanh(-0.67), M^W, \partial.

const SIGNS = { cdot: "·", ge: "≥", to: "→", mid: "|", partial: "∂", sigma: "σ", sum: "∑" };
const RELATIONS = new Set(["=", ">", "≥", "→", "|", "<"]);
const WORDS = new Set(["tanh", "ln"]);
const TOKEN = /\\hat\s*([a-z])|\\([a-zA-Z]+)|\\[ ,]|([_^])(?:\{([^}]*)\}|(.))|([a-zA-Z])|(\d*\.?\d+)|\s+|(.)/gu;

// "$h_2$ has seen $x_2$" as a fragment of spans.
function typeset(text) {
  const fragment = document.createDocumentFragment();
  text.split("$").forEach((part, index) => {
    if (!part) return;
    fragment.append(index % 2 ? formula(part) : document.createTextNode(part));
  });
  return fragment;
}

// The same as words for those who hear it: "x̂2 = 0.80".
function spoken(text) {
  return text.split("$").map((part, index) => (index % 2 ? spell(part) : part)).join("");
}

function spell(tex) {
  return tex.replace(/\\hat\s*([a-z])/g, "$1̂").replace(/\\quad/g, " ")
    .replace(/\\([a-zA-Z]+)/g, (_, name) => SIGNS[name] ?? name)
    .replace(/\\[ ,]/g, " ").replace(/[_^{}]/g, "").replace(/-/g, "−");
}

function formula(tex) {
  const whole = make("span", "math");
  let isOpen = true; // whether a minus sign here belongs to the number after it
  for (const [token, hatted, name, script, group, single, letter, digits, other] of tex.matchAll(TOKEN)) {
    let piece = null;
    if (hatted) piece = make("i", "hat", hatted);
    else if (name === "quad") piece = make("span", "quad", " ");
    else if (name) piece = sign(SIGNS[name] ?? name);
    else if (script) piece = make(script === "_" ? "sub" : "sup", "", group ?? single);
    else if (letter) piece = make("i", "", letter);
    else if (digits) piece = make("span", "", digits);
    else if (other === "-") piece = make("span", isOpen ? "" : "binary", "−");
    else if (other === "+") piece = make("span", "binary", "+");
    else if (other) piece = sign(other);
    else if (token.startsWith("\\")) piece = make("span", "", " ");
    if (!piece) continue;
    isOpen = !digits && !letter && !hatted && !script && other !== ")";
    whole.append(piece);
    if (other === "," || other === "-" && piece.className === "binary") whole.append(document.createElement("wbr"));
  }
  return whole;
}

function sign(text) {
  if (RELATIONS.has(text)) return make("span", "relation", text);
  if (text === "·") return make("span", "times", text);
  return make("span", WORDS.has(text) ? "word" : text === "," ? "comma" : "", text);
}
