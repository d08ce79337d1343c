"""Checks of requests, as Daraja makes them before it accepts anything. Pure; each raises DarajaError."""

import base64
import binascii
import ipaddress
import re
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from localcloud.daraja.base.wire import EAT, JSON, MSISDN, DarajaError, invalid

# DARAJA §4.5: refused anywhere in the URL, in any case.
BANNED_WORDS = ("m-pesa", "mpesa", "safaricom", "exec", "exe", "cmd", "sql", "query")
BANNED_HOSTS = ("ngrok", "mockbin", "requestbin")
MAX_AMOUNT = 250_000


def msisdn(body: JSON, name: str) -> str:
    """Return the field as a 12-digit number (DARAJA §3.1); Daraja takes a JSON number or a string."""
    value = body.get(name)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not MSISDN.fullmatch(text):
        raise invalid(name)
    return text


def whole_shillings(body: JSON, name: str, *, lowest: int, highest: int | None) -> int:
    """Return the field as whole shillings; a number or a string of digits (DARAJA §3.1)."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise invalid(name)
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,12}", value):
        raise invalid(name)
    amount = Decimal(value)
    if amount != amount.to_integral_value() or amount < lowest:
        raise invalid(name)
    if highest is not None and amount > highest:
        raise invalid(name)
    return int(amount)


def digits(body: JSON, name: str, shortest: int, longest: int) -> str:
    """Return the field, a shortcode as number or string."""
    value = body.get(name)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and shortest <= len(text) <= longest):
        raise invalid(name)
    return text


def text(body: JSON, name: str, longest: int, *, shortest: int = 1) -> str:
    """Return a mandatory text field that is not blank."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or not shortest <= len(value) <= longest:
        raise invalid(name)
    return value


def optional_text(body: JSON, name: str, longest: int) -> str:
    """Return an optional text field, "" when it is absent or null; when present it has 1 to ``longest`` characters."""
    return "" if body.get(name) is None else text(body, name, longest)


def choice(body: JSON, name: str, allowed: tuple[str, ...]) -> str:
    """Return a field that must be one of ``allowed``, exactly."""
    value = body.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise invalid(name)
    return value


def callback_url(body: JSON, name: str) -> str:
    """Return a URL that passes DARAJA §4.5; http and loopback pass, so that a laptop works."""
    value = body.get(name)
    fault = url_fault(value)
    if fault is not None or not isinstance(value, str):
        raise invalid(name)
    return value


def url_fault(value: object) -> str | None:
    """Return why Daraja refuses this callback URL, or None (DARAJA §4.5)."""
    if not isinstance(value, str) or not value or any(c.isspace() for c in value):
        return "blank, or a blank inside"
    try:
        parts = urlsplit(value)
        host = parts.hostname
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return "not a URL"
    if parts.scheme not in ("http", "https") or not host or not port_ok:
        return "not a http or https URL"
    if parts.netloc != parts.netloc.lower():
        return "upper case in the host"
    for word in BANNED_WORDS:
        if word in value.lower():
            return f"URL has the word {word.upper()}"
    if any(word in host for word in BANNED_HOSTS):
        return "a tunnel or request bin"
    return None if _reachable(host) else "not a public host"


def _reachable(host: str) -> bool:
    """Names are not looked up (observed: example.invalid is accepted); private addresses are refused, loopback not."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." in host
    return address.is_loopback or address.is_global


def stk_password(body: JSON, *, shortcode: str, passkey: str, now: datetime, tolerance_s: float) -> None:
    """Check Timestamp (East Africa Time, close to now) and Password = base64(shortcode+passkey+timestamp)."""
    timestamp = body.get("Timestamp")
    if not isinstance(timestamp, str) or not re.fullmatch(r"\d{14}", timestamp):
        raise invalid("Timestamp")
    try:
        stamped = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=EAT)
    except ValueError:
        raise invalid("Timestamp") from None
    if abs((now - stamped).total_seconds()) > tolerance_s:
        raise invalid("Timestamp")
    expected = base64.b64encode(f"{shortcode}{passkey}{timestamp}".encode()).decode()
    if body.get("Password") != expected:
        raise DarajaError(500, "500.001.1001", "Wrong credentials")


def base64_text(body: JSON, name: str) -> str:
    """Return a field that must be standard base64, like SecurityCredential."""
    value = text(body, name, 4096)
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(name) from None
    return value
