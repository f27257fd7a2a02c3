"""Every verdict has its words, its sign and its colour wherever verdicts are read."""

import re

import pytest

from harness.run import terminal
from harness.statistics.evidence import Verdict
from reports.html.assets import asset
from reports.html.claim_view import ENDS, FAILS, PASSES
from reports.tally import CONDITIONAL, FALSE, MARKS, PHRASES, token
from reports.words import words

STYLE, SCRIPT = asset("report.css"), asset("report.js")
COLOUR = re.compile(r"--(\w+):light-dark\((#\w+),(#\w+)\)")


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_has_words_and_what_they_mean(verdict: Verdict) -> None:
    assert words(verdict).zh != words(verdict).en
    assert words(f"{verdict} means").en.endswith(".")
    assert words(f"{verdict} means").zh.endswith("。")


def test_the_third_answer_says_what_it_is() -> None:
    assert words("WEAKER").en == "holds, weaker than declared"
    assert words("WEAKER").zh == "成立，但弱于所声明的程度"


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_has_a_sign_on_the_page_and_in_the_terminal(verdict: Verdict) -> None:
    name, mark = token(verdict), MARKS[verdict]

    assert f'.pill.{name}::before{{content:"{mark} "' in STYLE
    assert terminal.MARKS[verdict][0] == mark.replace("–", "-")
    assert re.search(rf'"?{name}"?: \d', SCRIPT), "no place among the sorted"


def test_no_two_verdicts_share_a_sign() -> None:
    assert len(set(MARKS.values())) == len(Verdict) == len(MARKS)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_has_a_colour(verdict: Verdict) -> None:
    name = re.escape(token(verdict))
    assert re.search(rf"\.pill(\.|:is\([^)]*\.){name}\b[^{{]*\{{color:", STYLE)


@pytest.mark.parametrize("standing", PHRASES)
def test_a_standing_has_a_colour_in_the_bar(standing: str) -> None:
    assert re.search(rf"\.bar (\.|:is\([^)]*\.){standing}\b[^{{]*\{{fill:", STYLE)


@pytest.mark.parametrize("outcome", [CONDITIONAL, FALSE, ENDS, PASSES, FAILS])
def test_what_a_reader_is_told_in_a_verdict_s_place_has_words_a_sign_and_a_colour(
    outcome: str,
) -> None:
    assert words(outcome).zh != words(outcome).en
    assert f'.pill.{outcome}::before{{content:"' in STYLE
    assert re.search(rf"\.pill(\.|:is\([^)]*\.){outcome}\b[^{{]*\{{color:", STYLE)
    assert re.search(rf"\b{outcome}: \d", SCRIPT), "no place among the sorted"


@pytest.mark.parametrize("scheme", [1, 2], ids=["light", "dark"])
@pytest.mark.parametrize("sight", ["full", "protanopia", "deuteranopia", "tritanopia"])
def test_the_third_answer_keeps_its_distance_from_each_colour(scheme: int, sight: str) -> None:
    """CIELAB distances; 2.3 is the smallest that is noticed, 20 is another colour."""
    colours = {found[1]: found[scheme + 1] for found in COLOUR.finditer(STYLE)}
    own = _lab(colours["weaker"], sight)
    for name in ("holds", "refuted", "error", "edge"):
        other = _lab(colours[name], sight)
        assert sum((a - b) ** 2 for a, b in zip(own, other, strict=True)) ** 0.5 > 20, name


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHTS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    shares = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    seen = [min(max(value, 0.0), 1.0) for value in _times(SIGHTS[sight], linear)]
    x, y, z = (
        (v / w) ** (1 / 3) if v / w > 0.008856 else 7.787 * v / w + 16 / 116
        for v, w in zip(_times(XYZ, seen), WHITE, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: tuple[tuple[float, float, float], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]
