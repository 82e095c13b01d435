/** Search: addresses, labels, entities, transaction hashes, and [n] of the annex. */
import { button, make } from "./elements.js";
import { counted, utc } from "./text.js";

const MOST = 30;

/** Return what a query finds: `nodes` and `hops` by number, whether there are more, by the order of the money. */
export function find(flow, query) {
  const wanted = query.trim().toLowerCase();
  const found = { nodes: [], hops: [], more: 0 };
  if (!wanted) return found;
  const row = /^\[?(\d{1,9})\]?$/.exec(wanted)?.[1];
  const add = (list, n) => {
    if (list.length < MOST) list.push(n);
    else found.more += 1;
  };
  flow.data.nodes.forEach((_, n) => {
    if (wordsOf(flow, n).includes(wanted)) add(found.nodes, n);
  });
  flow.data.hops.forEach((hop, n) => {
    if (hop.tx.toLowerCase().includes(wanted) || String(hop.row) === row) add(found.hops, n);
  });
  return found;
}

function wordsOf(flow, n) {
  flow.words ??= flow.data.nodes.map((node) => [
    node.id, node.a, node.t, node.entity, node.role, ...node.labels.map((one) => one.text),
  ].join("\n").toLowerCase());
  return flow.words[n];
}

/** Make the search field with its list of results. */
export function finder(flow, acts) {
  const list = make("ul", { class: "found", id: "found", hidden: true });
  const status = make("span", { role: "status", class: "aside" });
  const field = make("input", {
    type: "search", placeholder: "Search address, label, tx, [row]  ( / )", "aria-controls": "found",
    "aria-label": "Search address, label, entity, transaction or row", autocomplete: "off", spellcheck: "false",
  });
  const close = () => {
    list.hidden = true;
  };
  const choose = (act) => {
    close();
    act();
  };
  const show = () => {
    const found = find(flow, field.value);
    const nodes = found.nodes.map((n) => {
      const node = flow.data.nodes[n];
      return button(`${node.t} · ${node.a}`, () => choose(() => acts.select(n, true)));
    });
    const hops = found.hops.map((n) => {
      const hop = flow.data.hops[n];
      const act = () => (hop.e >= 0 ? acts.selectEdge(hop.e) : acts.select(hop.s >= 0 ? hop.s : hop.t, true));
      return button(`[${hop.row}] ${hop.tx} · ${utc(hop.time)}`, () => choose(act));
    });
    const all = [...nodes, ...hops];
    const rest = found.more ? [make("li", { class: "quiet" }, `and ${found.more} more: write more of it`)] : [];
    const none = !all.length && field.value.trim() ? [make("li", { class: "quiet" }, "Nothing found")] : [];
    list.replaceChildren(...all.map((one) => make("li", {}, one)), ...rest, ...none);
    list.hidden = !field.value.trim();
    status.textContent = field.value.trim() ? `${counted(all.length + found.more, "result")}` : "";
  };
  field.addEventListener("input", show);
  field.addEventListener("focus", show);
  const box = make("div", { class: "finder", role: "search" }, field, list, status);
  box.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") {
      close();
      field.value = "";
      acts.focus();
    } else if (event.key === "Enter" && event.target === field) buttons[0]?.click();
    else if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? buttons[at - 1] : field).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) close();
  });
  return { box, field };
}
