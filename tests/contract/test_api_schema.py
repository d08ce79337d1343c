"""The API's schema as who builds an app gets it: one file that code generators take, and that never breaks an app."""

import json
import re
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    specified_scalar_types,
)

from tests.support.schema import api_schema
from tests.support.serverless import in_node
from tools.base.services import ROOT

TOOL = ROOT / "tools" / "api_schema.js"
DOCUMENT = "given ? tool.compose(given) : tool.current()"
SCHEMA = api_schema()
PUBLISHED = """
type Query { sports(now: Boolean): [Sport!]! bets: BetPage @deprecated(reason: "myBets has them") }
type Sport { id: ID! name: String! kind: Kind! short: String @deprecated(reason: "name is short") }
type BetPage { total: Int! }
enum Kind { BALL OTHER @deprecated(reason: "BALL is all that there is") }
"""


def asked(expression: str, given: list[str] | None) -> Any:
    """Return what the tool answers. Fails with what it raises."""
    script = f"const tool = require('{TOOL}'); (async () => console.log(JSON.stringify(await {expression})))()"
    return in_node(script, given)


def written(*texts: str) -> dict[str, str]:
    """Return what the tool writes, of some texts or of the deployed schema."""
    files: dict[str, str] = asked(f"tool.files({DOCUMENT})", list(texts) or None)
    return files


def generated(*texts: str) -> dict[str, str]:
    """Return what the code generators make, of some texts or of the deployed schema."""
    files: dict[str, str] = asked(f"tool.generate(tool.files({DOCUMENT}))", list(texts) or None)
    return files


def breaks(published: str, now: str) -> list[str]:
    """Return what the tool says would break apps."""
    found: list[str] = asked("tool.breaks(...given.map((text) => tool.compose([text])))", [published, now])
    return found


def test_the_schema_is_one_file_with_all_that_is_deployed_and_its_introspection_says_the_same() -> None:
    files = written()
    assert not re.search("^extend ", files["schema.graphql"], re.MULTILINE)
    whole = build_schema(files["schema.graphql"])
    introspected = build_client_schema(json.loads(files["schema.json"]))
    ours = {name for name in SCHEMA.type_map if not name.startswith("AWS")}
    assert ours <= set(whole.type_map), "a type that nothing leads to"
    for name in ours:
        fields = getattr(SCHEMA.type_map[name], "fields", {})
        assert set(fields) == set(getattr(whole.type_map[name], "fields", {}))
        assert name.startswith("__") or set(fields) == set(getattr(introspected.type_map[name], "fields", {}))
    assert "@aws_cognito_user_pools(cognito_groups: " in files["schema.graphql"]


def test_what_graphql_js_does_not_take_is_refused() -> None:
    with pytest.raises(AssertionError, match="Missing"):
        written("type Query { missing: Missing }")
    with pytest.raises(AssertionError, match="only one type named"):
        written("type Query { one: Int }", "type Query { again: Int }")
    with pytest.raises(AssertionError, match="must be Output Type"):
        written("type Query { in: In } input In { one: Int }")


def test_code_generators_make_code_of_every_operation_and_type() -> None:
    made = generated()
    assert set(made) == {"schema.ts", "API.swift", "api.service.ts"}
    for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type):
        assert root is not None
        for name in root.fields:
            capital = name[0].upper() + name[1:]
            assert re.search(rf"class {capital}{root.name}: GraphQL", made["API.swift"]), name
            assert re.search(rf"^  (async )?{capital}(Listener)?\(", made["api.service.ts"], re.MULTILINE), name
    for name in SCHEMA.type_map:
        if not name.startswith(("_", "AWS")) and name not in specified_scalar_types:
            assert re.search(rf"^export (type|enum) {name} (=|{{)", made["schema.ts"], re.MULTILINE), name


def test_a_scalar_that_an_app_would_not_know_is_found() -> None:
    with pytest.raises(AssertionError, match="Unknown scalar type Odds"):
        generated("type Query { price: Odds } scalar Odds")


@pytest.mark.parametrize(
    ("what", "by", "said"),
    [
        ("name: String! ", "", "Sport.name was removed."),
        ("name: String!", "name: String", "Sport.name changed type from String! to String."),
        ("BALL OTHER", "OTHER", "BALL was removed from enum type Kind."),
        ("(now: Boolean)", "", "Query.sports arg now was removed."),
        ("(now: Boolean)", "(now: Boolean, day: Int!)", "A required arg day on Query.sports was added."),
        ("sports(now: Boolean): [Sport!]! ", "", "Query.sports was removed."),
    ],
)
def test_a_change_that_breaks_apps_is_found(what: str, by: str, said: str) -> None:
    assert what in PUBLISHED
    assert said in " ".join(breaks(PUBLISHED, PUBLISHED.replace(what, by)))


@pytest.mark.parametrize(
    "change",
    [
        (' bets: BetPage @deprecated(reason: "myBets has them")', ""),
        (' short: String @deprecated(reason: "name is short")', ""),
        (' OTHER @deprecated(reason: "BALL is all that there is")', ""),
        ("kind: Kind!", "kind: Kind! colour: String"),
        ("name: String! ", 'name: String! @deprecated(reason: "title")'),
        ("sports(now: Boolean)", "sports(now: Boolean, day: Int)"),
    ],
)
def test_what_was_deprecated_a_release_before_may_go_and_what_is_new_may_come(change: tuple[str, str]) -> None:
    assert change[0] in PUBLISHED
    assert breaks(PUBLISHED, PUBLISHED.replace(*change)) == []


def without_description(schema: GraphQLSchema) -> list[str]:
    """Return what of our own has none: types, fields, arguments and values of enums."""
    found = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or kind in specified_scalar_types.values():
            continue
        parts: dict[str, str | None] = {name: kind.description}
        if isinstance(kind, GraphQLEnumType):
            parts |= {f"{name}.{value}": known.description for value, known in kind.values.items()}
        elif isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, known in kind.fields.items():
                parts[f"{name}.{field}"] = known.description
                given = getattr(known, "args", {})
                parts |= {f"{name}.{field}({argument})": of.description for argument, of in given.items()}
        found += [place for place, description in parts.items() if not re.match(r"(?s)\w.{2,}", description or "")]
    return found


def test_everything_in_the_schema_is_described() -> None:
    assert without_description(SCHEMA) == []


def test_what_is_not_described_is_found() -> None:
    schema = build_schema("""
    "What can be asked." type Query { "A game." game(day: Int "Its id." id: ID): Game "Games." games: [Game!]! }
    type Game { id: ID! "How it stands." status: Status "" name: String }
    "How a game stands." enum Status { ON "It is over." OFF }
    "What to take." input Choice { first: Int }
    """)
    assert without_description(schema) == [
        "Query.game(day)",
        "Game",
        "Game.id",
        "Game.name",
        "Status.ON",
        "Choice.first",
    ]
