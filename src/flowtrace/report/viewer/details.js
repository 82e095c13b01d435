/** The pane of details: all that is known of an address or a line, every amount exact, every hash whole. */
import { button, copied, make } from "./elements.js";
import { table } from "./lists.js";
import { amount, counted, day, percent, total, under, utc } from "./text.js";

const ROWS = 25;

/** Show an address. `acts` has `select`, `selectEdge`, `say`; `trail` is the way of value to it. */
export function showNode(pane, flow, n, { trail, acts }) {
  const { data } = flow;
  const node = data.nodes[n];
  const chain = data.lanes[node.lane].title;
  pane.replaceChildren(
    make("h2", { tabindex: "-1" }, node.t),
    make("p", { class: "quiet" }, `${data.kinds[node.k].words} · ${chain} · known by class ${node.cls} (${
      data.classes.find((one) => one.id === node.cls).words})`),
    make("p", {}, copied(node.a, "address", acts.say)),
    node.listed ? make("p", { class: "note" }, `On a ${node.listed}: see the label's source`) : "",
    ...node.frozen.map((words) => make("p", { class: "note" }, `Frozen: ${words}`)),
    ...labels(node),
    ...owners(flow, n, acts),
    ...stops(node),
    ...came(flow, node),
    ...strand(flow, n, { trail, acts }),
    ...rests(flow, node),
    ...payments(flow, flow.hopsIn[n], { title: "Payments in", end: "s", acts }),
    ...payments(flow, flow.hopsOut[n], { title: "Payments out", end: "t", acts }),
  );
}

/** Show a line: all payments that it draws. */
export function showEdge(pane, flow, n, { acts }) {
  const { data } = flow;
  const edge = data.edges[n];
  const asset = data.assets[edge.a];
  const inWindow = edge.h.filter((h) => flow.hopOn[h]);
  const part = total(inWindow.map((h) => data.hops[h].u));
  const some = `${inWindow.length} of ${counted(edge.h.length, "payment")} shown by the filters: ${amount(part, asset)}`;
  pane.replaceChildren(
    make("h2", { tabindex: "-1" }, `${counted(edge.h.length, "payment")} of ${asset.symbol}`),
    make("p", {}, "From ", goTo(flow, edge.s, acts), " to ", goTo(flow, edge.t, acts)),
    make("p", { class: "quiet" }, `Class ${edge.cls}: ${data.classes.find((one) => one.id === edge.cls).words}`),
    inWindow.length < edge.h.length ? make("p", { class: "note" }, some) : "",
    make("h3", {}, "Together"),
    sums(flow, edge.h.length > 1 ? edge : data.hops[edge.h[0]]),
    ...payments(flow, edge.h, { title: "Each", end: "", acts }),
  );
}

/** Show what a reader finds before anything is chosen. */
export function showCase(pane, flow, acts) {
  const { data } = flow;
  const rows = data.nodes.flatMap((node, n) => node.stops.map((stop) => ({ n, stop })))
    .filter(({ stop }) => stop.range[1] !== "0");
  const part = ({ stop }) => under(stop.share, flow.rule);
  rows.sort((a, b) => part(b) - part(a) || a.n - b.n);
  pane.replaceChildren(
    make("h2", { tabindex: "-1" }, "Where it went"),
    make("p", {}, data.case.finding),
    table({
      caption: `What rests where the trace ends, and its share of the ${data.case.origin} (${
        data.rules[flow.rule].words})`,
      size: 50,
      rows,
      columns: [
        {
          head: "Address", key: ({ n }) => data.nodes[n].t,
          cell: ({ n, stop }) => [goTo(flow, n, acts), make("div", { class: "quiet" }, stop.why)],
        },
        {
          head: "Rests", className: "number", key: part,
          cell: (row) => [make("div", {}, `${percent(part(row))}${ofTheft(flow, row.stop.th)}`), make("div", { class: "quiet" },
            amount(under(row.stop.taint, flow.rule), data.assets[row.stop.a]))],
        },
      ],
    }),
  );
}

function goTo(flow, n, acts) {
  if (n < 0) return "no address (fee, or a script without one)";
  const node = flow.data.nodes[n];
  const words = node.entity ? `${node.t} ${node.short}` : `${node.t === "Address" ? "" : `${node.t} `}${node.short}`;
  return button(words, () => acts.select(n, true), { class: "link", title: node.a });
}

function labels(node) {
  if (!node.labels.length) return [make("p", { class: "quiet" }, "No label in this case's sources.")];
  const items = node.labels.map((one) => make("li", {},
    make("strong", {}, one.text), ` (${one.what})`,
    one.cls ? make("span", { class: "badge" }, "class X: asserted by a third party, no finding") : "",
    make("br"), make("span", { class: "quiet" }, `Source: ${one.source} · ${one.confidence} · ${one.date}`)));
  return [make("h3", {}, "Labels"), make("ul", {}, items)];
}

function owners(flow, n, acts) {
  const { owner } = flow.data.nodes[n];
  if (owner < 0) return [];
  const same = flow.data.nodes.map((_, i) => i).filter((i) => i !== n && flow.data.nodes[i].owner === owner);
  if (!same.length) return [];
  return [make("h3", {}, "Under the same control (inferred, class P)"),
    make("ul", {}, same.slice(0, 50).map((i) => make("li", {}, goTo(flow, i, acts)))),
    same.length > 50 ? make("p", {}, `and ${same.length - 50} more: see clusters.csv`) : ""];
}

