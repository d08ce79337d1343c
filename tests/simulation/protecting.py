"""Players who protect themselves.

The wallet and payment get what stands as users sends it: at once and in parallel, again where an answer is missing, and
as an event on top. A player counts as told when both have it.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from betsafi import clock
from betsafi.protection import FOREVER
from tests.simulation.dynamodb import Wire
from tests.simulation.scheduler import SECOND, Outcome
from tests.simulation.world import Player, World

_LIMITS = ("stake_bet", "stake_day", "loss_day", "deposit_day")
_EXCLUDED_MOST = 2
"""How many players of a run exclude themselves: the others play on."""
_TRIES = 3


class Protectors:
    """What players do to protect themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.doing = [(4, self.set_a_limit), (3, self.take_a_time_out), (0.4, self.exclude_oneself)]

    def set_a_limit(self, random: Random) -> None:
        """A player sets a limit, moves it or takes it away."""
        player = self._player(random)
        limits = dict(self.world.shields[player.user_id].newest["limits"])
        name = random.choice(_LIMITS)
        limits.pop(name, None)
        if random.random() < 0.8:
            limits[name] = random.choice((0, 10_000, 50_000, 200_000, 500_000, 1_000_000))
        self._change(player, {"limits": limits}, random)

    def take_a_time_out(self, random: Random) -> None:
        """A player takes some time out, which here is seconds to minutes."""
        until = clock.stamp(self.world.now() + timedelta(seconds=random.choice((20, 60, 200))))
        self._change(self._player(random), {"stoppedUntil": until, "stopKind": "TIME_OUT"}, random)

    def exclude_oneself(self, random: Random) -> None:
        """A player excludes themselves for good."""
        excluded = [shield for shield in self.world.shields.values() if shield.newest.get("stoppedUntil") == FOREVER]
        if len(excluded) < _EXCLUDED_MOST:
            self._change(self._player(random), {"stoppedUntil": FOREVER, "stopKind": "EXCLUSION"}, random)

    def _player(self, random: Random) -> Player:
        return random.choice(list(self.world.players.values()))

    def _change(self, player: Player, changes: Wire, random: Random) -> None:
        """Write the next version, as users does: a stop is prolonged and never shortened."""
        shield = self.world.shields[player.user_id]
        before = shield.newest
        body = {**before, **changes, "version": before["version"] + 1}
        if before.get("stoppedUntil", "") > body.get("stoppedUntil", ""):
            body |= {name: before[name] for name in ("stoppedUntil", "stopKind")}
        shield.sent.append(body)
        fact = {**body, "userId": player.user_id, "protectionVersion": body["version"], "changed": ["limits"]}
        del fact["version"]
        self.world.scheduler.after(
            random.randrange(30 * SECOND), lambda: self.world.tell("UserProtectionChanged", fact)
        )

        def told() -> None:
            shield.told = max(shield.told, body["version"])

        reach(self.world, player.user_id, "protection", body, told)


def reach(world: World, user_id: str, what: str, body: Wire, told: Callable[[], None], tries: int = _TRIES) -> None:
    """Have wallet and payment take what users decided of a player, and say when both answered that they have."""
    answers: list[bool] = []

    def answered(outcome: Outcome) -> None:
        answers.append(bool(outcome.value) and outcome.value["statusCode"] == 200)
        if answers == [True, True]:
            told()
            world.note(f"answered: {what}", user_id, body)
        elif len(answers) == 2 and tries > 1:
            world.scheduler.after(SECOND, lambda: reach(world, user_id, what, body, told, tries - 1))

    world.call("wallet", "PUT", f"/accounts/{user_id}/{what}", body, answered)
    world.call("payment", "PUT", f"/players/{user_id}/{what}", body, answered)
