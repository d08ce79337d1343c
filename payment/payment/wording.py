# long: every sentence of the service, those for players twice
"""The sentences of this service: how a payment stands, and why something was refused. Rules only: no I/O.

What players read is in both languages, what staff alone read in English.
"""

from collections.abc import Mapping
from typing import Any

from betsafi.languages import Both
from betsafi.money import format_amount
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL, shown_status


def message(payment: Mapping[str, Any]) -> Both:
    """Return a sentence that says how the payment stands and what to do next."""
    kind, status = payment["kind"], shown_status(payment)
    if status in ("REFUSED", "FAILED") and "refusal" in payment:
        return Both(payment["refusal"], payment.get("refusal_sw") or payment["refusal"])
    reason = payment.get("reason", "")
    text = FAILURES.get(reason) if status == "FAILED" else _STOPPED.get(status) if reason == "PLAYER_STOPPED" else None
    return (text or _STATES[kind, status]).format(
        amount=format_amount(payment["amount_cents"]),
        credited=format_amount(payment.get("credit_cents", 0)),
        paid=format_amount(payment.get("paid_cents", 0)),
        account=payment.get("account", ""),
    )


_STOPPED = {
    "RETURNING": Both(
        "You were stopped from playing when this was paid, so it is not credited. M-Pesa is asked to give the payer "
        "KES {amount} back.",
        "Ulikuwa umezuiwa kucheza pesa hizi zilipolipwa, kwa hiyo haziingii. M-Pesa imeombwa kumrudishia aliyelipa "
        "KES {amount}.",
    ),
    "RETURNED": Both(
        "You were stopped from playing when this was paid, so it was not credited. The payer has KES {amount} back.",
        "Ulikuwa umezuiwa kucheza pesa hizi zilipolipwa, kwa hiyo hazikuingia. Aliyelipa amerudishiwa KES {amount}.",
    ),
    "SUSPENSE": Both(
        "You were stopped from playing when this was paid, so it was not credited. M-Pesa has not given the payer "
        "KES {amount} back yet; we see to it.",
        "Ulikuwa umezuiwa kucheza pesa hizi zilipolipwa, kwa hiyo hazikuingia. M-Pesa bado haijamrudishia aliyelipa "
        "KES {amount}; tunashughulikia.",
    ),
}
"""Of what a player paid by hand who was stopped, by status; it stays when the stop is over."""
_GIVEN_BACK = Both(
    "Your deposit of KES {amount} was given back to the M-Pesa account that paid it.",
    "KES {amount} ulizoweka zimerudishwa kwenye akaunti ya M-Pesa iliyozilipa.",
)
_CREDITED = Both(
    "Paid. KES {credited} is credited to your wallet, after excise duty.",
    "Umelipa. KES {credited} zimeingia kwenye pochi yako, baada ya ushuru wa bidhaa.",
)
_STATES = {
    (PAYBILL, "RECEIVED"): Both(
        "We are confirming your payment of KES {amount} with M-Pesa. There is nothing to do.",
        "Tunathibitisha malipo yako ya KES {amount} na M-Pesa. Huhitaji kufanya chochote.",
    ),
    (PAYBILL, "COMPLETED"): _CREDITED,
    (PAYBILL, "REVERSED"): _GIVEN_BACK,
    (PAYBILL, "MERGED"): Both(
        "This is the payment of a prompt and is credited there.",
        "Haya ni malipo ya ombi la M-Pesa na yameingizwa huko.",
    ),
    (PAYBILL, "FAILED"): Both(
        "M-Pesa knows nothing of this payment.",
        "M-Pesa haina malipo haya.",
    ),
    (PAYBILL, "SUSPENSE"): Both(
        "Paid to the account number {account!r}, which is nobody's. Assign it to a player or return it.",
        "Yamelipwa kwa akaunti namba {account!r}, ambayo si ya mtu yeyote. Mpe mchezaji au yarudishe.",
    ),
    (PAYBILL, "RETURNING"): Both(
        "M-Pesa is asked to give the payer KES {amount} back.",
        "M-Pesa imeombwa kumrudishia aliyelipa KES {amount}.",
    ),
    (PAYBILL, "RETURNED"): Both(
        "The payer has KES {amount} back.",
        "Aliyelipa amerudishiwa KES {amount}.",
    ),
    (DEPOSIT, "REVERSED"): _GIVEN_BACK,
    (DEPOSIT, "REQUESTED"): Both(
        "We are asking M-Pesa to send a prompt to your phone. Keep it at hand.",
        "Tunaiomba M-Pesa itume ombi kwenye simu yako. Iwe karibu nawe.",
    ),
    (DEPOSIT, "SUBMITTED"): Both(
        "Check your phone and enter your M-Pesa PIN to pay KES {amount}.",
        "Angalia simu yako na uweke PIN yako ya M-Pesa ili ulipe KES {amount}.",
    ),
    (DEPOSIT, "SUBMIT_UNKNOWN"): Both(
        "M-Pesa did not confirm that a prompt was sent. If one appears you may pay it; "
        "wait a few minutes before you try again.",
        "M-Pesa haikuthibitisha kwamba ombi limetumwa. Likionekana unaweza kulilipa; "
        "subiri dakika chache kabla ya kujaribu tena.",
    ),
    (DEPOSIT, "UNKNOWN"): Both(
        "M-Pesa has not said clearly whether you paid. We keep asking; please do not pay again yet.",
        "M-Pesa haijasema wazi kama umelipa. Tunaendelea kuiuliza; tafadhali usilipe tena kwa sasa.",
    ),
    (DEPOSIT, "COMPLETED"): _CREDITED,
    (DEPOSIT, "FAILED"): Both(
        "The deposit was not paid. Nothing was taken from your M-Pesa account; you may try again.",
        "Pesa hazikulipwa. Hakuna kilichotolewa kwenye akaunti yako ya M-Pesa; unaweza kujaribu tena.",
    ),
    (WITHDRAWAL, "REVIEW"): Both(
        "KES {amount} is set aside. Our team looks at your withdrawal first, usually within hours.",
        "KES {amount} zimewekwa kando. Timu yetu inakagua ombi lako kwanza, kwa kawaida ndani ya saa chache.",
    ),
    (WITHDRAWAL, "REQUESTED"): Both(
        "We are preparing your withdrawal. There is nothing more to do.",
        "Tunaandaa pesa unazotoa. Huhitaji kufanya kitu kingine.",
    ),
    (WITHDRAWAL, "HELD"): Both(
        "KES {amount} is set aside and M-Pesa is being asked to pay you KES {paid}.",
        "KES {amount} zimewekwa kando na M-Pesa inaombwa kukulipa KES {paid}.",
    ),
    (WITHDRAWAL, "SUBMITTED"): Both(
        "M-Pesa is paying you KES {paid}. You will get an SMS.",
        "M-Pesa inakulipa KES {paid}. Utapokea SMS.",
    ),
    (WITHDRAWAL, "SUBMIT_UNKNOWN"): Both(
        "M-Pesa is slow to answer. Your money is set aside and safe; there is nothing to do.",
        "M-Pesa inachelewa kujibu. Pesa zako zimewekwa kando na ziko salama; huhitaji kufanya chochote.",
    ),
    (WITHDRAWAL, "UNKNOWN"): Both(
        "M-Pesa has not confirmed the payment yet. Your money is set aside and safe; we keep asking.",
        "M-Pesa bado haijathibitisha malipo. Pesa zako zimewekwa kando na ziko salama; tunaendelea kuiuliza.",
    ),
    (WITHDRAWAL, "DELAYED"): Both(
        "Your withdrawal is delayed and our team is looking at it. Your money is set aside and safe.",
        "Malipo yako yamechelewa na timu yetu inayaangalia. Pesa zako zimewekwa kando na ziko salama.",
    ),
    (WITHDRAWAL, "COMPLETED"): Both(
        "Paid. M-Pesa sent you KES {paid}, after withholding tax.",
        "Umelipwa. M-Pesa imekutumia KES {paid}, baada ya kodi ya zuio.",
    ),
    (WITHDRAWAL, "FAILED"): Both(
        "The withdrawal was not paid. KES {amount} is back in your wallet; you may try again.",
        "Pesa hazikutumwa. KES {amount} zimerudi kwenye pochi yako; unaweza kujaribu tena.",
    ),
    (WITHDRAWAL, "REFUSED"): Both(
        "The withdrawal was refused. Nothing was taken from your wallet.",
        "Ombi la kutoa pesa lilikataliwa. Hakuna kilichotolewa kwenye pochi yako.",
    ),
    (REVERSAL, "REQUESTED"): Both(
        "The reversal is being prepared.",
        "Urejeshaji unaandaliwa.",
    ),
    (REVERSAL, "HELD"): Both(
        "The money is set aside and M-Pesa is being asked to reverse the payment.",
        "Pesa zimewekwa kando na M-Pesa inaombwa kurejesha malipo.",
    ),
    (REVERSAL, "SUBMITTED"): Both(
        "M-Pesa is reversing the payment.",
        "M-Pesa inarejesha malipo.",
    ),
    **dict.fromkeys(
        ((REVERSAL, "SUBMIT_UNKNOWN"), (REVERSAL, "UNKNOWN")),
        Both(
            "M-Pesa has not said how it ended. It is asked again by itself; two administrators may decide.",
            "M-Pesa haijasema jinsi ilivyoisha. Inaulizwa tena yenyewe; wasimamizi wawili wanaweza kuamua.",
        ),
    ),
    (REVERSAL, "DELAYED"): Both(
        "M-Pesa refuses for a reason that only an operator can mend. Mend it, then decide.",
        "M-Pesa inakataa kwa sababu ambayo mhudumu tu anaweza kuirekebisha. Irekebishe, kisha uamue.",
    ),
    (REVERSAL, "COMPLETED"): Both(
        "Reversed. The payer has KES {amount} back.",
        "Yamerejeshwa. Aliyelipa amerudishiwa KES {amount}.",
    ),
    (REVERSAL, "FAILED"): Both(
        "M-Pesa did not reverse the payment; everything is as it was.",
        "M-Pesa haikurejesha malipo; kila kitu kiko kama kilivyokuwa.",
    ),
    (REVERSAL, "REFUSED"): Both(
        "The wallet does not have the money any more; nothing was changed.",
        "Pochi haina pesa hizo tena; hakuna kilichobadilika.",
    ),
}

