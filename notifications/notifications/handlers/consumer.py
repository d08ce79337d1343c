"""What each event of the other services is to its player: a fact about a bet, a payment, a debt or the account."""

from dataclasses import replace

from betsafi import clock
from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.bet import BetAccepted, BetCancelled, BetRejected, BetReopened, BetRepriced, BetSettled
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositReversed,
    PaymentProgressed,
    WithdrawalCompleted,
    WithdrawalFailed,
)
from betsafi.events.users import (
    UserAppealAnswered,
    UserDeviceAdded,
    UserEmailChanged,
    UserErased,
    UserIdentityRejected,
    UserPhoneChanged,
    UserProtectionChanged,
    UserRegistered,
    UserReinstated,
    UserSuspended,
    UserVerified,
)
from betsafi.events.wallet import DebtRepaid
from notifications.carriers import push
from notifications.messages import Fact
from notifications.notifying import notify
from notifications.stores import inbox, players

BetEvent = BetAccepted | BetRejected | BetCancelled | BetSettled | BetReopened | BetRepriced
PaymentEvent = DepositCompleted | DepositFailed | PaymentProgressed | WithdrawalCompleted | WithdrawalFailed

_REVERSED = 10**9
"""The version of a deposit that was given back: higher than any state that it went through, since it is its last."""

handler = Consumer()


@handler.consumes(UserRegistered)
def welcome(event: UserRegistered, envelope: Envelope) -> None:
    notify(Fact(event.user_id, "status", 0, "WELCOME"))


@handler.consumes(UserSuspended)
def account_suspended(event: UserSuspended, envelope: Envelope) -> None:
    """A stop with a deadline says by when it is decided, and whether the money is held; one from before deadlines were
    kept does not."""
    if event.deadline is None:
        notify(_of_status(event, "ACCOUNT_SUSPENDED"))
    else:
        template = "MONEY_HELD" if event.money_held else "ACCOUNT_STOPPED"
        notify(replace(_of_status(event, template), values={"deadline": event.deadline}))


@handler.consumes(UserReinstated)
def account_reinstated(event: UserReinstated, envelope: Envelope) -> None:
    notify(_of_status(event, "ACCOUNT_REINSTATED"))


@handler.consumes(UserAppealAnswered)
def appeal_answered(event: UserAppealAnswered, envelope: Envelope) -> None:
    version = event.status_version
    notify(Fact(event.user_id, "appeal", version, "APPEAL_ANSWERED", turn=version))


@handler.consumes(UserProtectionChanged)
def protection_changed(event: UserProtectionChanged, envelope: Envelope) -> None:
    """Keep until when the player may not play, which offers depend on; tell what they, or a register, changed."""
    players.keep_protection(event.user_id, event.protection_version, event.stopped_until or "")
    for fact in (*_of_limits(event), *_of_stop(event)):
        notify(fact)


@handler.consumes(UserVerified)
def identity_verified(event: UserVerified, envelope: Envelope) -> None:
    notify(_of_identity(event, "IDENTITY_VERIFIED"))


@handler.consumes(UserIdentityRejected)
def identity_rejected(event: UserIdentityRejected, envelope: Envelope) -> None:
    notify(_of_identity(event, "IDENTITY_REJECTED"))


@handler.consumes(UserDeviceAdded)
def device_added(event: UserDeviceAdded, envelope: Envelope) -> None:
    notify(_of_access(event, f"device:{event.device_id}", "NEW_DEVICE", event.added_at))


@handler.consumes(UserPhoneChanged)
def phone_changed(event: UserPhoneChanged, envelope: Envelope) -> None:
    notify(_of_access(event, "phone", "PHONE_CHANGED", event.changed_at))


@handler.consumes(UserEmailChanged)
def email_changed(event: UserEmailChanged, envelope: Envelope) -> None:
    notify(_of_access(event, "email", "EMAIL_CHANGED", event.changed_at))


@handler.consumes(UserErased)
def user_erased(event: UserErased, envelope: Envelope) -> None:
    """Nobody is told anything any more, so no phone is either; what they were told goes too."""
    push.forget_all(event.user_id)
    inbox.forget(event.user_id)


