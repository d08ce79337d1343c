"""Fixtures, markets and bets as GraphQL has them: queries and subscribers get the same. No I/O."""

from typing import Any

from bet.models import selection_id
from betsafi.money import money_out

Item = dict[str, Any]


def fixture(item: Item, guards: dict[str, Item]) -> dict[str, Any]:
    """Return a fixture as GraphQL's `Event`, with those of its markets whose visible guards are given."""
    return {
        "id": item["fixture_id"],
        "competition": item["competition"],
        "home": item["home"],
        "away": item["away"],
        "startsAt": item["starts_at"],
        "status": item["status"],
        "markets": [market(guards[market_id]) for market_id in item["markets"] if market_id in guards],
    }


def market(guard: Item) -> dict[str, Any]:
    """Return a market's visible guard as GraphQL's `Market`."""
    return {
        "id": guard["market_id"],
        "fixtureId": guard["fixture_id"],
        "type": guard["market_type"],
        "status": guard["status"],
        "version": guard["version"],
        "selections": [
            {"id": selection_id(guard["market_id"], key), "key": key, "odds": guard["odds"][key]}
            for key in sorted(guard["odds"])
        ],
    }


def market_result(result: Item) -> dict[str, Any]:
    """Return a market's result as GraphQL's `MarketResult`."""
    market_id = result["market_id"]
    return {
        "marketId": market_id,
        "version": result["result_version"],
        "results": [
            {"selectionId": selection_id(market_id, key), "key": key, "result": value}
            for key, value in sorted(result["results"].items())
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

    `posted` is the result that the wallet has posted; None where the bet says by itself how it stands. Either way a bet
    that has gone on since is told by what the wallet says next, together with the balance.
    """
    awaits_wallet = item["settlement_version"] > 0 or item["status"] == "CANCELLED"
    current = not awaits_wallet if posted is None else item["settlement_version"] == posted
    return bet(item) if current else None
