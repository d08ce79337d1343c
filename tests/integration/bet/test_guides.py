"""The guides for traders and for who builds an app: each call in them fits the schema, and is made and answered."""

import re
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse, validate
from graphql.execution.values import get_argument_values

from betsafi import clock
from tests.support.bet import told
from tests.support.schema import api_schema, object_type

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = api_schema()
TRADERS = ("trader-1", "trader-2")
ELSEWHERE = [("tus-kcb", "29", {"74": "1.80", "76": "1.95"}), ("ban-sof", "1", {"1": "2.20", "2": "3.00", "3": "3.40"})]
"""What an app finds beside the game of the traders' guide."""


def calls(guide: str) -> list[str]:
    """Return the calls of a guide, whose game is of tomorrow."""
    tomorrow = f"{clock.now() + timedelta(days=1):%Y-%m-%d}"
    found = re.findall(r"^```graphql\n(.*?)^```", (DOCS / guide).read_text(), re.M | re.S)
    return [text.replace("2027-05-01", tomorrow) for text in found]


def make(bet: SimpleNamespace, text: str, *people: str) -> list[Any]:
    """Make a call, field by field: by the first person, and by the next where it is only proposed. Return answers."""
    answers = []
    document = parse(text)
    assert validate(SCHEMA, document) == [], text
    for operation in document.definitions:
        assert isinstance(operation, OperationDefinitionNode)
        kind = operation.operation.value.capitalize()
        for node in operation.selection_set.selections:
            assert isinstance(node, FieldNode)
            field = node.name.value
            arguments = get_argument_values(object_type(SCHEMA, kind).fields[field], node)
            for person in people:
                answer = told(bet, kind, field, person, **arguments)
                if not isinstance(answer, dict) or answer.get("status") != "PROPOSED":
                    break
            answers.append(answer)
    return answers


def play(bet: SimpleNamespace, player: str, guide: list[str]) -> list[Any]:
    """Make the calls of the traders' guide; before its first result the player bets on the home side."""
    answers: list[Any] = []
    values = {"PLAYER_ID": player, "BET_ID": ""}
    for text in guide:
        if "settleFixture" in text and not values["BET_ID"]:
            values["BET_ID"] = place(bet, player, "gor-afc/1", "1", "2.05")
        for name, value in values.items():
            text = text.replace(name, value)
        people = TRADERS[1:] if text.startswith("# another trader") else TRADERS
        answers += make(bet, text, *people)
    return answers


def place(bet: SimpleNamespace, player: str, market: str, outcome: str, odds: str) -> str:
    picks = [{"marketId": market, "selectionId": f"{market}/{outcome}", "odds": odds}]
    slip = {"clientRequestId": "before-it-began", "stake": {"currency": "KES", "amount": "50.00"}, "selections": picks}
    return str(told(bet, "Mutation", "placeBet", player, input=slip)["id"])


def test_a_game_is_traded_as_the_guide_says(bet: SimpleNamespace, user: str) -> None:
    answers = play(bet, user, calls("traders.md"))
    stood = [answer["status"] for answer in answers if isinstance(answer, dict) and "decidedBy" in answer]
    assert stood == ["DONE", "DONE", "SETTLED", "ROLLED_BACK", *["DONE"] * 6]
    game = told(bet, "Query", "fixture", id="gor-afc")
    assert (game["status"], game["version"], len(game["markets"])) == ("ENDED", 6, 2)
    assert game["score"]["regular"] == {"home": 2, "away": 1}


def test_an_app_bets_as_the_guide_says(bet: SimpleNamespace, wallet: ModuleType, user: str) -> None:
    offered = calls("traders.md")[:3]
    follow: dict[str, str] = {}
    for text in offered:
        make(bet, text, *TRADERS)
    for fixture, kind, odds in ELSEWHERE:
        make(bet, offered[1].replace("gor-afc", fixture), *TRADERS)
        rows = [{"outcomeId": outcome, "odds": price} for outcome, price in odds.items()]
        told(bet, "Mutation", "addMarkets", fixtureId=fixture, markets=[{"definitionId": kind, "odds": rows}])
    answers = []
    for text in calls("players.md"):
        for name, value in follow.items():
            text = text.replace(name, value)
        if "changesSince" in text:  # frontend-api's: integration/frontend/test_changes.py
            assert validate(SCHEMA, parse(text)) == []
            continue
        made = make(bet, text, user)
        for row in made:
            if isinstance(row, dict):
                follow |= {"BET_ID": row["id"]} if "receipt" in row else {}
                follow |= {"CODE": row["code"]} if row.get("code") else {}
        answers += made
    started, listed, _, found, kenyan, one, _, lines, quote, multi, system, *_, cancelled = answers
    assert started["betting"]["open"]
    assert {each["id"] for each in listed["items"]} >= {"gor-afc", "tus-kcb", "ban-sof"}
    assert "gor-afc" in {each["id"] for each in found["items"]}
    assert kenyan["items"] == listed["items"]
    assert [(each["id"], each["status"]) for each in lines] == [("gor-afc/1", "OPEN"), ("tus-kcb/29", "OPEN")]
    assert (one["status"], one["score"]) == ("SCHEDULED", None)
    assert (quote["accepted"], quote["potentialPayout"]) == (True, multi["potentialPayout"])
    assert (multi["status"], system["status"], system["lines"]) == ("ACCEPTED", "ACCEPTED", 3)
    assert (cancelled["id"], cancelled["status"]) == (system["id"], "CANCELLED")


@pytest.mark.parametrize("guide", ["traders.md", "players.md"])
def test_every_field_of_bets_that_is_for_them_is_in_the_guide(guide: str) -> None:
    """Of traders' fields all; a guide for apps may leave out what is only another list."""
    told_of = set(re.findall(r"\b\w+\b", (DOCS / guide).read_text()))
    schema = Path(__file__).parents[3] / "frontend-api" / "schema"
    name = {"traders.md": "trading.graphql", "players.md": "bet.graphql"}[guide]
    roots = [
        root for root in parse((schema / name).read_text()).definitions if root.name.value in ("Query", "Mutation")
    ]
    marked = [
        (field.name.value, {mark.name.value for mark in field.directives}) for root in roots for field in root.fields
    ]
    fields = {field for field, marks in marked if "aws_cognito_user_pools" in marks}
    left_out = {"traders.md": {"setMarketGuards"}, "players.md": {"sports", "competitions"}}[guide]
    assert fields - told_of == left_out
