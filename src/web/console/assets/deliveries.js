// Deliveries and backends: why one waits, what was answered, again now; a backend paused, resumed, its dead sent again.

import { ask, choice, clock, confirm, el, filters, moment, span, table } from "/console/dom.js";

const PAGE = 100;
const STATES = { "": "all that is owed", waiting: "waiting", sending: "sending", uncertain: "uncertain", dead: "dead", delivered: "delivered" };
const LOOKS = { delivered: "well", dead: "bad", uncertain: "slow" };
const mark = (state) => el("span", { class: `mark ${LOOKS[state] ?? ""}` }, state);

/** Why a row stands where it stands, in words. */
function why(row, backend) {
  const error = row.last_error ? ` Last answer: ${row.last_error}.` : "";
  if (row.state === "delivered") return [`The backend took it `, moment(row.delivered), "."];
  if (row.state === "dead") return `The backend refused it, or its attempts are over; nobody sends it again by itself.${error}`;
  if (row.state === "uncertain") return `The backend may have it or not; it is not sent again by itself.${error}`;
  if (row.state === "sending") return "It is being sent.";
  if (backend?.paused) return `The backend is paused.${error}`;
  if (backend && !backend.configured) return "No settings name this backend: nobody sends it.";
  if (backend?.failing) return `The backend fails so often that it is only tried now and then.${error}`;
  return new Date(row.next) > Date.now() ? `Tried again in ${span(row.next)}.${error}` : `It is due.${error}`;
}

function again(row, act) {
  const name = `Send ${row.id} again now`;
  const twice = row.state === "delivered" || row.state === "uncertain";
  return el("button", { class: "quiet", type: "button", id: `again-${row.id}`, "aria-label": name, onclick: () => act(async () => {
    if (twice) {
      const meaning = "The backend may have it already. It comes under the same id; a backend that has forgotten the id does twice what it says.";
      if (await confirm({ question: "Send it once more?", meaning, yes: "Send again" }) == null) return null;
    }
    const { acted } = await ask(`outbox/${encodeURIComponent(row.id)}/retry`, row.state === "delivered" ? { again: true } : {}, { method: "POST" });
    return { done: "It is sent again, under the same id.", no_such_row: "It is no longer there.", being_sent: "It is being sent right now.", delivered: "The backend has it by now." }[acted];
  }) }, "Again now");
}

const byName = async () => new Map((await ask("outbox/backends")).backends.map((one) => [one.backend, one]));

export async function deliveries({ query, act }) {
  const fields = { state: query.get("state"), backend: query.get("backend"), since: query.get("since"), behind: query.get("behind"), limit: PAGE };
  const [{ rows, more }, known] = await Promise.all([ask("outbox", fields), byName()]);
  const line = (row) => [
    el("a", { class: "name", href: `#deliveries/${encodeURIComponent(row.id)}` }, row.id),
    row.backend, mark(row.state), el("span", { class: "why" }, why(row, known.get(row.backend))), String(row.attempts), moment(row.created), again(row, act),
  ];
  const next = new URLSearchParams(query);
  next.set("behind", more ?? "");
  return [
    el("h2", {}, "Deliveries"),
    filters("deliveries", "Show",
      choice(query, "state", "State", Object.entries(STATES)),
      choice(query, "backend", "Backend", [["", "any"], ...[...known.keys()].map((name) => [name, name])])),
    rows.length ? table("Deliveries", ["Delivery", "Backend", "State", "Why", "Attempts", "Since", ""], rows.map(line))
      : el("p", { class: "nothing" }, "There is none of these."),
    more && el("div", { class: "bar" }, el("a", { class: "quiet", href: `#deliveries?${next}` }, "Newer ones")),
  ];
}

export async function delivery({ id, act }) {
  const [row, known] = await Promise.all([ask(`outbox/${encodeURIComponent(id)}`), byName()]);
  if (row.acted) return [el("h2", {}, "Delivery"), el("p", { class: "nothing" }, `There is no delivery ${id}: it was dropped, or is kept no longer.`)];
  return [el("h2", {}, "Delivery"), el("p", { class: "name" }, row.id), el("p", {}, mark(row.state), " to ", el("strong", {}, row.backend)),
    el("p", {}, why(row, known.get(row.backend))), ...tried(row),
    el("h3", {}, "What is sent"), el("pre", { tabindex: "0", role: "region", "aria-label": "What is sent" }, JSON.stringify(row.body, null, 2)),
    el("div", { class: "bar" }, row.state !== "sending" && again(row, act), el("a", { href: `#calls/${row.id.replace(/-[^-]*$/, "")}` }, "The call"), drop(row, act))];
}

