"""What a player saw when a bet was accepted, kept word for word beside it and never changed.

The text is canonical JSON; the first half of its SHA-256 is on the bet and in the answer, so that a player who wrote it
down can prove what was agreed, and we that nothing was changed.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from bet.markets import kinds
from bet.slips.price import Leg, PricedSlip, kept_system
from betsafi import clock
from betsafi.money import format_amount

RULES = 1
"""The version of the rules by which a bet pays, as bet's README has them: a change of them is a new number."""


def receipt_text(bet: Mapping[str, Any], priced: PricedSlip) -> str:
    """Return the receipt of a bet with `user_id`, `bet_id`, `stake_cents` and `accepted_at`, taken at this price."""
    facts = {
        "bet": bet["bet_id"],
        "player": bet["user_id"],
        "acceptedAt": bet["accepted_at"],
        "stake": format_amount(bet["stake_cents"]),
        "pays": format_amount(priced.payout_cents),
        **({"bonus": format_amount(priced.bonus_cents)} if priced.bonus_cents else {}),
        **({"ladder": priced.ladder.since.isoformat()} if priced.ladder else {}),
        **({"system": kept_system(priced.system)} if priced.system else {}),
        "rules": RULES,
        "legs": list(map(leg_seen, priced.legs)),
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(text: str) -> str:
    """Return the first 128 bits of a receipt's SHA-256, as 22 letters, digits, - or _."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def differences(bet: Mapping[str, Any], text: str) -> list[str]:
    """Return what of a bet is not as its receipt says, in sentences; none if they agree."""
    if hash_of(text) != bet.get("receipt"):
        return [f"the receipt's hash is {hash_of(text)}, the bet has {bet.get('receipt')}"]
    said = json.loads(text)
    system = bet.get("system")
    facts = {
        "bet": bet["bet_id"],
        "player": bet["user_id"],
        "acceptedAt": bet["accepted_at"],
        "stake": format_amount(bet["stake_cents"]),
        "pays": format_amount(bet["potential_payout_cents"]),
        "ladder": bet.get("bonus"),
        "system": {"ks": list(system["ks"]), "bankers": list(system["bankers"])} if system else None,
        "legs": [[leg["market_id"], leg["outcome_id"], leg["odds"]] for leg in bet["legs"]],
    }
    seen = {**said, "legs": [[leg["market"], leg["outcome"], leg["odds"]] for leg in said["legs"]]}
    return [
        f"{name}: the receipt says {seen.get(name)}, the bet {fact}"
        for name, fact in facts.items()
        if seen.get(name) != fact
    ]


def both(given: str | Mapping[str, str]) -> dict[str, str]:
    """Return a receipt's name by language: one that is the same in both is written once."""
    return {"en": given, "sw": given} if isinstance(given, str) else dict(given)


def leg_seen(leg: Leg) -> dict[str, Any]:
    """Return what a player sees of a leg: ids, odds, start, and names; one that is the same in both languages once."""
    market, game = leg.market, leg.market.game
    definition = kinds.find(market.definition_id)
    outcome = next((each.name for each in definition.outcomes if each.outcome_id == leg.outcome_id), None)

    def named(template: Mapping[str, str]) -> str | dict[str, str]:
        return _once(
            {
                language: kinds.filled(
                    template[language],
                    definition,
                    market.specifiers,
                    game.home.get(language, ""),
                    game.away.get(language, ""),
                )
                for language in kinds.LANGUAGES
            }
        )

    return {
        "market": market.market_id,
        "outcome": leg.outcome_id,
        "odds": leg.odds,
        "startsAt": clock.stamp(market.starts_at),
        "competition": _once(game.competition),
        "home": _once(game.home),
        "away": _once(game.away),
        "name": named(definition.name),
        "selection": named(outcome) if outcome else leg.outcome_id,
    }


def _once(names: Mapping[str, str]) -> str | dict[str, str]:
    return dict(names) if len(set(names.values())) > 1 else next(iter(names.values()), "")