FAILURES = {
    "MPESA_BALANCE_INSUFFICIENT": Both(
        "Your M-Pesa balance is too low. Top it up, or try a smaller amount.",
        "Salio lako la M-Pesa halitoshi. Ongeza salio, au jaribu kiasi kidogo.",
    ),
    "AMOUNT_TOO_SMALL": Both(
        "The amount is below M-Pesa's minimum. Try a larger amount.",
        "Kiasi ni chini ya kiwango cha chini cha M-Pesa. Jaribu kiasi kikubwa zaidi.",
    ),
    "AMOUNT_TOO_LARGE": Both(
        "The amount is above M-Pesa's maximum. Try a smaller amount.",
        "Kiasi kinazidi kiwango cha juu cha M-Pesa. Jaribu kiasi kidogo.",
    ),
    "DAILY_LIMIT": Both(
        "You have reached M-Pesa's daily limit. Try again tomorrow, or a smaller amount.",
        "Umefikia kikomo cha M-Pesa cha siku. Jaribu tena kesho, au kiasi kidogo.",
    ),
    "PAYBILL_FULL": Both(
        "We cannot receive money at the moment. Please try again later.",
        "Hatuwezi kupokea pesa kwa sasa. Tafadhali jaribu tena baadaye.",
    ),
    "REPEATED_TOO_SOON": Both(
        "M-Pesa refuses the same amount twice within two minutes. Wait two minutes and try again.",
        "M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika mbili. Subiri dakika mbili, kisha ujaribu tena.",
    ),
    "MPESA_BUSY": Both(
        "M-Pesa is busy. Wait a minute and try again.",
        "M-Pesa ina shughuli nyingi. Subiri dakika moja, kisha ujaribu tena.",
    ),
    "PHONE_BUSY": Both(
        "Your phone is in the middle of another M-Pesa payment. Wait a minute and try again.",
        "Simu yako inafanya malipo mengine ya M-Pesa. Subiri dakika moja, kisha ujaribu tena.",
    ),
    "EXPIRED": Both(
        "The prompt expired before it was answered. Please try again.",
        "Ombi la M-Pesa liliisha muda kabla ya kujibiwa. Tafadhali jaribu tena.",
    ),
    "PROMPT_NOT_SENT": Both(
        "M-Pesa could not send the prompt to your phone. Please try again.",
        "M-Pesa haikuweza kutuma ombi kwenye simu yako. Tafadhali jaribu tena.",
    ),
    "TIMED_OUT": Both(
        "The prompt was not answered in time. Please try again and enter your PIN within a minute.",
        "Ombi la M-Pesa halikujibiwa kwa wakati. Tafadhali jaribu tena na uweke PIN yako ndani ya dakika moja.",
    ),
    "CANCELLED": Both(
        "You cancelled the prompt. Nothing was paid; you may try again.",
        "Ulighairi ombi la M-Pesa. Hakuna kilicholipwa; unaweza kujaribu tena.",
    ),
    "NOT_PAID": Both(
        "M-Pesa has no payment of this prompt. Nothing was taken from your account; you may try again.",
        "M-Pesa haina malipo ya ombi hili. Hakuna kilichotolewa kwenye akaunti yako; unaweza kujaribu tena.",
    ),
    "NO_ANSWER": Both(
        "Your phone could not be reached. Switch it on, or dial *234# to update your SIM, and try again.",
        "Simu yako haikupatikana. Iwashe, au piga *234# ili kusasisha laini yako, kisha ujaribu tena.",
    ),
    "WRONG_PIN": Both(
        "The PIN was wrong. Try again with care: M-Pesa locks it after three wrong attempts.",
        "PIN haikuwa sahihi. Jaribu tena kwa makini: M-Pesa huifunga baada ya kukosea mara tatu.",
    ),
    "PIN_LOCKED": Both(
        "Your M-Pesa PIN is locked. Call Safaricom on 100, then try again.",
        "PIN yako ya M-Pesa imefungwa. Pigia Safaricom 100, kisha ujaribu tena.",
    ),
    "CONFIGURATION": Both(
        "We cannot reach M-Pesa properly at the moment. We are on it; please try again later.",
        "Hatuwezi kuifikia M-Pesa ipasavyo kwa sasa. Tunaishughulikia; tafadhali jaribu tena baadaye.",
    ),
    "MPESA_UNREACHABLE": Both(
        "M-Pesa cannot be reached at the moment. Nothing was sent; please try again later.",
        "M-Pesa haipatikani kwa sasa. Hakuna kilichotumwa; tafadhali jaribu tena baadaye.",
    ),
    "MPESA_ACCOUNT_FULL": Both(
        "Your M-Pesa account cannot hold that much. KES {amount} is back in your wallet.",
        "Akaunti yako ya M-Pesa haiwezi kubeba kiasi hicho. KES {amount} zimerudi kwenye pochi yako.",
    ),
    "REJECTED": Both(
        "Our team did not approve the withdrawal. KES {amount} is back in your wallet; contact support.",
        "Timu yetu haikuidhinisha utoaji huu. KES {amount} zimerudi kwenye pochi yako; wasiliana nasi.",
    ),
    "RESOLVED_UNPAID": Both(
        "M-Pesa did not pay. KES {amount} is back in your wallet; you may try again.",
        "M-Pesa haikulipa. KES {amount} zimerudi kwenye pochi yako; unaweza kujaribu tena.",
    ),
    "NOT_REGISTERED": Both(
        "Register your phone number for M-Pesa first. KES {amount} is back in your wallet.",
        "Sajili kwanza namba yako ya simu kwa M-Pesa. KES {amount} zimerudi kwenye pochi yako.",
    ),
    "BAD_NUMBER": Both(
        "M-Pesa does not know your phone number. Contact support; KES {amount} is back in your wallet.",
        "M-Pesa haiijui namba yako ya simu. Wasiliana nasi; KES {amount} zimerudi kwenye pochi yako.",
    ),
}
"""Sentences for the reasons of FAILED; any other reason has the plain sentence of its state."""

