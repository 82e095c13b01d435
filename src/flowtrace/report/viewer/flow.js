/** The flow as the views see it: who pays whom, and what of it the filters let through. */
import { ways } from "./geometry.js";
import { under } from "./text.js";

export class Flow {
  constructor(data) {
    this.data = data;
    this.ways = ways(data);
    const lists = () => data.nodes.map(() => []);
    [this.edgesIn, this.edgesOut, this.hopsIn, this.hopsOut] = [lists(), lists(), lists(), lists()];
    data.edges.forEach((edge, n) => {
      this.edgesOut[edge.s].push(n);
      this.edgesIn[edge.t].push(n);
    });
    for (const list of [...this.edgesIn, ...this.edgesOut]) {
      list.sort((a, b) => data.edges[b].w - data.edges[a].w || a - b);
    }
    data.hops.forEach((hop, n) => {
      if (hop.s >= 0) this.hopsOut[hop.s].push(n);
      if (hop.t >= 0) this.hopsIn[hop.t].push(n);
    });
    const times = data.hops.map((hop) => hop.time);
    this.first = times.reduce((a, b) => Math.min(a, b), Infinity);
    this.last = times.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!times.length) [this.first, this.last] = [0, 0];
    this.rule = data.rule;
    this.filter = { asset: -1, from: this.first, to: this.last, least: 0 };
    this.hopOn = new Uint8Array(data.hops.length);
    this.edgeOn = new Uint8Array(data.edges.length);
    this.nodeOn = new Uint8Array(data.nodes.length);
    this.apply({});
  }

  share(node) {
    return under(this.data.nodes[node].share, this.rule);
  }

  /** Whether an address is so small a part of the flow that the filter hides it; its beginning never is. */
  isSmall(node) {
    return this.data.nodes[node].came.length > 0 && this.share(node) < this.filter.least;
  }

  /** Change filters, and work out anew what is shown. */
  apply(change) {
    Object.assign(this.filter, change);
    const { asset, from, to, least } = this.filter;
    const { nodes, hops } = this.data;
    const small = nodes.map((_, n) => this.isSmall(n));
    const whole = asset < 0 && from <= this.first && to >= this.last;
    this.edgeOn.fill(0);
    nodes.forEach((_, n) => {
      this.nodeOn[n] = whole && !small[n] && (least === 0 || nodes[n].came.length) ? 1 : 0;
    });
    hops.forEach((hop, n) => {
      const inside = hop.time >= from && hop.time <= to && (asset < 0 || hop.a === asset);
      const large = !(hop.s >= 0 && small[hop.s]) && !(hop.t >= 0 && small[hop.t]);
      this.hopOn[n] = inside && large ? 1 : 0;
      if (!this.hopOn[n]) return;
      if (hop.e >= 0) this.edgeOn[hop.e] = 1;
      if (hop.s >= 0) this.nodeOn[hop.s] = 1;
      if (hop.t >= 0) this.nodeOn[hop.t] = 1;
    });
    if (asset >= 0) this.showStops(asset, small);
    this.shown = {
      nodes: this.nodeOn.reduce((a, b) => a + b, 0),
      hops: this.hopOn.reduce((a, b) => a + b, 0),
      edges: this.edgeOn.reduce((a, b) => a + b, 0),
    };
    this.isFiltered = this.shown.nodes < nodes.length || this.shown.hops < hops.length;
  }

  showStops(asset, small) {
    const { from, to } = this.filter;
    if (from > this.first || to < this.last) return;
    this.data.nodes.forEach((node, n) => {
      if (!small[n] && node.stops.some((stop) => stop.a === asset)) this.nodeOn[n] = 1;
    });
  }

  /** Return the address at the other end of the largest shown line out of, or into, an address. */
  along(node, isForward) {
    const lines = (isForward ? this.edgesOut : this.edgesIn)[node].filter((e) => this.edgeOn[e]);
    const ends = lines.map((e) => this.data.edges[e][isForward ? "t" : "s"]);
    return ends.find((end) => end !== node) ?? -1;
  }

  /** Return the next shown address above or below, first in the same column, else in the next lane's. */
  beside(node, step) {
    const { at } = this.data.nodes[node];
    let best = -1;
    let nearest = Infinity;
    this.data.nodes.forEach((other, n) => {
      const dy = (other.at[1] - at[1]) * step;
      if (n === node || !this.nodeOn[n] || dy <= 0) return;
      const far = dy + 8 * Math.abs(other.at[0] - at[0]);
      if (far < nearest) [best, nearest] = [n, far];
    });
    return best;
  }

  /** Return where the flow begins: the first theft's recipient, else the first address. */
  start() {
    const thief = this.data.thefts.find((theft) => theft.thief >= 0)?.thief ?? 0;
    return this.nodeOn[thief] ? thief : this.nodeOn.indexOf(1);
  }
}
