"""The laws: what must hold after every write, and what must hold when the dust has settled.

The reference is independent of the services' rules: exact fractions, M-Pesa's own books, sums of postings. Of the
services only what stands in their tables is used.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from betsafi.clock import stamp
from betsafi.dynamodb import unmarshal
from tests.simulation.actors import People
from tests.simulation.daraja import payment_of
from tests.simulation.dynamodb import Change
from tests.simulation.scheduler import START
from tests.simulation.world import TABLES, World
from tests.support.books import book
from tools.reconcile import audit

Item = dict[str, Any]
PARTS = ("available", "held", "receivable")

_MOVES = {
    None: {"PENDING"},
    "PENDING": {"PENDING", "ACCEPTED", "REJECTED"},
    "ACCEPTED": {"ACCEPTED", "SETTLED", "CANCELLED"},
    "SETTLED": {"SETTLED", "ACCEPTED"},
    "REJECTED": {"REJECTED"},
    "CANCELLED": {"CANCELLED"},
}
_FINAL = {"COMPLETED"}
_TWO_PEOPLE_CENTS = 1_000_000
_LEAST_BOOK = Fraction("1.03")
"""Of competitions that are STANDARD, as these are; of each market here one outcome wins at least."""
_PASSING = {"TOKEN", "TURN", "BALANCE", "PULLED"}
"""What M-Pesa last said, and when and how far we last asked: no books."""


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
    reviewed: set[str] = field(default_factory=set)
    approved: dict[str, datetime] = field(default_factory=dict)
    paid_first: dict[str, datetime] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    payable: Counter[tuple[str, str]] = field(default_factory=Counter)
    revived: Counter[tuple[str, str]] = field(default_factory=Counter)
    limits: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    priced: dict[str, Item] = field(default_factory=dict)

    def __call__(self, changes: list[Change]) -> None:
        """Check one write or one transaction."""
        for change in changes:
            if change.table == TABLES["wallet"]:
                self._wallet(change)
            elif change.table == TABLES["bet"] and change.sk == "GUARD":
                self._guard(unmarshal(change.new or {}))
        for change in changes:
            if change.table == TABLES["wallet"]:
                self._account(change)
            elif change.table == TABLES["bet"]:
                self._bet(change)
                self._shares(change)
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

    def _guard(self, guard: Item) -> None:
        odds = guard["odds"]
        if self.priced.get(guard["market_id"]) != odds:
            demand(book(odds) >= _LEAST_BOOK, "odds leave their margin", guard["market_id"], odds)
            self.priced[guard["market_id"]] = odds
        self.limits.setdefault(guard["market_id"], guard["limit_cents"] * guard["guards"])
        self.parts[guard["market_id"]][guard["guard"]] = guard["limit_cents"]

    def _shares(self, change: Change) -> None:
        if change.sk == "GUARD":
            market = str((change.new or {})["market_id"]["S"])
            whole, parts = self.limits[market], self.parts[market]
            demand(sum(parts.values()) <= whole, "the guards of a market share its limit", market, parts, whole)

    def _bet(self, change: Change) -> None:
        if not change.sk.startswith("BET#"):
            return
        demand(change.new is not None, "a bet is never removed", change.sk)
        old, new = unmarshal(change.old) if change.old else None, unmarshal(change.new or {})
        before = old["status"] if old else None
        demand(new["status"] in _MOVES[before], "a bet moves forward only", change.sk, before, new["status"])
        held, holds = (
            Counter(dict.fromkeys(reserved_by(each), each.get("potential_payout_cents", 0)))
            for each in (old or {}, new)
        )
        for at in {**held, **holds}:
            grown = holds[at] - held[at]
            self.payable[at] += grown
            if before in ("ACCEPTED", "SETTLED"):
                self.revived[at] += max(0, grown)
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
            self._playable(bet_id, guard)
            demand(guard["odds"][leg["outcome_id"]] == leg["odds"], law, bet_id, key, leg["odds"], guard["odds"])
            takes = {"NONE": odds == wanted, "HIGHER": odds >= wanted, "ANY": odds >= wanted * 9 / 10}[new["policy"]]
            demand(takes, "the odds policy is kept", bet_id, new["policy"], asked["odds"], leg["odds"])
            at = leg["market_id"], leg["outcome_id"]
            most = self.limits[leg["market_id"]] + self.revived[at]
            demand(self.payable[at] <= most, "a selection never costs more than its limit", at, self.payable[at], most)
            law = "no bet after kick-off"
            demand(new["accepted_at"] < guard["starts_at"], law, bet_id, new["accepted_at"], guard["starts_at"])
            sent_at = stamp(START + timedelta(microseconds=self.world.sent_at))
            demand(sent_at < guard["starts_at"], law, bet_id, sent_at, guard["starts_at"])

    def _playable(self, bet_id: str, guard: Item) -> None:
        game, known = guard["fixture_id"], guard["fixture_version"]
        law = "no bet on a game that is not scheduled"
        demand(guard["fixture_status"] == "SCHEDULED", law, bet_id, game, guard["fixture_status"])
        told = self.world.fixtures_told.get(game, 0)
        law = "no bet by what a game was before a trader was told of its change"
        demand(known >= told, law, bet_id, game, known, told)

    def _payment(self, change: Change) -> None:
        demand(change.new is not None, "a payment is never removed", change.pk)
        old, new = change.old or {}, change.new or {}
        status = old.get("status", {}).get("S")
        demand(
            status not in _FINAL or new["status"]["S"] == status, "a paid payment stays paid", change.pk, status,
            new["status"]["S"],
        )  # fmt: skip
        if new["kind"]["S"] == "WITHDRAWAL" and new["status"]["S"] != status:
            self._withdrawal(unmarshal(new), status)

    def _withdrawal(self, new: Item, before: str | None) -> None:
        payment_id, status = new["payment_id"], new["status"]
        if status == "REVIEW":
            self.reviewed.add(payment_id)
        elif before == "REVIEW":
            named = "approved_by" if status == "HELD" else "rejected_by"
            demand(status in ("HELD", "FAILED") and named in new, "a review ends by a person", payment_id, status)
            if status == "HELD":
                self.approved[payment_id] = self.world.now()
        if status == "COMPLETED":
            self.paid_first.setdefault(new["user_id"], self.world.now())


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
    _wallet_laws(world)
    _bet_laws(watch, bets)
    _exposure_laws(world, bets)
    _fixture_laws(world)
    _told_laws(people, {bet["bet_id"]: bet for bet in bets})
    payments = [item for item in _items(world, "payment") if item["sk"] == "PAYMENT"]
    for payment in payments:
        named = payment.get("decided_by")
        demand(named is None or len(set(named)) == _needed(payment, named), "two people decide", payment["payment_id"])
    deposits(world, people, watch)
    withdrawals(world, watch)
    _day_laws(world, payments)
    known = {bet["bet_id"] for bet in bets} | {payment["payment_id"] for payment in payments}
    for hold_id in watch.holds:
        demand(hold_id in known, "no hold without a bet or a payment", hold_id)


def _needed(payment: Item, named: list[str]) -> int:
    """Return how many people a decision about a payment takes: two, or for a small or a refused one who did it."""
    reviewed = "rejected_by" in payment or "approved_by" in payment or "assigned_by" in payment
    small = "rejected_by" in payment or payment["amount_cents"] < _TWO_PEOPLE_CENTS
    return len(named) if reviewed and small and payment.get("reason") != "RESOLVED_UNPAID" else 2


def snapshot(world: World) -> dict[tuple[str, str, str], Any]:
    """Return everything that stands in the tables, but for what only time changes, and how much carriers took."""
    return {
        ("carriers", "", ""): len(world.carriers.taken),
    } | {
        (table, wire["pk"]["S"], wire["sk"]["S"]): wire
        for table in TABLES.values()
        for wire in world.database.items(table)
        if wire["pk"]["S"] not in _PASSING and not wire["pk"]["S"].startswith("QUARANTINE#")
    }


def unchanged(before: dict[tuple[str, str, str], Any], after: dict[tuple[str, str, str], Any]) -> None:
    """Demand that a replay changed nothing. Raises LawBroken.

    A bet that came after a window, on a market that went on, may take notice of the version that left it as it was.
    """
    for key in before.keys() | after.keys():
        was, now = before.get(key), after.get(key)
        if was != now and key[2].startswith("BET#") and _came_after(was, before):
            was, now = _without_notice(was), _without_notice(now)
        demand(was == now, "a replay changes nothing", key, was, now)


def _came_after(wire: Any, standing: dict[tuple[str, str, str], Any]) -> bool:
    """Return whether a bet knows less than what is decided of a market of its legs: nothing, or what reopened it."""
    for leg in unmarshal(wire)["legs"] if wire else []:
        result = standing.get((TABLES["bet"], f"RESULT#{leg['market_id']}", "RESULT"))
        if result and leg.get("result_version", 0) < int(result["result_version"]["N"]):
            return True
    return False


def _without_notice(wire: Any) -> Item:
    bet = unmarshal(wire)
    legs = [{name: leg[name] for name in leg if name != "result_version" and leg[name]} for leg in bet["legs"]]
    noticed = ("revision", "updated_at", "trace", "legs")
    return {"legs": legs, **{name: bet[name] for name in bet if name not in noticed and bet[name] is not None}}


def _items(world: World, service: str) -> Iterator[Item]:
    for wire in world.database.items(TABLES[service]):
        yield unmarshal(wire)


def _wallet_laws(world: World) -> None:
    report = audit(_items(world, "wallet"))
    demand(report.balanced, "the trial balance", report.problems[:3], dict(report.totals))
    for user_id, shield in world.shields.items():
        version, status = len(shield.statuses) - 1, shield.statuses[-1]
        account = unmarshal(world.database.item(TABLES["wallet"], f"USER#{user_id}", "ACCOUNT") or {})
        demand(
            (account.get("status"), account.get("status_version")) == (status, version),
            "support's last word stands", user_id, account.get("status"), (version, status),
        )  # fmt: skip


def _bet_laws(watch: Watch, bets: list[Item]) -> None:
    for bet in bets:
        bet_id, status = bet["bet_id"], bet["status"]
        demand(status != "PENDING", "no bet stays pending", bet_id)
        if status in ("REJECTED", "CANCELLED"):
            net = sum(watch.by_reference[bet_id][part] for part in PARTS)
            held = watch.by_reference[bet_id]["held"]
            demand((net, held) == (0, 0), "a refused bet costs nothing", bet_id, status, net, held)


def reserved_by(bet: Item) -> Iterator[tuple[str, str]]:
    """Yield the market and selection of each leg that could still cost what the bet could pay."""
    if bet.get("status") == "ACCEPTED":
        for leg in bet["legs"]:
            if not leg.get("result"):
                yield leg["market_id"], leg["outcome_id"]


def _exposure_laws(world: World, bets: list[Item]) -> None:
    """Every guard of a market that may take bets counts exactly what its open bets could pay."""
    reserved: Counter[tuple[str, int, str]] = Counter()
    for bet in bets:
        for leg in bet["legs"]:
            if bet["status"] == "ACCEPTED" and not leg.get("result"):
                reserved[leg["market_id"], leg["guard"], leg["outcome_id"]] += bet["potential_payout_cents"]
    for guard in _items(world, "bet"):
        if guard["sk"] == "GUARD" and guard["status"] != "CLOSED":
            for selection in guard["odds"]:
                key = (guard["market_id"], guard["guard"], selection)
                exposure = guard["exposure"][selection]
                demand(exposure == reserved[key], "exposure is what open bets could pay", key, exposure, reserved[key])


def _fixture_laws(world: World) -> None:
    """Every guard of every market knows its game as it stands, and every market is on its game's list."""
    items = list(_items(world, "bet"))
    games = {item["fixture_id"]: item for item in items if item["sk"] == "FIXTURE"}
    lines = {item["market_id"] for item in items if item["pk"].startswith("LINES#")}
    for guard in items:
        if guard["sk"] == "GUARD":
            game = games[guard["fixture_id"]]
            stands = (game["starts_at"], game["status"], game["version"])
            known = (guard["starts_at"], guard["fixture_status"], guard["fixture_version"])
            demand(known == stands, "every guard knows its game", guard["market_id"], guard["guard"], known, stands)
            demand(guard["market_id"] in lines, "every market is on its game's list", guard["market_id"])


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