SIGNED_OUT = Both(
    "You were signed out. Please sign in again, then withdraw.",
    "Umetolewa kwenye akaunti. Tafadhali ingia tena, kisha utoe pesa.",
)
CODE_DIGITS = Both(
    "code is the 6 digits that were sent to you.",
    "code ni tarakimu 6 ulizotumiwa.",
)
WHOLE_SHILLINGS = Both(
    "M-Pesa moves whole shillings. Leave out the cents.",
    "M-Pesa hutuma shilingi nzima. Ondoa senti.",
)
CLOSED = {
    DEPOSIT: Both(
        "Deposits are not available at the moment. Please try again later.",
        "Kuweka pesa hakuwezekani kwa sasa. Tafadhali jaribu tena baadaye.",
    ),
    WITHDRAWAL: Both(
        "Withdrawals are not available at the moment. Your money is in your wallet; please try again later.",
        "Kutoa pesa hakuwezekani kwa sasa. Pesa zako ziko kwenye pochi; tafadhali jaribu tena baadaye.",
    ),
}
"""By direction."""
PAYBILL_CLOSED = Both(
    "Deposits by paybill are not available at the moment. Please try again later.",
    "Kuweka pesa kwa paybill hakuwezekani kwa sasa. Tafadhali jaribu tena baadaye.",
)
OUT_OF_ORDER = Both(
    "Withdrawals are out of order for the moment and we are on it. Your money is in your wallet.",
    "Kutoa pesa kuna hitilafu kwa sasa na tunaishughulikia. Pesa zako ziko kwenye pochi yako.",
)
ACCOUNT_CLOSED = Both(
    "This account was closed. Contact support about what is in its wallet.",
    "Akaunti hii ilifungwa. Wasiliana nasi kuhusu kilichomo kwenye pochi yake.",
)
KEYS_UNREADABLE = Both(
    "Our own keys cannot be read at the moment. Please try again in a moment.",
    "Funguo zetu wenyewe hazisomeki kwa sasa. Tafadhali jaribu tena baada ya muda mfupi.",
)
REQUEST_REUSED = Both(
    "This clientRequestId was used for another request. Use a new one.",
    "Namba hii ya ombi (clientRequestId) ilitumika kwa ombi lingine. Tumia namba mpya.",
)
NO_SUCH_PAYMENT = Both(
    "There is no such payment.",
    "Hakuna malipo kama haya.",
)
PHONE_UNKNOWN = Both(
    "The player's phone number is not known.",
    "Namba ya simu ya mchezaji haijulikani.",
)
BUSY = Both(
    "Your account is busy. Nothing was sent; please try again.",
    "Akaunti yako ina shughuli kwa sasa. Hakuna kilichotumwa; tafadhali jaribu tena.",
)
NO_NUMBER_FREE = Both(
    "No account number is free.",
    "Hakuna namba ya akaunti iliyo wazi.",
)
NO_DEPOSITS = Both("you cannot deposit", "huwezi kuweka pesa")
"""What follows for a player who is stopped."""


