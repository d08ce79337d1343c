"""The fields of the AppSync API with which players protect themselves; a part of the function `graphql`."""

from datetime import datetime
from typing import Any

from betsafi import inputs
from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.graphql import Caller, Fields
from betsafi.money import format_amount, money_in
from betsafi.protection import LEAST_REALITY_MINUTES, LIMITS, REALITY_MINUTES
from users import presenting, protection, wording
from users.flows import protecting
from users.handlers import signing_in
from users.protection import Standing

handler = Fields()


@handler.query("protection")
def protection_of(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what protects the caller. Raises NotFound, Unavailable."""
    return presenting.protection(protecting.look(caller.user_id))


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
    return _loosen(caller, arguments, f"limit {name}", lambda now, moment: protection.confirm(now, name, moment))


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
    """Let the caller's exclusion end in a day, once its time is over.

    Raises NotAsked, NotYet, SignInAgain, SignedOut, WrongCode.
    """
    return _loosen(caller, arguments, "end of exclusion", protection.end_exclusion)


@handler.mutation("setRealityCheck")
def set_reality_check(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Choose after how many minutes of betting the caller is shown how it goes; later than before loosens.

    Raises SignInAgain, SignedOut, WrongCode.
    """
    minutes = inputs.whole(arguments["minutes"], "minutes", LEAST_REALITY_MINUTES, REALITY_MINUTES)
    code = signing_in.code_in(arguments, "code")

    def chosen(now: Standing, moment: datetime) -> Standing:
        if minutes > now.reality_minutes:
            signing_in.be_there(caller, code, f"reality check {minutes}")
        return protection.set_reality(now, minutes)

    return _change(caller, chosen)


@handler.mutation("acknowledgeRealityCheck")
def acknowledge_reality_check(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take that the caller has seen how their betting goes, and go on. Raises NotFound, Unavailable."""
    return presenting.protection(protecting.acknowledge(caller.user_id))


def _loosen(caller: Caller, arguments: dict[str, Any], used_for: str, how: protecting.How) -> dict[str, Any]:
    """Make a change that its player must be there for; one that is refused uses up no code."""
    code = signing_in.code_in(arguments, "code")

    def loosened(now: Standing, moment: datetime) -> Standing:
        after = how(now, moment)
        if after != now:
            signing_in.be_there(caller, code, used_for)
        return after

    return _change(caller, loosened)


def _change(caller: Caller, how: protecting.How) -> dict[str, Any]:
    return presenting.protection(protecting.change(caller.user_id, how))


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
        most = format_amount(protection.MOST_CENTS)
        raise InvalidAmount(wording.limit_too_large(most), max=most)
    return cents
