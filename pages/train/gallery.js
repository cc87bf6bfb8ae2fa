// One button a dataset: its thumbnail above its title, and one that leads to drawing one's own. A
// click names the dataset to the page.

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery");
  const tiles = data.tiles.map((tile) => {
    const button = document.createElement("button");
    button.title = tile.description;
    button.setAttribute("aria-pressed", String(tile.name === data.chosen));
    const picture = document.createElement(tile.picture ? "img" : "span");
    if (tile.picture) {
      picture.src = tile.picture;
      picture.alt = "";
    } else {
      picture.className = "absent";
      picture.textContent = "download";
    }
    const title = document.createElement("span");
    title.textContent = tile.title;
    button.append(picture, title);
    button.onclick = () => setTriggerValue("chosen", tile.name);
    return button;
  });
  const { name, title, description } = data.drawing;
  const draw = document.createElement("button");
  draw.title = description;
  const sign = document.createElement("span");
  sign.className = "absent plus";
  sign.textContent = "+";
  sign.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.textContent = title;
  draw.append(sign, words);
  draw.onclick = () => setTriggerValue("chosen", name);
  list.replaceChildren(...tiles, draw);
}
