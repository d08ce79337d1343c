"""A player's journey through the whole platform, happy and unhappy, as a phone would do it.

Each step is one promise, checked and timed. The same steps are the core of the end-to-end tests.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.cloud.running import Cloud
from localcloud.journey import careful, happy, slips, unhappy
from localcloud.journey.walk import Walk

STEPS: list[Callable[[Walk], str]] = [
    happy.look_around,
    happy.sign_up,
    happy.open_wallet,
    careful.show_who_one_is,
    happy.listen,
    happy.deposit,
    happy.browse,
    happy.place_bet,
    happy.hear_of_the_bet,
    happy.settle,
    happy.withdraw,
    happy.get_sms,
    happy.read_statement,
    slips.offer_games,
    slips.quote_multi,
    slips.same_game,
    slips.share_slip,
    slips.place_multi,
    slips.place_system,
    slips.check_receipts,
    slips.settle_early,
    slips.settle_games,
    unhappy.insufficient_funds,
    unhappy.moved_odds,
    unhappy.suspended_market,
    unhappy.cancelled_prompt,
    unhappy.callback_twice,
    unhappy.forged_callback,
    unhappy.foreign_bet,
    unhappy.traders_only,
    unhappy.cancel_bet,
    careful.set_a_limit,
    careful.take_time_out,
    careful.count_messages,
    slips.take_games_off,
    unhappy.trial_balance,
]


@dataclass(frozen=True)
class Result:
    """One step as it went."""

    name: str
    seconds: float
    seen: str
    failure: str = ""


def run(cloud: Cloud, report: Callable[[Result], None]) -> bool:
    """Run the journey and report each step as it is done; return whether all promises were kept. Stops at the first
    that was not."""
    walk = Walk(cloud)
    try:
        for step in STEPS:
            name = (step.__doc__ or step.__name__).strip().rstrip(".")
            started = time.monotonic()
            try:
                seen = step(walk)
            except Exception as error:  # noqa: BLE001  the step's row says what went wrong
                report(Result(name, time.monotonic() - started, "", f"{type(error).__name__}: {error}"))
                return False
            report(Result(name, time.monotonic() - started, seen))
    finally:
        walk.close()
    return True
