"""Fixtures, markets and bets as GraphQL has them: queries and subscribers get the same. No I/O."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from bet import wording
from bet.catalogue.fixture import day_of
from bet.catalogue.names import Names
from bet.catalogue.sports import SPORTS
from bet.markets import kinds
from bet.markets.market import Market
from bet.markets.status import looks, status_at
from bet.payouts import bonus, payout
from bet.payouts.bonus import Ladder
from bet.payouts.systems import System, kept, returned
from bet.payouts.taxes import tariff_on, tax_cents
from bet.slips import grace
from bet.slips.price import Checked, Leg, Quote, Reason, Shared
from bet.slips.receipt import both, leg_seen
from bet.slips.slip import Slip
from betsafi import clock
from betsafi.languages import Language
from betsafi.money import money_out
from betsafi.odds import parse_odds

Item = dict[str, Any]


def betting(is_open: bool) -> dict[str, Any]:
    """Return whether bets are taken at all as GraphQL's `Betting`."""
    told = wording.BETTING_SUSPENDED
    return {"open": is_open, "message": None if is_open else {"en": str(told), "sw": told.sw}}


def fixture(item: Item, guards: Mapping[str, Item], now: datetime, results: Mapping[str, Item]) -> dict[str, Any]:
    """Return a fixture as GraphQL's `Fixture`, with those of its main markets whose visible guards are given, and the
    results that are given of them.
    """
    listed = [guards[market_id] for market_id in item["markets"] if market_id in guards]
    markets = [market(guard, item, now, results.get(guard["market_id"])) for guard in listed]
    return {
        "id": item["fixture_id"],
        "sport": {"id": item["sport_id"], "name": SPORTS[item["sport_id"]]},
        "competition": {"id": item["competition_id"], "name": item["competition"], "country": item["country"]},
        "home": item["home"],
        "away": item["away"],
        "startsAt": item["starts_at"],
        "status": item["status"],
        "version": item["version"],
        "score": _score(item["score"]) if "score" in item else None,
        "markets": markets,
    }


def _score(kept: Item) -> dict[str, Any]:
    goals: Mapping[str, Sequence[int]] = kept["goals"]
    sides = {period: {"home": home, "away": away} for period, (home, away) in goals.items()}
    shown = {field: sides.get(period) for field, period in _PERIODS.items()}
    return {"version": kept["version"], **shown, "minute": kept.get("minute")}


_PERIODS = {
    "regular": "REGULAR",
    "firstHalf": "FIRST_HALF",
    "secondHalf": "SECOND_HALF",
    "extraTime": "EXTRA_TIME",
    "penalties": "PENALTIES",
}


def market(guard: Item, fixture: Item, now: datetime, result: Item | None) -> dict[str, Any]:
    """Return a market's visible guard as GraphQL's `Market`, with the result that players may see; the names are those
    of its fixture's teams.
    """
    definition, specifiers, market_id = kinds.find(guard["definition_id"]), guard["specifiers"], guard["market_id"]

    def named(template: Mapping[str, str]) -> dict[str, str]:
        return {
            language: kinds.filled(
                template[language],
                definition,
                specifiers,
                fixture["home"]["name"][language],
                fixture["away"]["name"][language],
            )
            for language in kinds.LANGUAGES
        }

    return {
        "id": market_id,
        "fixtureId": guard["fixture_id"],
        "competitionId": fixture["competition_id"],
        "sportId": fixture["sport_id"],
        "day": day_of(clock.parse_stamp(fixture["starts_at"])).isoformat(),
        "main": market_id in fixture["markets"],
        "definitionId": definition.definition_id,
        "group": definition.group,
        "specifiers": specifiers or None,
        "name": named(definition.name),
        "status": looks(guard, now),
        "version": market_version(guard),
        "resultVersion": result["result_version"] if result else None,
        "selections": [
            {
                "id": kinds.selection_id(market_id, outcome.outcome_id),
                "outcomeId": outcome.outcome_id,
                "key": outcome.key,
                "name": named(outcome.name),
                "odds": guard["odds"][outcome.outcome_id],
                "result": result["results"].get(outcome.outcome_id) if result else None,
                "deadHeat": result["dead_heats"].get(outcome.outcome_id) if result else None,
            }
            for outcome in definition.outcomes
        ],
    }


