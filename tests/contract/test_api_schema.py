"""The API's schema as who builds an app gets it: one file that code generators take, and that never breaks an app."""

import json
import re
import subprocess
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
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
type Mutation { play: Sport @aws_cognito_user_pools stop: Sport @aws_cognito_user_pools(cognito_groups: ["a", "b"]) }
type Subscription { onSport: Sport @aws_subscribe(mutations: ["play", "stop"]) }
type Sport @aws_api_key @aws_cognito_user_pools {
  id: ID! name: String! kind: Kind! short: String @deprecated(reason: "name is short") }
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
    appsync = (ROOT / "shared" / "schema" / "appsync.graphql").read_text()
    found: list[str] = asked(
        "tool.breaks(...given.map((text) => tool.compose([text])))", [appsync + published, appsync + now]
    )
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


def test_what_appsync_has_by_itself_stands_in_one_file_and_everybody_reads_our_schema_with_it() -> None:
    """The app's types too, which are made of what is published."""
    defined = ["git", "grep", "-lE", "^ *(scalar AWS|directive @aws_)", "--", ":!shared/schema/schema.graphql"]
    found = subprocess.run(defined, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert found == ["shared/schema/appsync.graphql"]
    assert "from '../../tools/api_schema.js'" in (ROOT / "clients" / "web" / "types.mjs").read_text()


@pytest.mark.full
def test_what_graphql_js_does_not_take_is_refused() -> None:
    with pytest.raises(AssertionError, match="Missing"):
        written("type Query { missing: Missing }")
    with pytest.raises(AssertionError, match="only one type named"):
        written("type Query { one: Int }", "type Query { again: Int }")
    with pytest.raises(AssertionError, match="must be Output Type"):
        written("type Query { in: In } input In { one: Int }")


@pytest.mark.full
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


@pytest.mark.full
def test_a_scalar_that_an_app_would_not_know_is_found() -> None:
    with pytest.raises(AssertionError, match="Unknown scalar type Odds"):
        generated("type Query { price: Odds } scalar Odds")


@pytest.mark.full
@pytest.mark.parametrize(
    ("what", "by", "said"),
    [
        ("name: String! ", "", "Sport.name was removed."),
        ("name: String!", "name: String", "Sport.name changed type from String! to String."),
        ("BALL OTHER", "OTHER", "BALL was removed from enum type Kind."),
        ("(now: Boolean)", "", "Query.sports arg now was removed."),
        ("(now: Boolean)", "(now: Boolean, day: Int!)", "A required arg day on Query.sports was added."),
        ("sports(now: Boolean): [Sport!]! ", "", "Query.sports was removed."),
        ("@aws_api_key @aws_cog", "@aws_cog", "Sport.id lost @aws_api_key (anybody)."),
        ("kind: Kind!", "kind: Kind! @aws_api_key", "Sport.kind lost @aws_cognito_user_pools (anybody)."),
        ("play: Sport @aws_cognito_user_pools", "play: Sport", "Mutation.play lost @aws_cognito_user_pools (anybody)."),
        (
            "play: Sport @aws_cognito_user_pools",
            'play: Sport @aws_cognito_user_pools(cognito_groups: ["a"])',
            "Mutation.play lost @aws_cognito_user_pools (anybody).",
        ),
        ('["a", "b"]', '["a"]', "Mutation.stop lost @aws_cognito_user_pools (b)."),
        ('["play", "stop"]', '["play"]', "Subscription.onSport lost @aws_subscribe (stop)."),
    ],
)
def test_a_change_that_breaks_apps_is_found(what: str, by: str, said: str) -> None:
    assert what in PUBLISHED
    assert said in " ".join(breaks(PUBLISHED, PUBLISHED.replace(what, by)))


@pytest.mark.full
@pytest.mark.parametrize(
    "change",
    [
        (' bets: BetPage @deprecated(reason: "myBets has them")', ""),
        (' short: String @deprecated(reason: "name is short")', ""),
        (' OTHER @deprecated(reason: "BALL is all that there is")', ""),
        ("kind: Kind!", "kind: Kind! colour: String"),
        ("name: String! ", 'name: String! @deprecated(reason: "title")'),
        ("sports(now: Boolean)", "sports(now: Boolean, day: Int)"),
        ('(cognito_groups: ["a", "b"])', ""),
        ('["a", "b"]', '["a", "b", "c"]'),
        ("play: Sport @aws", "play: Sport @aws_api_key @aws"),
        ("kind: Kind!", "kind: Kind! @aws_api_key @aws_cognito_user_pools"),
        ('["play", "stop"]', '["play", "stop", "more"]'),
        (
            'short: String @deprecated(reason: "name is short")',
            'short: String @aws_api_key @deprecated(reason: "name is short")',
        ),
    ],
)
def test_what_was_deprecated_a_release_before_may_go_and_what_is_new_may_come(change: tuple[str, str]) -> None:
    assert change[0] in PUBLISHED
    assert breaks(PUBLISHED, PUBLISHED.replace(*change)) == []


def silent_about_null(schema: GraphQLSchema) -> list[str]:
    """Return what may be null, or left out, and does not say what that means; what has a default says it by that."""
    found = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            continue
        parts: dict[str, GraphQLField | GraphQLInputField | GraphQLArgument] = {}
        for field, known in kind.fields.items():
            parts[f"{name}.{field}"] = known
            parts |= {f"{name}.{field}({argument})": of for argument, of in getattr(known, "args", {}).items()}
        found += [
            place
            for place, known in parts.items()
            if not isinstance(known.type, GraphQLNonNull)
            and getattr(known, "default_value", Undefined) is Undefined
            and not re.search(r"\b[Nn]ull\b", known.description or "")
        ]
    return found


def test_everything_that_may_be_null_says_when_it_is_or_what_null_means() -> None:
    assert silent_about_null(SCHEMA) == []


def test_what_may_be_null_and_does_not_say_so_is_found() -> None:
    schema = build_schema("""
    type Query { "A game; null: none." game("Its id." id: ID "Null: today." day: Int "20." limit: Int = 20): Game }
    type Game { "Its id." id: ID! "How." status: String "Null before it begins." score: Int "All." names: [ID!] }
    "What to take." input Choice { "So many." first: Int "Nullified." all: Boolean "Null: all." last: Int }
    """)
    assert silent_about_null(schema) == ["Query.game(id)", "Game.status", "Game.names", "Choice.first", "Choice.all"]


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
