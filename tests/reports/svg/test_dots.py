"""Dots of replicates and intervals over settings: what is asked for is shaded, axes have names."""

import itertools
import re
from typing import Any

import msgspec
import pytest

from harness.records.record import Dots
from harness.text import Text
from reports.svg.dots import asked, dots_plot
from reports.svg.settings import settings_plot

X, Y = Text("that loss (nats)", "彼损失（纳特）"), Text("this loss (nats)", "此损失（纳特）")
PLANE = Dots(
    title=Text("Every replicate", "每次重复试验"),
    x_label=X,
    y_label=Y,
    x=[1.0, 2.0, 3.0, 4.0],
    y=[2.0, 1.0, 4.0, 3.0],
    happened="1010",
    factor=1.0,
    margin=0.0,
    asks="above",
)


def path_of(svg: str, style: str) -> str:
    found = re.search(rf'class="?{style}"? d="([^"]*)"', svg)
    return found[1] if found else ""


def test_one_path_holds_the_replicates_that_did_and_one_those_that_did_not() -> None:
    drawn = dots_plot(PLANE)
    assert path_of(drawn.svg, "dot s0").count("M") == 2
    assert path_of(drawn.svg, "crs s1").count("M") == 2
    assert drawn.svg.count("<path") <= 8
    assert (drawn.x_label, drawn.y_label) == (X, Y)


def test_the_shaded_half_is_the_one_that_is_asked_for() -> None:
    above = path_of(dots_plot(PLANE).svg, "z")
    below = path_of(dots_plot(msgspec.structs.replace(PLANE, asks="below")).svg, "z")
    assert above
    assert below
    assert above != below
    assert not path_of(dots_plot(msgspec.structs.replace(PLANE, asks="")).svg, "z")


def test_a_replicate_within_what_is_asked_for_that_did_not_says_that_more_is_asked() -> None:
    def asked(happened: str) -> str:
        drawn = dots_plot(msgspec.structs.replace(PLANE, happened=happened))
        return next(key.name.en for key in drawn.legend if key.style == "z")

    assert "more is asked" not in asked("1010")
    assert "more is asked" in asked("1000")


@pytest.mark.parametrize(("asks", "ends"), [("above", "V8H52z"), ("below", "V168H57z")])
def test_the_shade_ends_where_the_line_leaves_the_picture(asks: str, ends: str) -> None:
    steep = msgspec.structs.replace(PLANE, factor=2.0, margin=-1.0, asks=asks)
    line = path_of(dots_plot(steep).svg, "k s2")
    shade = path_of(dots_plot(steep).svg, "z")
    assert shade.endswith(ends)
    _, right = spread(line)
    assert spread(shade)[1] == (right if asks == "above" else 342)
    assert right < 300


def spread(path: str) -> tuple[int, int]:
    """The least and the largest x of a path in relative steps."""
    start, *steps = (int(n) for n in re.findall(r"-?\d+", path.partition("V")[0]))
    xs = list(itertools.accumulate([start, *steps[1::2]]))
    return min(xs), max(xs)


def test_a_logarithmic_axis_says_so() -> None:
    drawn = dots_plot(msgspec.structs.replace(PLANE, y=[1.0, 1e3, 1e6, 1e9]))

    assert drawn.x_label == X
    assert drawn.y_label == Text("this loss (nats), logarithmic", "此损失（纳特），对数刻度")


def test_a_side_that_is_one_number_becomes_a_line_through_the_other_in_order() -> None:
    drawn = dots_plot(msgspec.structs.replace(PLANE, x=[2.5] * 4))
    assert drawn.y_label == Y
    assert drawn.x_label is not None
    assert "replicates" in drawn.x_label.en
    assert any("2.5" in key.name.en for key in drawn.legend)


