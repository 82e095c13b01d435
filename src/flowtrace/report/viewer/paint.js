/** The drawing: lanes, lines, cards. What is out of sight is not drawn, what cannot be read is not written. */
import { under } from "./text.js";
import { isWithin } from "./geometry.js";
import { FONT, MONO, fitted, pill } from "./ink.js";
import { writeLabels } from "./labels.js";

const [CURVED, SHAPED, NAMED, WRITTEN] = [0.12, 0.1, 0.34, 0.62];
const WIDTHS = [1, 1.7, 2.6, 3.8];
const PATHS = new WeakMap();

/** Turn commands into a path, once. */
export function pathOf(commands) {
  if (!PATHS.has(commands)) {
    const path = new Path2D();
    for (let i = 0; i < commands.length; i += 1) {
      const [code, x, y] = commands[i];
      if (code === "M") path.moveTo(x, y);
      else if (code === "L") path.lineTo(x, y);
      else if (code === "Z") path.closePath();
      else {
        path.bezierCurveTo(x, y, commands[i + 1][1], commands[i + 1][2], commands[i + 2][1], commands[i + 2][2]);
        i += 2;
      }
    }
    PATHS.set(commands, path);
  }
  return PATHS.get(commands);
}

/** Draw a scene: `flow`, `camera`, `theme` ("light" or "dark"), `trail`, `node`, `edge`, `hover`. */
export function paint(ctx, scene) {
  const { camera, flow } = scene;
  const look = flow.data.looks[scene.theme];
  ctx.fillStyle = look.ground;
  ctx.fillRect(0, 0, camera.width, camera.height);
  drawLanes(ctx, scene, look);
  ctx.save();
  ctx.scale(camera.z, camera.z);
  ctx.translate(-camera.x, -camera.y);
  drawEdges(ctx, scene, look);
  const seen = drawCards(ctx, scene, look);
  ctx.restore();
  writeLabels(ctx, scene, { look, seen, isWritten: camera.z >= NAMED });
  drawHeads(ctx, scene, look);
}

function drawLanes(ctx, { camera, flow }, look) {
  for (const lane of flow.data.lanes) {
    const top = camera.toScreen(0, lane.span[0])[1];
    const bottom = camera.toScreen(0, lane.span[1])[1];
    ctx.fillStyle = look.lane;
    ctx.fillRect(0, top, camera.width, bottom - top);
    ctx.strokeStyle = look.lane_edge;
    ctx.lineWidth = 1;
    ctx.strokeRect(-2, top, camera.width + 4, bottom - top);
  }
}

/** Name lanes and hops at the edges of the sight, over everything else. */
function drawHeads(ctx, { camera, flow }, look) {
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const lane of flow.data.lanes) {
    const top = camera.toScreen(0, lane.span[0])[1];
    const bottom = camera.toScreen(0, lane.span[1])[1];
    if (bottom < 44 || top > camera.height) continue;
    pill(ctx, lane.title, [8, Math.min(Math.max(top + 4, 28), bottom - 20)], { look, font: `600 12px ${FONT}` });
  }
  let free = 0;
  ctx.fillStyle = look.lane_head;
  ctx.fillRect(0, 0, camera.width, 22);
  ctx.font = `12px ${FONT}`;
  ctx.fillStyle = look.quiet;
  for (const column of flow.data.columns) {
    const middle = camera.toScreen((column.span[0] + column.span[1]) / 2, 0)[0];
    const left = middle - ctx.measureText(column.words).width / 2;
    if (left < free || middle > camera.width) continue;
    ctx.fillText(column.words, left, 11);
    free = middle + (middle - left) + 14;
  }
}

