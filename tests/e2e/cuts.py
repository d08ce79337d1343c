"""Players who bet while their apps' connections are cut: `python -m tests.e2e.cuts` (a part of `make proof`).

Each device shows in the end what queries return, and showed every final state once.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from localcloud.cloud.cloud import local_cloud
from localcloud.cloud.running import Cloud
from localcloud.demo.app import App, AppError
from localcloud.demo.seed import new_app, seed, signed_in
from localcloud.demo.seed import settle as settle_market
from localcloud.journey.asking import PLACE_BET, money, results_input
from tests.e2e.conftest import funded, new_market
from tests.e2e.web import Amplify, served
from tests.support.emulator import free_addresses
from tests.support.following import LISTS, PARTS, Follower
from tests.support.waiting import eventually

BETS = 3
"""So many bets of a player are decided at once."""


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    devices: int
    cuts: int
    final_states: int
    filled: int
    missed: list[str]
    doubled: list[str]


class Facts:
    """What happens to players until it is stopped: bets are placed and settled, one market after the other."""

    def __init__(self, cloud: Cloud, players: Sequence[App], name: str) -> None:
        self._cloud, self._players, self._name = cloud, players, name
        self._trader = signed_in(cloud, "trader")
        self._stopped = threading.Event()
        self.placed: list[tuple[App, str]] = []

    def go_on(self) -> None:
        """Let things happen until `stop`."""
        for round_ in itertools.count():
            if self._stopped.is_set():
                return
            market = new_market(self._trader, f"cut-{self._name}-{round_}", "2.00")
            for player, n in itertools.product(self._players, range(BETS)):
                pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "2.00"}
                slip = {"clientRequestId": f"cut-{self._name}-{round_}-{n}", "stake": money("20"), "selections": [pick]}
                placed = insisted(partial(player.ask, PLACE_BET, input=slip), "a bet")
                if placed["status"] == "ACCEPTED":  # on a busy machine one may be too late, which is final too
                    self.placed.append((player, placed["id"]))
            insisted(partial(settle_market, self._cloud, market, results_input("1")), "a result")

    def stop(self) -> None:
        """Let the round that is going on be the last."""
        self._stopped.set()


def insisted(ask: Callable[[], Any], what: str) -> Any:
    """Ask again, under the same request id, for as long as the answer is to try again."""

    def answered() -> list[Any]:
        try:
            return [ask()]
        except AppError as error:
            if error.type not in ("UNAVAILABLE", "CONTENTION", "INTERNAL_ERROR"):
                raise
            return []

    return eventually(answered, what)[0]


def truth(app: App) -> dict[tuple[str, str], dict[str, Any]]:
    """Return all that queries say of a player now."""
    found = {}
    for name, part in LISTS.items():
        cursor: str | None = None
        while True:  # to the last page
            document = f"query($c: String) {{ {name}(limit: 20, cursor: $c) {{ items {{ {PARTS[part]} }} cursor }} }}"
            page = insisted(partial(app.ask, document, c=cursor), f"a page of {name}")
            found |= {(part, thing["id"]): thing for thing in page["items"]}
            if (cursor := page["cursor"]) is None:
                break
    wallet = insisted(partial(app.ask, f"query {{ wallet {{ {PARTS['wallet']} }} }}"), "the wallet")
    return {**found, ("wallet", wallet["id"]): wallet}


@dataclass(frozen=True)
class Plan:
    """So many devices of each of some players by gql, and one of the first player's by aws-amplify in a browser; how
    long the cuts of each last, with some seconds between them."""

    players: int
    devices: int
    cuts: Sequence[float]
    amplify: Sequence[float]
    between: float

    def of(self, n: int) -> Sequence[float]:
        """Return the cuts of a device, each in another order, so that at every moment some are cut and some are not."""
        return [*self.cuts[n % len(self.cuts) :], *self.cuts[: n % len(self.cuts)]]


def play(cloud: Cloud, plan: Plan, page: str, name: str) -> Verdict:
    """Cut devices while things happen to all players; return what was missed or doubled. `page`: where the app is."""
    with ThreadPoolExecutor(4) as pool:
        people = list(pool.map(lambda _: funded(cloud), range(plan.players)))
    before = {app.user_id: truth(app) for app in people}
    facts = Facts(cloud, people, name)

    async def follow() -> list[Follower | Amplify]:
        sockets = [Follower(_device(cloud, app)) for app in people for _ in range(plan.devices)]
        browsers = [Amplify(cloud.addresses, people[0], page)] if plan.amplify else []
        done = asyncio.Event()
        happening = asyncio.ensure_future(asyncio.to_thread(facts.go_on))
        following = [
            asyncio.ensure_future(device.follow(plan.of(n), plan.between, done)) for n, device in enumerate(sockets)
        ]
        following += [asyncio.ensure_future(one.follow(plan.amplify, plan.between, done)) for one in browsers]
        devices: list[Follower | Amplify] = [*sockets, *browsers]
        passed = asyncio.gather(*(device.passed.wait() for device in devices))
        try:  # what ends before all cuts are over has failed
            await asyncio.wait({happening, passed, *following}, return_when=asyncio.FIRST_COMPLETED)
            facts.stop()
            await happening
            await asyncio.to_thread(_settled, facts)
        finally:
            facts.stop()
            done.set()
            passed.cancel()
        await asyncio.gather(*following)
        return devices

    # In a thread of its own: where browsers are driven, this one has an event loop already.
    with ThreadPoolExecutor(1) as elsewhere:
        followers = elsewhere.submit(asyncio.run, follow()).result()
    missed, doubled, states = [], [], 0
    after = {app.user_id: truth(app) for app in people}
    for n, follower in enumerate(followers):
        for key, thing in after[follower.app.user_id].items():
            if before[follower.app.user_id].get(key) == thing:
                continue
            states += 1
            if follower.things.get(key) != thing:
                missed.append(f"device {n}: {thing}, and not {follower.things.get(key)}")
            if (times := follower.shown[(*key, thing["version"])]) > 1:
                doubled.append(f"device {n}: {thing} {times} times")
    filled = sum(follower.filled for follower in followers)
    cuts = plan.players * plan.devices * len(plan.cuts) + len(plan.amplify)
    return Verdict(len(followers), cuts, states, filled, missed, doubled)


def _device(cloud: Cloud, player: App) -> App:
    app = new_app(cloud, player.phone, player.password)
    app.sign_in()
    return app


def _settled(facts: Facts) -> None:
    """Wait until everything that was placed is settled, paid, and told of."""
    for player, bet_id in facts.placed:
        document = "query($id: ID!) { bet(id: $id) { status } }"
        eventually(lambda: player.ask(document, id=bet_id)["status"] == "SETTLED", f"{bet_id} settled", AppError)  # noqa: B023
    for player in {player.user_id: player for player, _ in facts.placed}.values():
        bets = {bet_id for owner, bet_id in facts.placed if owner is player}

        def told() -> bool:
            known = truth(player)  # noqa: B023
            won = {key[1].rpartition(".")[0][4:] for key, thing in known.items() if thing.get("kind") == "BET_WON"}
            (wallet,) = (thing for key, thing in known.items() if key[0] == "wallet")
            return bets <= won and wallet["held"]["amount"] == "0.00"  # noqa: B023

        eventually(told, f"the notes and the money of {len(bets)} bets")


def main(argv: Sequence[str] | None = None) -> int:
    """Play it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.cuts", description=__doc__)
    parser.add_argument("--players", type=int, default=10)
    parser.add_argument("--devices", type=int, default=10, help="of each player")
    given = parser.parse_args(argv)
    plan = Plan(given.players, given.devices, spread(0.1, 60, 10), spread(0.1, 60, 30), 2.0)
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as bundle,
        served(Path(bundle)) as page,
        local_cloud(free_addresses(), Path(folder), print) as cloud,
    ):
        seed(cloud)
        verdict = play(cloud, plan, page, "proof")
    for what in [*verdict.missed, *verdict.doubled][:20]:
        print(what)
    states = f"{verdict.final_states} final states, {len(verdict.missed)} missed, {len(verdict.doubled)} doubled"
    cuts = f"{verdict.cuts} cuts of {plan.cuts[0]} to {plan.cuts[-1]} s, {len(plan.amplify)} of them of aws-amplify"
    print(f"{verdict.devices} sockets, {cuts}: {states}")
    print(f"{verdict.filled} changes were asked for, in {time.monotonic() - begun:.0f} s")
    return 1 if verdict.missed or verdict.doubled or not verdict.final_states else 0


def spread(shortest: float, longest: float, cuts: int) -> list[float]:
    """Return the lengths of so many cuts in seconds, each the same times longer than the one before."""
    return [round(shortest * (longest / shortest) ** (n / (cuts - 1)), 2) for n in range(cuts)]


if __name__ == "__main__":
    sys.exit(main())
