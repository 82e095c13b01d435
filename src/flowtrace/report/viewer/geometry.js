/** Where lines run, and what is under a point. */

const LOOP = 40; // how much of the box around a curve that turns back is empty at its sides

/** Return the four points of every line's curve, and the box around them: places never change. */
export function ways(data) {
  setApart(data.edges);
  return data.edges.map((edge) => {
    const way = curve(data, edge);
    const [xs, ys] = [[way[0], way[2], way[4], way[6]], [way[1], way[3], way[5], way[7]]];
    way.push(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    return way;
  });
}

/** Whether a line may be within a box of the world. */
export function isWithin(way, [left, top, right, bottom]) {
  return way[8] <= right && way[10] >= left && way[9] <= bottom && way[11] >= top;
}

/** Return a line's curve: out at the right of a card, in at the left of the next. */
function curve(data, edge) {
  const [width, height] = data.card;
  const [a, b] = [data.nodes[edge.s].at, data.nodes[edge.t].at];
  const shift = (edge.lane ?? 0) * 9;
  const [x0, y0] = [a[0] + width, a[1] + height / 2 + shift];
  const [x3, y3] = [b[0], b[1] + height / 2 + shift];
  if (edge.s === edge.t) {
    const y = a[1] + height;
    return [x0 - 20, y, x0 + 40, y + 44, x3 - 40, y + 44, x3 + 20, y];
  }
  const bend = x3 > x0 ? Math.max(40, (x3 - x0) / 2) : 90 + Math.min(160, (x0 - x3) / 6);
  const dip = x3 > x0 ? 0 : y3 === y0 ? 90 : 0;
  return [x0, y0, x0 + bend, y0 - dip, x3 - bend, y3 - dip, x3, y3];
}

/** Give lines between the same two cards heights of their own. */
function setApart(edges) {
  const seen = new Map();
  for (const edge of edges) {
    const key = `${Math.min(edge.s, edge.t)}|${Math.max(edge.s, edge.t)}`;
    const rank = seen.get(key) ?? 0;
    seen.set(key, rank + 1);
    const side = rank % 2 ? 1 : -1;
    edge.lane = Math.max(-2, Math.min(2, Math.ceil(rank / 2) * side));
  }
}

export function pointOn([x0, y0, x1, y1, x2, y2, x3, y3], t) {
  const u = 1 - t;
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3];
}

/** Return the shown address at a point of the world, or -1. */
export function nodeAt(flow, x, y) {
  const [width, height] = flow.data.card;
  return flow.data.nodes.findIndex(({ at }, n) =>
    flow.nodeOn[n] && x >= at[0] && x <= at[0] + width && y >= at[1] && y <= at[1] + height);
}

/** Return the shown line within reach of a point of the world, or -1. */
export function edgeAt(flow, x, y, reach) {
  let [best, nearest] = [-1, reach * reach];
  flow.data.edges.forEach((_, n) => {
    if (!flow.edgeOn[n]) return;
    const way = flow.ways[n];
    if (!isWithin(way, [x - reach, y - reach, x + reach, y + reach])) return;
    for (let i = 0; i <= 40; i += 1) {
      const [px, py] = pointOn(way, i / 40);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < nearest) [best, nearest] = [n, far];
    }
  });
  return best;
}

/** Return the box around shown addresses, or around all where none is shown. */
export function around(flow, chosen = null) {
  const [width, height] = flow.data.card;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  flow.data.nodes.forEach(({ at: [x, y] }, n) => {
    if (!flow.nodeOn[n] || (chosen && !chosen[n])) return;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + width);
    box[3] = Math.max(box[3], y + height);
  });
  flow.ways.forEach((way, n) => {
    const { s, t } = flow.data.edges[n];
    if (!flow.edgeOn[n] || (chosen && !(chosen[s] && chosen[t]))) return;
    box[0] = Math.min(box[0], way[8] + LOOP);
    box[2] = Math.max(box[2], way[10] - LOOP);
  });
  return box[0] === Infinity ? [0, 0, 1000, 600] : box;
}
