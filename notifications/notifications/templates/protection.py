"""Limits, time-outs, exclusions, and who somebody is: what the law has us tell."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "LIMIT_SET": Template(
        "LAW",
        en=Words("Limit set", "Your {limit:word} is KES {amount} from now on."),
        sw=Words("Kikomo kimewekwa", "Kuanzia sasa {limit:word} ni KES {amount}."),
    ),
    "LIMITS_CHANGED": Template(
        "LAW",
        en=Words(
            "Limits changed",
            "Several of your limits changed: see them in the app. Tighter ones hold now, looser ones after 24 hours.",
        ),
        sw=Words(
            "Vikomo vimebadilishwa",
            "Vikomo vyako vimebadilika: vitazame kwenye programu. Vya chini vinaanza sasa, vya juu baada ya saa 24.",
        ),
    ),
    "LIMIT_LOOSER_ASKED": Template(
        "LAW",
        en=Words(
            "Higher limit asked for",
            "You asked to raise or remove your {limit:word}. Confirm it after 24 hours; it stays until then.",
        ),
        sw=Words(
            "Umeomba kikomo cha juu",
            "Umeomba kuongeza au kuondoa {limit:word}. Thibitisha baada ya saa 24; hadi hapo hakibadiliki.",
        ),
    ),
    "LIMIT_RAISED": Template(
        "LAW",
        en=Words("Limit raised", "As you confirmed, your {limit:word} is KES {amount} from now on."),
        sw=Words("Kikomo kimeongezwa", "Kama ulivyothibitisha, kuanzia sasa {limit:word} ni KES {amount}."),
    ),
    "LIMIT_REMOVED": Template(
        "LAW",
        en=Words("Limit removed", "As you confirmed, your {limit:word} is removed. You can set one again at any time."),
        sw=Words("Kikomo kimeondolewa", "Kama ulivyothibitisha, {limit:word} kimeondolewa. Unaweza kukiweka tena."),
    ),
    "TIME_OUT_TAKEN": Template(
        "LAW",
        en=Words(
            "Time-out begun",
            "Your time-out lasts until {until:moment}. You cannot bet or deposit until then. You can still withdraw.",
        ),
        sw=Words(
            "Mapumziko yameanza",
            "Mapumziko yako yataisha {until:moment}. Hadi hapo huwezi kubashiri wala kuweka pesa. Unaweza kutoa pesa.",
        ),
    ),
    "EXCLUDED": Template(
        "LAW",
        en=Words(
            "Self-exclusion begun",
            "You are excluded, as you asked: no bets, no deposits. You can withdraw. Until when, and help: in the app.",
        ),
        sw=Words(
            "Umejitenga",
            "Umejitenga. Huwezi kubashiri wala kuweka pesa, ila kutoa tu. Hadi lini, na usaidizi: programuni.",
        ),
    ),
    "LISTED": Template(
        "LAW",
        en=Words(
            "On the exclusion register",
            "You are on the exclusion register: you cannot bet or deposit. You can still withdraw your money.",
        ),
        sw=Words(
            "Uko kwenye rejista ya waliojitenga",
            "Uko kwenye rejista ya waliojitenga: huwezi kubashiri wala kuweka pesa. Bado unaweza kutoa pesa zako.",
        ),
    ),
    "UNLISTED": Template(
        "LAW",
        en=Words("Off the exclusion register", "You are no longer on the exclusion register."),
        sw=Words("Umeondolewa kwenye rejista", "Haumo tena kwenye rejista ya waliojitenga."),
    ),
    "EXCLUSION_ENDING": Template(
        "LAW",
        en=Words(
            "Self-exclusion ends",
            "As you asked, your exclusion ends at {ends:moment}. You can exclude yourself again at any time.",
        ),
        sw=Words(
            "Kujitenga kunaisha",
            "Kama ulivyoomba, kujitenga kwako kutaisha {ends:moment}. Unaweza kujitenga tena wakati wowote.",
        ),
    ),
    "IDENTITY_VERIFIED": Template(
        "LAW",
        en=Words("Identity verified", "Your identity is verified. Thank you."),
        sw=Words("Utambulisho umethibitishwa", "Utambulisho wako umethibitishwa. Asante."),
    ),
    "IDENTITY_REJECTED": Template(
        "LAW",
        en=Words(
            "Identity not verified",
            "We could not verify your identity. See why in the app, and send your details again.",
        ),
        sw=Words(
            "Utambulisho haujathibitishwa",
            "Hatukuweza kuthibitisha utambulisho wako. Tazama sababu kwenye programu, kisha utume taarifa zako tena.",
        ),
    ),
}
