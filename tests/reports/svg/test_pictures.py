"""The drawings: what they show, and that odd numbers stay within the frame."""

import math
import re

import pytest

from harness.records.record import Mark, Part, Series
from harness.text import Text
from reports.numbers import number
from reports.svg.cells import cell_grid
from reports.svg.element import Key, polyline, simplified
from reports.svg.histogram import histogram
from reports.svg.lines import line_plot
from reports.svg.parts import parts_plot
from reports.svg.process import process_plot
from reports.svg.scale import Scale, spanning
from reports.svg.zones import InZones, strip, zone_plot

NAME = Text("loss", "损失")


@pytest.mark.parametrize("log", [False, True])
def test_a_scale_keeps_order_and_clips(log: bool) -> None:
    scale = Scale(1.0, 1000.0, 10, 110, log)

    pixels = [scale(value) for value in (0.001, 1, 10, 500, 1000, 1e9)]

    assert pixels == sorted(pixels)
    assert (pixels[0], pixels[-1]) == (10, 110)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 7), (0.9981, 1.0023), (1e-9, 3e-9), (-1e6, 1e6)]
)
def test_ticks_are_few_round_and_inside(low: float, high: float) -> None:
    ticks = Scale(low, high, 0, 100).ticks(5)
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0.3, 2.5, 0, 100, log=True), [0.5, 1.0, 2.0]),
        (Scale(1.1, 1.9, 0, 100, log=True), [1.2, 1.4, 1.6, 1.8]),
        (Scale(-14.5, 29.0, 0, 100), [-10.0, 0.0, 10.0, 20.0]),
    ],
)
def test_a_short_axis_has_three_ticks_at_least(scale: Scale, ticks: list[float]) -> None:
    assert scale.ticks(4) == pytest.approx(ticks)


def test_log_ticks_are_powers_of_ten() -> None:
    assert Scale(0.005, 50.0, 0, 100, log=True).ticks(5) == [0.01, 0.1, 1.0, 10.0]


@pytest.mark.parametrize(
    "values", [[], [None], [0.0], [5.0, 5.0], [1e308, -1e308], [math.inf, 1.0]]
)
def test_a_scale_spans_whatever_it_is_given(values: list[float | None]) -> None:
    scale = spanning(values, 0, 100)

    assert math.isfinite(scale.low)
    assert scale.low < scale.high
    assert 0 <= scale(0.5) <= 100


def test_simplifying_keeps_corners_and_drops_what_lies_between() -> None:
    assert simplified([(0, 0), (5, 5), (10, 10), (20, 0)]) == [(0, 0), (10, 10), (20, 0)]


def test_a_polyline_is_the_points_in_relative_steps() -> None:
    assert polyline([(1, 2), (4, 9), (6, 3)]) == "M1 2l3 7 2-6"


def test_a_gap_breaks_the_line() -> None:
    picture = line_plot(NAME, [0, 1, 2, 3, 4], [Series(NAME, [1, 2, None, 2, 9], None, None)])
    (data,) = re.findall(r'class="l s0" d="([^"]*)"', picture.svg)
    assert data.count("M") == 2


def test_a_curve_has_its_numbers_beside_it() -> None:
    picture = line_plot(
        NAME,
        [0, 1],
        [Series(NAME, [1.0, 0.5], [0.9, 0.4], [1.1, 0.6])],
        marks=[Mark(Text("floor", "下限"), 0.45)],
    )

    assert picture.table is not None
    assert list(picture.table.rows[1]) == ["1", "0.5 (0.4 … 0.6)"]
    assert [key.name.en for key in picture.legend] == ["loss", "floor, at 0.45"]
    assert "<desc>From 0 to 1: loss 1 to 0.5.</desc>" in picture.svg


@pytest.mark.parametrize(
    ("verdict", "shape"),
    [("CONFIRMED", "class=e cx="), ("REFUTED", "<path class=e"), ("UNDECIDED", 'class="e o"')],
)
def test_a_verdict_has_a_shape_of_its_own(verdict: str, shape: str) -> None:
    finding = InZones((0.9, 1.0), [(0.0, 0.5)], (0.8, 0.95), 0.9, verdict)
    assert shape in strip(finding)
    assert shape in zone_plot(finding)


def test_an_interval_that_leaves_the_picture_ends_in_an_arrow() -> None:
    inside = strip(InZones((0.9, 1.0), [(0.0, 0.5)], (0.8, 0.95), None, "CONFIRMED"))
    beyond = strip(InZones((0.9, 1.0), [(0.0, 0.5)], (0.8, None), None, "CONFIRMED"))

    assert inside.count("L") == 0
    assert beyond.count("L") == 2


def test_a_trial_that_was_read_once_is_a_dot_and_not_a_line() -> None:
    once = process_plot([(448, 55.0, 0.3)], 17.6, 17.6)
    often = process_plot([(8, 3.0, -1.0), (16, 18.0, -2.0)], 17.6, 17.6)

    assert once.svg.count("<circle") == 1
    assert once.svg.count('class="w s0"') == 1
    assert 'class="l s0"' not in once.svg
    assert [key.style for key in once.legend] == ["d s1", "w s0", "k"]
    assert often.svg.count("<circle") == 0


def test_the_looks_of_a_trial_are_marked_and_what_lies_below_0_is_read() -> None:
    picture = process_plot([(8, 3.0, -1.0), (16, 18.0, -2.0)], 17.6, 17.6)
    assert picture.svg.count('class="dot s') == 2
    assert [key.name.en for key in picture.legend] == [
        "for the sentence",
        "against the sentence (below 0: the data speak for it)",
        "for it, at a look after a batch of replicates",
        "against it, at a look",
        "enough to decide, either way: 17.6 nats",
    ]


