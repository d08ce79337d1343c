"""Sign-ins and addresses: what its owner must know at once if it was not them."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "NEW_DEVICE": Template(
        "SECURITY",
        en=Words(
            "New device",
            "Your account was opened on a new device at {at:moment}. Not you? Sign out everywhere and tell us.",
        ),
        sw=Words(
            "Kifaa kipya",
            "Akaunti yako imefunguliwa kwenye kifaa kipya {at:moment}. Si wewe? Ondoka kwenye vifaa vyote, utuambie.",
        ),
    ),
    "PHONE_CHANGED": Template(
        "SECURITY",
        en=Words(
            "Phone number changed",
            "The phone number of your account was changed at {at:moment}. If that was not you, tell us at once.",
        ),
        sw=Words(
            "Nambari ya simu imebadilishwa",
            "Nambari ya simu ya akaunti yako imebadilishwa {at:moment}. Kama si wewe, tuambie mara moja.",
        ),
    ),
    "EMAIL_CHANGED": Template(
        "SECURITY",
        en=Words(
            "E-mail address changed",
            "The e-mail address of your account was changed at {at:moment}. If that was not you, tell us at once.",
        ),
        sw=Words(
            "Barua pepe imebadilishwa",
            "Barua pepe ya akaunti yako imebadilishwa {at:moment}. Kama si wewe, tuambie mara moja.",
        ),
    ),
}
