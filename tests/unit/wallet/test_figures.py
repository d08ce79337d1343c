"""What entries of the ledger are of stakes, winnings, payments and taxes, and the returns that are made of them."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from wallet.rules import activity, chains, figures, ledger, returns
from wallet.rules.figures import Figures
from wallet.rules.ledger import Entry
from wallet.rules.statement import StatementTooLong

AT = "2026-11-26T21:30:00.000000Z"


def item(entry: Entry, hold: chains.Hold | None = None, at: str = AT) -> dict[str, Any]:
    """An entry as the table has it."""
    kept = {"pk": "USER#u", "sk": entry.id, "at": at, "entry_id": entry.id, "entry_kind": entry.kind}
    kept |= {"reference": entry.reference, "postings": [list(posting) for posting in entry.postings]}
    return {**kept, **({"hold": {"kind": hold.kind, "id": hold.id, "step": hold.step}} if hold else {})}


def of_step(step: chains.Step | None) -> dict[str, Any]:
    assert step is not None
    return item(step.entry, step.hold)


def bet(stake: int = 100) -> tuple[dict[str, Any], chains.Hold]:
    entry, hold = chains.place_hold("u", "b", "BET", stake)
    return item(entry, hold), hold


def test_a_bet_that_is_settled_corrected_and_reopened_is_worth_its_last_result() -> None:
    placed, hold = bet()
    won = chains.settle(hold, 1, 250, 0)
    assert won is not None
    lost = chains.settle(won.hold, 2, 0, 100)  # of 250 that were paid 100 are left: 150 are owed
    assert lost is not None
    opened = chains.reopen(lost.hold, 3, 0)
    assert opened is not None
    life = [placed, of_step(won), of_step(lost), of_step(opened)]
    sums = [figures.total(map(figures.figures, life[:n])) for n in range(1, 5)]
    assert sums == [
        Figures(staked=100),
        Figures(staked=100, settled=100, won=250),
        Figures(staked=100, settled=100, won=0),
        Figures(staked=100),
    ]
    assert [of.gross_revenue for of in sums] == [0, -150, 100, 0]


def test_a_bet_that_was_given_back_was_never_staked() -> None:
    placed, hold = bet()
    back = of_step(chains.release(hold, "rejected"))
    assert figures.total(map(figures.figures, [placed, back])) == Figures()


def test_a_withdrawal_is_no_stake_and_its_tax_is_withheld() -> None:
    entry, hold = chains.place_hold("u", "w", "WITHDRAWAL", 1_000)
    paid = of_step(chains.pay_out(hold, 900, 50, 50))
    assert figures.figures(item(entry, hold)) == Figures()
    assert figures.figures(paid) == Figures(withdrawn=950, withholding=50)


@pytest.mark.parametrize("owed", [0, 30, 500])
def test_a_deposit_counts_with_its_excise_whatever_it_repays_and_a_reversal_undoes_it(owed: int) -> None:
    came = item(ledger.deposit("u", "d", 100, 95, 5, owed))
    assert figures.figures(came) == Figures(deposited=100, excise=5)
    _, hold = chains.place_hold("u", "r", "REVERSAL", 95)
    gone = of_step(chains.reverse_deposit(hold, 100, 95, 5))
    assert figures.total(map(figures.figures, [came, gone])) == Figures()


def test_what_is_no_figure_is_none_and_a_tax_that_was_paid_is_remitted() -> None:
    assert not figures.figures(item(ledger.fees("f", 10)))
    assert not figures.figures(item(ledger.float_transfer("t", 10)))
    assert figures.figures(item(ledger.tax_remittance("x", ledger.EXCISE, 7))) == Figures(remitted=7)
    assert figures.figures(item(ledger.bonus("u", "g", 9, "welcome"))) == Figures(bonus=9)


def test_a_day_is_the_one_in_nairobi_and_a_week_begins_on_monday() -> None:
    assert figures.day_of("2026-11-26T20:59:59.999999Z") == date(2026, 11, 26)
    assert figures.day_of("2026-11-26T21:00:00.000000Z") == date(2026, 11, 27)
    assert figures.period_of(date(2026, 11, 29), "WEEK") == date(2026, 11, 23)
    assert figures.period_of(date(2026, 11, 23), "WEEK") == date(2026, 11, 23)
    assert figures.period_of(date(2026, 11, 23), "MONTH") == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("minutes", "played"), [([], 0), ([0], 1), ([0, 29], 29), ([0, 30], 2), ([0, 10, 20, 90, 95], 25)]
)
def test_time_is_from_the_first_to_the_last_bet_of_each_session(minutes: list[int], played: int) -> None:
    began = datetime(2026, 11, 26, tzinfo=UTC)
    placed = [began + timedelta(minutes=minute) for minute in minutes]
    assert figures.playing(placed) == timedelta(minutes=played)


def test_a_summary_says_what_happened_in_each_period() -> None:
    placed, hold = bet()
    later = {**of_step(chains.settle(hold, 1, 250, 0)), "at": "2026-11-28T08:00:00.000000Z"}
    paid_in = {**item(ledger.deposit("u", "d", 1_000, 950, 50)), "at": "2026-11-26T08:00:00.000000Z"}
    entries = [paid_in, placed, later]
    days = activity.summary(entries, "DAY")
    assert [(one["from"], one["bets"], one["net"]["amount"]) for one in days] == [
        ("2026-11-26", 0, "0.00"), ("2026-11-27", 1, "-1.00"), ("2026-11-28", 0, "2.50"),
    ]  # fmt: skip
    (month,) = activity.summary(entries, "MONTH")
    assert {name: month[name]["amount"] for name in ("staked", "won", "net", "deposited", "withdrawn", "taxes")} == {
        "staked": "1.00", "won": "2.50", "net": "1.50", "deposited": "10.00", "withdrawn": "0.00", "taxes": "0.50",
    }  # fmt: skip


def test_a_summary_counts_bets_and_not_what_is_held_for_a_withdrawal() -> None:
    entries = [
        item(*chains.place_hold("u", "w", "WITHDRAWAL", 500)),
        item(*chains.place_hold("u", "b1", "BET", 100)),
        item(*chains.place_hold("u", "b2", "BET", 100), at="2026-11-26T21:37:20.000000Z"),
    ]
    (day,) = activity.summary(entries, "DAY")
    assert (day["bets"], day["minutes"]) == (2, 7)


def test_a_summary_of_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MOST_ENTRIES", 2)
    placed, _ = bet()
    assert activity.summary([placed] * 2, "DAY")
    with pytest.raises(StatementTooLong):
        activity.summary([placed] * 3, "DAY")


# -- returns


def test_returns_are_a_chain_whose_numbers_go_on() -> None:
    placed, hold = bet()
    won = {**of_step(chains.settle(hold, 1, 250, 0)), "at": "2026-11-27T21:30:00.000000Z"}
    days = [date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)]
    rows = returns.rows([won, placed, {"pk": "x", "sk": "ACCOUNT"}], days)
    chain, files = None, []
    for day in days:
        content = returns.signed(returns.content(day, "dev", rows[day], chain), "c2ln", "key-1")
        chain = returns.Chain.after(content)
        files.append(content)
    heads = [returns.read(content).head for content in files]
    assert [(head["number"], head["firstRecord"], head["records"]) for head in heads] == [
        (1, 1, 1),
        (2, 2, 1),
        (3, 3, 0),
    ]
    assert [head["previous"] for head in heads] == [None, *(returns.Chain.after(one).sha256 for one in files[:2])]
    assert returns.read(files[1]).totals == {"settledCents": 100, "wonCents": 250, "grossRevenueCents": -150}
    assert returns.problems([returns.read(content) for content in files]) == []


@pytest.mark.parametrize("fault", ["record", "total", "number", "left out", "reordered", "changed", "gap"])
def test_a_return_that_was_tampered_with_does_not_add_up(fault: str) -> None:
    rng = random.Random(7)
    chain, files = None, []
    for n, day in enumerate((date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28))):
        entries = [(bet(rng.randint(1, 900))[0], Figures(staked=rng.randint(1, 900))) for _ in range(3)]
        content = returns.signed(returns.content(day, "dev", entries, chain), f"{n}", "key-1")
        chain = returns.Chain.after(content)
        files.append(content)
    read = [returns.read(content) for content in files]
    if fault == "record":
        read[1] = replace(read[1], records=[{**read[1].records[0], "stakedCents": 1}, *read[1].records[1:]])
    elif fault == "total":
        read[1] = replace(read[1], totals={**read[1].totals, "stakedCents": 1})
    elif fault == "number":
        read[1] = replace(read[1], records=[{**read[1].records[0], "record": 99}, *read[1].records[1:]])
    elif fault == "left out":
        del read[1]
    elif fault == "reordered":
        read.reverse()
    elif fault == "gap":
        later = {**read[2].head, "firstRecord": read[2].head["firstRecord"] + 1}
        read[2] = replace(
            read[2], head=later, records=[{**each, "record": each["record"] + 1} for each in read[2].records]
        )
    else:
        read[0] = replace(read[0], sha256="0" * 64)
    assert returns.problems(read)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"format": "betsafi-return/1"}\n{"totals": {}}\n',
        b'{"format": "betsafi-return/0"}\n{"totals": {}}\n{"signature": "c2ln"}\n',
        b'{}\n{"totals": {}}\n{"signature": "c2ln"}\n',
        b'{"format": "betsafi-return/1"}\n{"sums": {}}\n{"signature": "c2ln"}\n',
        b'{"format": "betsafi-return/1"}\n{"totals": {}}\n{"signed": "c2ln"}\n',
    ],
)
def test_what_is_no_return_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"a return has a head|this is no"):
        returns.read(content)


def test_a_return_that_is_not_what_the_ledger_changed_by_says_where() -> None:
    day = date(2026, 11, 27)
    placed, hold = bet()
    entries = [placed, of_step(chains.settle(hold, 1, 250, 0)), item(ledger.bonus("u", "x", 30, "welcome"))]
    entries += [item(ledger.deposit("u", "d", 1_000, 950, 50))]
    entries += [item(ledger.tax_remittance("t", tax, 20)) for tax in (ledger.EXCISE, ledger.WITHHOLDING)]
    _, withdrawal = chains.place_hold("u", "w", "WITHDRAWAL", 500)
    entries.append(of_step(chains.pay_out(withdrawal, 400, 90, 10)))
    rows = returns.rows([{**entry, "sk": f"{n}"} for n, entry in enumerate(entries)], [day])[day]
    file = returns.read(returns.signed(returns.content(day, "dev", rows, None), "c2ln", "key-1"))
    name = day.isoformat()
    changed = {
        (name, ledger.HOUSE): -150, (name, ledger.BONUS): -30,
        (name, ledger.EXCISE): 30, (name, ledger.WITHHOLDING): 70,
    }  # fmt: skip
    assert returns.against([file], changed) == []
    for account, cents in changed.items():
        (found,) = returns.against([file], {**changed, account: cents + 1})
        assert found.startswith(name)
    assert len(returns.against([file], {})) == 3
