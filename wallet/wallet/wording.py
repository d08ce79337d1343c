"""The wallet's sentences to players: why something is refused, and what to do. No I/O."""

from betsafi.languages import Both
from betsafi.money import format_amount

NO_WALLET = Both(
    "There is no such wallet.",
    "Hakuna pochi kama hii.",
)
NO_WALLET_YET = Both(
    "There is no such wallet yet. Please try again in a moment.",
    "Bado hakuna pochi kama hii. Tafadhali jaribu tena baada ya muda mfupi.",
)
BUSY = Both(
    "The account is busy. Nothing was changed; please try again.",
    "Akaunti ina shughuli kwa sasa. Hakuna kilichobadilika; tafadhali jaribu tena.",
)
CANCELLED_BEFORE = Both(
    "This was cancelled before it came.",
    "Ombi hili lilighairiwa kabla halijafika.",
)
ID_USED = Both(
    "This id was used before for something else.",
    "Namba hii ilitumika kwa ombi lingine.",
)

OTHER_SERVICE = Both(
    "This money is held by another service.",
    "Pesa hizi zimewekwa kando na huduma nyingine.",
)
NO_HOLD = Both(
    "There is no hold {hold_id}.",
    "Hakuna pesa zilizowekwa kando kwa {hold_id}.",
)
MORE_THAN_HELD = Both(
    "That is more than what is left of the hold.",
    "Hicho kinazidi kilichobaki cha pesa zilizowekwa kando.",
)

NO_BETS = Both("no bets are taken", "mikeka yako haipokelewi")
"""What follows for a player who is stopped."""
MONEY_HELD = Both(
    "Your account is stopped and its money is held. Your profile says why and until when. You can appeal there.",
    "Akaunti yako imesimamishwa na pesa zake zinashikiliwa. Wasifu unasema sababu na muda. Unaweza kukata rufaa.",
)
REGISTER_UNANSWERED = Both(
    "We could not ask the register of excluded players, so no bets are taken for the moment. Please try again later.",
    "Hatukuweza kuuliza rejista ya waliojizuia, kwa hiyo mikeka haipokelewi kwa sasa. Tafadhali jaribu tena baadaye.",
)
TOO_LOW = Both(
    "Your balance is too low. Deposit, or choose a smaller amount.",
    "Salio lako halitoshi. Weka pesa, au chagua kiasi kidogo.",
)
TERMS_NOT_ACCEPTED = Both(
    "Our terms or our privacy notice have changed. Read and accept them before your next bet.",
    "Masharti yetu au taarifa ya faragha imebadilika. Isome na uikubali kabla ya mkeka unaofuata.",
)
ABOVE_IDENTITY = Both(
    "This stake is above what is left for today until we have verified who you are. Show us your document.",
    "Dau hili linazidi kilichobaki leo hadi tutakapothibitisha wewe ni nani. Tuonyeshe kitambulisho chako.",
)
ABOVE_LIMIT_OF_ONE_BET = Both(
    "This stake is above your limit for one bet.",
    "Dau hili linazidi kikomo chako cha mkeka mmoja.",
)
PAYOUT_LIMITS = {
    "day": Both(
        "With your other bets of that day this could pay more than is paid for one day. Choose a smaller stake.",
        "Pamoja na mikeka yako mingine ya siku hiyo huu ungelipa zaidi ya kiwango cha siku. Chagua dau dogo zaidi.",
    ),
    "same": Both(
        "With your equal bets this could pay more than is paid on one bet. Choose a smaller stake.",
        "Pamoja na mikeka yako inayofanana huu ungelipa zaidi ya kinacholipwa kwa mkeka mmoja. Chagua dau dogo zaidi.",
    ),
}
"""By what is counted together."""


def not_active(status: str) -> Both:
    """Of an account that is closed, or stopped with or without its money."""
    if status == "CLOSED":
        return Both("This account is closed. Contact support.", "Akaunti hii imefungwa. Wasiliana nasi.")
    return Both(
        "Your account is stopped. Your profile says why and until when. You can appeal there.",
        "Akaunti yako imesimamishwa. Wasifu wako unasema kwa nini na hadi lini. Unaweza kukata rufaa hapo.",
    )


def reality_check(minutes: int, staked: int, net: int) -> Both:
    """Of a player who has bet for so many minutes, staked so much and won or lost so much, in cents."""
    amount = format_amount(abs(net))
    result, matokeo = "are even", "hujashinda wala kupoteza"
    if net:
        result = f"have {'won' if net > 0 else 'lost'} KES {amount}"
        matokeo = f"{'umeshinda' if net > 0 else 'umepoteza'} KES {amount}"
    return Both(
        f"You have been betting for {minutes} minutes, staked KES {format_amount(staked)} and {result}. Go on?",
        f"Umebashiri kwa dakika {minutes}, umeweka dau la KES {format_amount(staked)} na {matokeo}. Uendelee?",
    )


def owes(cents: int) -> Both:
    """Of a player who owes something, in cents."""
    owed = format_amount(cents)
    return Both(
        f"You owe KES {owed} after a corrected result. Money that comes in repays it first.",
        f"Unadaiwa KES {owed} baada ya matokeo kusahihishwa. Pesa zitakazoingia zitalipa deni hili kwanza.",
    )


def above_limit(sort: str, window: str) -> Both:
    """Of a stake that is above what is left of a limit (stake or loss) for a window (day, week, month)."""
    return Both(
        f"This stake is above what is left of your {sort} limit for this {window}.",
        f"Dau hili linazidi kilichobaki cha kikomo chako cha {_SORTS[sort]} {_WINDOWS[window]}.",
    )


_SORTS = {"stake": "dau", "loss": "hasara"}
_WINDOWS = {"day": "cha siku hii", "week": "cha wiki hii", "month": "cha mwezi huu"}


def wrong_period(longest_days: int) -> Both:
    """Of a statement's days that are in the wrong order, or too many."""
    return Both(
        f"A statement covers 1 to {longest_days} days: from is the first of them, to the last.",
        f"Taarifa inahusu siku 1 hadi {longest_days}: from ni ya kwanza, to ni ya mwisho.",
    )


def too_many_entries(most: int) -> Both:
    """Of a statement that would have more entries than it may."""
    return Both(
        f"This period has more than {most:,} entries. Choose a shorter one.",
        f"Kipindi hiki kina miamala zaidi ya {most:,}. Chagua kifupi zaidi.",
    )
