// A word by which the server knows who comes back, kept until the browser is closed. An empty one
// is forgotten.

export default function ({ data }) {
  const kept = data.word ? "" : "; max-age=0";
  const secure = window.location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${data.name}=${data.word}; path=/; samesite=strict${secure}${kept}`;
}
