"""The ``/_fake`` paths: what people and tests use to script the fake and to read M-Pesa's own books."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localcloud.daraja.base.scripts import PRESETS, Script
from localcloud.daraja.base.wire import JSON, dumps, loads, shillings
from localcloud.daraja.server.clock import ManualClock
from localcloud.daraja.server.fake import Fake

Handler = Callable[[Request], Awaitable[Response]]


def reply(content: object, status: int = 200) -> Response:
    """Return ``content`` as JSON."""
    return Response(dumps(content), status, media_type="application/json")


async def body_of(request: Request) -> JSON:
    """Return the request's JSON object; an empty body is {}. Raises ValueError."""
    raw = await request.body()
    parsed = loads(raw) if raw else {}
    if not isinstance(parsed, dict):
        raise ValueError("a JSON object is expected")
    return parsed


def guarded(handler: Handler, changed: Callable[[], None]) -> Handler:
    """Turn bad input into 400 and an unknown id into 404, each with a sentence; tell ``changed`` after a success."""

    async def answer(request: Request) -> Response:
        try:
            response = await handler(request)
            if request.method != "GET":
                changed()
            return response
        except KeyError as error:
            return reply({"error": f"unknown {error}"}, 404)
        except ValidationError as error:
            problems = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
            return reply({"error": "this script is not understood", "problems": problems}, 400)
        except (ValueError, InvalidOperation) as error:
            return reply({"error": str(error)}, 400)

    return answer


