// Where stations and edges of the living diagram stand: ranks by the longest way from the people, order and places by
// the neighbours' (Sugiyama's manner). Nothing is placed by hand, so it follows whatever nodes and edges there are.

const EDGE = 10;
const ROW_GAP = 12;
const LANE_WIDTH = 16; // of an edge that passes a row
const WIDEST = 138;
const HIGHEST = 58;
const LOWEST = 34;
const SWEEPS = 4;

/** {places: id -> {x, y, w, h}, routes: [{edge, points, at, anchor}]} in pixels; x, y of a place are its top left. */
export function layout(nodes, edges, width, height) {
  const rank = ranks(nodes, edges);
  const rows = fillRows(nodes, edges, rank);
  order(rows);
  const w = Math.min(WIDEST, ...rows.map((row) => nodeWidth(row, width)));
  const pitch = (height - 2 * EDGE) / rows.length;
  const h = Math.max(LOWEST, Math.min(HIGHEST, pitch * 0.54));
  const gap = rows.length > 1 ? (height - 2 * EDGE - h * rows.length) / (rows.length - 1) : 0;
  place(rows, w, width);
  rows.forEach((row, i) => row.forEach((item) => Object.assign(item, { y: EDGE + i * (h + gap), h })));
  const places = new Map(rows.flat().filter((item) => item.node).map((item) => [item.node.id, { x: item.x - w / 2, y: item.y, w, h }]));
  return { places, routes: route(rows, w), gap };
}

const nodeWidth = (row, width) => {
  const passing = row.filter((item) => !item.node).length;
  const count = Math.max(1, row.length - passing);
  return (width - 2 * EDGE - passing * LANE_WIDTH - (row.length - 1) * ROW_GAP) / count;
};

/** The longest way from a node that nothing leads to. */
function ranks(nodes, edges) {
  const rank = new Map(nodes.map(({ id }) => [id, 0]));
  for (let turn = 0; turn < nodes.length; turn++) {
    for (const { from, to } of edges) rank.set(to, Math.max(rank.get(to), Math.min(rank.get(from) + 1, nodes.length)));
  }
  return rank;
}

/** Rows of items: nodes, and the places where edges pass a row on their way. Items know those above and below. */
function fillRows(nodes, edges, rank) {
  const rows = Array.from({ length: Math.max(...rank.values()) + 1 }, () => []);
  const item = new Map();
  for (const node of nodes) {
    const fresh = { node, up: [], down: [], w: 1 };
    item.set(node.id, fresh);
    rows[rank.get(node.id)].push(fresh);
  }
  for (const edge of edges) {
    let above = item.get(edge.from);
    for (let row = rank.get(edge.from) + 1; row < rank.get(edge.to); row++) {
      const lane = { edge, up: [above], down: [] };
      above.down.push(lane);
      rows[row].push(lane);
      above = lane;
    }
    above.down.push(item.get(edge.to));
    item.get(edge.to).up.push(above);
  }
  // an edge that passes stands where it leaves its source: among the source's other targets
  rows.forEach((row) => row.forEach((it, i) => (it.at = i)));
  for (const edge of edges) {
    const source = item.get(edge.from);
    source.down.forEach((target, i) => (target.seed ??= source.at * 100 + i));
  }
  for (const row of rows) row.sort((a, b) => (a.seed ?? 0) - (b.seed ?? 0));
  return rows;
}

/** Fewer crossings: items go where the mean of their neighbours is, downwards and upwards in turn. */
function order(rows) {
  const number = () => rows.forEach((row) => row.forEach((item, i) => (item.at = i / Math.max(1, row.length - 1))));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    number();
    const side = sweep % 2 ? "down" : "up";
    for (const row of rows) {
      const wanted = new Map(row.map((item) => [item, item[side].length ? mean(item[side].map((n) => n.at)) : item.at]));
      row.sort((a, b) => wanted.get(a) - wanted.get(b) || a.at - b.at);
      row.forEach((item, i) => (item.at = i / Math.max(1, row.length - 1)));
    }
  }
}

