"""Everything that staff may do and see has its place at a desk: the schema is compared with what the desks ask."""

import re

from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from tests.support.schema import api_schema, object_type, staff_fields
from tools.base.services import ROOT

DESK = ROOT / "clients" / "web" / "src" / "desk"
OPERATIONS = "\n".join(path.read_text() for path in sorted((DESK / "api" / "operations").glob("*.graphql")))
WITHOUT_A_DESK = {
    "MarketExposure.marketId": "the market that was asked about",
    "WaitingPlayer.queue": "the queue that was asked for",
    "bookFees.provider": "M-Pesa, while there is no other",
    "bookTransfer.provider": "M-Pesa, while there is no other",
    "bookTaxRemittance.provider": "M-Pesa, while there is no other",
}
"""What staff may ask and see elsewhere alone: fields of types, and arguments, each with the reason. Of a query or a
mutation it is in the desks' README too."""
READ = ("Query.", "Mutation.exportPlayer")
"""Whose answers are what staff see. Another mutation says what came of it, of which a desk shows what it needs."""


class Asked(Visitor):
    """Notes the fields that operations select (`Type.field`), and the arguments that they give (`field.argument`)."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Note one field with its arguments."""
        parent = self._info.get_parent_type()
        assert parent, node.name.value
        self.found.add(f"{parent.name}.{node.name.value}")
        self.found |= {f"{node.name.value}.{argument.name.value}" for argument in node.arguments}


def asked(operations: str = OPERATIONS) -> set[str]:
    info = TypeInfo(api_schema())
    visitor = Asked(info)
    visit(parse(operations), TypeInfoVisitor(info, visitor))
    return visitor.found


def for_staff_alone(kind: GraphQLNamedType) -> bool:
    nodes = [node for node in (kind.ast_node, *kind.extension_ast_nodes) if node]
    return any(mark.arguments for node in nodes for mark in node.directives)


def may_be_asked() -> set[str]:
    """Return what staff alone may ask: queries and mutations, what is read by them, and the arguments of all."""
    schema, staffs = api_schema(), staff_fields()
    fields = {
        f"{root}.{name}": field
        for root in ("Query", "Mutation")
        for name, field in object_type(schema, root).fields.items()
        if name in staffs
    }
    waiting = [get_named_type(field.type) for place, field in fields.items() if place.startswith(READ)]
    for kind in waiting:  # grows by what each leads to
        if isinstance(kind, GraphQLObjectType) and for_staff_alone(kind):
            own = {f"{kind.name}.{name}": field for name, field in kind.fields.items()}
            waiting += [get_named_type(field.type) for place, field in own.items() if place not in fields]
            fields |= own
    return set(fields) | {f"{place.partition('.')[2]}.{name}" for place, field in fields.items() for name in field.args}


def test_everything_that_staff_may_ask_is_asked_at_a_desk_or_says_why_not() -> None:
    missing = may_be_asked() - asked()
    assert sorted(missing - set(WITHOUT_A_DESK)) == [], "give it a place at a desk, or say here why it has none"
    assert sorted(set(WITHOUT_A_DESK) - missing) == [], "it has a desk now, or is gone"
    readme = (ROOT / "clients" / "web" / "README.md").read_text()
    roots = [name.partition(".")[2] for name in WITHOUT_A_DESK if name.startswith(("Query.", "Mutation."))]
    assert [name for name in roots if f"`{name}`" not in readme] == []


def test_what_no_desk_asks_is_found() -> None:
    missing = may_be_asked() - asked("query { player(userId: 1) { id } }")
    assert {"Mutation.exportPlayer", "Query.staffQueue", "Player.wallet", "setPaymentChannel.bannerSw"} <= missing
    assert not missing & {"Query.player", "player.userId", "Player.id", "Query.wallet"}


def test_every_operation_is_used_by_a_desk() -> None:
    code = "\n".join(path.read_text() for path in DESK.glob("*.ts*"))
    named = [one.name.value for one in parse(OPERATIONS).definitions if isinstance(one, OperationDefinitionNode)]
    assert [name for name in named if not re.search(rf"\b{name}\b", code)] == []
