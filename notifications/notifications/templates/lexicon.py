"""The names of what messages name: limits, reasons. By language, then by the word that events have for it."""

LEXICON: dict[str, dict[str, str]] = {
    "en": {
        "stake_bet": "stake limit a bet",
        "stake_day": "daily stake limit",
        "stake_week": "weekly stake limit",
        "stake_month": "monthly stake limit",
        "loss_day": "daily loss limit",
        "loss_week": "weekly loss limit",
        "loss_month": "monthly loss limit",
        "deposit_day": "daily deposit limit",
        "deposit_week": "weekly deposit limit",
        "deposit_month": "monthly deposit limit",
    },
    "sw": {
        "stake_bet": "kikomo cha dau moja",
        "stake_day": "kikomo cha dau kwa siku",
        "stake_week": "kikomo cha dau kwa wiki",
        "stake_month": "kikomo cha dau kwa mwezi",
        "loss_day": "kikomo cha hasara kwa siku",
        "loss_week": "kikomo cha hasara kwa wiki",
        "loss_month": "kikomo cha hasara kwa mwezi",
        "deposit_day": "kikomo cha kuweka pesa kwa siku",
        "deposit_week": "kikomo cha kuweka pesa kwa wiki",
        "deposit_month": "kikomo cha kuweka pesa kwa mwezi",
    },
}
