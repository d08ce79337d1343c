"""AppSync and players' apps: what frontend-api publishes, who would have heard it, and the laws of updates.

Each function that fills an update in runs as a task of its own, as behind AppSync. Apps are looked at in the end: each
heard everything up to some publication and nothing after it, and then asks what it missed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from graphql import parse

from betsafi.dynamodb import unmarshal
from tests.simulation.dynamodb import Change, Wire
from tests.simulation.faults import HTTP_FAULTS
from tests.simulation.laws import Item, LawBroken, demand
from tests.simulation.scheduler import SECOND, Outcome
from tests.simulation.world import APPS, APPS_TABLE, TABLES, World

_SERVICES = {"bet": "bet", "wallet": "wallet", "payment": "payment", "notification": "notifications"}
"""By the part of an update: the service that fills it in."""
_LISTS = {"bets": "bet", "payments": "payment", "notifications": "notification", "wallet": "wallet"}
_SECONDS = 20
_CUTS = 6
"""How many apps of each player are looked at in the end."""
_PAGES = 200


class Refusals(Protocol):
    """frontend's module `appsync`: what it raises where AppSync takes nothing."""

    Unavailable: type[Exception]


@cache
def _asked(document: str) -> list[tuple[str, str, list[tuple[str, str]], list[str]]]:
    """Return the mutations of a document: alias, name, the variable of each argument, and what is selected.

    Documents have variables alone, so there are few.
    """
    (operation,) = parse(document, no_location=True).definitions
    return [
        (
            root.alias.value,
            root.name.value,
            [(each.name.value, each.value.name.value) for each in root.arguments],
            [part.name.value for part in root.selection_set.selections],
        )
        for root in operation.selection_set.selections  # type: ignore[attr-defined]
    ]


@dataclass(frozen=True)
class Published:
    """An update that went out: its number and cursor, and the things that it brought."""

    sequence: int
    cursor: str
    things: dict[tuple[str, str], Item]