def deposits(world: World, people: People | None, watch: Watch) -> None:
    """Check what came in against M-Pesa's books: each receipt is credited once, or stands in suspense once.

    Raises LawBroken. `people` say whom support gave money in suspense to.
    """
    state = world.mpesa.mpesa.state
    prompts = Counter(push.account_reference for push in state.pushes.values())
    twice = [reference for reference, number in prompts.items() if number > 1]
    demand(not twice, "one prompt for one deposit", twice)
    payments = {item["payment_id"]: item for item in _items(world, "payment") if item["sk"] == "PAYMENT"}
    owners = {item["pk"].removeprefix("RECEIPT#"): item["payment_id"] for item in _items(world, "payment")
              if item["sk"] == "RECEIPT"}  # fmt: skip
    reversals: dict[str, list[Item]] = defaultdict(list)
    for payment in payments.values():
        if payment["kind"] == "REVERSAL":
            reversals[payment["deposit_id"]].append(payment)
    credited: set[str] = set()
    for row in state.books.journal:
        if row.kind not in ("stk", "c2b"):
            continue
        owner = payments.get(owners.get(row.receipt, ""))
        demand(owner is not None, "what M-Pesa took is credited", row.receipt, row.amount, row.account_reference)
        assert owner is not None
        about = (row.receipt, owner["payment_id"], owner["kind"], owner["status"])
        demand(owner["payment_id"] not in credited, "a payment has one receipt", *about)
        credited.add(owner["payment_id"])
        demand(owner["kind"] in ("DEPOSIT", "PAYBILL"), "a receipt belongs to a deposit", *about)
        cents = int(row.amount * 100)
        demand(owner["amount_cents"] == cents, "the amount that M-Pesa took", *about, owner["amount_cents"], cents)
        _booked_once(world, people, watch, owner, row)
        given_back = _given_back(watch, reversals[owner["payment_id"]], about)
        told = "reversed_at" in owner or owner["status"] == "RETURNED"
        demand(bool(row.reversed_by) == given_back == told, "what M-Pesa gave back is given back", *about)
    for payment in payments.values():
        if payment["kind"] in ("DEPOSIT", "PAYBILL") and payment["payment_id"] not in credited:
            _unpaid(watch, payment, payments, owners)
    _accounts(world, watch, payments)


