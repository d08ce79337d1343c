"""AppSync's scalars accept and refuse what AppSync's do."""

import json
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, parse_value

from localcloud.appsync.scalars import build_appsync_schema

SCHEMA = build_appsync_schema("type Query { a: Int }")


def scalar(name: str) -> GraphQLScalarType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLScalarType)
    return found


GOOD: dict[str, list[Any]] = {
    "AWSDate": ["1970-01-01", "2026-02-28Z", "1970-01-01-07:00", "1970-01-01+05:30"],
    "AWSTime": ["12:00", "12:00:34", "12:00:34.500Z", "12:00Z", "12:00:34+05:30"],
    "AWSDateTime": ["1970-01-01T12:00:34Z", "2026-11-22T09:30Z", "2026-11-22T09:30:00.123456789+03:00"],
    "AWSTimestamp": [0, -123, 1763800000],
    "AWSEmail": ["amina@example.com", "a.b+c@mail.example.co.ke"],
    "AWSURL": ["https://example.com/a?b=c", "ftp://files.example.com", "mailto:amina@example.com"],
    "AWSPhone": ["+254712345678", "+254 712-345-678", "555 764 4377", "1-555-764-4377"],
    "AWSIPAddress": ["123.12.34.56", "1a2b:3c4b::1234:4567", "10.0.0.0/8", "1a2b:3c4b::/32"],
}
BAD: dict[str, list[Any]] = {
    "AWSDate": ["2026-02-30", "22/11/2026", "2026-11-22T00:00Z", "", 20261122, None],
    "AWSTime": ["25:00", "12:60", "noon", 12],
    "AWSDateTime": ["2026-11-22T09:30:00", "2026-11-22 09:30:00Z", "2026-13-01T00:00Z", "2026-11-22T24:00Z", 5],
    "AWSTimestamp": ["1763800000", 1.5, True],
    "AWSEmail": ["amina", "amina@", "@example.com", "amina@host", 5],
    "AWSURL": ["example.com", "https://", "https://exa mple.com", "https://example.com/a//b", "mailto:", 5],
    "AWSPhone": ["phone", "12", "+", "0712345678", "254 712 345 678", 254712345678],
    "AWSIPAddress": ["300.1.1.1", "10.0.0", "localhost", 167772161],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_good_value_passes_both_ways(name: str, value: Any) -> None:
    assert scalar(name).parse_value(value) == value
    assert scalar(name).parse_literal(parse_value(json.dumps(value))) == value
    assert scalar(name).serialize(value) == value


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_both_ways(name: str, value: Any) -> None:
    for check in (scalar(name).parse_value, scalar(name).serialize):
        with pytest.raises((ValueError, GraphQLError)):
            check(value)


def test_json_is_parsed_on_the_way_in_and_text_on_the_way_out() -> None:
    assert scalar("AWSJSON").parse_value('{"a": [1, null]}') == {"a": [1, None]}
    assert scalar("AWSJSON").serialize({"a": 1}) == '{"a":1}'
    assert scalar("AWSJSON").serialize('{"a": 1}') == '{"a": 1}'


@pytest.mark.parametrize("value", ["{a: 1}", "hello", {"a": 1}])
def test_json_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        scalar("AWSJSON").parse_value(value)
