"""The channel to Daraja, Safaricom's M-Pesa API: the only file that speaks HTTP to it.

A POST is sent once and never retried by the transport, because M-Pesa may have acted on it; only an access token that
was refused (before M-Pesa acts) is renewed and the request sent once more. Answers need not be JSON. Nothing of a
request or an answer is logged but codes: one of Daraja's error texts repeats the token.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from betsafi import clock
from betsafi.telemetry import logger
from payment.providers.base import Still, Submission
from payment.providers.mpesa import codes
from payment.providers.mpesa.credentials import credentials
from payment.settings import settings
from payment.stores import channel as shared

CONNECT_SECONDS = 3
READ_SECONDS = 20
QUERY_READ_SECONDS = 10
TURN_SECONDS = 4

_EARLY_SECONDS = 120
_REFRESH_CLAIM_SECONDS = 15
_token: tuple[str, int] | None = None


class TokenUnavailable(Exception):
    """M-Pesa gave no access token; nothing else was sent. `reason` is stable: MPESA_UNREACHABLE or CONFIGURATION."""

    def __init__(self, problem: str, reason: str = "MPESA_UNREACHABLE") -> None:
        super().__init__(problem)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: `status` None when none came; `body` None when it is a page, empty when it is no JSON object;
    `why` nothing was sent.
    """

    status: int | None
    body: dict[str, Any] | None
    sent: bool = True
    why: str = "MPESA_UNREACHABLE"

    @property
    def refuses_us(self) -> bool:
        """Whether M-Pesa takes neither this nor anything else until a person mends our keys or our products."""
        if not self.sent:
            return self.why == "CONFIGURATION"
        return codes.submitted(self.status, self.body).fate is Submission.BAD_TOKEN or (
            self.status in (401, 403) and self.body is not None
        )


def post(path: str, body: dict[str, Any], read_seconds: float, still: Still = lambda: True) -> Reply:
    """POST with the shared token, if it is still wanted then; if it is refused, renew it once and send once more."""
    if not _our_turn():
        logger.warning("too many requests to M-Pesa at once", path=path)
        return Reply(None, None, sent=False, why="MPESA_BUSY")
    try:
        token = _access_token()
        if not still():
            return Reply(None, None, sent=False, why="OVERTAKEN")
        reply = _send(path, body, token, read_seconds)
        if codes.submitted(reply.status, reply.body).fate is Submission.BAD_TOKEN:
            token = _access_token(instead_of=token)
            if not still():
                return Reply(None, None, sent=False, why="OVERTAKEN")
            reply = _send(path, body, token, read_seconds)
    except TokenUnavailable as error:
        logger.warning("no access token from M-Pesa", path=path, error=str(error), reason=error.reason)
        return Reply(None, None, sent=False, why=error.reason)
    return reply


def _our_turn() -> bool:
    """Wait until the configured requests per second leave room, for a few seconds; return whether they did."""
    deadline = clock.monotonic() + TURN_SECONDS
    attempt = 0
    while not shared.take_turn(_now()):
        if clock.monotonic() > deadline:
            return False
        clock.sleep_with_jitter(attempt, base_seconds=0.1)
        attempt += 1
    return True


def _send(path: str, body: dict[str, Any], token: str, read_seconds: float) -> Reply:
    """POST on a connection of its own: a pooled one that the other side closed would leave the outcome unknown."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    with _session() as session:
        try:
            response = session.post(
                settings.daraja_url + path, json=body, headers=headers, timeout=(CONNECT_SECONDS, read_seconds),
                allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            sent = not _never_sent(error)
            logger.warning("no answer from M-Pesa", path=path, error=type(error).__name__, sent=sent)
            return Reply(None, None, sent)
    reply = Reply(response.status_code, _json(response.content))
    code = (reply.body or {}).get("errorCode") or (reply.body or {}).get("ResponseCode")
    logger.info("M-Pesa answered", path=path, status=reply.status, code=code)
    return reply


def _never_sent(error: requests.RequestException) -> bool:
    """Return whether no connection was made; anything later may have reached M-Pesa."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _session() -> requests.Session:
    session = requests.Session()  # its adapters retry nothing by default
    session.trust_env = False
    return session


def _json(content: bytes) -> dict[str, Any] | None:
    """Return a JSON object, an empty one for nothing or no object, None for a firewall's or an outage's page."""
    if content.lstrip().startswith(b"<"):
        return None
    try:
        body = json.loads(content, parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _access_token(instead_of: str = "") -> str:
    """Return the shared token: from memory, else from the table, else a new one (one refresher at a time).

    `instead_of` is a token that M-Pesa just refused: that one is not returned again. Raises TokenUnavailable.
    """
    global _token
    if _token is not None and _usable(*_token, instead_of):
        return _token[0]
    deadline = clock.monotonic() + CONNECT_SECONDS
    attempt = 0
    while True:
        item = shared.find_token()
        if item is not None and "token" in item and _usable(item["token"], item["expires_at"], instead_of):
            break
        # Whoever waited long enough asks for itself: the refresher may have died.
        if shared.claim_token_refresh(_now(), _REFRESH_CLAIM_SECONDS) or clock.monotonic() > deadline:
            token, expires_at = _new_token()
            shared.save_token(token, expires_at)
            item = {"token": token, "expires_at": expires_at}
            break
        clock.sleep_with_jitter(attempt, base_seconds=0.1)
        attempt += 1
    _token = (item["token"], item["expires_at"])
    return _token[0]


def _usable(token: str, expires_at: int, refused: str) -> bool:
    return token != refused and _now() < expires_at - _EARLY_SECONDS


def _now() -> int:
    return int(clock.now().timestamp())


def _new_token() -> tuple[str, int]:
    """Ask for a token. Raises TokenUnavailable."""
    ours = credentials()
    with _session() as session:
        try:
            response = session.get(
                f"{settings.daraja_url}/oauth/v1/generate", params={"grant_type": "client_credentials"},
                auth=(ours.consumer_key, ours.consumer_secret), timeout=(CONNECT_SECONDS, 5), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise TokenUnavailable(type(error).__name__) from None
    found = _json(response.content)
    body = found or {}
    if response.status_code != 200 or not isinstance(body.get("access_token"), str):
        reason = codes.no_token(response.status_code, found)
        raise TokenUnavailable(f"HTTP {response.status_code} {body.get('errorCode') or ''}".rstrip(), reason)
    try:
        lifetime = int(str(body.get("expires_in")))
    except ValueError:
        lifetime = 0
    return body["access_token"], _now() + lifetime
