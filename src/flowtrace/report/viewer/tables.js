/** The twin of the drawing for who does not see it: every shown address and payment as rows. */
import { button, make } from "./elements.js";
import { table } from "./lists.js";
import { amount, counted, percent, under, utc } from "./text.js";

/** Return the tables of addresses and of payments that the filters let through. */
export function twin(flow, acts) {
  const { data } = flow;
  const nodes = data.nodes.map((_, n) => n).filter((n) => flow.nodeOn[n]);
  const hops = data.hops.map((_, n) => n).filter((n) => flow.hopOn[n]);
  return make("div", { class: "twin" },
    make("p", {}, `The same as the drawing, as tables: ${counted(nodes.length, "address")} and ${
      counted(hops.length, "payment")} of ${data.nodes.length} and ${data.hops.length}. `,
    "A head sorts; amounts are exact."),
    addresses(flow, nodes, acts), payments(flow, hops, acts));
}

function addresses(flow, rows, acts) {
  const { data } = flow;
  const sum = (n, text) => data.nodes[n].came.map((one) => make("div", {}, text(one)));
  const stop = (n) => [...new Set(data.nodes[n].stops.map((one) => one.why))].join(", ");
  return table({
    caption: `Addresses: ${rows.length}`,
    className: "addresses",
    rows,
    columns: [
      { head: "Address", cell: (n) => button(data.nodes[n].a, () => acts.detail(n), { class: "link code" }),
        key: (n) => data.nodes[n].a },
      { head: "What it is", cell: (n) => data.nodes[n].t, key: (n) => data.nodes[n].t },
      { head: "Ledger", cell: (n) => data.lanes[data.nodes[n].lane].title, key: (n) => data.nodes[n].lane },
      { head: "Class", cell: (n) => data.nodes[n].cls, key: (n) => data.nodes[n].cls },
      { head: "Came", className: "number", cell: (n) => sum(n, (one) => amount(one.u, data.assets[one.a])) },
      { head: `Traced (${data.rules[flow.rule].words})`, className: "number",
        cell: (n) => sum(n, (one) => amount(under(one.taint, flow.rule), data.assets[one.a])) },
      { head: "Share", className: "number", key: (n) => flow.share(n),
        cell: (n) => (data.nodes[n].came.length ? percent(flow.share(n)) : "") },
      { head: "Trace ends", cell: stop, key: stop },
    ],
  });
}

function payments(flow, rows, acts) {
  const { data } = flow;
  const place = (n) => (n < 0 ? "no address" : button(data.nodes[n].a, () => acts.detail(n), { class: "link code" }));
  const hop = (h) => data.hops[h];
  return table({
    caption: `Payments: ${rows.length}`,
    className: "payments",
    rows,
    columns: [
      { head: "Row", cell: (h) => `[${hop(h).row}]`, key: (h) => hop(h).row, className: "number" },
      { head: "Time", cell: (h) => utc(hop(h).time), key: (h) => hop(h).time },
      { head: "From", cell: (h) => place(hop(h).s), key: (h) => hop(h).s },
      { head: "To", cell: (h) => place(hop(h).t), key: (h) => hop(h).t },
      { head: "Amount", className: "number", cell: (h) => amount(hop(h).u, data.assets[hop(h).a]),
        key: (h) => BigInt(hop(h).u) },
      { head: `Traced (${data.rules[flow.rule].words})`, className: "number", key: (h) => BigInt(under(hop(h).taint, flow.rule)),
        cell: (h) => amount(under(hop(h).taint, flow.rule), data.assets[hop(h).a]) },
      { head: "Class", cell: (h) => hop(h).cls, key: (h) => hop(h).cls },
      { head: "Transaction", cell: (h) => make("code", {}, hop(h).tx), key: (h) => hop(h).tx },
      { head: "Position", cell: (h) => `${hop(h).pos}, block ${hop(h).block}`, key: (h) => hop(h).block },
    ],
  });
}
