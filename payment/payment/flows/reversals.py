"""Giving a customer's payment back: a mistaken deposit, whose credit is held in the wallet first, or money in suspense.

M-Pesa reverses a payment once, whatever it is asked, so an unclear answer is asked again. The hold goes back only on a
listed terminal failure or by two people.
"""

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.ids import derive_id, fingerprint
from betsafi.service_client import Refused
from payment import callbacks, models, review, wallet_api, wording
from payment.callbacks import Delivery
from payment.errors import NotAllowedNow
from payment.flows import results
from payment.providers.chosen import provider_at, provider_of
from payment.settings import settings
from payment.states import RESENT, REVERSAL
from payment.stores import creation, moves, payments, quarantine


def begin(deposit: Item, agreed: Agreement) -> Item:
    """Begin the reversal of a deposit or of money in suspense, and return it as it stands.

    Raises NotAllowedNow while another one goes on, and what the wallet refused with.
    """
    review.check_reversible(deposit)
    previous = deposit.get("reversal_id")
    if previous is not None:
        earlier = payments.find(previous)
        if earlier is not None and earlier["status"] not in ("FAILED", "REFUSED"):
            return earlier
    in_suspense = deposit["status"] == "SUSPENSE"
    given = {
        "amount_cents": deposit["amount_cents"],
        "credit_cents": deposit.get("credit_cents", 0),
        "excise_cents": deposit.get("excise_cents", 0),
        "deposit_id": deposit["payment_id"],
        "original_receipt": deposit["receipt"],
        "suspense": in_suspense,
        **agreed.named,
    }
    reversal_id = derive_id("reversal", deposit["payment_id"], previous or "")
    try:
        reversal, _ = creation.new_reversal(reversal_id, deposit, given, previous, agreed)
    except creation.ReversalBegun as begun:
        raise NotAllowedNow(wording.OTHER_REVERSAL) from begun
    models.same_request(reversal, fingerprint(given))
    try:
        return follow_up(reversal)
    except Unavailable:
        return reversal


def follow_up(reversal: Item) -> Item:
    """Go on with an unfinished reversal from where it stands; return it as it stands afterwards. Raises Unavailable."""
    if reversal["status"] == "REQUESTED":
        try:
            reversal = _hold(reversal)
        except Refused as refusal:
            return results.refuse(reversal, refusal)
    if reversal["status"] == "SUBMITTED" and _age(reversal) < settings.query_grace_seconds:
        return reversal  # M-Pesa has it, and usually reports the end within seconds
    return _send(reversal) if reversal["status"] in RESENT[REVERSAL] else reversal


def _age(reversal: Item) -> float:
    return (clock.now() - clock.parse_stamp(reversal["updated_at"])).total_seconds()


def _hold(reversal: Item) -> Item:
    if not reversal["suspense"]:
        wallet_api.hold(reversal["user_id"], reversal["payment_id"], REVERSAL, reversal["credit_cents"])
    return moves.move(reversal, "HELD", only_from="REQUESTED")


def _send(reversal: Item) -> Item:
    provider, reversal_id = provider_of(reversal), reversal["payment_id"]
    submitted = provider.orders().reverse(
        reversal["original_receipt"],
        reversal["amount_cents"] // 100,
        provider.callback_url(callbacks.REVERSAL, reversal_id),
        provider.callback_url(callbacks.TIMEOUT, reversal_id),
        lambda: payments.stands(reversal),
    )
    return results.given(reversal, submitted)


def take_result(delivery: Delivery) -> None:
    """Move the reversal that a signed result is about, once; quarantine what cannot be believed."""
    found = results.read(delivery, REVERSAL, provider_at(delivery.kind).read_reversal)
    if found is None:
        return
    reversal, told = found
    may_name_none = told.repeated or not told.is_paid
    if told.order_id != reversal["original_receipt"] and not (told.order_id is None and may_name_none):
        quarantine.keep(delivery, "OTHER_RECEIPT", told.facts)
        return
    results.believe(delivery, reversal, told, reversal["amount_cents"])


def resolve(reversal: Item, outcome: str, agreed: Agreement) -> Item:
    """End an uncertain reversal as two people decided (PAID: the payer has the money). Raises NotAllowedNow.

    M-Pesa reverses a payment once, whatever it is asked, so RETRY needs no new id.
    """
    if outcome == "RETRY":
        return results.decide(reversal, "HELD", agreed)
    if outcome == "UNPAID":
        return results.end_unpaid(reversal, agreed)
    try:
        return moves.complete(reversal, None, results.success(reversal), agreed=agreed)
    except moves.Conflicting as conflict:
        raise NotAllowedNow(wording.REVERSAL_ENDED) from conflict