def test_what_the_evidence_grows_with_stands_on_the_axis_and_in_the_title() -> None:
    counted = Text("pairs (number)", "对（个数）")
    picture = process_plot([(3, 3.0, 0.0)], 17.6, 17.6, counted=counted)

    assert picture.x_label == counted
    assert "by pairs" in picture.caption.en


@pytest.mark.parametrize("most", [99.0, None])
def test_evidence_beyond_the_picture_is_an_arrowhead_at_an_edge_that_is_drawn(
    most: float | None,
) -> None:
    picture = process_plot([(8, 3.0, -1.0), (16, most, -20.0)], 17.6, 17.6)
    beyond = [(key.style, key.name.en) for key in picture.legend if key.style.startswith("w")]
    assert beyond == [
        ("w s0", "for it, beyond the picture"),
        ("w s1", "against it, beyond the picture"),
    ]
    assert '<path class=a d="M52 8L342 8"/>' in picture.svg
    assert "M342 8l-5 9h10z" in picture.svg
    assert "M342 168l-5 -9h10z" in picture.svg


def test_thresholds_have_the_colour_of_neither_side() -> None:
    same = process_plot([(8, 3.0, -1.0)], 17.6, 17.6)
    apart = process_plot([(8, 3.0, -1.0)], 17.6, 12.0)
    assert [key.style for key in same.legend][-1:] == ["k"]
    assert [key.style for key in apart.legend][-2:] == ["k", "k n"]


def test_bands_say_how_many_they_are_of_and_where_they_overlap() -> None:
    one = Series(NAME, [1.0, 0.5], [0.9, 0.4], [1.1, 0.6])
    above = Series(NAME, [2.0, 1.5], [1.9, 1.4], [2.1, 1.6])
    near = line_plot(NAME, [0, 1], [above, one, one], replicates=40, paired=True)
    far = line_plot(NAME, [0, 1], [above, one])

    assert "b s1+b s2" in [key.style for key in near.legend]
    assert "median of the 40 replicates" in str(near.note)
    assert "each replicate with itself" in str(near.note)
    assert not any("+" in key.style for key in far.legend)
    assert "with itself" not in str(far.note)


def test_the_epochs_that_are_compared_are_marked_where_the_curve_has_them() -> None:
    lines = [Series(NAME, [3.0, 2.0, 1.0], None, None)]
    picture = line_plot(NAME, [5, 400, 1500], lines, compared=[400, 1500, 6000])
    assert picture.legend[-1].name.en == "where each replicate is compared, after epoch 400, 1500"
    assert ">0</text>" in picture.svg


def test_a_histogram_counts_what_lies_above_a_mark() -> None:
    marks = [Mark(Text("edge", "边"), 1.0), Mark(Text("inside", "内"), 1.5)]
    picture = histogram(NAME, [0.0, 1.0, 2.0], [3, 4], marks, of_replicates=True)
    assert [value for _, value in picture.facts] == ["4 / 7", "0 … 4 / 7"]
    assert picture.y_label is not None
    assert "replicates" in picture.y_label.en


def test_a_tick_is_where_its_number_says() -> None:
    picture = line_plot(NAME, [0, 1], [Series(NAME, [1.0, 1.08], None, None)])
    assert ">1.025</text>" in picture.svg


def test_an_exact_part_is_said_to_be_infinite() -> None:
    parts = [Part("value", 1.0, None, None, 0.0), Part("kept", 0.5, None, 2.0, 30.0)]
    picture = parts_plot(parts, 17.6)

    assert "value ∞ for, 0 against; kept 2 for, 30 against" in picture.svg
    assert picture.svg.count('class="p s0"') == 1
    assert picture.svg.count('class="q s1"') == 1
    assert [key.style for key in picture.legend] == ["p s0", "q s1", "w", "k"]


def test_a_grid_fills_a_square_per_cell_that_is_on_and_says_how_many() -> None:
    kept, dropped = Text("kept", "保留"), Text("dropped", "丢弃")

    picture = cell_grid(NAME, [[True, False, True], [False, False, True]], kept, dropped, ["a<b"])

    svg = str(picture.svg)
    assert re.search(r'<path class=h d="([^"]*)"', svg)[1].count("M") == 3  # type: ignore[index]
    assert "3 of 6 cells are kept, 3 dropped." in svg
    assert picture.legend == [Key("h", kept), Key("off", dropped)]
    assert "a&lt;b" in svg
    assert picture.table is not None
    assert picture.table.rows == [[Text("a<b", "a<b"), "101"], [Text("2", "2"), "001"]]


@pytest.mark.parametrize("cells", [[], [[]], [[True] * 500] * 500, [[True], [False, True]]])
def test_odd_grids_stay_within_the_frame(cells: list[list[bool]]) -> None:
    picture = cell_grid(NAME, cells, NAME, NAME)
    assert 'viewBox="0 0 360 ' in str(picture.svg)
    assert len(str(picture.svg)) < 80_000


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1e-300, 1.0], "A line at the lower edge stands for 0."),
        ([1.0, 1e300], "A line at the upper edge stands for ∞."),
        (
            [1e-300, 1e300],
            "A line at the lower edge stands for 0 and at the upper edge stands for ∞.",
        ),
        ([0.1, 1.0], None),
    ],
)
def test_a_line_at_an_edge_says_what_it_stands_for(values: list[float], told: str | None) -> None:
    series = Series(NAME, list(values), None, None)

    drawn = line_plot(NAME, [0.0, 1.0], [series], log_y=True)

    assert (drawn.note and drawn.note.en) == told


def test_no_number_is_minus_0() -> None:
    assert number(-0.0) == "0"
