// Where calls go: a flow's picture with what real calls took of it, and where they went no further.

import { ask, choice, el, filters, table } from "/console/dom.js";
import { show } from "/console/graph.js";

const PERIODS = { 24: "the last day", 168: "the last week", "": "all that is kept" };
const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "");

/** A line for each step: how many came, which ways they went on by, and how many went no further. */
function steps({ flow, steps, edges }) {
  const line = ({ step, count }) => {
    const ways = edges.filter((edge) => edge.step === step).sort((one, other) => other.count - one.count);
    const lost = Math.max(0, count - ways.reduce((sum, way) => sum + way.count, 0));
    const link = el("a", { href: `#calls?${new URLSearchParams({ flow, step })}`, "aria-label": `Calls at ${step}` }, String(lost));
    return [el("strong", {}, step), String(count), ways.map((way) => `${way.on} ${way.count} (${share(way.count, count)})`).join(", "), lost ? [link, ` (${share(lost, count)})`] : "0"];
  };
  return table("Steps", ["Step", "Came", "Went on by", "Went no further"], [...steps].sort((one, other) => other.count - one.count).map(line));
}

export async function traffic({ query }) {
  const flows = Object.keys((await ask("node")).flows);
  const flow = query.get("flow") ?? flows[0];
  if (!flow) return [el("h2", {}, "Flows"), el("p", { class: "nothing" }, "No flow is in service.")];
  const hours = Number(query.get("hours"));
  const since = hours ? new Date(Date.now() - hours * 3600_000).toISOString() : "";
  const { traffic: counted, picture } = await ask("traffic/picture", { flow, since });
  const drawn = el("div", { class: "drawn graph", tabindex: "0", role: "region", "aria-label": `Picture of ${flow} with what calls took of it` });
  if (picture.svg) show(drawn, picture);
  const given = counted.edges.filter((edge) => edge.step === "").map((edge) => `${edge.on.replaceAll("_", " ")} ${edge.count}`);
  return [
    el("h2", {}, "Flows"),
    filters("traffic", "Show",
      choice(new URLSearchParams({ flow }), "flow", "Flow", flows.map((name) => [name, name])),
      choice(query, "hours", "Calls of", [["", PERIODS[""]], ["24", PERIODS[24]], ["168", PERIODS[168]]])),
    el("p", {}, `${counted.calls} calls came to ${flow}.`, given.length ? ` Out of the ordinary: ${given.join(", ")}.` : ""),
    counted.unknown > 0 && el("p", { class: "hint" }, `${counted.unknown} of them are not counted: the versions that they ran on are no longer kept.`),
    picture.svg ? drawn : el("p", { class: "hint" }, "The flow is too large to be drawn here."),
    counted.steps.length > 0 && el("h3", {}, "Steps"), counted.steps.length > 0 && steps(counted),
    counted.steps.length > 0 && el("p", { class: "hint" }, "Those who went no further gave up, hung up, or are still there."),
  ];
}
