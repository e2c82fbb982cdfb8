// Beside the phone: what is known of the call, and what went over the wire.

/** An element with a class and children; text is text, whatever it holds. */
export function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function empty(place, words) {
  place.replaceChildren(make("p", "empty", words));
}

const SHOWN_FIRST = ["Digits", "SpeechResult", "DialCallStatus", "CallStatus", "ErrorCode"];

/** The state of a call, after the one that was shown before. */
export function showState(place, state, before) {
  const facts = [
    ["Step", state.step ?? "–"],
    [state.outcome ? "Outcome" : "Waits for turn", state.outcome ? state.outcome.replace("_", " ") : String(state.turn)],
    ["Language", state.language],
  ];
  if (state.no_input + state.no_match > 0) facts.push(["Missed here", `${state.no_input} silent, ${state.no_match} wrong`]);
  const list = make("dl", "facts", ...facts.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
  const parts = [make("h2", "", "Where the call is"), list];
  if (state.answers.length > 0) parts.push(make("h2", "", "Answers"), table(state.answers, before?.answers));
  if (state.variables.length > 0) parts.push(make("h2", "", "Variables"), table(state.variables, before?.variables));
  if (state.trail.length > 0) {
    const chip = (name, place) => make("li", place === state.trail.length - 1 ? "here" : "", name);
    parts.push(make("h2", "", "Questions it can go back over"), make("ul", "chips", ...state.trail.map(chip)));
  }
  if (state.submitted.length > 0) {
    parts.push(make("h2", "", "Submitted to"), make("ul", "chips", ...state.submitted.map((name) => make("li", "", name))));
  }
  parts.push(make("h2", "", "Flow version"), make("code", "", `${state.flow} ${state.version}`));
  place.replaceChildren(...parts);
}

function table(values, before) {
  const row = ({ name, value, sensitive }) => {
    const old = before?.find((other) => other.name === name)?.value ?? null;
    const cell = value === null ? make("td", "unset", "not set") : make("td", "", String(value));
    if (sensitive) cell.append(make("span", "lock", "sensitive"));
    return make("tr", value !== null && value !== old ? "fresh" : "", make("td", "", name), cell);
  };
  return make("table", "values", make("tbody", "", ...values.map(row)));
}

/** The requests of a call, one after the other. */
export class Requests {
  constructor(place) {
    this.place = place;
    this.clear();
  }

  clear() {
    this.last = null;
    empty(this.place, "Each request of the carrier appears here, with the TwiML that it gets.");
  }

  asks(event) {
    if (event.purpose === "media") return;
    if (!this.last) this.place.replaceChildren();
    const entry = event.fields.find(([name, value]) => ["Digits", "SpeechResult"].includes(name) && value);
    const took = make("span", "took", "…");
    const summary = make("summary", "", make("span", "path", `${event.method} ${path(event.url)}`), entry && make("span", "entry", entry[1]), took);
    const detail = make("div", "detail", fields(event.fields));
    const turn = make("details", "turn", summary, detail);
    if (event.purpose === "voice") {
      // Only the newest stands open; one that was opened by hand stays so.
      const opened = this.place.querySelector("details.turn[open]:not([data-kept])");
      if (opened) opened.open = false;
      turn.open = true;
      summary.addEventListener("click", () => { turn.dataset.kept = "yes"; });
    }
    this.last = { took, detail, purpose: event.purpose };
    this.place.append(turn);
    this.place.scrollTop = this.place.scrollHeight;
  }

  answered(event) {
    if (!this.last) return;
    this.last.took.textContent = `${event.status} · ${(event.micros / 1000).toFixed(1)} ms`;
    this.last.took.classList.toggle("bad", event.status >= 400);
  }

  document(event) {
    if (!this.last) return;
    this.last.detail.append(make("pre", "twiml", ...pretty(event.text)));
    this.place.scrollTop = this.place.scrollHeight;
  }
}

function path(url) {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? url : url.slice(at);
}

function fields(all) {
  const rank = ([name]) => (SHOWN_FIRST.includes(name) ? SHOWN_FIRST.indexOf(name) : SHOWN_FIRST.length);
  const sorted = [...all].sort((one, other) => rank(one) - rank(other));
  const few = sorted.filter((field) => rank(field) < SHOWN_FIRST.length && field[1]);
  const rest = sorted.filter((field) => !few.includes(field));
  const list = (pairs) => {
    const items = pairs.flatMap(([name, value]) => [make("dt", "", name), make("dd", few.length && name === few[0][0] ? "main" : "", value || "–")]);
    return make("dl", "fields", ...items);
  };
  if (rest.length === 0) return list(few);
  const more = make("details", "all", make("summary", "", `${rest.length} more fields`), list(rest));
  return make("div", "", few.length > 0 ? list(few) : null, more);
}

/** XML with an indent for each level, tags and attributes in colour; as it came, where it is none. */
function pretty(text) {
  const xml = new DOMParser().parseFromString(text, "text/xml");
  if (xml.querySelector("parsererror")) return [text];
  const out = [];
  write(xml.documentElement, "", out);
  return out;
}

function write(element, indent, out) {
  out.push(indent, make("span", "t", `<${element.tagName}`));
  for (const { name, value } of element.attributes) {
    out.push(" ", make("span", "a", name), "=", make("span", "v", `"${value}"`));
  }
  const children = [...element.childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.textContent.trim());
  if (children.length === 0) {
    out.push(make("span", "t", "/>"), "\n");
    return;
  }
  out.push(make("span", "t", ">"));
  // Words and what stands among them stay on one line: `Say` with breaks in it.
  if (children.some((node) => node.nodeType !== Node.ELEMENT_NODE)) {
    for (const node of children) {
      if (node.nodeType !== Node.ELEMENT_NODE) out.push(node.textContent);
      else { const inner = []; write(node, "", inner); inner.pop(); out.push(...inner); }
    }
    out.push(make("span", "t", `</${element.tagName}>`), "\n");
    return;
  }
  out.push("\n");
  for (const node of children) write(node, `${indent}  `, out);
  out.push(indent, make("span", "t", `</${element.tagName}>`), "\n");
}
