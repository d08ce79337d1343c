"""What M-Pesa posts, and what a person has it post."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from localcloud.daraja.base.wire import dumps
from localcloud.daraja.controls.handling import Handler, body_of, reply
from localcloud.daraja.running.fake import Fake


async def agenda(fake: Fake, request: Request) -> Response:
    """Return what will still happen by itself."""
    return reply({"agenda": fake.mpesa.agenda.under_way()})


async def deliveries(fake: Fake, request: Request) -> Response:
    """Return every callback: ?state=&kind=."""
    state, kind = request.query_params.get("state"), request.query_params.get("kind")
    rows = [
        d.as_json() for d in fake.mpesa.state.deliveries.values()
        if state in (None, d.state) and kind in (None, d.kind)
    ]  # fmt: skip
    return reply({"deliveries": rows})


async def release(fake: Fake, request: Request) -> Response:
    """Send held or lost callbacks, one after the other: {ids?, order?}."""
    body = await body_of(request)
    held = [d.delivery_id for d in fake.mpesa.state.deliveries.values() if d.state == "held"]
    chosen = [str(i) for i in body["ids"]] if "ids" in body else held
    if body.get("order") == "reverse":
        chosen.reverse()
    sent = fake.mpesa.deliveries.release(chosen, fake.clock.now())
    return reply({"released": [d.delivery_id for d in sent]})


async def again(fake: Fake, request: Request) -> Response:
    """Post a copy of a callback."""
    copy = fake.mpesa.deliveries.repeat(request.path_params["delivery_id"], fake.clock.now())
    return reply(copy.as_json(), 201)


async def forge(fake: Fake, request: Request) -> Response:
    """Post any body to any address, as a forger would: {url, body, headers?, delay_s?}."""
    body = await body_of(request)
    content = body["body"] if isinstance(body["body"], str) else dumps(body["body"])
    at = fake.clock.now() + timedelta(seconds=float(body.get("delay_s", 0)))
    headers = {str(k): str(v) for k, v in (body.get("headers") or {}).items()}
    sent = fake.mpesa.deliveries.post_later("forged", "", str(body["url"]), content, at, headers=headers, forged=True)
    return reply(sent.as_json(), 201)


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/agenda", agenda),
    ("GET", "/deliveries", deliveries),
    ("POST", "/deliveries/release", release),
    ("POST", "/deliveries/{delivery_id}/again", again),
    ("POST", "/callbacks", forge),
]
