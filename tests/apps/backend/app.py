"""What a company has behind its lines: a bank and a shop that answer while a call is on, and a backend that gets what
callers submitted, once. app.py PORT SECRET: the secret of the backend, as Hookswitch has it (`whsec_…`)."""

import json
import sys

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from standardwebhooks import Webhook, WebhookVerificationError

PORT, SECRET = int(sys.argv[1]), sys.argv[2]

app = FastAPI()
webhook = Webhook(SECRET)

ACCOUNTS = {"12345674": {"pin": "8341", "holder": "Ms Example", "balance": 120.5}}
ORDERS = {"123456": {"state": "sent", "day": "2026-11-24"}}
# Wrong PINs by account, answers by idempotency key, and deliveries by id.
strikes, answered, delivered = {}, {}, {}


@app.post("/balance")
async def balance(request: Request) -> Response:
    # The same request asked again has the answer that it had: else a repeat would count as a second wrong PIN.
    key = request.headers["idempotency-key"]
    if key not in answered:
        answered[key] = judged(await request.json())
    status, body = answered[key]
    return JSONResponse(body, status)


def judged(asked: dict) -> tuple[int, dict]:
    number = asked["account"]
    account = ACCOUNTS.get(number)
    if strikes.get(number, 0) >= 3:
        return 423, {}
    if account is None or account["pin"] != asked["pin"]:
        strikes[number] = strikes.get(number, 0) + 1
        return 401, {}
    strikes.pop(number, None)
    return 200, {"holder": account["holder"], "balance": account["balance"]}


@app.get("/orders/{number}")
async def order(number: str) -> Response:
    found = ORDERS.get(number)
    return JSONResponse(found or {}, 200 if found else 404)


@app.post("/deliveries")
async def delivery(request: Request) -> Response:
    body = await request.body()
    try:
        webhook.verify(body, dict(request.headers))
    except WebhookVerificationError:
        return Response(status_code=401)
    delivered.setdefault(request.headers["webhook-id"], json.loads(body))
    return Response(status_code=204)


@app.get("/delivered")
async def all_delivered() -> list:
    return list(delivered.values())


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
