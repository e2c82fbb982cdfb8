"""A small phone menu as Twilio documents it: its official helper library, a route a step, no Hookswitch.

    python app.py PORT TOKEN

Every request must be signed with TOKEN, or it is answered with 403.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
VALIDATOR = RequestValidator(TOKEN)


def welcome(_):
    response = VoiceResponse()
    gather = Gather(num_digits=1, action="/choice", timeout=4)
    gather.say("Welcome to the library. For opening hours press 1. To renew a loan press 2.", voice="Polly.Amy")
    response.append(gather)
    response.say("We did not hear anything.")
    response.redirect("/voice")
    return response


def choice(form):
    response = VoiceResponse()
    match form.get("Digits"):
        case "1":
            response.say("We open at nine.")
            response.hangup()
        case "2":
            gather = Gather(action="renew", finish_on_key="#", timeout=6)
            gather.say("Enter the number of your card, then press hash.")
            response.append(gather)
            response.redirect("/voice")
        case _:
            response.say("That is not a choice.")
            response.redirect("/voice")
    return response


def renew(form):
    response = VoiceResponse()
    response.say("Your card is " + " ".join(form["Digits"]) + ". One moment please.")
    response.dial("+442079460000", action="/dialled", timeout=20)
    return response


def dialled(form):
    response = VoiceResponse()
    if form["DialCallStatus"] != "completed":
        response.say("Nobody is there. Leave a message after the tone.")
        response.record(action="/recorded", max_length=30, play_beep=True)
    return response


def recorded(form):
    response = VoiceResponse()
    response.say("Thank you for your message of " + form["RecordingDuration"] + " seconds. Goodbye.")
    return response


ROUTES = {"/voice": welcome, "/choice": choice, "/renew": renew, "/dialled": dialled, "/recorded": recorded}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        url = "http://" + self.headers["Host"] + self.path
        if not VALIDATOR.validate(url, form, self.headers.get("X-Twilio-Signature", "")):
            return self.answer(403, "the signature is wrong", "text/plain")
        if self.path not in ROUTES:
            return self.answer(404, "no such page", "text/plain")
        self.answer(200, str(ROUTES[self.path](form)), "text/xml")

    def answer(self, status, text, kind):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