def _booked_once(world: World, people: People | None, watch: Watch, owner: Item, row: Any) -> None:
    """Demand that a receipt's money is in one place, and in the right one."""
    payment_id, receipt, status = owner["payment_id"], row.receipt, owner["status"]
    about = (receipt, payment_id, owner["kind"], status)
    player = next(player.user_id for player in world.players.values() if player.phone == row.phone)
    meant = world.mpesa.meant.get(receipt) if row.kind == "c2b" else player
    stood = watch.entries[receipt, "SUSPENSE_IN"]
    assigned, returned = watch.entries[receipt, "ASSIGNMENT"], watch.entries[receipt, "SUSPENSE_RETURN"]
    at_once = watch.entries[payment_id, "DEPOSIT"]
    if status == "COMPLETED" and not owner.get("from_suspense"):
        demand((at_once, stood, assigned, returned) == (1, 0, 0, 0), "a deposit is credited once", *about, at_once)
        demand(owner["user_id"] == meant, "a deposit is credited to whom it was meant for", *about, meant)
    elif status == "COMPLETED":
        demand((at_once, stood, assigned, returned) == (0, 1, 1, 0), "money leaves suspense once", *about)
        named = people.assigned.get(payment_id, set()) if people else set()
        demand(meant is None and owner["user_id"] in named, "support says whose it is", *about, owner["user_id"])
    else:
        nobodys = meant is None or owner.get("reason") == "PLAYER_STOPPED"
        demand(status in ("SUSPENSE", "RETURNING", "RETURNED") and nobodys, "every deposit ends", *about, meant)
        wanted = (0, 1, 0, int(status == "RETURNED"))
        demand((at_once, stood, assigned, returned) == wanted, "money is in suspense once", *about)