def market_version(guard: Item) -> int:
    """Return a market's version as people see it, which grows with what becomes of its fixture too."""
    return int(guard["version"] + guard["fixture_version"]) - 1


def competition(item: Item) -> dict[str, Any]:
    """Return a competition as GraphQL's `Competition`."""
    return {"id": item["competition_id"], "name": item["name"], "country": item["country"]}


def team(team_id: str, name: Names) -> dict[str, Any]:
    """Return a team as GraphQL's `Team`."""
    return {"id": team_id, "name": name}


def exposure(market: Item) -> dict[str, Any]:
    """Return what a market could cost as GraphQL's `MarketExposure`; a closed one's is that of its last open moment."""
    return {
        "marketId": market["market_id"],
        "status": market["status"],
        "guards": market["guards"],
        "selections": [
            {
                "outcomeId": outcome.outcome_id,
                "key": outcome.key,
                "exposure": money_out(market["exposure"][outcome.outcome_id]),
                "limit": money_out(market["limit_cents"]),
            }
            for outcome in kinds.definition_of(market["market_id"]).outcomes
        ],
    }


def market_result(
    market_id: str,
    results: Mapping[str, str],
    dead_heats: Mapping[str, str],
    written: Item | None,
    message: str,
    traders: Sequence[str],
) -> dict[str, Any]:
    """Return what came of a trader's decision as GraphQL's `MarketResult`; `written` is None while it is proposed."""
    return {
        "marketId": market_id,
        "status": "PROPOSED" if written is None else "SETTLED" if results else "ROLLED_BACK",
        "version": written["result_version"] if written else None,
        "message": message,
        "decidedBy": list(traders),
        "results": [
            {
                "selectionId": kinds.selection_id(market_id, outcome.outcome_id),
                "outcomeId": outcome.outcome_id,
                "key": outcome.key,
                "result": results[outcome.outcome_id],
                "deadHeat": dead_heats.get(outcome.outcome_id),
            }
            for outcome in kinds.definition_of(market_id).outcomes
            if outcome.outcome_id in results
        ],
    }


def market_kind(kind: kinds.Definition) -> dict[str, Any]:
    """Return a kind of market as GraphQL's `MarketKind`."""
    outcomes = [{"id": each.outcome_id, "key": each.key, "name": each.name} for each in kind.outcomes]
    told = {name: getattr(kind, name) for name in ("name", "group", "main")}
    return {"id": kind.definition_id, **told, "specifiers": list(kind.specifiers), "outcomes": outcomes}


def proposal(item: Item) -> dict[str, Any]:
    """Return what waits for a second trader as GraphQL's `TradingProposal`."""
    action, decision = item["decision"]["action"], {**item["decision"]}
    del decision["action"]
    return {
        "subjectId": item["pk"].partition("#")[2],
        "action": action,
        "decision": json.dumps(decision, sort_keys=True),
        "userId": item["user_id"] or None,
        "reason": item["note"],
        "proposedBy": item["proposed_by"],
        "proposedAt": item["proposed_at"],
    }


