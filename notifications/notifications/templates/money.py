"""Money in, money out, and what is owed."""

from notifications.templates.words import Template, Words

TEMPLATES = {
    "DEPOSIT_COMPLETED": Template(
        "MONEY",
        en=Words(
            "Deposit received",
            "KES {amount} received by M-Pesa. KES {credit} is going to your wallet after excise duty of KES {excise}.",
        ),
        sw=Words(
            "Pesa zimepokelewa",
            "KES {amount} zimepokelewa kwa M-Pesa. KES {credit} zinaingia pochini baada ya ushuru wa KES {excise}.",
        ),
    ),
    "DEPOSIT_FAILED": Template(
        "MONEY",
        en=Words(
            "Deposit not completed",
            "Your deposit of KES {amount} was not completed. If M-Pesa did charge you, it will reach your wallet.",
        ),
        sw=Words(
            "Pesa hazikuwekwa",
            "Uwekaji wako wa KES {amount} haukukamilika. Ikiwa M-Pesa ilikutoza, pesa zitafika kwenye pochi yako.",
        ),
    ),
    "DEPOSIT_REVERSED": Template(
        "MONEY",
        en=Words(
            "Deposit given back",
            "KES {amount} paid by mistake is back with the M-Pesa that paid it. KES {credit} is leaving your wallet.",
        ),
        sw=Words(
            "Pesa zimerudishwa",
            "KES {amount} zilizolipwa kimakosa zimerudi kwa M-Pesa iliyolipa. KES {credit} zinatoka kwenye pochi yako.",
        ),
    ),
    "DEBT_REPAID": Template(
        "MONEY",
        en=Words(
            "What you owed",
            "KES {credited} came to your wallet. KES {repaid} of it repaid what you owed. You still owe KES {owed}.",
        ),
        sw=Words(
            "Deni lako",
            "KES {credited} zimeingia pochini. KES {repaid} kati yake zimelipa deni lako. Bado unadaiwa KES {owed}.",
        ),
    ),
    "WITHDRAWAL_IN_REVIEW": Template(
        "MONEY",
        en=Words(
            "Withdrawal being checked",
            "We are checking your withdrawal of KES {amount}. The money is set aside. We will tell you the result.",
        ),
        sw=Words(
            "Ombi linakaguliwa", "Tunakagua ombi lako la kutoa KES {amount}. Pesa zimetengwa. Tutakujulisha matokeo."
        ),
    ),
    "WITHDRAWAL_COMPLETED": Template(
        "MONEY",
        en=Words(
            "Withdrawal paid",
            "KES {paid} sent to your M-Pesa from your withdrawal of KES {amount}, after tax of KES {withholding}.",
        ),
        sw=Words(
            "Pesa zimetumwa",
            "KES {paid} zimetumwa kwa M-Pesa yako kutoka ombi la KES {amount}, baada ya kodi ya KES {withholding}.",
        ),
    ),
    "WITHDRAWAL_FAILED": Template(
        "MONEY",
        en=Words(
            "Withdrawal not paid",
            "Your withdrawal of KES {amount} was not paid. The money is going back to your wallet.",
        ),
        sw=Words("Pesa hazikutumwa", "Ombi lako la kutoa KES {amount} halikulipwa. Pesa zinarudi kwenye pochi yako."),
    ),
}
