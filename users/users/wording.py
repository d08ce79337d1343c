"""The sentences of users to people: why something is refused, what to do, and the SMS with a code. No I/O.

The SMS is in both languages, for nobody knows yet who reads it, and so is why an account is stopped; what the API
refuses with is in English alone (docs/decisions.md, 90).
"""

CODE_SMS = "{code} is your BETSAFI code. Never share it. Usimpe mtu yeyote namba hii."

PHONE_NUMBER = "Write your phone number like +254712345678."
BIRTHDATE = "Write your date of birth like 1990-12-31."
UNDER_AGE = "You must be at least 18 years old to bet."
LANGUAGE = "Choose English (EN) or Kiswahili (SW)."
NO_CHANGE = "Say what to change: displayName or language."
PASSWORD_SPACE = "A password has no space at its beginning or end."
PASSWORD_GUESSED = "Choose another password: this one is too easy to guess."

NO_SMS = "We cannot send an SMS to this number."
NO_CODE_NOW = "We cannot send you a code at the moment. Please try again in a minute."
CODE_NEEDED = "Prove your phone number with a code first."
SIGN_IN_AGAIN = "Sign in again before you choose a password."
NUMBER_CHANGED = "Your account has another phone number. Please contact support."
NUMBER_TAKEN = "This number belongs to another account. Please contact support."
NO_SIGN_IN = "There is no such sign-in."
NO_SIGNING_IN_NOW = "Signing in does not work at the moment. Please try again."
ERASED = "This player was erased."
NO_PLAYER = "There is no such player."
STILL_STOPPED = "The account is stopped, and a new one would undo that. Decide about the stop first."
WALLET_NOT_CLOSED = "The player's wallet is not closed: pay it out and close it first."
KEPT = (
    "The ledger's entries, bets and payments: what tax and money-laundering law asks for, for seven years and longer.",
    "What staff did about the player, stops of the account and interventions: evidence of how we protected the player.",
    "M-Pesa's callbacks in payment's archive, which nobody can change, until their years are over.",
    "Backups of the tables, for 35 days.",
)
"""What stays of a player who is erased."""
NOT_STOPPED = "This account is not stopped."
APPEALED = "You have appealed already. We answer in your inbox."
NO_APPEAL = "No appeal waits for an answer here."
CHANGED_MEANWHILE = "Somebody else changed this at this moment. Look again."
STOPPED_BY_YOURSELF = "You stopped this account. Somebody else must answer the appeal."

_STOPS = {
    "IDENTITY": ("We need to check who you are.", "Tunahitaji kuthibitisha wewe ni nani."),
    "PAYMENT": ("We are checking a payment of yours.", "Tunakagua malipo yako."),
    "SAFETY": ("We are worried that betting is harming you.", "Tuna wasiwasi kwamba kubashiri kunakudhuru."),
    "RULES": ("We are checking whether our rules were broken.", "Tunachunguza kama sheria zetu zilivunjwa."),
    "SECOND_ACCOUNT": ("It seems that you have a second account.", "Inaonekana una akaunti ya pili."),
    "LAW": ("An authority asked us to stop your account.", "Mamlaka imetuomba tusimamishe akaunti yako."),
    "REQUEST": ("You asked us to stop your account.", "Ulituomba tusimamishe akaunti yako."),
}
STOP_CODES = tuple(_STOPS)
"""Why we may stop an account; each has a sentence for the player, in English and in Kiswahili."""

_MONEY = (
    "You can withdraw all that is available. Open bets stay and are paid if they win.",
    "Unaweza kutoa pesa zote zilizopo. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
)


def stop_reason(code: str, language: str) -> str:
    """Why an account is stopped, for the player."""
    return _STOPS[code][language == "sw"]


def stopped_money(language: str) -> str:
    """What becomes of the money of a stopped account, for the player."""
    return _MONEY[language == "sw"]


def password_length(shortest: int, longest: int) -> str:
    """Of a password that is too short or too long."""
    return f"A password has {shortest} to {longest} characters."
