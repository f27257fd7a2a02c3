"""A run that is killed loses nothing that it announced."""

from pathlib import Path

from studies.kills.kills import kill_again_and_again


def test_five_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    # The command that kills 200 times: python -m studies.calibration kills --runs 200
    tally = kill_again_and_again(5, tmp_path, seed=5)

    assert tally.faults == []
    assert tally.kills == 5
    assert tally.ends >= 1
