"""The page of all messages shows each in both languages, and says what would cost more than one SMS."""

from pathlib import Path
from unittest.mock import patch

import pytest

from notifications.templates import TEMPLATES
from notifications.templates.words import Template, Words
from tools import messages


def test_every_template_is_on_the_page_in_both_languages_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.main(["--out", str(tmp_path / "deep" / "messages.html")]) == 0
    page = (tmp_path / "deep" / "messages.html").read_text()
    assert page.count("GSM-7, ") == 4 * len(TEMPLATES)
    for name, template in TEMPLATES.items():
        assert f"<h3>{name} <code>{template.version}</code></h3>" in page
    assert "Dau lako la KES 1250.50 limekubaliwa." in page
    assert "KES 1000000000.00" in page
    assert "of 160 places" in capsys.readouterr().out


def test_a_text_of_two_sms_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = Template("BETS", Words("Long", "a" * 152), Words("Ndefu", "b" * 151))
    with patch.dict(TEMPLATES, {"LONG": long}):
        assert messages.main(["--out", str(tmp_path / "messages.html")]) == 1
    assert "LONG (en, longest): 2 SMS" in capsys.readouterr().err
    assert "(sw" not in capsys.readouterr().err


def test_what_a_text_says_cannot_change_the_page(tmp_path: Path) -> None:
    bad = Template("BETS", Words("<b>", "<script>alert(1)</script>"), Words("<i>", "&"))
    with patch.dict(TEMPLATES, {"BAD": bad}):
        messages.main(["--out", str(tmp_path / "messages.html")])
    assert "<script>" not in (tmp_path / "messages.html").read_text()


def test_prices_are_shillings_a_thousand() -> None:
    prices = messages.kes_per_thousand()
    assert prices["sms by africastalking"] == 800
    assert prices["e-mail by ses"] == pytest.approx(12.9)
    assert prices["sms by sns"] is None
