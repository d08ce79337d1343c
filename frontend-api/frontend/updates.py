"""What each event says to subscribers: publish mutations with ids, whose things the services fill in. No I/O.

A bet that is accepted says nothing by itself: whoever placed it has the answer. It is published with the note that the
player gets of it, and so reaches their other devices.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from betsafi.events import Event
from betsafi.events.bet import BetProgressed, BetRejected, BetRepriced, MarketRolledBack, MarketSettled, OddsChanged
from betsafi.events.notifications import NotificationFailed, NotificationRead, NotificationSent
from betsafi.events.payment import (
    DepositFailed,
    DepositRequested,
    DepositReversed,
    PaymentProgressed,
    WithdrawalRefused,
    WithdrawalRequested,
)
from betsafi.events.wallet import BalanceChanged
from frontend.log import Kind, Log, Thing

_MONEY = "{currency amount}"
_SEEN = " ".join(f"{name}{{en sw}}" for name in ("competition", "home", "away", "market", "selection"))
SELECTIONS = {
    "bet": f"id clientRequestId version status stake{_MONEY} potentialPayout{_MONEY} totalOdds "
    f"system{{ks bankers}} lines "
    f"stakePerLine{_MONEY} bonus{{percent amount{_MONEY} leastOdds legsToNext nextPercent}} receipt payout{_MONEY} "
    f"taxes{_MONEY} outcome reason message{{en sw}} placedAt cancellableUntil settledAt "
    f"legs{{marketId selectionId outcomeId key odds result deadHeat seen{{startsAt {_SEEN}}}}}",
    "wallet": f"id userId available{_MONEY} held{_MONEY} owed{_MONEY} status version",
    "payment": f"id userId kind channel status amount{_MONEY} tax{_MONEY} credited{_MONEY} paid{_MONEY} "
    f"returned{_MONEY} reason message isFinal nextStep expiresAt retryAt receipt account phone version "
    "createdAt updatedAt",
    "notification": "id version kind title text status betId paymentId createdAt",
    "market": "id fixtureId competitionId sportId day main definitionId group specifiers name{en sw} status version "
    "resultVersion selections{id outcomeId key name{en sw} odds result deadHeat}",
}
"""Every field of every type that is pushed, for a subscriber gets what the mutation selects and nothing else."""

_KINDS: dict[str, Kind] = {"bet": "BET", "wallet": "WALLET", "payment": "PAYMENT", "notification": "NOTIFICATION"}
_TYPES = {
    "userId": "ID!",
    "sequence": "Int!",
    "cursor": "String!",
    "bet": "ID",
    "betPosted": "Int",
    "payment": "ID",
    "paymentPosted": "Boolean",
    "notification": "ID",
    "id": "ID!",
    "resultVersion": "Int",
}
"""The publish mutations' arguments."""


@dataclass(frozen=True)
class Update:
    """One publish mutation: its arguments, and the `parts` of a PlayerUpdate that it asks for (none: a market).

    `open_as_of`: its bet is open as of this result, 0 before the first, and is not worth telling once it was decided.
    """

    mutation: str
    arguments: dict[str, Any]
    parts: frozenset[str] = frozenset()
    open_as_of: int | None = None

    @property
    def resolvers(self) -> int:
        """How many resolvers AppSync runs for it."""
        return 1 + len(self.parts)

    @property
    def things(self) -> list[Thing]:
        """The player's things that it is about."""
        given = self.arguments
        posted = {"bet": given.get("betPosted"), "payment": 1 if given.get("paymentPosted") else None}
        return [Thing(_KINDS[part], given.get(part, ""), posted.get(part)) for part in sorted(self.parts)]

    def still(self, log: Log) -> "Update | None":
        """Return what is still to be told of it; None for nothing. An open bet falls away that is told as decided.

        One that was opened again, and of which the log knows nothing any more, was told as that long ago.
        """
        if self.open_as_of is None:
            return self
        if (known := log.thing("BET", self.arguments["bet"])) is None:
            posted = {"betPosted": self.open_as_of} if self.open_as_of else {}
            return replace(self, arguments={**self.arguments, **posted})
        if (known.posted or 0) <= self.open_as_of:
            return self
        others = {name: value for name, value in self.arguments.items() if name != "bet"}
        parts = self.parts - {"bet"}
        return Update(self.mutation, others, parts) if parts else None

    def numbered(self, sequence: int, cursor: str, log: Log) -> "Update":
        """Return the update under its number, with what is known to be posted of what it is about."""
        known = {each.kind: found.posted for each in self.things if (found := log.thing(each.kind, each.id))}
        posted: dict[str, Any] = {}
        if (bet := known.get("BET")) is not None:
            posted["betPosted"] = bet
        if known.get("PAYMENT"):
            posted["paymentPosted"] = True
        return replace(self, arguments={**self.arguments, **posted, "sequence": sequence, "cursor": cursor})


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
    of_bet = [each.open_as_of for each in (one, other) if "bet" in each.parts]
    still_open = [as_of for as_of in of_bet if as_of is not None]
    # What says more of the bet than that it is open is worth telling.
    open_as_of = max(still_open) if still_open and still_open == of_bet else None
    arguments = {**mine, **theirs, **posted}
    if "resultVersion" in arguments:
        versions = [each.arguments.get("resultVersion") for each in (one, other)]
        # A price is told whatever becomes of the result.
        arguments["resultVersion"] = max(filter(None, versions)) if all(versions) else None
    return Update(one.mutation, arguments, one.parts | other.parts, open_as_of)


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
    return " ".join(["userId sequence cursor", *(f"{part}{{{SELECTIONS[part]}}}" for part in sorted(update.parts))])


