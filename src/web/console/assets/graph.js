// The flow as a picture. Steps are elements with the id `step-NAME`, edges have data-from, data-to and data-on: whoever
// draws it, `light` finds them. The server's picture (`graph.svg`) is the one of `hookswitch graph`; a flow that is too
// large for one is drawn here, plainly.

const SVG = "http://www.w3.org/2000/svg";
const HIGH = 34;
const ROW = 82;
const GAP = 26;

/** Puts the picture of a flow in place. */
export function show(place, graph) {
  place.replaceChildren(graph.svg ? parse(graph.svg) : draw(graph));
}

// The picture's own style, as a sheet of this page: inline styles are not let in.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);

function parse(text) {
  const styles = [];
  const bare = text.replace(/<style>([^]*?)<\/style>/g, (_, style) => (styles.push(style), ""));
  sheet.replaceSync(styles.join("\n"));
  const svg = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement;
  for (const element of svg.querySelectorAll("script, style, foreignObject")) element.remove();
  return document.importNode(svg, true);
}

/** Lights the step where the call is, the steps where it has been, and the ways that it took. */
export function light(place, { here, been, taken }) {
  for (const step of place.querySelectorAll("[id^='step-']")) {
    const name = step.id.slice("step-".length);
    step.classList.toggle("here", name === here);
    step.classList.toggle("been", been.has(name) && name !== here);
    if (name === here) step.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  for (const edge of place.querySelectorAll("[data-from][data-to]")) {
    const way = JSON.stringify([edge.dataset.from, edge.dataset.to]);
    edge.classList.toggle("taken", taken.has(way));
    if (taken.has(way)) edge.parentNode.append(edge);
  }
}

function element(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** What stands at an edge: keys without their prefix, nothing for what follows by itself. */
function label(ons) {
  const words = ons.map((on) => on.replace(/^(keys|on|give_up)\./, "").replace("_", " ")).filter((on) => on !== "next");
  return [...new Set(words)].join(", ");
}

function draw(graph) {
  const edges = merge(graph.edges);
  const names = [...graph.steps.map((step) => step.name)];
  if (edges.some((edge) => edge.to === "hangup")) names.push("hangup");
  const back = backward(graph.start, names, edges);
  const rows = layers(graph.start, names, edges.filter((edge) => !back.has(edge)));
  const { at, width, height } = places(rows, edges, back);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `The steps of ${graph.flow}` });
  svg.append(element("defs", {}, marker()));
  const layer = element("g", {});
  for (const edge of edges) layer.append(drawEdge(edge, at, back.has(edge), width));
  svg.append(layer);
  const steps = new Map(graph.steps.map((step) => [step.name, step]));
  for (const name of names) svg.append(drawNode(name, steps.get(name), at.get(name), graph));
  return svg;
}

