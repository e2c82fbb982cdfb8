// Opening hours: whether they are open, and the switch.

import { ask, el, moment, table } from "/console/dom.js";

const SPANS = { 1: "an hour", 4: "four hours", 12: "twelve hours", 24: "a day" };

function switches(one, act) {
  const id = `span-${one.name}`;
  const path = `hours/${encodeURIComponent(one.name)}/switch`;
  const set = (open) => act(async () => {
    const length = Number(document.getElementById(id).value);
    const until = new Date(Date.now() + length * 3600_000).toISOString();
    await ask(path, {}, { method: "POST", body: { open, until, note: "" } });
    return `${one.name} is ${open ? "open" : "closed"} for ${SPANS[length]}.`;
  });
  const clear = () => act(async () => {
    await ask(path, {}, { method: "DELETE" });
    return `${one.name} is as its file says again.`;
  });
  const button = (words, what) => el("button", { class: "quiet", type: "button", id: `${words}-${one.name}`, "aria-label": `${words} ${one.name}`, onclick: what }, words);
  return [el("select", { id, "aria-label": `How long ${one.name} is switched` }, Object.entries(SPANS).map(([value, words]) => el("option", { value }, `for ${words}`))),
    button("Open", () => set(true)), button("Close", () => set(false)), one.switched && button("As the file says", clear)];
}

export async function hours({ act }) {
  const { hours: known } = await ask("hours");
  const state = (one) => (one.open == null ? el("span", { class: "mark" }, "no flow reads it") : el("span", { class: `mark ${one.open ? "well" : ""}` }, one.open ? "open" : "closed"));
  const switched = (one) => one.switched && el("span", { class: "why" }, `by ${one.switched.by} until `, moment(one.switched.until), one.switched.note ? `: ${one.switched.note}` : "");
  const line = (one) => [el("strong", {}, one.name), state(one), moment(one.changes), switched(one), switches(one, act)];
  return [el("h2", {}, "Hours"), known.length ? table("Hours", ["Hours", "Now", "Changes", "Switched", ""], known.map(line)) : el("p", { class: "nothing" }, "No flow in service reads opening hours.")];
}
