"""A player who reads Kiswahili is told of every refusal in Kiswahili: the app has a sentence for each code."""

import re

from tools.base.services import ROOT, packages, services

SENTENCES = ROOT / "clients" / "web" / "src" / "words" / "refusals_sw.ts"
NOT_FOR_PLAYERS = {
    "ALREADY_BOOKED",
    "BELOW_MARGIN",
    "CONFLICT_OF_INTEREST",
    "CONTRADICTION",
    "ERROR",
    "NO_APPEAL",
    "REGISTER_DOWN",
    "SAME_PERSON",
    "STILL_STOPPED",
    "UNKNOWN_HOLD",
    "WALLET_NOT_CLOSED",
}
"""Codes that staff or services meet, and that no field for players answers."""


def codes() -> set[str]:
    """Return the codes of all errors that services and the layer declare."""
    folders = [services()[name] for name in packages()] + [services()["layers"]]
    texts = (file.read_text() for folder in folders for file in folder.rglob("*.py") if ".cache" not in file.parts)
    return {code for text in texts for code in re.findall(r'^    code = "([A-Z_]+)"', text, re.MULTILINE)}


def test_every_refusal_that_players_meet_has_a_sentence_in_kiswahili() -> None:
    said = set(re.findall(r"^  (\w+): \(", SENTENCES.read_text(), re.MULTILINE))
    assert sorted(codes() - said) == sorted(NOT_FOR_PLAYERS)
