"""The API for carriers' reports exactly as notifications/reports.js declares it: from a post to what is read of it."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import pytest

from notifications import reports
from notifications.reports import Report
from tests.support import gate
from tests.support.gate import Gate

FORM = "application/x-www-form-urlencoded"
SIGNED = f"/reports/africastalking/{reports.sign('key', 'africastalking')}"


@pytest.fixture(scope="module")
def api(emulator: str) -> Gate:
    declared = gate.declared("notifications/reports.js", smsCarrier="africastalking", reportAddresses="")
    return gate.run(emulator, declared, ("ReportRoot", "ReportCarrier", "ReportPath"), "ReportPost", "carrier-reports")


def posted(api: Gate, path: str, form: Mapping[str, str], content_type: str = FORM) -> dict[str, str]:
    assert api.post(path, urlencode(form).encode(), content_type)[0] == 200
    return api.received()


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", f"{FORM};charset=utf-8"])
def test_a_report_comes_through_as_it_was_posted(api: Gate, content_type: str) -> None:
    form = {"id": "ATXid_1+/=", "status": "Failed", "failureReason": "DeliveryFailure & more", "phoneNumber": "+254711"}
    message = posted(api, SIGNED, form, content_type)
    assert reports.is_signed(message, "key")
    assert not reports.is_signed(message, "another")
    assert reports.read(message) == Report("ATXid_1+/=", False, "DeliveryFailure & more")


def test_odd_path_parameters_cannot_break_out_of_their_field(api: Gate) -> None:
    forged = quote('","hmac":"x', safe="")
    message = posted(
        api, f"/reports/{forged}/{quote('&Action=DeleteQueue', safe='')}", {"id": "a", "status": "Success"}
    )
    assert not reports.is_signed(message, "key")
    assert reports.read(message) == Report("a", True)


@pytest.mark.parametrize("path", ["/reports", "/reports/africastalking", "/other/africastalking/0f"])
def test_other_paths_are_not_there(api: Gate, path: str) -> None:
    assert api.post(path, b"", FORM)[0] in (403, 404)


def test_there_is_no_api_where_another_carrier_carries_sms() -> None:
    assert gate.declared("notifications/reports.js", smsCarrier="sns", reportAddresses="") == {}
