"""What callers asked for, and what became of it."""

from starlette.requests import Request
from starlette.responses import Response

from localcloud.daraja.controls.handling import Handler, body_of, reply
from localcloud.daraja.running.fake import Fake


async def prompts(fake: Fake, request: Request) -> Response:
    """Return the prompts that are on a screen: ?phone=."""
    open_now = fake.mpesa.prompts.shown(fake.clock.now(), request.query_params.get("phone"))
    return reply({"prompts": [push.as_json() for push in open_now]})


async def answer_prompt(fake: Fake, request: Request) -> Response:
    """Answer a prompt as its customer: {action, pin?}."""
    body = await body_of(request)
    push = fake.mpesa.prompts.answer(
        request.path_params["checkout_request_id"], str(body.get("action")), str(body.get("pin", "")),
        fake.clock.now(),
    )  # fmt: skip
    return reply(push.as_json())


async def pushes(fake: Fake, request: Request) -> Response:
    """Return every STK push: ?phone=."""
    phone = request.query_params.get("phone")
    found = [p.as_json() for p in fake.mpesa.state.pushes.values() if phone in (None, p.phone)]
    return reply({"pushes": found})


async def orders(fake: Fake, request: Request) -> Response:
    """Return every order of the Result family: ?kind=."""
    kind = request.query_params.get("kind")
    return reply(
        {
            "orders": [
                {"kind": o.kind, "conversationID": o.conversation_id,
                 "originatorConversationID": o.originator_conversation_id, "resultCode": o.result_code,
                 "transactionID": o.transaction_id, "amount": o.body.get("Amount"),
                 "phone": o.body.get("PartyB")}
                for o in fake.mpesa.state.orders.values() if kind in (None, o.kind)
            ]
        }
    )  # fmt: skip


async def payments(fake: Fake, request: Request) -> Response:
    """Return every paybill payment."""
    rows = [
        {
            "receipt": p.receipt,
            "phone": p.phone,
            "amount": p.amount,
            "account": p.account,
            "outcome": p.outcome,
        }
        for p in fake.mpesa.state.payments.values()
    ]
    return reply({"payments": rows})


async def requests(fake: Fake, request: Request) -> Response:
    """Return what callers sent and got: ?path=."""
    path = request.query_params.get("path")
    return reply({"requests": [s.as_json() for s in fake.gateway.log if path in (None, s.path)]})


async def expire_tokens(fake: Fake, request: Request) -> Response:
    """End every token now."""
    count = len(fake.gateway.tokens.granted)
    fake.gateway.tokens.granted.clear()
    return reply({"expired": count})


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/prompts", prompts),
    ("POST", "/prompts/{checkout_request_id}", answer_prompt),
    ("GET", "/pushes", pushes),
    ("GET", "/orders", orders),
    ("GET", "/payments", payments),
    ("GET", "/requests", requests),
    ("POST", "/tokens/expire", expire_tokens),
]
