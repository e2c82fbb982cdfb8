// The phone: places a call, shows it as it happens, presses keys. All that is known of a call comes from the server,
// so that what is secret is secret here too.

import * as graph from "./graph.js";
import * as microphone from "./microphone.js";
import { Requests, empty, make, showState } from "./panels.js";
import * as sound from "./sound.js";

const $ = (id) => document.getElementById(id);
const KEYS = [["1", ""], ["2", "ABC"], ["3", "DEF"], ["4", "GHI"], ["5", "JKL"], ["6", "MNO"], ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"], ["*", ""], ["0", "+"], ["#", ""]];
const NUMBER = "by number";

const requests = new Requests($("requests"));
let flows = [];
let call = null;
let picture = null;

/* The call */

function isOn() {
  return document.body.dataset.call === "ringing" || document.body.dataset.call === "talking";
}

function enter(state, words) {
  document.body.dataset.call = state;
  if (words) $("status").textContent = words;
  $("call-label").textContent = isOn() ? "Hang up" : "Call";
  $("call-key").textContent = isOn() ? "Esc" : "Enter";
  for (const control of $("say").elements) control.disabled = !isOn();
  $("say").hidden = state === "over";
  $("back").hidden = state !== "over";
}

async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (response.ok) return response.status === 204 ? {} : response.json();
  if (response.status === 401) location.reload();
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The server answered ${response.status}.`);
}

function complain(words) {
  $("complaint").textContent = words;
  $("complaint").hidden = !words;
}

async function place() {
  if (isOn()) return;
  sound.wake();
  complain("");
  const wanted = { from: $("from").value };
  const which = $("which").value;
  if (which === NUMBER) wanted.number = $("number").value;
  else wanted.flow = which;
  localStorage.setItem("from", $("from").value);
  localStorage.setItem("which", which);
  call = { keys: "", sending: null, been: new Set(), taken: new Set(), state: null, bubble: null, voice: "", began: null };
  $("transcript").replaceChildren();
  requests.clear();
  empty($("state"), "What the call knows appears here.");
  $("whom").textContent = flows.find((flow) => flow.name === which)?.title ?? $("number").value;
  $("timer").textContent = "";
  enter("ringing", "Calling…");
  $("phone").focus();
  try {
    const { id } = await post("/console/calls", wanted);
    listen(id);
  } catch (error) {
    call = null;
    enter("idle", "Not in a call");
    complain(error.message);
  }
}

function listen(id) {
  call.id = id;
  const source = new EventSource(`/console/calls/${id}/events`);
  call.source = source;
  source.onopen = () => document.body.removeAttribute("data-lost");
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    HAPPENS[event.event]?.(event);
  };
  source.onerror = () => {
    // The browser tries again by itself, and is told what it missed.
    if (source.readyState === EventSource.CLOSED) over("The call is over");
    else if (isOn()) $("status").textContent = "Connection lost, trying again…";
  };
}

function hangUp() {
  if (!isOn()) return;
  sound.hush();
  $("status").textContent = "Hanging up…";
  if (call?.id) post(`/console/calls/${call.id}/hangup`, {}).catch(() => {});
}

function over(words) {
  call?.source?.close();
  sound.hush();
  silence(null);
  settle();
  enter("over", words);
}

/** Keys go out one request after the other, so that none overtakes another. */
function press(key) {
  sound.tone(key);
  const button = document.querySelector(`.key[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("down");
  setTimeout(() => button?.classList.remove("down"), 130);
  if (!isOn() || !call?.id) return;
  call.keys += key;
  call.sending ??= send();
}

async function send() {
  while (call?.keys) {
    const keys = call.keys.slice(0, 32);
    call.keys = call.keys.slice(keys.length);
    await post(`/console/calls/${call.id}/keys`, { keys }).catch(() => {});
  }
  if (call) call.sending = null;
}

function say(words, confidence) {
  if (isOn() && call?.id) post(`/console/calls/${call.id}/speech`, { text: words, confidence }).catch((error) => note(error.message, "error"));
}

/** Speaks into the line, or stops. */
function speak() {
  const pressed = (yes) => $("microphone").setAttribute("aria-pressed", String(yes));
  if (microphone.isListening()) {
    microphone.stop();
    pressed(false);
    return;
  }
  sound.hush();
  pressed(true);
  microphone.listen(call?.language, say, (problem) => {
    pressed(false);
    if (problem) note(problem, "error");
  });
}

/* What happens in it */

const HAPPENS = {
  asks(event) {
    requests.asks(event);
    if (event.purpose === "voice") silence(null);
  },
  answered: (event) => requests.answered(event),
  document(event) {
    requests.document(event);
    if (document.body.dataset.call === "ringing") {
      call.began = performance.now() - event.at * 1000;
      enter("talking", "In the call");
    }
  },
  state: ({ state }) => know(state),
  hears: (event) => hear(event),
  cut_off() {
    sound.hush();
    call.line?.classList.add("cut");
    settle();
  },
  waits(event) {
    settle();
    silence(event.timeout);
    call.timeout = event.timeout;
    $("words").placeholder = event.speech ? "Say something" : "Only keys count now";
  },
  pressed(event) {
    sound.hush();
    settle();
    bubble("keys").append(event.key);
    scroll();
    if (!$("silence").hidden) silence(call.timeout);
  },
  said(event) {
    sound.hush();
    settle();
    bubble("words").append(`“${event.text}”`);
    scroll();
  },
  lost: (event) => note(`${event.what} – nobody listened`, ""),
  entered(event) {
    silence(null);
    if (!event.digits && !event.speech) note("silence", "");
    call.bubble = null;
  },
  recorded: (event) => note(`a message of ${Math.round(event.seconds)} s was recorded`, ""),
  leaves: (event) => note(`${event.verb} ${event.to} …`, ""),
  returns: (event) => note(`${event.to}: ${event.outcome}, after ${clock(event.seconds)}`, ""),
  texts: (event) => note(`Text message to ${event.to}: ${event.body}`, ""),
  notices: (event) => note(`${event.code ? `${event.code} ` : ""}${event.message}`, event.severity),
  ends(event) {
    microphone.stop();
    const who = { application: "", caller: "You hung up", fault: event.by.message, unforeseen: `${event.by.verb} ${event.by.what} was not foreseen` }[event.by.who];
    note(who || "The line hung up", event.by.who === "fault" ? "error" : "");
    $("timer").textContent = clock(event.seconds);
    over("Call ended");
  },
};

function hear(event) {
  settle();
  silence(null);
  call.bubble = null;
  if (event.verb === "Pause" || (!event.text && !event.source)) return;
  const label = [event.voice.replace(/^\w+\./, "").replace(/-(Neural|Standard|Wavenet|Generative)\b.*/, ""), event.language].filter(Boolean).join(" · ");
  const line = make("div", "heard now");
  const name = event.verb === "Play" ? "recording" : label;
  if (name !== call.voice) line.append(make("span", "voice", name));
  call.voice = name;
  const words = make("p", "", event.text || event.source);
  if (event.language) {
    words.lang = event.language;
    call.language = event.language;
  }
  line.append(words);
  call.line = line;
  add(line);
  if (event.recording) sound.play(event.recording);
  else if (event.verb === "Say") {
    if (sound.canSay(event.language)) sound.say(event.text, event.language);
    else line.classList.add("unvoiced");
  }
}

function settle() {
  for (const line of document.querySelectorAll(".heard.now")) line.classList.remove("now");
}

function bubble(kind) {
  if (!call.bubble || !call.bubble.classList.contains(kind)) {
    call.bubble = make("div", `did ${kind}`);
    add(call.bubble);
  }
  return call.bubble;
}

function note(words, kind) {
  add(make("div", `note ${kind}`, words));
}

function add(line) {
  $("transcript").append(line);
  scroll();
}

function scroll() {
  $("transcript").scrollTop = $("transcript").scrollHeight;
}

/** The bar that runs down while the line waits. */
function silence(seconds) {
  const bar = $("silence");
  bar.hidden = seconds === null;
  if (seconds === null) return;
  const run = make("i", "");
  run.style.animationDuration = `${seconds}s`;
  bar.replaceChildren(run);
}

async function know(state) {
  showState($("state"), state, call.state);
  call.state = state;
  for (const { from, to } of state.ways) {
    if (from) call.taken.add(JSON.stringify([from, to]));
    call.been.add(to);
  }
  if (state.step) call.been.add(state.step);
  await drawFlow(state.flow, state.version);
  light();
}

function light() {
  const state = call?.state;
  if (!state || picture !== `${state.flow} ${state.version}`) return;
  const here = state.outcome === "completed" && call.been.has("hangup") ? "hangup" : state.step;
  graph.light($("graph"), { here, been: call.been, taken: call.taken });
}

async function drawFlow(name, version) {
  const wanted = version ? `${name} ${version}` : null;
  if (wanted && picture === wanted) return;
  const query = new URLSearchParams(version ? { flow: name, version } : { flow: name });
  const response = await fetch(`/console/graph?${query}`);
  if (!response.ok) return;
  const drawn = await response.json();
  graph.show($("graph"), drawn);
  picture = `${drawn.flow} ${drawn.version}`;
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/* The page */

function choose() {
  const flow = flows.find((flow) => flow.name === $("which").value);
  $("by-number").hidden = Boolean(flow);
  $("whom").textContent = flow ? flow.title || flow.name : "By number";
  const facts = flow ? [flow.numbers.join(", "), flow.languages.join(", ")].filter(Boolean) : ["The flow that serves the number answers."];
  $("about").textContent = facts.join(" · ");
  if (flow) drawFlow(flow.name, null);
}

async function load() {
  const response = await fetch("/console/flows");
  if (response.status === 401) location.reload();
  ({ flows } = await response.json());
  const option = (value, text) => { const option = make("option", "", text); option.value = value; return option; };
  $("which").replaceChildren(...flows.map((flow) => option(flow.name, flow.title ? `${flow.title} (${flow.name})` : flow.name)), option(NUMBER, "A number …"));
  const known = localStorage.getItem("which");
  const first = flows.find((flow) => flow.numbers.length > 0) ?? flows[0];
  $("which").value = flows.some((flow) => flow.name === known) ? known : (first?.name ?? NUMBER);
  $("from").value = localStorage.getItem("from") ?? $("from").value;
  choose();
}

function tab(name) {
  const wide = matchMedia("(min-width: 861px)").matches;
  document.body.dataset.tab = name;
  for (const button of document.querySelectorAll("nav [role=tab]")) {
    const chosen = button.dataset.tab === name;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  // Beside the phone one panel always stands open.
  const panel = name === "phone" && wide ? "flow" : name;
  for (const section of document.querySelectorAll(".panel")) section.classList.toggle("shown", section.id === panel);
}

function loud() {
  $("mute").setAttribute("aria-pressed", String(sound.isMuted()));
  $("mute").textContent = sound.isMuted() ? "Sound off" : "Sound on";
}

function again() {
  enter("idle", "Not in a call");
  $("timer").textContent = "";
  choose();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  if (event.key === "Escape") {
    if (isOn()) hangUp();
    else if (document.body.dataset.call === "over") again();
    return;
  }
  const writes = at.matches("input, textarea, select") && !at.disabled;
  if (event.key === "Enter" && !isOn() && !at.matches("button, summary, a, #words")) {
    event.preventDefault();
    place();
  } else if (!writes && /^[0-9*#]$/.test(event.key) && !event.repeat) {
    event.preventDefault();
    press(event.key);
  }
});

for (const [key, letters] of KEYS) {
  const button = make("button", "key", key, make("small", "", letters));
  button.type = "button";
  button.dataset.key = key;
  button.setAttribute("aria-label", { "*": "star", "#": "hash" }[key] ?? key);
  button.addEventListener("click", () => press(key));
  $("keypad").append(button);
}

$("call").addEventListener("click", () => (isOn() ? hangUp() : place()));
$("back").addEventListener("click", () => { again(); $("which").focus(); });
$("setup").addEventListener("submit", (event) => { event.preventDefault(); place(); });
$("which").addEventListener("change", choose);
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("words").value.trim();
  $("words").value = "";
  if (words) say(words);
});
$("microphone").hidden = !microphone.canListen();
$("microphone").addEventListener("click", speak);
$("mute").addEventListener("click", () => { sound.mute(!sound.isMuted()); loud(); });
for (const button of document.querySelectorAll("nav [role=tab]")) button.addEventListener("click", () => tab(button.dataset.tab));
document.querySelector("nav").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll("nav [role=tab]")].filter((button) => button.offsetParent);
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  tab(next.dataset.tab);
  next.focus();
});
matchMedia("(min-width: 861px)").addEventListener("change", (wide) => tab(wide.matches ? "flow" : "phone"));
window.addEventListener("pagehide", () => {
  if (isOn() && call?.id) navigator.sendBeacon(`/console/calls/${call.id}/hangup`, new Blob(["{}"], { type: "application/json" }));
});
setInterval(() => {
  if (document.body.dataset.call === "talking") $("timer").textContent = clock((performance.now() - call.began) / 1000);
}, 250);

loud();
enter("idle");
tab(matchMedia("(min-width: 861px)").matches ? "flow" : "phone");
empty($("state"), "What the call knows appears here.");
load().catch((error) => complain(`The flows cannot be read: ${error.message}`));