/** A row's attempts and the answer that came. */
export function tried(row) {
  const line = (attempt) => [clock(attempt.at), `${attempt.seconds.toFixed(2)} s`, attempt.came_to];
  return [
    row.log.length > 0 && table(`Attempts of ${row.id}`, ["Attempt", "Took", "Came to"], row.log.map(line)),
    row.answer && el("p", {}, `The backend answered ${row.answer.status}${row.answer.body ? ":" : "."}`),
    row.answer?.body && el("pre", { tabindex: "0", role: "region", "aria-label": `Answer to ${row.id}` }, row.answer.body),
  ].filter(Boolean);
}

function drop(row, act) {
  if (row.state === "sending") return null;
  return el("button", { class: "quiet", type: "button", onclick: () => act(async () => {
    const meaning = row.state === "delivered" ? "The backend keeps what it has." : "The backend never gets it. This cannot be taken back.";
    if (await confirm({ question: "Drop this delivery?", meaning, yes: "Drop it" }) == null) return null;
    const { acted } = await ask(`outbox/${encodeURIComponent(row.id)}`, {}, { method: "DELETE" });
    return acted === "done" ? "It is dropped." : "It was no longer there.";
  }) }, "Drop");
}

export async function backends({ act }) {
  const known = [...(await byName()).values()];
  const line = (one) => {
    const number = (count, state) => (count ? el("a", { href: `#deliveries?${new URLSearchParams({ state, backend: one.backend })}`, "aria-label": `${count} ${state}` }, String(count)) : "0");
    return [el("strong", {}, one.backend), health(one), number(one.waiting, "waiting"), number(one.uncertain, "uncertain"), number(one.dead, "dead"), number(one.delivered, "delivered"),
      one.oldest ? `${span(one.oldest)} ago` : "", [pause(one, act), retry(one, act)]];
  };
  return [el("h2", {}, "Backends"), known.length ? table("Backends", ["Backend", "Health", "Waiting", "Uncertain", "Dead", "Delivered", "Oldest waits since", ""], known.map(line))
    : el("p", { class: "nothing" }, "No backend is set, and none is owed anything.")];
}

function health(one) {
  if (one.paused) return el("span", { class: "mark slow" }, "paused");
  if (!one.configured) return el("span", { class: "mark bad" }, "not in the settings");
  if (one.failing) return el("span", { class: "mark bad" }, "failing");
  if (one.waits_until && new Date(one.waits_until) > Date.now()) return el("span", { class: "mark slow" }, `asked to be left alone for ${span(one.waits_until)}`);
  return el("span", { class: "mark well" }, "well");
}

function pause(one, act) {
  const verb = one.paused ? "resume" : "pause";
  const words = one.paused ? "Resume" : "Pause";
  return el("button", { class: "quiet", type: "button", id: `pause-${one.backend}`, "aria-label": `${words} ${one.backend}`, onclick: () => act(async () => {
    const now = await ask(`outbox/backends/${encodeURIComponent(one.backend)}/${verb}`, {}, { method: "POST" });
    if (verb === "resume" && now.paused) return `${one.backend} stays paused: the settings say so.`;
    return now.paused ? `${one.backend} is paused: its deliveries wait.` : `${one.backend} is resumed: its deliveries go on.`;
  }) }, words);
}

/** All that is set aside of a backend, with the count and a reason. */
function retry(one, act) {
  const count = one.dead + one.uncertain;
  if (!count) return null;
  const them = count === 1 ? "1 delivery" : `${count} deliveries`;
  return el("button", { class: "quiet", type: "button", id: `retry-${one.backend}`, "aria-label": `Send ${them} of ${one.backend} again`, onclick: () => act(async () => {
    const meaning = `${one.dead} dead and ${one.uncertain} uncertain, each under its own id.` + (one.uncertain ? " The backend may have the uncertain ones already." : "");
    const reason = await confirm({ question: `Send ${them} to ${one.backend} again?`, meaning, yes: `Send ${them}`, why: true });
    if (reason == null) return null;
    const { retried } = await ask("outbox/retry", {}, { method: "POST", body: { since: "1970-01-01T00:00:00Z", backend: one.backend, why: reason } });
    return `Sent again: ${retried}.`;
  }) }, `Send ${count} again`);
}
