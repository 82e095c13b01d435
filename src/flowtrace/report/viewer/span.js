/** The slider of time: two ends, and how many payments there were when. */
import { button, make } from "./elements.js";
import { utc } from "./text.js";

const STEPS = 400;

export function span(flow, { changed, colours }) {
  const { first, last } = flow;
  const length = Math.max(last - first, 1);
  const at = (step) => (step >= STEPS ? last : first + Math.floor((length * step) / STEPS));
  const end = (words, value) =>
    make("input", { type: "range", min: "0", max: String(STEPS), value: String(value), "aria-label": words });
  const [from, to] = [end("Show payments from", 0), end("Show payments until", STEPS)];
  const words = make("output", { class: "number" });
  const canvas = make("canvas", { "aria-hidden": "true", class: "histogram" });
  const show = (isChanged) => {
    if (Number(from.value) > Number(to.value)) {
      if (document.activeElement === from) to.value = from.value;
      else from.value = to.value;
    }
    const [a, b] = [at(Number(from.value)), at(Number(to.value))];
    for (const [input, time] of [[from, a], [to, b]]) input.setAttribute("aria-valuetext", utc(time));
    words.textContent = `${utc(a)} – ${utc(b)}`;
    if (isChanged) changed({ from: a, to: b });
    draw();
  };
  const draw = () => {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    [canvas.width, canvas.height] = [width, height];
    const bars = new Array(100).fill(0);
    for (const hop of flow.data.hops) bars[Math.min(99, Math.floor(((hop.time - first) * 100) / length))] += 1;
    const most = Math.max(...bars, 1);
    const ctx = canvas.getContext("2d");
    const look = colours();
    bars.forEach((count, n) => {
      const [a, b] = [(n / 100) * STEPS, ((n + 1) / 100) * STEPS];
      const isIn = b > Number(from.value) && a <= Number(to.value);
      ctx.fillStyle = isIn ? look.focus : look.lane_edge;
      const tall = count ? Math.max(2, Math.sqrt(count / most) * height) : 0;
      ctx.fillRect((n * width) / 100, height - tall, Math.max(1, width / 100 - 1), tall);
    });
  };
  for (const input of [from, to]) input.addEventListener("input", () => show(true));
  const whole = button("All time", () => {
    [from.value, to.value] = ["0", String(STEPS)];
    show(true);
  });
  show(false);
  const box = make("div", { class: "span", role: "group", "aria-label": "Time" },
    make("div", { class: "ends" }, canvas, from, to), words, whole);
  return { box, draw };
}
