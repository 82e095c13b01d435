/** Text on the drawing: faces, grounds, widths. */

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
export const MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/** Write a text on a ground of its own; return its box. */
export function pill(ctx, text, [x, y], { look, font, colour = look.ink }) {
  ctx.font = font;
  const width = ctx.measureText(text).width + 8;
  ctx.globalAlpha *= 0.88;
  ctx.fillStyle = look.ground;
  ctx.fillRect(x, y, width, 16);
  ctx.globalAlpha = Math.min(1, ctx.globalAlpha / 0.88);
  ctx.fillStyle = colour;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillText(text, x + 4, y + 8.5);
  return [x, y, x + width, y + 16];
}

const FITTED = new Map();

/** Shorten a text to a width, once for each text and font. */
export function fitted(ctx, text, room) {
  const key = `${ctx.font}|${room}|${text}`;
  if (!FITTED.has(key)) {
    let shown = text;
    while (shown.length > 1 && ctx.measureText(shown).width > room) shown = `${shown.slice(0, -2).trimEnd()}…`;
    FITTED.set(key, shown);
  }
  return FITTED.get(key);
}
