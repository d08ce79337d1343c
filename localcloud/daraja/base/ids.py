"""Identifiers in M-Pesa's own formats, from one random source that a test can seed."""

import random
import string
from datetime import datetime

from localcloud.daraja.base.wire import EAT

_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits
_DAYS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"


class Ids:
    """Makes ids; the same seed and the same calls give the same ids."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()

    def _pick(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(length))

    def token(self) -> str:
        """28 characters, as observed (DARAJA §2)."""
        return self._pick(string.ascii_letters + string.digits, 28)

    def request_id(self) -> str:
        """The ``requestId`` of an error envelope."""
        return f"{self._pick(_HEX, 4)}-{self._pick(_HEX, 4)}-{self._pick(_HEX, 4)}-{self._pick(_HEX, 16)}"

    def merchant_request_id(self) -> str:
        """Like ``2654-4b64-97ff-b827b542881d3130`` (DARAJA §3.2)."""
        return self.request_id()

    def checkout_request_id(self, now: datetime, msisdn: str) -> str:
        """``ws_CO_`` + Nairobi time + digits + the number's last nine digits (DARAJA §3.2: treat as opaque)."""
        return f"ws_CO_{now.astimezone(EAT):%d%m%Y%H%M%S}{self._pick(string.digits, 3)}{msisdn[-9:]}"

    def conversation_id(self, now: datetime) -> str:
        """Like ``AG_20240706_2010759fd5662ef6d054``."""
        return f"AG_{now.astimezone(EAT):%Y%m%d}_{self._pick(_HEX, 20)}"

    def receipt(self, now: datetime) -> str:
        """Ten characters; the first three encode year, month and day, as in NLJ7RT61SV (19 December 2019)."""
        return day_code(now) + self._pick(_UPPER, 7)

    def reference(self) -> str:
        """A plain reference number for the families that use one."""
        return f"{self._pick(string.digits, 5)}-{self._pick(string.digits, 8)}-1"


def day_code(moment: datetime) -> str:
    """Return the receipt prefix of a day: year since 2006 as a letter, month A to L, day 1 to 9 and A to V."""
    local = moment.astimezone(EAT)
    return chr(ord("A") + (local.year - 2006) % 26) + chr(ord("A") + local.month - 1) + _DAYS[local.day]


def placeholder_receipt(moment: datetime) -> str:
    """The TransactionID of a failed result, like NLJ0000000 (DARAJA §5.4): no money moved under it."""
    return day_code(moment) + "0000000"
