"""What we know of the channel to M-Pesa, for all processes together: its access token, whose turn it is to ask, which
directions are open, which addresses of ours it has, how far its list of payments was read, and what our accounts there
hold. Items of their own in the table.
"""

from dataclasses import dataclass

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Key, Update, Write, assign
from betsafi.languages import Both
from payment import wording
from payment.settings import settings
from payment.states import DEPOSIT, WITHDRAWAL
from payment.table import table

_TOKEN = ("TOKEN", "DARAJA")
_TURN = ("TURN", "DARAJA")
SWITCHES = ("SWITCHES", "DARAJA")
_BALANCE = ("BALANCE", "DARAJA")
_PULLED = ("PULLED", "DARAJA")
_ADDRESSES = ("ADDRESSES", "DARAJA")

_SECONDS = 60
"""For so many seconds the turns of each have a counter of their own; who counts begins all but two anew."""


@dataclass(frozen=True)
class Direction:
    """Whether money may move in a direction now, and while it may not the sentence for players, if there is one."""

    open: bool
    banner: Both | None = None


# -- the token


def find_token() -> Item | None:
    """Return M-Pesa's shared access token item or None."""
    return table.get(_TOKEN)


def claim_token_refresh(now: int, seconds: int) -> bool:
    """Return whether the caller is the one refresher for the next seconds."""
    return _claim(_TOKEN, "refreshing_until", now, seconds)


def save_token(token: str, expires_at: int) -> None:
    """Keep a fresh access token for every process, and end the refresher's claim (which made the item)."""
    change = "SET #token = :token, #expires_at = :expires_at, #refreshing_until = :never"
    table.write(Update(_TOKEN, change, values={"token": token, "expires_at": expires_at, "never": 0}))


# -- requests per second


def take_turn(now: int) -> bool:
    """Return whether one more request may go to M-Pesa in this second (of the epoch), and count it."""
    if not settings.requests_per_second:
        return True
    present, *to_come, _before = (f"second_{(now + step) % _SECONDS}" for step in range(_SECONDS))
    counted = Update(
        _TURN,
        f"ADD #{present} :one REMOVE " + ", ".join(f"#{second}" for second in to_come),
        condition=f"attribute_not_exists(#{present}) OR #{present} < :limit",
        values={"limit": settings.requests_per_second, "one": 1},
    )
    return _write_if(counted)


# -- the switches


def direction(kind: str) -> Direction:
    """Return whether deposits (DEPOSIT) or withdrawals (WITHDRAWAL) are open, by configuration and by switch."""
    return direction_of(kind, table.get(SWITCHES) or {})


def direction_of(kind: str, switches: Item) -> Direction:
    """Return the same, by what was read under SWITCHES."""
    if not (settings.deposits_open if kind == DEPOSIT else settings.withdrawals_open):
        return Direction(False)
    said = switches.get(f"{kind}_banner", "")
    banner = Both(said, switches.get(f"{kind}_banner_sw") or wording.CLOSED[kind].sw) if said else None
    return Direction(not switches.get(f"{kind}_closed", False), banner)


def directions() -> dict[str, Direction]:
    """Return both directions by kind."""
    return {kind: direction(kind) for kind in (DEPOSIT, WITHDRAWAL)}


def switch(kind: str, is_open: bool, banner: Both, operator: str, *also: Write) -> None:
    """Open or close a direction for every process at once, in an operator's name, and write `also`, or neither."""
    names = [f"{kind}_{part}" for part in ("closed", "banner", "banner_sw", "by", "at")]
    said = ("", "") if is_open else (str(banner), banner.sw)
    values = dict(zip(names, (not is_open, *said, operator, clock.stamp()), strict=True))
    table.transact(Update(SWITCHES, assign(names), ANY, values), *also)


# -- pulls


def pulled() -> tuple[str, str]:
    """Return since when and until when M-Pesa's list of payments was read without a gap (stamps), "" if never."""
    item = table.get(_PULLED) or {}
    return item.get("since", ""), item.get("until", "")


def save_pulled(since: str, until: str) -> None:
    """Keep that M-Pesa's list of a time was read to its end; it may only grow, and a gap begins it anew."""
    before_since, before_until = pulled()
    if until <= before_until:
        return
    begun = before_since if since <= before_until else since
    _write_if(
        Update(
            _PULLED,
            "SET #since = :since, #until = :until",
            condition="attribute_not_exists(#until) OR #until = :seen",
            values={"since": begun, "until": until, "seen": before_until},
        )
    )


def claim_pull(now: int, seconds: int) -> bool:
    """Return whether the caller is the only one to ask for a pull for the next seconds."""
    return _claim(_PULLED, "next_at", now, seconds)


# -- our addresses for paybill payments


def registered() -> list[str]:
    """Return the addresses that M-Pesa took, none if it never did."""
    return list((table.get(_ADDRESSES) or {}).get("addresses", []))


def save_registered(addresses: list[str]) -> None:
    """Keep the addresses that M-Pesa took."""
    table.write(
        Update(_ADDRESSES, "SET #addresses = :addresses, #at = :at", ANY, {"addresses": addresses, "at": clock.stamp()})
    )


# -- our accounts


def save_balance(accounts: dict[str, int]) -> None:
    """Keep what our M-Pesa accounts hold, in cents by name, with the moment."""
    change = "SET #accounts = :accounts, #at = :at"
    table.write(Update(_BALANCE, change, ANY, {"accounts": accounts, "at": clock.stamp()}))


def _claim(key: Key, name: str, now: int, seconds: int) -> bool:
    free = f"attribute_not_exists(#{name}) OR #{name} <= :now"
    return _write_if(Update(key, f"SET #{name} = :until", free, {"until": now + seconds, "now": now}))


def _write_if(update: Update) -> bool:
    try:
        table.write(update)
    except ConditionFailed:
        return False
    return True
