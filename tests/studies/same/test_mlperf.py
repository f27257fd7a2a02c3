"""MLPerf's rule, against what its own checker computes, and what it passes."""

import math

from studies.same.mlperf import least_mean, passes

REFERENCE = [
    3.038, 2.96, 3.192, 3.031, 2.839, 3.108, 3.391, 3.284, 2.789, 2.62,
    2.813, 3.012, 2.302, 2.934, 2.626, 2.78, 2.837, 2.905, 3.123, 3.313,
]  # fmt: skip


def test_the_least_mean_is_that_of_mlperf_logging() -> None:
    # RCP_Checker("training", "4.0.0", "bert").rcp_data[...]["Min Epochs"], mlperf-logging 4.1.68
    assert least_mean(REFERENCE, 10) == 2.770184736463758


def test_a_slower_run_passes_a_faster_one_and_two_that_never_arrive_do_not() -> None:
    assert passes(REFERENCE, [4.0] * 10)
    assert not passes(REFERENCE, [2.7] * 10)
    assert passes(REFERENCE, [3.0] * 9 + [math.inf])
    assert not passes(REFERENCE, [3.0] * 8 + [math.inf] * 2)
