"""The account itself: its beginning and its status."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "WELCOME": Template(
        "LAW",
        en=Words(
            "Welcome to BETSAFI",
            "Welcome! Your account is open. Deposit by M-Pesa and place your first bet. Only for 18+. Bet responsibly.",
        ),
        sw=Words(
            "Karibu BETSAFI",
            "Karibu! Akaunti yako imefunguliwa. Weka pesa kwa M-Pesa na ubashiri. Kwa 18+ pekee. Bashiri kwa busara.",
        ),
    ),
    "ACCOUNT_SUSPENDED": Template(
        "LAW",
        en=Words(
            "Account suspended",
            "Your account is suspended: you cannot bet or deposit. You can still withdraw your money. Ask us for help.",
        ),
        sw=Words(
            "Akaunti imesimamishwa",
            "Akaunti yako imesimamishwa: huwezi kubashiri wala kuweka pesa. Bado unaweza kutoa pesa zako. Tuulize.",
        ),
    ),
    "ACCOUNT_REINSTATED": Template(
        "LAW",
        en=Words("Account active again", "Your account is active again. You can bet and deposit."),
        sw=Words("Akaunti imerejeshwa", "Akaunti yako imerejeshwa. Unaweza kubashiri na kuweka pesa tena."),
    ),
    "ACCOUNT_STOPPED": Template(
        "LAW",
        en=Words(
            "Account stopped",
            "Your account is stopped: no bets or deposits. We decide by {deadline:day}. See why and appeal in the app.",
        ),
        sw=Words(
            "Akaunti imesitishwa",
            "Akaunti yako imesitishwa: huwezi kubashiri. Tutaamua kabla ya {deadline:day}. Tazama sababu, kata rufaa.",
        ),
    ),
    "MONEY_HELD": Template(
        "LAW",
        en=Words(
            "Account stopped, money held",
            "Your account is stopped and its money is held. We decide by {deadline:day}. See why, appeal in the app.",
        ),
        sw=Words(
            "Akaunti na pesa zimesitishwa",
            "Akaunti imesitishwa, pesa haziwezi kutolewa. Tutaamua kabla ya {deadline:day}. Tazama sababu, kata rufaa.",
        ),
    ),
    "APPEAL_ANSWERED": Template(
        "LAW",
        en=Words("Your appeal is answered", "We have decided on your appeal. Read our answer in the app."),
        sw=Words("Rufaa yako imejibiwa", "Tumeamua kuhusu rufaa yako. Soma jibu letu kwenye programu."),
    ),
}
