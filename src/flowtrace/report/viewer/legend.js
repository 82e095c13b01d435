/** The legend: the same shapes, lines and words as on the drawing. */
import { make } from "./elements.js";
import { pathOf } from "./paint.js";

/** Make the legend; `redraw` paints it again in a theme's colours. */
export function legend(data) {
  const rows = [];
  const drawn = (words, paintKey) => {
    const canvas = make("canvas", { width: "68", height: "44", "aria-hidden": "true" });
    rows.push([canvas, paintKey]);
    return make("li", {}, canvas, words);
  };
  const kinds = data.kinds.map((kind) => drawn(kind.words, (ctx, theme) => {
    ctx.fillStyle = kind[theme].fill;
    ctx.strokeStyle = kind[theme].stroke;
    ctx.lineWidth = kind.width;
    ctx.setLineDash(kind.dashes);
    ctx.fill(pathOf(kind.key));
    ctx.stroke(pathOf(kind.key));
    ctx.setLineDash([]);
    if (kind.key_inner.length) ctx.stroke(pathOf(kind.key_inner));
  }));
  const frozen = !data.nodes.some((node) => node.frozen.length) ? [] : [drawn("frozen by its issuer", (ctx, theme) => {
    ctx.strokeStyle = data.looks[theme].frozen;
    ctx.lineWidth = 2.4;
    ctx.strokeRect(1, 1, 28, 16);
    ctx.lineWidth = 0.8;
    ctx.beginPath();
    for (const x of [-8, 0, 8, 16]) {
      ctx.moveTo(Math.max(x, 1), x < 1 ? 17 + x - 1 : 17);
      ctx.lineTo(Math.min(x + 16, 29), x + 16 > 29 ? x - 12 : 1);
    }
    ctx.stroke();
  })];
  const listed = !data.nodes.some((node) => node.listed) ? [] : [drawn("on a sanctions list", (ctx, theme) => {
    ctx.strokeStyle = data.looks[theme].line;
    ctx.strokeRect(1, 4, 27, 13);
    ctx.fillStyle = data.looks[theme].listed;
    ctx.fillRect(21, 0, 9, 8);
  })];
  const used = new Set(data.edges.map((edge) => edge.cls));
  const lines = data.classes.filter((one) => used.has(one.id)).map((one) =>
    drawn(`${one.id}: ${one.words}`, (ctx, theme) => {
      ctx.strokeStyle = data.looks[theme].line;
      ctx.lineWidth = 1.6;
      ctx.setLineDash(one.dashes);
      ctx.beginPath();
      ctx.moveTo(0, 9);
      ctx.lineTo(30, 9);
      ctx.stroke();
      ctx.setLineDash([]);
    }));
  const box = make("details", { class: "legend", open: matchMedia("(min-width: 861px)").matches }, make("summary", {}, "Legend"),
    make("ul", {}, kinds, frozen, listed, lines));
  const redraw = (theme) => {
    for (const [canvas, paintKey] of rows) {
      const ctx = canvas.getContext("2d");
      ctx.setTransform(2, 0, 0, 2, 0, 0);
      ctx.clearRect(0, 0, 40, 30);
      ctx.translate(2, 2);
      paintKey(ctx, theme);
    }
  };
  return { box, redraw };
}
