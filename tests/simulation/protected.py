"""The laws of protection: once a player is told, nothing gets past what they chose.

Of versions after the one that they were told nobody knows which stands already, so the largest limit of those counts.
The sums are of postings and payments, not of the services' counters.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from betsafi import clock
from betsafi.dynamodb import unmarshal
from tests.simulation.dynamodb import Change
from tests.simulation.laws import Item, demand
from tests.simulation.world import TABLES, World


@dataclass
class Protected:
    """Sees every write as it is made, and knows in the end what must stand."""

    world: World
    stakes: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """What each bet of a player's day takes of what may be staked: nothing once its stake went back."""
    losses: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """What each bet of a player's day has cost: its stake, less what came back."""
    placed: dict[str, tuple[str, str]] = field(default_factory=dict)
    deposits: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def __call__(self, changes: list[Change]) -> None:
        """Check one write or one transaction."""
        for change in changes:
            if change.table == TABLES["wallet"] and change.old is None and "hold" in (change.new or {}):
                self._step(unmarshal(change.new or {}))
            elif change.table == TABLES["payment"] and change.sk == "PAYMENT":
                self._payment(unmarshal(change.old or {}), unmarshal(change.new or {}))

    def _step(self, entry: Item) -> None:
        hold = entry["hold"]
        if hold["kind"] == "WITHDRAWAL" and entry["entry_kind"] == "HOLD":
            may_be, law = self.world.shields[hold["user_id"]].may_be, "no withdrawal after a stop holds the money"
            demand(may_be != {"FROZEN"}, law, hold["user_id"], hold["id"])
        if hold["kind"] != "BET":
            return
        bet_id, user_id = hold["id"], hold["user_id"]
        if entry["entry_kind"] == "HOLD":
            self._placed(bet_id, user_id, hold["amount"])
            return
        day = self.placed[bet_id]
        came = sum(cents for account, cents in entry["postings"] if account.endswith((":available", ":receivable")))
        self.losses[day][bet_id] -= came
        held = hold["remaining"] + hold["captured"]
        self.stakes[day][bet_id] = 0 if self.losses[day][bet_id] == 0 else held

    def _placed(self, bet_id: str, user_id: str, stake: int) -> None:
        moment, shield = self.world.now(), self.world.shields[user_id]
        demand(not shield.is_stopped(moment), "no bet after a stop is answered", user_id, bet_id, shield.sent)
        demand("ACTIVE" in shield.may_be, "no bet after a stop of ours is answered", user_id, bet_id, shield.statuses)
        day = self.placed[bet_id] = (user_id, _day(moment))
        self.stakes[day][bet_id] = self.losses[day][bet_id] = stake
        taken = {
            "stake_bet": stake,
            "stake_day": sum(self.stakes[day].values()),
            "loss_day": sum(self.losses[day].values()),
        }
        for name, cents in taken.items():
            most = shield.most(name)
            demand(most is None or cents <= most, "stakes stay within their player's limits", *day, name, cents, most)

    def _payment(self, old: Item, new: Item) -> None:
        kind, payment_id, status = new["kind"], new["payment_id"], new["status"]
        user_id, moment = new.get("user_id"), self.world.now()
        if kind not in ("DEPOSIT", "PAYBILL") or user_id is None:
            return
        shield, credited = self.world.shields[user_id], status == "COMPLETED" and old.get("status") != "COMPLETED"
        if kind == "PAYBILL" and credited:
            self.deposits[user_id, _day(moment)][payment_id] = new["amount_cents"]
            law = "nothing paid by hand is credited while its player is stopped"
            demand(not shield.is_stopped(moment), law, user_id, payment_id, shield.sent)
        elif kind == "DEPOSIT" and not old:
            demand(not shield.is_stopped(moment), "no prompt after a stop is answered", user_id, payment_id)
            law = "no prompt after a stop of ours is answered"
            demand("ACTIVE" in shield.may_be, law, user_id, payment_id, shield.statuses)
            day = user_id, _day(moment)
            self.deposits[day][payment_id] = new["amount_cents"]
            cents, most = sum(self.deposits[day].values()), shield.most("deposit_day")
            demand(most is None or cents <= most, "prompts stay within their player's limit", *day, cents, most)
        elif kind == "DEPOSIT":
            day = next(day for day, counted in self.deposits.items() if payment_id in counted)
            self.deposits[day][payment_id] = 0 if status == "FAILED" else new["amount_cents"]

    def in_the_end(self) -> None:
        """Demand that wallet and payment have the newest version, and count what was paid in. Raises LawBroken."""
        for user_id, shield in self.world.shields.items():
            account = self._item("wallet", f"USER#{user_id}", "ACCOUNT")
            kept = self._item("payment", f"PLAYER#{user_id}", "PROTECTION")
            newest, law = shield.newest, "the newest protection stands"
            status, wanted = kept.get("status", "ACTIVE"), shield.statuses[-1]
            demand(status == wanted, "support's last word stands", user_id, status, wanted)
            if shield.sent:
                stands = [item.get("protection_version") for item in (account, kept)]
                demand(stands == [newest["version"]] * 2, law, user_id, stands, newest)
                stopped = [item.get("stopped", "") for item in (account, kept)]
                demand(stopped == [newest.get("stoppedUntil", "")] * 2, law, user_id, stopped, newest)
            paid = sum(sum(counted.values()) for (owner, _), counted in self.deposits.items() if owner == user_id)
            for window in ("day", "week", "month"):
                counted = sum(cents for name, cents in kept.items() if name.startswith(window + "_"))
                demand(counted == paid, "limits count what was paid in", user_id, window, counted, paid)

    def _item(self, service: str, pk: str, sk: str) -> Item:
        return unmarshal(self.world.database.item(TABLES[service], pk, sk) or {})


def _day(moment: datetime) -> str:
    return moment.astimezone(clock.NAIROBI).date().isoformat()
