// A sheet of pixels of which some are given and some are not: blue ink is data, orange ink is drawn
// by the model, and the ground shows which is which where there is no ink. The same in both themes.

const GROUND = { given: [15, 30, 49], unknown: [50, 33, 18], hidden: [44, 48, 56] };
const INK = { given: [88, 164, 246], drawn: [246, 138, 46], hidden: [236, 239, 243] };

function mixed(from, to, share) {
  return `rgb(${from.map((value, c) => Math.round(value + share * (to[c] - value))).join(",")})`;
}

// Draws shares 0 … 1, one a cell. known: which are given; kind: what the others are, "drawn",
// "hidden", "unknown" (no ink) or a table of 256 colours for them.
function paintSheet(canvas, width, columns, shares, known, kind) {
  const rows = Math.ceil(shares.length / columns);
  const size = width / columns;
  const context = fitCanvas(canvas, width, size * rows);
  const table = Array.isArray(kind) ? kind : null;
  const ground = kind === "hidden" ? GROUND.hidden : GROUND.unknown;
  paintGrid(context, shares, columns, size, (share, index) => {
    if (known[index]) return mixed(GROUND.given, INK.given, share);
    if (table) return `rgb(${table[Math.max(0, Math.min(255, Math.round(255 * share)))].join(",")})`;
    return kind === "unknown" ? mixed(ground, ground, 0) : mixed(ground, INK[kind], share);
  });
  return { context, size, rows };
}

// The dashed line between what is given and what is not.
function outlineSheet(context, size, columns, known) {
  context.beginPath();
  const isUnknown = (index) => index < known.length && !known[index];
  known.forEach((given, index) => {
    if (given) return;
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const [left, top] = [column * size, row * size];
    const sides = [
      [row === 0 || !isUnknown(index - columns), left, top, left + size, top],
      [!isUnknown(index + columns), left, top + size, left + size, top + size],
      [column === 0 || !isUnknown(index - 1), left, top, left, top + size],
      [column === columns - 1 || !isUnknown(index + 1), left + size, top, left + size, top + size],
    ];
    for (const [isEdge, x0, y0, x1, y1] of sides) {
      if (!isEdge) continue;
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
  });
  context.strokeStyle = "#f68a2e";
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}