def standing(subject_id: str, hold: Item | None, windows: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    """Return what stands of a fixture or a market as GraphQL's `HeldAndCancelled`."""
    held = {"heldBy": hold["held_by"], "heldAt": hold["held_at"], "reason": hold["reason"]} if hold else None
    return {"subjectId": subject_id, "hold": held, "windows": [dict(window) for window in windows]}


def decision(subject_id: str, version: int | None, message: str, traders: Sequence[str]) -> dict[str, Any]:
    """Return what came of a trader's decision as GraphQL's `TradingDecision`; without a version it is proposed."""
    return {
        "subjectId": subject_id,
        "status": "PROPOSED" if version is None else "DONE",
        "version": version,
        "message": message,
        "decidedBy": list(traders),
    }


def bet(item: Item, receipt: str | None = None) -> dict[str, Any]:
    """Return a bet as GraphQL's `Bet`, with what its receipt says that the player saw."""
    settled = item["status"] == "SETTLED"
    seen: list[Item] = json.loads(receipt)["legs"] if receipt else [{}] * len(item["legs"])
    system = kept(item)
    lines = system.lines(len(item["legs"]))
    return {
        "id": item["bet_id"],
        "clientRequestId": item.get("request_id"),
        "version": version(item),
        "status": item["status"],
        "stake": money_out(item["stake_cents"]),
        "potentialPayout": money_out(item["potential_payout_cents"]) if "potential_payout_cents" in item else None,
        "totalOdds": _total_odds(item, system),
        "payout": money_out(item["payout_cents"]) if settled else None,
        "taxes": _taxes(item),
        "outcome": item.get("outcome") if settled else None,
        "system": _system(item),
        "lines": lines,
        "stakePerLine": money_out(item["stake_cents"] // lines),
        "bonus": _bet_bonus(item),
        "receipt": item.get("receipt"),
        "reason": item.get("reason"),
        "message": item.get("refusal"),
        "placedAt": item["at"],
        "cancellableUntil": clock.stamp(until) if (until := grace.until(item)) else None,
        "settledAt": item.get("settled_at") if settled else None,
        "legs": [
            {
                "marketId": leg["market_id"],
                "selectionId": kinds.selection_id(leg["market_id"], leg["outcome_id"]),
                "outcomeId": leg["outcome_id"],
                "key": kinds.key_of(leg["market_id"], leg["outcome_id"]),
                "odds": leg["odds"],
                "result": leg.get("result"),
                "deadHeat": leg.get("dead_heat"),
                "seen": _seen(said) if said else None,
            }
            for leg, said in zip(item["legs"], seen, strict=True)
        ],
    }


def _total_odds(item: Item, system: System) -> str | None:
    if "potential_payout_cents" not in item:
        return None
    return odds_text(returned(1, [parse_odds(leg["odds"]) for leg in item["legs"]], system))


def _taxes(item: Item) -> dict[str, str] | None:
    """Return what was taken from a settled bet, or would be from one that wins; None for one that does not stand."""
    if item["status"] not in ("ACCEPTED", "SETTLED"):
        return None
    pays, outcome = item["potential_payout_cents"], "WON"
    if item["status"] == "SETTLED":
        pays, outcome = item["payout_cents"], item["outcome"]
    day = clock.parse_stamp(item["at"]).astimezone(clock.NAIROBI).date()
    return money_out(tax_cents(item["stake_cents"], pays, outcome, tariff_on(day)))


def _system(item: Item) -> dict[str, Any] | None:
    system = item.get("system")
    return {"ks": list(system["ks"]), "bankers": list(system["bankers"])} if system else None


def _seen(leg: Item) -> dict[str, Any]:
    names = {name: both(leg[name]) for name in ("competition", "home", "away", "selection")}
    return {"startsAt": leg["startsAt"], "market": both(leg["name"]), **names}


def _bet_bonus(item: Item) -> dict[str, Any] | None:
    """Return the bonus of a bet as it stands: what it was paid, or would be with every open leg won."""
    if (ladder := bonus.kept(item)) is None or item["status"] not in ("ACCEPTED", "SETTLED"):
        return None
    if item["status"] == "SETTLED":
        cents = item.get("bonus_cents", 0)
    else:
        cents = payout.potential(item["stake_cents"], item["legs"], kept(item), ladder).bonus_cents
    return _bonus(ladder, item["legs"], cents)


def _bonus(ladder: Ladder, legs: Sequence[Item], cents: int) -> dict[str, Any]:
    tier, step = ladder.tier(legs), ladder.next_step(legs)
    return {
        "percent": tier.percent if tier else 0,
        "amount": money_out(cents),
        "leastOdds": odds_text(ladder.least_odds),
        "legsToNext": step.legs if step else None,
        "nextPercent": step.percent if step else None,
    }


def quote(found: Quote, ladder: Ladder | None, language: Language = "en") -> dict[str, Any]:
    """Return a quote as GraphQL's `SlipQuote`, its reasons in a language; `ladder` is the one in force."""
    checked, priced = found.checked, found.checked.priced
    lines = checked.system.lines(len(checked.legs)) if checked.system else None
    rows = [{"odds": leg.odds} for leg in checked.legs if leg]
    one_line = priced is not None and priced.system is None
    return {
        "accepted": not found.reasons,
        "totalOdds": odds_text(found.total_odds) if found.total_odds else None,
        "lines": lines,
        "stakePerLine": money_out(found.slip.stake_cents // lines) if lines else None,
        "potentialPayout": money_out(priced.payout_cents) if priced else None,
        "bonus": _bonus(ladder, rows, priced.bonus_cents) if priced and ladder and one_line else None,
        "taxes": money_out(found.tax_cents) if found.tax_cents is not None else None,
        "largestStake": money_out(found.largest_stake_cents) if found.largest_stake_cents else None,
        **against(found.slip, checked, found.reasons, language),
    }


def against(slip: Slip, checked: Checked, reasons: Iterable[Reason], language: Language) -> dict[str, Any]:
    """Return a slip's legs at the odds of now, and what speaks against it, as GraphQL's `SlipQuote` has them."""
    return {
        "legs": [
            {"marketId": pick.market_id, "selectionId": kinds.selection_id(pick.market_id, pick.outcome_id)}
            | {"odds": leg.odds if leg else None}
            for pick, leg in zip(slip.selections, checked.legs, strict=True)
        ],
        "reasons": [
            {
                "leg": reason.leg,
                "code": reason.error.code,
                "message": reason.error.said(language),
                "arguments": json.dumps(reason.error.info),
            }
            for reason in reasons
        ],
    }


def shared(found: Shared, now: datetime) -> dict[str, Any]:
    """Return a slip to be filled in as GraphQL's `SharedSlip`, at the prices of now."""
    return {
        "code": found.code or None,
        "expiresAt": found.expires_at or None,
        "system": _system({"system": found.system}),
        "legs": [_offered(*pick, found.markets.get(pick[0]), now) for pick in found.picks],
    }


def _offered(market_id: str, outcome_id: str, market: Market | None, now: datetime) -> dict[str, Any]:
    """Return one pick as it is offered now; a market that is no longer there is closed, and nothing is seen of it."""
    about = {
        "marketId": market_id,
        "selectionId": kinds.selection_id(market_id, outcome_id),
        "outcomeId": outcome_id,
        "key": kinds.key_of(market_id, outcome_id),
    }
    if market is None or outcome_id not in market.odds:
        return {**about, "odds": None, "status": "CLOSED", "seen": None}
    shown = status_at(market.status, market.fixture_status, market.starts_at, now)
    odds = market.odds[outcome_id]
    return {**about, "odds": odds, "status": shown, "seen": _seen(leg_seen(Leg(market, outcome_id, odds)))}


def odds_text(odds: Fraction) -> str:
    """Return odds for people, rounded down to three decimals, the third only where it is not zero."""
    whole, rest = divmod(int(odds * 1000), 1000)
    return f"{whole}.{rest:03d}" if rest % 10 else f"{whole}.{rest // 10:02d}"


def version(item: Item) -> int:
    """Return a bet's version, which grows with every change of it."""
    return int(item["revision"]) + 1


def bet_for_subscribers(item: Item, posted: int | None, receipt: str | None = None) -> dict[str, Any] | None:
    """Return a bet as GraphQL's `Bet`; None while the wallet has yet to post what it stands at.

    `posted` is the result that the wallet has posted; None where the bet stands as it is without the wallet. Either way
    a bet that has gone on since is published with what the wallet posts next, together with the balance.
    """
    awaits_wallet = item["settlement_version"] > 0 or item["status"] == "CANCELLED"
    current = not awaits_wallet if posted is None else item["settlement_version"] == posted
    return bet(item, receipt) if current else None
