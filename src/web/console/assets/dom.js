// Elements, times and requests: what every view of the operator's page is made of.

/** An element with attributes and what stands in it. Text is only ever text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "onsubmit") element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** A table; on a narrow screen each row is a card. A cell is text, an element, or a list of them. */
export function table(caption, heads, rows) {
  const cell = (content, place) => {
    const head = heads[place];
    const list = [content].flat().filter((part) => part != null && part !== "");
    return el("td", { "data-head": head, class: head === "" ? "acts" : null }, list);
  };
  const head = (name) => (name === "" ? el("td") : el("th", { scope: "col" }, name));
  const body = rows.map((row) => el("tr", {}, row.map(cell)));
  return el("div", { class: "wide", role: "region", "aria-label": caption, tabindex: "0" },
    el("table", { class: "rows cards" }, el("thead", {}, el("tr", {}, heads.map(head))), el("tbody", {}, body)));
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A moment in the reader's time, and the whole of it where the pointer rests. */
export function moment(text, format = DAY) {
  return text ? el("time", { datetime: text, title: text }, format.format(new Date(text))) : null;
}

export const clock = (text) => moment(text, CLOCK);

/** How long ago, or until when. */
export function span(text) {
  const seconds = Math.round(Math.abs(Date.now() - new Date(text)) / 1000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

/** What the server said that could not be done. */
export class Refused extends Error {}

/** Asks the node; `fields` that are empty are left out of the query. */
export async function ask(path, fields = {}, { method = "GET", body } = {}) {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== "" && value != null));
  const headers = body ? { "content-type": "application/json" } : {};
  let answer;
  try {
    answer = await fetch(`/operator/api/${path}${query.size ? `?${query}` : ""}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refused("The node does not answer. Nothing was done; try again once it runs.");
  }
  if (answer.status === 401) throw new Refused("The log-in is over. Open this page again to log in.");
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok && !read.acted) throw new Refused(read.error ?? `The node answered ${answer.status}.`);
  return read;
}

/** A labelled list to choose from; `options` are values with what is shown for each. */
export function choice(query, id, label, options) {
  const chosen = query.get(id) ?? "";
  return el("div", {}, el("label", { for: id }, label),
    el("select", { id, name: id }, options.map(([value, shown]) => el("option", { value, selected: value === chosen }, shown))));
}

/** A form that opens a view again with what was filled in. */
export function filters(view, words, ...fields) {
  const submit = (event) => {
    event.preventDefault();
    location.hash = `${view}?${new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value))}`;
  };
  return el("form", { class: "filters", role: "search", onsubmit: submit }, fields, el("button", { class: "primary", type: "submit" }, words));
}

/** Asks a person before something is done; gives the reason, or null where they leave it. */
export function confirm({ question, meaning, yes, why }) {
  const dialog = document.getElementById("asked");
  const field = document.getElementById("why");
  document.getElementById("question").textContent = question;
  document.getElementById("meaning").textContent = meaning;
  document.getElementById("yes").textContent = yes;
  field.hidden = document.getElementById("why-label").hidden = !why;
  field.required = Boolean(why);
  field.value = "";
  dialog.returnValue = "no";
  const no = document.getElementById("no");
  no.onclick = () => dialog.close("no");
  dialog.showModal();
  (why ? field : no).focus();
  return new Promise((decide) => {
    dialog.addEventListener("close", () => decide(dialog.returnValue === "yes" ? field.value.trim() : null), { once: true });
  });
}

/** Says that something was done. */
export function done(words) {
  document.getElementById("done").textContent = words;
}
