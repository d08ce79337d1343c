"""What each event says to subscribers: the publish mutation and its input. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from betsafi.events import Event
from betsafi.events.bet import BetAccepted, BetCancelled, BetRejected, BetReopened, BetSettled, OddsChanged
from betsafi.events.notifications import NotificationFailed, NotificationSent
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositRequested,
    DepositReversed,
    PaymentProgressed,
    WithdrawalCompleted,
    WithdrawalFailed,
    WithdrawalRefused,
    WithdrawalRequested,
)
from betsafi.events.wallet import BalanceChanged
from betsafi.money import money_out

_MONEY = "{currency amount}"
SELECTIONS = {
    "publishBet": f"userId id status stake{_MONEY} potentialPayout{_MONEY} payout{_MONEY} outcome reason",
    "publishWallet": f"userId available{_MONEY} held{_MONEY} version",
    "publishPayment": f"userId id kind status amount{_MONEY} tax{_MONEY} credited{_MONEY} paid{_MONEY} "
    f"returned{_MONEY} reason receipt message version",
    "publishNotification": "userId id kind title text createdAt",
    "publishOdds": "fixtureId marketId status version selections{id odds}",
}
"""Every field, for a subscriber gets what the mutation selects and nothing else."""

_INPUTS = {name: f"{name.removeprefix('publish')}UpdateInput!" for name in SELECTIONS}


@dataclass(frozen=True)
class Update:
    """One publish mutation. Of two with the same `topic` only the one of the higher `version` matters."""

    mutation: str
    input: dict[str, Any]
    topic: str = ""
    version: int = 0


def update_of(event: Event) -> Update:
    """Return what an event says to subscribers. Raises KeyError for an event that says nothing."""
    return _UPDATES[type(event)](event)


def document(updates: list[Update]) -> tuple[str, dict[str, Any]]:
    """Return one GraphQL document, and its variables, that publishes all updates: the n-th under the alias `m<n>`."""
    variables = ", ".join(f"$v{n}: {_INPUTS[update.mutation]}" for n, update in enumerate(updates))
    fields = " ".join(
        f"m{n}: {update.mutation}(input: $v{n}) {{{SELECTIONS[update.mutation]}}}" for n, update in enumerate(updates)
    )
    return f"mutation Publish({variables}) {{{fields}}}", {f"v{n}": update.input for n, update in enumerate(updates)}


def newest(updates: list[Update]) -> list[Update]:
    """Return the updates without those that a newer one of the same topic in the list makes old news."""
    best = {update.topic: update.version for update in sorted(updates, key=lambda update: update.version)}
    return [update for update in updates if not update.topic or update.version == best[update.topic]]


def _bet(status: str) -> Callable[[Any], Update]:
    def update(event: Any) -> Update:
        settled = isinstance(event, BetSettled)
        given = {
            "userId": event.user_id,
            "id": event.bet_id,
            "status": status,
            "stake": money_out(event.stake_cents),
            "potentialPayout": _money(getattr(event, "potential_payout_cents", None)),
            "payout": money_out(event.payout_cents) if settled else None,
            "outcome": event.outcome if settled else None,
            "reason": getattr(event, "reason", None),
        }
        return Update("publishBet", given)

    return update


def _payment(kind: str, status: str) -> Callable[[Any], Update]:
    def update(event: Any) -> Update:
        deposit = kind == "DEPOSIT"
        given = {
            "userId": event.user_id,
            "id": event.deposit_id if deposit else event.withdrawal_id,
            "kind": kind,
            "status": status,
            "amount": money_out(event.amount_cents),
            "tax": _money(getattr(event, "excise_cents" if deposit else "withholding_cents", None)),
            "credited": _money(getattr(event, "credit_cents", None)),
            "paid": _money(getattr(event, "paid_cents", None)),
            "returned": _money(getattr(event, "remainder_cents", None)),
            "reason": getattr(event, "reason", None),
            "receipt": getattr(event, "receipt", None),
            "message": getattr(event, "message", "") or None,
        }
        return _publish_payment(given, getattr(event, "payment_version", None))

    return update


def _progress(event: PaymentProgressed) -> Update:
    given = {
        "userId": event.user_id,
        "id": event.payment_id,
        "kind": event.kind,
        "status": event.status,
        "amount": money_out(event.amount_cents),
        "reason": event.reason,
        "message": event.message or None,
    }
    return _publish_payment(given, event.payment_version)


def _publish_payment(given: dict[str, Any], version: int | None) -> Update:
    if version is None:
        return Update("publishPayment", given)
    return Update("publishPayment", {**given, "version": version}, topic=f"payment {given['id']}", version=version)


def _wallet(event: BalanceChanged) -> Update:
    given = {
        "userId": event.user_id,
        "available": money_out(event.available_cents),
        "held": money_out(event.held_cents),
        "version": event.account_version,
    }
    return Update("publishWallet", given, topic=f"wallet {event.user_id}", version=event.account_version)


def _notification(event: NotificationSent | NotificationFailed) -> Update:
    given = {
        "userId": event.user_id,
        "id": event.notification_id,
        "kind": event.template,
        "title": event.title,
        "text": event.text,
        "createdAt": event.created_at,
    }
    return Update("publishNotification", given)


def _odds(event: OddsChanged) -> Update:
    given = {
        "fixtureId": event.fixture_id,
        "marketId": event.market_id,
        "status": event.status,
        "version": event.market_version,
        "selections": [{"id": key, "odds": odds} for key, odds in sorted(event.odds.items())],
    }
    return Update("publishOdds", given, topic=f"odds {event.market_id}", version=event.market_version)


def _money(cents: int | None) -> dict[str, str] | None:
    return None if cents is None else money_out(cents)


_UPDATES: dict[type[Event], Callable[[Any], Update]] = {
    BetAccepted: _bet("ACCEPTED"),
    BetRejected: _bet("REJECTED"),
    BetCancelled: _bet("CANCELLED"),
    BetReopened: _bet("ACCEPTED"),
    BetSettled: _bet("SETTLED"),
    BalanceChanged: _wallet,
    DepositRequested: _payment("DEPOSIT", "REQUESTED"),
    DepositCompleted: _payment("DEPOSIT", "COMPLETED"),
    DepositFailed: _payment("DEPOSIT", "FAILED"),
    DepositReversed: _payment("DEPOSIT", "REVERSED"),
    PaymentProgressed: _progress,
    WithdrawalRequested: _payment("WITHDRAWAL", "REQUESTED"),
    WithdrawalCompleted: _payment("WITHDRAWAL", "COMPLETED"),
    WithdrawalFailed: _payment("WITHDRAWAL", "FAILED"),
    WithdrawalRefused: _payment("WITHDRAWAL", "REFUSED"),
    NotificationSent: _notification,
    NotificationFailed: _notification,
    OddsChanged: _odds,
}

EVENTS = list(_UPDATES)
"""Every event that says something to subscribers."""
