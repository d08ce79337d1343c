"""What SES refuses: an address for good, us until somebody mends something, and all else for now; it names nobody."""

from collections.abc import Callable

import pytest

from tests.unit.notifications.house import EMAIL, House, refusal

BET = ("bet", "BetAccepted")


def failing(code: str) -> Callable[[], None]:
    def fail() -> None:
        raise refusal(code, "SendEmail")

    return fail


@pytest.fixture
def by_email(house: House) -> House:
    """A player who wants bets by e-mail."""
    house.contact["email"] = EMAIL
    house.choose("BETS", "EMAIL")
    return house


def test_an_e_mail_has_the_note_s_title_and_text(by_email: House) -> None:
    by_email.deliver(*BET)
    assert by_email.sent["email"] == [(EMAIL, by_email.note["title"], by_email.note["text"])]
    assert (by_email.note["channel"], by_email.note["delivery"]) == ("EMAIL", "SENT")


def test_an_address_that_is_refused_is_final(by_email: House) -> None:
    by_email.fails["email"] = failing("BadRequestException")
    by_email.deliver(*BET)
    assert (by_email.note["delivery"], by_email.note["failure"]) == ("FAILED", "BadRequestException")


def test_an_address_that_is_gone_since_the_note_was_kept_is_final(by_email: House) -> None:
    by_email.hand_over(*BET)
    del by_email.contact["email"]
    by_email.pump()
    assert (by_email.note["delivery"], by_email.note["failure"]) == ("FAILED", "NO_ADDRESS")


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("MailFromDomainNotVerifiedException", True),
        ("MessageRejected", True),
        ("SendingPausedException", True),
        ("AccessDeniedException", True),
        ("TooManyRequestsException", False),
        ("InternalFailure", False),
    ],
)
def test_everything_else_is_tried_again(
    by_email: House, code: str, ours: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    by_email.fails["email"] = failing(code)
    by_email.deliver(*BET)
    out = capsys.readouterr().out
    assert (by_email.note["delivery"], len(by_email.waiting["email"])) == ("PENDING", 1)
    assert ('"ConfigurationRefused"' in out) is ours
    assert EMAIL not in out
    assert EMAIL not in str([by_email.items, by_email.events])
