"""The codes that prove a phone: the one place that makes, sends and checks them, with all their limits.

A number has one code, for five minutes and three tries; a new one after a minute at the earliest (at once if the last
was used), and eight a day in Nairobi. Only the phone knows it: kept is a salted hash that is slow to compute, so that
who reads the table has to try for longer than the code lives.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from betsafi import clock, sms
from betsafi.dynamodb import Item
from betsafi.errors import DomainError, Unavailable
from betsafi.telemetry import count, logger
from users import wording
from users.stores import codes

DIGITS = 6
SECONDS = 300
TRIES = 3
PAUSE_SECONDS = 60
A_DAY = 8

COST = 2**14
"""How slow the hash is to compute: 60 ms of a processor, and 16 MiB."""

send_sms = sms.sender()


class NoSms(DomainError):
    """The number takes no SMS from us."""

    code = "NO_SMS"


def send(phone_number: str) -> bool:
    """Send a new code, and return whether it was; within the limits none is, and the last one stays good.

    Raises NoSms, Unavailable.
    """
    now, seen = clock.now(), codes.find_code(phone_number)
    day = now.astimezone(clock.NAIROBI).date().isoformat()
    sent = 1 + (seen["sent"] if seen and seen["day"] == day else 0)
    if sent > A_DAY or (seen and "spent_by" not in seen and seen["sent_at"] > _ago(PAUSE_SECONDS)):
        return False
    code, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", secrets.token_hex(16)
    kept = {
        "hash": _hash(code, salt),
        "salt": salt,
        "tries": 0,
        "sent_at": clock.stamp(now),
        "expires_at": clock.stamp(now + timedelta(seconds=SECONDS)),
        "day": day,
        "sent": sent,
    }
    if not codes.keep_code(phone_number, seen, kept):
        return False
    try:
        send_sms(phone_number, wording.CODE_SMS.format(code=code))
    except sms.Undeliverable as refusal:
        raise NoSms(wording.NO_SMS) from refusal
    except sms.CarrierUnavailable as failure:
        count("CodeNotSent")
        logger.error("code not sent", error=str(failure))
        raise Unavailable(wording.NO_CODE_NOW) from failure
    return True


def find_right(phone_number: str, answer: str, challenge: str) -> Item | None:
    """Count a try, and return the number's code if the answer is it and a try was left."""
    code = codes.count_try(phone_number, challenge, TRIES)
    right = code is not None and hmac.compare_digest(_hash("".join(answer.split())[:100], code["salt"]), code["hash"])
    return code if right else None


def spend(code: Item, challenge: str) -> bool:
    """Use a code up for one challenge; return whether that challenge has it, however often it is asked."""
    return codes.spend_code(code, challenge)


def _ago(seconds: int) -> str:
    return clock.stamp(clock.now() - timedelta(seconds=seconds))


def _hash(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=COST, r=8, p=1).hex()
