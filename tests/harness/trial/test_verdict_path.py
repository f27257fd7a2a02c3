"""From the evidence to the verdict: looks, shares, stops and what is kept, evidence scripted."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from examples import toys
from harness.blocks import block as measurement
from harness.blocks.settings import canonical, largest_number_of_settings
from harness.declaration.book import Cost
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.profiles import PROFILES
from harness.failures import DeviceLostError
from harness.statistics.evidence import Verdict
from harness.trial import examination as experiment
from harness.trial import measuring
from harness.trial.conditions import Conditions, Progress, Shares, Stored
from harness.trial.examination import Examination
from harness.trial.one_setting import Trial
from harness.workers.scheduler import SchedulerLostError
from tests.harness.scripted import (
    RATE,
    Nats,
    Said,
    examination_of,
    examined,
    refuted_option,
    saying,
    trial_of,
    tried,
)

ORDER = (Verdict.ERROR, Verdict.REFUTED, Verdict.UNDECIDED, Verdict.CONFIRMED,
         Verdict.NOT_APPLICABLE)  # fmt: skip


@pytest.mark.parametrize("worst", range(len(ORDER)))
def test_the_worst_setting_is_the_claim_s_verdict(worst: int) -> None:
    trials = [trial_of(verdict) for verdict in reversed(ORDER[worst:])]
    assert examination_of(*trials).verdict is ORDER[worst]


def test_a_verdict_rests_on_its_first_trial_and_a_confirmation_on_its_closest() -> None:
    yes, no = Verdict.CONFIRMED, Verdict.REFUTED
    skipped = trial_of(Verdict.NOT_APPLICABLE)
    close = [skipped, trial_of(yes, 30.0), trial_of(yes, 11.0), trial_of(yes, 12.0)]
    untold = replace(trial_of(yes), evidence=None)

    assert examination_of(*close).deciding == 2
    assert examination_of(trial_of(yes, 1.0), trial_of(no), trial_of(no)).deciding == 1
    assert examination_of(trial_of(yes, 1.0), untold).deciding == 1


def test_a_setting_has_the_claim_s_share_over_the_largest_number_of_settings() -> None:
    # ln 2 nats more than ten are needed: three blocks say 10.2 and are not enough.
    claim = saying(lambda p: (0.85, 0.0), always=({"p": 1}, {"p": 2}))
    opposite = saying(lambda p: (0.0, 0.85), always=({"p": 1}, {"p": 2}), **refuted_option())
    shares = largest_number_of_settings(claim, PROFILES["ci"].draws)

    found = examined(claim, Shares(RATE, 3 * RATE))
    false = examined(opposite, Shares(3 * RATE, RATE))

    assert shares == 2
    assert (found.share, found.parts) == ((RATE / 2, 3 * RATE / 2), 2)
    assert [trial.evidence and trial.evidence.observations for trial in found.trials] == [16, 16]
    assert [trial.evidence and trial.evidence.observations for trial in false.trials] == [16, 16]
    assert [trial.setting for trial in found.trials] == [{"p": 1}, {"p": 2}]
    assert found.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("side", [0, 1])
def test_a_threshold_is_met_by_its_own_share_alone(side: int) -> None:
    said = ((2.0, 0.0), (0.0, 2.0))[side]
    rates = [RATE, RATE]
    rates[side] = math.exp(-20.0)
    claim = saying(lambda p: said)

    own = examined(claim, Shares(*rates)).trials[0]
    other = examined(claim, Shares(*rates[::-1])).trials[0]

    assert own.evidence is not None
    assert other.evidence is not None
    assert (own.evidence.observations, other.evidence.observations) == (12, 8)
    assert own.verdict is other.verdict is (Verdict.CONFIRMED, Verdict.REFUTED)[side]


def test_a_refutation_ends_an_examination_unless_it_is_expected() -> None:
    settings = ({"p": 1}, {"p": 2}, {"p": 3})

    def at_two(p: int) -> tuple[float, float]:
        return (0.0, 5.0) if p == 2 else (5.0, 0.0)

    plain = examined(saying(at_two, always=settings))
    wanted = saying(at_two, always=settings, **refuted_option())
    expected = examined(wanted)

    assert [trial.verdict.value for trial in plain.trials] == ["CONFIRMED", "REFUTED"]
    assert plain.smallest is plain.trials[-1]
    assert [t.verdict.value for t in expected.trials] == ["CONFIRMED", "REFUTED", "CONFIRMED"]
    assert expected.smallest is None


@pytest.mark.parametrize("options", [{}, refuted_option()])
def test_an_error_ends_an_examination(options: dict[str, Any]) -> None:
    def broken(p: int) -> tuple[float, float]:
        if p == 2:
            raise ZeroDivisionError
        return (5.0, 0.0)

    settings = ({"p": 1}, {"p": 2}, {"p": 3})
    found = examined(saying(broken, always=settings, **options))

    assert [trial.verdict.value for trial in found.trials] == ["CONFIRMED", "ERROR"]
    assert isinstance(found.trials[1].error, ZeroDivisionError)
    assert found.smallest is None


def test_a_sequential_trial_is_read_after_every_block_until_its_cap() -> None:
    trial = tried(saying(lambda p: (0.25, 0.125)))

    assert trial.verdict is Verdict.UNDECIDED
    assert [n for n, _, _ in trial.trail] == [4, 8, 12, 16]
    assert [refute for _, _, refute in trial.trail] == [0.5, 1.0, 1.5, 2.0]
    assert [confirm for _, confirm, _ in trial.trail] == pytest.approx([1.0, 2.0, 3.0, 4.0])
    assert trial.blocks == 4
    assert trial.summary is not None
    assert trial.summary[0] == 16


@pytest.mark.parametrize(("cap", "blocks"), [(15, 4), (16, 4), (17, 5), (4, 1), (1, 1)])
def test_the_last_block_is_the_one_that_holds_the_cap(cap: int, blocks: int) -> None:
    claim = saying(lambda p: (0.0, 0.0), Nats(cap=cap, observations=1))
    assert tried(claim).blocks == blocks


def test_a_fixed_sample_is_read_at_its_planned_size_and_not_before() -> None:
    kind = Nats(sequential=False, observations=9, cap=40)
    trial = tried(saying(lambda p: (5.0, 0.0), kind))

    assert [n for n, _, _ in trial.trail] == [12]
    assert trial.blocks == 3
    assert trial.verdict is Verdict.CONFIRMED


def stored(trial: Trial) -> Stored:
    assert trial.summary is not None
    return Stored(trial.blocks, trial.summary, bytes.fromhex(trial.digest), trial.trail)


def test_an_undecided_trial_goes_on_as_if_it_had_never_stopped() -> None:
    said: Said = lambda p: (0.4, 0.1)  # noqa: E731  - 25 replicates decide
    short, long = saying(said, Nats(cap=16)), saying(said, Nats(cap=40))
    first = tried(short)

    second = tried(short, stored={canonical({"p": 1}): stored(first)})
    unbroken = tried(long)

    assert first.verdict is Verdict.UNDECIDED
    assert second.verdict is unbroken.verdict is Verdict.CONFIRMED
    assert (second.digest, second.blocks, second.trail) == (
        unbroken.digest,
        unbroken.blocks,
        unbroken.trail,
    )
    assert second.blocks == 7


def test_going_on_doubles_a_trial_at_most() -> None:
    claim = saying(lambda p: (0.0, 0.0))
    first = tried(claim)

    second = tried(claim, stored={canonical({"p": 1}): stored(first)})

    assert (first.blocks, second.blocks) == (4, 8)
    assert [n for n, _, _ in second.trail] == [4, 8, 12, 16, 20, 24, 28, 32]


def test_the_digest_is_a_chain_over_the_blocks() -> None:
    claim = saying(lambda p: (1.5, 0.0))
    trial = tried(claim)
    chain = b""
    for index in range(2):
        task = measuring.task_of(claim, Conditions(), {"p": 1}, index)
        chain = hashlib.sha256(chain + measurement.measure(claim, task).digest).digest()

    assert trial.blocks == 2
    assert trial.digest == chain.hex()


def test_exhibits_are_kept_of_the_first_replicates_only() -> None:
    claim = saying(lambda p: (0.0, 0.0), Nats(cap=400))

    trial = tried(claim)

    assert trial.blocks == 100
    assert len(trial.exhibits) == 256 / 4


def test_exhibits_are_kept_of_256_replicates_one_by_one() -> None:
    claim = saying(lambda p: (0.0, 0.0), Nats(cap=300), block=1)
    assert len(tried(claim).exhibits) == 256


def test_a_trial_that_says_nothing_of_workers_was_measured_here() -> None:
    assert trial_of(Verdict.CONFIRMED).elsewhere == 0.0


def test_a_long_trail_is_thinned_and_keeps_both_ends() -> None:
    exact = tried(saying(lambda p: (0.0, 0.0), Nats(cap=1024)))
    longer = tried(saying(lambda p: (0.0, 0.0), Nats(cap=1028)))
    twice = tried(saying(lambda p: (0.0, 0.0), Nats(cap=2044)))

    assert [n for n, _, _ in exact.trail] == list(range(4, 1025, 4))
    assert len(longer.trail) == 256
    assert (longer.trail[0][0], longer.trail[-1][0]) == (4, 1028)
    assert [n for n, _, _ in twice.trail] == list(range(4, 2045, 8))


def test_what_does_not_apply_is_no_error() -> None:
    def not_there(p: int) -> tuple[float, float]:
        raise NotApplicableError("no such layer")

    found = examined(saying(not_there))

    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.trials[0].evidence is None
    assert isinstance(found.trials[0].error, NotApplicableError)


def test_a_lost_scheduler_is_the_run_s_affair() -> None:
    def lost(p: int) -> tuple[float, float]:
        raise SchedulerLostError("gone")

    with pytest.raises(SchedulerLostError):
        examined(saying(lost))


def test_an_error_keeps_the_evidence_so_far() -> None:
    calls = []

    def later(p: int) -> tuple[float, float]:
        calls.append(p)
        if len(calls) == 3:
            raise ValueError("third")
        return (1.0, 0.0)

    trial = tried(saying(later))

    assert trial.verdict is Verdict.ERROR
    assert trial.blocks == 2
    assert trial.evidence is not None
    assert [n for n, _, _ in trial.trail] == [4, 8]
    assert trial.summary is not None


def test_after_a_device_is_lost_nothing_is_measured_on_it() -> None:
    calls: list[int] = []

    def counted(p: int) -> tuple[float, float]:
        calls.append(p)
        return (5.0, 0.0)

    found = examined(saying(counted), device_lost="it is gone")

    assert calls == []
    assert found.verdict is Verdict.ERROR
    assert str(found.trials[0].error) == "it is gone"
    assert isinstance(found.trials[0].error, DeviceLostError)


def test_a_device_that_is_lost_is_told_with_what_it_did() -> None:
    def lost(p: int) -> tuple[float, float]:
        raise RuntimeError("CUDA error: device-side assert triggered\nmore")

    trial = tried(saying(lost), device="cuda:0")

    assert isinstance(trial.error, DeviceLostError)
    assert "cuda:0 was lost while block 0 of 'toy'" in str(trial.error)
    assert "(CUDA error: device-side assert triggered)" in str(trial.error)
    assert isinstance(trial.error.__cause__, RuntimeError)


def test_progress_says_the_setting_and_what_is_needed() -> None:
    seen: list[Progress] = []
    claim = saying(lambda p: (3.0, 0.5), always=({"p": 1}, {"p": 2}))

    examined(claim, Shares(2 * RATE, 2 * math.exp(-11.0)), progress=seen.append)

    first = seen[0]
    assert (first.claim, first.setting, first.settings) == ("toy", 0, 2)
    assert (first.evidence.observations, first.cap, first.evidence.refute) == (4, 16, 2.0)
    assert first.needed == pytest.approx((10.0, 11.0), rel=1e-12)
    assert seen[-1].setting == 1


def test_conditions_are_those_of_a_plain_run_unless_something_is_said() -> None:
    plain = Conditions()

    assert (plain.profile.name, plain.device, plain.images) == ("ci", "cpu", "slice")
    assert plain.block_limit == 120.0  # seconds, as the option's help says
    assert (plain.scheduler, plain.progress) == (None, None)
    assert (plain.stored, plain.device_lost) == ({}, "")


@pytest.mark.parametrize(("seconds", "limit"), [(0.1, 120.0), (6.0, 120.0), (120.0, 2400.0)])
def test_a_dear_block_has_longer_before_it_counts_as_hanging(seconds: float, limit: float) -> None:
    claim = replace(saying(lambda p: (0.0, 0.0)), spends=Cost(seconds=seconds))

    assert measuring.task_of(claim, Conditions(), {}, 0).limit == limit


def test_what_an_examination_hands_on_cannot_be_changed() -> None:
    for one in (Conditions, Progress, Stored, Trial, Examination):
        assert one.__dataclass_params__.frozen  # type: ignore[union-attr]


def test_an_examination_takes_the_time_of_its_blocks_wherever_they_were_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trials = iter([replace(trial_of(Verdict.CONFIRMED), elsewhere=value) for value in (5.0, 7.0)])
    monkeypatch.setattr(experiment, "decide_setting", lambda *_: next(trials))

    found = examined(saying(lambda p: (0.0, 0.0), always=({"p": 1}, {"p": 2})))

    assert found.seconds == pytest.approx(12.0, abs=0.5)


def test_a_block_that_lacks_memory_is_measured_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    claim, asked = toys.a_coin_is_drawn, []
    task = measuring.task_of(claim, Conditions(), {}, 0)

    def lacking(*_: Any) -> Any:
        raise MemoryError("no room")

    def alone(task: Any, error: Exception) -> str:
        asked.append(error)
        return "measured"

    monkeypatch.setattr(measuring, "measure", lacking)
    monkeypatch.setattr(measuring, "measure_with_all_memory", alone)

    measured: Any = measuring.measure_here(claim, task)
    assert measured == "measured"
    assert isinstance(asked[0], MemoryError)
    objects: Mapping[str, Any] = {"relu": object()}
    with pytest.raises(MemoryError):
        measuring.measure_here(claim, replace(task, objects=objects))
    with pytest.raises(MemoryError):
        measuring.measure_here(toys.coin(0.5), task)
    assert len(asked) == 1
