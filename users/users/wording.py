"""The sentences of users to people: why something is refused, what to do, and the SMS with a code. No I/O.

What players read is in both languages; what staff alone are refused with is in English. The SMS with a code for signing
in has both in one text, for nobody knows yet who reads it.
"""

from betsafi import clock
from betsafi.languages import Both

_SIGN_IN = "{code} is your BETSAFI code. Never share it. Usimpe mtu yeyote namba hii."
CODE_SMS = {
    "CODE": Both(_SIGN_IN, _SIGN_IN),
    "CODE#CONFIRM": Both(
        "{code} confirms what you asked BETSAFI for just now. Never share it.",
        "{code} inathibitisha ulichoomba BETSAFI sasa hivi. Usimpe mtu yeyote namba hii.",
    ),
    "CODE#LEAVE": Both(
        "{code} takes this number OFF your BETSAFI account. Not you? Call us. Never share it.",
        "{code} inaondoa namba hii kwenye akaunti yako ya BETSAFI. Si wewe? Tupigie. Usimpe mtu yeyote namba hii.",
    ),
    "CODE#TAKE": Both(
        "{code} puts this number on a BETSAFI account. Never share it.",
        "{code} inaweka namba hii ya simu kwenye akaunti ya BETSAFI. Usimpe mtu yeyote namba hii.",
    ),
    "CODE#EMAIL": Both(
        "{code} confirms this address for your BETSAFI account. Never share it.",
        "{code} inathibitisha anwani hii kwa akaunti yako ya BETSAFI. Usimpe mtu yeyote namba hii.",
    ),
}
"""By what the code is for (`table.Purpose`)."""
LEFT_SMS = Both(
    "BETSAFI: your account has another number now. Not you? Call us at once.",
    "BETSAFI: akaunti yako ina namba nyingine ya simu sasa. Si wewe? Tupigie mara moja.",
)
LOCKED_SMS = Both(
    "BETSAFI: too many wrong codes. Codes rest for 24 hours. Use your password or call us.",
    "BETSAFI: namba za siri nyingi mno zimekosewa. Hazitumwi kwa saa 24. Tumia nenosiri au tupigie.",
)

NAMELESS_DEVICE = "A device"
DEVICE_ID = Both(
    "deviceId is 22 to 64 letters, digits, hyphens or underscores, made at random by the app.",
    "deviceId ni herufi, tarakimu, - au _ kati ya 22 na 64, ambazo programu imezibuni bila mpangilio.",
)
DEVICE_NEEDED = Both(
    "Sign in with a code on this device first.",
    "Ingia kwanza kwa namba ya siri kwenye kifaa hiki.",
)
DEVICE_LOCKED = Both(
    "Too many wrong answers. Use a device that you have signed in on before, or contact support.",
    "Majibu mengi mno si sahihi. Tumia kifaa ulichowahi kuingia nacho, au wasiliana nasi.",
)
TOO_MANY_DEVICES = Both(
    "You have signed in on too many devices. Please contact support.",
    "Umeingia kwenye vifaa vingi mno. Tafadhali wasiliana nasi.",
)
NO_DEVICE = Both(
    "There is no such device.",
    "Hakuna kifaa kama hiki.",
)
SIGNED_OUT = Both(
    "You were signed out on this device. Please sign in again.",
    "Umetolewa kwenye kifaa hiki. Tafadhali ingia tena.",
)

BIRTHDATE = Both(
    "Write your date of birth like 1990-12-31.",
    "Andika tarehe yako ya kuzaliwa kama 1990-12-31.",
)
UNDER_AGE = Both(
    "You must be at least 18 years old to bet.",
    "Lazima uwe na umri wa miaka 18 au zaidi ili kubashiri.",
)
LANGUAGE = Both(
    "Choose English (EN) or Kiswahili (SW).",
    "Chagua Kiingereza (EN) au Kiswahili (SW).",
)
NO_CHANGE = Both(
    "Say what to change: displayName or language.",
    "Sema unachotaka kubadilisha: displayName au language.",
)
PASSWORD_SPACE = Both(
    "A password has no space at its beginning or end.",
    "Nenosiri halina nafasi mwanzoni wala mwishoni.",
)
PASSWORD_GUESSED = Both(
    "Choose another password: this one is too easy to guess.",
    "Chagua nenosiri lingine: hili ni rahisi mno kukisia.",
)

