"""A refusal is said in the caller's language, also where another service refused."""

import json
from typing import Any

import pytest

from betsafi.errors import Conflict, DomainError
from betsafi.graphql import Fields
from betsafi.languages import Both, preferred
from betsafi.service_client import Refused, ServiceClient


class Late(Conflict):
    """It is too late."""

    code = "LATE"
    sw = "Muda umepita."


OWN = Both("You have {left} shillings left.", "Una shilingi {left} zilizobaki.")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("sw", "sw"), ("SW", "sw"), ("sw-KE,en;q=0.5", "sw"), (" sw;q=1", "sw"), ("en-KE,sw;q=0.9", "en"), ("", "en"),
        (None, "en"), ("*", "en"), (["sw"], "en"),
    ],
)  # fmt: skip
def test_the_language_that_is_wanted_first_is_taken_and_english_for_any_other(wanted: Any, language: str) -> None:
    assert preferred(wanted) == language


def test_a_message_in_both_languages_is_said_in_the_one_that_is_asked_for() -> None:
    error = Late(OWN.format(left=5))
    assert (error.said("en"), error.said("sw")) == ("You have 5 shillings left.", "Una shilingi 5 zilizobaki.")
    assert error.message == "You have 5 shillings left."


def test_a_message_in_english_alone_is_said_in_kiswahili_as_its_code_is() -> None:
    assert Late("The shop is closed.").said("sw") == "Muda umepita."
    assert type(Late(OWN).said("en")) is str, "what is put into JSON and tables is a plain text"


@pytest.mark.parametrize(("language", "said"), [("sw", "Muda umepita."), ("en", "Closed."), (None, "Closed.")])
def test_a_field_is_refused_in_the_language_of_the_request(language: str | None, said: str) -> None:
    handler = Fields()

    @handler.query("shop")
    def shop(caller: Any, arguments: dict[str, Any]) -> Any:
        raise Late("Closed.")

    event = {"type": "Query", "field": "shop", "arguments": {}, "identity": {"sub": "u1"}, "language": language}
    assert handler(event)["error"] == {"type": "LATE", "message": said, "info": None}


def test_what_another_service_refused_is_said_in_both_languages() -> None:
    client = ServiceClient("http://127.0.0.1:1")
    body = {"error": "LATE", "message": "Closed.", "sw": "Imefungwa.", "info": {}}
    refused = client._refusal(409, json.dumps(body).encode())
    assert (refused.said("en"), refused.said("sw")) == ("Closed.", "Imefungwa.")
    before = client._refusal(409, json.dumps({key: body[key] for key in ("error", "message", "info")}).encode())
    assert isinstance(before, Refused)
    assert before.said("sw") == DomainError.sw, "a service of before says nothing in Kiswahili"
