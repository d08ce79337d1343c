"""Follow-ups: finish what a crash, a lost callback or a lost answer left unfinished.

One queue, several kinds of message: a delayed question about one payment; and by the clock {"scan": true}, which finds
every unfinished payment that no message is left for, {"balance": true}, and {"pull": "new"}, which books what M-Pesa
has and we have not (once a day {"pull": true}, all of 48 hours). A scan and a pull go on in messages of their own.
"""

from typing import Any

from betsafi.queue import handle_batch
from payment import schedule
from payment.flows import followups, pulls, upkeep


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; the failed ones come again."""
    return handle_batch(event, _handle)


def _handle(message: dict[str, Any]) -> None:
    if "scan" in message:
        upkeep.scan(message["scan"])
    elif message.get("balance"):
        upkeep.look()
    elif "pull" in message:
        pulls.pull(message["pull"])
    else:
        followups.take(schedule.parse(message))