WRONG_CODE = Both(
    "This code is wrong or too old. Ask for a new one.",
    "Namba ya siri si sahihi au imepitwa na wakati. Omba nyingine.",
)
CODE_DIGITS = Both(
    "{name} is the code of 6 digits that was sent to you.",
    "{name} ni namba ya siri ya tarakimu 6 uliyotumiwa.",
)
SAME_NUMBER = Both(
    "newNumber is the number that you have.",
    "newNumber ni namba uliyo nayo tayari.",
)
NUMBER_RESTS = Both(
    "This number was another player's until recently. Please use another one, or contact support.",
    "Namba hii ilikuwa ya mchezaji mwingine hadi hivi karibuni. Tumia nyingine, au wasiliana nasi.",
)
NO_PHONE_CHANGE = Both(
    "No change of a phone number waits here. Ask for one first.",
    "Hakuna badiliko la namba ya simu linalosubiri hapa. Liombe kwanza.",
)
PHONE_TOO_OFTEN = Both(
    "You have asked for too many changes today. Please try again tomorrow.",
    "Umeomba kubadilisha namba mara nyingi mno leo. Tafadhali jaribu tena kesho.",
)
PHONE_CHANGED_MEANWHILE = Both(
    "Something changed at this moment. Look again, and start anew.",
    "Kuna kitu kimebadilika sasa hivi. Angalia tena, kisha uanze upya.",
)
DOCUMENT_KIND = Both(
    "documentKind is NATIONAL_ID, PASSPORT or ALIEN_ID.",
    "documentKind ni NATIONAL_ID, PASSPORT au ALIEN_ID.",
)
DOCUMENT_NUMBER = {
    "NATIONAL_ID": Both(
        "number is that of a national identity card: 6 to 9 digits.",
        "number ni ya kitambulisho cha taifa: tarakimu 6 hadi 9.",
    ),
    "PASSPORT": Both(
        "number is that of a passport: letters and digits, for example A1234567.",
        "number ni ya pasipoti: herufi na tarakimu, kwa mfano A1234567.",
    ),
    "ALIEN_ID": Both(
        "number is that of an alien identity card: 6 to 9 digits.",
        "number ni ya kitambulisho cha mgeni: tarakimu 6 hadi 9.",
    ),
}
PERSON_NAME = Both(
    "{name} is written with letters, as on the document.",
    "{name} huandikwa kwa herufi, kama kwenye kitambulisho.",
)
IDENTITY_DECIDED = Both(
    "Your identity is being verified or is verified already. Please contact support to change it.",
    "Utambulisho wako unathibitishwa au umeshathibitishwa. Tafadhali wasiliana nasi ili kuubadilisha.",
)
TOO_MANY_DOCUMENTS = Both(
    "You have tried too often today. Please try again tomorrow.",
    "Umejaribu mara nyingi mno leo. Tafadhali jaribu tena kesho.",
)
TERMS_OUTDATED = Both(
    "There are newer terms. Please read and accept them.",
    "Kuna masharti mapya. Tafadhali yasome na uyakubali.",
)
REGISTER_DOWN = "The register does not answer."
NOT_NOW = Both(
    "This does not work at the moment. Please try again.",
    "Haiwezekani kwa sasa. Tafadhali jaribu tena.",
)
EMAIL_SUBJECT = "BETSAFI"
EMAIL = Both(
    "email is an address like amina@example.com.",
    "email ni anwani kama amina@example.com.",
)
EMAIL_TOO_OFTEN = Both(
    "You have asked for too many addresses today. Please try again tomorrow.",
    "Umeomba anwani nyingi mno leo. Tafadhali jaribu tena kesho.",
)
NO_EMAIL_ASKED = Both(
    "No e-mail address waits for a code. Set one first.",
    "Hakuna anwani ya barua pepe inayosubiri namba ya siri. Weka anwani kwanza.",
)
NO_EMAIL = Both(
    "We cannot send an e-mail to this address.",
    "Hatuwezi kutuma barua pepe kwa anwani hii.",
)
NO_SMS = Both(
    "We cannot send an SMS to this number.",
    "Hatuwezi kutuma SMS kwa namba hii.",
)
NO_CODE_NOW = Both(
    "We cannot send you a code at the moment. Please try again in a minute.",
    "Hatuwezi kukutumia namba ya siri kwa sasa. Tafadhali jaribu tena baada ya dakika moja.",
)
CODE_NEEDED = Both(
    "Prove your phone number with a code first.",
    "Thibitisha kwanza namba yako ya simu kwa namba ya siri.",
)
SIGN_IN_AGAIN = Both(
    "Sign in again before you choose a password.",
    "Ingia tena kabla ya kuchagua nenosiri.",
)
NUMBER_CHANGED = Both(
    "Your account has another phone number. Please contact support.",
    "Akaunti yako ina namba nyingine ya simu. Tafadhali wasiliana nasi.",
)
NUMBER_TAKEN = Both(
    "This number belongs to another account. Please contact support.",
    "Namba hii ni ya akaunti nyingine. Tafadhali wasiliana nasi.",
)
NO_SIGN_IN = Both(
    "There is no such sign-in.",
    "Hakuna akaunti ya kuingia kama hii.",
)
NO_SIGNING_IN_NOW = Both(
    "Signing in does not work at the moment. Please try again.",
    "Kuingia hakuwezekani kwa sasa. Tafadhali jaribu tena.",
)
ERASED = Both(
    "This player was erased.",
    "Mchezaji huyu alifutwa.",
)
NO_PLAYER = Both(
    "There is no such player.",
    "Hakuna mchezaji kama huyu.",
)
NO_ONE_S_NUMBER = "Nobody has this number now. Ask for the number that the player signs in with."
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
NOT_STOPPED = Both(
    "This account is not stopped.",
    "Akaunti hii haijasimamishwa.",
)
APPEALED = Both(
    "You have appealed already. We answer in your inbox.",
    "Umeshakata rufaa. Tutakujibu kwenye ujumbe wako.",
)
NO_APPEAL = "No appeal waits for an answer here."
CHANGED_MEANWHILE = Both(
    "Somebody else changed this at this moment. Look again.",
    "Mtu mwingine amebadilisha hili sasa hivi. Angalia tena.",
)
MONEY_IS_HELD = "The money of this account is held. An administrator must let it go."
STOPPED_BY_YOURSELF = "You stopped this account. Somebody else must answer the appeal."

