// The list of calls: those that are on, and those that a search finds.

import { ask, choice, el, filters, moment, span, table } from "/console/dom.js";

const LIMIT = 100;
const OUTCOMES = ["in_progress", "completed", "gave_up", "turned_away", "hung_up", "moved", "silent", "failed"];
const PERIODS = { "": "any time", 1: "the last hour", 24: "the last day", 168: "the last week" };
export const words = (name) => name.replaceAll("_", " ");

function search(query, flows) {
  const text = (id, label, mode) => el("div", {}, el("label", { for: id }, label), el("input", { id, name: id, value: query.get(id) ?? "", autocomplete: "off", inputmode: mode }));
  return filters("calls", "Search",
    text("from", "Caller", "tel"), text("to", "Number called", "tel"),
    choice(query, "flow", "Flow", [["", "any"], ...flows.map((flow) => [flow, flow])]),
    choice(query, "outcome", "Outcome", [["", "any"], ...OUTCOMES.map((name) => [name, words(name)])]),
    choice(query, "hours", "Began in", Object.entries(PERIODS)),
    text("step", "Is or ended at step"), text("reached", "Reached milestone"),
    choice(query, "rehearsals", "Rehearsals", [["", "left out"], ["true", "too"]]));
}

export async function calls({ query }) {
  const fields = Object.fromEntries([...query].filter(([name]) => name !== "hours"));
  const period = Number(query.get("hours"));
  if (period) fields.since = new Date(Date.now() - period * 3600_000).toISOString();
  const [{ calls: found }, node] = await Promise.all([ask("calls", { ...fields, limit: LIMIT }), ask("node")]);
  const line = (call) => [
    el("a", { class: "name", href: `#calls/${encodeURIComponent(call.sid)}` }, call.from || call.sid),
    call.to, call.flow,
    el("span", { class: `mark ${call.outcome === "completed" ? "well" : call.outcome === "failed" ? "bad" : ""}` }, words(call.outcome)),
    call.step ?? "", moment(call.began), call.outcome === "in_progress" ? `${span(call.began)}, still` : `${Math.round((new Date(call.last) - new Date(call.began)) / 1000)} s`,
    String(call.turns),
  ];
  return [
    el("h2", {}, query.get("outcome") === "in_progress" ? "Calls that are on" : "Calls"),
    el("div", { class: "bar" }, el("a", { href: "#calls?outcome=in_progress" }, "Those that are on now"), el("a", { href: "#calls" }, "All")),
    search(query, Object.keys(node.flows)),
    found.length ? table("Calls", ["Caller", "Called", "Flow", "Outcome", "Step", "Began", "Lasted", "Turns"], found.map(line)) : el("p", { class: "nothing" }, "No call is like that."),
    found.length === LIMIT && el("p", { class: "hint" }, `The newest ${LIMIT}. Search more closely to see others.`),
  ];
}
