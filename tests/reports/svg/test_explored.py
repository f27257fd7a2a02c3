"""The frame of an explorable's pictures: lines with bands, a sample with its fit."""

import re

from reports.svg.axes import BOTTOM, LEFT, RIGHT, TOP
from reports.svg.explored import Axis, Band, bands, sample

ACROSS = Axis(0.0, 4.0, [(0.0, "a"), (4.0, "b")])
UP = Axis(1.0, 100.0, [(10.0, "10")], log=True)


def drawn(body: list[str], style: str) -> list[str]:
    """The path data of a style."""
    return re.findall(rf'<path class="{style}" d="([^"]*)"', "".join(body))


def test_a_line_runs_through_its_medians_and_a_band_between_its_quantiles() -> None:
    line = Band([0, 4], [(1.0, 1.0, 10.0), (100.0, 10.0, 100.0)])

    body = bands(ACROSS, UP, [line], None)

    middle = (TOP + BOTTOM) // 2  # of a logarithmic axis: the 10 of 1 to 100
    assert drawn(body, "l s0") == [f"M{LEFT} {BOTTOM}l{RIGHT - LEFT}{TOP - BOTTOM}"]
    (band,) = drawn(body, "b s0")
    assert band.startswith(f"M{LEFT} {BOTTOM}l{RIGHT - LEFT}{middle - BOTTOM}")
    assert "circle" not in "".join(body)


def test_the_setting_is_an_upright_line_with_a_dot_on_every_curve() -> None:
    line = Band([0, 1, 2, 3, 4], [(10.0, 10.0, 10.0)] * 5)

    body = "".join(bands(ACROSS, UP, [line, line], 4))

    assert f'class=now d="M{RIGHT} {TOP}L{RIGHT} {BOTTOM}"' in body
    assert body.count("<circle") == 2


def test_what_has_no_value_is_not_drawn() -> None:
    nothing, some = (None, None, None), (10.0, 10.0, 10.0)

    whole = bands(ACROSS, UP, [Band([0, 2, 4], [some, some, nothing])], 4)
    none = bands(ACROSS, UP, [Band([0], [nothing])], 0)

    assert drawn(whole, "l s0") == [f"M{LEFT} 88l{(RIGHT - LEFT) // 2} 0"]
    assert "<circle" not in "".join(whole)  # the setting has no value
    assert drawn(none, "l s0") == []


def test_a_curve_that_leaves_the_frame_breaks_off() -> None:
    plane = Axis(0.0, 10.0, [])
    fit = [(0.0, 5.0), (1.0, 5.0), (2.0, 50.0), (3.0, 5.0), (4.0, 5.0)]

    broken = sample(ACROSS, plane, [(2.0, 5.0)], fit[:2], fit)
    whole = sample(ACROSS, plane, [(2.0, 5.0)], fit[:2], [(x, 5.0) for x, _ in fit])

    assert drawn(broken, "l s0")[0].count("M") == 2
    assert drawn(whole, "l s0")[0].count("M") == 1
    assert drawn(whole, "dot s5") == [f"M{(LEFT + RIGHT) // 2} 88h0"]