STOPS = {
    "IDENTITY": Both("We need to check who you are.", "Tunahitaji kuthibitisha wewe ni nani."),
    "PAYMENT": Both("We are checking a payment of yours.", "Tunakagua malipo yako."),
    "SAFETY": Both("We are worried that betting is harming you.", "Tuna wasiwasi kwamba kubashiri kunakudhuru."),
    "RULES": Both("We are checking whether our rules were broken.", "Tunachunguza kama sheria zetu zilivunjwa."),
    "SECOND_ACCOUNT": Both("It seems that you have a second account.", "Inaonekana una akaunti ya pili."),
    "LAW": Both("An authority asked us to stop your account.", "Mamlaka imetuomba tusimamishe akaunti yako."),
    "REQUEST": Both("You asked us to stop your account.", "Ulituomba tusimamishe akaunti yako."),
}
"""Why we may stop an account, for its player."""

MONEY = {
    False: Both(
        "You can withdraw all that is available. Open bets stay and are paid if they win.",
        "Unaweza kutoa pesa zote zilizopo. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
    ),
    True: Both(
        "We hold your money until we have decided: you cannot withdraw. Open bets stay and are paid if they win.",
        "Tunashikilia pesa zako hadi tuamue: huwezi kuzitoa. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
    ),
}
"""What becomes of the money of a stopped account, by whether it is held."""

BUSY = Both(
    "Somebody else changes this at the moment. Please try again.",
    "Kuna mwingine anayebadilisha hili kwa sasa. Tafadhali jaribu tena.",
)

LIMITS_ONCE = Both(
    "input names the limits to set, each of them once.",
    "input inataja vikomo vya kuweka, kila kimoja mara moja.",
)
MONTHS_OR_FOR_GOOD = Both(
    "Say either months, from 6 to 60, or forGood.",
    "Sema ama months, 6 hadi 60, au forGood.",
)
EXCLUDED = Both(
    "You are on the register of excluded players, so you cannot open an account.",
    "Uko kwenye rejista ya waliojizuia, kwa hiyo huwezi kufungua akaunti.",
)
NOT_ASKED = Both(
    "Nothing looser was asked for here in the last days. Ask for it first.",
    "Hakuna kikomo kilicholegezwa ulichoomba hapa siku za karibuni. Kiombe kwanza.",
)
NOT_EXCLUDED = Both(
    "You have not excluded yourself.",
    "Hujajizuia.",
)
EXCLUDED_FOR_GOOD = Both(
    "You have excluded yourself for good.",
    "Umejizuia kwa kudumu.",
)


def phone_number(name: str) -> Both:
    """Of what is no phone number, in a field of that name."""
    where = f"{name}: " if name else ""
    return Both(
        f"{where}Write your phone number like +254712345678.",
        f"{where}Andika namba yako ya simu kama +254712345678.",
    )


def limit_name(names: tuple[str, ...]) -> Both:
    """Of a limit that there is not."""
    known = ", ".join(name.upper() for name in names)
    return Both(f"A limit is one of {known}.", f"Kikomo ni kimoja cha {known}.")


def limit_too_large(most: str) -> Both:
    """Of a limit above the most that one may be, in shillings."""
    return Both(
        f"A limit is at most KES {most}. Leave amount out for no limit.",
        f"Kikomo ni KES {most} kwa wingi. Acha amount bila kitu ili kusiwe na kikomo.",
    )


def not_yet(ripe_at: str) -> Both:
    """Of a looser limit that has not waited for a day, until a stamp."""
    return Both(
        f"A looser limit waits for a day. Confirm it from {_nairobi(ripe_at)} on.",
        f"Kikomo kilicholegezwa husubiri kwa siku nzima. Kithibitishe kuanzia {_nairobi(ripe_at)}.",
    )


def excluded_until(until: str) -> Both:
    """Of an exclusion whose end may be asked for from a stamp on."""
    return Both(
        f"You have excluded yourself until {_nairobi(until)}. You can ask for its end from then on.",
        f"Umejizuia hadi {_nairobi(until)}. Kuanzia hapo unaweza kuomba kizuizi kiishe.",
    )


def _nairobi(stamp: str) -> str:
    return f"{clock.parse_stamp(stamp).astimezone(clock.NAIROBI):%d.%m.%Y, %H:%M}"


def password_length(shortest: int, longest: int) -> Both:
    """Of a password that is too short or too long."""
    return Both(
        f"A password has {shortest} to {longest} characters.", f"Nenosiri lina herufi {shortest} hadi {longest}."
    )