@dataclass
class Apps:
    """What apps could hear, by player, in the order in which it went out."""

    world: World
    published: dict[str, list[Published]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, changes: list[Change]) -> None:
        """Check the writes of one transaction: a number is taken once."""
        for change in changes:
            if change.table == APPS_TABLE:
                before, after = unmarshal(change.old or {}), unmarshal(change.new or {})
                law = "a number of an update is taken once"
                demand(after["last"] > before.get("last", 0), law, change.pk, before.get("last"), after["last"])
                demand(after["floor"] >= before.get("floor", 0), "what is forgotten stays so", change.pk)

    def publish(self, refusals: Refusals, document: str, variables: Wire) -> set[str]:
        """Do what AppSync does with publish mutations; return the aliases of those that a service did not fill in."""
        world = self.world
        fault = world.faults.one_of(HTTP_FAULTS, f"{world.scheduler.current.name}: publish")
        world.note("publish", variables)
        world.scheduler.sleep(20_000)
        if fault == "request lost":
            raise ConnectTimeoutError(endpoint_url="appsync")
        if fault == "gateway refuses":
            raise refusals.Unavailable("busy")
        refused: set[str] = set()
        for alias, mutation, arguments, selected in _asked(document):
            if mutation == "publishMarket":
                continue
            if not self._publish({name: variables[variable] for name, variable in arguments}, selected):
                refused.add(alias)
        if fault == "answer lost on the way":
            raise ReadTimeoutError(endpoint_url="appsync")
        return refused

    def _publish(self, given: Wire, selected: list[str]) -> bool:
        """Fill one update in and hand it to whoever listens; return whether all of it could be filled in."""
        user_id, sequence = given["userId"], given["sequence"]
        try:
            self._check(user_id, sequence)
        except LawBroken as broken:
            self.world.scheduler.fail(broken)
        things: dict[tuple[str, str], Item] = {}
        whole = True
        for part in selected:
            if part in _SERVICES:
                answer = self._ask(_SERVICES[part], "PlayerUpdate", part, given, {"role": "consumer"})
                whole = whole and answer is not None and "data" in answer
                if thing := (answer or {}).get("data"):
                    things[part, thing["id"]] = thing
        self.published[user_id].append(Published(sequence, given["cursor"], things))
        return whole

    def _check(self, user_id: str, sequence: int) -> None:
        log = unmarshal(self.world.database.item(APPS_TABLE, f"USER#{user_id}", "UPDATES") or {"last": {"N": "0"}})
        demand(log["last"] >= sequence, "an update is noted before it is published", user_id, sequence, log["last"])
        known = {each.sequence for each in self.published[user_id]}
        demand(sequence not in known, "no two updates have one number", user_id, sequence)

    def _ask(self, service: str, kind: str, name: str, arguments: Wire, identity: Wire) -> Any:
        """Have a service's function answer a field while the present task waits; None where it does not."""
        event = {"type": kind, "field": name, "arguments": arguments, "identity": identity}
        scheduler = self.world.scheduler
        task = scheduler.current
        self.world.invoke(f"{service}.graphql", event, lambda outcome: scheduler.unpark(task, outcome, 2_000))
        outcome: Outcome | None = scheduler.park(_SECONDS * SECOND)
        return None if outcome is None or outcome.killed or outcome.error else outcome.value

    def in_the_end(self) -> int:
        """Demand that apps which were cut off find all that they missed; return how many need not load anew."""
        found: list[bool] = []
        for user_id in self.world.players:
            standing = dict(self._standing(user_id))
            heard = self.published[user_id]
            for cut in range(_CUTS):
                begin = self.world.services.modules["frontend.cursors"].cursor_at(0, user_id, APPS_TABLE)
                app = _App(user_id, begin, heard[: len(heard) * cut // _CUTS])
                found.append(self._catches_up(app, standing))
        return sum(found)

    def _catches_up(self, app: "_App", standing: dict[tuple[str, str], Item]) -> bool:
        for _ in range(_PAGES):
            answer = self._answer(APPS, "Query", "changesSince", {"cursor": app.cursor}, {"sub": app.user_id})
            if answer.get("error", {}).get("type") == "CURSOR_EXPIRED":
                return False
            page = answer["data"]
            for name, part in _LISTS.items():
                if asked := page[name]:
                    filled = self._answer(
                        _SERVICES[part], "PlayerChanges", name, {"asked": asked}, {"sub": app.user_id}
                    )["data"]
                    app.take(part, filled if isinstance(filled, list) else [filled])
            app.cursor = page["cursor"]
            if not page["more"]:
                break
        for key, wanted in standing.items():
            shown = app.things.get(key)
            law = "an app that was cut off finds it all"
            demand(shown and _told(key[0], shown) == wanted, law, key, wanted, shown)
        return True

    def _answer(self, service: str, kind: str, name: str, arguments: Wire, identity: Wire) -> Any:
        """Have a function answer a field, and let time pass until it has."""
        answers: list[Any] = []
        event = {"type": kind, "field": name, "arguments": arguments, "identity": identity}
        self.world.invoke(f"{service}.graphql", event, lambda outcome: answers.append(outcome))
        self.world.scheduler.run(_SECONDS)
        (outcome,) = answers
        if outcome.error or outcome.killed:
            raise RuntimeError(f"{name} was not answered") from outcome.error
        return outcome.value

    def _standing(self, user_id: str) -> Iterator[tuple[tuple[str, str], Item]]:
        """Yield what an app must show of bets and payments, of each note, and of the balance.

        An account whose change its outbox lost says, published anew, how it stands, and not which bet or payment that
        was.
        """
        modules: Any = self.world.services.modules
        yield from self._told_anew(user_id)
        if (f"USER#{user_id}", "ACCOUNT") in self.world.streams[TABLES["wallet"]].ever_lost:
            return
        for bet in self._items("bet"):
            if bet["sk"].startswith("BET#") and bet["user_id"] == user_id and bet["status"] != "PENDING":
                yield ("bet", bet["bet_id"]), _told("bet", modules["bet.presenting"].bet(bet))
        for payment in self._items("payment"):
            own = payment["sk"] == "PAYMENT" and payment.get("user_id") == user_id and payment["kind"] != "REVERSAL"
            if own and payment["status"] not in ("REQUESTED", "RECEIVED"):
                shown = modules["payment.presenting"].present(payment, "en")
                yield ("payment", payment["payment_id"]), _told("payment", shown)

    def _told_anew(self, user_id: str) -> Iterator[tuple[tuple[str, str], Item]]:
        for note in self._items("notifications"):
            if note["sk"].startswith("NOTE#") and note["user_id"] == user_id:
                yield ("notification", note["note_id"]), _told("notification", note)
        account = unmarshal(self.world.database.item(TABLES["wallet"], f"USER#{user_id}", "ACCOUNT") or {})
        if account.get("version"):
            yield ("wallet", user_id), _told("wallet", account)

    def _items(self, service: str) -> Iterator[Item]:
        yield from map(unmarshal, self.world.database.items(TABLES[service]))


_TOLD = {
    "bet": ("status", "outcome", "payout"),
    "wallet": ("version",),
    "payment": ("status",),
    "notification": ("text", "status"),
}


def _told(part: str, thing: Item) -> Item:
    """Return what apps are told of a thing whenever it changes; of an open bet also the results of its legs."""
    told = {name: thing[name] for name in _TOLD[part]}
    if part == "bet" and thing["status"] == "ACCEPTED":
        told["results"] = [leg["result"] for leg in thing["legs"]]
    return told


class _App:
    """One device: it took the updates that it heard, in the order of their numbers, up to the first that is missing."""

    def __init__(self, user_id: str, begin: str, heard: list[Published]) -> None:
        self.user_id = user_id
        self.things: dict[tuple[str, str], Item] = {}
        self.cursor = begin
        self._sequence = 0
        for update in sorted(heard, key=lambda each: each.sequence):
            if update.sequence != self._sequence + 1:
                return
            for (part, _), thing in update.things.items():
                self.take(part, [thing])
            self._sequence, self.cursor = update.sequence, update.cursor

    def take(self, part: str, things: list[Item]) -> None:
        """Keep what is newer than what is known."""
        for thing in things:
            known = self.things.get((part, thing["id"]))
            if known is None or known["version"] < thing["version"]:
                self.things[part, thing["id"]] = thing