def _given_back(watch: Watch, reversals: list[Item], about: tuple[Any, ...]) -> bool:
    """Demand that every reversal of a payment has ended, and at most one with money; return whether one has."""
    done = [reversal for reversal in reversals if reversal["status"] == "COMPLETED"]
    demand(len(done) <= 1, "a deposit is given back at most once", *about)
    for reversal in reversals:
        reversal_id, status = reversal["payment_id"], reversal["status"]
        demand(status in ("COMPLETED", "FAILED", "REFUSED"), "every reversal ends", *about, reversal_id, status)
        sums = watch.by_reference[reversal_id]
        net, held = sum(sums[part] for part in PARTS), sums["held"]
        taken = -reversal["credit_cents"] if status == "COMPLETED" and not reversal["suspense"] else 0
        demand((net, held) == (taken, 0), "a reversal takes what was credited", *about, reversal_id, status, net, held)
    return bool(done)


def _unpaid(watch: Watch, payment: Item, payments: dict[str, Item], owners: dict[str, str]) -> None:
    """Demand that a payment without money credits nobody, and has ended."""
    payment_id, status = payment["payment_id"], payment["status"]
    demand(not watch.entries[payment_id, "DEPOSIT"], "only what M-Pesa took is credited", payment_id, status)
    if payment["kind"] == "PAYBILL":
        merged = owners.get(payment["told_receipt"]) in payments
        demand(status == "MERGED" if merged else status == "FAILED", "every paybill payment ends", payment_id, status)
        return
    demand(status == "FAILED", "every deposit ends", payment_id, status)


