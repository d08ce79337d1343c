"""How many SMS a text is, which is what it costs: GSM-7 and UCS-2, as 3GPP TS 23.038 and 23.040 count. No I/O."""

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""These take two places: an escape and the character."""
_PLACES = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""How many places a single SMS has, and each of several that are put together."""


@dataclass(frozen=True)
class Count:
    """What a text takes: its encoding, the places in it, and how many SMS that is."""

    encoding: Literal["GSM-7", "UCS-2"]
    places: int
    segments: int


def count(text: str) -> Count:
    """Return what a text takes as SMS. One character outside of GSM-7 makes all of it UCS-2.

    A character of two places is not split between two SMS.
    """
    if set(text) <= _BASIC | _EXTENDED:
        widths = [2 if character in _EXTENDED else 1 for character in text]
        return Count("GSM-7", sum(widths), _segments(widths, *_PLACES["GSM-7"]))
    widths = [len(character.encode("utf-16-be")) // 2 for character in text]
    return Count("UCS-2", sum(widths), _segments(widths, *_PLACES["UCS-2"]))


def _segments(widths: list[int], single: int, of_several: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, left = 1, of_several
    for width in widths:
        if width > left:
            segments, left = segments + 1, of_several
        left -= width
    return segments