def may_not_deposit(status: str) -> Both:
    """Say why a player, or a wallet, takes no money."""
    if status == "CLOSED":
        return Both(
            "Your wallet is closed, so you cannot deposit. Contact support.",
            "Pochi yako imefungwa, kwa hiyo huwezi kuweka pesa. Wasiliana nasi.",
        )
    return Both(
        "Your account is stopped, so you cannot deposit. Your profile says why. You can appeal there.",
        "Akaunti yako imesimamishwa, kwa hiyo huwezi kuweka pesa. Wasifu unasema sababu. Unaweza kukata rufaa hapo.",
    )


def deposit_range(minimum: str, maximum: str) -> Both:
    """Say between which amounts, in shillings, a deposit must be."""
    return Both(
        f"A deposit must be from {minimum} to {maximum} shillings.",
        f"Kiasi cha kuweka ni kuanzia shilingi {minimum} hadi {maximum}.",
    )


def payout_range(minimum: str, maximum: str) -> Both:
    """Say between which amounts, in shillings and before tax, a withdrawal must be."""
    return Both(
        f"A withdrawal must be from {minimum} to {maximum} shillings, before tax.",
        f"Kiasi cha kutoa ni kuanzia shilingi {minimum} hadi {maximum}, kabla ya kodi.",
    )


