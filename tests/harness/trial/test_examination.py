"""The experiment: verdicts, early stops, shares, shrinking, errors, executors."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from examples import toys
from harness.blocks.settings import canonical, draw_settings, largest_number_of_settings
from harness.declaration.profiles import PROFILES
from harness.declaration.relations import all_hold, exactly_equal, more_often_than_not
from harness.metrics import arrays
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Progress, Shares
from harness.workers.executors import scheduler_of
from tests.harness.scripted import examined, tried

RATE = 1e-6
SHARES = Shares(RATE, RATE)


def test_a_true_sentence_is_confirmed_and_a_false_one_refuted() -> None:
    assert examined(toys.coin(0.97), SHARES).verdict is Verdict.CONFIRMED
    assert examined(toys.coin(0.2), SHARES).verdict is Verdict.REFUTED


def test_a_trial_stops_as_soon_as_it_is_decided() -> None:
    trial = tried(toys.coin(1.0), {}, share=SHARES)

    # 22 to 24 straight successes decide at 1e-6; blocks hold 4.
    assert trial.evidence is not None
    assert trial.evidence.observations == 24
    assert trial.blocks == 6


def test_an_undecided_trial_keeps_its_summary_and_stops_at_the_cap() -> None:
    claim = toys.coin(0.7, holds=more_often_than_not(cap=8))
    examination = examined(claim, SHARES)

    assert examination.verdict is Verdict.UNDECIDED
    assert examination.trials[0].blocks == 2
    assert examination.trials[0].summary is not None


def test_a_fixed_sample_is_read_once_at_its_planned_size() -> None:
    examination = examined(toys.bits(), SHARES)
    assert all(len(trial.trail) == 1 for trial in examination.trials)


def test_a_setting_spends_the_share_of_the_largest_number_of_settings() -> None:
    claim = toys.bits()
    examination = examined(claim, SHARES, profile=PROFILES["ci"])

    assert largest_number_of_settings(claim, PROFILES["ci"].draws) == PROFILES["ci"].draws
    assert examination.share.alpha == RATE / (PROFILES["ci"].draws + 1)  # and the sweep


def test_the_smallest_refuting_setting_is_shown() -> None:
    examination = examined(toys.bits(), SHARES)

    assert examination.verdict is Verdict.REFUTED
    assert examination.smallest is not None
    assert examination.smallest.setting == {"p": 0.3}


def test_settings_are_a_function_of_salt_and_claim_and_differ_by_salt() -> None:
    claim = toys.bits()

    assert draw_settings(claim, 4, "a") == draw_settings(claim, 4, "a")
    drawn = {tuple(map(canonical, draw_settings(claim, 2, salt))) for salt in "abcdefgh"}
    assert len(drawn) > 1


def test_no_setting_is_examined_twice() -> None:
    settings = draw_settings(toys.bits(), 40, "salt")
    assert len({canonical(setting) for setting in settings}) == len(settings)


def test_what_a_claim_raises_is_an_error_of_its_trial() -> None:
    def broken(_: Any) -> Any:
        raise ValueError("no such test")

    claim = toys.coin(0.9)
    object.__setattr__(claim.holds, "test", broken)
    examination = examined(claim, SHARES)

    assert examination.verdict is Verdict.ERROR
    assert str(examination.trials[0].error) == "no such test"


def test_another_executor_gives_the_same_trial() -> None:
    claim = toys.a_coin_is_drawn
    here = examined(claim, SHARES).trials[0]
    with ThreadPoolExecutor(3) as pool:
        there = examined(claim, SHARES, scheduler=scheduler_of(pool)).trials[0]

    assert (there.verdict, there.digest, there.blocks) == (here.verdict, here.digest, here.blocks)


def test_progress_tells_evidence_out_of_what_is_needed() -> None:
    seen: list[Progress] = []
    examined(toys.coin(1.0), SHARES, progress=seen.append)

    assert [progress.evidence.observations for progress in seen] == [4, 8, 12, 16, 20, 24]
    assert seen[-1].evidence.confirm >= seen[-1].needed[0]


@pytest.mark.parametrize("salt", ["a", "b", "c"])
def test_a_salt_changes_the_samples(salt: str) -> None:
    default = tried(toys.coin(0.9), {}, share=SHARES)
    assert tried(toys.coin(0.9), {}, share=SHARES, salt=salt).digest != (default.digest)


@pytest.mark.parametrize("late", ["block", "sweep"])
def test_what_is_wrong_is_shown_wherever_it_came_to_light(late: str) -> None:
    share, one_in = (0.02, 300) if late == "sweep" else (None, 10)

    @toys.toy(
        "toy", "It holds", "成立", share=share,
        holds=all_hold(equal=exactly_equal(), often=more_often_than_not()),
    )  # fmt: skip
    def it_holds(relu: Any, replicates: int, stream: Any) -> Any:
        wrong = stream.seed() % one_in == 0
        return {"equal": arrays.mismatch([float(wrong)], [0.0]), "often": np.ones(replicates)}

    refuted = 0
    for run in range(40):
        found = examined(it_holds, SHARES, salt=str(run))
        if found.verdict is Verdict.REFUTED:
            place = "sweep" if found.sweep else "block" if found.trials[-1].blocks > 1 else ""
            refuted += place == late
            assert found.mismatch is not None
    assert refuted > 5
