"""Tests of measurements on arrays that claims share."""

import numpy as np
import pytest

from harness.metrics.arrays import one_valley


@pytest.mark.parametrize(
    ("path", "valley"),
    [
        pytest.param([3.0, 1.0, 2.0], True, id="falls, then rises"),
        pytest.param([5.0, 2.0, 1.0, 3.0, np.inf], True, id="a diverged end is a rise"),
        pytest.param([3.0, 2.0, 1.0], False, id="never rises"),
        pytest.param([1.0, 2.0, 3.0], False, id="never falls"),
        pytest.param([5.0, 1.0, 3.0, 2.0, 4.0], False, id="a second valley"),
        pytest.param([5.0, 1.0, 1.0, 2.0], True, id="a flat bottom"),
        pytest.param([2.0, np.nan, 1.0], False, id="NaN is the largest loss"),
    ],
)
def test_one_valley_is_a_path_that_falls_and_then_rises(path: list[float], valley: bool) -> None:
    found = one_valley(np.array([path, path]))

    assert found.tolist() == [valley, valley]
