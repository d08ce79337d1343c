"""What anybody may see without signing in, by the schema itself: these fields, all that they lead to, and no more."""

from graphql import (
    DirectiveNode,
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
)

from tests.contract import template_rules as rules
from tests.contract.template_rules import Template
from tests.support.schema import api_schema, object_type
from tests.support.services import load
from tools.base.services import ROOT

SCHEMA = api_schema()
PUBLIC = {
    "betting", "sports", "competitions", "fixtures", "popularFixtures", "searchFixtures", "fixture", "markets",
    "marketsByIds", "sharedSlip", "start",
}  # fmt: skip
SEEN = {
    "Betting", "Sport", "Competition", "CompetitionPage", "Country", "Team", "Name", "Fixture", "FixturePage", "Market",
    "FixtureScore", "Score", "MarketPage", "Selection", "SharedSlip", "OfferedLeg", "SeenLeg", "BetSystem", "Start",
}  # fmt: skip
"""Written by hand: whoever adds a type to the lobby says here that nothing in it is about a person."""
PERSONAL = ("user", "player", "phone", "wallet", "stake", "payout", "balance", "owner", "receipt")


def marks(directives: tuple[DirectiveNode, ...]) -> set[str]:
    return {directive.name.value for directive in directives}


def objects() -> list[GraphQLObjectType]:
    """Return every type with fields that is ours."""
    return [
        kind
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
    ]


def by_key(kind: GraphQLObjectType, field: str) -> bool:
    """Return whether AppSync opens a field to the key: by the field's marks, or, where it has none, by its type's."""
    own = kind.fields[field].ast_node
    assert own is not None
    nodes = [kind.ast_node, *kind.extension_ast_nodes]
    found = marks(own.directives) - {"aws_subscribe"} or {
        mark for node in nodes if node for mark in marks(node.directives)
    }
    return "aws_api_key" in found


def reached() -> dict[str, GraphQLObjectType]:
    """Return the types that can be reached from the fields which are open to the key."""
    roots = [root for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type) if root]
    waiting: list[GraphQLNamedType] = [
        get_named_type(field.type) for root in roots for name, field in root.fields.items() if by_key(root, name)
    ]
    found: dict[str, GraphQLObjectType] = {}
    while waiting:
        kind = waiting.pop()
        assert isinstance(kind, GraphQLObjectType | GraphQLEnumType | GraphQLScalarType), f"{kind} may be anything"
        if isinstance(kind, GraphQLObjectType) and kind.name not in found:
            found[kind.name] = kind
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return found


def test_the_key_opens_these_queries_and_no_mutation_and_no_subscription() -> None:
    opened = {
        (root.name, name)
        for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
        if root
        for name in root.fields
        if by_key(root, name)
    }
    assert opened == {("Query", name) for name in PUBLIC}


def test_everything_that_they_lead_to_is_open_to_the_key_and_to_players_and_nothing_else_is() -> None:
    assert set(reached()) == SEEN
    for kind in objects():
        if kind.name not in ("Query", "Mutation", "Subscription"):
            opened = {name for name in kind.fields if by_key(kind, name)}
            assert opened == (set(kind.fields) if kind.name in SEEN else set()), kind.name
    for name in SEEN:
        node = object_type(SCHEMA, name).ast_node
        assert node is not None
        assert {"aws_api_key", "aws_cognito_user_pools"} <= marks(node.directives), name


def test_nothing_in_it_is_named_after_a_person_or_their_money() -> None:
    names = [f"{kind.name}.{name}" for kind in reached().values() for name in kind.fields]
    assert not [name for name in names if name.endswith("By") or any(word in name.lower() for word in PERSONAL)]


def test_these_fields_are_answered_to_anybody_and_no_others() -> None:
    door = load("bet.handlers.graphql", TABLE_NAME="bet", WALLET_URL="http://127.0.0.1:1").handler
    assert door.public_names == {("Query", name) for name in PUBLIC}
    rooms = ROOT.glob("*/*/handlers/*.py")
    assert {path.stem for path in rooms if "@handler.public(" in path.read_text()} == {"bets", "browse", "start"}


def test_a_field_that_nobody_marked_is_closed_to_the_key(templates: dict[str, Template]) -> None:
    """Without a mark only the API's first way to sign in is let through."""
    (api,) = rules.resources(templates["frontend-api"], "AWS::AppSync::GraphQLApi").values()
    others = [one["AuthenticationType"] for one in api["Properties"]["AdditionalAuthenticationProviders"]]
    assert (api["Properties"]["AuthenticationType"], others.count("API_KEY")) == ("AWS_IAM", 1)
    assert len(rules.resources(templates["frontend-api"], "AWS::AppSync::ApiKey")) == 1
