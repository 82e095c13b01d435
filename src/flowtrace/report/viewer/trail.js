/**
 * The way of traced value to one address. Every payment states which part of what had come to its taker by then it
 * brought; going backward through the payments these parts multiply. All parts are worked out where the data is
 * made: here are only shares between 0 and 1, no amounts.
 */
import { under } from "./text.js";

const LEAST = 1e-6;
const MILLION = 1e6;

function pot(theft, node, asset) {
  return `${theft}|${node}|${asset}`;
}

/** Return the part of each payment, line and address in what came to `target`, and the main strand. */
export function trailTo(data, target, rule) {
  const parts = new Float64Array(data.hops.length);
  const pots = new Set(data.nodes[target].came.map((sum) => pot(sum.th, target, sum.a)));
  for (const start of pots) sweep(data.hops, start, { rule, parts });
  const edges = new Float64Array(data.edges.length);
  const nodes = new Float64Array(data.nodes.length);
  nodes[target] = 1;
  data.hops.forEach((hop, n) => {
    if (parts[n] < LEAST) return;
    if (hop.e >= 0) edges[hop.e] += parts[n];
    if (hop.s >= 0) nodes[hop.s] = Math.min(1, nodes[hop.s] + parts[n]);
  });
  return { target, parts, edges, nodes, strand: strand(data, target, edges) };
}

function sweep(hops, start, { rule, parts }) {
  const wanted = new Map([[start, 1]]);
  const direct = new Map();
  for (let n = hops.length - 1; n >= 0; n -= 1) {
    const hop = hops[n];
    const key = pot(hop.th, hop.t, hop.a);
    const want = wanted.get(key) ?? 0;
    const part = (want * under(hop.part, rule)) / MILLION;
    if (part) wanted.set(key, want - part);
    const through = part + (direct.get(n) ?? 0);
    if (through < LEAST) continue;
    parts[n] = Math.max(parts[n], through);
    if (hop.sold) {
      for (const [sold, share] of hop.sold) {
        direct.set(sold, (direct.get(sold) ?? 0) + (through * under(share, rule)) / MILLION);
      }
    } else if (hop.s >= 0) {
      const from = pot(hop.th, hop.s, hop.a);
      wanted.set(from, (wanted.get(from) ?? 0) + through);
    }
  }
}

/** Return the lines of the largest strand, from the beginning to the address. */
function strand(data, target, edges) {
  const into = data.nodes.map(() => []);
  data.edges.forEach((edge, n) => {
    if (edges[n] >= LEAST) into[edge.t].push(n);
  });
  const largest = (list) => list.reduce((best, n) => (best < 0 || edges[n] > edges[best] ? n : best), -1);
  const way = [];
  const fresh = (list) => list.filter((n) => n >= 0 && edges[n] >= LEAST && !way.includes(n));
  let next = largest(into[target]);
  while (next >= 0) {
    way.unshift(next);
    const sold = data.edges[next].h.flatMap((h) => (data.hops[h].sold ?? []).map(([n]) => data.hops[n].e));
    const { s, a, th } = data.edges[next];
    const alike = fresh(into[s].filter((n) => data.edges[n].a === a && data.edges[n].th === th));
    next = largest(sold.length ? fresh(sold) : alike.length ? alike : fresh(into[s]));
  }
  return way;
}