def daily_limit(limit: str, left: str) -> Both:
    """Say what of a day's limit, in shillings, is left."""
    return Both(
        f"You may withdraw {limit} shillings a day, and {left} are left today. Try a smaller amount, or tomorrow.",
        f"Unaweza kutoa shilingi {limit} kwa siku, na leo zimebaki {left}. Jaribu kiasi kidogo, au kesho.",
    )


_WINDOWS = {"day": "siku", "week": "wiki", "month": "mwezi"}


def deposit_limit(window: str, limit: str, left: str) -> Both:
    """Say what is left of a player's own limit on deposits for a window, in shillings."""
    return Both(
        f"Your limit on deposits is {limit} shillings a {window}, and {left} are left. Choose a smaller amount.",
        f"Kikomo chako cha kuweka pesa ni shilingi {limit} kwa {_WINDOWS[window]}, na zimebaki {left}. "
        "Chagua kiasi kidogo.",
    )


_USES = {"deposit": "kuweka", "withdraw": "kutoa"}


def identity_limit(use: str, limit: str, left: str) -> Both:
    """Say what is left today of what a player's identity lets them deposit or withdraw, in shillings."""
    return Both(
        f"Until we have verified who you are you may {use} {limit} shillings a day, and {left} are left today. "
        "Show us your document, or choose a smaller amount.",
        f"Hadi tutakapothibitisha wewe ni nani unaweza {_USES[use]} shilingi {limit} kwa siku, na leo zimebaki {left}. "
        "Tuonyeshe kitambulisho chako, au chagua kiasi kidogo.",
    )


