"""The study of a drift, on two of its rows: a net is trained, 11 pairs and 13 at these margins."""

from harness.statistics.comparison.sameness import Answer
from studies.same.drift import CHANGES, drift_rows


def test_what_golden_values_call_red_is_the_same_and_a_wrong_loss_has_changed() -> None:
    chosen = [CHANGES[1], CHANGES[-1]]

    drift, summed = drift_rows(chosen)

    assert drift[:4] == ("learning rate times 1.0001", drift[2], drift[2], Answer.SAME)
    assert summed[3] == Answer.CHANGED