def test_the_caption_says_what_is_set_against_what_without_units() -> None:
    assert dots_plot(PLANE).caption == Text(
        "This loss, against that loss, in every replicate", "各次重复试验：此损失，对照彼损失"
    )
    corner = dots_plot(msgspec.structs.replace(PLANE, asks="corner"))
    assert corner.caption.en == "This loss, and that loss, in every replicate"
    both = {"y_label": Text("loss, degree 19 (nats)", "损失，19 阶（纳特）"),
            "x_label": Text("loss, degree 3 (nats)", "损失，三阶（纳特）")}  # fmt: skip
    assert dots_plot(msgspec.structs.replace(PLANE, **both)).caption == Text(
        "Loss, degree 19 against degree 3, in every replicate", "各次重复试验：损失，19 阶对照三阶"
    )


def test_the_limit_of_a_comparison_says_of_what_it_is_a_multiple() -> None:
    drawn = dots_plot(msgspec.structs.replace(PLANE, factor=1.3, margin=0.1))

    assert "limit of the test: 1.3 × that loss + 0.1" in [key.name.en for key in drawn.legend]


def test_the_legend_has_what_is_drawn() -> None:
    def styles(happened: str) -> set[str]:
        drawn = dots_plot(msgspec.structs.replace(PLANE, happened=happened))
        return {key.style for key in drawn.legend}

    assert {"dot s0", "crs s1"} <= styles("1010")
    assert "crs s1" not in styles("1111")
    assert "dot s0" not in styles("0000")


def test_what_diverged_is_counted() -> None:
    def counted(y: list[float | None]) -> list[str]:
        drawn = dots_plot(msgspec.structs.replace(PLANE, y=y))
        return [value for name, value in drawn.facts if "border" in name.en]

    assert counted([None, 1.0, None, 3.0]) == ["2 / 4"]
    assert not counted([2.0, 1.0, 4.0, 3.0])


def test_what_would_dwarf_the_rest_lies_on_the_border_and_is_counted() -> None:
    def counted(furthest: float) -> list[str]:
        x = [-2.0, *(i / 20 for i in range(-9, 9)), furthest]
        y = [float(i) for i in range(20)]
        drawn = dots_plot(msgspec.structs.replace(PLANE, x=x, y=y, happened="1" * 20))
        return [value for name, value in drawn.facts if "border" in name.en]

    assert counted(1e9) == ["2 / 20"]
    assert not counted(2.0)


