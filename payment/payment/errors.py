"""What payment refuses with. Stores raise none of these, and no sentence: flows and rules do."""

from betsafi.errors import Conflict, DomainError, Forbidden, InvalidAmount


class AmountOutOfRange(InvalidAmount):
    """The amount is outside what M-Pesa moves at once; `info`: its least and most, `min` and `max`, in shillings."""

    code = "AMOUNT_OUT_OF_RANGE"
    sw = "Kiasi hiki hakiko ndani ya kinachoruhusiwa. Chagua kiasi kingine."


class DepositsUnavailable(DomainError):
    """Deposits are switched off or not configured; nothing was sent."""

    code = "DEPOSITS_UNAVAILABLE"
    sw = "Kuweka pesa hakuwezekani kwa sasa. Tafadhali jaribu tena baadaye."
    status = 503


class WithdrawalsUnavailable(DomainError):
    """Withdrawals are switched off or not configured; nothing was held."""

    code = "WITHDRAWALS_UNAVAILABLE"
    sw = "Kutoa pesa hakuwezekani kwa sasa. Pesa zako ziko kwenye pochi; tafadhali jaribu tena baadaye."
    status = 503


class DailyLimitReached(DomainError):
    """The player's withdrawals of the day would exceed the limit; `info`: the `limit` and what is `left`, in shillings,
    and when the day `ends`.
    """

    code = "DAILY_LIMIT_REACHED"
    sw = "Kiasi hiki kinazidi unachoweza kutoa kwa siku. Chagua kiasi kidogo, au jaribu kesho."
    status = 409


class DepositLimitReached(DomainError):
    """The player's deposits would exceed a limit of their own; `info`: its `name`, `limit` and `left` in shillings, and
    when it `ends`.
    """

    code = "DEPOSIT_LIMIT"
    sw = "Kiasi hiki kinazidi kilichobaki cha kikomo chako cha kuweka pesa. Chagua kiasi kidogo."
    status = 409


class IdentityLimit(DomainError):
    """More than the state of the player's identity allows in a day; `info`: `use`, `limit` and `left` in shillings, and
    when the day `ends`.
    """

    code = "IDENTITY_LIMIT"
    sw = (
        "Kiasi hiki kinazidi kilichobaki leo hadi tutakapothibitisha wewe ni nani. "
        "Tuonyeshe kitambulisho chako, au chagua kiasi kidogo."
    )
    status = 409


class PromptTooSoon(DomainError):
    """The player was sent a prompt a moment ago; `info`: in how many `seconds` the next one may be asked for."""

    code = "PROMPT_TOO_SOON"
    sw = "Umetumiwa ombi la M-Pesa muda mfupi uliopita. Lijibu, au jaribu tena baada ya sekunde chache."
    status = 429


class NotAllowedNow(Conflict):
    """The payment's present status does not allow this."""

    code = "NOT_ALLOWED_NOW"
    sw = "Hali ya malipo haya hairuhusu hili kwa sasa. Angalia tena."


class AccountNotActive(Forbidden):
    """The player's account is stopped, or their wallet closed."""

    code = "ACCOUNT_NOT_ACTIVE"
    sw = "Akaunti hii imesimamishwa. Wasiliana nasi."
