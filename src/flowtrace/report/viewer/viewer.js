/**
 * The viewer of a flow. It takes a plain data object (see data.py) and an element to live in; it asks nobody for
 * anything, so a page from a disk and a server's page show it alike.
 */
import { Camera } from "./camera.js";
import { controls } from "./controls.js";
import { showCase, showEdge, showNode } from "./details.js";
import { copy, make } from "./elements.js";
import { finder } from "./finder.js";
import { Flow } from "./flow.js";
import { around, edgeAt, nodeAt } from "./geometry.js";
import { help, isTaken, pressed } from "./keys.js";
import { legend } from "./legend.js";
import { paint } from "./paint.js";
import { pointed } from "./pointer.js";
import { span } from "./span.js";
import { twin } from "./tables.js";
import { percent, shortened } from "./text.js";
import { trailTo } from "./trail.js";

const [READABLE, OPENING] = [0.75, 0.5];

export class Viewer {
  constructor(host, data, { hash = "" } = {}) {
    Object.assign(this, { host, data, flow: new Flow(data), camera: new Camera() });
    Object.assign(this, { node: -1, edge: -1, hover: -1, trail: null, turn: -1, isWaiting: false });
    this.asked = "auto";
    this.build(hash);
    this.listen();
    this.retheme();
    this.resize();
    this.begin();
    this.tell();
    showCase(this.pane, this.flow, this.acts());
  }

  build(hash) {
    const { data, flow, host } = this;
    const acts = this.acts();
    this.canvas = make("canvas", {
      class: "drawing", tabindex: "0", role: "application", "aria-roledescription": "flow diagram",
      "aria-label": `Flow of ${data.case.title}: ${data.nodes.length} addresses, ${data.hops.length} payments. ${
        "Arrow keys walk along payments, question mark lists all keys, T shows tables."}`,
    });
    this.live = make("div", { class: "aside", role: "status", "aria-live": "polite" });
    this.count = make("span", { class: "count", role: "status" });
    this.pane = make("section", { class: "pane", "aria-label": "Details", tabindex: "-1" });
    this.twinBox = make("section", { class: "twinbox", "aria-label": "Tables", hidden: true, tabindex: "-1" });
    this.legend = legend(data);
    this.finder = finder(flow, acts);
    this.span = span(flow, { changed: (window) => this.filter(window), colours: () => this.look() });
    this.controls = controls(data, acts);
    const footer = `${data.case.footer} · data SHA-256 ${hash.slice(0, 16) || "not stated"} · ${data.case.sharing}`;
    this.help = help(`Case digest ${data.case.digest} · data SHA-256 ${hash}`);
    host.classList.add("flowview");
    host.replaceChildren(
      make("a", { class: "skip", href: "#tables", on: { click: (event) => this.skip(event) } }, "Skip to the tables"),
      make("header", {}, make("h1", { title: data.case.finding }, data.case.title), this.finder.box, this.controls.box),
      make("main", {}, make("div", { class: "stage" }, this.canvas, this.legend.box), this.twinBox, this.pane),
      make("div", { class: "bar" }, this.span.box, this.count),
      make("footer", { title: `${data.case.footer} · data SHA-256 ${hash}` }, footer),
      this.live, this.help,
    );
  }

  /** What parts of the page, the keyboard and the mouse may ask for. */
  acts() {
    return {
      canvas: this.canvas,
      select: (n, isSeen) => this.select(n, isSeen),
      detail: (n) => this.detail(n),
      selectEdge: (n) => this.selectEdge(n),
      say: (words) => this.say(words),
      focus: () => this.canvas.focus(),
      along: (isForward) => this.go(this.flow.along(this.node, isForward), "no payment shown on that side"),
      beside: (step) => this.go(this.flow.beside(this.node, step), "nothing further there"),
      round: (isOut) => this.round(isOut),
      home: () => this.go(this.flow.start(), "nothing shown"),
      open: () => this.pane.querySelector("h2")?.focus(),
      pan: (dx, dy) => this.move(() => this.camera.pan(dx, dy)),
      zoom: (factor) => this.move(() => this.camera.zoomAt(factor, this.camera.width / 2, this.camera.height / 2)),
      fit: () => this.fit(),
      fitTrail: () => this.fit(this.trail?.nodes.map((part) => (part >= 0.0005 ? 1 : 0))),
      search: () => this.finder.field.focus(),
      help: () => this.help.showModal(),
      clear: () => this.clear(),
      tables: () => this.showTables(this.twinBox.hidden),
      nextRule: () => this.setRule((this.flow.rule + 1) % this.data.rules.length),
      setRule: (rule) => this.setRule(rule),
      filter: (change) => this.filter(change),
      theme: (asked) => this.retheme(asked),
      copy: () => this.copyChosen(),
      hit: (x, y) => this.hit(x, y),
      hovered: (n) => this.hovered(n),
      move: (change) => this.move(change),
    };
  }

