"""The product's own M-Pesa client against Safaricom's sandbox: `make daraja-sandbox`, by environment variables alone.

It sends one prompt for KES 1, asks how it ended, and, where an initiator is named, pays out KES 10; of each answer it
prints M-Pesa's code and what the product makes of it. Nothing of AWS is used: the secret and the access token are kept
in memory. **The sandbox's paybill takes real money if a real phone approves** (DARAJA §7).
"""

import importlib
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import requests

from tools.security_credential import Refused, read_certificate, seal

NEEDED = ("DARAJA_CONSUMER_KEY", "DARAJA_CONSUMER_SECRET")
PAYOUT_NEEDS = ("DARAJA_INITIATOR_PASSWORD", "DARAJA_CERTIFICATE")
DEFAULTS = {
    # Public constants of the sandbox (DARAJA §7); this phone never answers, so its prompt ends in 1037.
    "DARAJA_URL": "https://sandbox.safaricom.co.ke",
    "DARAJA_PHONE": "254708374149",
    "DARAJA_SHORTCODE": "174379",
    "DARAJA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "DARAJA_PAYOUT_SHORTCODE": "600000",
    "DARAJA_INITIATOR": "testapi",
    # M-Pesa does not look the name up; without an address of yours its callbacks go nowhere.
    "DARAJA_CALLBACK_URL": "https://example.invalid",
}
PATIENCE_SECONDS = 120


@dataclass
class Memory:
    """Stands for Secrets Manager and for the table's token, so that nothing of AWS is needed."""

    secret: dict[str, str]
    token: dict[str, Any] | None = None

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        """Answer as Secrets Manager's client does."""
        return {"SecretString": json.dumps(self.secret)}

    def find_token(self) -> dict[str, Any] | None:
        """Return the token that was saved."""
        return self.token

    def claim_token_refresh(self, now: int, seconds: int) -> bool:
        """Nobody else refreshes."""
        return True

    def save_token(self, token: str, expires_at: int) -> None:
        """Keep the token for this run."""
        self.token = {"token": token, "expires_at": expires_at}


@dataclass
class Wire:
    """What M-Pesa answered last, as a status and a code; never a token, a number or a name."""

    answers: list[str] = field(default_factory=list)

    def last(self) -> str:
        """Return the last answer since this was asked before."""
        last = self.answers[-1] if self.answers else "no answer"
        self.answers.clear()
        return last

    @contextmanager
    def tapped(self) -> Iterator[None]:
        """Note every answer of the meantime but a granted token."""
        sessions: Any = requests.Session
        send = sessions.send

        def noting(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            response: requests.Response = send(session, request, **options)
            if "/oauth/" not in str(request.url) or response.status_code != 200:
                self.answers.append(f"HTTP {response.status_code} {_code(response)}".rstrip())
            return response

        sessions.send = noting
        try:
            yield
        finally:
            sessions.send = send


def _code(response: requests.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "(no JSON)"
    names = ("errorCode", "ResultCode", "ResponseCode")
    return next((f"{name} {body[name]}" for name in names if isinstance(body, dict) and name in body), "")


def product(memory: Memory, daraja_url: str) -> ModuleType:
    """Return the payment service's Daraja client, made for this run: its settings are read at import."""
    unused = ("TABLE_NAME", "DARAJA_SECRET_ID", "USERS_URL", "WALLET_URL", "FOLLOWUP_QUEUE_URL", "ARCHIVE_BUCKET")
    os.environ.update({name: "http://unused" for name in unused} | {"DARAJA_URL": daraja_url.rstrip("/")})
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "ERROR")
    daraja, channel, credentials = (
        importlib.import_module(f"payment.{name}")
        for name in ("providers.mpesa.client", "stores.channel", "providers.mpesa.credentials")
    )
    credentials.client = lambda service: memory  # type: ignore[attr-defined]
    for name in ("find_token", "claim_token_refresh", "save_token"):
        setattr(channel, name, getattr(memory, name))
    return daraja


def secret(given: Mapping[str, str]) -> dict[str, str]:
    """Return the payment secret's document for this run. Raises Refused for a bad certificate or password."""
    payout = all(given.get(name) for name in PAYOUT_NEEDS)
    sealed = ""
    if payout:
        certificate = read_certificate(Path(given["DARAJA_CERTIFICATE"]).read_bytes())
        sealed = seal(certificate, given["DARAJA_INITIATOR_PASSWORD"])
    return {
        "consumerKey": given["DARAJA_CONSUMER_KEY"],
        "consumerSecret": given["DARAJA_CONSUMER_SECRET"],
        "shortcode": given["DARAJA_SHORTCODE"],
        "passkey": given["DARAJA_PASSKEY"],
        "payoutShortcode": given["DARAJA_PAYOUT_SHORTCODE"],
        "initiatorName": given["DARAJA_INITIATOR"],
        "securityCredential": sealed,
        "callbackKey": "",
    }


def run(
    environ: Mapping[str, str], tell: Callable[[str], None] = print, *, pause_s: float = 5.0,
    patience_s: float = PATIENCE_SECONDS,
) -> int:  # fmt: skip
    """Send a push, ask about it, pay out; return 0 when M-Pesa took each and the push's end is understood."""
    missing = [name for name in NEEDED if not environ.get(name)]
    if missing:
        tell(f"Nothing was sent to M-Pesa's sandbox: set {' and '.join(missing)} to use it (docs/getting_started.md).")
        return 0
    given = DEFAULTS | {name: value for name, value in environ.items() if value}
    try:
        memory = Memory(secret(given))
    except (Refused, OSError) as problem:
        tell(str(problem))
        return 1
    daraja, wire = product(memory, given["DARAJA_URL"]), Wire()
    address = given["DARAJA_CALLBACK_URL"].rstrip("/")
    with wire.tapped():
        good = _push(daraja, wire, given, address, tell, pause_s, patience_s)
        if memory.secret["securityCredential"]:
            urls = (f"{address}/cb/b/1", f"{address}/cb/t/1")
            fate = daraja.pay(str(uuid.uuid4()), given["DARAJA_PHONE"], 10, *urls, still=lambda: True)
            tell(f"B2C    {wire.last()}: {_say(fate)}; the result goes to {address}")
            good = good and fate.fate.value == "ACCEPTED"
        else:
            tell(f"B2C    not sent: it needs {' and '.join(PAYOUT_NEEDS)}")
    return 0 if good else 1


def _push(
    daraja: ModuleType, wire: Wire, given: Mapping[str, str], address: str, tell: Callable[[str], None],
    pause_s: float, patience_s: float,
) -> bool:  # fmt: skip
    sent = daraja.push(given["DARAJA_PHONE"], 1, "BETSAFI", f"{address}/cb/s/1")
    tell(f"push   {wire.last()}: {_say(sent.submitted)}")
    if sent.prompt_id is None:
        return False
    deadline = time.monotonic() + patience_s
    while True:
        verdict = daraja.ask_push(sent.prompt_id)
        tell(f"query  {wire.last()}: {verdict.outcome.value} {verdict.reason}")
        if verdict.outcome.value != "PENDING":
            return bool(verdict.outcome.value in ("PAID", "FAILED"))
        if time.monotonic() > deadline:
            tell(f"query  still without a result after {patience_s:g} s")
            return False
        time.sleep(pause_s)


def _say(fate: Any) -> str:
    return f"{fate.fate.value} {fate.reason}".rstrip()


if __name__ == "__main__":
    sys.exit(run(os.environ))
