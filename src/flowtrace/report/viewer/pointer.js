/** The mouse and the finger on the drawing. */

const STILL = 4;

export function pointed(canvas, camera, acts) {
  const down = new Map();
  let moved = 0;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!down.size) moved = 0;
    down.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = down.get(event.pointerId);
    if (!before) {
      const { node, edge } = acts.hit(...now);
      canvas.classList.toggle("over", node >= 0 || edge >= 0);
      acts.hovered(node);
      return;
    }
    moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    if (moved <= STILL) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(other, before, now);
    else acts.move(() => camera.pan(now[0] - before[0], now[1] - before[1]));
    down.set(event.pointerId, now);
  });
  const pinch = (other, before, now) => {
    const far = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
    acts.move(() => camera.zoomAt(far(now) / far(before), ...other));
  };
  canvas.addEventListener("pointerup", (event) => {
    const isClick = down.delete(event.pointerId) && moved <= STILL;
    if (!isClick) return;
    const { node, edge } = acts.hit(...place(event));
    if (node >= 0) acts.select(node);
    else if (edge >= 0) acts.selectEdge(edge);
    else acts.clear();
  });
  canvas.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => acts.hovered(-1));
  canvas.addEventListener("dblclick", (event) => acts.move(() => camera.zoomAt(1.8, ...place(event))));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const step = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
    acts.move(() => camera.zoomAt(Math.exp(-step * 0.0016), ...place(event)));
  }, { passive: false });
}
