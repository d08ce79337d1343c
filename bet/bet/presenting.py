"""Fixtures, markets and bets as GraphQL has them: queries and subscribers get the same. No I/O."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bet.markets.definition import selection_id
from bet.markets.status import looks
from betsafi import clock
from betsafi.money import money_out

Item = dict[str, Any]


def fixture(item: Item, guards: dict[str, Item], now: datetime) -> dict[str, Any]:
    """Return a fixture as GraphQL's `Event`, with those of its markets whose visible guards are given."""
    return {
        "id": item["fixture_id"],
        "competition": item["competition"],
        "home": item["home"],
        "away": item["away"],
        "startsAt": item["starts_at"],
        "status": item["status"],
        "markets": [market(guards[market_id], now) for market_id in item["markets"] if market_id in guards],
    }


def market(guard: Item, now: datetime) -> dict[str, Any]:
    """Return a market's visible guard as GraphQL's `Market`."""
    return {
        "id": guard["market_id"],
        "fixtureId": guard["fixture_id"],
        "type": guard["market_type"],
        "status": looks(guard["status"], clock.parse_stamp(guard["starts_at"]), now),
        "version": guard["version"],
        "selections": [
            {"id": selection_id(guard["market_id"], key), "key": key, "odds": guard["odds"][key]}
            for key in sorted(guard["odds"])
        ],
    }


def exposure(market: Item) -> dict[str, Any]:
    """Return what a market could cost as GraphQL's `MarketExposure`; a closed one's is that of its last open moment."""
    return {
        "marketId": market["market_id"],
        "status": market["status"],
        "guards": market["guards"],
        "selections": [
            {"key": key, "exposure": money_out(cents), "limit": money_out(market["limit_cents"])}
            for key, cents in sorted(market["exposure"].items())
        ],
    }


def market_result(
    market_id: str, results: dict[str, str], written: Item | None, message: str, traders: Sequence[str]
) -> dict[str, Any]:
    """Return what came of a trader's decision as GraphQL's `MarketResult`; `written` is None while it is proposed."""
    return {
        "marketId": market_id,
        "status": "PROPOSED" if written is None else "SETTLED" if results else "ROLLED_BACK",
        "version": written["result_version"] if written else None,
        "message": message,
        "decidedBy": list(traders),
        "results": [
            {"selectionId": selection_id(market_id, key), "key": key, "result": value}
            for key, value in sorted(results.items())
        ],
    }


def bet(item: Item) -> dict[str, Any]:
    """Return a bet as GraphQL's `Bet`."""
    settled = item["status"] == "SETTLED"
    return {
        "id": item["bet_id"],
        "version": version(item),
        "status": item["status"],
        "stake": money_out(item["stake_cents"]),
        "potentialPayout": money_out(item["potential_payout_cents"]) if "potential_payout_cents" in item else None,
        "payout": money_out(item["payout_cents"]) if settled else None,
        "outcome": item.get("outcome") if settled else None,
        "reason": item.get("reason"),
        "placedAt": item["at"],
        "settledAt": item.get("settled_at") if settled else None,
        "legs": [
            {
                "marketId": leg["market_id"],
                "selectionId": selection_id(leg["market_id"], leg["selection_id"]),
                "key": leg["selection_id"],
                "odds": leg["odds"],
                "result": leg.get("result"),
            }
            for leg in item["legs"]
        ],
    }


def version(item: Item) -> int:
    """Return a bet's version, which grows with every change of it."""
    return int(item["revision"]) + 1


def bet_for_subscribers(item: Item, posted: int | None) -> dict[str, Any] | None:
    """Return a bet as GraphQL's `Bet`; None while the wallet has yet to post what it stands at.

    `posted` is the result that the wallet has posted; None where the bet stands as it is without the wallet. Either way
    a bet that has gone on since is published with what the wallet posts next, together with the balance.
    """
    awaits_wallet = item["settlement_version"] > 0 or item["status"] == "CANCELLED"
    current = not awaits_wallet if posted is None else item["settlement_version"] == posted
    return bet(item) if current else None
