"""What the API lets players do: nothing by which a protection could be walked around."""

from graphql import GraphQLField, GraphQLNonNull, get_named_type

from tests.support.schema import api_schema, object_type


def players_mutations() -> dict[str, GraphQLField]:
    """Return the mutations that every signed-in player may ask."""

    def is_players(field: GraphQLField) -> bool:
        directives = field.ast_node.directives if field.ast_node else ()
        return any(one.name.value == "aws_cognito_user_pools" and not one.arguments for one in directives)

    fields = object_type(api_schema(), "Mutation").fields
    return {name: field for name, field in fields.items() if is_players(field)}


def test_no_player_can_take_a_withdrawal_back_to_play_on() -> None:
    paying = {name for name, field in players_mutations().items() if str(get_named_type(field.type)) == "Payment"}
    assert paying == {"deposit", "withdraw"}
    assert [name for name in players_mutations() if "withdraw" in name.lower()] == ["withdraw"]


def test_an_exclusion_that_is_asked_for_without_a_word_of_how_long_is_none() -> None:
    """Both ways are optional, so that neither is what an app gets by leaving something out."""
    arguments = players_mutations()["excludeMyself"].args
    assert set(arguments) == {"months", "forGood"}
    assert not any(isinstance(argument.type, GraphQLNonNull) for argument in arguments.values())
