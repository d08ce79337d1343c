"""Planted defects: each breaks one guard of the product, and the simulation must notice within 200 seeds.

`CATCHES` records a run that does, found by `python -m tests.simulation --teeth`, a short one (`--steps 40`) where there
is any; the quick test begins with it: a change of the product may move a schedule, and then the test looks further and
warns.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from betsafi import approval, aws, consumer, dynamodb, outbox
from betsafi.dynamodb import Put, Update
from betsafi.events.notifications import NotificationRead
from betsafi.events.payment import PaymentProgressed
from betsafi.queue import handle_batch
from tests.simulation.faults import Plan
from tests.simulation.services import Services

Plant = Callable[[ExitStack, Services], None]


@dataclass(frozen=True)
class Defect:
    """A mistake that somebody could make."""

    name: str
    mistake: str
    plant: Plant


@contextmanager
def planted(name: str | None, services: Services) -> Iterator[None]:
    """Let the product have this defect until the block ends (None: none)."""
    with ExitStack() as stack:
        if name is not None:
            DEFECTS[name].plant(stack, services)
        yield


def _replace(stack: ExitStack, owner: Any, name: str, replacement: Any) -> None:
    stack.enter_context(patch.object(owner, name, replacement))


def _rewrite_updates(stack: ExitStack, rewrite: Callable[[Update], str | None]) -> None:
    """Give updates another condition; None leaves one as it is."""
    original = Update.request

    def request(update: Update) -> dict[str, Any]:
        condition = rewrite(update)
        if condition is None:
            return original(update)
        text = f"{update.update} {condition}"
        values = {name: value for name, value in update.values.items() if re.search(rf":{name}\b", text)}
        return original(replace(update, condition=condition, values=values))

    _replace(stack, Update, "request", request)


def _balance_without_condition(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        return "attribute_exists(pk)" if update.key[1] == "ACCOUNT" and "#available" in update.update else None

    _rewrite_updates(stack, rewrite)


def _put_over(stack: ExitStack, attribute: str) -> None:
    """Let items with this attribute be put whatever stands there."""
    original = Put.request

    def request(put: Put) -> dict[str, Any]:
        wire = original(put)
        if attribute in put.item:
            for name in ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"):
                wire.pop(name, None)
        return wire

    _replace(stack, Put, "request", request)


def _entry_overwrites(stack: ExitStack, services: Services) -> None:
    _put_over(stack, "postings")


def _consumer_swallows(stack: ExitStack, services: Services) -> None:
    def swallowing(event: Any, handle: Any) -> dict[str, Any]:
        handle_batch(event, handle)
        return {"batchItemFailures": []}

    _replace(stack, consumer, "handle_batch", swallowing)


def _push_resent(stack: ExitStack, services: Services) -> None:
    daraja = services.modules["payment.providers.mpesa.client"]
    original = daraja.push

    def push(*request: Any) -> Any:
        sent = original(*request)
        return original(*request) if sent.submitted.fate.value == "UNKNOWN" else sent

    _replace(stack, daraja, "push", push)


def _settles_whole_amount(stack: ExitStack, services: Services) -> None:
    chains = services.modules["wallet.rules.chains"]
    original = chains.settle

    def settle(hold: Any, *arguments: Any, **options: Any) -> Any:
        return original(replace(hold, remaining=hold.amount), *arguments, **options)

    _replace(stack, chains, "settle", settle)


def _outbox_ignores_failed_entries(stack: ExitStack, services: Services) -> None:
    def put(entries: list[Any], parking_url: str) -> None:
        aws.client("events").put_events(Entries=[entry.wire for entry in entries])

    _replace(stack, outbox, "_put", put)


def _new_originator_each_time(stack: ExitStack, services: Services) -> None:
    withdrawals = services.modules["payment.flows.withdrawals"]
    original, numbers = withdrawals.originator_id, count()
    _replace(stack, withdrawals, "originator_id", lambda payment_id: f"{original(payment_id)[:-4]}{next(numbers):04d}")


def _accepted_without_guard_version(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        if update.key[1] != "GUARD" or "#version = :seen" not in update.condition:
            return None
        return update.condition.replace("#version = :seen AND ", "")

    _rewrite_updates(stack, rewrite)


def _accepted_too_late(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        late = " AND #accept_before > :now"
        return update.condition.replace(late, "") if late in update.condition else None

    _rewrite_updates(stack, rewrite)


def _no_tombstone(stack: ExitStack, services: Services) -> None:
    holds, chains = services.modules["wallet.stores.holds"], services.modules["wallet.rules.chains"]
    original = holds.release

    def release(user_id: str, hold_id: str, reason: str, *parts: Any, **more: Any) -> Any:
        if not holds._chain(user_id, hold_id):
            return chains.void(user_id, hold_id, reason)[1]
        return original(user_id, hold_id, reason, *parts, **more)

    _replace(stack, holds, "release", release)


def _result_version_ignored(stack: ExitStack, services: Services) -> None:
    arithmetic = services.modules["bet.settlement.arithmetic"]

    def with_result(legs: Any, market_id: str, results: dict[str, str], version: int, dead_heats: Any) -> Any:
        return [
            {**leg, "result": results.get(leg["outcome_id"]), "result_version": version}
            if leg["market_id"] == market_id
            else leg
            for leg in legs
        ]

    _replace(stack, arithmetic, "with_result", with_result)


def _early_result_by_one(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.trading.deciding"], "_is_early", lambda guard: False)


def _one_person_is_enough(stack: ExitStack, services: Services) -> None:
    approvals = services.modules["payment.stores.approvals"]
    _replace(stack, approvals, "decide", lambda act, seen, alone_below: approval.alone(act))


def _receipt_not_claimed(stack: ExitStack, services: Services) -> None:
    moves = services.modules["payment.stores.moves"]

    def complete(payment: Any, receipt: str | None, *also: Any, agreed: Any = None, **changes: Any) -> Any:
        return moves.move(payment, "COMPLETED", **changes, **({"receipt": receipt} if receipt else {}))

    _replace(stack, moves, "complete", complete)


def _outbox(stack: ExitStack, services: Services, service: str, to_events: Any, plan: Any, carry_out: Any) -> None:
    """Give a service another outbox: its stream function holds the functions that it was made of."""

    def handler(event: Any, context: Any) -> int:
        follow_ups = outbox.FollowUps(plan, carry_out)
        return outbox.publish_changes(event, to_events, "bus", service + "/parking", follow_ups)

    stack.enter_context(patch.dict(services.handlers, {f"{service}.stream": handler}))


def _bet_not_followed_up(stack: ExitStack, services: Services) -> None:
    stream = services.modules["bet.handlers.stream"]

    def plan(old: Any, new: Any) -> Any:
        return [item for item in stream.plan(old, new) if not item["sk"].startswith("BET#")]

    _outbox(stack, services, "bet", stream.to_events, plan, stream.carry_out)


def _settled_not_republished(stack: ExitStack, services: Services) -> None:
    """What an item as it stands implies leaves settled bets out: a lost one is never paid."""
    stream = services.modules["bet.handlers.stream"]

    def to_events(old: Any, new: Any) -> Any:
        return [] if old is None and new.get("status") == "SETTLED" else stream.to_events(old, new)

    _outbox(stack, services, "bet", to_events, stream.plan, stream.carry_out)


def _payment_not_followed_up(stack: ExitStack, services: Services) -> None:
    stream = services.modules["payment.handlers.stream"]
    _outbox(stack, services, "payment", stream.to_events, lambda old, new: [], stream.queue.send)
    _replace(stack, services.modules["payment.flows.followups"], "find_forgotten", lambda start: 0)


def _released_on_timeout(stack: ExitStack, services: Services) -> None:
    moves, results = services.modules["payment.stores.moves"], services.modules["payment.flows.results"]
    original = moves.move

    def move(payment: Any, status: str, *also: Any, **changes: Any) -> Any:
        if payment["kind"] == "WITHDRAWAL" and status in ("SUBMIT_UNKNOWN", "UNKNOWN"):
            status, also = "FAILED", results.undo(payment)
        return original(payment, status, *also, **changes)

    _replace(stack, moves, "move", move)


def _rejects_what_is_accepted(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        return "attribute_exists(pk)" if update.values.get("status") == "REJECTED" else None

    _rewrite_updates(stack, rewrite)


def _cancel_keeps_exposure(stack: ExitStack, services: Services) -> None:
    table = services.modules["bet.table"].table
    original = table.transact

    def transact(*writes: Any, **options: Any) -> None:
        original(*(write for write in writes if "- :payout" not in getattr(write, "update", "")), **options)

    _replace(stack, table, "transact", transact)


def _reserves_one_leg(stack: ExitStack, services: Services) -> None:
    table = services.modules["bet.table"].table
    original = table.transact

    def transact(*writes: Any, **options: Any) -> None:
        guards = [write for write in writes if "+ :payout" in getattr(write, "update", "")]
        for write in guards[1:]:
            write.values["payout"] = writes[0].values["potential_payout_cents"] // 10
        original(*writes, **options)

    _replace(stack, table, "transact", transact)


def _dead_multi_keeps_room(stack: ExitStack, services: Services) -> None:
    worker = services.modules["bet.settlement.worker"]
    original = worker.next_step

    def next_step(*arguments: Any) -> Any:
        step = original(*arguments)
        return step and replace(step, moved={})

    _replace(stack, worker, "next_step", next_step)


def _accepted_after_kick_off(stack: ExitStack, services: Services) -> None:
    """The clock is looked at when the slip is priced, before the stake is held, and not when the bet is accepted."""

    def rewrite(update: Update) -> str | None:
        begun = " AND #starts_at > :now"
        return update.condition.replace(begun, "") if begun in update.condition else None

    _rewrite_updates(stack, rewrite)


def _limit_forgets_new_guards(stack: ExitStack, services: Services) -> None:
    """A guard is split further and keeps its old part of the limit."""
    limits = services.modules["bet.markets.limits"]
    original = limits.resplit

    def resplit(parts: Any, wanted: int) -> list[int]:
        after: list[int] = original(parts, wanted)
        return [limit for limit, _ in parts] + after[len(parts) :]

    _replace(stack, limits, "resplit", resplit)


def _other_guards_stay(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.markets.changing"], "spread", lambda *_: None)


def _guards_stay_with_the_old_game(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.catalogue.lines"], "follow", lambda *_: None)


def _game_status_ignored(stack: ExitStack, services: Services) -> None:
    """Whether a game is scheduled is looked at when the slip is priced, and not when the bet is accepted."""

    def rewrite(update: Update) -> str | None:
        playable = " AND #fixture_status = :playable"
        return update.condition.replace(playable, "") if playable in update.condition else None

    _rewrite_updates(stack, rewrite)


def _margin_ignored(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.markets.margins"], "below", lambda tier, priced: [])


def _score_of_the_first_record(stack: ExitStack, services: Services) -> None:
    games = services.modules["bet.settlement.games"]
    original = games._score

    def score(fixture: Any, before: Any, after: Any) -> Any:
        return [] if before["record"] else original(fixture, before, after)

    _replace(stack, games, "_score", score)


def _half_won_as_won(stack: ExitStack, services: Services) -> None:
    parts = services.modules["bet.payouts.multipliers"]._PARTS
    stack.enter_context(patch.dict(parts, {"HALF_WON": parts["WON"]}))


def _system_line_lost(stack: ExitStack, services: Services) -> None:
    """Of the lines of a system one is not added up."""
    payout = services.modules["bet.payouts.payout"]
    original = payout.returned

    def returned(stake_cents: int, multipliers: Any, system: Any) -> Any:
        lines = system.lines(len(multipliers))
        return original(stake_cents, multipliers, system) * (lines - 1 if lines > 1 else 1) / lines

    _replace(stack, payout, "returned", returned)


def _half_result_as_full(stack: ExitStack, services: Services) -> None:
    """A record's line that is missed by a quarter is lost, and one that is passed by a quarter is won."""
    outcomes = services.modules["bet.markets.outcomes"]
    original = outcomes.results
    whole = {"HALF_WON": "WON", "HALF_LOST": "LOST"}

    def results(*arguments: Any) -> Any:
        return {outcome: whole.get(result, result) for outcome, result in original(*arguments).items()}

    _replace(stack, outcomes, "results", results)


