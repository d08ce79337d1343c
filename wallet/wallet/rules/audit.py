"""The trial balance: what must be true of the books, checked from the items themselves. No I/O, memory of one player.

Every entry sums to zero; every account is the sum of its entries, is not overdrawn, and has no money available while it
owes; each entry that changed a debt says what was owed after it; every hold's chain has no gap, its parts add up, and
each step's postings are what the step says; a limit's room is the limit less what is staked, or lost, in its window;
what is promised of a day is what its bets could pay, or did; money in suspense is resolved at most once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from betsafi import clock
from wallet.rules import promises

Item = dict[str, Any]
Reread = Callable[[str], list[Item]]
PARTS = ("available", "held", "receivable")
WINDOWS = ("day", "week", "month")


@dataclass
class Report:
    """What the books say: cents by account (players' own together), house and tax by day, and what is wrong."""

    totals: Counter[str] = field(default_factory=Counter)
    days: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: int = 0
    entries: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Whether nothing is wrong and all accounts together are zero."""
        return not self.problems and sum(self.totals.values()) == 0

    def add(self, other: "Report") -> None:
        """Take another part of the books in."""
        self.totals.update(other.totals)
        self.days.update(other.days)
        self.accounts += other.accounts
        self.entries += other.entries
        self.problems += other.problems


def audit(items: Iterable[Item], reread: Reread | None = None) -> Report:
    """Check a wallet table's items, which come partition by partition as a scan gives them.

    A live table moves under a scan: a partition that looks wrong is read again through `reread`, which returns its
    items as they were at one moment, and only that is believed.
    """
    report = Report()
    for pk, group in _partitions(items):
        part = audit_partition(pk, group)
        if part.problems and reread is not None:
            part = audit_partition(pk, reread(pk))
        report.add(part)
    return report


def audit_partition(pk: str, items: Iterable[Item]) -> Report:
    """Check one partition: a player's, or an entry that touches no player."""
    report = Report()
    user_id = pk.removeprefix("USER#") if pk.startswith("USER#") else None
    balances: Counter[str] = Counter()
    chains: dict[str, list[Item]] = defaultdict(list)
    debts: Counter[int] = Counter()
    account: Item | None = None
    for item in items:
        if item["sk"] == "ACCOUNT":
            account = item
        elif "postings" in item:
            _audit_entry(user_id, item, balances, debts, report)
            if "hold" in item:
                chains[item["hold"]["id"]].append(item)
    for hold_id, chain in chains.items():
        chain.sort(key=lambda item: item["sk"])
        _audit_chain(f"hold {hold_id} of {user_id}", chain, report)
    if user_id is not None:
        _audit_account(user_id, account, balances, report)
        debts.update({0: 1})
        debts.subtract({-balances["receivable"]: 1})
        if any(debts.values()):
            report.problems.append(f"player {user_id}: what entries say is owed after them does not follow")
        if account is not None:
            _audit_limits(user_id, account, list(chains.values()), report)
            today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
            _audit_promises(user_id, account, list(chains.values()), today, report)
    return report


def _partitions(items: Iterable[Item]) -> Iterator[tuple[str, list[Item]]]:
    current, group = "", list[Item]()
    for item in items:
        if item["pk"] != current:
            if group:
                yield current, group
            current, group = item["pk"], []
        group.append(item)
    if group:
        yield current, group


def _audit_entry(user_id: str | None, item: Item, balances: Counter[str], debts: Counter[int], report: Report) -> None:
    """Check an entry; `debts` counts each debt that an entry leaves, less each that one finds."""
    report.entries += 1
    name = f"entry {item['pk']} {item['sk']}"
    if sum(cents for _, cents in item["postings"]):
        report.problems.append(f"{name} does not sum to zero")
    day = ""
    for account, cents in item["postings"]:
        owner, _, part = account.rpartition(":")
        if owner.startswith("user:"):
            report.totals[f"players:{part}"] += cents
            if owner != f"user:{user_id}":
                report.problems.append(f"{name} touches the account {account}")
            balances[part] += cents
            continue
        report.totals[account] += cents
        if account.startswith(("house:", "tax:")):
            day = day or f"{clock.parse_stamp(item['at']).astimezone(clock.NAIROBI):%Y-%m-%d}"
            report.days[day, account] += cents
    repaid = _moved(item, ":receivable")
    if bool(repaid) != ("owed" in item) or item.get("owed", 0) < 0:
        report.problems.append(f"{name} changed what is owed by {-repaid} and says {item.get('owed')} is owed after it")
    if "owed" in item:
        debts.update({item["owed"]: 1})
        debts.subtract({item["owed"] + repaid: 1})


def _moved(item: Item, *parts: str) -> int:
    """Return what an entry changed of some parts of its player's account together."""
    return sum(cents for account, cents in item["postings"] if account.startswith("user:") and account.endswith(parts))


def _audit_account(user_id: str, account: Item | None, balances: Counter[str], report: Report) -> None:
    if account is None:
        if any(balances.values()):
            report.problems.append(f"player {user_id} has entries and no account")
        return
    report.accounts += 1
    for part in PARTS:
        if account[part] != balances[part]:
            report.problems.append(f"account {user_id}: {part} is {account[part]}, its entries say {balances[part]}")
    if account["available"] < 0 or account["held"] < 0 or account["receivable"] > 0:
        report.problems.append(f"account {user_id} is overdrawn")
    if account["available"] and account["receivable"]:
        report.problems.append(f"account {user_id} owes {-account['receivable']} and has money available")


def _audit_limits(user_id: str, account: Item, chains: list[list[Item]], report: Report) -> None:
    """Check that what is used of each limit is what its window's bets staked (held or captured), or lost."""
    for window in WINDOWS:
        bets = [chain for chain in chains if chain[0]["hold"]["windows"].get(window) == account[f"window_{window}"]]
        used = {
            "stake": sum(chain[-1]["hold"]["counted"] for chain in bets),
            "loss": -sum(_moved(item, ":available", ":receivable") for chain in bets for item in chain),
        }
        for sort, cents in used.items():
            counted = account[f"limit_{sort}_{window}"] - account[f"room_{sort}_{window}"]
            if counted != cents:
                said = f"its {sort} limit of the {window} counts {counted}, its bets {cents}"
                report.problems.append(f"account {user_id}: {said}")


def _audit_promises(user_id: str, account: Item, chains: list[list[Item]], today: str, report: Report) -> None:
    """Check that what is promised of a day is what its bets could pay or did, and on equal bets what open ones could.

    The days before today are forgotten.
    """
    counted: Counter[str] = Counter()
    for chain in chains:
        hold = chain[-1]["hold"]
        if hold.get("day", "") >= today:
            of_day, of_same = promises.counters(hold["day"], hold["same"])
            counted[of_day] += hold["promised"]
            counted[of_same] += hold["potential"] if hold["remaining"] else 0
    for name, cents in counted.items():
        if account.get(name, 0) != cents:
            report.problems.append(f"account {user_id}: {name} is {account.get(name, 0)}, its bets say {cents}")


def _audit_chain(name: str, chain: list[Item], report: Report) -> None:
    if [item["hold"]["step"] for item in chain] != list(range(len(chain))):
        report.problems.append(f"{name} has a gap in its chain")
    before = 0
    for item in chain:
        hold = item["hold"]
        parts = (hold["remaining"], hold["released"], hold["captured"])
        if sum(parts) != hold["amount"] or min(parts) < 0:
            report.problems.append(f"{name}: its parts are {parts}, its amount is {hold['amount']}")
        moved = _moved(item, ":held")
        staked = hold["remaining"] + hold["captured"]
        # A result that says that all legs are void gives back as much as it captured: that stake does not count.
        fits = (staked, staked - hold["settled"]) if hold["payout"] == hold["settled"] else (staked,)
        if hold["windows"] and hold["counted"] not in fits:
            report.problems.append(f"{name}: {hold['counted']} counts as staked, {staked} is held or captured")
        if hold["remaining"] - before != moved:
            report.problems.append(f"{name}: step {hold['step']} moved {moved} and says otherwise")
        before = hold["remaining"]


def render(report: Report) -> str:
    """Return the report as text for people: shillings by account, house and tax by day, and what is wrong."""
    rows = [f"{name:<36}{_shillings(cents)}" for name, cents in sorted(report.totals.items())]
    rows.append(f"{'sum':<36}{_shillings(sum(report.totals.values()))}")
    rows += [f"  {day}  {name:<22}{_shillings(cents)}" for (day, name), cents in sorted(report.days.items())]
    rows.append(f"{report.accounts} accounts, {report.entries} entries, {len(report.problems)} problems")
    return "\n".join(rows + report.problems)


def _shillings(cents: int) -> str:
    return f"{Decimal(cents) / 100:>18,.2f}"
