"""A mail server that keeps what it gets. app.py PORT FILE: each mail is a line of JSON in the file."""

import json
import sys
import time
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

PORT, FILE = int(sys.argv[1]), sys.argv[2]


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "text": mail.get_content(),
        }
        with open(FILE, "a", encoding="utf-8") as file:
            file.write(json.dumps(kept) + "\n")
        return "250 kept"


Controller(Keeper(), hostname="127.0.0.1", port=PORT).start()
while True:
    time.sleep(3600)
