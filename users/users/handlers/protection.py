"""The fields of the AppSync API with which players protect themselves; a part of the function `graphql`."""

from typing import Any

from betsafi import clock, inputs
from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.graphql import Caller, Fields
from betsafi.money import format_amount, money_in, money_out
from betsafi.protection import LEAST_REALITY_MINUTES, LIMITS, REALITY_MINUTES
from users import protection, wording
from users.flows import protecting
from users.handlers import signing_in

handler = Fields()


@handler.query("protection")
def protection_of(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what protects the caller. Raises NotFound, Unavailable."""
    return present(protecting.look(caller.user_id))


@handler.mutation("setLimits")
def set_limits(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Tighten limits of the caller at once, and ask for looser ones. Raises InvalidInput, InvalidAmount."""
    given = arguments["input"]
    wanted = {_limit_name(one["name"]): _limit(one.get("amount")) for one in given}
    if not given or len(wanted) != len(given):
        raise InvalidInput(wording.LIMITS_ONCE)
    return _change(caller, lambda now, moment: protection.set_limits(now, wanted, moment))


@handler.mutation("confirmLimit")
def confirm_limit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Put a looser limit of the caller in force that has waited for a day.

    Raises NotAsked, NotYet, SignInAgain, SignedOut, WrongCode.
    """
    name = _limit_name(arguments["name"])
    signing_in.be_there(caller, signing_in.code_in(arguments, "code"), f"limit {name}")
    return _change(caller, lambda now, moment: protection.confirm(now, name, moment))


@handler.mutation("takeTimeOut")
def take_time_out(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop the caller from betting and depositing for 24 to 1,008 hours."""
    hours = inputs.whole(arguments["hours"], "hours", *protection.TIME_OUT_HOURS)
    return _change(caller, lambda now, moment: protection.take_time_out(now, hours, moment))


@handler.mutation("excludeMyself")
def exclude_myself(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop the caller from betting and depositing for 6 to 60 months, or for good. Raises InvalidInput for both."""
    given = arguments.get("months")
    months = None if given is None else inputs.whole(given, "months", *protection.EXCLUSION_MONTHS)
    if bool(arguments.get("forGood")) is (months is not None):
        raise InvalidInput(wording.MONTHS_OR_FOR_GOOD)
    return _change(caller, lambda now, moment: protection.exclude(now, months, moment))


@handler.mutation("endExclusion")
def end_exclusion(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let the caller's exclusion end in a day, once its time is over. Raises NotAsked, NotYet."""
    return _change(caller, protection.end_exclusion)


@handler.mutation("setRealityCheck")
def set_reality_check(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Choose after how many minutes of betting the caller is shown how it goes."""
    minutes = inputs.whole(arguments["minutes"], "minutes", LEAST_REALITY_MINUTES, REALITY_MINUTES)
    return _change(caller, lambda now, _: protection.set_reality(now, minutes))


@handler.mutation("acknowledgeRealityCheck")
def acknowledge_reality_check(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take that the caller has seen how their betting goes, and go on. Raises NotFound, Unavailable."""
    return present(protecting.acknowledge(caller.user_id))


def present(found: dict[str, Any]) -> dict[str, Any]:
    """Return what protects a player as GraphQL's `Protection`."""
    standing, rooms, session = found["standing"], found["rooms"], found["session"]
    stop = protection.stop_in_force(standing, clock.now())
    return {
        "version": standing.version,
        "limits": [
            _present_limit(name, cents, standing.sent.limit(name), rooms.get(name))
            for name, cents in sorted(standing.limits.items())
        ],
        "asked": [
            {
                "name": name.upper(),
                "amount": None if looser.cents is None else money_out(looser.cents),
                "from": looser.ripe_at,
                "until": looser.lapses_at,
            }
            for name, looser in sorted(standing.looser.items())
            if looser.lapses_at > clock.stamp()
        ],
        "stop": stop and {"kind": stop.kind, "since": stop.since, "until": stop.until, "ends": stop.lift_at},
        "realityCheck": {
            "everyMinutes": standing.reality_minutes,
            "minutes": session["minutes"],
            "staked": money_out(session["stakedCents"]),
            "net": money_out(session["netCents"]),
            "due": session["checkDue"],
        },
    }


def _present_limit(name: str, cents: int, holds: int, room: dict[str, Any] | None) -> dict[str, Any]:
    """A limit that has not reached its service yet shows nothing of what is left; `holds` is what of it does there."""
    shown = room if room and room["limitCents"] == holds else {}
    left = shown.get("leftCents")
    used = None if left is None else max(0, holds - left)
    return {
        "name": name.upper(),
        "amount": money_out(cents),
        "used": None if used is None else money_out(used),
        "left": None if left is None else money_out(left),
        "ends": shown.get("ends"),
    }


def _change(caller: Caller, how: protecting.How) -> dict[str, Any]:
    return present(protecting.change(caller.user_id, how))


def _limit_name(given: Any) -> str:
    name = given.lower() if isinstance(given, str) else ""
    if name not in LIMITS:
        raise InvalidInput(wording.limit_name(LIMITS))
    return name


def _limit(amount: dict[str, Any] | None) -> int | None:
    if amount is None:
        return None
    cents = money_in(amount)
    if cents > protection.MOST_CENTS:
        raise InvalidAmount(wording.limit_too_large(format_amount(protection.MOST_CENTS)))
    return cents
