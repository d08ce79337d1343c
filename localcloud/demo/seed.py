"""What a fresh local cloud is given: staff (see `staff`) and demo players who can sign in, and fixtures to bet on."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localcloud.cloud.running import Cloud, aws, get_json, parameter
from localcloud.demo import staff
from localcloud.demo.app import App
from localcloud.demo.offer import seed_offer
from tools.base.waiting import eventually

PASSWORD = "Betsafi-2026"
SETTLE = """mutation($market: ID!, $results: [ResultInput!]!) {
  settleMarket(marketId: $market, results: $results) { status version decidedBy } }"""


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in with `PASSWORD`."""

    phone: str
    role: str


PEOPLE = [
    Person("+254700000001", "bettor"),
    Person("+254700000002", "bettor"),
]


def seed(cloud: Cloud) -> None:
    """Make the people and the fixtures that are not there yet."""
    for person in PEOPLE:
        _ensure(cloud, person)
    staff.ensure(cloud)
    _register_paybill(signed_in(cloud, "admin"))
    trader = signed_in(cloud, "trader")
    seed_offer(trader, datetime.now(UTC))


def _register_paybill(admin: App) -> None:
    """Register where M-Pesa asks about paybill payments and confirms them; registering again does no harm."""
    admin.ask("mutation { registerPaybill }")


def settle(cloud: Cloud, market: str, results: list[dict[str, str]]) -> list[Any]:
    """Have both traders settle a market, whose game may be far from over; return what each was answered."""
    traders = [signed_in(cloud, "trader", number) for number in (0, 1)]
    return [trader.ask(SETTLE, market=market, results=results) for trader in traders]


def new_app(cloud: Cloud, phone: str, password: str = "", *, secure: bool = False) -> App:
    """Return an app for a phone number, not signed in yet; a secure one asks over https and listens over wss."""
    addresses = cloud.addresses
    client, lobby_key = (parameter(addresses, name) for name in ("users/client/id", "frontend-api/lobby/key"))
    graphql, authority = (addresses.secure, str(cloud.tls.authority)) if secure else (addresses.appsync, "")
    return App(graphql, addresses.cognito, client, phone, password, lobby_key, authority)


def signed_in(cloud: Cloud, role: str, number: int = 0) -> App:
    """Return the app of a seeded person of a role (the first one is number 0), signed in."""
    if role in staff.GROUPS:
        return staff.signed_in(cloud, role, number)
    person = [person for person in PEOPLE if person.role == role][number]
    app = new_app(cloud, person.phone, PASSWORD)
    app.sign_in()
    return app


def code_from_sms(cloud: Cloud, phone: str, says: str = "is your BETSAFI code") -> str:
    """Return the code in the newest SMS to a number that says this. Raises LookupError while there is none."""
    for message in get_json(f"{cloud.addresses.inbox}/messages?to={phone.lstrip('+')}")["messages"]:
        if match := re.search(rf"\b(\d{{6}})\b {says}", message["text"]):
            return match[1]
    raise LookupError(f"no code was sent to {phone}")


def _ensure(cloud: Cloud, person: Person) -> None:
    cognito = aws("cognito-idp", cloud.addresses)
    pool = parameter(cloud.addresses, "users/pool/id")
    try:
        cognito.admin_get_user(UserPoolId=pool, Username=person.phone)
        return
    except cognito.exceptions.UserNotFoundException:
        pass
    app = new_app(cloud, person.phone, PASSWORD)
    app.sign_up()
    app.confirm(wait_for_code(cloud, person.phone))


def wait_for_code(cloud: Cloud, phone: str, says: str = "is your BETSAFI code") -> str:
    """Return the code once its SMS is there. Raises TimeoutError."""
    return eventually(lambda: code_from_sms(cloud, phone, says), f"a code for {phone}", LookupError)