def money(value: object) -> Decimal:
    """Read shillings from a JSON number or string. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("an amount is a number or a string of shillings")
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount is not negative")
    return shillings(amount)


def routes(fake: Fake) -> list[Route]:
    """Return the control routes over ``fake``."""
    found: list[Route] = []

    def on(path: str, method: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            found.append(Route(f"/_fake{path}", guarded(handler, fake.courier.wake), methods=[method]))
            return handler

        return add

    @on("/health", "GET")
    async def health(request: Request) -> Response:
        now = fake.clock.now()
        return reply({"status": "ok", "now": now.isoformat(), "maintenance": fake.mpesa.in_maintenance(now)})

    @on("/books", "GET")
    async def books(request: Request) -> Response:
        return reply(fake.mpesa.state.books.summary())

    @on("/transactions", "GET")
    async def transactions(request: Request) -> Response:
        wanted = {name: request.query_params.get(name) for name in ("phone", "kind", "receipt")}
        rows = [
            t.as_json() for t in fake.mpesa.state.books.journal
            if all(v is None or getattr(t, k) == v for k, v in wanted.items())
            and (t.kind != "opening" or wanted["kind"] == "opening")
        ]  # fmt: skip
        return reply({"transactions": rows})

    @on("/scripts", "GET")
    async def list_scripts(request: Request) -> Response:
        rules = [rule.model_dump(exclude_none=True) for rule in fake.scripts.rules]
        return reply({"scripts": rules, "presets": sorted(PRESETS)})

    @on("/scripts", "POST")
    async def add_scripts(request: Request) -> Response:
        parsed = loads(await request.body())
        added = [fake.scripts.add(raw).rule_id for raw in (parsed if isinstance(parsed, list) else [parsed])]
        return reply({"added": added}, 201)

    @on("/scripts", "DELETE")
    async def clear_scripts(request: Request) -> Response:
        fake.scripts.clear()
        return reply({"scripts": []})

    @on("/maintenance", "POST")
    async def set_maintenance(request: Request) -> Response:
        """Close or open M-Pesa: {on, for_s?}. While it is closed every API but the token's refuses."""
        body = await body_of(request)
        if not isinstance(body["on"], bool):
            raise ValueError("on is true or false")
        now = fake.clock.now()
        until = now + timedelta(seconds=float(body["for_s"])) if "for_s" in body else None
        fake.mpesa.set_maintenance(body["on"], until)
        return reply({"maintenance": fake.mpesa.in_maintenance(now)})

    @on("/validation", "POST")
    async def set_validation(request: Request) -> Response:
        """Ask the merchant before a paybill payment, or not, as until Safaricom switches it on: {on}."""
        body = await body_of(request)
        if not isinstance(body["on"], bool):
            raise ValueError("on is true or false")
        fake.mpesa.paybill.asks_before = body["on"]
        return reply({"validation": fake.mpesa.paybill.asks_before})

    @on("/reset", "POST")
    async def reset(request: Request) -> Response:
        fake.reset()
        return reply({"status": "reset"})

    @on("/prompts", "GET")
    async def prompts(request: Request) -> Response:
        open_now = fake.mpesa.prompts.shown(fake.clock.now(), request.query_params.get("phone"))
        return reply({"prompts": [push.as_json() for push in open_now]})

    @on("/prompts/{checkout_request_id}", "POST")
    async def answer_prompt(request: Request) -> Response:
        body = await body_of(request)
        push = fake.mpesa.prompts.answer(
            request.path_params["checkout_request_id"], str(body.get("action")), str(body.get("pin", "")),
            fake.clock.now(),
        )  # fmt: skip
        return reply(push.as_json())

    @on("/pushes", "GET")
    async def pushes(request: Request) -> Response:
        phone = request.query_params.get("phone")
        found = [p.as_json() for p in fake.mpesa.state.pushes.values() if phone in (None, p.phone)]
        return reply({"pushes": found})

    @on("/orders", "GET")
    async def orders(request: Request) -> Response:
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

    @on("/payments", "GET")
    async def payments(request: Request) -> Response:
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

    @on("/agenda", "GET")
    async def agenda(request: Request) -> Response:
        return reply({"agenda": fake.mpesa.agenda.under_way()})

    @on("/deliveries", "GET")
    async def deliveries(request: Request) -> Response:
        state, kind = request.query_params.get("state"), request.query_params.get("kind")
        rows = [
            d.as_json() for d in fake.mpesa.state.deliveries.values()
            if state in (None, d.state) and kind in (None, d.kind)
        ]  # fmt: skip
        return reply({"deliveries": rows})

    @on("/deliveries/release", "POST")
    async def release(request: Request) -> Response:
        body = await body_of(request)
        held = [d.delivery_id for d in fake.mpesa.state.deliveries.values() if d.state == "held"]
        chosen = [str(i) for i in body["ids"]] if "ids" in body else held
        if body.get("order") == "reverse":
            chosen.reverse()
        sent = fake.mpesa.deliveries.release(chosen, fake.clock.now())
        return reply({"released": [d.delivery_id for d in sent]})

    @on("/deliveries/{delivery_id}/again", "POST")
    async def again(request: Request) -> Response:
        copy = fake.mpesa.deliveries.repeat(request.path_params["delivery_id"], fake.clock.now())
        return reply(copy.as_json(), 201)

    @on("/callbacks", "POST")
    async def forge(request: Request) -> Response:
        """Post any body to any address, as a forger would: {url, body, headers?, delay_s?}."""
        body = await body_of(request)
        content = body["body"] if isinstance(body["body"], str) else dumps(body["body"])
        at = fake.clock.now() + timedelta(seconds=float(body.get("delay_s", 0)))
        headers = {str(k): str(v) for k, v in (body.get("headers") or {}).items()}
        sent = fake.mpesa.deliveries.post_later(
            "forged", "", str(body["url"]), content, at, headers=headers, forged=True
        )
        return reply(sent.as_json(), 201)

    @on("/requests", "GET")
    async def requests(request: Request) -> Response:
        path = request.query_params.get("path")
        return reply({"requests": [s.as_json() for s in fake.gateway.log if path in (None, s.path)]})

    @on("/phones/{msisdn}", "GET")
    async def show_phone(request: Request) -> Response:
        return reply(_phone_json(fake, request.path_params["msisdn"]))

    @on("/phones/{msisdn}", "POST")
    async def set_phone(request: Request) -> Response:
        """Change {balance?, pin?, name?, registered?, locked?} of a line."""
        msisdn, changes, now = request.path_params["msisdn"], await body_of(request), fake.clock.now()
        unknown = set(changes) - {"balance", "pin", "name", "registered", "locked"}
        if unknown:
            raise ValueError(f"a phone has no {', '.join(sorted(unknown))}")
        line = fake.mpesa.accounts.phone(msisdn, now)
        if "balance" in changes:
            fake.mpesa.accounts.set_phone_balance(msisdn, money(changes["balance"]), now)
        line.pin = str(changes.get("pin", line.pin))
        line.name = str(changes.get("name", line.name))
        line.registered = bool(changes.get("registered", line.registered))
        if "locked" in changes:
            line.locked, line.wrong_pins = bool(changes["locked"]), 0
        return reply(_phone_json(fake, msisdn))

    @on("/accounts", "POST")
    async def set_accounts(request: Request) -> Response:
        """Bring {working?, utility?} to a balance."""
        changes = await body_of(request)
        if not changes or set(changes) - {"working", "utility"}:
            raise ValueError("the accounts are working and utility")
        amounts: list[tuple[Any, Decimal]] = [(name, money(value)) for name, value in changes.items()]
        for name, amount in amounts:
            fake.mpesa.accounts.set_account(name, amount, fake.clock.now())
        return reply(fake.mpesa.state.books.summary())

    @on("/accounts/transfer", "POST")
    async def transfer(request: Request) -> Response:
        """Move {from, to, amount} between working and utility, as the organisation's portal does."""
        body = await body_of(request)
        moved = fake.mpesa.accounts.transfer(
            str(body["from"]), str(body["to"]), money(body["amount"]), fake.clock.now()
        )
        return reply(moved.as_json(), 201)

    @on("/c2b", "POST")
    async def pay_bill(request: Request) -> Response:
        """A customer pays the paybill from the phone: {phone, amount, account, shortcode?}."""
        body = await body_of(request)
        amount = money(body["amount"])
        if amount != int(amount) or amount < 1:
            raise ValueError("M-Pesa moves whole shillings")
        phone, account = str(body["phone"]), str(body["account"])
        script = fake.scripts.take("c2b", phone, int(amount), account) or Script()
        shortcode = str(body.get("shortcode") or fake.settings.shortcode)
        payment = fake.mpesa.paybill.pay(shortcode, phone, int(amount), account, "Pay Bill", script, fake.clock.now())
        return reply({"receipt": payment.receipt, "outcome": payment.outcome}, 201)

    @on("/sms", "GET")
    async def sms(request: Request) -> Response:
        to = request.query_params.get("to")
        return reply({"messages": [m.as_json() for m in reversed(fake.mpesa.state.sms) if to in (None, m.to)]})

    @on("/tokens/expire", "POST")
    async def expire_tokens(request: Request) -> Response:
        count = len(fake.gateway.tokens.granted)
        fake.gateway.tokens.granted.clear()
        return reply({"expired": count})

    @on("/clock", "POST")
    async def move_clock(request: Request) -> Response:
        """Move a manual clock by {advance_s}."""
        seconds = float((await body_of(request))["advance_s"])
        if not isinstance(fake.clock, ManualClock):
            raise ValueError("this fake runs on the machine's clock")
        fake.clock.advance(seconds)
        return reply({"now": fake.clock.now().isoformat()})

    @on("/certificate", "GET")
    async def certificate(request: Request) -> Response:
        return Response(fake.mpesa.vault.certificate, media_type="application/x-pem-file")

    return found


def _phone_json(fake: Fake, msisdn: str) -> JSON:
    line = fake.mpesa.accounts.phone(msisdn, fake.clock.now())
    return {
        "msisdn": msisdn, "name": line.name, "pin": line.pin, "registered": line.registered, "locked": line.locked,
        "balance": str(fake.mpesa.state.books.balance(f"phone:{msisdn}")),
    }  # fmt: skip