@handler.consumes(BetAccepted)
def bet_accepted(event: BetAccepted, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_ACCEPTED", payout=event.potential_payout_cents))


@handler.consumes(BetRejected)
def bet_rejected(event: BetRejected, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_REJECTED"))


@handler.consumes(BetCancelled)
def bet_cancelled(event: BetCancelled, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_CANCELLED"))


@handler.consumes(BetSettled)
def bet_settled(event: BetSettled, envelope: Envelope) -> None:
    less = event.outcome == "WON" and event.payout_cents < event.stake_cents
    fact = _of_bet(event, "BET_PART_BACK" if less else f"BET_{event.outcome}", payout=event.payout_cents)
    notify(replace(fact, decided_cents=event.payout_cents, turn=event.result_version))


@handler.consumes(BetReopened)
def bet_reopened(event: BetReopened, envelope: Envelope) -> None:
    notify(replace(_of_bet(event, "BET_REOPENED"), turn=event.result_version))


@handler.consumes(BetRepriced)
def bet_repriced(event: BetRepriced, envelope: Envelope) -> None:
    fact = _of_bet(event, "BET_REPRICED", payout=event.potential_payout_cents)
    notify(replace(fact, turn=event.correction_version))


@handler.consumes(DepositCompleted)
def deposit_completed(event: DepositCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "credit": event.credit_cents, "excise": event.excise_cents}
    notify(_of_payment(event, event.deposit_id, "DEPOSIT_COMPLETED", **amounts))


@handler.consumes(DepositFailed)
def deposit_failed(event: DepositFailed, envelope: Envelope) -> None:
    notify(_of_payment(event, event.deposit_id, "DEPOSIT_FAILED", amount=event.amount_cents))


@handler.consumes(DepositReversed)
def deposit_reversed(event: DepositReversed, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "credit": event.credit_cents}
    notify(Fact(event.user_id, f"payment:{event.deposit_id}", _REVERSED, "DEPOSIT_REVERSED", amounts))


@handler.consumes(PaymentProgressed)
def payment_progressed(event: PaymentProgressed, envelope: Envelope) -> None:
    """Only a withdrawal that waits for a person is worth a message; the app shows the other states by itself."""
    if (event.kind, event.status) == ("WITHDRAWAL", "REVIEW"):
        notify(_of_payment(event, event.payment_id, "WITHDRAWAL_IN_REVIEW", amount=event.amount_cents))


@handler.consumes(WithdrawalCompleted)
def withdrawal_completed(event: WithdrawalCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "paid": event.paid_cents, "withholding": event.withholding_cents}
    notify(_of_payment(event, event.withdrawal_id, "WITHDRAWAL_COMPLETED", **amounts))


@handler.consumes(WithdrawalFailed)
def withdrawal_failed(event: WithdrawalFailed, envelope: Envelope) -> None:
    notify(_of_payment(event, event.withdrawal_id, "WITHDRAWAL_FAILED", amount=event.amount_cents))


@handler.consumes(DebtRepaid)
def debt_repaid(event: DebtRepaid, envelope: Envelope) -> None:
    """The message of what came in names the whole of it; this one, how much of that is gone."""
    amounts = {"credited": event.credited_cents, "repaid": event.repaid_cents, "owed": event.owed_cents}
    notify(Fact(event.user_id, f"debt:{envelope.id}", 0, "DEBT_REPAID", amounts))


def _of_status(event: UserSuspended | UserReinstated, template: str) -> Fact:
    return Fact(event.user_id, "status", event.status_version, template, turn=event.status_version)


def _of_identity(event: UserVerified | UserIdentityRejected, template: str) -> Fact:
    version = event.identity_version
    return Fact(event.user_id, "identity", version, template, turn=version)


def _of_access(
    event: UserDeviceAdded | UserPhoneChanged | UserEmailChanged, subject: str, template: str, at: str
) -> Fact:
    """Of two changes of the same thing the later one counts: they have a time, and no version."""
    moment = int(clock.parse_stamp(at).timestamp() * 1_000)
    return Fact(event.user_id, subject, moment, template, {"at": at}, turn=moment)


def _of_limits(event: UserProtectionChanged) -> list[Fact]:
    """Return what a version says of limits: one by its name, several in one message."""
    version = event.protection_version
    changed = [part.split(".", 1) for part in event.changed if part.startswith(("limit.", "asked.", "loosened."))]
    if not changed:
        return []
    if len(changed) > 1:
        return [Fact(event.user_id, "limits", version, "LIMITS_CHANGED", turn=version)]
    ((how, name),) = changed
    present = event.limits.get(name)
    templates = {"asked": "LIMIT_LOOSER_ASKED", "limit": "LIMIT_SET", "loosened": "LIMIT_RAISED"}
    template = templates[how] if how == "asked" or present is not None else "LIMIT_REMOVED"
    amount = {} if present is None else {"amount": present}
    return [Fact(event.user_id, f"limit:{name}", version, template, {"limit": name, **amount}, turn=version)]


def _of_stop(event: UserProtectionChanged) -> list[Fact]:
    """Return what a version says of whether the player may play."""
    version, until, kind = event.protection_version, event.stopped_until, event.stop_kind
    if "lift" in event.changed:
        template, values = "EXCLUSION_ENDING", {"ends": until or ""}
    elif "stop" in event.changed and kind == "TIME_OUT":
        template, values = "TIME_OUT_TAKEN", {"until": until or ""}
    elif "stop" in event.changed and kind == "EXCLUSION":
        template, values = "EXCLUDED", {}
    elif {"stop", "register"} & set(event.changed):
        template, values = ("LISTED" if kind == "REGISTER" else "UNLISTED"), {}
    else:
        return []
    return [Fact(event.user_id, "stop", version, template, values, turn=version)]


def _of_bet(event: BetEvent, template: str, **cents: int) -> Fact:
    amounts = {"stake": event.stake_cents, **cents}
    return Fact(event.user_id, f"bet:{event.bet_id}", event.bet_version or 0, template, amounts)


def _of_payment(event: PaymentEvent, payment_id: str, template: str, **cents: int) -> Fact:
    return Fact(event.user_id, f"payment:{payment_id}", event.payment_version or 0, template, cents)