def _accounts(world: World, watch: Watch, payments: dict[str, Item]) -> None:
    """Demand that the wallet's accounts at M-Pesa hold what M-Pesa's books say, and suspense what stands there."""
    rows = world.mpesa.mpesa.state.books.journal
    came = sum(int(row.amount * 100) for row in rows if row.kind in ("stk", "c2b"))
    back = sum(int(row.amount * 100) for row in rows if row.kind == "reversal")
    paid = sum(int(row.amount * 100) for row in rows if row.kind == "b2c")
    for account, wanted in (("mpesa:paybill", back - came), ("mpesa:utility", paid)):
        demand(
            watch.totals[account] == wanted,
            "the accounts at M-Pesa are M-Pesa's",
            account,
            watch.totals[account],
            wanted,
        )
    standing = sum(item["amount_cents"] for item in payments.values() if item["status"] in ("SUSPENSE", "RETURNING"))
    demand(watch.totals["suspense"] == standing, "suspense holds what stands there", watch.totals["suspense"], standing)


def withdrawals(world: World, watch: Watch) -> None:
    """Check every withdrawal against M-Pesa's books and the wallet's entries. Raises LawBroken."""
    payments = [item for item in _items(world, "payment") if item["sk"] == "PAYMENT"]
    state = world.mpesa.mpesa.state
    orders: dict[str, list[Any]] = defaultdict(list)
    for order in state.orders.values():
        if order.kind == "b2c":
            orders[payment_of(order.body["ResultURL"])].append(order)
    paid: dict[str, list[Any]] = defaultdict(list)
    for row in state.books.journal:
        if row.kind == "b2c":
            paid[payment_of(state.orders[row.conversation_id].body["ResultURL"])].append(row)
    for payment in payments:
        if payment["kind"] != "WITHDRAWAL":
            continue
        payment_id, status, amount = payment["payment_id"], payment["status"], payment["amount_cents"]
        rows = paid.pop(payment_id, [])
        demand(len(rows) <= 1, "a withdrawal is paid at most once", payment_id, len(rows))
        tries = 1 + payment.get("retries", 0)
        demand(len(orders[payment_id]) <= tries, "M-Pesa knows a withdrawal under one id", payment_id, tries)
        _reviewed(world, watch, payment, orders[payment_id])
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
        else:
            demand(False, "every withdrawal ends", *about)
    demand(not paid, "M-Pesa paid only what was asked for", list(paid))


def _reviewed(world: World, watch: Watch, payment: Item, orders: list[Any]) -> None:
    """Demand that M-Pesa was asked for a withdrawal only after the review that it needs."""
    payment_id, first = payment["payment_id"], min((order.created_at for order in orders), default=None)
    if first is None:
        return
    if payment_id in watch.reviewed:
        approved = watch.approved.get(payment_id)
        demand(approved is not None and approved <= first, "nothing is sent before it is approved", payment_id)
    elif world.reviews_first:
        before = watch.paid_first.get(payment["user_id"])
        demand(before is not None and before <= first, "a first withdrawal is reviewed", payment_id)


def _day_laws(world: World, payments: list[Item]) -> None:
    """Demand that a player's day counts what was, or may yet be, withdrawn on it."""
    counted: Counter[tuple[str, str]] = Counter()
    for payment in payments:
        if payment["kind"] == "WITHDRAWAL" and payment["status"] not in ("FAILED", "REFUSED"):
            counted[payment["user_id"], payment["day"]] += payment["amount_cents"]
    for item in _items(world, "payment"):
        if item["sk"].startswith("DAY#"):
            key = (item["pk"].removeprefix("PLAYER#"), item["sk"].removeprefix("DAY#"))
            demand(
                item["withdrawn"] == counted[key],
                "a day counts what was withdrawn",
                *key,
                item["withdrawn"],
                counted[key],
            )