function marker() {
  const attributes = { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 6, markerHeight: 6, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" };
  return element("marker", attributes, element("path", { d: "M0 0.5 8 4 0 7.5z" }));
}

/** One edge for all ways between the same two steps. */
function merge(edges) {
  const merged = new Map();
  for (const { from, to, on } of edges) {
    if (from === to) continue;
    const key = JSON.stringify([from, to]);
    if (!merged.has(key)) merged.set(key, { from, to, ons: [] });
    merged.get(key).ons.push(on);
  }
  return [...merged.values()];
}

/** The edges that lead back to where a call has been. */
function backward(start, names, edges) {
  const back = new Set();
  const state = new Map();
  const visit = (name) => {
    state.set(name, "open");
    for (const edge of edges.filter((edge) => edge.from === name)) {
      if (state.get(edge.to) === "open") back.add(edge);
      else if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(name, "done");
  };
  for (const name of [start, ...names]) if (!state.has(name)) visit(name);
  return back;
}

/** Rows from top to bottom: each step below all that lead to it. */
function layers(start, names, edges) {
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    for (const { from, to } of edges) depth.set(to, Math.max(depth.get(to), depth.get(from) + 1));
  }
  // What nothing leads to stands just above what it leads to, not beside the start.
  for (const name of names) {
    const leads = edges.filter((edge) => edge.from === name).map((edge) => depth.get(edge.to) - 1);
    const led = edges.some((edge) => edge.to === name);
    if (!led && name !== start && leads.length > 0) depth.set(name, Math.min(...leads));
  }
  if (depth.has("hangup")) depth.set("hangup", Math.max(...depth.values()));
  const rows = [];
  for (const name of names) (rows[depth.get(name)] ??= []).push(name);
  return rows.filter(Boolean);
}

function breadth(name) {
  return Math.max(72, name.length * 7.6 + 26);
}

function places(rows, edges, back) {
  const at = new Map();
  const forward = edges.filter((edge) => !back.has(edge));
  const wide = (row) => row.reduce((sum, name) => sum + breadth(name) + GAP, -GAP);
  const width = Math.max(360, ...rows.map(wide)) + 90;
  rows.forEach((row, depth) => {
    const pull = (name) => {
      const from = forward.filter((edge) => edge.to === name && at.has(edge.from)).map((edge) => at.get(edge.from).x);
      return from.length > 0 ? from.reduce((sum, x) => sum + x, 0) / from.length : width;
    };
    const sorted = row.map((name) => ({ name, x: pull(name) })).sort((one, other) => one.x - other.x);
    let x = (width - wide(row)) / 2;
    // A row of one stands below what leads to it.
    if (row.length === 1 && sorted[0].x < width) x = Math.min(Math.max(sorted[0].x - breadth(row[0]) / 2, 30), width - breadth(row[0]) - 30);
    for (const { name } of sorted) {
      at.set(name, { x: x + breadth(name) / 2, y: 26 + depth * ROW, half: breadth(name) / 2 });
      x += breadth(name) + GAP;
    }
  });
  return { at, width, height: rows.length * ROW - ROW + HIGH + 36 };
}

function drawNode(name, step, { x, y, half }, graph) {
  const kind = !step ? "quiet" : step.asks ? "asks" : "does";
  const group = element("g", { class: `node ${kind}`, id: `step-${name}` });
  group.append(element("rect", { x: x - half, y: y - HIGH / 2, width: half * 2, height: HIGH, rx: step ? 10 : HIGH / 2 }));
  const text = element("text", { x, y });
  text.textContent = name === "hangup" && !step ? "hang up" : name;
  group.append(text);
  const asides = [];
  if (graph.on_hangup === name) asides.push("the caller hangs up");
  if (graph.give_up === name) asides.push("out of attempts");
  if (graph.on_error === name) asides.push("an error");
  if (asides.length > 0) {
    const aside = element("text", { class: "aside", x: x + half + 9, y });
    aside.textContent = asides.join(" · ");
    group.append(aside);
  }
  return group;
}

/** How far a long way bends aside, so that it goes round what stands between. */
function clear(from, to, at) {
  const between = [...at.values()].filter((node) => node.y > from.y && node.y < to.y);
  const middle = (from.x + to.x) / 2;
  const free = (sway) => between.every((node) => Math.abs(middle + sway * 0.75 - node.x) > node.half + 10);
  return [0, -60, 60, -120, 120, -180, 180].find(free) ?? 0;
}

function drawEdge(edge, at, isBack, width) {
  const [from, to] = [at.get(edge.from), at.get(edge.to)];
  const group = element("g", { class: isBack ? "edge back" : "edge", "data-from": edge.from, "data-to": edge.to, "data-on": edge.ons.join(" ") });
  let d;
  let middle;
  if (isBack || to.y <= from.y) {
    const side = from.x + to.x > width ? 1 : -1;
    const [x1, x2] = [from.x + side * from.half, to.x + side * (to.half + 2)];
    const out = side * (46 + Math.abs(from.y - to.y) / 8) + (side > 0 ? Math.max(x1, x2) : Math.min(x1, x2));
    d = `M${x1} ${from.y} C${out} ${from.y} ${out} ${to.y} ${x2} ${to.y}`;
    middle = { x: (x1 + x2) / 8 + out * 0.75, y: (from.y + to.y) / 2 };
  } else {
    const [y1, y2] = [from.y + HIGH / 2, to.y - HIGH / 2 - 2];
    const bend = (y2 - y1) / 2;
    const sway = clear(from, to, at);
    d = `M${from.x} ${y1} C${from.x + sway} ${y1 + bend} ${to.x + sway} ${y2 - bend} ${to.x} ${y2}`;
    middle = { x: (from.x + to.x) / 2 + sway * 0.75, y: (y1 + y2) / 2 };
  }
  group.append(element("path", { d, "marker-end": "url(#arrow)" }));
  const words = label(edge.ons);
  if (words) {
    const text = element("text", middle);
    text.textContent = words;
    group.append(text);
  }
  return group;
}
