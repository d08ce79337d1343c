"""The careful side: a player shows who they are, sets a limit that holds, takes time out, and is told of all of it."""

import random
from collections import Counter
from typing import Any

from localcloud.cloud.running import get_json
from localcloud.journey.asking import DEPOSIT, money
from localcloud.journey.walk import Broken, Walk, expect
from tools.base.waiting import eventually

_SHOW = "mutation($input: IdentityInput!) { submitIdentity(input: $input) { state } }"
_SHOWN = "query { identity { state allowed { betADay { amount } } } }"
_LIMIT = "mutation($input: [LimitInput!]!) { setLimits(input: $input) { limits { name left { amount } } } }"
_TIME_OUT = "mutation { takeTimeOut(hours: 24) { stop { kind until } } }"
_INBOX = "query { notifications(limit: 100) { items { kind } } }"
_TOLD = {"LIMIT_SET", "TIME_OUT_TAKEN", "IDENTITY_VERIFIED"}


def show_who_one_is(walk: Walk) -> str:
    """Show a document: the register knows it, and no day has a limit any more."""
    number = str(random.SystemRandom().randrange(10_000_000, 99_999_999))
    person = {"documentKind": "NATIONAL_ID", "number": number, "firstName": "Amina", "lastName": "Otieno"}
    expect(walk.player.ask(_SHOWN)["state"], "UNVERIFIED", "the identity before")
    walk.player.ask(_SHOW, input={**person, "birthdate": "1990-06-15"})

    def verified() -> dict[str, Any]:
        found: dict[str, Any] = walk.player.ask(_SHOWN)
        expect(found["state"], "VERIFIED", "the identity")
        return found

    expect(eventually(verified, "the register's answer", Broken)["allowed"]["betADay"], None, "what may be bet a day")
    return "verified, no limit a day"


def set_a_limit(walk: Walk) -> str:
    """A limit of KES 50 a bet refuses the next one above it, before anything is held."""
    walk.new_market("careful")
    limits = walk.player.ask(_LIMIT, input=[{"name": "STAKE_BET", "amount": money("50.00")}])["limits"]
    expect(limits, [{"name": "STAKE_BET", "left": {"amount": "50.00"}}], "the limits")
    refused = walk.refused_bet("careful", "50.01")
    expect((refused.type, refused.info["limit"]), ("LIMIT_REACHED", "stake_bet"), "the refusal")
    walk.balance_rests()
    return "50.01 refused, nothing held"


def take_time_out(walk: Walk) -> str:
    """A time-out refuses bets and deposits from its answer on; the money stays the player's."""
    stop = walk.player.ask(_TIME_OUT)["stop"]
    expect(stop["kind"], "TIME_OUT", "what stops the player")
    expect(walk.refused_bet("resting", "20.00").type, "PLAYER_STOPPED", "the refusal of a bet")
    refused = walk.player.refusal(DEPOSIT, id=f"resting-{walk.run}", amount=money("100.00"))
    expect(refused.type, "PLAYER_STOPPED", "the refusal of a deposit")
    walk.balance_rests()
    return f"stopped until {stop['until'][:16]}"


def count_messages(walk: Walk) -> str:
    """Of identity, limit and time-out the player was told, and every message stands in the inbox."""

    def kinds() -> Counter[str]:
        found = Counter(note["kind"] for note in walk.player.ask(_INBOX)["items"])
        expect(sorted(_TOLD - found.keys()), [], "what the inbox lacks")
        return found

    inbox = eventually(kinds, "messages of identity, limit and time-out", Broken)
    to = walk.player.phone.lstrip("+")
    messages = get_json(f"{walk.cloud.addresses.inbox}/messages?to={to}")["messages"]
    by_sms = sum(message["source"] == "SNS" for message in messages)
    return f"{inbox.total()} in the inbox, {by_sms} of these and the codes by SMS, 0 by push (no app registered)"
