"""A payment provider's accounts are a row: with it, all that the ledger posts for that provider stands there."""

from collections.abc import Callable

import pytest

from betsafi.errors import InvalidInput
from wallet.rules import chains, ledger, providers
from wallet.rules.ledger import Entry
from wallet.rules.providers import Provider

OTHER = Provider("other:in", "other:out", "other:fees")


def paid_out(provider: Provider) -> Entry:
    step = chains.pay_out(chains.place_hold("u", "w", "WITHDRAWAL", 100)[1], 95, 5, 0, provider=provider)
    assert step is not None
    return step.entry


def given_back(provider: Provider) -> Entry:
    step = chains.reverse_deposit(chains.place_hold("u", "r", "REVERSAL", 95)[1], 100, 95, 5, provider)
    assert step is not None
    return step.entry


OPERATIONS: dict[str, tuple[Callable[[Provider], Entry], dict[str, int]]] = {
    "deposit": (lambda p: ledger.deposit("u", "d", 100, 95, 5, source=p.collection), {"collection": -100}),
    "payout": (paid_out, {"payout": 95}),
    "reversal": (given_back, {"collection": 100}),
    "suspense": (lambda p: ledger.suspense_in("R", 100, p), {"collection": -100}),
    "return": (lambda p: ledger.suspense_return("R", 100, p), {"collection": 100}),
    "fees": (lambda p: ledger.fees("f", 100, p.payout, p), {"payout": 100, "fees": -100}),
    "float": (lambda p: ledger.float_transfer("t", 100, p.collection, p.payout), {"collection": 100, "payout": -100}),
    "tax": (lambda p: ledger.tax_remittance("t", ledger.EXCISE, 100, p.payout), {"payout": 100}),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("provider", [providers.STANDARD, OTHER])
def test_every_operation_stands_in_the_accounts_of_its_provider_alone(name: str, provider: Provider) -> None:
    post, expected = OPERATIONS[name]
    ours = ("user:", "tax:", "suspense")
    moved = {account: cents for account, cents in post(provider).postings if not account.startswith(ours)}
    assert moved == {getattr(provider, account): cents for account, cents in expected.items()}


def test_the_names_that_entries_have_stay() -> None:
    assert providers.PROVIDERS["MPESA"] == Provider("mpesa:paybill", "mpesa:utility", "mpesa:fees")


def test_a_payment_that_names_no_provider_is_m_pesa_s_and_an_unknown_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert providers.provider(None) == providers.PROVIDERS["MPESA"]
    for name in ("OTHER", "", "mpesa"):
        with pytest.raises(InvalidInput, match="provider"):
            providers.provider(name)
    monkeypatch.setitem(providers.PROVIDERS, "OTHER", OTHER)
    assert providers.provider("OTHER") == OTHER
