"""Errors that people and services meet. Rules raise them; handlers translate them once (`graphql`, `http`)."""

from typing import Any

from betsafi.languages import Both, Language


class DomainError(Exception):
    """A request was refused and nothing was written.

    `code` is stable and machine-readable (GraphQL `errorType`, HTTP body `error`), `status` is the HTTP answer,
    the message is a sentence for a person, `info` holds JSON details such as the new odds. `sw` says in
    Kiswahili what the code says, for a message that is in English alone.
    """

    code = "ERROR"
    sw = "Ombi lako halikukubaliwa."
    status = 400

    def __init__(self, message: str, **info: Any) -> None:
        super().__init__(message)
        self.message = message
        self.info = info

    def said(self, language: Language) -> str:
        """Return the sentence in one of our languages."""
        message = self.message if isinstance(self.message, Both) else Both(self.message, self.sw)
        return message.said(language)


class InvalidInput(DomainError):
    """The request's shape or a value in it is wrong; `info` may have the `field`, and its `min` and `max`: of a number,
    or of how many characters.
    """

    code = "INVALID_INPUT"
    sw = "Kuna kitu kwenye ombi ambacho si sahihi. Kirekebishe na ujaribu tena."


class InvalidAmount(InvalidInput):
    """An amount of money is malformed, not positive, too precise or too large."""

    code = "INVALID_AMOUNT"
    sw = "Kiasi cha pesa si sahihi. Andika kiasi kwa shilingi na ujaribu tena."


class InvalidOdds(InvalidInput):
    """Odds are malformed or outside 1.01 to 1000 with at most three decimals."""

    code = "INVALID_ODDS"
    sw = "Odds si sahihi. Angalia odds mpya na ujaribu tena."


class InvalidCursor(InvalidInput):
    """A page cursor was not given out by this query."""

    code = "INVALID_CURSOR"
    sw = "Orodha hii haiwezi kuendelea kutoka hapa. Anza tena kwenye ukurasa wa kwanza."


class NotFound(DomainError):
    """The thing does not exist, or does not belong to the caller."""

    code = "NOT_FOUND"
    sw = "Hatukupata unachotafuta."
    status = 404


class Erased(NotFound):
    """The player was erased; nothing can be kept of them, or told to them, any more."""

    code = "ERASED"
    sw = "Akaunti hii ilifutwa. Jisajili tena ili kuendelea."
    status = 410


class Forbidden(DomainError):
    """The caller is known but may not do this."""

    code = "FORBIDDEN"
    sw = "Huruhusiwi kufanya hivi."
    status = 403


class Conflict(DomainError):
    """The thing is not in a state that allows this."""

    code = "CONFLICT"
    sw = "Hili haliwezekani kwa sasa. Angalia hali ilivyo na ujaribu tena."
    status = 409


class IdempotencyKeyReused(Conflict):
    """The same request id came before with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"
    sw = "Namba ya ombi hili ilitumika kwa ombi lingine. Tumia namba mpya."


class Contention(DomainError):
    """Too many writers at one item; nothing was written and the same request may be sent again."""

    code = "CONTENTION"
    sw = "Kuna shughuli nyingi kwa sasa. Hakuna kilichobadilika; tafadhali jaribu tena."
    status = 503


class Unavailable(DomainError):
    """A service that is needed for the answer did not give one; the outcome may be unknown."""

    code = "UNAVAILABLE"
    sw = "Huduma haijibu kwa sasa. Tafadhali jaribu tena baada ya muda mfupi."
    status = 503


class Misconfigured(Unavailable):
    """Another party refuses us until a person mends a key, a permission or a setting of ours; nothing was done."""

    code = "CONFIGURATION"
    sw = "Huduma hii haifanyi kazi kwa sasa na tunaishughulikia. Tafadhali jaribu tena baadaye."

    def __init__(self) -> None:
        super().__init__(Both("This does not work at the moment and we are on it. Please try again later.", self.sw))
