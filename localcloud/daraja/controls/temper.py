"""How M-Pesa behaves: scripts, maintenance, the clock."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from localcloud.daraja.base.scripts import PRESETS
from localcloud.daraja.base.wire import loads
from localcloud.daraja.controls.handling import Handler, body_of, reply
from localcloud.daraja.running.clock import ManualClock
from localcloud.daraja.running.fake import Fake


async def health(fake: Fake, request: Request) -> Response:
    """Return that the fake is up, its time, and whether M-Pesa is closed."""
    now = fake.clock.now()
    return reply({"status": "ok", "now": now.isoformat(), "maintenance": fake.mpesa.in_maintenance(now)})


async def list_scripts(fake: Fake, request: Request) -> Response:
    """Return the rules in force."""
    rules = [rule.model_dump(exclude_none=True) for rule in fake.scripts.rules]
    return reply({"scripts": rules, "presets": sorted(PRESETS)})


async def add_scripts(fake: Fake, request: Request) -> Response:
    """Add a rule or a list of them."""
    parsed = loads(await request.body())
    added = [fake.scripts.add(raw).rule_id for raw in (parsed if isinstance(parsed, list) else [parsed])]
    return reply({"added": added}, 201)


async def clear_scripts(fake: Fake, request: Request) -> Response:
    """Forget every rule."""
    fake.scripts.clear()
    return reply({"scripts": []})


async def set_maintenance(fake: Fake, request: Request) -> Response:
    """Close or open M-Pesa: {on, for_s?}. While it is closed every API but the token's refuses."""
    body = await body_of(request)
    if not isinstance(body["on"], bool):
        raise ValueError("on is true or false")
    now = fake.clock.now()
    until = now + timedelta(seconds=float(body["for_s"])) if "for_s" in body else None
    fake.mpesa.set_maintenance(body["on"], until)
    return reply({"maintenance": fake.mpesa.in_maintenance(now)})


async def set_validation(fake: Fake, request: Request) -> Response:
    """Ask the merchant before a paybill payment, or not, as until Safaricom switches it on: {on}."""
    body = await body_of(request)
    if not isinstance(body["on"], bool):
        raise ValueError("on is true or false")
    fake.mpesa.paybill.asks_before = body["on"]
    return reply({"validation": fake.mpesa.paybill.asks_before})


async def move_clock(fake: Fake, request: Request) -> Response:
    """Move a manual clock by {advance_s}."""
    seconds = float((await body_of(request))["advance_s"])
    if not isinstance(fake.clock, ManualClock):
        raise ValueError("this fake runs on the machine's clock")
    fake.clock.advance(seconds)
    return reply({"now": fake.clock.now().isoformat()})


async def reset(fake: Fake, request: Request) -> Response:
    """Forget everything but the settings."""
    fake.reset()
    return reply({"status": "reset"})


async def certificate(fake: Fake, request: Request) -> Response:
    """Return the certificate for SecurityCredential."""
    return Response(fake.mpesa.vault.certificate, media_type="application/x-pem-file")


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/health", health),
    ("GET", "/scripts", list_scripts),
    ("POST", "/scripts", add_scripts),
    ("DELETE", "/scripts", clear_scripts),
    ("POST", "/maintenance", set_maintenance),
    ("POST", "/validation", set_validation),
    ("POST", "/clock", move_clock),
    ("POST", "/reset", reset),
    ("GET", "/certificate", certificate),
]
