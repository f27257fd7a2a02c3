"""What the explorables show: how it is kept, and that what is shipped is what theory says."""

import json
import math
from pathlib import Path

import pytest

from reports.explored import FOLDER, Explored, coded, read, write

NAMES = ("degree", "decay", "drop", "depth")
MOST = 60_000  # bytes
SLACK = 1.03  # a quantile over 256 replicates, and a rounding to half a per cent


def explored(*middles: float | None) -> Explored:
    triples = [(m, m, m) if m is not None else (math.nan,) * 3 for m in middles]
    quantity = coded(("a", "b"), triples, 100, log=True)
    return Explored("by hand", 3, {"a": (0,), "b": tuple(range(len(middles)))}, {"q": quantity})


@pytest.mark.parametrize("value", [1e-171, 0.00817, 1.0, 51761.3, 9.9e90])
def test_a_positive_quantity_is_kept_to_half_a_step_of_its_logarithm(value: float) -> None:
    kept = coded(("x",), [(value / 3, value, value * 7)], 500, log=True).value(0)

    for one, exact in zip(kept, (value, value / 3, value * 7), strict=True):
        assert one is not None
        assert abs(math.log10(one) - math.log10(exact)) <= 1.01 / 1000 * 2


@pytest.mark.parametrize("value", [-0.0294, 0.0, 2.51512])
def test_a_quantity_of_either_sign_is_kept_to_a_half_step(value: float) -> None:
    middle, low, high = coded(("x",), [(value - 1, value, value + 2)], 1000, log=False).value(0)

    for one, exact in ((low, value - 1), (middle, value), (high, value + 2)):
        assert one == pytest.approx(exact, abs=0.000501)


@pytest.mark.parametrize(("value", "log"), [(math.inf, True), (math.nan, False), (0.0, True)])
def test_what_has_no_value_is_left_out(value: float, log: bool) -> None:
    assert coded(("x",), [(value, value, value)], 10, log=log).value(0) == (None, None, None)


def test_an_axis_that_the_setting_leaves_out_is_taken_at_the_end_that_is_meant() -> None:
    ragged = explored(2.0, 3.0, 5.0, None)

    first, last = (ragged.value("q", {"a": 0}, end)[0] for end in ("first", "last"))

    assert first == pytest.approx(2.0, rel=0.02)
    assert last == pytest.approx(5.0, rel=0.02)
    assert explored(None).value("q", {"a": 0}, "last") == (None, None, None)


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.explored.FOLDER", tmp_path)
    made = explored(1.0, None)
    write("x", made, tmp_path)
    again = read("x")
    assert again.quantities == made.quantities
    assert again.replicates == made.replicates


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_is_small_marked_and_whole(name: str) -> None:
    file, shipped = FOLDER / f"{name}.json", read(name)

    assert file.stat().st_size <= MOST
    assert json.loads(file.read_text(encoding="utf-8"))["generated"].startswith("python -m studies")
    assert shipped.replicates >= 256
    for quantity in shipped.quantities.values():
        size = math.prod(len(shipped.axes[axis]) for axis in quantity.axes)
        assert len(quantity.middle) == len(quantity.below) == len(quantity.above) == size
        assert min(one for one in (*quantity.below, *quantity.above) if one is not None) >= 0


def middle(shipped: Explored, name: str, end: str = "", **at: int) -> float:
    value = shipped.value(name, at, end)[0]
    assert value is not None
    return value


@pytest.mark.parametrize("n", range(4))
def test_the_exact_fit_comes_closer_to_its_examples_degree_by_degree(n: int) -> None:
    degree = read("degree")
    losses = [middle(degree, "train", fit=0, n=n, degree=each) for each in range(20)]
    assert losses == sorted(losses, reverse=True)


def test_the_exact_cubic_leaves_its_degrees_of_freedom() -> None:
    # n times the loss over the noise's variance is chi-squared with n - 4 degrees.
    from scipy.stats import chi2

    degree = read("degree")
    for n, size in enumerate(map(int, degree.axes["n"])):
        expected = 0.01 * chi2.median(size - 4) / size
        off = 1.26 * math.sqrt(2 / (size - 4)) / math.sqrt(degree.replicates)  # of a median
        found = middle(degree, "train", fit=0, n=n, degree=3)
        assert found == pytest.approx(expected, rel=6 * off)


def test_the_norm_is_that_of_a_start_that_only_decays() -> None:
    # No example sees 180 of 200 directions: there w_t = (1 - 0.003 λ)^400 w_0, w_0 ~ N(0, 1).
    decay = read("decay")
    for place, value in enumerate(decay.axes["decay"][:6]):
        kept = (1 - 0.003 * float(value)) ** 400 * math.sqrt(180)
        found = middle(decay, "norm", start=0, decay=place)
        assert kept / SLACK <= found <= kept * SLACK


def test_masks_of_a_larger_probability_drop_more_and_as_many_as_they_should() -> None:
    drop = read("drop")
    cells = [int(cell, 16) for row in drop.more["masks"] for cell in row]

    for place, p in enumerate(drop.axes["p"]):
        share = sum(cell <= place for cell in cells) / len(cells)
        deviation = math.sqrt(float(p) * (1 - float(p)) / len(cells))
        assert abs(share - float(p)) <= 5 * deviation  # once in a million


def test_a_signal_through_linear_layers_is_a_product_of_chi_squares() -> None:
    # E ln(chi2_n / n) = digamma(n / 2) - ln(n / 2) = -0.0157 at n = 64: the median of a sum of L.
    from scipy.special import digamma

    depth, n = read("depth"), 64
    drift = float(digamma(n / 2)) - math.log(n / 2)
    for place, layers in enumerate(depth.axes["depth"]):
        for at, std in enumerate(depth.axes["deviation"]):
            expected = float(layers) * (math.log(n * float(std) ** 2) + drift)
            at_the_end = {"activation": 0, "depth": place, "deviation": at}
            found = math.log(middle(depth, "signal", "last", **at_the_end))
            spread = math.sqrt(2 / n * (float(layers) + 1))  # of a replicate; 256 of them, 6 sigma
            assert abs(found - expected) <= 6 * 1.26 * spread / 16 + 0.01 * float(layers) ** 0.5
