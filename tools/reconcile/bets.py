"""The bets against the holds: what is open is held, what is decided is posted, every result is given. No I/O.

In one pass over both tables one number is kept for each player: the sum of the hashes of what their bets ask of the
ledger, less the hashes of what their holds say. It is zero where both agree. The bets and holds of every other player
are read again, the holds first, and only that is believed: a bet is then at least as new as its hold, so whatever lags
is the ledger, and that for as long as a change may be on its way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from betsafi import clock
from tools.reconcile.findings import Difference, Findings
from wallet.rules.audit import Item

BET = "BET"


class Stake(NamedTuple):
    """What a hold says, or must say, about a bet: cents, and the newest result that is posted (0: none)."""

    bet_id: str
    amount: int
    remaining: int
    payout: int
    version: int


@dataclass
class Behind:
    """The bets on a market that know its results up to one version: how many, their stakes, and the oldest of them."""

    user_id: str
    bet_id: str
    accepted_at: str
    bets: int = 0
    cents: int = 0


class Lookup(Protocol):
    """Reads single things again, as they stand now."""

    def bets(self, user_id: str) -> list[Item]:
        """Return a player's bets."""

    def holds(self, user_id: str) -> list[Item]:
        """Return the entries of a player's holds."""

    def result(self, market_id: str) -> Item | None:
        """Return a market's newest result; None while it is held."""


def expected(bet: Item) -> Stake | None:
    """Return what the ledger must say about a bet of which no part was cashed out; None if it must say nothing."""
    stake, version = bet["stake_cents"], bet["settlement_version"]
    if bet["status"] == "ACCEPTED":
        return Stake(bet["bet_id"], stake, stake, 0, version)
    if bet["status"] == "SETTLED":
        return Stake(bet["bet_id"], stake, 0, bet["payout_cents"], version)
    return None


def stake_of(hold: Item) -> Stake | None:
    """Return what a hold says about its bet; None if all of it was given back."""
    if _is_given_back(hold):
        return None
    return Stake(hold["id"], hold["amount"], hold["remaining"], hold["payout"], hold["version"])


def newest(items: Iterable[Item]) -> dict[str, Item]:
    """Return the holds of bets as their newest steps leave them, by bet."""
    found: dict[str, Item] = {}
    for item in items:
        hold: Item = item.get("hold") or {"kind": ""}
        if hold["kind"] == BET and hold["step"] >= found.get(hold["id"], hold)["step"]:
            found[hold["id"]] = hold
    return found


class Bets:
    """Takes every item of both tables, each of the wallet's partitions in one piece; then says what differs."""

    def __init__(self, now: datetime, grace: timedelta) -> None:
        self._now, self._settled_before = clock.stamp(now), clock.stamp(now - grace)
        self._left: dict[str, int] = {}
        self._doubted: dict[str, None] = {}
        self._results: dict[str, int] = {}
        self._behind: dict[str, dict[int, Behind]] = {}
        self._pk, self._group = "", list[Item]()
        self.findings = Findings(seen={"bets": 0, "stakes in the ledger": 0})

    def bet(self, item: Item) -> None:
        """Take an item of the bet table."""
        if item["sk"] == "RESULT":
            self._results[item["market_id"]] = item["result_version"]
        elif item["sk"].startswith("BET#"):
            self.findings.seen["bets"] += 1
            if item["status"] == "PENDING" and item["accept_before"] <= self._now:
                self._doubted[item["user_id"]] = None
            if (stake := expected(item)) is not None:
                self._add(item["user_id"], hash(stake))
                self._wait_for_results(item)

    def _wait_for_results(self, bet: Item) -> None:
        for leg in bet["legs"]:
            versions = self._behind.setdefault(leg["market_id"], {})
            accepted_at = bet.get("accepted_at", "")
            one = Behind(bet["user_id"], bet["bet_id"], accepted_at)
            group = versions.setdefault(leg.get("result_version", 0), one)
            if accepted_at < group.accepted_at:
                group.user_id, group.bet_id, group.accepted_at = one.user_id, one.bet_id, accepted_at
            group.bets += 1
            group.cents += bet["stake_cents"]

    def ledger(self, item: Item) -> None:
        """Take an item of the wallet's table."""
        if item["pk"] != self._pk:
            self._flush()
            self._pk = item["pk"]
        if "hold" in item:
            self._group.append(item)

    def _flush(self) -> None:
        for hold in newest(self._group).values():
            self.findings.seen["stakes in the ledger"] += 1
            if (stake := stake_of(hold)) is not None:
                self._add(hold["user_id"], -hash(stake))
        self._group = []

    def _add(self, user_id: str, number: int) -> None:
        left = self._left.get(user_id, 0) + number
        if left:
            self._left[user_id] = left
        else:
            self._left.pop(user_id, None)

    def result(self, lookup: Lookup) -> Findings:
        """Look again at whatever did not agree, and return what differs."""
        self._flush()
        for user_id in {**self._left, **self._doubted}:
            self._judge_player(user_id, lookup)
        for market_id, version in self._results.items():
            behind = [group for known, group in self._behind.get(market_id, {}).items() if known < version]
            if behind:
                self._judge_market(market_id, behind, lookup)
        return self.findings

    def _judge_player(self, user_id: str, lookup: Lookup) -> None:
        holds = newest(lookup.holds(user_id))
        for bet in lookup.bets(user_id):
            if (found := judge(bet, holds.pop(bet["bet_id"], None), self._now)) is not None:
                # A bet that was never decided has been late since its time was over.
                self._file(found, bet["accept_before"] if bet["status"] == "PENDING" else _changed(bet))
        for hold in holds.values():
            if stake_of(hold) is not None:
                self._file(Difference("STAKE_WITHOUT_BET", hold["id"], "", user_id, (("ledger", hold["amount"]),)), "")

    def _judge_market(self, market_id: str, behind: list[Behind], lookup: Lookup) -> None:
        result = lookup.result(market_id)
        late = [group for group in behind if result and _is_behind(group, result, lookup)]
        if result is None or not late:
            return
        version, bets = result["result_version"], sum(group.bets for group in late)
        detail = f"result {version} is not known to {bets} bets, among them {', '.join(group.bet_id for group in late)}"
        stakes = (("stakes", sum(group.cents for group in late)),)
        self._file(Difference("MARKET_NOT_SETTLED", market_id, amounts=stakes, detail=detail), _changed(result))

    def _file(self, found: Difference, changed: str) -> None:
        young = changed > self._settled_before
        (self.findings.pending if young else self.findings.differences).append(found)


