"""The sentences of users to people: why something is refused, what to do, and the SMS with a code. No I/O.

The SMS is in both languages, for nobody knows yet who reads it, and so is why an account is stopped; what the API
refuses players with is in the language of the token.
"""

from betsafi import clock

CODE_SMS = {
    "CODE": "{code} is your BETSAFI code. Never share it. Usimpe mtu yeyote namba hii.",
    "CODE#CONFIRM": "{code} confirms what you asked BETSAFI for just now. Never share it. Usimpe mtu yeyote namba hii.",
    "CODE#LEAVE": "{code} takes this number OFF your BETSAFI account. Not you? Call us. Usimpe mtu yeyote namba hii.",
    "CODE#TAKE": "{code} puts this number on a BETSAFI account. Never share it. Usimpe mtu yeyote namba hii.",
    "CODE#EMAIL": "{code} confirms this address for your BETSAFI account. Never share it. Usimpe mtu yeyote namba hii.",
}
"""By what the code is for (`table.Purpose`)."""
LEFT_SMS = "BETSAFI: your account has another number now. Not you? Call us at once. Akaunti yako ina namba nyingine."
LOCKED_SMS = "BETSAFI: too many wrong codes. Codes rest for 24 hours. Use your password or call us. Tumia nenosiri."

NAMELESS_DEVICE = "A device"
DEVICE_ID = "deviceId is 22 to 64 letters, digits, hyphens or underscores, made at random by the app."
DEVICE_NEEDED = "Sign in with a code on this device first."
DEVICE_LOCKED = "Too many wrong answers. Use a device that you have signed in on before, or contact support."
TOO_MANY_DEVICES = "You have signed in on too many devices. Please contact support."
NO_DEVICE = "There is no such device."
SIGNED_OUT = "You were signed out on this device. Please sign in again."

PHONE_NUMBER = "Write your phone number like +254712345678."
BIRTHDATE = "Write your date of birth like 1990-12-31."
UNDER_AGE = "You must be at least 18 years old to bet."
LANGUAGE = "Choose English (EN) or Kiswahili (SW)."
NO_CHANGE = "Say what to change: displayName or language."
PASSWORD_SPACE = "A password has no space at its beginning or end."
PASSWORD_GUESSED = "Choose another password: this one is too easy to guess."

WRONG_CODE = "This code is wrong or too old. Ask for a new one."
CODE_DIGITS = "{name} is the code of 6 digits that was sent to you."
SAME_NUMBER = "newNumber is the number that you have."
NUMBER_RESTS = "This number was another player's until recently. Please use another one, or contact support."
NO_PHONE_CHANGE = "No change of a phone number waits here. Ask for one first."
PHONE_TOO_OFTEN = "You have asked for too many changes today. Please try again tomorrow."
PHONE_CHANGED_MEANWHILE = "Something changed at this moment. Look again, and start anew."
DOCUMENT_KIND = "documentKind is NATIONAL_ID, PASSPORT or ALIEN_ID."
DOCUMENT_NUMBER = {
    "NATIONAL_ID": "number is that of a national identity card: 6 to 9 digits.",
    "PASSPORT": "number is that of a passport: letters and digits, for example A1234567.",
    "ALIEN_ID": "number is that of an alien identity card: 6 to 9 digits.",
}
PERSON_NAME = "{name} is written with letters, as on the document."
DOCUMENT_TAKEN = "This document belongs to another account. Please contact support."
IDENTITY_DECIDED = "Your identity is being verified or is verified already. Please contact support to change it."
TOO_MANY_DOCUMENTS = "You have tried too often today. Please try again tomorrow."
TERMS_OUTDATED = "There are newer terms. Please read and accept them."
REGISTER_DOWN = "The register does not answer."
NOT_NOW = "This does not work at the moment. Please try again."
EMAIL_SUBJECT = "BETSAFI"
EMAIL = "email is an address like amina@example.com."
EMAIL_TOO_OFTEN = "You have asked for too many addresses today. Please try again tomorrow."
NO_EMAIL_ASKED = "No e-mail address waits for a code. Set one first."
NO_EMAIL = "We cannot send an e-mail to this address."
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
    "What staff did about the player, stops, limits and interventions: evidence of how we protected them.",
    "Which terms were accepted, and when.",
    "M-Pesa's callbacks in payment's archive, which nobody can change, until their years are over.",
    "Backups of the tables, for 35 days.",
)
"""What stays of a player who is erased."""
NOT_STOPPED = "This account is not stopped."
APPEALED = "You have appealed already. We answer in your inbox."
NO_APPEAL = "No appeal waits for an answer here."
CHANGED_MEANWHILE = "Somebody else changed this at this moment. Look again."
MONEY_IS_HELD = "The money of this account is held. An administrator must let it go."
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

_MONEY = {
    False: (
        "You can withdraw all that is available. Open bets stay and are paid if they win.",
        "Unaweza kutoa pesa zote zilizopo. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
    ),
    True: (
        "We hold your money until we have decided: you cannot withdraw. Open bets stay and are paid if they win.",
        "Tunashikilia pesa zako hadi tuamue: huwezi kuzitoa. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
    ),
}
"""By whether it is held."""


def stop_reason(code: str, language: str) -> str:
    """Why an account is stopped, for the player."""
    return _STOPS[code][language == "sw"]


def stopped_money(held: bool, language: str) -> str:
    """What becomes of the money of a stopped account, for the player."""
    return _MONEY[held][language == "sw"]


BUSY = "Somebody else changes this at the moment. Please try again."

LIMITS_ONCE = "input names the limits to set, each of them once."
MONTHS_OR_FOR_GOOD = "Say either months, from 6 to 60, or forGood."
EXCLUDED = "You are on the register of excluded players, so you cannot open an account."
NOT_ASKED = "Nothing looser was asked for here in the last days. Ask for it first."
NOT_EXCLUDED = "You have not excluded yourself."
EXCLUDED_FOR_GOOD = "You have excluded yourself for good."


def limit_name(names: tuple[str, ...]) -> str:
    """Of a limit that there is not."""
    return f"A limit is one of {', '.join(name.upper() for name in names)}."


def limit_too_large(most: str) -> str:
    """Of a limit above the most that one may be, in shillings."""
    return f"A limit is at most KES {most}. Leave amount out for no limit."


def not_yet(ripe_at: str) -> str:
    """Of a looser limit that has not waited for a day, until a stamp."""
    return f"A looser limit waits for a day. Confirm it from {_nairobi(ripe_at)} on."


def excluded_until(until: str) -> str:
    """Of an exclusion whose end may be asked for from a stamp on."""
    return f"You have excluded yourself until {_nairobi(until)}. You can ask for its end from then on."


def _nairobi(stamp: str) -> str:
    return f"{clock.parse_stamp(stamp).astimezone(clock.NAIROBI):%d.%m.%Y, %H:%M}"


def password_length(shortest: int, longest: int) -> str:
    """Of a password that is too short or too long."""
    return f"A password has {shortest} to {longest} characters."
