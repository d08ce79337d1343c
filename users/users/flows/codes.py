"""The codes that prove a phone: the one place that makes, sends and checks them, with all their limits.

A number has one code of each purpose, for five minutes and three tries; a new one after a minute at the earliest (at
once if the last was used), and eight a day in Nairobi. After nine wrong answers within a day its codes are neither sent
nor taken for a day, which its owner is told by SMS and nobody else. Only the phone knows a code: kept is a salted hash
that is slow to compute, so that who reads the table has to try for longer than the code lives.
"""

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from betsafi import clock, ids, mail, sms
from betsafi.dynamodb import Item, Update
from betsafi.errors import DomainError, Unavailable
from betsafi.languages import Language
from betsafi.telemetry import count, logger
from users import wording
from users.stores import codes, people, trail
from users.table import Purpose

DIGITS = 6
SECONDS = 300
TRIES = 3
PAUSE_SECONDS = 60
A_DAY = 8
WRONG = 9
"""So many wrong answers within LOCK_SECONDS lock a number for as long: three sign-ins with three tries each."""
LOCK_SECONDS = 24 * 3600

COST = 2**14
"""How slow the hash is to compute: 60 ms of a processor, and 16 MiB."""

send_sms = sms.sender()
send_mail = mail.sender()


class NoSms(DomainError):
    """The number takes no SMS from us."""

    code = "NO_SMS"
    sw = "Hatuwezi kutuma SMS kwa namba hii."


class NoEmail(DomainError):
    """The address takes no e-mail from us."""

    code = "NO_EMAIL"
    sw = "Hatuwezi kutuma barua pepe kwa anwani hii."


class WrongCode(DomainError):
    """The code is not the one that was sent last, or has no try or no time left."""

    code = "WRONG_CODE"
    sw = "Namba ya siri si sahihi au imepitwa na wakati. Omba nyingine."
    status = 403


def send(phone_number: str, purpose: Purpose = Purpose.SIGN_IN, language: Language = "en") -> bool:
    """Send a new code, in the language of whom it is for, and return whether it was; within the limits none is, and the
    last one stays good.

    Raises NoSms, Unavailable.
    """
    now, seen = clock.now(), codes.find_code(phone_number, purpose)
    day = now.astimezone(clock.NAIROBI).date().isoformat()
    sent = 1 + (seen["sent"] if seen and seen["day"] == day else 0)
    if sent > A_DAY or (seen and "spent_by" not in seen and seen["sent_at"] > _ago(PAUSE_SECONDS)):
        return False
    if seen and seen.get("locked_until", "") > clock.stamp(now):
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
        **_wrong_before(seen, now),
    }
    if not codes.keep_code(phone_number, purpose, seen, kept):
        return False
    _hand_over(phone_number, wording.CODE_SMS[purpose].format(code=code).said(language))
    return True


def find_right(phone_number: str, answer: str, challenge: str, purpose: Purpose = Purpose.SIGN_IN) -> Item | None:
    """Count a try, and return the number's code if the answer is it and a try was left."""
    code = codes.count_try(phone_number, purpose, challenge, TRIES)
    if code is None:
        return None
    if hmac.compare_digest(_hash("".join(answer.split())[:100], code["salt"]), code["hash"]):
        return code
    if "spent_by" not in code and code.get("wrong", 0) + code["tries"] >= WRONG:
        _lock(phone_number, code)
    return None


def spend(code: Item, challenge: str) -> bool:
    """Use a code up for one challenge; return whether that challenge has it, however often it is asked."""
    return codes.spend_code(code, challenge)


def confirm(phone_number: str, answer: str, challenge: str, purpose: Purpose = Purpose.CONFIRM) -> None:
    """Use a number's code up for one challenge, however often it is asked. Raises WrongCode."""
    code = find_right(phone_number, answer, challenge, purpose)
    if code is None or not spend(code, challenge):
        raise WrongCode(wording.WRONG_CODE)


def unlocked(phone_number: str) -> list[Update]:
    """Return the writes that let a number's codes for signing in be sent and taken again."""
    return [codes.unlocked(phone_number, Purpose.SIGN_IN)] if codes.find_code(phone_number) else []


def _wrong_before(seen: Item | None, now: datetime) -> Item:
    """Return what a new code takes over of wrong answers to those before it; a right one, or a day, forgets them."""
    if not seen or "spent_by" in seen or "locked_until" in seen:
        return {}
    wrong, since = seen.get("wrong", 0) + min(seen["tries"], TRIES), str(seen.get("wrong_since", seen["sent_at"]))
    return {"wrong": wrong, "wrong_since": since} if wrong and since > _ago(LOCK_SECONDS) else {}


def _lock(phone_number: str, code: Item) -> None:
    """Lock a number, and tell its owner the first time that it is. The trail says it of the player who has it: once a
    day, so that guesses cost no write each."""
    player = (people.find_claim(phone_number) or {}).get("user_id")
    also = []
    if player:
        act_id = ids.derive_id("lock", player, code["sk"], code["sent_at"])
        also = trail.done_by_system("signInLocked", player, act_id, codes=code["sk"])
    if codes.lock_code(code, clock.stamp(clock.now() + timedelta(seconds=LOCK_SECONDS)), *also):
        count("SignInLocked")
        profile, said = people.find_profile(player) if player else None, wording.LOCKED_SMS
        tell(phone_number, said.said(profile["language"]) if profile else f"{said} {said.sw}")


def tell(phone_number: str, text: str) -> None:
    """Send an SMS, or not: what it tells of stands already, and who does not hear of it asks support."""
    with suppress(NoSms, NoEmail, Unavailable):
        _hand_over(phone_number, text)


def _hand_over(address: str, text: str) -> None:
    """Send an SMS or an e-mail. Raises NoSms, NoEmail, Unavailable."""
    by_mail = "@" in address
    try:
        if by_mail:
            send_mail(address, wording.EMAIL_SUBJECT, text)
        else:
            send_sms(address, text)
    except sms.Undeliverable as refusal:
        raise (NoEmail(wording.NO_EMAIL) if by_mail else NoSms(wording.NO_SMS)) from refusal
    except sms.CarrierUnavailable as failure:
        if not by_mail:  # without an e-mail people sign in nevertheless
            count("CodeNotSent")
        logger.error("code not sent", error=str(failure))
        raise Unavailable(wording.NO_CODE_NOW) from failure


def _ago(seconds: int) -> str:
    return clock.stamp(clock.now() - timedelta(seconds=seconds))


def _hash(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=COST, r=8, p=1).hex()
