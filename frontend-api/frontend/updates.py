"""What each event says to subscribers: publish mutations with ids, whose things the services fill in. No I/O."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from betsafi.events import Event
from betsafi.events.bet import BetAccepted, BetRejected, BetRepriced, OddsChanged
from betsafi.events.notifications import NotificationFailed, NotificationSent
from betsafi.events.payment import (
    DepositFailed,
    DepositRequested,
    DepositReversed,
    PaymentProgressed,
    WithdrawalRefused,
    WithdrawalRequested,
)
from betsafi.events.wallet import BalanceChanged

_MONEY = "{currency amount}"
_SEEN = " ".join(f"{name}{{en sw}}" for name in ("competition", "home", "away", "market", "selection"))
SELECTIONS = {
    "bet": f"id version status stake{_MONEY} potentialPayout{_MONEY} system{{ks bankers}} lines "
    f"stakePerLine{_MONEY} bonus{{percent amount{_MONEY} leastOdds legsToNext nextPercent}} receipt payout{_MONEY} "
    f"outcome reason placedAt settledAt "
    f"legs{{marketId selectionId outcomeId key odds result deadHeat seen{{startsAt {_SEEN}}}}}",
    "wallet": f"id userId available{_MONEY} held{_MONEY} owed{_MONEY} status version",
    "payment": f"id userId kind channel status amount{_MONEY} tax{_MONEY} credited{_MONEY} paid{_MONEY} "
    f"returned{_MONEY} reason message receipt account version createdAt updatedAt",
    "notification": "id version kind title text status createdAt",
    "market": "id fixtureId definitionId group specifiers name{en sw} status version "
    "selections{id outcomeId key name{en sw} odds}",
}
"""Every field of every type that is pushed, for a subscriber gets what the mutation selects and nothing else."""

_TYPES = {
    "userId": "ID!",
    "bet": "ID",
    "betPosted": "Int",
    "payment": "ID",
    "paymentPosted": "Boolean",
    "notification": "ID",
    "id": "ID!",
}
"""The publish mutations' arguments."""


@dataclass(frozen=True)
class Update:
    """One publish mutation: its arguments, and the `parts` of a PlayerUpdate that it asks for (none: a market)."""

    mutation: str
    arguments: dict[str, Any]
    parts: frozenset[str] = frozenset()

    @property
    def resolvers(self) -> int:
        """How many resolvers AppSync runs for it."""
        return 1 + len(self.parts)


def update_of(event: Event) -> Update:
    """Return what an event says to subscribers. Raises KeyError for an event that says nothing."""
    return _UPDATES[type(event)](event)


def joined(one: Update, other: Update) -> Update | None:
    """Return one update that says what both say; None if there is none, for they are about different things."""
    ids = ("userId", "bet", "payment", "notification", "id")
    mine, theirs = one.arguments, other.arguments
    if one.mutation != other.mutation or any(
        mine[name] != theirs[name] for name in ids if name in mine and name in theirs
    ):
        return None
    posted: dict[str, Any] = {
        name: max(mine.get(name, 0), theirs.get(name, 0))
        for name in ("betPosted", "paymentPosted")
        if name in mine or name in theirs
    }
    return Update(one.mutation, {**mine, **theirs, **posted}, one.parts | other.parts)


def document(updates: Iterable[Update]) -> tuple[str, dict[str, Any]]:
    """Return one GraphQL document, and its variables, that publishes all updates: the n-th under the alias `m<n>`."""
    declared: list[str] = []
    fields: list[str] = []
    variables: dict[str, Any] = {}
    for n, update in enumerate(updates):
        names = list(update.arguments)
        declared += [f"${name}{n}: {_TYPES[name]}" for name in names]
        given = ", ".join(f"{name}: ${name}{n}" for name in names)
        fields.append(f"m{n}: {update.mutation}({given}) {{{_selection(update)}}}")
        variables |= {f"{name}{n}": value for name, value in update.arguments.items()}
    return f"mutation Publish({', '.join(declared)}) {{{' '.join(fields)}}}", variables


def _selection(update: Update) -> str:
    if not update.parts:
        return SELECTIONS["market"]
    return " ".join(["userId", *(f"{part}{{{SELECTIONS[part]}}}" for part in sorted(update.parts))])


def _player(user_id: str, *parts: str, **arguments: Any) -> Update:
    return Update("publishPlayer", {"userId": user_id, **arguments}, frozenset(parts))


def _bet(event: BetAccepted | BetRejected | BetRepriced) -> Update:
    return _player(event.user_id, "bet", bet=event.bet_id)


def _deposit(event: DepositRequested | DepositFailed | DepositReversed) -> Update:
    return _player(event.user_id, "payment", payment=event.deposit_id)


def _withdrawal(event: WithdrawalRequested | WithdrawalRefused) -> Update:
    return _player(event.user_id, "payment", payment=event.withdrawal_id)


def _progress(event: PaymentProgressed) -> Update:
    return _player(event.user_id, "payment", payment=event.payment_id)


def _wallet(event: BalanceChanged) -> Update:
    """What led to the balance goes with it, in one piece."""
    if event.cause_kind == "BET":
        return _player(event.user_id, "wallet", "bet", bet=event.cause_id, betPosted=event.cause_version)
    if event.cause_kind == "PAYMENT":
        return _player(event.user_id, "wallet", "payment", payment=event.cause_id, paymentPosted=True)
    return _player(event.user_id, "wallet")


def _notification(event: NotificationSent | NotificationFailed) -> Update:
    return _player(event.user_id, "notification", notification=event.notification_id)


def _market(event: OddsChanged) -> Update:
    return Update("publishMarket", {"id": event.market_id})


_UPDATES: dict[type[Event], Callable[[Any], Update]] = {
    BetAccepted: _bet,
    BetRejected: _bet,
    BetRepriced: _bet,
    BalanceChanged: _wallet,
    DepositRequested: _deposit,
    DepositFailed: _deposit,
    DepositReversed: _deposit,
    PaymentProgressed: _progress,
    WithdrawalRequested: _withdrawal,
    WithdrawalRefused: _withdrawal,
    NotificationSent: _notification,
    NotificationFailed: _notification,
    OddsChanged: _market,
}

EVENTS = list(_UPDATES)
"""Every event that says something to subscribers."""
