"""An estimate against the zones: what lies beyond the picture is said."""

import pytest

from reports.svg.zones import InZones, beyond, is_beyond, shows_interval, zone_plot


@pytest.mark.parametrize(
    ("estimate", "interval", "told", "told_zh"),
    [
        (0.0, (0.0, 0.112), "the estimate, 0, and all of its interval [0, 0.112]", "全部"),
        (0.5, (0.4, 0.99), "the estimate, 0.5, and a part of its interval [0.4, 0.99]", "有一部分"),
        (7.0, None, "the estimate, 7.", "估计值 7 在图的边缘之外。"),
    ],
)
def test_an_estimate_beyond_the_axis_is_an_arrowhead_and_has_its_numbers_said(
    estimate: float, interval: tuple[float, float] | None, told: str, told_zh: str
) -> None:
    found = InZones((0.995, 1.0), [(0.0, 0.99)], interval, estimate, "REFUTED")

    said = beyond(found)

    assert said is not None
    assert told in said.en
    assert told_zh in said.zh
    drawn = zone_plot(found)
    assert drawn.count("class=w ") == 1
    assert "class=e " not in drawn
    assert ("class=i " in drawn) == shows_interval(found) == (interval == (0.4, 0.99))


def test_an_estimate_within_the_axis_is_no_arrowhead() -> None:
    found = InZones((0.995, 1.0), [(0.0, 0.99)], (0.98, 0.999), 0.99, "CONFIRMED")

    assert not is_beyond(found)
    assert beyond(found) is None
    assert "class=w " not in zone_plot(found)
