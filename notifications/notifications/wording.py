"""The sentences of this service to players: why something is refused, and what to do. No I/O."""

from betsafi.languages import Both

IDS = Both("Give {first} to {last} ids of notifications.", "Taja namba (ids) {first} hadi {last} za ujumbe.")
OBJECT = Both("{name} is an object.", "{name} ni kitu chenye sehemu zake (object).")
CATEGORIES = Both(
    "categories is a list with each category at most once.",
    "categories ni orodha yenye kila aina ya ujumbe mara moja kwa wingi.",
)
CATEGORY = Both("category is one of {known}.", "category ni moja ya {known}.")
CHANNEL_LIST = Both("channels is a list of channels.", "channels ni orodha ya njia.")
CHANNELS = Both(
    "channels are INBOX, PUSH, SMS and EMAIL, each at most once.",
    "channels ni INBOX, PUSH, SMS na EMAIL, kila moja mara moja kwa wingi.",
)
BY_SMS = Both(
    "Messages about security and the law always come by SMS.",
    "Ujumbe kuhusu usalama na sheria huja kwa SMS kila mara.",
)
ABOUT_MONEY = Both(
    "Messages about your money cannot be switched off.",
    "Ujumbe kuhusu pesa zako hauwezi kuzimwa.",
)
CONSENT = Both("offersConsent is true or false.", "offersConsent ni true au false.")
TOKEN = Both(
    "token is the token that the phone's push service gave the app.",
    "token ni ile ambayo huduma ya push ya simu iliipa programu.",
)
PLATFORM = Both("platform is ANDROID or IOS.", "platform ni ANDROID au IOS.")
NOT_NOW = Both(
    "This does not work at the moment. Please try again.",
    "Haiwezekani kwa sasa. Tafadhali jaribu tena.",
)
CHOICES_BUSY = Both(
    "Your choices are being changed elsewhere. Please try again.",
    "Chaguo zako zinabadilishwa kwingine. Tafadhali jaribu tena.",
)
DEVICES_BUSY = Both(
    "Your devices are being changed elsewhere. Please try again.",
    "Vifaa vyako vinabadilishwa kwingine. Tafadhali jaribu tena.",
)
DEVICES = Both(
    "You have {most} devices already. Sign out on one of them first.",
    "Tayari una vifaa {most}. Toka kwanza kwenye kimoja.",
)
ERASED = Both(
    "This account was erased. Sign up again to go on.",
    "Akaunti hii ilifutwa. Jisajili tena ili kuendelea.",
)
