// One call, turn by turn: what came, the rule that was taken, what was submitted, and what became of that.

import { ask, clock, el, moment } from "/console/dom.js";
import { tried } from "/console/deliveries.js";
import { words } from "/console/call_list.js";

/** What came, in words; secrets come masked. */
function came({ kind, value }) {
  if (kind === "begin") return "The call came in.";
  if (kind === "keys") return `The caller pressed ${value}.`;
  if (kind === "speech") return `The caller said “${value}”.`;
  if (kind === "silence") return "The caller did nothing.";
  if (kind === "dialled") return `Came back: ${words(value[0])}, after ${value[1]} s.`;
  if (kind === "ended") return `The caller left: ${words(value)}.`;
  if (kind === "failed") return `The carrier could not carry out the reply: ${value}.`;
  if (kind === "placed") return `The call that we place: ${words(value)}.`;
  return "What came is sealed, and no key that is set opens it.";
}

function rule({ step, on, to, when }) {
  const way = on ? `by ${on}` : "";
  return el("p", {}, el("span", { class: "taken" }, step), ` ${way} → `, el("span", { class: "taken" }, to ?? "asked again"), when ? ` when ${when}` : "");
}

function turn(one) {
  return { at: one.at, parts: [
    el("p", {}, came(one.came)), one.rules.map(rule),
    one.faults.map((fault) => el("p", { class: "wrong" }, `${fault.step}: ${fault.fault}`)),
    one.submitted.map((backend) => el("p", {}, `Submitted to ${backend}.`)),
  ] };
}

function happened(event) {
  const { at, event: name, ...rest } = event;
  const said = Object.entries(rest).filter(([, value]) => value != null).map(([key, value]) => `${words(key)} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return { at, parts: [el("p", { class: "event" }, `${words(name)}${said.length ? `: ${said.join(", ")}` : ""}`)] };
}

export async function call({ id }) {
  const { call: found } = await ask(`calls/${encodeURIComponent(id)}`);
  if (!found) return [el("h2", {}, "Call"), el("p", { class: "nothing" }, `Nothing is kept of ${id}.`)];
  const about = found.call;
  const fact = (name, value) => value && el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const lines = [...found.turns.map(turn), ...found.events.map(happened)].sort((one, other) => new Date(one.at) - new Date(other.at));
  return [
    el("h2", {}, "Call"), el("p", { class: "name" }, about.sid),
    el("dl", { class: "facts" }, fact("Caller", about.from), fact("Called", about.to), fact("Flow", about.flow), fact("Began", moment(about.began)),
      fact("Outcome", words(about.outcome)), fact(about.outcome === "in_progress" ? "Is at" : "Ended at", about.step)),
    !about.whole && el("p", { class: "hint" }, "Some of its turns are kept no longer."),
    el("h3", {}, "Turn by turn"),
    el("ol", { class: "turns" }, lines.map(({ at, parts }) => el("li", {}, clock(at), el("div", {}, ...parts)))),
    el("h3", {}, "Deliveries"),
    ...(found.deliveries.length ? found.deliveries.flatMap((row) => [
      el("p", {}, el("a", { class: "name", href: `#deliveries/${encodeURIComponent(row.id)}` }, row.id), ` to ${row.backend}: ${row.state}`), ...tried(row)])
      : [el("p", { class: "nothing" }, "It submitted nothing.")]),
  ];
}
