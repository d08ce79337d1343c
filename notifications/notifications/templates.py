"""What players are notified of, in English and Kiswahili: plain format strings, no code.

Texts name amounts, never people, numbers or reasons that a person typed. An SMS is the text after `SMS_PREFIX`; with
the largest amounts it stays within 160 GSM characters, so it is one message and one charge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from betsafi.money import format_amount

SMS_PREFIX = "BETSAFI: "
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Words:
    """One template in one language, or, with its amounts filled in, one message."""

    title: str
    text: str


TEMPLATES: dict[str, dict[str, Words]] = {
    "WELCOME": {
        "en": Words(
            "Welcome to BETSAFI",
            "Welcome! Your account is open. Deposit by M-Pesa and place your first bet. Only for 18+. Bet responsibly.",
        ),
        "sw": Words(
            "Karibu BETSAFI",
            "Karibu! Akaunti yako imefunguliwa. Weka pesa kwa M-Pesa na ubashiri. Kwa 18+ pekee. Bashiri kwa busara.",
        ),
    },
    "ACCOUNT_SUSPENDED": {
        "en": Words(
            "Account suspended",
            "Your account is suspended: you cannot bet or deposit. You can still withdraw your money. Ask us for help.",
        ),
        "sw": Words(
            "Akaunti imesimamishwa",
            "Akaunti yako imesimamishwa: huwezi kubashiri wala kuweka pesa. Bado unaweza kutoa pesa zako. Tuulize.",
        ),
    },
    "ACCOUNT_REINSTATED": {
        "en": Words("Account active again", "Your account is active again. You can bet and deposit."),
        "sw": Words("Akaunti imerejeshwa", "Akaunti yako imerejeshwa. Unaweza kubashiri na kuweka pesa tena."),
    },
    "BET_ACCEPTED": {
        "en": Words("Bet accepted", "Your bet of KES {stake} is accepted. Possible payout: KES {payout}. Good luck!"),
        "sw": Words(
            "Dau limekubaliwa",
            "Dau lako la KES {stake} limekubaliwa. Malipo yanayowezekana: KES {payout}. Kila la heri!",
        ),
    },
    "BET_REJECTED": {
        "en": Words(
            "Bet not accepted", "Your bet of KES {stake} was not accepted and costs you nothing. See why in the app."
        ),
        "sw": Words(
            "Dau halikukubaliwa",
            "Dau lako la KES {stake} halikukubaliwa na hutozwi chochote. Tazama sababu kwenye programu.",
        ),
    },
    "BET_CANCELLED": {
        "en": Words("Bet cancelled", "Your bet is cancelled. Your stake of KES {stake} is going back to your wallet."),
        "sw": Words("Dau limeghairiwa", "Dau lako limeghairiwa. Dau la KES {stake} linarudishwa kwenye pochi yako."),
    },
    "BET_WON": {
        "en": Words("You won!", "Your bet of KES {stake} has won! KES {payout} is going to your wallet."),
        "sw": Words("Umeshinda!", "Dau lako la KES {stake} limeshinda! KES {payout} zinawekwa kwenye pochi yako."),
    },
    "BET_PART_BACK": {
        "en": Words(
            "Part of your stake is back", "Of your bet of KES {stake} a part comes back: KES {payout} to your wallet."
        ),
        "sw": Words(
            "Sehemu ya dau imerudi",
            "Sehemu ya dau lako la KES {stake} inarudi: KES {payout} zinawekwa kwenye pochi yako.",
        ),
    },
    "BET_LOST": {
        "en": Words("Bet lost", "Your bet of KES {stake} did not win this time."),
        "sw": Words("Dau limepotea", "Dau lako la KES {stake} halikushinda safari hii."),
    },
    "BET_VOID": {
        "en": Words("Bet void", "Your bet of KES {stake} is void. KES {payout} is going back to your wallet."),
        "sw": Words(
            "Dau limebatilishwa", "Dau lako la KES {stake} limebatilishwa. KES {payout} zinarudi kwenye pochi yako."
        ),
    },
    "BET_REOPENED": {
        "en": Words("Result corrected", "The result was corrected: your bet of KES {stake} is open again."),
        "sw": Words("Matokeo yamerekebishwa", "Matokeo yamerekebishwa: dau lako la KES {stake} liko wazi tena."),
    },
    "BET_REPRICED": {
        "en": Words(
            "Odds corrected", "The odds of your bet of KES {stake} were corrected. Possible payout: KES {payout}."
        ),
        "sw": Words(
            "Odds zimerekebishwa",
            "Odds za dau lako la KES {stake} zimerekebishwa. Malipo yanayowezekana: KES {payout}.",
        ),
    },
    "BET_CORRECTED_WON": {
        "en": Words(
            "Result corrected",
            "The result was corrected: your bet of KES {stake} has won. It pays KES {payout} in all.",
        ),
        "sw": Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: dau lako la KES {stake} limeshinda. Linalipa jumla ya KES {payout}.",
        ),
    },
    "BET_CORRECTED_PART_BACK": {
        "en": Words(
            "Result corrected",
            "The result was corrected: of your bet of KES {stake} a part comes back, KES {payout} in all.",
        ),
        "sw": Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: sehemu ya dau lako la KES {stake} inarudi, jumla ya KES {payout}.",
        ),
    },
    "BET_CORRECTED_LOST": {
        "en": Words("Result corrected", "The result was corrected: your bet of KES {stake} did not win."),
        "sw": Words("Matokeo yamerekebishwa", "Matokeo yamerekebishwa: dau lako la KES {stake} halikushinda."),
    },
    "BET_CORRECTED_VOID": {
        "en": Words(
            "Result corrected",
            "The result was corrected: your bet of KES {stake} is void. KES {payout} goes back to your wallet.",
        ),
        "sw": Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: dau lako la KES {stake} limebatilishwa. KES {payout} zinarudi kwenye pochi yako.",
        ),
    },
    "DEPOSIT_COMPLETED": {
        "en": Words(
            "Deposit received",
            "KES {amount} received by M-Pesa. KES {credit} is going to your wallet after excise duty of KES {excise}.",
        ),
        "sw": Words(
            "Pesa zimepokelewa",
            "KES {amount} zimepokelewa kwa M-Pesa. KES {credit} zinaingia pochini baada ya ushuru wa KES {excise}.",
        ),
    },
    "DEPOSIT_FAILED": {
        "en": Words(
            "Deposit not completed",
            "Your deposit of KES {amount} was not completed. If M-Pesa did charge you, it will reach your wallet.",
        ),
        "sw": Words(
            "Pesa hazikuwekwa",
            "Uwekaji wako wa KES {amount} haukukamilika. Ikiwa M-Pesa ilikutoza, pesa zitafika kwenye pochi yako.",
        ),
    },
    "DEPOSIT_REVERSED": {
        "en": Words(
            "Deposit given back",
            "KES {amount} paid by mistake is back with the M-Pesa that paid it. KES {credit} is leaving your wallet.",
        ),
        "sw": Words(
            "Pesa zimerudishwa",
            "KES {amount} zilizolipwa kimakosa zimerudi kwa M-Pesa iliyolipa. KES {credit} zinatoka kwenye pochi yako.",
        ),
    },
    "DEBT_REPAID": {
        "en": Words(
            "What you owed",
            "KES {credited} came to your wallet. KES {repaid} of it repaid what you owed. You still owe KES {owed}.",
        ),
        "sw": Words(
            "Deni lako",
            "KES {credited} zimeingia pochini. KES {repaid} kati yake zimelipa deni lako. Bado unadaiwa KES {owed}.",
        ),
    },
    "WITHDRAWAL_IN_REVIEW": {
        "en": Words(
            "Withdrawal being checked",
            "We are checking your withdrawal of KES {amount}. The money is set aside. We will tell you the result.",
        ),
        "sw": Words(
            "Ombi linakaguliwa",
            "Tunakagua ombi lako la kutoa KES {amount}. Pesa zimetengwa. Tutakujulisha matokeo.",
        ),
    },
    "WITHDRAWAL_COMPLETED": {
        "en": Words(
            "Withdrawal paid",
            "KES {paid} sent to your M-Pesa from your withdrawal of KES {amount}, after tax of KES {withholding}.",
        ),
        "sw": Words(
            "Pesa zimetumwa",
            "KES {paid} zimetumwa kwa M-Pesa yako kutoka ombi la KES {amount}, baada ya kodi ya KES {withholding}.",
        ),
    },
    "WITHDRAWAL_FAILED": {
        "en": Words(
            "Withdrawal not paid",
            "Your withdrawal of KES {amount} was not paid. The money is going back to your wallet.",
        ),
        "sw": Words(
            "Pesa hazikutumwa",
            "Ombi lako la kutoa KES {amount} halikulipwa. Pesa zinarudi kwenye pochi yako.",
        ),
    },
}
"""Words by template name and language."""

TAKEN_BACK = {
    "en": " KES {taken} is taken back; what your balance does not cover is owed, and repaid first by what comes in.",
    "sw": " KES {taken} zinachukuliwa tena; zisizo kwenye salio lako ni deni, litakalolipwa kwanza na pesa zijazo.",
}
"""What a correction adds, by language, where it takes money back. No SMS has it, so it may be long."""

TO_THE_PHONE = frozenset(
    {
        "WELCOME",
        "ACCOUNT_SUSPENDED",
        "ACCOUNT_REINSTATED",
        "DEPOSIT_COMPLETED",
        "DEPOSIT_FAILED",
        "DEPOSIT_REVERSED",
        "WITHDRAWAL_IN_REVIEW",
        "WITHDRAWAL_COMPLETED",
        "WITHDRAWAL_FAILED",
        "DEBT_REPAID",
    }
)
"""What is worth the price of an SMS: money in and out, security and status. All else waits in the inbox."""


def render(template: str, language: str, cents: Mapping[str, int]) -> Words:
    """Return a message with its amounts in shillings; English where the language is not one of ours.

    Raises KeyError for an unknown template or a missing amount.
    """
    language = language if language in TEMPLATES[template] else DEFAULT_LANGUAGE
    words = TEMPLATES[template][language]
    text = words.text + (TAKEN_BACK[language] if cents.get("taken") else "")
    amounts = {name: format_amount(value) for name, value in cents.items()}
    return Words(words.title, text.format_map(amounts))
