/** Tables that are real tables: sortable by their heads, long ones by the page. */
import { button, make } from "./elements.js";

function compared(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Make a table. A column has `head`, `cell` (row to text or element), and `key` (row to a text, Number or BigInt
 * to sort by) where it can be sorted.
 */
export function table({ caption, columns, rows, size = 200, className = "" }) {
  const state = { rows: [...rows], page: 0, column: -1, isDown: false };
  const body = make("tbody");
  const status = make("span", { role: "status" });
  const heads = columns.map((column, n) => {
    const inside = column.key ? button(column.head, () => sort(n)) : column.head;
    return make("th", { scope: "col", class: column.className }, inside);
  });
  const pages = () => Math.max(1, Math.ceil(state.rows.length / size));
  const turn = (step) => {
    state.page = Math.min(pages() - 1, Math.max(0, state.page + step));
    show();
  };
  const [back, on] = [button("Previous", () => turn(-1)), button("Next", () => turn(1))];
  const sort = (n) => {
    state.isDown = state.column === n ? !state.isDown : false;
    state.column = n;
    const { key } = columns[n];
    const keyed = rows.map((row) => [key(row), row]);
    keyed.sort((a, b) => compared(a[0], b[0]) * (state.isDown ? -1 : 1));
    state.rows = keyed.map(([, row]) => row);
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[n].setAttribute("aria-sort", state.isDown ? "descending" : "ascending");
    state.page = 0;
    show();
  };
  const show = () => {
    const from = state.page * size;
    const part = state.rows.slice(from, from + size);
    body.replaceChildren(
      ...part.map((row) => make("tr", {}, columns.map((column) =>
        make("td", { class: column.className }, column.cell(row))))),
    );
    status.textContent = `Rows ${part.length ? from + 1 : 0} to ${from + part.length} of ${state.rows.length}`;
    back.disabled = state.page === 0;
    on.disabled = state.page >= pages() - 1;
  };
  show();
  const whole = make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body);
  const steps = rows.length > size ? [make("div", { class: "pages" }, back, status, on)] : [];
  const region = { class: `scroll ${className}`, tabindex: "0", role: "region", "aria-label": caption };
  return make("div", region, ...steps, whole);
}
