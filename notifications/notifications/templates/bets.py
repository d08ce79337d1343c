"""What happens to bets."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "BET_ACCEPTED": Template(
        "BETS",
        en=Words("Bet accepted", "Your bet of KES {stake} is accepted. Possible payout: KES {payout}. Good luck!"),
        sw=Words(
            "Dau limekubaliwa",
            "Dau lako la KES {stake} limekubaliwa. Malipo yanayowezekana: KES {payout}. Kila la heri!",
        ),
    ),
    "BET_REJECTED": Template(
        "BETS",
        en=Words(
            "Bet not accepted", "Your bet of KES {stake} was not accepted and costs you nothing. See why in the app."
        ),
        sw=Words(
            "Dau halikukubaliwa",
            "Dau lako la KES {stake} halikukubaliwa na hutozwi chochote. Tazama sababu kwenye programu.",
        ),
    ),
    "BET_CANCELLED": Template(
        "BETS",
        en=Words("Bet cancelled", "Your bet is cancelled. Your stake of KES {stake} is going back to your wallet."),
        sw=Words("Dau limeghairiwa", "Dau lako limeghairiwa. Dau la KES {stake} linarudishwa kwenye pochi yako."),
    ),
    "BET_WON": Template(
        "BETS",
        en=Words("You won!", "Your bet of KES {stake} has won! KES {payout} is going to your wallet."),
        sw=Words("Umeshinda!", "Dau lako la KES {stake} limeshinda! KES {payout} zinawekwa kwenye pochi yako."),
    ),
    "BET_PART_BACK": Template(
        "BETS",
        en=Words(
            "Part of your stake is back", "Of your bet of KES {stake} a part comes back: KES {payout} to your wallet."
        ),
        sw=Words(
            "Sehemu ya dau imerudi",
            "Sehemu ya dau lako la KES {stake} inarudi: KES {payout} zinawekwa kwenye pochi yako.",
        ),
    ),
    "BET_LOST": Template(
        "BETS",
        en=Words("Bet lost", "Your bet of KES {stake} did not win this time."),
        sw=Words("Dau limepotea", "Dau lako la KES {stake} halikushinda safari hii."),
    ),
    "BET_VOID": Template(
        "BETS",
        en=Words("Bet void", "Your bet of KES {stake} is void. KES {payout} is going back to your wallet."),
        sw=Words(
            "Dau limebatilishwa", "Dau lako la KES {stake} limebatilishwa. KES {payout} zinarudi kwenye pochi yako."
        ),
    ),
    "BET_REOPENED": Template(
        "BETS",
        en=Words("Result corrected", "The result was corrected: your bet of KES {stake} is open again."),
        sw=Words("Matokeo yamerekebishwa", "Matokeo yamerekebishwa: dau lako la KES {stake} liko wazi tena."),
    ),
    "BET_REPRICED": Template(
        "BETS",
        en=Words(
            "Odds corrected", "The odds of your bet of KES {stake} were corrected. Possible payout: KES {payout}."
        ),
        sw=Words(
            "Odds zimerekebishwa",
            "Odds za dau lako la KES {stake} zimerekebishwa. Malipo yanayowezekana: KES {payout}.",
        ),
    ),
    "BET_CORRECTED_WON": Template(
        "BETS",
        en=Words(
            "Result corrected",
            "The result was corrected: your bet of KES {stake} has won. It pays KES {payout} in all.",
        ),
        sw=Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: dau lako la KES {stake} limeshinda. Linalipa jumla ya KES {payout}.",
        ),
    ),
    "BET_CORRECTED_PART_BACK": Template(
        "BETS",
        en=Words(
            "Result corrected",
            "The result was corrected: of your bet of KES {stake} a part comes back, KES {payout} in all.",
        ),
        sw=Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: sehemu ya dau lako la KES {stake} inarudi, jumla ya KES {payout}.",
        ),
    ),
    "BET_CORRECTED_LOST": Template(
        "BETS",
        en=Words("Result corrected", "The result was corrected: your bet of KES {stake} did not win."),
        sw=Words("Matokeo yamerekebishwa", "Matokeo yamerekebishwa: dau lako la KES {stake} halikushinda."),
    ),
    "BET_CORRECTED_VOID": Template(
        "BETS",
        en=Words(
            "Result corrected",
            "The result was corrected: your bet of KES {stake} is void. KES {payout} goes back to your wallet.",
        ),
        sw=Words(
            "Matokeo yamerekebishwa",
            "Matokeo yamerekebishwa: dau lako la KES {stake} limebatilishwa. KES {payout} zinarudi kwenye pochi yako.",
            sms="Matokeo yamerekebishwa: dau lako la KES {stake} limebatilishwa. KES {payout} zinarudi pochini.",
        ),
    ),
}
