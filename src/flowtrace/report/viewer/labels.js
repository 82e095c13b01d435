/** Labels beside cards and lines, as many as can be read: the weightiest first, none over another. */
import { isWithin, pointOn } from "./geometry.js";
import { FONT, fitted, pill } from "./ink.js";
import { percent } from "./text.js";

const LARGE = 50000; // millionths of a theft: what is smaller and nobody's is not named from afar
const [MOST, ALIKE, LINES_FROM, WAY_FROM] = [60, 10, 0.5, 0.2];

export function writeLabels(ctx, scene, { look, seen, isWritten }) {
  const taken = [];
  if (scene.camera.z >= (scene.trail ? WAY_FROM : LINES_FROM)) writeAmounts(ctx, scene, { look, seen, taken });
  if (!isWritten) writeNames(ctx, scene, { look, seen, taken });
}

function isFree(taken, [left, top, right, bottom]) {
  return taken.every(([a, b, c, d]) => left >= c || right <= a || top >= d || bottom <= b);
}

function boxOf({ camera, flow }, n) {
  const { at } = flow.data.nodes[n];
  const [width, height] = flow.data.card;
  const [x, y] = camera.toScreen(...at);
  return [x, y, x + width * camera.z, y + height * camera.z];
}

/** Where cards are too small for their text, the weightiest are named under them. */
function writeNames(ctx, scene, { look, seen, taken }) {
  const { flow, trail } = scene;
  const { nodes, kinds } = flow.data;
  const weight = (n) => {
    const chosen = n === scene.node || n === scene.hover ? 4 : 0;
    const named = nodes[n].entity || nodes[n].came.length === 0 ? 1 : 0;
    return chosen + (trail ? 2 * trail.nodes[n] : 0) + named + flow.share(n) / 1e6;
  };
  const ordered = seen.map((n) => [weight(n), n]).sort(([a, i], [b, j]) => b - a || i - j);
  const font = `11px ${FONT}`;
  ctx.font = font;
  const written = new Map();
  for (const [, n] of ordered.slice(0, 4 * MOST)) {
    const times = written.get(nodes[n].t) ?? 0;
    const isKnown = nodes[n].entity || !nodes[n].came.length || flow.share(n) >= LARGE;
    if (!isKnown && !trail && n !== scene.node && n !== scene.hover) continue;
    if ((trail && trail.nodes[n] < 0.0005) || taken.length >= MOST || times >= ALIKE) continue;
    const [left, , right, bottom] = boxOf(scene, n);
    const text = fitted(ctx, nodes[n].entity ? nodes[n].t : `${nodes[n].t} ${nodes[n].short}`, 190);
    const width = ctx.measureText(text).width + 8;
    const x = Math.min(Math.max((left + right - width) / 2, 2), scene.camera.width - width - 2);
    const box = [x, bottom + 2, x + width, bottom + 18];
    if (!isFree(taken, box)) continue;
    taken.push(box);
    written.set(nodes[n].t, times + 1);
    pill(ctx, text, [x, bottom + 2], { look, font, colour: kinds[nodes[n].k][scene.theme].stroke });
  }
}

/** Amounts stand on their lines, at the end where the lines are apart. */
function writeAmounts(ctx, scene, { look, seen, taken }) {
  const { camera, flow, trail } = scene;
  const { edges } = flow.data;
  const cards = seen.map((n) => boxOf(scene, n));
  const font = `${Math.max(10, Math.min(12, 11 * camera.z))}px ${FONT}`;
  const weight = (n) => (n === scene.edge ? 300 : 0) + (trail ? 200 * trail.edges[n] : 0) + edges[n].w;
  const sight = camera.sight();
  const isLabelled = (n) => flow.edgeOn[n] && isWithin(flow.ways[n], sight) && !(trail && trail.edges[n] < 0.0005);
  const order = edges.map((_, n) => n).filter(isLabelled);
  order.sort((a, b) => weight(b) - weight(a) || a - b);
  ctx.font = font;
  let written = 0;
  for (const n of order) {
    const way = flow.ways[n];
    const [x, y] = camera.toScreen((way[0] + way[6]) / 2, (way[1] + way[7]) / 2);
    if (x < -300 || y < -300 || x > camera.width + 300 || y > camera.height + 300) continue;
    if ((written += 1) > 2 * MOST) break;
    writeAmount(ctx, scene, { n, way, look, font, cards, taken });
  }
}

function writeAmount(ctx, { camera, flow, trail }, { n, way, look, font, cards, taken }) {
  const edge = flow.data.edges[n];
  const first = flow.data.hops[edge.h[0]].row;
  const more = edge.h.length > 1 ? ` +${edge.h.length - 1}` : "";
  const share = trail ? ` · ${percent(Math.round(trail.edges[n] * 1e6))}` : "";
  const text = `${edge.words} [${first}]${more}${share}`;
  const width = ctx.measureText(text).width + 8;
  const fansOut = flow.edgesOut[edge.s].length > flow.edgesIn[edge.t].length;
  const places = fansOut ? [0.8, 0.7, 0.6, 0.5, 0.35] : [0.25, 0.35, 0.45, 0.55, 0.7];
  for (const t of places) {
    const [px, py] = camera.toScreen(...pointOn(way, t));
    const box = [px - width / 2, py - 8, px + width / 2, py + 8];
    if (isFree(taken, box) && isFree(cards, box)) {
      taken.push(box);
      pill(ctx, text, [box[0], box[1]], { look, font });
      return;
    }
  }
}
