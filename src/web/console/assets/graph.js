// The flow as a picture, as `hookswitch graph` draws it. Steps are elements with the id `step-NAME`, ways have data-from
// and data-to: `light` finds them by that.

import { empty } from "./panels.js";

/** Puts the picture of a flow in place, or says why there is none. */
export function show(place, { flow, steps, svg }) {
  if (svg) place.replaceChildren(parse(svg));
  else empty(place, `With ${steps} steps this flow is too large to draw here. In a terminal: hookswitch graph ${flow}`);
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
