"""What protects a player is written here, and reaches wallet and payment before the player is answered.

Both get all of it under its version and keep the newest, so a call that was cut off anywhere is simply made again; the
event that follows from the write is the backstop.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from betsafi import clock
from betsafi.errors import Contention, Forbidden, Unavailable
from betsafi.protection import LIMITS
from betsafi.service_client import Refused
from betsafi.settings import Must, read_settings
from betsafi.telemetry import count, logger
from users import payment_api, wallet_api, wording
from users import protection as rules
from users.protection import Standing
from users.registers import exclusion
from users.stores import people, protection


@dataclass(frozen=True)
class Settings:
    """Limits of who signs up from now on, written `stake_day=500000` (cents); and of the exclusion register: for how
    many hours an answer is good to bet on, and whether players are refused, or let in, while it does not answer.
    """

    default_limits: Annotated[list[str], Must(like=r"[a-z_]+=[1-9][0-9]{0,9}")] = field(default_factory=list)
    register_hours: int = 24
    register_down: Annotated[str, Must(like="refuse|allow")] = "refuse"

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that there is not."""
        if unknown := {name.partition("=")[0] for name in self.default_limits} - set(LIMITS):
            raise ValueError(f"DEFAULT_LIMITS names {', '.join(sorted(unknown))}")


settings = read_settings(Settings)
CLEARED_FOR = timedelta(hours=settings.register_hours)
LET_IN_FOR = timedelta(hours=1)
"""For how long bets are taken on no answer at all, where players are let in while the register is down."""


class Excluded(Forbidden):
    """The exclusion register has the owner of this number."""

    code = "EXCLUDED"
    sw = "Uko kwenye rejista ya waliojizuia, kwa hiyo huwezi kufungua akaunti."


How = Callable[[Standing, datetime], Standing]
"""A change: what protects a player, and the present moment, to what then does."""

TRIES = 20


def change(user_id: str, how: How) -> dict[str, Any]:
    """Change what protects a player, and return it as `look` does, once wallet and payment have it.

    Raises NotFound, what `how` raises, Contention, and Unavailable: then it is in force in part, and the same call goes
    on.
    """
    people.get_profile(user_id)
    standing = changed(user_id, how)
    reach(user_id, standing)
    return _shown(user_id, standing)


def changed(user_id: str, how: How) -> Standing:
    """Write a change, and return what then stands. Raises what `how` raises, Contention."""
    for attempt in range(TRIES):
        seen = protection.find_protection(user_id)
        standing = how(seen, clock.now())
        if standing == seen or protection.replace_protection(user_id, seen, standing):
            return standing
        clock.sleep_with_jitter(attempt)
    raise Contention(wording.BUSY)


def reach(user_id: str, standing: Standing) -> None:
    """Have wallet and payment take what protects a player, unless they are known to have it.

    Raises as `in_both`.
    """
    if standing.reached >= standing.version:
        return
    in_both(lambda service: service.protect(user_id, standing.sent))
    protection.mark_reached(user_id, standing.version)


def in_both(call: Callable[[Any], None]) -> None:
    """Call wallet and payment (`wallet_api`, `payment_api`); one that does not answer keeps the other from nothing.

    Raises Unavailable, Refused.
    """
    failed: Refused | Unavailable | None = None
    for service in (wallet_api, payment_api):
        try:
            call(service)
        except (Refused, Unavailable) as failure:
            failed = failure
    if failed:
        raise failed


def look(user_id: str) -> dict[str, Any]:
    """Return what protects a player, what is left of each limit by its name, and how their session stands.

    Raises NotFound, Unavailable.
    """
    people.get_profile(user_id)
    return _shown(user_id, protection.find_protection(user_id))


def _shown(user_id: str, standing: Standing) -> dict[str, Any]:
    account = wallet_api.account(user_id)
    rooms = {room["name"]: room for room in (*account["limits"], *payment_api.rooms(user_id))}
    return {"standing": standing, "rooms": rooms, "session": account["session"]}


def acknowledge(user_id: str) -> dict[str, Any]:
    """Take that a player has seen how their betting goes; return as `look`. Raises NotFound, Unavailable."""
    people.get_profile(user_id)
    wallet_api.acknowledge(user_id)
    return _shown(user_id, protection.find_protection(user_id))


# -- signing up and in


def first(phone_number: str) -> Standing:
    """Return what protects somebody who signs up: the stage's limits, and what the exclusion register answers.

    Raises Excluded, and Unavailable where the register is down and nobody is let in meanwhile.
    """
    now, moment = Standing(), clock.now()
    limits = dict(limit.split("=") for limit in settings.default_limits)
    now = rules.set_limits(now, {name: int(cents) for name, cents in limits.items()}, moment)
    if exclusion.is_asked():
        now = _heard(now, phone_number, moment, at_sign_up=True)
    if now.listed_at:
        raise Excluded(wording.EXCLUDED)
    return now


def admit(user_id: str, phone_number: str) -> None:
    """Before somebody gets a token: ask the register where its answer is getting old, and have wallet and payment take
    what they are not known to have.

    Nobody is kept from signing in by it: a listed player takes their money out. What does not answer is tried with the
    next token, half an hour later at most, and the event brings it too.
    """
    standing, moment = protection.find_protection(user_id), clock.now()
    if not exclusion.is_asked():
        if standing.cleared_until:
            standing = changed(user_id, _unasked)
    elif not rules.is_heard(standing, moment, CLEARED_FOR):
        standing = changed(user_id, lambda now, at: _heard(now, phone_number, at))
    try:
        reach(user_id, standing)
    except (Refused, Unavailable):
        logger.warning("what protects a player is left to its event", user_id=user_id)


def _unasked(now: Standing, moment: datetime) -> Standing:
    """Let an answer never end that nothing will renew: the stage asks no register any more. Who is listed stays so."""
    return rules.hear_register(now, listed=bool(now.listed_at), moment=moment, cleared_for=None)


def _heard(now: Standing, phone_number: str, moment: datetime, *, at_sign_up: bool = False) -> Standing:
    """Ask the register and take its answer; while it is down, what the stage has decided for that.

    Raises Unavailable at a sign-up that has to wait for an answer.
    """
    try:
        listed = exclusion.is_listed(phone_number)
    except Unavailable:
        count("RegisterDown")
        logger.warning("the exclusion register does not answer", then=settings.register_down)
        if settings.register_down == "allow":
            return rules.hear_register(now, listed=bool(now.listed_at), moment=moment, cleared_for=LET_IN_FOR)
        if at_sign_up:
            raise
        return rules.unheard(now, moment)
    return rules.hear_register(now, listed=listed, moment=moment, cleared_for=CLEARED_FOR)