@pytest.mark.parametrize(
    ("x", "y", "head"),
    [
        (1e9, 9.0, "l-9 -5v10z"), (-1e9, 9.0, "l9 -5v10z"),
        (9.0, 1e9, "l-5 9h10z"), (9.0, -1e9, "l-5 -9h10z"),
        (None, 9.0, "l-9 -5v10z"), (9.0, None, "l-5 9h10z"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("mark", "style"), [("1", "w s0"), ("0", "w o s1")])
def test_what_lies_beyond_is_an_arrowhead_that_points_outward(
    x: float | None, y: float | None, head: str, mark: str, style: str
) -> None:
    known = [float(i) for i in range(19)]
    drawn = dots_plot(
        msgspec.structs.replace(PLANE, x=[*known, x], y=[*known, y], happened="1" * 19 + mark)
    )
    assert path_of(drawn.svg, style).endswith(head)
    assert path_of(drawn.svg, style).count("M") == 1
    assert path_of(drawn.svg, "dot s0").count("M") == 19
    beyond = [key for key in drawn.legend if key.style.startswith("w")]
    assert [key.style for key in beyond] == [style]
    assert ("not" in beyond[0].name.en) == (mark == "0")
    within = dots_plot(PLANE)
    assert not [key for key in within.legend if key.style.startswith("w")]


def test_a_corner_over_powers_of_ten_is_logarithmic_where_all_lie_in_it() -> None:
    def labels(x: list[float | None]) -> str:
        drawn = dots_plot(msgspec.structs.replace(PLANE, x=x, factor=0.0, asks="corner"))
        assert drawn.x_label is not None
        return drawn.x_label.en

    assert labels([1e-3, 1.0, 1e3, 1e6]).endswith("logarithmic")
    assert not labels([-1e-3, 1.0, 1e3, 1e6]).endswith("logarithmic")


def test_a_corner_is_in_the_picture_even_where_no_replicate_is() -> None:
    corner = msgspec.structs.replace(
        PLANE, x=[-1.0] * 3 + [-2.0], y=[-1.0, -2.0, -3.0, -2.0], happened="0000", factor=0.0,
        asks="corner",
    )  # fmt: skip
    left, top, right, bottom = map(
        int,
        re.match(r"M(\d+) (\d+)H(\d+)V(\d+)", path_of(dots_plot(corner).svg, "z")).groups(),  # type: ignore[union-attr]
    )
    assert right - left > 40
    assert bottom - top > 20


def test_what_diverged_lies_on_the_border_and_odd_records_are_drawn() -> None:
    assert dots_plot(msgspec.structs.replace(PLANE, y=[None, 1.0, 2.0, 3.0])).svg
    assert dots_plot(msgspec.structs.replace(PLANE, x=[], y=[], happened="")).svg
    assert dots_plot(msgspec.structs.replace(PLANE, x=[1.0], happened="")).svg
    assert dots_plot(msgspec.structs.replace(PLANE, x=[None], y=[None], happened="1")).svg
    assert dots_plot(msgspec.structs.replace(PLANE, factor=0.0, margin=1e300)).svg


def test_every_setting_has_its_interval_against_the_zone() -> None:
    found = [(0.2, (0.1, 0.3)), (1.7e308, (None, None)), (0.5, None)]
    drawn = settings_plot(found, (0.0, 1.0), [(2.0, None)], Text("rate", "频率"))
    assert drawn is not None
    assert path_of(drawn.svg, "i").count("M") == 2
    assert path_of(drawn.svg, "dot s0").count("M") == 2
    assert path_of(drawn.svg, "w s0").count("M") == 1
    assert drawn.x_label is not None
    assert drawn.y_label == Text("rate", "频率")
    assert settings_plot([(None, None)], None, [], Text("", "")) is None


def test_a_false_zone_is_hatched_as_far_as_the_picture_goes() -> None:
    def hatched(estimate: float) -> str:
        drawn = settings_plot(
            [(estimate, None)], (0.0, 1.0), [(2.0, None)], Text("error (ratio)", "误差（比值）")
        )
        assert drawn is not None
        assert drawn.caption.en == "Error, found at 1 setting"
        return path_of(drawn.svg, "f")

    assert hatched(5.0)
    assert not hatched(0.5)


def test_a_long_title_leaves_the_second_side_to_the_axis() -> None:
    long = Text("a side " * 20 + "(nats)", "一侧（纳特）")
    plane, corner = (
        msgspec.structs.replace(PLANE, x_label=long, asks=asks) for asks in ("above", "corner")
    )
    assert dots_plot(plane).caption.en == "This loss, in every replicate"
    assert dots_plot(corner).caption.en == "This loss, and a second difference, in every replicate"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"asks": "above", "factor": 2.0}, "this loss > 2 × that loss"),
        ({"asks": "below", "margin": -0.02}, "this loss ≤ that loss − 0.02"),
        ({"asks": "corner"}, "both differences are above 0"),
        ({"asks": ""}, None),
    ],
)
def test_what_happens_is_said_with_its_factor_and_margin(
    changes: dict[str, Any], told: str | None
) -> None:
    said = asked(msgspec.structs.replace(PLANE, **({"factor": 1.0, "margin": 0.0} | changes)))
    assert (said.en if said else None) == told


def test_the_frame_is_no_border_of_what_is_asked() -> None:
    far = msgspec.structs.replace(
        PLANE, asks="corner", x=[1.0, 1e4], y=[1.0, 1e4], happened="11", margin=0.0
    )
    assert 'class="k s2"' not in dots_plot(far).svg
