/** The keyboard: everything the mouse can do, and the list of it. */
import { button, make } from "./elements.js";

const KEYS = [
  ["→ ←", "go along the largest payment, out or in"],
  ["↑ ↓", "go to the address above or below"],
  ["N  P", "go round the payments out of, or into, the chosen address"],
  ["Enter", "open the details and go there"],
  ["C", "copy the full address, or the transaction of a single payment"],
  ["Home", "go to where the flow begins"],
  ["/", "search"],
  ["T", "tables instead of the drawing, and back"],
  ["R", "next rule"],
  ["F", "fit the whole flow"],
  ["G", "fit the highlighted way"],
  ["+ −", "zoom"],
  ["Shift + arrows", "move the sight"],
  ["Esc", "let go: close, clear search, choose nothing"],
  ["?", "this help"],
];

/** Make the dialog of help. */
export function help(footer) {
  const rows = KEYS.map(([key, what]) =>
    make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, key)), make("td", {}, what)));
  const dialog = make("dialog", { class: "help", "aria-label": "Help" });
  dialog.append(
    make("h2", {}, "Keys"),
    make("table", {}, make("tbody", {}, rows)),
    make("p", {}, "Keys work on the drawing. Mouse: drag to move, wheel to zoom, double click to zoom in. ",
      "Columns are hops, bands are ledgers; a line's width grows with its amount, its dashes tell how it is known."),
    make("p", { class: "quiet" }, footer),
    button("Close", () => dialog.close()),
  );
  return dialog;
}

/** Whether a key belongs to a field that is being written in or slid. */
export function isTaken(event) {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return target.closest("input, select, textarea, dialog") !== null;
}

/** Call what a key asks for; return whether there was anything. */
export function pressed(event, acts) {
  const { key, shiftKey } = event;
  const onDrawing = event.target === acts.canvas;
  const moves = { ArrowRight: [-80, 0], ArrowLeft: [80, 0], ArrowDown: [0, -80], ArrowUp: [0, 80] };
  if (onDrawing && shiftKey && moves[key]) acts.pan(...moves[key]);
  else if (onDrawing && key === "ArrowRight") acts.along(true);
  else if (onDrawing && key === "ArrowLeft") acts.along(false);
  else if (onDrawing && key === "ArrowDown") acts.beside(1);
  else if (onDrawing && key === "ArrowUp") acts.beside(-1);
  else if (onDrawing && key === "Enter") acts.open();
  else if (onDrawing && key === "Home") acts.home();
  else return plain(key, acts);
  return true;
}

function plain(key, acts) {
  const by = {
    "/": acts.search, "?": acts.help, Escape: acts.clear, "+": () => acts.zoom(1.25), "=": () => acts.zoom(1.25),
    "-": () => acts.zoom(0.8), f: acts.fit, g: acts.fitTrail, t: acts.tables, r: acts.nextRule, c: acts.copy,
    n: () => acts.round(true), p: () => acts.round(false),
  };
  const act = by[key] ?? by[key.toLowerCase()];
  if (act) act();
  return Boolean(act);
}
