"""What M-Pesa's books hold, and the phones and accounts that a person may set."""

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import JSON
from localcloud.daraja.controls.handling import Handler, body_of, money, reply
from localcloud.daraja.running.fake import Fake


async def books(fake: Fake, request: Request) -> Response:
    """Return balances, totals and counts; money as strings."""
    return reply(fake.mpesa.state.books.summary())


async def transactions(fake: Fake, request: Request) -> Response:
    """Return movements with their postings: ?phone=&kind=&receipt=."""
    wanted = {name: request.query_params.get(name) for name in ("phone", "kind", "receipt")}
    rows = [
        t.as_json() for t in fake.mpesa.state.books.journal
        if all(v is None or getattr(t, k) == v for k, v in wanted.items())
        and (t.kind != "opening" or wanted["kind"] == "opening")
    ]  # fmt: skip
    return reply({"transactions": rows})


async def set_accounts(fake: Fake, request: Request) -> Response:
    """Bring {working?, utility?} to a balance."""
    changes = await body_of(request)
    if not changes or set(changes) - {"working", "utility"}:
        raise ValueError("the accounts are working and utility")
    amounts: list[tuple[Any, Decimal]] = [(name, money(value)) for name, value in changes.items()]
    for name, amount in amounts:
        fake.mpesa.accounts.set_account(name, amount, fake.clock.now())
    return reply(fake.mpesa.state.books.summary())


async def transfer(fake: Fake, request: Request) -> Response:
    """Move {from, to, amount} between working and utility, as the organisation's portal does."""
    body = await body_of(request)
    moved = fake.mpesa.accounts.transfer(str(body["from"]), str(body["to"]), money(body["amount"]), fake.clock.now())
    return reply(moved.as_json(), 201)


async def show_phone(fake: Fake, request: Request) -> Response:
    """Return a line as it is."""
    return reply(_as_json(fake, request.path_params["msisdn"]))


async def set_phone(fake: Fake, request: Request) -> Response:
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
    return reply(_as_json(fake, msisdn))


async def pay_bill(fake: Fake, request: Request) -> Response:
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


async def sms(fake: Fake, request: Request) -> Response:
    """Return M-Pesa's texts, newest first: ?to=."""
    to = request.query_params.get("to")
    return reply({"messages": [m.as_json() for m in reversed(fake.mpesa.state.sms) if to in (None, m.to)]})


def _as_json(fake: Fake, msisdn: str) -> JSON:
    line = fake.mpesa.accounts.phone(msisdn, fake.clock.now())
    return {
        "msisdn": msisdn, "name": line.name, "pin": line.pin, "registered": line.registered, "locked": line.locked,
        "balance": str(fake.mpesa.state.books.balance(f"phone:{msisdn}")),
    }  # fmt: skip


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/books", books),
    ("GET", "/transactions", transactions),
    ("POST", "/accounts", set_accounts),
    ("POST", "/accounts/transfer", transfer),
    ("GET", "/phones/{msisdn}", show_phone),
    ("POST", "/phones/{msisdn}", set_phone),
    ("POST", "/c2b", pay_bill),
    ("GET", "/sms", sms),
]