  listen() {
    document.addEventListener("keydown", (event) => {
      if (event.target !== document.body && !this.host.contains(event.target)) return;
      const isEscape = event.key === "Escape" && !this.help.open;
      if ((isTaken(event) && !isEscape) || !pressed(event, this.acts())) return;
      event.preventDefault();
    });
    pointed(this.canvas, this.camera, this.acts());
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.retheme());
    matchMedia("print").addEventListener("change", () => this.retheme());
  }

  look() {
    return this.data.looks[this.theme];
  }

  /** Take on the asked colours; `auto` follows the system, paper is light. */
  retheme(asked = this.asked) {
    this.asked = asked;
    const isDark = asked === "dark" || (asked === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    this.theme = isDark && !matchMedia("print").matches ? "dark" : "light";
    this.host.dataset.theme = this.theme;
    for (const [name, colour] of Object.entries(this.look())) this.host.style.setProperty(`--${name}`, colour);
    this.legend.redraw(this.theme);
    this.span.draw();
    this.paintNow();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width || !height) return;
    [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const wasEmpty = this.camera.width <= 1;
    [this.camera.width, this.camera.height] = [width, height];
    if (wasEmpty || this.isFitted) this.fit();
    this.span.draw();
    this.paintNow();
  }

  paintNow() {
    const ctx = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(ctx, this);
  }

  /** Draw before the next frame, once for however many changes. */
  draw() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paintNow();
    });
  }

  move(change) {
    this.isFitted = false;
    change();
    this.draw();
  }

  fit(chosen = null) {
    this.camera.fit(around(this.flow, chosen));
    this.isFitted = !chosen;
    this.draw();
  }

  /** Show the whole flow; of a long thin one its beginning, large enough to read. */
  begin() {
    this.fit();
    const [left, top, right, bottom] = around(this.flow);
    const isThin = (bottom - top) * OPENING < this.camera.height - 60;
    if (this.camera.z >= OPENING || !isThin) return;
    this.camera.fit([left, top, Math.min(right, left + (this.camera.width - 50) / OPENING), bottom], OPENING);
    this.isFitted = false;
    this.draw();
  }

  hit(px, py) {
    const [x, y] = this.camera.toWorld(px, py);
    const node = nodeAt(this.flow, x, y);
    return node >= 0 ? { node, edge: -1 } : { node, edge: edgeAt(this.flow, x, y, 7 / this.camera.z) };
  }

  hovered(n) {
    if (n === this.hover) return;
    this.hover = n;
    this.canvas.title = n >= 0 ? `${this.data.nodes[n].t}\n${this.data.nodes[n].a}\n${this.data.nodes[n].line}` : "";
    this.draw();
  }

  select(n, isSeen = false) {
    if (n < 0) return this.clear();
    const { flow, data } = this;
    if (!flow.nodeOn[n]) this.say("This address is hidden by the filters");
    Object.assign(this, { node: n, edge: -1, turn: -1, trail: trailTo(data, n, flow.rule) });
    if (!this.trail.strand.length) this.trail = null;
    if (isSeen) {
      this.showTables(false);
      this.move(() => this.camera.reveal(data.nodes[n].at, data.card, READABLE));
    }
    this.refresh();
    const node = data.nodes[n];
    this.say(`${node.t}, ${node.a}, ${node.line}, ${percent(flow.share(n))} under ${data.rules[flow.rule].words}`);
    return n;
  }

  /** Choose an address without leaving the tables. */
  detail(n) {
    this.select(n);
    this.pane.querySelector("h2").focus();
  }

  selectEdge(n) {
    const { flow, data } = this;
    const edge = data.edges[n];
    Object.assign(this, { node: -1, edge: n, trail: null });
    this.showTables(false);
    this.refresh();
    this.say(`${edge.words} in ${edge.h.length} payments, from ${data.nodes[edge.s].t} to ${data.nodes[edge.t].t}${
      flow.edgeOn[n] ? "" : ", hidden by the filters"}`);
  }

  go(n, words) {
    if (this.node < 0) this.select(this.flow.start(), true);
    else if (n < 0) this.say(words);
    else this.select(n, true);
  }

  /** Choose the address at the next payment out of, or into, the one last chosen by another key. */
  round(isOut) {
    if (this.node < 0) return this.go(-1, "");
    const list = (isOut ? this.flow.edgesOut : this.flow.edgesIn)[this.from ?? this.node].filter((e) => this.flow.edgeOn[e]);
    return list.length ? this.step(list, isOut) : this.say("no payment shown on that side");
  }

  step(list, isOut) {
    const turn = this.turned === isOut ? (this.turn + 1) % list.length : 0;
    const origin = this.from ?? this.node;
    this.select(this.data.edges[list[turn]][isOut ? "t" : "s"], true);
    Object.assign(this, { turn, turned: isOut, from: origin });
    this.say(`${turn + 1} of ${list.length}: ${this.data.nodes[this.node].t} ${shortened(this.data.nodes[this.node].a)}`);
  }

  refresh() {
    this.from = undefined;
    this.host.classList.toggle("chosen", this.node >= 0 || this.edge >= 0);
    const acts = this.acts();
    if (this.node >= 0) showNode(this.pane, this.flow, this.node, { trail: this.trail, acts });
    else if (this.edge >= 0) showEdge(this.pane, this.flow, this.edge, { acts });
    else showCase(this.pane, this.flow, acts);
    this.pane.scrollTop = 0;
    this.draw();
  }

  clear() {
    if (!this.twinBox.hidden) this.showTables(false);
    Object.assign(this, { node: -1, edge: -1, trail: null });
    this.refresh();
    this.canvas.focus();
  }

  setRule(rule) {
    this.flow.rule = rule;
    this.controls.showRule(rule);
    this.say(`Rule: ${this.data.rules[rule].words}`);
    if (this.node >= 0) this.trail = trailTo(this.data, this.node, rule);
    if (!this.trail?.strand.length) this.trail = null;
    this.filter({});
    this.refresh();
  }

  filter(change) {
    this.flow.apply(change);
    this.tell();
    if (this.edge >= 0) showEdge(this.pane, this.flow, this.edge, { acts: this.acts() });
    if (!this.twinBox.hidden) this.twinBox.replaceChildren(twin(this.flow, this.acts()));
    this.draw();
  }

  showTables(isShown) {
    if (isShown) this.twinBox.replaceChildren(twin(this.flow, this.acts()));
    else if (this.twinBox.hidden) return;
    this.twinBox.hidden = !isShown;
    this.host.classList.toggle("tabular", isShown);
    this.canvas.parentElement.hidden = isShown;
    this.controls.showTables(isShown);
    (isShown ? this.twinBox : this.canvas).focus();
    if (!isShown) this.resize();
  }

  skip(event) {
    event.preventDefault();
    this.showTables(true);
  }

  async copyChosen() {
    const hops = this.edge >= 0 ? this.data.edges[this.edge].h : [];
    const text = this.node >= 0 ? this.data.nodes[this.node].a : hops.length === 1 ? this.data.hops[hops[0]].tx : "";
    if (!text) return this.say("Choose an address or a single payment first");
    return this.say((await copy(text)) ? `Copied ${text}` : "Could not be copied");
  }

  say(words) {
    this.live.textContent = words;
  }

  /** Keep on screen what is shown and what is hidden: nothing may be missing unsaid. */
  tell() {
    const { shown, isFiltered } = this.flow;
    const { nodes, hops, edges } = this.data;
    const hidden = isFiltered ? `; hidden by filters: ${nodes.length - shown.nodes} and ${hops.length - shown.hops}` : "";
    const undrawn = hops.filter((hop) => hop.e < 0).length;
    const fees = undrawn ? `; ${undrawn} of them to no address, not drawn` : "";
    this.count.textContent = `${shown.nodes} addresses, ${shown.hops} payments in ${shown.edges} of ${
      edges.length} lines${fees}${hidden}`;
  }
}

/** Show a flow in an element. */
export function start(host, data, options) {
  return new Viewer(host, data, options);
}
