"""The laws: what must hold after every write, and what must hold when the dust has settled.

The reference is independent of the services' rules: exact fractions, M-Pesa's own books, sums of postings. Of the
services only what stands in their tables is used.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from betsafi.dynamodb import unmarshal
from tests.simulation.actors import People
from tests.simulation.dynamodb import Change
from tests.simulation.world import TABLES, World
from tools.reconcile import audit

Item = dict[str, Any]
PARTS = ("available", "held", "receivable")

KNOWN_ISSUES = {
    "deposit-of-lost-answer-and-lost-callback": (
        "A push whose answer and whose only callback are both lost (or quarantined) can be paid and is never credited: "
        "nothing asks M-Pesa's statement."
    ),
}
"""Faults of the product that the laws leave out by name until they are mended."""

_MOVES = {
    None: {"PENDING"},
    "PENDING": {"PENDING", "ACCEPTED", "REJECTED"},
    "ACCEPTED": {"ACCEPTED", "SETTLED", "CANCELLED"},
    "SETTLED": {"SETTLED", "ACCEPTED"},
    "REJECTED": {"REJECTED"},
    "CANCELLED": {"CANCELLED"},
}
_FINAL = {"COMPLETED"}


class LawBroken(Exception):
    """Something that must never be is so. `law` names the law."""

    def __init__(self, law: str, detail: str) -> None:
        super().__init__(f"{law}: {detail}")
        self.law = law


def demand(true: object, law: str, *detail: object) -> None:
    """Raise LawBroken unless it is so."""
    if not true:
        raise LawBroken(law, " ".join(map(str, detail)))


@dataclass
class Watch:
    """Sees every write as it is made, keeps sums of its own, and checks the cheap laws at once."""

    world: World
    balances: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_reference: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    holds: dict[str, Item] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def __call__(self, changes: list[Change]) -> None:
        """Check one write or one transaction."""
        for change in changes:
            if change.table == TABLES["wallet"]:
                self._wallet(change)
        for change in changes:
            if change.table == TABLES["wallet"]:
                self._account(change)
            elif change.table == TABLES["bet"]:
                self._bet(change)
            elif change.table == TABLES["payment"] and change.sk == "PAYMENT":
                self._payment(change)

    def _wallet(self, change: Change) -> None:
        if "postings" not in (change.old or change.new or {}):
            return
        demand(change.old is None, "an entry is immutable", change.pk, change.sk)
        entry = unmarshal(change.new or {})
        demand(sum(cents for _, cents in entry["postings"]) == 0, "an entry sums to zero", change.sk, entry["postings"])
        for account, cents in entry["postings"]:
            owner, _, part = account.rpartition(":")
            self.totals[account if not owner.startswith("user:") else part] += cents
            self.by_reference[entry["reference"]][part if owner.startswith("user:") else account] += cents
            if owner.startswith("user:"):
                self.balances[owner.removeprefix("user:")][part] += cents
        self.entries[entry["reference"], entry["entry_kind"]] += 1
        if "hold" in entry:
            self.holds[entry["hold"]["id"]] = entry["hold"]

    def _account(self, change: Change) -> None:
        if not change.pk.startswith("USER#"):
            return
        user_id = change.pk.removeprefix("USER#")
        account = self.world.database.item(change.table, change.pk, "ACCOUNT")
        if account is None:
            demand(not any(self.balances[user_id].values()), "an entry has an account", change.pk, change.sk)
            return
        for part in PARTS:
            cents = int(account[part]["N"])
            demand(
                cents == self.balances[user_id][part], "an account equals its entries", user_id, part,
                f"is {cents}, its entries say {self.balances[user_id][part]}",
            )  # fmt: skip
            demand(cents >= 0 or part == "receivable", "no account is overdrawn", user_id, part, cents)

    def _bet(self, change: Change) -> None:
        if change.sk == "GUARD" and change.new is not None:
            guard = unmarshal(change.new)
            for selection in guard["odds"]:
                exposure = guard[f"exposure_{selection}"]
                demand(0 <= exposure <= guard["limit_cents"], "exposure stays within the limit", change.pk, exposure)
        if not change.sk.startswith("BET#"):
            return
        demand(change.new is not None, "a bet is never removed", change.sk)
        old, new = unmarshal(change.old) if change.old else None, unmarshal(change.new or {})
        before = old["status"] if old else None
        demand(new["status"] in _MOVES[before], "a bet moves forward only", change.sk, before, new["status"])
        if before == "PENDING" and new["status"] == "ACCEPTED" and old is not None:
            self._accepted(old, new)

    def _accepted(self, old: Item, new: Item) -> None:
        bet_id = new["bet_id"]
        hold = self.holds.get(bet_id)
        demand(
            hold is not None and hold["remaining"] == new["stake_cents"],
            "no bet stands without a held stake", bet_id, hold,
        )  # fmt: skip
        demand(new["accepted_at"] < new["accept_before"], "a bet is accepted in time", bet_id, new["accepted_at"])
        for asked, leg in zip(old["legs"], new["legs"], strict=True):
            key = f"GUARD#{leg['market_id']}#{leg['guard']}"
            guard = unmarshal(self.world.database.item(TABLES["bet"], key, "GUARD") or {})
            odds, wanted = Fraction(leg["odds"]), Fraction(asked["odds"])
            law = "a bet is accepted at the price of that moment"
            demand(guard["status"] == "OPEN", law, bet_id, key, guard["status"])
            demand(guard["odds"][leg["selection_id"]] == leg["odds"], law, bet_id, key, leg["odds"], guard["odds"])
            takes = {"NONE": odds == wanted, "HIGHER": odds >= wanted, "ANY": True}[new["policy"]]
            demand(takes, "the odds policy is kept", bet_id, new["policy"], asked["odds"], leg["odds"])

    def _payment(self, change: Change) -> None:
        demand(change.new is not None, "a payment is never removed", change.pk)
        old, new = change.old or {}, change.new or {}
        status = old.get("status", {}).get("S")
        demand(
            status not in _FINAL or new["status"]["S"] == status, "a paid payment stays paid", change.pk, status,
            new["status"]["S"],
        )  # fmt: skip


def after_the_dust(world: World, people: People, watch: Watch) -> None:
    """Check everything that must hold when nothing moves any more. Raises LawBroken."""
    for name, queue in world.queues.items():
        demand(
            not queue.dead,
            "no dead letter is left after redrive",
            name,
            [m.body for m in queue.dead][:3],
            queue.failures[-1:],
        )
        demand(not queue.waiting, "every queue is worked off", name, [m.body for m in queue.waiting][:3])
    for name, stream in world.streams.items():
        demand(not stream.behind, "every stream is worked off", name, [s.failures[-1:] for s in stream.shards])
    demand(not world.parked, "no change is parked", world.parked[:1])
    bets = [item for item in _items(world, "bet") if item["sk"].startswith("BET#")]
    _wallet_laws(world, people)
    _bet_laws(world, people, watch, bets)
    _exposure_laws(world, bets)
    _told_laws(people, {bet["bet_id"]: bet for bet in bets})
    payments = [item for item in _items(world, "payment") if item["sk"] == "PAYMENT"]
    _deposit_laws(world, watch, payments)
    withdrawals(world, watch)
    known = {bet["bet_id"] for bet in bets} | {payment["payment_id"] for payment in payments}
    for hold_id in watch.holds:
        demand(hold_id in known, "no hold without a bet or a withdrawal", hold_id)


def snapshot(world: World) -> dict[tuple[str, str, str], Any]:
    """Return everything that stands in the tables, but for what only time changes."""
    return {
        (table, wire["pk"]["S"], wire["sk"]["S"]): wire
        for table in TABLES.values()
        for wire in world.database.items(table)
        if wire["pk"]["S"] != "TOKEN" and not wire["pk"]["S"].startswith("QUARANTINE#")
    }


def unchanged(before: dict[tuple[str, str, str], Any], after: dict[tuple[str, str, str], Any]) -> None:
    """Demand that a replay changed nothing. Raises LawBroken."""
    for key in before.keys() | after.keys():
        demand(before.get(key) == after.get(key), "a replay changes nothing", key, before.get(key), after.get(key))


def _items(world: World, service: str) -> Iterator[Item]:
    for wire in world.database.items(TABLES[service]):
        yield unmarshal(wire)


def _wallet_laws(world: World, people: People) -> None:
    report = audit(_items(world, "wallet"))
    demand(report.balanced, "the trial balance", report.problems[:3], dict(report.totals))
    for user_id, (version, status) in people.statuses.items():
        account = unmarshal(world.database.item(TABLES["wallet"], f"USER#{user_id}", "ACCOUNT") or {})
        demand(
            (account.get("status"), account.get("status_version")) == (status, version),
            "support's last word stands", user_id, account.get("status"), (version, status),
        )  # fmt: skip


def _bet_laws(world: World, people: People, watch: Watch, bets: list[Item]) -> None:
    results = {item["market_id"]: item for item in _items(world, "bet") if item["sk"] == "RESULT"}
    for market, result in results.items():
        demand(result["results"] in people.results.get(market, ()), "a result is one that a trader gave", market)
    for bet in bets:
        bet_id, stake, status = bet["bet_id"], bet["stake_cents"], bet["status"]
        demand(status != "PENDING", "no bet stays pending", bet_id)
        net = sum(watch.by_reference[bet_id][part] for part in PARTS)
        held = watch.by_reference[bet_id]["held"]
        if status in ("REJECTED", "CANCELLED"):
            demand((net, held) == (0, 0), "a refused bet costs nothing", bet_id, status, net, held)
            continue
        for leg in bet["legs"]:
            known = results.get(leg["market_id"])
            wanted = known["results"][leg["selection_id"]] if known else None
            demand(leg.get("result") == wanted, "every leg has its market's last result", bet_id, leg, wanted)
        payout = reference_payout(stake, [(leg["odds"], leg.get("result")) for leg in bet["legs"]])
        if payout is None:
            demand(status == "ACCEPTED", "an undecided bet is open", bet_id, status)
            demand((net, held) == (0, stake), "an open bet has its stake held", bet_id, net, held)
        else:
            demand(status == "SETTLED", "a decided bet is settled", bet_id, status)
            demand(bet["payout_cents"] == payout, "a bet pays what its legs say", bet_id, bet["payout_cents"], payout)
            demand(
                (net, held) == (payout - stake, 0), "the wallet pays what the bet says", bet_id,
                f"net {net}, held {held}, payout {payout}, stake {stake}",
            )  # fmt: skip


def reference_payout(stake: int, legs: list[tuple[str, str | None]]) -> int | None:
    """Return what a bet pays, in cents, by fractions alone; None while that is open."""
    results = [result for _, result in legs]
    if "LOST" in results:
        return 0
    if None in results:
        return None
    product = Fraction(stake)
    for odds, result in legs:
        product *= Fraction(odds) if result == "WON" else 1
    return int(product)


def _exposure_laws(world: World, bets: list[Item]) -> None:
    reserved: Counter[tuple[str, int, str]] = Counter()
    for bet in bets:
        if bet["status"] in ("ACCEPTED", "SETTLED"):
            for leg in bet["legs"]:
                reserved[leg["market_id"], leg["guard"], leg["selection_id"]] += int(
                    bet["stake_cents"] * Fraction(leg["odds"])
                )
    for guard in _items(world, "bet"):
        if guard["sk"] == "GUARD":
            for selection in guard["odds"]:
                key = (guard["market_id"], guard["guard"], selection)
                exposure = guard[f"exposure_{selection}"]
                demand(exposure == reserved[key], "exposure is what the bets reserve", key, exposure, reserved[key])


def _told_laws(people: People, bets: dict[str, Item]) -> None:
    """What a player was told stays true."""
    for asked in (*people.asked, *people.asked_otherwise):
        given = asked.arguments.get("input", asked.arguments)
        amount = given["stake" if asked.name == "placeBet" else "amount"]
        for answer in asked.answers:
            if not answer:
                continue
            error = (answer.get("error") or {}).get("type")
            demand(not error or error != "NOT_FOUND", "a refusal names the true reason", asked.name, answer)
            if "data" not in answer:
                continue
            told = answer["data"]
            same = told["stake" if asked.name == "placeBet" else "amount"] == amount
            demand(same, "an answer is about what was asked", asked.name, given, told)
            if asked.name == "placeBet" and told["status"] in ("ACCEPTED", "SETTLED"):
                bet = bets.get(told["id"])
                stands = bet is not None and bet["status"] in ("ACCEPTED", "SETTLED", "CANCELLED")
                demand(stands, "a bet that was told accepted stands", told["id"], bet and bet["status"])


def _payment_of(url: str) -> str:
    return urlsplit(url).path.split("/")[3]


def _deposit_laws(world: World, watch: Watch, payments: list[Item]) -> None:
    state = world.mpesa.mpesa.state
    receipts = Counter(payment["receipt"] for payment in payments if "receipt" in payment)
    demand(max(receipts.values(), default=1) == 1, "a receipt belongs to one payment", receipts.most_common(1))
    taken: dict[str, list[Any]] = defaultdict(list)
    for row in state.books.journal:
        if row.kind == "stk":
            taken[_payment_of(state.pushes[row.checkout_request_id].callback_url)].append(row)
    for payment in payments:
        if payment["kind"] != "DEPOSIT":
            continue
        payment_id, status = payment["payment_id"], payment["status"]
        pushes = [push for push in state.pushes.values() if _payment_of(push.callback_url) == payment_id]
        demand(len(pushes) <= 1, "a prompt is sent once", payment_id, len(pushes))
        rows = taken.pop(payment_id, [])
        credited = watch.entries[payment_id, "DEPOSIT"]
        if status == "COMPLETED":
            demand(len(rows) == 1, "only what M-Pesa took is credited", payment_id, len(rows))
            demand(credited == 1, "a deposit is credited once", payment_id, credited)
            cents = watch.by_reference[payment_id]["mpesa:paybill"]
            demand(
                -cents == int(rows[0].amount * 100), "the amount that M-Pesa took", payment_id, cents, rows[0].amount
            )
            continue
        demand(not credited, "only a completed deposit is credited", payment_id, status)
        if status in ("SUBMIT_UNKNOWN", "UNKNOWN") and "checkout_request_id" not in payment:
            plans = [push.script.callback for push in pushes]
            told = any(
                delivery.kind == "stk_callback" and delivery.state == "delivered" and not delivery.forged
                for delivery in state.deliveries.values()
                if _payment_of(delivery.url) == payment_id
            )
            if not told or any(plan.set for plan in plans):
                if rows:
                    watch.known.add("deposit-of-lost-answer-and-lost-callback")
                continue
        demand(not rows, "what M-Pesa took is credited", payment_id, status)
        demand(status == "FAILED" or not pushes, "every deposit ends", payment_id, status)
    demand(not taken, "M-Pesa took only what was asked for", list(taken))


def withdrawals(world: World, watch: Watch) -> None:
    """Check every withdrawal against M-Pesa's books and the wallet's entries. Raises LawBroken."""
    payments = [item for item in _items(world, "payment") if item["sk"] == "PAYMENT"]
    state = world.mpesa.mpesa.state
    orders: dict[str, list[Any]] = defaultdict(list)
    for order in state.orders.values():
        if order.kind == "b2c":
            orders[_payment_of(order.body["ResultURL"])].append(order)
    paid: dict[str, list[Any]] = defaultdict(list)
    for row in state.books.journal:
        if row.kind == "b2c":
            paid[_payment_of(state.orders[row.conversation_id].body["ResultURL"])].append(row)
    for payment in payments:
        if payment["kind"] != "WITHDRAWAL":
            continue
        payment_id, status, amount = payment["payment_id"], payment["status"], payment["amount_cents"]
        rows = paid.pop(payment_id, [])
        demand(len(rows) <= 1, "a withdrawal is paid at most once", payment_id, len(rows))
        demand(len(orders[payment_id]) <= 1, "M-Pesa knows a withdrawal under one id", payment_id)
        sums = watch.by_reference[payment_id]
        net, held = sum(sums[part] for part in PARTS), sums["held"]
        about = (payment_id, status, f"net {net}, held {held}, amount {amount}, paid {len(rows)}")
        if status == "COMPLETED":
            demand(len(rows) == 1, "only what M-Pesa paid is paid", *about)
            demand(rows[0].amount * 100 == payment["paid_cents"] == sums["mpesa:utility"], "what M-Pesa paid", *about)
            demand(
                (net, held) == (-payment["paid_cents"] - payment["withholding_cents"], 0), "a paid withdrawal", *about
            )
        elif status in ("FAILED", "REFUSED"):
            demand(not rows, "what was given back is not paid", *about)
            demand((net, held) == (0, 0), "a failed withdrawal is given back", *about)
        elif status == "DELAYED":
            demand(not rows, "what M-Pesa paid is known", *about)
            demand((net, held) == (0, amount), "a delayed withdrawal stays held", *about)
        else:
            unknowable = [order for order in orders[payment_id] if order.result_code is None]
            demand(unknowable and not rows, "every withdrawal ends", *about)
            demand((net, held) == (0, amount), "an unknown withdrawal stays held", *about)
    demand(not paid, "M-Pesa paid only what was asked for", list(paid))
