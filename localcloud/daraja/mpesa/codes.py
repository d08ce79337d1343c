"""Result codes, their texts and M-Pesa's fees (DARAJA §3.5, §5.5, §11.1)."""

from decimal import Decimal

SUCCESS = "The service request is processed successfully."

STK_TEXTS = {
    "0": SUCCESS,
    "1": "The balance is insufficient for the transaction.",
    "2": "Declined due to limit rule: less than the minimum transaction amount.",
    "3": "Declined due to limit rule: greater than the maximum transaction amount.",
    "4": "Declined due to limit rule: would exceed the daily transfer limit.",
    "8": "Declined due to limit rule: would exceed the maximum balance.",
    "17": "Rule limited.",
    "26": "System busy. Traffic blocking condition in place.",
    "1001": "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    "1019": "Transaction has expired",
    "1025": "An error occurred while sending a push request",
    "9999": "An error occurred while sending a push request",
    "1031": "Request timed out, PIN not entered",
    "1032": "Request Cancelled by user.",
    "1036": "SMSC ACK timeout.",
    "1037": "DS timeout user cannot be reached.",
    "2001": "The initiator information is invalid.",
    "2002": "The agent number and the store number do not match.",
    "2028": "The request is not permitted according to product assignment.",
    "2029": "A temporary error occurred.",
    "8006": "The security credential is locked.",
    "SFC_IC0003": "The operator does not exist.",
    "4999": "The transaction is still under processing",
}
# The same outcome reads differently in a query answer (DARAJA §3.4): decide on the code, never on the text.
STK_QUERY_TEXTS = {"1032": "Request canceled by user", "1037": "No response from user."}

B2C_TEXTS = {
    "0": SUCCESS,
    "1": "The balance is insufficient for the transaction.",
    "2": "Declined due to limit rule: less than the minimum transaction amount.",
    "3": "Declined due to limit rule: greater than the maximum transaction amount.",
    "4": "Declined due to limit rule: would exceed the daily transfer limit.",
    "8": "Declined due to limit rule: would exceed the maximum balance.",
    "11": "The DebitParty is in an invalid state.",
    "15": "Duplicate Detected.",
    "17": "Internal Failure.",
    "18": "Initiator Credential Check Failure.",
    "20": "Unresolved Initiator.",
    "21": "Initiator to Primary Party Permission Failure.",
    "26": "Traffic blocking condition in place.",
    "2001": "The initiator information is invalid.",
    "2006": "Declined due to account rule: The account status does not allow this transaction.",
    "2028": "The request is not permitted according to product assignment.",
    # Observed by two integrators in 2026, for a TransactionStatus of an unknown receipt.
    "2032": "The transaction receipt number does not exist.",
    "2040": "Credit Party customer type (Unregistered or Registered Customer) can't be supported by the service.",
    "8006": "The security credential is locked.",
    "100000001": "The system is overloaded.",
    "100000002": "Throttling error.",
    "100000011": "The service is currently unavailable.",
    "SFC_IC0003": "The operator does not exist.",
    "R000001": "The transaction has already been reversed.",
    "R000002": "The OriginalTransactionID is invalid.",
}


# What M-Pesa's SMS to the customer say; the merchant gets the texts above.
CUSTOMER_TEXTS = {
    "1": "You do not have enough money in your M-PESA account.",
    "4": "You have reached your daily limit.",
    "2001": "You entered a wrong M-PESA PIN.",
    "8006": "Your M-PESA PIN is locked. Call 100 or 200 for help.",
}


def customer_text(code: str) -> str:
    """Return the SMS for a payment that failed with ``code``."""
    return f"Failed. {CUSTOMER_TEXTS.get(code) or stk_text(code)} Your money has not been moved."


def stk_text(code: str, *, in_query: bool = False) -> str:
    """Return the ResultDesc of a code; an unknown code has an unhelpful one, as in life."""
    if in_query and code in STK_QUERY_TEXTS:
        return STK_QUERY_TEXTS[code]
    return STK_TEXTS.get(code, f"Unexpected result {code}")


def result_text(code: str) -> str:
    """Return the ResultDesc of the Result family (B2C, status, balance, reversal)."""
    return B2C_TEXTS.get(code, f"Unexpected result {code}")


_PAYBILL_CHARGES = (
    (100, 0), (500, 5), (1_000, 10), (1_500, 15), (2_500, 20), (3_500, 25), (5_000, 34), (7_500, 42), (10_000, 48),
    (15_000, 57), (20_000, 62), (25_000, 67), (30_000, 72), (35_000, 83), (40_000, 99), (45_000, 103), (250_000, 108),
)  # fmt: skip
_B2C_CHARGES = ((100, 0), (1_500, 5), (5_000, 9), (20_000, 11), (250_000, 13))


def paybill_charge(amount: int) -> Decimal:
    """What the customer pays on top of ``amount`` shillings (DARAJA §11.1, certainty M)."""
    return _charge(_PAYBILL_CHARGES, amount)


def b2c_charge(amount: int) -> Decimal:
    """What the business pays for sending ``amount`` shillings (DARAJA §11.1; above 15,000 not established)."""
    return _charge(_B2C_CHARGES, amount)


def _charge(table: tuple[tuple[int, int], ...], amount: int) -> Decimal:
    return Decimal(next((charge for up_to, charge in table if amount <= up_to), table[-1][1]))
