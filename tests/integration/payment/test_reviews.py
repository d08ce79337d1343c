"""What people decide about withdrawals, and what closes or slows the channel, with a real table and a fake M-Pesa."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from betsafi import clock
from betsafi.money import format_amount
from tests.support.payment import World, payment_world
from tests.support.services import SECRET
from tests.support.taxes import paid_out
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def world(emulator: str) -> Iterator[World]:
    with payment_world(emulator, REVIEW_FIRST_WITHDRAWAL="true") as running:
        yield running


def in_review(world: World, amount: str = "500") -> tuple[Any, dict[str, Any]]:
    player = world.player()
    asked = world.pay_out(player.id, amount)["data"]
    assert asked["status"] == "REVIEW"
    return player, asked


def delayed(world: World, code: int = 1) -> tuple[Any, str]:
    """A withdrawal that M-Pesa refused for want of float."""
    player, asked = in_review(world)
    world.mpesa.script("b2c", player.phone, {"result_code": code})
    world.admin("approveWithdrawal", id=asked["id"])
    world.follow_up(asked["id"])
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "DELAYED"
    return player, asked["id"]


def resolve(world: World, payment_id: str, by: str, outcome: str = "PAID", **more: Any) -> dict[str, Any]:
    return world.admin(
        "resolveWithdrawal", by=by, id=payment_id, outcome=outcome, evidence="Seen on the portal", **more
    )


# --- reviews ------------------------------------------------------------------------------------------------------


def test_a_first_withdrawal_waits_for_an_administrator_and_is_paid_after(world: World) -> None:
    player, asked = in_review(world)
    assert asked["reason"] == "FIRST"
    assert "team" in asked["message"]
    assert world.wallet.holds[asked["id"]] == 50_000
    (told,) = world.events(asked["id"], "REQUESTED")
    assert (type(told).__name__, told.status) == ("PaymentProgressed", "REVIEW")
    assert world.follow_up(asked["id"])["status"] == "REVIEW"
    assert world.mpesa.paid(player.phone) == []
    queue = world.admin("paymentQueue", queue="REVIEW", limit=100)["data"]["items"]
    assert asked["id"] in [payment["id"] for payment in queue]
    assert world.admin("approveWithdrawal", id=asked["id"])["data"]["payment"]["status"] == "HELD"
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.item(asked["id"])["approved_by"] == "admin-1"
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]
    queue = world.admin("paymentQueue", queue="REVIEW", limit=100)["data"]["items"]
    assert asked["id"] not in [payment["id"] for payment in queue]
    second = world.pay_out(player.id, "100")["data"]
    assert second["status"] == "SUBMITTED"


def test_a_large_withdrawal_is_reviewed_every_time(world: World) -> None:
    player, asked = in_review(world)
    world.admin("approveWithdrawal", id=asked["id"])
    world.follow_up(asked["id"])
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.pay_out(player.id, "69999.99")["data"]["status"] == "SUBMITTED"
    large = world.pay_out(player.id, "70000")["data"]
    assert (large["status"], large["reason"]) == ("REVIEW", "LARGE")


def test_a_rejected_withdrawal_gives_the_money_back_and_says_so(world: World) -> None:
    player, asked = in_review(world)
    done = world.admin("rejectWithdrawal", id=asked["id"], reason="The documents do not match")["data"]
    assert (done["status"], done["reason"]) == ("FAILED", "REJECTED")
    assert "documents" not in done["message"]
    (told,) = world.events(asked["id"], "REVIEW")
    assert (type(told).__name__, told.reason) == ("WithdrawalFailed", "REJECTED")
    assert world.admin("approveWithdrawal", id=asked["id"])["error"]["type"] == "NOT_ALLOWED_NOW"
    again = world.admin("rejectWithdrawal", by="admin-2", id=asked["id"], reason="Again by mistake")["data"]
    assert again["status"] == "FAILED"
    assert world.item(asked["id"])["rejected_by"] == "admin-1"
    assert world.mpesa.paid(player.phone) == []


def test_approved_and_rejected_at_once_is_one_of_them(world: World) -> None:
    for _ in range(5):
        _, asked = in_review(world)
        together = threading.Barrier(2)

        def decide(field: str, asked: dict[str, Any] = asked, together: Any = together, **more: Any) -> dict[str, Any]:
            together.wait()
            return world.admin(field, id=asked["id"], **more)

        with ThreadPoolExecutor(2) as pool:
            approved = pool.submit(decide, "approveWithdrawal")
            rejected = pool.submit(decide, "rejectWithdrawal", reason="No, we will not")
        assert sorted("data" in answer.result() for answer in (approved, rejected)) == [False, True]
        assert world.item(asked["id"])["status"] == ("HELD" if "data" in approved.result() else "FAILED")


# --- the day's limit ------------------------------------------------------------------------------------------------


def test_a_day_s_withdrawals_have_a_limit_and_what_failed_leaves_room(world: World) -> None:
    player = world.player()
    first, second = (world.pay_out(player.id, amount)["data"] for amount in ("250000", "200000"))
    refused = world.pay_out(player.id, "50000.01")["error"]
    assert (refused["type"], refused["info"]["left"]) == ("DAILY_LIMIT_REACHED", "50000.00")
    third = world.pay_out(player.id, "50000")["data"]
    assert world.pay_out(player.id, "20")["error"]["type"] == "DAILY_LIMIT_REACHED"
    world.admin("rejectWithdrawal", id=third["id"], reason="Please ask again")
    assert world.pay_out(player.id, "50000")["data"]["status"] == "REVIEW"
    assert {first["status"], second["status"]} == {"REVIEW"}


def test_many_withdrawals_at_once_stay_within_the_day_s_limit(world: World) -> None:
    player = world.player()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.pay_out(player.id, "100000"), range(8)))
    assert sorted(answer.get("error", {}).get("type", "taken") for answer in answers) == (
        ["DAILY_LIMIT_REACHED"] * 3 + ["taken"] * 5
    )


def test_a_withdrawal_that_the_wallet_refused_leaves_room_in_the_day(world: World) -> None:
    player = world.player()
    world.wallet.faults.append(world.flows.withdrawals.Refused(409, "INSUFFICIENT_FUNDS", "Too little.", {}))
    assert world.pay_out(player.id, "250000")["error"]["type"] == "INSUFFICIENT_FUNDS"
    day = next(world.table.query_all(f"PLAYER#{player.id}", "DAY#"))
    assert day["withdrawn"] == 0


# --- what stays uncertain -------------------------------------------------------------------------------------------


def test_two_people_say_that_an_uncertain_withdrawal_was_paid(world: World) -> None:
    _, payment_id = delayed(world)
    queue = world.admin("paymentQueue", queue="DECISION", limit=100)["data"]["items"]
    assert payment_id in [payment["id"] for payment in queue]
    for _ in range(2):
        assert resolve(world, payment_id, "admin-1", receipt="SG632NMUAB")["data"]["approvedBy"] is None
    assert world.item(payment_id)["status"] == "DELAYED"
    other = resolve(world, payment_id, "admin-2", outcome="UNPAID")
    assert other["error"]["type"] == "CONFLICT"
    done = resolve(world, payment_id, "admin-2", receipt="SG632NMUAB")["data"]
    assert (done["payment"]["status"], done["payment"]["receipt"]) == ("COMPLETED", "SG632NMUAB")
    item = world.item(payment_id)
    assert item["decided_by"] == ["admin-1", "admin-2"]
    assert item["decided_because"] == ["Seen on the portal"] * 2
    assert resolve(world, payment_id, "admin-1")["error"]["type"] == "NOT_ALLOWED_NOW"


def test_two_people_say_that_it_was_not_paid_and_a_late_success_is_kept_for_a_human(world: World) -> None:
    player, asked = in_review(world)
    world.mpesa.script("b2c", player.phone, {"outcome": "approve", "callback": {"hold": True}})
    world.admin("approveWithdrawal", id=asked["id"])
    world.follow_up(asked["id"])
    for operator in ("admin-1", "admin-2"):
        done = resolve(world, asked["id"], operator, outcome="UNPAID")["data"]
    assert (done["payment"]["status"], done["payment"]["reason"]) == ("FAILED", "RESOLVED_UNPAID")
    world.mpesa.release(asked["id"])
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.quarantined(asked["id"]) == ["PAID_AFTER_FAILED"]


def test_rule_12_a_new_id_only_after_m_pesa_said_itself_that_it_did_not_pay(world: World) -> None:
    player, asked = in_review(world)
    world.mpesa.script("b2c", player.phone, {"outcome": "never"})
    world.admin("approveWithdrawal", id=asked["id"])
    world.follow_up(asked["id"])
    assert resolve(world, asked["id"], "admin-1", outcome="RETRY")["error"]["type"] == "NOT_ALLOWED_NOW"

    player, payment_id = delayed(world)
    before = world.flows.withdrawals.originator_id(world.item(payment_id))
    for operator in ("admin-1", "admin-2"):
        done = resolve(world, payment_id, operator, outcome="RETRY")["data"]
    assert done["payment"]["status"] == "HELD"
    assert world.flows.withdrawals.originator_id(world.item(payment_id)) != before
    first_result = world.callback_for(payment_id, "b")
    world.follow_up(payment_id)
    wait_for(lambda: world.mpesa.paid(player.phone), "payment", world.under_way)
    world.deliver(first_result)  # the old one again: it is about the old id
    assert world.quarantined(payment_id) == ["OTHER_CONVERSATION"]
    world.deliver(world.callbacks_for(payment_id, "b", 2)[-1])
    assert world.item(payment_id)["status"] == "COMPLETED"
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


def test_a_withdrawal_that_m_pesa_refuses_for_ever_is_stopped_and_then_decided(world: World) -> None:
    player, asked = in_review(world)
    world.mpesa.script("b2c", player.phone, {"reply": {"preset": "no_product"}}, times=None)
    world.admin("approveWithdrawal", id=asked["id"])
    assert world.follow_up(asked["id"])["status"] == "HELD"
    for outcome in ("PAID", "UNPAID", "RETRY"):
        assert resolve(world, asked["id"], "admin-1", outcome=outcome)["error"]["type"] == "NOT_ALLOWED_NOW"
    for operator in ("admin-1", "admin-2"):
        stopped = resolve(world, asked["id"], operator, outcome="STOP")["data"]["payment"]
    assert (stopped["status"], stopped["reason"]) == ("DELAYED", "STOPPED")
    assert world.follow_up(asked["id"])["status"] == "DELAYED"
    assert resolve(world, asked["id"], "admin-1", outcome="STOP")["error"]["type"] == "NOT_ALLOWED_NOW"
    originator = world.flows.withdrawals.originator_id(world.item(asked["id"]))
    for operator in ("admin-1", "admin-2"):
        resolve(world, asked["id"], operator, outcome="RETRY")
    again = world.item(asked["id"])
    # M-Pesa has not said that it did not pay, so it is asked under the same id.
    assert (again["status"], world.flows.withdrawals.originator_id(again)) == ("HELD", originator)
    for outcome, ended in (("STOP", "DELAYED"), ("UNPAID", "FAILED")):
        for operator in ("admin-1", "admin-2"):
            resolve(world, asked["id"], operator, outcome=outcome)
        assert world.item(asked["id"])["status"] == ended
    assert world.mpesa.paid(player.phone) == []


def test_a_queue_timeout_of_an_earlier_try_does_not_touch_the_next(world: World) -> None:
    player, payment_id = delayed(world)
    for operator in ("admin-1", "admin-2"):
        resolve(world, payment_id, operator, outcome="RETRY")
    signature = world.callback.callbacks.sign(SECRET["callbackKey"], "t", payment_id)
    world.deliver({"door": "t", "id": payment_id, "hmac": signature, "source": "196.201.214.200", "body": "late"})
    assert world.item(payment_id)["status"] == "HELD"
    assert world.follow_up(payment_id)["status"] == "SUBMITTED"
    wait_for(lambda: world.mpesa.paid(player.phone), "payment", world.under_way)


def test_what_waited_for_float_is_paid_when_m_pesa_tells_of_enough(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [delayed(world) for _ in range(3)]
    signature = world.callback.callbacks.sign(SECRET["callbackKey"], "a", "600000")

    def tell(shillings: int) -> list[str]:
        balance = f"Utility Account|KES|{shillings}.00|{shillings}.00|0.00|0.00"
        parameter = {"Key": "AccountBalance", "Value": balance}
        body = json.dumps({"Result": {"ResultCode": "0", "ResultParameters": {"ResultParameter": parameter}}})
        message = {"door": "a", "id": "600000", "hmac": signature, "source": "", "body": body}
        world.deliver({name: quote_plus(value) for name, value in message.items()})
        return [world.item(payment_id)["status"] for _, payment_id in waiting]

    before = [
        item for item in world.stores.payments.list_queue("DECISION", 100, None).items if item["reason"] == "FLOAT_LOW"
    ]
    each = paid_out(500_00)
    amounts = [format_amount(each)]
    others = (sum(item["paid_cents"] for item in before) - 3 * each) // 100
    assert tell(1_000_000) == ["DELAYED"] * 3  # too soon: M-Pesa may yet contradict itself
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=91))
    assert tell(0) == ["DELAYED"] * 3
    assert tell(others + 2 * each // 100) == ["HELD", "HELD", "DELAYED"]
    for player, payment_id in waiting[:2]:
        assert world.follow_up(payment_id)["status"] == "SUBMITTED"
        wait_for(lambda player=player: world.mpesa.paid(player.phone) == amounts, "payment", world.under_way)


def test_a_proposal_of_somebody_who_is_away_does_not_stand_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, payment_id = delayed(world)
    assert resolve(world, payment_id, "admin-1")["data"]["approvedBy"] is None
    assert resolve(world, payment_id, "admin-2", outcome="UNPAID")["error"]["type"] == "CONFLICT"
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=25))
    assert resolve(world, payment_id, "admin-2", outcome="UNPAID")["data"]["proposedBy"] == "admin-2"
    assert resolve(world, payment_id, "admin-3", outcome="UNPAID")["data"]["payment"]["status"] == "FAILED"


def test_nobody_approves_their_own_withdrawal(world: World) -> None:
    player, asked = in_review(world)
    assert world.admin("approveWithdrawal", by=player.id, id=asked["id"])["error"]["type"] == "FORBIDDEN"
    assert world.item(asked["id"])["status"] == "REVIEW"


def test_the_one_that_waits_longest_is_told_whatever_is_listed_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, float] = {}
    _, older = delayed(world)
    _, waiting = delayed(world)
    for operator in ("admin-1", "admin-2"):
        resolve(world, older, operator, outcome="RETRY")  # back again later, with a fresh change of status
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=3))
    world.stores.moves.move(world.item(older), "DELAYED", reason="FLOAT_LOW")
    monkeypatch.setattr(world.flows.upkeep, "gauge", told.__setitem__)
    world.flows.upkeep.report_queues()
    assert world.item(waiting)["status"] == "DELAYED"
    assert told["DecisionOldestMinutes"] >= 180


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"evidence": "short"}, "INVALID_INPUT"),
        ({"evidence": "two\nlines of it"}, "INVALID_INPUT"),
        ({"receipt": "not a receipt"}, "INVALID_INPUT"),
        ({"id": "unknown"}, "NOT_FOUND"),
    ],
)
def test_a_decision_needs_evidence(world: World, change: dict[str, Any], error: str) -> None:
    _, payment_id = delayed(world)
    given = {"id": payment_id, "outcome": "PAID", "evidence": "Seen on the portal", **change}
    assert world.admin("resolveWithdrawal", **given)["error"]["type"] == error
    assert world.item(payment_id)["status"] == "DELAYED"


def test_two_first_proposals_at_once_are_one_and_the_other_is_told(world: World) -> None:
    for _ in range(5):
        _, payment_id = delayed(world)
        together = threading.Barrier(2)

        def decide(by: str, outcome: str, together: Any = together, payment_id: str = payment_id) -> dict[str, Any]:
            together.wait()
            return resolve(world, payment_id, by, outcome)

        with ThreadPoolExecutor(2) as pool:
            answers = [pool.submit(decide, *who) for who in (("admin-1", "PAID"), ("admin-2", "UNPAID"))]
        kinds = sorted(answer.result().get("error", {}).get("type", "proposed") for answer in answers)
        assert kinds == ["CONFLICT", "proposed"]
        assert world.item(payment_id)["status"] == "DELAYED"


# --- the channel ----------------------------------------------------------------------------------------------------


def test_rule_24_a_direction_is_closed_at_once_with_a_banner_and_what_waits_is_paid_later(world: World) -> None:
    player, asked = in_review(world)
    other = world.player()
    banner = "M-Pesa is down for maintenance until 06:00."
    try:
        for kind in ("DEPOSIT", "WITHDRAWAL"):
            assert world.admin("setPaymentChannel", kind=kind, open=False)["error"]["type"] == "INVALID_INPUT"
            short = world.admin("setPaymentChannel", kind=kind, open=False, banner=banner, bannerSw="M-Pesa")
            assert short["error"]["type"] == "INVALID_INPUT"
            told = {"bannerSw": "M-Pesa inarekebishwa hadi 06:00."} if kind == "DEPOSIT" else {}
            world.admin("setPaymentChannel", kind=kind, open=False, banner=banner, **told)
        shown = world.ask(other.id, "Query", "paymentChannels")["data"]
        assert shown == {direction: {"open": False, "banner": banner} for direction in ("deposits", "withdrawals")}
        paid_in, paid_out = world.pay_in(other.id)["error"], world.pay_out(other.id)["error"]
        assert (paid_in["type"], paid_in["message"]) == ("DEPOSITS_UNAVAILABLE", banner)
        assert (paid_out["type"], paid_out["message"]) == ("WITHDRAWALS_UNAVAILABLE", banner)
        with world.speaking("sw"):
            paid_in, paid_out = world.pay_in(other.id)["error"], world.pay_out(other.id)["error"]
            shown = world.ask(other.id, "Query", "paymentChannels")["data"]
        assert paid_in["message"] == shown["deposits"]["banner"] == "M-Pesa inarekebishwa hadi 06:00."
        assert paid_out["message"] == shown["withdrawals"]["banner"]
        assert "Kutoa pesa hakuwezekani kwa sasa." in paid_out["message"], "staff said nothing in Kiswahili"
        world.admin("approveWithdrawal", id=asked["id"])
        assert world.follow_up(asked["id"])["status"] == "HELD"
        assert world.mpesa.paid(player.phone) == []
    finally:
        for kind in ("DEPOSIT", "WITHDRAWAL"):
            world.admin("setPaymentChannel", kind=kind, open=True)
    assert world.ask(other.id, "Query", "paymentChannels")["data"]["deposits"] == {"open": True, "banner": None}
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"


def test_who_begins_a_second_at_the_same_moment_as_another_has_a_turn_in_it(
    emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with payment_world(emulator, REQUESTS_PER_SECOND="2") as world:
        channel = world.daraja_channel.shared
        write, now = channel.table.write, 2_000_000_000
        meanwhile: list[bool] = []

        def late(update: Any) -> Any:
            if "attribute_not_exists" in update.condition and not meanwhile:
                meanwhile.append(False)
                meanwhile[0] = channel.take_turn(now)
            return write(update)

        monkeypatch.setattr(channel.table, "write", late)
        assert channel.take_turn(now)
        assert meanwhile == [True]
        assert not channel.take_turn(now)


def test_requests_to_m_pesa_are_limited_and_withdrawals_queue(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with payment_world(emulator, REQUESTS_PER_SECOND="3") as world:
        world.pay_in(world.player().id)  # the token is known now
        world.daraja_channel.TURN_SECONDS = 0
        second = clock.now() + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: second)

        def sent() -> int:
            return len(world.mpesa.control("GET", "/requests?path=/mpesa/b2c/v3/paymentrequest")["requests"])

        with ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(lambda _: world.pay_out(world.player().id, "100")["data"], range(8)))
        assert Counter(payment["status"] for payment in asked) == {"SUBMITTED": 3, "HELD": 5}
        assert sent() == 3
        for passed in (6, 8):
            second += timedelta(seconds=1)
            for payment in asked:
                if world.item(payment["id"])["status"] == "HELD":
                    world.follow_up(payment["id"])
            statuses = Counter(world.item(payment["id"])["status"] for payment in asked)
            assert statuses["SUBMITTED"] == passed == sent()
