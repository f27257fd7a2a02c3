"""Text that would disturb a page, a terminal or a reader."""

import pytest

from reports.cleaning import clean
from reports.numbers import interval, number, seconds, thinned


@pytest.mark.parametrize(("given", "shown"), [
    ("E[h'] = h", "E[h'] = h"), ("期望不变", "期望不变"), ("a\tb\nc", "a\tb\nc"),
    ("a\r\nb", "a\nb"), ("\x00\x1b\x9b", "\\x00\\x1b\\x9b"), ("\u202etxt.exe", "\\u202etxt.exe"),
    ("\ud83d", "\\ud83d"), ("🎲", "🎲"), ("\u2028", "\\u2028"),
])  # fmt: skip
def test_only_hostile_characters_are_escaped(given: str, shown: str) -> None:
    assert clean(given) == shown


def test_very_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 5000, 10) == "xxxxxxxxxx … (+4990 characters)"


@pytest.mark.parametrize(("value", "shown"), [
    (1.00034, "1"), (1.0034, "1.003"), (-0.02, "−0.02"), (2000.0, "2000"), (123456.7, "123457"),
    (2.4e-6, "2.4×10⁻⁶"), (1e300, "1×10³⁰⁰"), (None, "–"), (float("inf"), "∞"), (0.0, "0"),
])  # fmt: skip
def test_numbers_are_printed_for_readers(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_intervals_have_infinite_ends() -> None:
    assert interval([None, 0.99]) == "(−∞, 0.99]"
    assert interval([1.01, None]) == "[1.01, ∞)"
    assert interval(None) == "–"


@pytest.mark.parametrize(("value", "shown"), [
    (0.0004, "400 µs"), (0.012, "12 ms"), (3.21, "3.2 s"), (250, "4 min 10 s"), (7300, "2 h 1 min"),
])  # fmt: skip
def test_durations_have_the_unit_that_suits(value: float, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(("length", "most"), [(0, 5), (3, 5), (5, 5), (1000, 7)])
def test_thinning_keeps_both_ends(length: int, most: int) -> None:
    kept = thinned(length, most)

    assert len(kept) == min(length, most)
    assert kept == sorted(set(kept))
    if length:
        assert (kept[0], kept[-1]) == (0, length - 1)
