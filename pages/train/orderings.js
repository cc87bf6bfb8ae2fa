// One button an ordering: its places in colour above its title. A click names it to the page.
// Orderings that these data cannot have stand small below, under the reason that they share.

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  find(".title").textContent = data.title;
  find(".title").title = data.help;
  find(".scale").style.background = `linear-gradient(to right, ${data.colours.join(", ")})`;
  const list = find(".tiles");
  list.setAttribute("aria-label", data.title);
  const fitting = data.tiles.filter((tile) => !tile.reason);
  list.replaceChildren(
    ...fitting.map((tile) => {
      const button = tileButton(tile);
      button.setAttribute("aria-pressed", String(tile.name === data.chosen));
      button.title = data.off ? data.help : tile.description;
      button.disabled = data.off;
      button.onclick = () => setTriggerValue("chosen", tile.name);
      return button;
    }),
  );
  const groups = new Map();
  for (const tile of data.tiles.filter((tile) => tile.reason)) {
    groups.set(tile.limits, [...(groups.get(tile.limits) ?? []), tile]);
  }
  find(".off").replaceChildren(...[...groups].map(([limits, tiles]) => group(limits, tiles, data)));
}

function tileButton(tile) {
  const button = document.createElement("button");
  const picture = document.createElement("span");
  picture.className = "picture";
  if (tile.picture) {
    const image = document.createElement("img");
    image.src = tile.picture;
    image.alt = "";
    picture.append(image);
  } else if (!tile.reason) {
    picture.append(labelled("unknown", "data"));
  }
  if (tile.places.length) picture.append(places(tile.places));
  if (tile.picture || !tile.reason) button.append(picture);
  if (tile.picture && tile.reason) button.setAttribute("aria-label", tile.title);
  else button.append(labelled("name", tile.title));
  return button;
}

// The numbers of few places, dark on a light place and light on a dark one.
function places(numbers) {
  const row = labelled("places", "");
  for (const place of numbers) {
    const number = labelled("", String(place));
    number.style.color = place <= numbers.length / 2 ? "#082550" : "#ffffff";
    row.append(number);
  }
  return row;
}

function group(limits, tiles, data) {
  const row = document.createElement("div");
  row.className = "group";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", limits);
  row.append(labelled("why", `${limits}:`));
  for (const tile of tiles) {
    const button = tileButton(tile);
    button.disabled = true;
    button.title = `${tile.title}. ${tile.reason}`;
    button.setAttribute("aria-pressed", String(tile.name === data.chosen));
    row.append(button);
  }
  return row;
}

function labelled(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}
