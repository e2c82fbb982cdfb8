"""A person at the console's pages, in a real browser: each scene is one test of tests/suite/browser.rs or operator.rs.

    phone.py SCENE URL FOLDER [TOKEN]

URL is where the page is, FOLDER takes the screenshots. Ends with 1 and says why where the page is not as it should be.
"""

import re
import json
import os
import pathlib
import sys
import tempfile
import urllib.request
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("HOOKSWITCH_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# Words are heard as long as they last; a call takes about a minute.
PATIENCE = 60_000

SCENE, URL, SHOTS = sys.argv[1], sys.argv[2].rstrip("/"), pathlib.Path(sys.argv[3])
TOKEN = sys.argv[4] if len(sys.argv) > 4 else ""
expect.set_options(timeout=PATIENCE)


@contextmanager
def browser(scheme="light", size=LAPTOP, touch=False, quiet=False):
    """A fresh browser on the page. At the end: nothing went wrong in it, and it asked nobody else."""
    faults = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=FLAGS, color_scheme=scheme, viewport=size, has_touch=touch,
        )
        context.set_default_timeout(PATIENCE)
        page = context.pages[0]
        page.on("console", lambda message: message.type in ("error", "warning") and faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        foreign = lambda request: not request.url.startswith((URL + "/", "data:")) and faults.append(f"asked {request.url}")
        context.on("request", foreign)
        page.goto(URL + "/")
        yield page
        context.close()
    assert quiet or not faults, faults


def shoot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")


def clean(page, name):
    """Axe finds nothing on the page, in the light and in the dark; a picture of both, and of forced colours, is kept."""
    for scheme in ["light", "dark"]:
        page.emulate_media(color_scheme=scheme)
        shoot(page, f"{name}-{scheme}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {scheme}:\n{found.generate_report()}"
    page.emulate_media(color_scheme="light", forced_colors="active")
    shoot(page, f"{name}-forced")
    page.emulate_media(forced_colors="none")


def ready(page, flow="pickup"):
    """Waits until the flows are there, and picks one."""
    expect(page.locator("#which option")).not_to_have_count(0)
    if page.locator("#which").input_value() != flow:
        page.select_option("#which", flow)
        page.locator("#from").focus()
    expect(page.locator("#graph svg.hookswitch-graph").first).to_be_attached()


def heard(page, words):
    expect(page.locator(".heard").filter(has_text=words).last).to_be_visible()


def answer(page, keys, then):
    """Types keys on the keyboard once the line waits, and waits for what is heard next."""
    expect(page.locator("#silence")).to_be_visible()
    page.keyboard.type(keys)
    heard(page, then)


def tab_to(page, id):
    """Walks to a control as one without a mouse does."""
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == id:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach #{id}")


def order(page):
    """Orders a parcel pick-up, up to the last question."""
    heard(page, "Welcome to parcel pick-up")
    answer(page, "1", "For a letter press 1")
    answer(page, "2", "How heavy is it?")
    answer(page, "31#", "Between one and thirty")
    answer(page, "5#", "When shall we come?")
    answer(page, "1230", "A parcel, at 12:30")


def keyboard():
    with browser() as page:
        ready(page)
        shoot(page, "start-light")
        page.keyboard.press("Enter")
        order(page)
        expect(page.locator("#step-confirm")).to_have_class(re.compile(r"\bhere\b"))
        shoot(page, "call-light")
        answer(page, "1", "Thank you.")
        expect(page.locator("#status")).to_have_text("Call ended")
        expect(page.locator(".did")).to_have_text(["1", "2", "31#", "5#", "1230", "1"])
        expect(page.locator("#transcript")).to_contain_text("Amy · en-GB")
        for way in [("welcome", "kind"), ("kind", "weight"), ("weight", "hour"), ("hour", "confirm"), ("confirm", "send"), ("send", "thanks")]:
            expect(page.locator(f'[data-from="{way[0]}"][data-to="{way[1]}"]')).to_have_class(re.compile(r"\btaken\b"))
        expect(page.locator('[data-from="kind"][data-to="operator"]')).not_to_have_class(re.compile(r"\btaken\b"))
        tab_to(page, "tab-flow")
        page.keyboard.press("ArrowRight")
        answers = page.locator("#state table").first.locator("tr")
        expect(answers).to_have_text(["kindparcel", "weight5", "hour12:30"])
        expect(page.locator("#state")).to_contain_text("completed")
        shoot(page, "state-light")
        page.keyboard.press("ArrowRight")
        requests = page.locator("#requests details.turn")
        expect(requests.nth(5)).to_contain_text("/voice/pickup/~5")
        expect(requests.nth(5).locator(".entry")).to_have_text("1230")
        expect(requests.nth(6).locator("pre")).to_contain_text("<Hangup/>")
        shoot(page, "requests-light")
        page.keyboard.press("Escape")
        expect(page.locator("#status")).to_have_text("Not in a call")


def secret():
    pin = "8341"
    with browser() as page:
        calls = []
        page.on("request", lambda request: calls.append(request.url) if request.url.endswith("/events") else None)
        ready(page, "pin")
        page.keyboard.press("Enter")
        heard(page, "enter your customer number")
        answer(page, "12345#", "Now your PIN")
        answer(page, pin, "Thank you, customer")
        expect(page.locator(".did")).to_have_text(["12345#", "••••"])
        page.click("#tab-state")
        expect(page.locator("#state table").first.locator("tr")).to_have_text(["customer12345", "pin•••sensitive"])
        shoot(page, "secret-light")
        page.click("#tab-requests")
        expect(page.locator("#requests details.turn").nth(2).locator(".entry")).to_have_text("•••")
        expect(page.locator("#status")).to_have_text("Call ended")
        assert pin not in page.content(), "the page shows the PIN"
        told = urllib.request.urlopen(calls[0], timeout=10).read().decode()
        events = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: ")]
        assert [event["event"] for event in events][-1] == "ends", "the call is told again"
        # Numbers are times here, and a call's name may hold any digits.
        texts = [text for event in events for text in strings(event) if "CA" not in text]
        assert any(text == "12345" for text in texts)
        assert not any(pin in text for text in texts), "the server told the PIN"


def strings(value):
    """Every text in a piece of JSON."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in strings(part)]


def hangup():
    with browser() as page:
        ready(page)
        page.keyboard.press("Enter")
        heard(page, "Welcome")
        expect(page.locator("#words")).to_be_enabled()
        page.keyboard.press("Escape")
        expect(page.locator("#transcript")).to_contain_text("You hung up")
        expect(page.locator("#status")).to_have_text("Call ended")
        # A wrong number is told, not called.
        page.keyboard.press("Escape")
    with browser(quiet=True) as page:
        ready(page)
        page.fill("#from", "nobody")
        page.keyboard.press("Enter")
        expect(page.locator("#complaint")).to_contain_text("+44 20 7946 0001")


def microphone():
    """What is said into the microphone, by a browser whose recogniser is replaced: this is what it has heard."""
    recogniser = """window.SpeechRecognition = class {
        start() { setTimeout(() => {
            this.onresult({ results: [[{ transcript: `A parcel, ${this.lang}.`, confidence: 0.8 }]] });
            this.onend();
        }, 50); }
        abort() {}
    };"""
    with browser() as page:
        page.add_init_script(recogniser)
        page.reload()
        ready(page)
        page.keyboard.press("Enter")
        heard(page, "Welcome to parcel pick-up")
        answer(page, "1", "For a letter press 1")
        expect(page.locator("#microphone")).to_be_enabled()
        page.click("#microphone")
        heard(page, "How heavy is it?")
        expect(page.locator("#transcript")).to_contain_text("A parcel, en-GB.")
        expect(page.locator("#microphone")).to_have_attribute("aria-pressed", "false")


def looks():
    with browser("dark") as page:
        ready(page)
        shoot(page, "start-dark")
        page.keyboard.press("Enter")
        order(page)
        shoot(page, "call-dark")
        page.click("#tab-requests")
        shoot(page, "requests-dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "the page scrolls on a laptop"
    with browser("light", PHONE, touch=True) as page:
        ready(page)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark, "light is dark"
        shoot(page, "start-phone")
        page.tap("#call")
        heard(page, "Welcome to parcel pick-up")
        expect(page.locator("#silence")).to_be_visible()
        page.tap('.key[data-key="1"]')
        heard(page, "For a letter press 1")
        expect(page.locator("#silence")).to_be_visible()
        expect(page.locator("#words")).to_have_attribute("placeholder", "Say something")
        page.fill("#words", "a box")
        page.keyboard.press("Enter")
        expect(page.locator(".did.words")).to_have_text("“a box”")
        shoot(page, "call-phone")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways on a phone"
        for name in ["#call", '.key[data-key="0"]', "#transcript"]:
            box = page.locator(name).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"], f"{name} is outside: {box}"
        for name in ["flow", "state", "requests"]:
            page.tap(f"#tab-{name}")
            expect(page.locator(f"#{name}")).to_be_visible()
            shoot(page, f"{name}-phone")
        page.tap("#tab-phone")
        page.tap("#call")
        expect(page.locator("#status")).to_have_text("Call ended")


def login():
    # The browser itself reports the refused log-in as an error.
    with browser(quiet=True) as page:
        expect(page.locator("#token")).to_be_focused()
        shoot(page, "login-light")
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the token.")
        page.keyboard.type(TOKEN)
        page.keyboard.press("Enter")
        ready(page)
        assert page.evaluate("document.cookie") == "", "scripts can read the cookie"
        page.keyboard.press("Enter")
        heard(page, "Welcome to parcel pick-up")
        page.keyboard.press("Escape")
        expect(page.locator("#status")).to_have_text("Call ended")
        page.get_by_role("button", name="Log out").click()
        expect(page.locator("#token")).to_be_visible()


def walk(page, words):
    """Walks to the next control that is called so, and presses Enter."""
    called = "(e => e.getAttribute('aria-label') ?? e.textContent)(document.activeElement)"
    for _ in range(60):
        page.keyboard.press("Tab")
        if re.fullmatch(words, page.evaluate(called).strip()):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {words}")


def operator():
    """Three deliveries were refused; the backend is well again. One is sent again by itself, then the others at once."""
    with browser() as page:
        page.goto(URL + "/operator")
        clean(page, "login")
        page.keyboard.type(TOKEN)
        page.keyboard.press("Enter")
        expect(page.locator("main h2")).to_have_text("Deliveries")
        expect(page.locator("tbody tr")).to_have_count(3)
        expect(page.locator("tbody")).to_contain_text("nobody sends it again by itself")
        clean(page, "operator-deliveries")
        walk(page, "CA.*")
        expect(page.locator("main h2")).to_have_text("Delivery")
        expect(page.locator("main")).to_contain_text("The backend answered 410")
        clean(page, "operator-delivery")
        walk(page, "Send CA.* again now")
        expect(page.locator("#done")).to_have_text("It is sent again, under the same id.")
        expect(page.locator("main .mark")).to_have_text("delivered")
        walk(page, "The call")
        expect(page.locator("main h2")).to_have_text("Call")
        expect(page.locator("main")).to_contain_text("The caller pressed 0915.")
        clean(page, "operator-call")
        walk(page, "Backends")
        expect(page.locator("main h2")).to_have_text("Backends")
        clean(page, "operator-backends")
        walk(page, "Send 2 deliveries of pickups again")
        expect(page.locator("#meaning")).to_contain_text("2 dead and 0 uncertain")
        clean(page, "operator-why")
        page.keyboard.press("Enter")
        expect(page.locator("#asked")).to_be_visible()
        page.keyboard.type("the office is back")
        page.keyboard.press("Enter")
        expect(page.locator("#done")).to_have_text("Sent again: 2.")
        walk(page, "Pause pickups")
        expect(page.locator("#done")).to_have_text("pickups is paused: its deliveries wait.")
        expect(page.locator("tbody .mark")).to_have_text("paused")
        page.keyboard.press("Enter")
        expect(page.locator("tbody .mark")).to_have_text("well")
        walk(page, "Calls")
        expect(page.locator("tbody tr")).to_have_count(3)
        clean(page, "operator-calls")
        page.locator("#outcome").select_option("gave_up")
        walk(page, "Search")
        expect(page.locator("main")).to_contain_text("No call is like that.")
        walk(page, "Flows")
        expect(page.locator("main svg.hookswitch-graph")).to_be_visible()
        page.locator("#flow").select_option("pickup")
        walk(page, "Show")
        expect(page.locator("main")).to_contain_text("3 calls came to pickup.")
        expect(page.locator("tbody tr").filter(has_text="welcome")).to_contain_text("keys.1 3 (100 %)")
        clean(page, "operator-traffic")
        walk(page, "Hours")
        expect(page.locator("main h2")).to_have_text("Hours")
        clean(page, "operator-hours")
        page.set_viewport_size(PHONE)
        for name, head in [("deliveries?state=delivered", "Deliveries"), ("calls", "Calls"), ("backends", "Backends")]:
            page.goto(f"{URL}/operator#{name}")
            expect(page.locator("main h2")).to_have_text(head)
            expect(page.locator("tbody tr").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than a phone"
            clean(page, f"operator-{head.lower()}-phone")


def axe():
    """The page with the phone, before, in and after a call."""
    with browser() as page:
        ready(page)
        clean(page, "axe-start")
        page.keyboard.press("Enter")
        heard(page, "Welcome to parcel pick-up")
        clean(page, "axe-call")
        for name in ["state", "requests"]:
            page.click(f"#tab-{name}")
            clean(page, f"axe-{name}")
        page.keyboard.press("Escape")
        expect(page.locator("#status")).to_have_text("Call ended")
        clean(page, "axe-over")


SCENES = {scene.__name__: scene for scene in [keyboard, secret, hangup, microphone, looks, login, operator, axe]}
SCENES[SCENE]()
print(json.dumps({"scene": SCENE, "well": True}))
