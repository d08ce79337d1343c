"""The law for messages: what a player was last told about a bet, a payment or their status is what it now is.

The reference keeps what every version of a bet and a payment was when it was written, and what a note about it may say.
A note is told when it is written; a carrier may take it later, but no delivery hands over what a newer note had
replaced before it began.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from betsafi.dynamodb import unmarshal
from tests.simulation.dynamodb import Change
from tests.simulation.laws import Item, demand
from tests.simulation.world import TABLES, World
from tests.support.notes import OF_PAYMENTS

_REVERSED = 10**9
"""The version of the fact that a deposit was given back: it is its last."""

_STATUS = {"ACTIVE": "ACCOUNT_REINSTATED", "SUSPENDED": "ACCOUNT_STOPPED", "FROZEN": "MONEY_HELD"}


class Fact(NamedTuple):
    """What was so: the `number`-th thing that happened to a subject, and the template and cents that tell it."""

    number: int
    so: tuple[Any, ...]
    template: str | None
    cents: tuple[int, ...]
    payout: int | None = None


@dataclass
class Note:
    """A note as it was written; `until` is when a newer one took its place."""

    user_id: str
    subject: str
    version: int
    template: str
    text: str
    to_carrier: bool
    since: int
    until: int | None = None


@dataclass
class Messages:
    """Sees every write as it is made: what happened, and what players are told of it."""

    world: World
    facts: dict[str, dict[int, Fact]] = field(default_factory=lambda: defaultdict(dict))
    notes: dict[tuple[str, str], list[Note]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[str, str] = field(default_factory=dict)
    _open: dict[str, tuple[tuple[int, int], str, tuple[int, ...]]] = field(default_factory=dict)
    """Of each bet, the reckoning and the correction that it is open by, and what told that."""
    _results: dict[str, int] = field(default_factory=dict)

    def __call__(self, changes: list[Change]) -> None:
        """Take in one write. Raises LawBroken for a note that says what was not so, or that comes too late."""
        for change in changes:
            if change.table == TABLES["bet"] and change.sk.startswith("BET#"):
                self._bet(unmarshal(change.new or {}))
            elif change.table == TABLES["payment"] and change.sk == "PAYMENT":
                self._payment(unmarshal(change.new or {}))
            elif change.table == TABLES["notifications"] and change.sk.startswith("NOTE#"):
                self._note(change)

    def in_the_end(self) -> None:
        """Demand that what players were last told is what now is, and that it reached them. Raises LawBroken."""
        for subject, facts in self.facts.items():
            told = [fact for _, fact in sorted(facts.items()) if fact.template]
            if told:
                self._last_told(subject, told[-1])
        for user_id in self.world.players:
            statuses, last = self.world.shields[user_id].statuses, self._last(user_id, "status")
            wanted = (len(statuses) - 1, _STATUS[statuses[-1]] if len(statuses) > 1 else "WELCOME")
            demand((last.version, last.template) == wanted, "the last note says what is so", user_id, last, wanted)
        self._debts()
        self._delivered()
        for carried in self.world.carriers.taken:
            self._was_newest(carried)

    # -- what happened

    def _bet(self, bet: Item) -> None:
        subject, status = f"bet:{bet['bet_id']}", bet["status"]
        payout = bet["payout_cents"] if status == "SETTLED" else None
        template = f"BET_{bet['outcome']}" if status == "SETTLED" else f"BET_{status}"
        if template == "BET_WON" and bet["payout_cents"] < bet["stake_cents"]:
            template = "BET_PART_BACK"
        cents: tuple[int, ...] = (bet["stake_cents"], *([payout] if payout else []))
        so = ""
        if status == "ACCEPTED":
            template, cents, so = self._opened(subject, bet)
        told = None if status == "PENDING" else template
        self._happened(subject, bet["user_id"], bet["revision"] + 1, told, cents, payout, so)

    def _opened(self, subject: str, bet: Item) -> tuple[str, tuple[int, ...], str]:
        """Return how an open bet is told: accepted, open again, or at other odds; the last of these counts."""
        reckoning, _ = by = bet["settlement_version"], bet.get("correction_version", 0)
        before = self._open.get(subject)
        if before is None or before[0][0] != reckoning:
            self._open[subject] = by, "BET_REOPENED" if reckoning else "BET_ACCEPTED", (bet["stake_cents"],)
        elif before[0] != by:
            self._open[subject] = by, "BET_REPRICED", (bet["stake_cents"], bet["potential_payout_cents"])
        _, template, cents = self._open[subject]
        return template, cents, str(by)

    def _payment(self, payment: Item) -> None:
        kind, status, cents = payment["kind"], payment["status"], (payment["amount_cents"],)
        if kind == "REVERSAL":
            if status == "COMPLETED" and not payment["suspense"]:
                subject = f"payment:{payment['deposit_id']}"
                self._happened(subject, payment["user_id"], _REVERSED, "DEPOSIT_REVERSED", cents)
            return
        template, subject = OF_PAYMENTS.get((kind, status)), f"payment:{payment['payment_id']}"
        self._happened(subject, payment.get("user_id", ""), payment["version"], template, cents, so=status)

    def _happened(
        self,
        subject: str,
        user_id: str,
        version: int,
        template: str | None,
        cents: tuple[int, ...],
        payout: int | None = None,
        so: str = "",
    ) -> None:
        self.owners[subject] = user_id
        facts, now_so = self.facts[subject], (template, cents, so)
        before = facts[max(facts)] if facts else None
        number = before.number + (before.so != now_so) if before else 1
        facts[version] = Fact(number, now_so, template, cents, payout)

    # -- what is told

    def _note(self, change: Change) -> None:
        demand(change.new is not None, "a note is never removed", change.pk, change.sk)
        old, new = unmarshal(change.old) if change.old else None, unmarshal(change.new or {})
        subject, user_id = change.sk.removeprefix("NOTE#"), new["user_id"]
        if old is not None and old["note_id"] == new["note_id"]:
            demand(old["text"] == new["text"], "a note stays as it was written", change.sk, old["text"], new["text"])
            same = old["delivery"] in ("PENDING", "SENDING", new["delivery"])
            demand(same, "an ended delivery has ended", change.sk, old["delivery"], new["delivery"])
            return
        note = Note(
            user_id, subject, new["version"], new["template"], new["text"], new["channel"] != "INBOX",
            self.world.scheduler.now,
        )  # fmt: skip
        told = self.notes[user_id, subject]
        if told:
            newer = note.version > told[-1].version
            demand(newer, "no note of an older version comes after a newer one", note, told[-1])
            told[-1].until = note.since
        if not subject.startswith(("status", "debt:")):
            self._says_what_was_so(note, told[-1] if told else None)
        told.append(note)

    def _says_what_was_so(self, note: Note, before: Note | None) -> None:
        fact = self.facts[note.subject].get(note.version)
        demand(fact is not None and fact.template, "a note tells of what was so", note, fact)
        assert fact is not None
        assert fact.template is not None
        demand(self.owners[note.subject] == note.user_id, "a note goes to whom it concerns", note)
        again = before is not None and self.facts[note.subject][before.version].number == fact.number
        demand(not again, "a fact is told once", note, before)
        template, said, earlier = fact.template, fact.cents, self._results.get(note.subject)
        if earlier is not None and fact.payout is not None:
            template = template.replace("BET_", "BET_CORRECTED_")
        if earlier is not None and (fact.payout is not None or template == "BET_REOPENED"):
            said = (*said, max(0, earlier - (fact.payout or 0)))
        demand(note.template == template, "a note says what was so", note, template)
        for cents in said:
            amount = f"KES {cents // 100}.{cents % 100:02d}"
            demand(not cents or amount in note.text, "a note names the amounts", note, amount)
        demand(not (note.to_carrier and note.subject.startswith("bet:")), "no bet costs an SMS", note)
        if fact.payout is not None:
            self._results[note.subject] = fact.payout

    # -- when the dust has settled

    def _last(self, user_id: str, subject: str) -> Note:
        told = self.notes.get((user_id, subject))
        demand(told, "what happens to a player is told", user_id, subject)
        assert told
        return told[-1]

    def _last_told(self, subject: str, fact: Fact) -> None:
        last = self._last(self.owners[subject], subject)
        number = self.facts[subject][last.version].number
        demand(number == fact.number, "the last note says what is so", last, fact)

    def _debts(self) -> None:
        """Demand that each repayment of a debt was told once."""
        repaid = Counter[str]()
        for wire in self.world.database.items(TABLES["wallet"]):
            if "owed" in wire:
                entry = unmarshal(wire)
                parts = {account.rpartition(":")[2]: cents for account, cents in entry["postings"]}
                repaid[entry["user_id"]] += parts.get("receivable", 0) > 0
        told = Counter(user_id for user_id, subject in self.notes if subject.startswith("debt:"))
        demand(+told == +repaid, "every repayment of a debt is told", told, repaid)

    def _delivered(self) -> None:
        """Demand that each last note was carried, or refused for good, and that apps hear of it."""
        carriers = self.world.carriers
        taken = {(carried.to, carried.text) for carried in carriers.taken}
        heard = {
            (event["detail-type"], event["detail"]["data"]["notificationId"])
            for event in self.world.bus.untaken
            if event["source"] == "betsafi.notifications"
        }
        for wire in self.world.database.items(TABLES["notifications"]):
            note = unmarshal(wire)
            if not note["sk"].startswith("NOTE#"):
                continue
            ended = ("KEPT", "SENT", "FAILED")
            demand(note["delivery"] in ended, "every delivery ends", note["note_id"], note["delivery"])
            if note["channel"] != "INBOX":
                carried = self._carried(note["user_id"], note["text"])
                among = taken if note["delivery"] == "SENT" else carriers.refused
                demand(carried in among, "what was sent was carried", note["note_id"], note["delivery"], carried)
            failed = ["NotificationFailed"] if note["delivery"] == "FAILED" else []
            for kind in ("NotificationSent", *failed):
                demand((kind, note["note_id"]) in heard, "apps hear of every note", kind, note["note_id"])

    def _carried(self, user_id: str, text: str) -> tuple[str, str]:
        """Return recipient and text as a carrier gets them."""
        player = self.world.players[user_id]
        return "+" + player.phone, "BETSAFI: " + text

    def _was_newest(self, carried: Any) -> None:
        """Demand that what a carrier took was a note that none had replaced before its delivery began."""
        fits = any(
            note.to_carrier
            and self._carried(note.user_id, note.text) == (carried.to, carried.text)
            and note.since <= carried.at
            and (note.until is None or note.until >= carried.begun)
            for told in self.notes.values()
            for note in told
        )
        demand(fits, "no carrier is handed what a newer note had replaced", carried)