/** Lines of the same look are drawn in one stroke: a thousand strokes cost more than a thousand curves. */
function drawEdges(ctx, scene, look) {
  const { camera, flow, trail } = scene;
  const { edges } = flow.data;
  const sight = camera.sight();
  const lots = new Map();
  edges.forEach((edge, n) => {
    const way = flow.ways[n];
    if (!flow.edgeOn[n] || !isWithin(way, sight)) return;
    const state = n === scene.edge ? 3 : trail ? (trail.edges[n] > 0.0005 ? 2 : 0) : touches(scene, edge) ? 2 : 1;
    const width = state === 2 && trail ? bin(trail.edges[n] * 100) : bin(edge.w);
    const key = `${state}${width}${edge.cls}`;
    if (!lots.has(key)) lots.set(key, { state, width, cls: edge.cls, ways: [] });
    lots.get(key).ways.push(way);
  });
  for (const [, lot] of [...lots].sort(([a], [b]) => (a < b ? -1 : 1))) strokeLot(ctx, lot, { scene, look });
}

function touches({ node, hover }, edge) {
  return [node, hover].some((n) => n >= 0 && (edge.s === n || edge.t === n));
}

function bin(weight) {
  return weight >= 70 ? 3 : weight >= 35 ? 2 : weight >= 12 ? 1 : 0;
}

function strokeLot(ctx, { state, width, cls, ways }, { scene, look }) {
  const { z } = scene.camera;
  const dashes = scene.flow.data.classes.find((one) => one.id === cls)?.dashes ?? [];
  ctx.strokeStyle = state === 2 ? look.trail : state === 3 ? look.focus : look.line;
  ctx.fillStyle = ctx.strokeStyle;
  ctx.globalAlpha = [0.12, z < 0.2 ? 0.35 : 0.7, 0.95, 1][state];
  const least = state === 3 ? 3 : 0.6 + 0.3 * width;
  ctx.lineWidth = Math.max(WIDTHS[width], least / z);
  ctx.setLineDash(dashes.map((dash) => dash * Math.max(1.4, 0.8 / z)));
  for (let from = 0; from < ways.length; from += 300) {
    ctx.beginPath();
    for (const [x0, y0, x1, y1, x2, y2, x3, y3] of ways.slice(from, from + 300)) {
      ctx.moveTo(x0, y0);
      if (z < CURVED) ctx.lineTo(x3, y3);
      else ctx.bezierCurveTo(x1, y1, x2, y2, x3 - 4, y3);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
  if (z >= 0.3) drawTips(ctx, ways, 7 + ctx.lineWidth);
  ctx.globalAlpha = 1;
}

function drawTips(ctx, ways, size) {
  ctx.beginPath();
  for (const way of ways) {
    const [x, y] = [way[6], way[7]];
    const [dx, dy] = Math.abs(way[6] - way[4]) > 1 ? [1, 0] : [0, -1];
    const back = [x - dx * size, y - dy * size];
    ctx.moveTo(x, y);
    ctx.lineTo(back[0] - dy * size * 0.5, back[1] - dx * size * 0.5);
    ctx.lineTo(back[0] + dy * size * 0.5, back[1] + dx * size * 0.5);
    ctx.closePath();
  }
  ctx.fill();
}

function drawCards(ctx, scene, look) {
  const { camera, flow, trail, theme } = scene;
  const { nodes, kinds, card } = flow.data;
  const [left, top, right, bottom] = camera.sight();
  const owner = scene.hover >= 0 ? nodes[scene.hover].owner : -1;
  const seen = [];
  nodes.forEach((node, n) => {
    const [x, y] = node.at;
    if (!flow.nodeOn[n] || x > right || y > bottom || x + card[0] < left || y + card[1] < top) return;
    seen.push(n);
    const kind = kinds[node.k];
    ctx.globalAlpha = trail && trail.nodes[n] < 0.0005 ? 0.25 : 1;
    if (camera.z < SHAPED && n !== scene.node && n !== scene.hover && owner < 0) {
      ctx.fillStyle = node.entity ? kind[theme].stroke : look.lane_edge;
      ctx.fillRect(x, y, card[0], card[1]);
      return;
    }
    ctx.save();
    ctx.translate(x, y);
    drawCard(ctx, kind, { theme, look, frozen: node.frozen.length > 0 });
    if (owner >= 0 && node.owner === owner && n !== scene.hover) ring(ctx, card, [look.quiet, 2 / camera.z, 3]);
    if (n === scene.hover) ring(ctx, card, [look.quiet, 1.5 / camera.z, 3]);
    if (n === scene.node) ring(ctx, card, [look.focus, Math.max(3, 2.5 / camera.z), 5]);
    if (camera.z >= WRITTEN) writeCard(ctx, node, { kind, look, card, flow });
    else if (camera.z >= NAMED) nameCard(ctx, node, { kind, look, card, flow, z: camera.z });
    if (node.listed) flag(ctx, node.listed, { look, width: card[0], z: camera.z });
    ctx.restore();
  });
  ctx.globalAlpha = 1;
  return seen;
}

function drawCard(ctx, kind, { theme, look, frozen }) {
  const { stroke, fill } = kind[theme];
  const path = pathOf(kind.outline);
  ctx.fillStyle = look.ground;
  ctx.fill(path);
  ctx.fillStyle = fill;
  ctx.fill(path);
  if (frozen) hatch(ctx, path, look.frozen);
  ctx.strokeStyle = frozen ? look.frozen : stroke;
  ctx.lineWidth = frozen ? 3 : kind.width * 1.2;
  ctx.setLineDash(kind.dashes.map((dash) => dash * 1.4));
  ctx.stroke(path);
  ctx.setLineDash([]);
  ctx.lineWidth = kind.width * 0.85;
  if (kind.inner.length) ctx.stroke(pathOf(kind.inner));
}

/** Whom an authority lists bears a flag at the corner, with the list's date. */
function flag(ctx, words, { look, width, z }) {
  const size = z >= WRITTEN ? 1 : Math.min(6, 0.7 / z);
  ctx.save();
  ctx.translate(width, 0);
  ctx.scale(size, size);
  ctx.font = `600 9.5px ${FONT}`;
  const text = z >= WRITTEN ? words : "";
  const long = text ? ctx.measureText(text).width + 8 : 8;
  ctx.fillStyle = look.listed;
  ctx.fillRect(-long, text ? -11 : -5, long, text ? 12 : 9);
  ctx.fillStyle = look.ground;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, 4 - long, -4.5);
  ctx.restore();
}

/** What its issuer keeps from moving is hatched: the reader's point of action. */
function hatch(ctx, path, colour) {
  ctx.save();
  ctx.clip(path);
  ctx.strokeStyle = colour;
  ctx.globalAlpha *= 0.3;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = -60; x < 260; x += 8) {
    ctx.moveTo(x, 60);
    ctx.lineTo(x + 60, 0);
  }
  ctx.stroke();
  ctx.restore();
}

