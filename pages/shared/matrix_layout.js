// How the matrix stands in its window: which way round, how many across, how large its pictures are.
// Everything that a page is for is to be seen at once, so that heights are shares of the window's.

const USUAL_TYPE = 15;      // pixels; all lengths in rem are larger before a projector
const NARROW_WIDTH = 620;   // pixels
const MOST_ON_A_PHONE = 4;  // pictures across that can still be told apart
const MOST_IN_A_LINE = 8;
const HEIGHTS = {           // of the window: a row of cells, all rows of a matrix, and the curves
  desk: { line: 0.285, table: 0.53, curves: 0.2 },
  room: { line: 0.4, table: 0.635, curves: 0.27 },
};
const HEAD_WIDTH = 5.6;     // rem, of the heads of rows
const BELOW_A_CELL = 1.7;   // rem, for its figure
const LEAST_WIDTH = 7.1;    // rem, of a cell: a figure with its error in one line

function arrange(data, width, height, rem) {
  const [rows, columns] = [data.rows.length, data.columns.length];
  const isNarrow = width < NARROW_WIDTH;
  const heights = HEIGHTS[data.isPresented ? "room" : "desk"];
  const found = { isNarrow, shape: "line", hasTruth: Boolean(data.truth), most: "", variables: {},
    curves: isNarrow ? 170 : Math.max(148, heights.curves * height) };
  if (data.isFilm) {
    const parts = isNarrow ? 1 : columns + found.hasTruth;
    found.tracks = `repeat(${parts}, minmax(0, 1fr))`;
    found.most = isNarrow ? "" : `${parts * data.share * height}px`;
  } else if (rows === 1) {
    const parts = columns + found.hasTruth;
    const wraps = columns > MOST_IN_A_LINE || isNarrow;
    found.hasBrackets = !wraps;
    found.tracks = wraps ? `repeat(auto-fill, minmax(${isNarrow ? 6.6 : 7.4}rem, 1fr))`
      : `repeat(${parts}, minmax(0, 1fr))`;
    found.most = wraps ? "" : `${parts * heights.line * height}px`;
  } else {
    Object.assign(found, table(data, width, heights.table * height, rem, isNarrow));
  }
  return found;
}

// A matrix of two settings; in a narrow window with the fewest across, or a block for each row.
function table(data, width, height, rem, isNarrow) {
  const [rows, columns] = [data.rows.length, data.columns.length];
  if (isNarrow && Math.min(rows, columns) > MOST_ON_A_PHONE) {
    return { shape: "blocks", hasTruth: false, tracks: "repeat(auto-fill, minmax(5rem, 1fr))",
      variables: { "--cell": "100%" } };
  }
  if (isNarrow) {
    const isTurned = columns > rows;
    return { shape: isTurned ? "turned" : "table", hasTruth: false,
      tracks: `minmax(0, 4.7rem) repeat(${Math.min(rows, columns)}, minmax(0, 1fr))`,
      variables: { "--cell": "100%" } };
  }
  const hasTruth = Boolean(data.isPresented && data.truth);
  const cell = Math.max(60, height / rows - BELOW_A_CELL * rem);
  const track = `minmax(0, ${Math.max(cell, LEAST_WIDTH * rem)}px)`;
  const head = `minmax(4rem, ${HEAD_WIDTH}rem)`;
  return { shape: "table", hasTruth,
    tracks: `${hasTruth ? `${track} ` : ""}${head} repeat(${columns}, ${track})`,
    variables: { "--cell": `${cell}px`, "--rows": rows + 1 } };
}