def _player(user_id: str, *parts: str, **arguments: Any) -> Update:
    return Update("publishPlayer", {"userId": user_id, **arguments}, frozenset(parts))


def _bet(event: BetRejected | BetRepriced | BetProgressed) -> Update:
    return _player(event.user_id, "bet", bet=event.bet_id)


def _leg(event: BetProgressed) -> Update:
    return replace(_bet(event), open_as_of=event.result_version)


def _deposit(event: DepositRequested | DepositFailed | DepositReversed) -> Update:
    return _player(event.user_id, "payment", payment=event.deposit_id)


def _held(event: WithdrawalRequested) -> Update:
    """The balance of which it is held goes with it."""
    return _player(event.user_id, "payment", "wallet", payment=event.withdrawal_id)


def _refused(event: WithdrawalRefused) -> Update:
    return _player(event.user_id, "payment", payment=event.withdrawal_id)


def _progress(event: PaymentProgressed) -> Update:
    """A withdrawal that is looked at first is held, and goes with the balance as any that is held."""
    if event.status == "REVIEW":
        return _player(event.user_id, "payment", "wallet", payment=event.payment_id)
    return _player(event.user_id, "payment", payment=event.payment_id)


def _wallet(event: BalanceChanged) -> Update:
    """What led to the balance goes with it, in one piece."""
    if event.cause_kind == "BET":
        return _player(event.user_id, "wallet", "bet", bet=event.cause_id, betPosted=event.cause_version)
    if event.cause_kind == "PAYMENT":
        return _player(event.user_id, "wallet", "payment", payment=event.cause_id, paymentPosted=True)
    return _player(event.user_id, "wallet")


def _notification(event: NotificationSent | NotificationFailed) -> Update:
    """The note of an accepted bet brings the bet and the balance less its stake."""
    if event.template == "BET_ACCEPTED":
        bet = event.notification_id.rpartition(".")[0].removeprefix("bet:")
        return _player(event.user_id, "notification", "bet", "wallet", notification=event.notification_id, bet=bet)
    return _note(event)


def _note(event: NotificationSent | NotificationFailed | NotificationRead) -> Update:
    return _player(event.user_id, "notification", notification=event.notification_id)


def _market(event: OddsChanged) -> Update:
    return Update("publishMarket", {"id": event.market_id})


def _result(event: MarketSettled | MarketRolledBack) -> Update:
    """The market is told with this result, unless it waits until somebody releases it, or a newer one is told."""
    return Update("publishMarket", {"id": event.market_id, "resultVersion": event.result_version})


_UPDATES: dict[type[Event], Callable[[Any], Update]] = {
    BetRejected: _bet,
    BetRepriced: _bet,
    BetProgressed: _leg,
    BalanceChanged: _wallet,
    DepositRequested: _deposit,
    DepositFailed: _deposit,
    DepositReversed: _deposit,
    PaymentProgressed: _progress,
    WithdrawalRequested: _held,
    WithdrawalRefused: _refused,
    NotificationSent: _notification,
    NotificationFailed: _notification,
    NotificationRead: _note,
    OddsChanged: _market,
    MarketSettled: _result,
    MarketRolledBack: _result,
}

EVENTS = list(_UPDATES)
"""Every event that says something to subscribers."""
