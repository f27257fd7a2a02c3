"""Intervals over the settings: what stands below the axis, and what the legend says."""

import sys

import pytest

from harness.text import Text
from reports.html.assets import KEY_STYLES
from reports.svg.axes import LEFT
from reports.svg.element import Picture
from reports.svg.settings import ORDER, settings_plot

UNIT, OF = Text("mean (ratio)", "均值（比值）"), Text("setting: p (values)", "设置：p（取值）")
FOUND = [(1.0, (0.9, 1.1)), (1.02, (0.98, 1.06))]


@pytest.mark.parametrize("name", ["0.5", "a name that is far longer than the room that it has"])
def test_the_settings_stand_below_the_axis_where_they_fit(name: str) -> None:
    names = [Text("0.2", "0.2"), Text(name, name)]

    drawn = settings_plot(FOUND, (0.95, 1.05), [(0.0, 0.9)], UNIT, names=names, values_of=OF)

    assert drawn is not None
    assert (f">{name}</text>" in drawn.svg) == (name == "0.5")
    assert drawn.x_label == (OF if name == "0.5" else ORDER)


def test_an_interval_says_how_often_it_misses() -> None:
    drawn = settings_plot(FOUND, None, [], UNIT, misses=2e-10)

    assert drawn is not None
    assert any("probability of 2×10⁻¹⁰ at most" in key.name.en for key in drawn.legend)


def styles(drawn: Picture | None) -> dict[str, str]:
    assert drawn is not None
    return {key.style: key.name.en for key in drawn.legend}


def test_what_an_axis_cannot_hold_is_an_arrowhead_at_its_edge() -> None:
    found = [(0.0, None), (1e-5, None), (0.5, None), (sys.float_info.max, None)]

    drawn = settings_plot(found, (0.0, 1.0), [(1.0, None)], UNIT)

    told = styles(drawn)
    assert "an estimate of 0, at the lower edge" in told["w s0 lo"]
    assert "an estimate of ∞, at the upper edge" in told["w s0"]
    assert drawn is not None
    assert drawn.y_label == Text("mean (ratio), logarithmic", "均值（比值），对数刻度")
    assert set(told) <= set(KEY_STYLES)


def test_on_a_linear_axis_0_is_a_dot() -> None:
    assert styles(settings_plot([(0.0, None), (0.5, None)], None, [], UNIT)).keys() == {"dot s0"}


def test_an_interval_of_one_number_is_no_bar() -> None:
    largest = sys.float_info.max
    drawn = settings_plot([(largest, (largest, largest)), (0.1, (0.1, 0.1))], None, [], UNIT)

    assert "i u" not in styles(drawn)
    assert drawn is not None
    assert 'class="i"' not in drawn.svg


def test_zones_that_hold_everywhere_stand_at_every_setting() -> None:
    drawn = settings_plot(FOUND, (0.0, 1.5), [(1.5, None)], UNIT, everywhere=True)

    assert styles(drawn)["z"] == "where the sentence is true, at each setting"
    assert drawn is not None
    assert f'class=z d="M{LEFT}' in drawn.svg
