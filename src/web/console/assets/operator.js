// The operator's page: which view is open stands in the fragment, such as #deliveries/CA…-1 or #calls?outcome=gave_up.

import { Refused, done, el } from "/console/dom.js";
import { backends, deliveries, delivery } from "/console/deliveries.js";
import { calls } from "/console/call_list.js";
import { call } from "/console/one_call.js";
import { traffic } from "/console/traffic.js";
import { hours } from "/console/hours.js";

const VIEWS = { deliveries, delivery, backends, calls, call, traffic, hours };
/** The view of one of a list. */
const ONE = { deliveries: "delivery", calls: "call" };
const view = document.getElementById("view");
const trouble = document.getElementById("trouble");
/** After how many milliseconds what was done is looked at again. */
const LATER = 1500;
let drawn = 0;

function place() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  const [name, id] = (path || "deliveries").split("/");
  const list = VIEWS[name] ? name : "deliveries";
  return { list, name: id && ONE[list] ? ONE[list] : list, id: id && decodeURIComponent(id), query: new URLSearchParams(query) };
}

function complain(error) {
  if (!(error instanceof Refused)) console.error(error);
  trouble.textContent = error instanceof Refused ? error.message : `This page has a fault: ${error.message}`;
  trouble.hidden = false;
}

/** Draws the view that the fragment names; `moved` where the reader has just come to it. */
async function draw(moved) {
  const mine = ++drawn;
  const { list, name, id, query } = place();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${list}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (moved) done("");
  try {
    const parts = await VIEWS[name]({ id, query, act });
    if (mine !== drawn) return;
    trouble.hidden = true;
    const focused = document.activeElement?.id;
    view.replaceChildren(...parts.filter(Boolean));
    if (focused) document.getElementById(focused)?.focus();
    document.title = `${view.querySelector("h2")?.textContent ?? "Operate"} · Hookswitch`;
    if (moved === "link") view.focus();
  } catch (error) {
    if (mine === drawn) complain(error);
  }
}

/** Does something, says so, and shows what has become of it. */
async function act(what) {
  try {
    const words = await what();
    if (words == null) return;
    await draw();
    done(words);
    if (document.activeElement === document.body) view.focus();
    // An attempt takes a moment: what came of it is shown without being asked for.
    const mine = drawn;
    setTimeout(() => mine === drawn && !document.querySelector("dialog[open]") && draw(), LATER);
  } catch (error) {
    complain(error);
  }
}

view.append(el("p", { class: "nothing" }, "One moment …"));
addEventListener("hashchange", () => draw("link"));
draw("first");