def prompt_too_soon(seconds: int) -> Both:
    """Say when the next prompt may be asked for."""
    return Both(
        f"You were sent a prompt a moment ago. Answer it, or try again in {seconds} seconds.",
        f"Umetumiwa ombi la M-Pesa muda mfupi uliopita. Lijibu, au jaribu tena baada ya sekunde {seconds}.",
    )


def pay_by_hand(business: str, number: str) -> Both:
    """Say how a player pays in by hand."""
    return Both(
        f"In M-PESA choose Lipa na M-PESA, then Pay Bill. Business number {business}, "
        f"account number {number}, then the amount and your PIN.",
        f"Kwenye M-PESA chagua Lipa na M-PESA, kisha Pay Bill. Namba ya biashara {business}, "
        f"namba ya akaunti {number}, kisha kiasi na PIN yako.",
    )


# -- to support and administrators

MOVED = "The payment has moved meanwhile. Look again."
NO_SUCH_WITHDRAWAL = "There is no such withdrawal."
NO_SUCH_DEPOSIT = "There is no such deposit."
NOTHING_DECIDED = "Nothing was decided about this payment."
NOT_IN_REVIEW = "This withdrawal does not wait for a review."
NOT_IN_SUSPENSE = "This payment is not in suspense any more."
PLAYER_IS_STOPPED = "This player is stopped, so nothing is credited to them. Give the money back to who paid it."
NOBODYS_NUMBER = "This accountNumber is nobody's. A player sees theirs where they deposit by paybill."
BAD_RECEIPT = "receipt has 6 to 20 capital letters and digits, for example SG632NMUAB."
BANNER_NEEDED = "Closing needs a banner: the sentence that players see."
ONLY_ORDERS = "Only an uncertain withdrawal or reversal can be resolved by hand."
ONLY_UNCERTAIN = "Only a payment whose outcome is uncertain can be resolved by hand."
NOTHING_TO_STOP = "M-Pesa is not being asked again, so there is nothing to stop."
STOP_FIRST = "M-Pesa is asked again by itself, so it may yet be done. Decide STOP first."
NOT_ASKED_AGAIN = "Only what was stopped, or what M-Pesa said that it did not do, is asked again."
ONLY_PAID_DEPOSITS = "Only a paid deposit that was not given back can be reversed."
RECEIPT_UNKNOWN = "M-Pesa's receipt of this deposit is not known yet. The daily pull finds it."
OTHER_REVERSAL = "This payment is being dealt with by somebody else."
REVERSAL_ENDED = "The reversal has ended otherwise meanwhile."
OTHER_ADDRESSES = "M-Pesa has other addresses of ours. Delete them on its portal, then register again."


def contradicted(reason: str) -> str:
    """Say that what somebody decided is not what the table says."""
    return f"The receipt or the payment contradicts this: {reason}."


def no_domain(problem: str) -> str:
    """Say that M-Pesa cannot be given our addresses."""
    return f"Set a callback domain first: {problem}."