def _dead_heat_ignored(stack: ExitStack, services: Services) -> None:
    multipliers = services.modules["bet.payouts.multipliers"]
    original = multipliers.multiplier
    _replace(stack, multipliers, "multiplier", lambda odds, result, dead_heat=None: original(odds, result))


def _window_ignores_end(stack: ExitStack, services: Services) -> None:
    versions = services.modules["bet.settlement.versions"]
    original = versions._holds
    _replace(stack, versions, "_holds", lambda window, at: original({**window, "to": None}, at))


def _window_not_rolled_back(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.settlement.versions"], "closed", lambda windows, wanted: list(windows))


def _game_reaches_one_market(stack: ExitStack, services: Services) -> None:
    """What is decided of a game as a whole reaches its first market only."""
    games = services.modules["bet.settlement.games"]
    original = games.apply

    def apply(market_id: str, game: Any) -> None:
        if market_id == min(games.lines.market_ids(game["fixture_id"])):
            original(market_id, game)

    _replace(stack, games, "apply", apply)


def _hold_ignored(stack: ExitStack, services: Services) -> None:
    worker = services.modules["bet.settlement.worker"]
    original = worker.get_standing
    _replace(stack, worker, "get_standing", lambda market_id: original(market_id)._replace(is_held=False))


def _released_by_the_holder(stack: ExitStack, services: Services) -> None:
    holds = services.modules["bet.settlement.holds"]

    def find_hold(subject_id: str) -> Any:
        hold = holds.find_hold(subject_id)
        return hold and {**hold, "held_by": "somebody", "holder_plays": ""}

    unknown = SimpleNamespace(**{**vars(holds), "find_hold": find_hold})
    _replace(stack, services.modules["bet.trading.holding"], "holds", unknown)


def _release_forgets_market(stack: ExitStack, services: Services) -> None:
    """The first market of those that are released is left out."""
    releasing = services.modules["bet.settlement.releasing"]
    original = releasing._tell
    _replace(stack, releasing, "_tell", lambda markets: original(markets[1:]))


def _void_forgotten_by_results(stack: ExitStack, services: Services) -> None:
    """A bet that two people voided is paid by the next result that it takes."""
    arithmetic = services.modules["bet.settlement.arithmetic"]
    original = arithmetic.next_step

    def next_step(bet: Any, *arguments: Any, **options: Any) -> Any:
        return original({**bet, "voided": False}, *arguments, **options)

    _replace(stack, services.modules["bet.settlement.worker"], "next_step", next_step)


def _reprice_not_applied(stack: ExitStack, services: Services) -> None:
    """A bet takes that it was decided, and not the odds."""
    arithmetic = services.modules["bet.settlement.arithmetic"]
    original = arithmetic.corrected

    def corrected(bet: Any, correction: Any, now: str) -> Any:
        return original(bet, {**correction, "odds": {}}, now)

    _replace(stack, arithmetic, "corrected", corrected)


def _one_trader_corrects_a_bet(stack: ExitStack, services: Services) -> None:
    correcting = services.modules["bet.trading.correcting"]
    alone = SimpleNamespace(**{**vars(approval), "decide": lambda table, act, seen: approval.alone(act)})
    _replace(stack, correcting, "approval", alone)


def _record_settles_what_is_open(stack: ExitStack, services: Services) -> None:
    """What a record leaves open is taken for lost."""
    outcomes = services.modules["bet.markets.outcomes"]
    original = outcomes.results

    def results(*arguments: Any) -> Any:
        return {outcome: result or "LOST" for outcome, result in original(*arguments).items()}

    _replace(stack, outcomes, "results", results)


def _late_game_voids_what_is_decided(stack: ExitStack, services: Services) -> None:
    versions = services.modules["bet.settlement.versions"]
    original = versions.after_game

    def after_game(before: Any, game: Any, computed: Any, outcomes: Any) -> Any:
        outcomes, seen = list(outcomes), versions.standing(before)["game_version"]
        after = original(before, game, computed, outcomes)
        return {**after, "results": dict.fromkeys(outcomes, "VOID")} if game["rest_version"] > seen else after

    _replace(stack, versions, "after_game", after_game)


def _moved_game_keeps_bets(stack: ExitStack, services: Services) -> None:
    """Nobody looks how far a postponed game is moved."""
    _replace(stack, services.modules["bet.catalogue.rules"], "waited_until", lambda fixture: None)


def _payout_counter_leaks(stack: ExitStack, services: Services) -> None:
    """A stake that goes back leaves what the bet could pay on its day's counter."""
    chains = services.modules["wallet.rules.chains"]
    original = chains.release

    def release(*arguments: Any, **options: Any) -> Any:
        step = original(*arguments, **options)
        return step and replace(step, promised=0, repeated=0)

    _replace(stack, chains, "release", release)


def _receipt_missing(stack: ExitStack, services: Services) -> None:
    table = services.modules["bet.table"].table
    original = table.transact

    def without(write: Any) -> Any:
        if not str(getattr(write, "item", {}).get("pk", "")).startswith("LEGS#"):
            return write
        return replace(write, item={name: value for name, value in write.item.items() if name != "receipt"})

    def transact(*writes: Any, **options: Any) -> None:
        original(*map(without, writes), **options)

    _replace(stack, table, "transact", transact)


def _receipt_of_the_odds_asked_for(stack: ExitStack, services: Services) -> None:
    """A receipt says the odds that were asked for, where the bet is taken at others."""
    acceptance = services.modules["bet.slips.acceptance"]
    original = acceptance.receipt_text

    def receipt_text(bet: Any, priced: Any) -> str:
        standing = services.modules["bet.slips.bets"].get_bet(bet["user_id"], bet["bet_id"])
        legs = [leg._replace(odds=said["odds"]) for leg, said in zip(priced.legs, standing["legs"], strict=True)]
        return str(original(bet, priced._replace(legs=legs)))

    _replace(stack, acceptance, "receipt_text", receipt_text)


def _news_of_a_correction_lost(stack: ExitStack, services: Services) -> None:
    """An open bet as it stands is told as accepted or open again, whatever came since."""
    stream = services.modules["bet.handlers.stream"]

    def to_events(old: Any, new: Any) -> Any:
        return stream.to_events(old, {**new, "corrected_in": None} if old is None else new)

    _outbox(stack, services, "bet", to_events, stream.plan, stream.carry_out)


def _hold_under_new_id(stack: ExitStack, services: Services) -> None:
    wallet_api = services.modules["bet.wallet_api"]
    original, numbers = wallet_api.hold_stake, count()

    def hold_stake(user_id: str, bet_id: str, *about: Any) -> None:
        original(user_id, f"{bet_id}-{next(numbers)}", *about)

    _replace(stack, wallet_api, "hold_stake", hold_stake)


def _fingerprint_ignored(stack: ExitStack, services: Services) -> None:
    slip = services.modules["bet.slips.slip"].Slip
    _replace(stack, slip, "fingerprint", "the same for all")


def _status_version_ignored(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        old = "#status_version < :version"
        if update.key[1] != "ACCOUNT" or old not in update.condition:
            return None
        return update.condition.replace(old, "attribute_exists(pk)")

    _rewrite_updates(stack, rewrite)


def _conflict_is_poverty(stack: ExitStack, services: Services) -> None:
    """A conflict is taken for a failed guard: contention is told as an empty account."""

    def raise_unless_contended(error: Any) -> None:
        raise dynamodb.ConditionFailed({0: None}) from error

    _replace(stack, dynamodb, "_raise_unless_contended", raise_unless_contended)


def _bus_before_table(stack: ExitStack, services: Services) -> None:
    """A handler tells the bus itself, from what it read and not from what was written."""
    cancelling = services.modules["bet.slips.cancelling"]
    original = cancelling.take_back

    def take_back(bet: Any) -> Any:
        data = {"betId": bet["bet_id"], "userId": bet["user_id"], "stakeCents": bet["stake_cents"]}
        detail = {"id": bet["bet_id"], "time": bet["at"], "version": 1, "data": data}
        entry = {"Source": "betsafi.bet", "DetailType": "BetCancelled", "Detail": json.dumps(detail)}
        aws.client("events").put_events(Entries=[entry])
        return original(bet)

    _replace(stack, cancelling, "take_back", take_back)


def _paybill_not_claimed(stack: ExitStack, services: Services) -> None:
    moves = services.modules["payment.stores.moves"]

    def book(payment: Any, status: str, *also: Any, **changes: Any) -> Any:
        return moves.move(payment, status, *also, **changes)

    _replace(stack, moves, "book", book)


def _unlisted_source_believed(stack: ExitStack, services: Services) -> None:
    paybill = services.modules["payment.flows.paybill"]
    _replace(stack, paybill, "receive", paybill.book)


def _prompt_reference_ignored(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["payment.stores.players"], "prompt_of", lambda reference: None)


def _told_amount_credited(stack: ExitStack, services: Services) -> None:
    """What was written down first is credited, whoever told it."""
    paybill, creation = services.modules["payment.flows.paybill"], services.modules["payment.stores.creation"]
    original = paybill._credit

    def credit(paid: Any, user_id: str | None) -> Any:
        told = creation.receive(paid)
        return original(replace(paid, amount_cents=told["amount_cents"]), user_id)

    _replace(stack, paybill, "_credit", credit)


def _told_account_credited(stack: ExitStack, services: Services) -> None:
    """The account number told first says whose money it is."""
    paybill, creation = services.modules["payment.flows.paybill"], services.modules["payment.stores.creation"]
    players = services.modules["payment.stores.players"]
    numbers, original = services.modules["payment.numbers"], paybill._credit

    def credit(paid: Any, user_id: str | None) -> Any:
        number, _ = numbers.parse(creation.receive(paid)["account"])
        return original(paid, players.player_of(number) if number else None)

    _replace(stack, paybill, "_credit", credit)


def _never_pulled(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["payment.flows.pulls"], "pull", lambda page: None)


def _reversed_without_hold(stack: ExitStack, services: Services) -> None:
    reversals, moves = services.modules["payment.flows.reversals"], services.modules["payment.stores.moves"]
    _replace(stack, reversals, "_hold", lambda reversal: moves.move(reversal, "HELD"))


def _sent_in_review(stack: ExitStack, services: Services) -> None:
    withdrawals = services.modules["payment.flows.withdrawals"]
    original = withdrawals._hold

    def hold(payment: Any) -> Any:
        held, contact = original(payment)
        return withdrawals._send(held, contact) if held["status"] == "REVIEW" else held, contact

    _replace(stack, withdrawals, "_hold", hold)


def _notifications_ignore_versions(stack: ExitStack, services: Services) -> None:
    """An older fact takes the place of a newer one."""
    notifying, inbox = services.modules["notifications.notifying"], services.modules["notifications.stores.inbox"]
    players, users_api = services.modules["notifications.stores.players"], services.modules["notifications.users_api"]
    original = notifying.notify

    def notify(fact: Any) -> None:
        standing = players.standing(fact.user_id, fact.subject)
        earlier = standing.note
        if earlier is None or earlier["version"] <= fact.version or fact.is_in(earlier):
            original(fact)
            return
        said = notifying.message(fact, earlier)
        inbox.keep_note(earlier, fact, notifying._outgoing(said, standing, users_api.contact(fact.user_id)))

    _replace(stack, services.modules["notifications.handlers.consumer"], "notify", notify)


def _first_note_stays(stack: ExitStack, services: Services) -> None:
    messages = services.modules["notifications.messages"]
    _replace(stack, messages.Fact, "is_in", lambda fact, note: True)


def _correction_not_told(stack: ExitStack, services: Services) -> None:
    handlers = services.modules["notifications.handlers.consumer"].handler._handlers
    kind = ("betsafi.bet", "BetReopened")
    stack.enter_context(patch.dict(handlers, {kind: (handlers[kind][0], lambda event, envelope: None)}))


def _correction_as_news(stack: ExitStack, services: Services) -> None:
    notifying, messages = services.modules["notifications.notifying"], services.modules["notifications.messages"]
    _replace(stack, notifying, "message", lambda fact, earlier: messages.message(fact, None))


def _told_anew(stack: ExitStack, services: Services) -> None:
    messages = services.modules["notifications.messages"]
    _replace(stack, messages.Fact, "is_in", lambda fact, note: note["version"] == fact.version)


def _sent_each_time(stack: ExitStack, services: Services) -> None:
    inbox = services.modules["notifications.stores.inbox"]

    def claim(user_id: str, note_id: str, channel: str) -> Any:
        if (note := inbox.find_note(user_id, note_id)) is None:
            return None
        taken = {"delivery": "SENDING", "claimed_until": inbox.clock.stamp()}
        return inbox.table.write(inbox.Update((note["pk"], note["sk"]), inbox.assign(taken), values=taken))

    _replace(stack, inbox, "claim", claim)


def _marked_before_sent(stack: ExitStack, services: Services) -> None:
    delivering, inbox = services.modules["notifications.delivering"], services.modules["notifications.stores.inbox"]
    original = delivering.deliver

    def deliver(queued: Any, send: Any, tries: int) -> None:
        def late(note: Any) -> Any:
            inbox.mark_sent(note)
            return send(note)

        original(queued, late, tries)

    _replace(stack, delivering, "deliver", deliver)


def _rejection_not_told(stack: ExitStack, services: Services) -> None:
    stream = services.modules["payment.handlers.stream"]
    original = stream.to_events

    def to_events(old: Any, new: Any) -> Any:
        return [] if new.get("reason") == "REJECTED" else original(old, new)

    _outbox(stack, services, "payment", to_events, stream.to_follow_ups, stream.queue.send)


def _stop_only_shown(stack: ExitStack, services: Services) -> None:
    changes = services.modules["wallet.stores.changes"]
    _replace(stack, changes, "may_bet", lambda terms: changes.Change())


def _protection_of_any_version(stack: ExitStack, services: Services) -> None:
    accounts = services.modules["wallet.stores.accounts"]
    original = accounts.protect

    def protect(user_id: str, given: Any) -> Any:
        seen = (accounts.find_account(user_id) or {}).get("protection_version", 0)
        return original(user_id, replace(given, version=max(given.version, seen + 1)))

    _replace(stack, accounts, "protect", protect)


def _new_limit_forgets_stakes(stack: ExitStack, services: Services) -> None:
    changes = services.modules["wallet.stores.changes"]
    original = changes.protected

    def protected(account: Any, given: Any) -> Any:
        change = original(account, given)
        counted = re.compile(r"#room_(\w+) = #room_\w+ \+ :more_\w+")
        assignments = [counted.sub(r"#room_\1 = :limit_\1", each) for each in change.assignments]
        values = {name: value for name, value in change.values.items() if not name.startswith("more_")}
        return replace(change, assignments=assignments, values=values)

    _replace(stack, changes, "protected", protected)


def _prompt_whatever_was_chosen(stack: ExitStack, services: Services) -> None:
    protection = services.modules["payment.stores.protection"]
    original = protection.count

    def count_deposit(*arguments: Any) -> Any:
        update, counters = original(*arguments)
        return replace(update, condition=dynamodb.ANY, values={"amount": update.values["amount"]}), counters

    _replace(stack, protection, "count", count_deposit)


def _prompt_whatever_we_decided(stack: ExitStack, services: Services) -> None:
    """Whether we stopped the account is asked before a deposit is written, and not when it is."""
    protection = services.modules["payment.stores.protection"]
    original = protection.count

    def count_deposit(*arguments: Any) -> Any:
        update, counters = original(*arguments)
        values = {name: value for name, value in update.values.items() if name != "active"}
        return replace(
            update, condition=update.condition.replace(f"{protection._ACTIVE} AND ", ""), values=values
        ), counters

    _replace(stack, protection, "count", count_deposit)


def _held_money_withdrawn(stack: ExitStack, services: Services) -> None:
    def rewrite(update: Update) -> str | None:
        held = " AND #status <> :held"
        return update.condition.replace(held, "") if held in update.condition else None

    _rewrite_updates(stack, rewrite)


def _failed_deposit_keeps_its_room(stack: ExitStack, services: Services) -> None:
    moves = services.modules["payment.stores.moves"]
    protecting = services.modules["payment.flows.protecting"]
    _replace(stack, protecting, "fail", lambda deposit, **changes: moves.move(deposit, "FAILED", **changes))


def _paid_after_failure_uncounted(stack: ExitStack, services: Services) -> None:
    moves = services.modules["payment.stores.moves"]
    protecting = services.modules["payment.flows.protecting"]
    _replace(
        stack, protecting, "complete", lambda deposit, receipt, **changes: moves.complete(deposit, receipt, **changes)
    )


def _stopped_player_credited(stack: ExitStack, services: Services) -> None:
    protection = services.modules["payment.stores.protection"]
    protecting = services.modules["payment.flows.protecting"]
    original = protection.count_paid

    def count_paid(*arguments: Any) -> Update:
        update: Update = original(*arguments)
        return replace(update, condition=dynamodb.ANY, values={"amount": update.values["amount"]})

    _replace(stack, protection, "count_paid", count_paid)
    _replace(stack, protecting, "stop_of", lambda item, moment: None)


def _published_before_noted(stack: ExitStack, services: Services) -> None:
    consumer_, logs = services.modules["frontend.handlers.consumer"], services.modules["frontend.stores.logs"]
    late: list[tuple[str, Any, int | None]] = []
    original, publish = logs._write, consumer_._publish

    def publish_first(request: Any) -> Any:
        failed = publish(request)
        while late:  # until all are written
            original(*late.pop(0))
        return failed

    _replace(stack, logs, "_write", lambda *write: late.append(write))
    _replace(stack, consumer_, "_publish", publish_first)


def _number_taken_twice(stack: ExitStack, services: Services) -> None:
    _put_over(stack, "entries")


def _page_ends_with_the_log(stack: ExitStack, services: Services) -> None:
    graphql = services.modules["frontend.handlers.graphql"]
    original = graphql.since

    def since(log: Any, number: int, limit: int) -> Any:
        return replace(original(log, number, limit), up_to=log.last)

    _replace(stack, graphql, "since", since)


def _posted_is_forgotten(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["frontend.log"], "_newer", lambda one, other: one)


def _leg_untold(stack: ExitStack, services: Services) -> None:
    _replace(stack, services.modules["bet.handlers.stream"], "_has_other_results", lambda old, new: False)


def _reading_untold(stack: ExitStack, services: Services) -> None:
    updates = services.modules["frontend.updates"]

    def another(event: Any) -> Any:
        return updates.Update("publishMarket", {"id": event.notification_id})

    stack.enter_context(patch.dict(updates._UPDATES, {NotificationRead: another}))


def _return_untold(stack: ExitStack, services: Services) -> None:
    stream = services.modules["payment.handlers.stream"]
    original = stream._paybill_events

    def told(new: dict[str, Any]) -> list[Any]:
        return [event for event in original(new) if not isinstance(event, PaymentProgressed)]

    stack.enter_context(patch.dict(stream._EVENTS, {"PAYBILL": told}))


_ALL = (
    Defect("balance-without-condition", "the account is changed whatever it holds", _balance_without_condition),
    Defect("entry-overwrites", "an entry is written without attribute_not_exists", _entry_overwrites),
    Defect("consumer-swallows", "the wallet's consumer reports failed messages as done", _consumer_swallows),
    Defect("push-resent", "a push without an answer is sent again", _push_resent),
    Defect("settles-whole-amount", "a result captures the stake whatever remains of the hold", _settles_whole_amount),
    Defect("outbox-ignores-failed-entries", "FailedEntryCount is not looked at", _outbox_ignores_failed_entries),
    Defect(
        "new-originator-each-time", "a resent payment has a new OriginatorConversationID", _new_originator_each_time
    ),
    Defect(
        "accepted-without-guard-version",
        "a bet is accepted at whatever the price is now",
        _accepted_without_guard_version,
    ),
    Defect("accepted-too-late", "acceptBefore is not part of the condition", _accepted_too_late),
    Defect("no-tombstone", "releasing an unknown hold leaves nothing behind", _no_tombstone),
    Defect("result-version-ignored", "a leg takes any result, also an older one", _result_version_ignored),
    Defect("early-result-by-one", "one trader may settle a game that cannot be over", _early_result_by_one),
    Defect("one-person-is-enough", "nobody has to approve a decision about a payment", _one_person_is_enough),
    Defect("receipt-not-claimed", "a receipt may complete two payments", _receipt_not_claimed),
    Defect("bet-not-followed-up", "no delayed message is sent for a new bet", _bet_not_followed_up),
    Defect("payment-not-followed-up", "no question is asked about an unfinished payment", _payment_not_followed_up),
    Defect("released-on-timeout", "an unclear withdrawal is given back", _released_on_timeout),
    Defect("rejects-what-is-accepted", "a bet is rejected whatever its status", _rejects_what_is_accepted),
    Defect("cancel-keeps-exposure", "a cancelled bet keeps its reservation", _cancel_keeps_exposure),
    Defect("reserves-one-leg", "only the first leg reserves all that a bet could pay", _reserves_one_leg),
    Defect("dead-multi-keeps-room", "a decided multi gives back nothing of what it reserved", _dead_multi_keeps_room),
    Defect("accepted-after-kick-off", "the clock is only looked at when a slip is priced", _accepted_after_kick_off),
    Defect("limit-forgets-new-guards", "new guards add to a market's limit", _limit_forgets_new_guards),
    Defect("other-guards-stay", "only the visible guard takes a price or a status", _other_guards_stay),
    Defect("guards-stay-with-the-old-game", "no guard follows its game", _guards_stay_with_the_old_game),
    Defect("game-status-ignored", "whether a game is played is only looked at at first", _game_status_ignored),
    Defect("margin-ignored", "a trader's odds leave the house nothing", _margin_ignored),
    Defect("score-of-the-first-record", "a later record does not change the score", _score_of_the_first_record),
    Defect("half-won-as-won", "a leg that won by half pays as if it had won", _half_won_as_won),
    Defect("system-line-lost", "a line of a system is not paid", _system_line_lost),
    Defect("half-result-as-full", "a record has no half results", _half_result_as_full),
    Defect("dead-heat-ignored", "who shares a place is paid as if alone", _dead_heat_ignored),
    Defect("window-ignores-end", "bets are cancelled that came after a window", _window_ignores_end),
    Defect("window-not-rolled-back", "a window that is taken back stands", _window_not_rolled_back),
    Defect("game-reaches-one-market", "what is decided of a game reaches one market", _game_reaches_one_market),
    Defect("hold-ignored", "bets take results that are held", _hold_ignored),
    Defect("released-by-the-holder", "whoever holds results may release them", _released_by_the_holder),
    Defect("release-forgets-market", "a release leaves a market out", _release_forgets_market),
    Defect("void-forgotten-by-results", "a result pays a bet that was voided", _void_forgotten_by_results),
    Defect("reprice-not-applied", "a bet that is priced anew pays as before", _reprice_not_applied),
    Defect("one-trader-corrects-a-bet", "one trader decides about a single bet", _one_trader_corrects_a_bet),
    Defect("record-settles-what-is-open", "what a record leaves open is lost", _record_settles_what_is_open),
    Defect("late-game-voids-what-is-decided", "a late game's results are void too", _late_game_voids_what_is_decided),
    Defect("moved-game-keeps-bets", "bets on a game that is moved too far stay", _moved_game_keeps_bets),
    Defect("payout-counter-leaks", "a stake that goes back still counts for its day", _payout_counter_leaks),
    Defect("receipt-missing", "a bet is accepted without its receipt", _receipt_missing),
    Defect("receipt-of-the-odds-asked-for", "a receipt has the odds asked for", _receipt_of_the_odds_asked_for),
    Defect("news-of-a-correction-lost", "a lost correction is told as something older", _news_of_a_correction_lost),
    Defect("hold-under-new-id", "every try to hold a stake has its own id", _hold_under_new_id),
    Defect("fingerprint-ignored", "a request id may be used for another bet", _fingerprint_ignored),
    Defect("status-version-ignored", "an older status replaces a newer one", _status_version_ignored),
    Defect("conflict-is-poverty", "a transaction conflict is taken for a failed condition", _conflict_is_poverty),
    Defect("bus-before-table", "a cancelling is told before it is written", _bus_before_table),
    Defect("paybill-not-claimed", "a payment by hand is booked without claiming its receipt", _paybill_not_claimed),
    Defect("unlisted-source-believed", "a confirmation from anywhere is booked at once", _unlisted_source_believed),
    Defect("prompt-reference-ignored", "a prompt's payment is taken for one by hand", _prompt_reference_ignored),
    Defect("told-amount-credited", "the amount told first is credited, and not M-Pesa's", _told_amount_credited),
    Defect("told-account-credited", "the account number told first is believed", _told_account_credited),
    Defect("never-pulled", "nobody asks M-Pesa what else it has", _never_pulled),
    Defect("reversed-without-hold", "a deposit is reversed without holding its credit", _reversed_without_hold),
    Defect("sent-in-review", "M-Pesa is asked to pay what waits for a review", _sent_in_review),
    Defect("settled-not-republished", "a lost settled bet implies no event", _settled_not_republished),
    Defect("notifications-ignore-versions", "a player is told whatever comes last", _notifications_ignore_versions),
    Defect("first-note-stays", "one message a bet, payment or status: the first", _first_note_stays),
    Defect("correction-not-told", "a bet that a correction reopens is told to nobody", _correction_not_told),
    Defect("correction-as-news", "a corrected result is told as if it were the first", _correction_as_news),
    Defect("told-anew", "what an operator publishes anew is told again", _told_anew),
    Defect("sent-each-time", "a message is sent whenever its queue hands it out", _sent_each_time),
    Defect("marked-before-sent", "a message counts as sent before its carrier has it", _marked_before_sent),
    Defect("rejection-not-told", "a rejected withdrawal is told to nobody", _rejection_not_told),
    Defect("stop-only-shown", "a bet is taken whether its player is stopped or not", _stop_only_shown),
    Defect("protection-of-any-version", "the wallet takes an older protection", _protection_of_any_version),
    Defect("new-limit-forgets-stakes", "a new limit begins with its whole room", _new_limit_forgets_stakes),
    Defect("prompt-whatever-was-chosen", "a deposit looks at no stop and no limit", _prompt_whatever_was_chosen),
    Defect(
        "prompt-whatever-we-decided", "a stop of ours is asked for only before a prompt", _prompt_whatever_we_decided
    ),
    Defect("held-money-withdrawn", "money is withdrawn though a stop holds it", _held_money_withdrawn),
    Defect("failed-deposit-keeps-its-room", "a failed deposit gives no room back", _failed_deposit_keeps_its_room),
    Defect("paid-after-failure-uncounted", "what is paid after all is not counted", _paid_after_failure_uncounted),
    Defect("published-before-noted", "an update goes out before its number is written", _published_before_noted),
    Defect("number-taken-twice", "two writers give their updates one number", _number_taken_twice),
    Defect("page-ends-with-the-log", "a page of changes says that it goes up to the end", _page_ends_with_the_log),
    Defect("posted-is-forgotten", "a log forgets what the wallet has posted of a bet", _posted_is_forgotten),
    Defect("leg-untold", "a leg that leaves its bet open is told to nobody", _leg_untold),
    Defect("reading-untold", "apps do not hear that a note was read", _reading_untold),
    Defect("return-untold", "apps do not hear that what a stopped player paid goes back", _return_untold),
    Defect("stopped-player-credited", "what a stopped player pays by hand is credited", _stopped_player_credited),
)
DEFECTS = {defect.name: defect for defect in _ALL}

SHORT = 40
"""How many things people do in a short run: a fifth of a whole run's work."""

CATCHES: dict[str, Plan] = {
    "balance-without-condition": Plan(8, SHORT),
    "entry-overwrites": Plan(0, SHORT),
    "consumer-swallows": Plan(2, SHORT),
    "push-resent": Plan(45, SHORT),
    "settles-whole-amount": Plan(15, SHORT),
    "outbox-ignores-failed-entries": Plan(11, SHORT),
    "new-originator-each-time": Plan(15, SHORT),
    "accepted-without-guard-version": Plan(2, SHORT),
    "accepted-too-late": Plan(16, SHORT),
    "no-tombstone": Plan(15, SHORT),
    "result-version-ignored": Plan(0, SHORT),
    "early-result-by-one": Plan(0, SHORT),
    "one-person-is-enough": Plan(13, SHORT),
    "receipt-not-claimed": Plan(0, SHORT),
    "bet-not-followed-up": Plan(2, SHORT),
    "payment-not-followed-up": Plan(3, SHORT),
    "released-on-timeout": Plan(28, SHORT),
    "rejects-what-is-accepted": Plan(30, SHORT),
    "cancel-keeps-exposure": Plan(1, SHORT),
    "reserves-one-leg": Plan(0, SHORT),
    "dead-multi-keeps-room": Plan(0, SHORT),
    "accepted-after-kick-off": Plan(9, SHORT),
    "limit-forgets-new-guards": Plan(16),
    "other-guards-stay": Plan(2, SHORT),
    "guards-stay-with-the-old-game": Plan(0, SHORT),
    "game-status-ignored": Plan(0, SHORT),
    "margin-ignored": Plan(0, SHORT),
    "score-of-the-first-record": Plan(4, SHORT),
    "half-won-as-won": Plan(7, SHORT),
    "system-line-lost": Plan(0),
    "half-result-as-full": Plan(4, SHORT),
    "dead-heat-ignored": Plan(12),
    "window-ignores-end": Plan(6),
    "window-not-rolled-back": Plan(6, SHORT),
    "game-reaches-one-market": Plan(0, SHORT),
    "hold-ignored": Plan(12, SHORT),
    "released-by-the-holder": Plan(4, SHORT),
    "release-forgets-market": Plan(3),
    "void-forgotten-by-results": Plan(7, SHORT),
    "reprice-not-applied": Plan(7, SHORT),
    "one-trader-corrects-a-bet": Plan(7, SHORT),
    "record-settles-what-is-open": Plan(5, SHORT),
    "late-game-voids-what-is-decided": Plan(1),
    "moved-game-keeps-bets": Plan(119),
    "payout-counter-leaks": Plan(1, SHORT),
    "receipt-missing": Plan(0, SHORT),
    "receipt-of-the-odds-asked-for": Plan(5, SHORT),
    "news-of-a-correction-lost": Plan(9, SHORT),
    "hold-under-new-id": Plan(0, SHORT),
    "fingerprint-ignored": Plan(1, SHORT),
    "status-version-ignored": Plan(4),
    "conflict-is-poverty": Plan(3, SHORT),
    "bus-before-table": Plan(30, SHORT),
    "paybill-not-claimed": Plan(2, SHORT),
    "unlisted-source-believed": Plan(4),
    "prompt-reference-ignored": Plan(0, SHORT),
    "told-amount-credited": Plan(4),
    "told-account-credited": Plan(4),
    "never-pulled": Plan(8, SHORT),
    "reversed-without-hold": Plan(13, SHORT),
    "sent-in-review": Plan(3),
    "settled-not-republished": Plan(16),
    "notifications-ignore-versions": Plan(1, SHORT),
    "first-note-stays": Plan(0, SHORT),
    "correction-not-told": Plan(1),
    "correction-as-news": Plan(9, SHORT),
    "told-anew": Plan(12, SHORT),
    "sent-each-time": Plan(0, SHORT),
    "marked-before-sent": Plan(3, SHORT),
    "rejection-not-told": Plan(3),
    "stop-only-shown": Plan(13),
    "published-before-noted": Plan(3, SHORT),
    "number-taken-twice": Plan(3, SHORT),
    "page-ends-with-the-log": Plan(5),
    "posted-is-forgotten": Plan(5, SHORT),
    "protection-of-any-version": Plan(0),
    "new-limit-forgets-stakes": Plan(7),
    "prompt-whatever-was-chosen": Plan(0),
    "prompt-whatever-we-decided": Plan(101),
    "held-money-withdrawn": Plan(15, SHORT),
    "failed-deposit-keeps-its-room": Plan(2, SHORT),
    "paid-after-failure-uncounted": Plan(2, SHORT),
    "leg-untold": Plan(14),
    "reading-untold": Plan(11),
    "return-untold": Plan(700_102),
    "stopped-player-credited": Plan(13),
}