/** The fullest row is spread evenly; from there up and down, each item stands above or below its neighbours. */
function place(rows, w, width) {
  for (const item of rows.flat()) item.w = item.node ? w : LANE_WIDTH;
  const fullest = rows.indexOf(rows.reduce((a, b) => (total(b) > total(a) ? b : a)));
  const spare = width - 2 * EDGE - total(rows[fullest]);
  let x = EDGE;
  for (const item of rows[fullest]) {
    item.x = x + item.w / 2;
    x += item.w + spare / Math.max(1, rows[fullest].length - 1);
  }
  for (let i = fullest - 1; i >= 0; i--) settle(rows[i], "down", width);
  for (let i = fullest + 1; i < rows.length; i++) settle(rows[i], "up", width);
}

const total = (row) => row.reduce((sum, item) => sum + item.w, 0);

function settle(row, side, width) {
  const wanted = row.map((item) => (item[side].length ? mean(item[side].map((n) => n.x)) : null));
  wanted.forEach((x, i) => {
    if (x !== null) return;
    const before = wanted.slice(0, i).findLast((v) => v !== null) ?? EDGE;
    const after = wanted.slice(i + 1).find((v) => v !== null) ?? width - EDGE;
    wanted[i] = (before + after) / 2;
  });
  const apart = row.map((item, i) => (i ? (row[i - 1].w + item.w) / 2 + ROW_GAP : 0));
  const low = row.map((item) => EDGE + item.w / 2);
  const high = row.map((item) => width - EDGE - item.w / 2);
  const right = wanted.slice();
  push(right, apart, low, high);
  const left = wanted.map((x) => -x).reverse();
  push(left, [0, ...apart.slice(1).reverse()], high.map((x) => -x).reverse(), low.map((x) => -x).reverse());
  left.reverse();
  row.forEach((item, i) => (item.x = (right[i] - left[i]) / 2)); // of two that keep apart, the mean does too
}

/** Moves places to the right until they are apart, and back to the left where the row ends. */
function push(x, apart, low, high) {
  for (let i = 0; i < x.length; i++) x[i] = Math.max(x[i], low[i], i ? x[i - 1] + apart[i] : -Infinity);
  for (let i = x.length - 1; i >= 0; i--) x[i] = Math.min(x[i], high[i], i < x.length - 1 ? x[i + 1] - apart[i + 1] : Infinity);
}

/** From the foot of the source through the rows that it passes to the head of the target. */
function route(rows, w) {
  const routes = [];
  for (const source of rows.flat().filter((item) => item.node)) {
    const starts = ports(source, source.down, w * 0.5);
    source.down.forEach((next) => {
      const points = [[starts.get(next), source.y + source.h]];
      let item = next;
      let last = source;
      while (!item.node) {
        points.push([item.x, item.y], [item.x, item.y + item.h]);
        [last, item] = [item, item.down[0]];
      }
      const ends = ports(item, item.up, w * 0.42);
      const at = ends.get(last);
      points.push([at, item.y]);
      const nth = [...ends.values()].sort((a, b) => a - b).indexOf(at);
      const anchor = ends.size === 1 ? "middle" : nth === 0 ? "end" : "start";
      routes.push({ from: source.node.id, to: item.node.id, points, at: [at, item.y], anchor });
    });
  }
  return routes;
}

/** Where edges leave or reach an item: side by side, in the order of their other ends. */
function ports(item, others, room) {
  const sorted = [...others].sort((a, b) => a.x - b.x);
  const step = sorted.length > 1 ? Math.min(room / (sorted.length - 1), 22) : 0;
  return new Map(sorted.map((other, i) => [other, item.x + (i - (sorted.length - 1) / 2) * step]));
}

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
