"""Intervals over the settings: what stands below the axis, and what the legend says."""

import pytest

from harness.text import Text
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