def _changed(item: Mapping[str, str]) -> str:
    """Return when a bet or a result was last changed; one that an earlier version of the service wrote, at first."""
    return item.get("updated_at") or item.get("decided_at") or item.get("at", "")


def _is_behind(group: Behind, result: Item, lookup: Lookup) -> bool:
    """Return whether the bet that stands for a group still has to take a result.

    Where bets of some time were cancelled the market may be open, and those that came since need not know it.
    """
    for bet in lookup.bets(group.user_id):
        if bet["bet_id"] == group.bet_id and expected(bet) is not None:
            if result.get("decided_at") and bet.get("accepted_at", "") > result["decided_at"]:
                return False
            known = (leg.get("result_version", 0) for leg in bet["legs"] if leg["market_id"] == result["market_id"])
            return any(version < result["result_version"] for version in known)
    return False


def judge(bet: Item, hold: Item | None, now: str) -> Difference | None:
    """Return how a bet and its hold differ at a moment (a stamp); None if they agree."""
    match bet["status"]:
        case "PENDING":
            late = bet["accept_before"] <= now
            return _difference("BET_NOT_DECIDED", bet, hold) if late else None
        case "ACCEPTED" | "SETTLED":
            code = _wrong_with_live(bet, hold)
        case _:
            code = _wrong_with_dead(hold)
    return _difference(code, bet, hold) if code else None


def _wrong_with_dead(hold: Item | None) -> str:
    if hold is None:
        return ""
    if hold["settled"] or hold["payout"]:
        return "BET_RESULT_NOT_DUE"
    return "BET_STAKE_NOT_RELEASED" if hold["remaining"] else ""


def _wrong_with_live(bet: Item, hold: Item | None) -> str:
    """Return the code of what is wrong with the hold of a bet that was accepted, "" if nothing is."""
    settled, version = bet["status"] == "SETTLED", bet["settlement_version"]
    if hold is None or _is_given_back(hold):
        if not settled:
            return "BET_STAKE_MISSING"
        return "BET_SETTLED_AFTER_RELEASE" if bet["payout_cents"] != bet["stake_cents"] else ""
    if hold["amount"] != bet["stake_cents"] or hold["released"]:
        return "BET_STAKE_OTHER_AMOUNT"
    if not hold["remaining"] and not hold["settled"]:
        return ""  # all of it was cashed out: results post nothing
    if hold["version"] < version:
        return "BET_SETTLEMENT_MISSING" if settled else "BET_REOPENING_MISSING"
    if hold["version"] > version or bool(hold["settled"]) != settled:
        return "BET_RESULT_NOT_DUE"
    return "BET_PAYOUT_OTHER_AMOUNT" if settled and hold["payout"] != bet["payout_cents"] else ""


def _is_given_back(hold: Item) -> bool:
    return not hold["remaining"] and not hold["captured"]


def _difference(code: str, bet: Item, hold: Item | None) -> Difference:
    """Return a difference with the amounts that show it, the bet's and the ledger's, and the results that they know."""
    payout = bet["payout_cents"] if bet["status"] == "SETTLED" else 0
    posted, held = (hold["payout"], hold["remaining"]) if hold else (0, 0)
    amounts = {
        "BET_SETTLED_AFTER_RELEASE": (("payout", payout), ("stake", bet["stake_cents"])),
        "BET_SETTLEMENT_MISSING": (("payout", payout), ("posted", posted), ("held", held)),
        "BET_REOPENING_MISSING": (("stake", bet["stake_cents"]), ("posted", posted), ("held", held)),
        "BET_PAYOUT_OTHER_AMOUNT": (("payout", payout), ("posted", posted)),
        "BET_RESULT_NOT_DUE": (("payout", payout), ("posted", posted), ("held", held)),
    }.get(code, (("stake", bet["stake_cents"]), ("held", held)))
    detail = bet["status"]
    if bet["settlement_version"] or (hold and hold["version"]):
        detail += f", result {bet['settlement_version']} and in the ledger {hold['version'] if hold else 'none'}"
    return Difference(code, bet["bet_id"], "", bet["user_id"], amounts, detail)