/** An amount under each rule, the chosen rule marked, and the range over the rules that conserve. */
function sums(flow, sum) {
  const { data, rule } = flow;
  const asset = data.assets[sum.a];
  const row = (head, text, attributes = {}) =>
    make("tr", attributes, make("th", { scope: "row" }, head), make("td", { class: "number" }, text));
  const range = `${amount(sum.range[0], asset)} to ${amount(sum.range[1], asset)}`;
  return make("table", { class: "sums" }, make("tbody", {},
    row("Moved", amount(sum.u, asset)),
    row("in base units", sum.u, { class: "quiet" }),
    Array.isArray(sum.taint) ? "" : row("Traced, under every rule", amount(sum.taint, asset), { class: "chosen" }),
    !Array.isArray(sum.taint) ? [] : data.rules.map((one, r) => row(`Traced, ${one.words}`, amount(under(sum.taint, r), asset), {
      class: r === rule ? "chosen" : undefined, "aria-current": r === rule ? "true" : undefined,
    })),
    row("Range", range)));
}

/** Name the theft where there are several. */
function ofTheft({ data }, th) {
  return data.thefts.length > 1 ? ` of ${data.thefts[th].id}` : "";
}

function isSame(sum, stop) {
  return sum.th === stop.th && sum.a === stop.a && sum.u === stop.u && String(sum.taint) === String(stop.taint);
}

function came(flow, node) {
  return node.came.flatMap((sum) => [
    make("h3", {}, `Came here${node.stops.some((stop) => isSame(sum, stop)) ? ", and rests here" : ""}: ${
      counted(sum.n, "payment")}`),
    sums(flow, sum),
    make("p", {}, `Share of the ${flow.data.case.origin}${ofTheft(flow, sum.th)} (${
      flow.data.rules[flow.rule].words}): ${percent(under(sum.share, flow.rule))}`),
  ]);
}

function stops(node) {
  return node.stops.flatMap((stop) => [
    make("h3", {}, `The trace ends here: ${stop.why}${stop.entity ? `, ${stop.entity}` : ""}`),
    make("p", {}, `${stop.basis || "No basis stated"} (class ${stop.cls}).`),
  ]);
}

function rests(flow, node) {
  return node.stops.filter((stop) => !node.came.some((sum) => isSame(sum, stop))).flatMap((stop) => [
    make("h3", {}, `Rests here of what ${counted(stop.n, "payment")} brought${ofTheft(flow, stop.th)}`),
    sums(flow, stop),
  ]);
}

function strand(flow, n, { trail, acts }) {
  if (!trail || !trail.strand.length) return [];
  const { data } = flow;
  const steps = trail.strand.map((e) => {
    const edge = data.edges[e];
    const words = `${edge.words} in ${counted(edge.h.length, "payment")}`;
    const [from, to] = [edge.h[0], edge.h[edge.h.length - 1]].map((h) => day(data.hops[h].time));
    return make("li", {}, `${from === to ? from : `${from} to ${to}`}: `, goTo(flow, edge.s, acts), " paid ",
      edge.t === n ? "this address" : goTo(flow, edge.t, acts), " ",
      button(words, () => acts.selectEdge(e), { class: "link" }), " · ",
      make("strong", {}, percent(Math.min(1e6, Math.round(trail.edges[e] * 1e6)))));
  });
  return [make("h3", {}, `The way here from the ${data.case.origin}`),
    make("p", { class: "quiet" }, `Highlighted: every way, by its share of what came here (${
      data.rules[flow.rule].words}; an attribution in proportion). The largest strand:`),
    make("ol", { class: "way" }, steps)];
}

function payments(flow, hops, { title, end, acts }) {
  if (!hops.length) return [];
  const { data } = flow;
  const traced = (h) => under(data.hops[h].taint, flow.rule);
  const columns = [
    {
      head: "Payment", key: (h) => data.hops[h].row,
      cell: (h) => [
        make("div", {}, `[${data.hops[h].row}] ${utc(data.hops[h].time)}`),
        end ? make("div", {}, end === "s" ? "from " : "to ", goTo(flow, data.hops[h][end], acts)) : "",
        copied(data.hops[h].tx, "transaction", acts.say),
        make("div", { class: "quiet" }, `${data.hops[h].pos}, block ${data.hops[h].block}, class ${
          data.hops[h].cls}, ${data.hops[h].basis}`),
      ],
    },
    {
      head: "Amount", className: "number", key: (h) => BigInt(data.hops[h].u),
      cell: (h) => [
        make("div", {}, amount(data.hops[h].u, data.assets[data.hops[h].a])),
        make("div", { class: "quiet" }, `traced ${amount(traced(h), data.assets[data.hops[h].a])}`),
        make("div", { class: "quiet" }, ...range(data, h)),
      ],
    },
  ];
  const words = `${counted(hops.length, "payment")}; traced by ${data.rules[flow.rule].words}`;
  return [make("h3", {}, title), table({ caption: words, columns, rows: hops, size: ROWS })];
}

function range(data, h) {
  const { range: [low, high], a } = data.hops[h];
  return low === high ? [] : [`range ${amount(low, data.assets[a])} to ${amount(high, data.assets[a])}`];
}
