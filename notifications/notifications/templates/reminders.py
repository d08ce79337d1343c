"""What a player may want to be reminded of."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "LIMIT_RIPE": Template(
        "REMINDERS",
        en=Words("Limit waits for you", "You may now confirm the change of your {limit:word}, for seven days."),
        sw=Words("Kikomo kinakusubiri", "Sasa unaweza kuthibitisha mabadiliko ya {limit:word}, ndani ya siku saba."),
    ),
    "TERMS_CHANGED": Template(
        "REMINDERS",
        en=Words("New terms", "Our terms have changed. Please read and accept them in the app before your next bet."),
        sw=Words("Masharti mapya", "Masharti yetu yamebadilika. Tafadhali yasome na uyakubali kabla ya dau lijalo."),
    ),
}