function ring(ctx, [width, height], [colour, line, out]) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = line;
  ctx.strokeRect(-out, -out, width + 2 * out, height + 2 * out);
}

function writeCard(ctx, node, { kind, look, card, flow }) {
  const room = card[0] - 2 * kind.inset - 8;
  const share = node.came.length ? `${(under(node.share, flow.rule) / 10000).toFixed(1)} %` : "";
  const lines = [
    [node.t, `600 12.5px ${FONT}`, look.ink],
    [node.short, `11px ${MONO}`, look.quiet],
    [share ? `${node.line} · ${share}` : node.line, `11px ${FONT}`, look.ink],
  ];
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  lines.forEach(([text, font, colour], i) => {
    ctx.font = font;
    ctx.fillStyle = colour;
    ctx.fillText(fitted(ctx, text, room), card[0] / 2, kind.crown / 2 + 13 + i * 15.5);
  });
}

/** On a small card: what it is, the end of its address and its share, in letters that keep their size. */
function nameCard(ctx, node, { kind, look, card, flow, z }) {
  const share = node.came.length ? ` · ${(under(node.share, flow.rule) / 10000).toFixed(1)} %` : "";
  ctx.save();
  ctx.scale(1 / z, 1 / z);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = look.ink;
  const room = (card[0] - kind.inset) * z - 2;
  const middle = ((card[1] + kind.crown) * z) / 2;
  ctx.font = `9.5px ${FONT}`;
  ctx.fillText(fitted(ctx, node.t, room), (card[0] * z) / 2, middle - 5);
  ctx.font = `9px ${FONT}`;
  ctx.fillText(fitted(ctx, `…${node.a.slice(-4)}${share}`, room), (card[0] * z) / 2, middle + 6);
  ctx.restore();
}
