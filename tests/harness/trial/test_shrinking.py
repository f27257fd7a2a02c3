"""The simplest setting that refutes: where it is looked for, how long, and at which share."""

from typing import Any

import pytest

from harness.declaration.claim import Claim
from harness.statistics.evidence import Verdict
from harness.trial import examination as experiment
from harness.trial.conditions import Shares
from harness.trial.examination import SHRINK_TRIES
from harness.trial.one_setting import OpenTrial, Trial, decide_setting
from tests.harness.scripted import RATE, Said, examined, saying


def refuting_from(least: int) -> Said:
    return lambda p: (0.0, 5.0) if p >= least else (5.0, 0.0)


def drawn(said: Said, **options: Any) -> Claim:
    from hypothesis import strategies as st

    return saying(said, always=({"p": 9},), given={"p": st.integers(0, 20)}, shrink=True, **options)


def test_the_simplest_setting_that_refutes_is_looked_for() -> None:
    found = examined(drawn(refuting_from(3)))

    assert found.verdict is Verdict.REFUTED
    assert found.smallest is not None
    assert found.smallest.setting == {"p": 3}
    assert found.smallest.verdict is Verdict.REFUTED


def test_the_simplest_setting_has_a_setting_s_share(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()

    def noting(trial: OpenTrial, *rest: Any) -> Trial:
        asked.add(trial.share)
        return decide_setting(trial, *rest)

    monkeypatch.setattr(experiment, "decide_setting", noting)
    found = examined(drawn(refuting_from(3)), Shares(RATE, 3 * RATE))

    assert found.parts > 1
    one = (RATE / found.parts, 3 * RATE / found.parts)
    assert asked == {one, (one[0] / SHRINK_TRIES, one[1] / SHRINK_TRIES)}


def test_the_simplest_setting_is_looked_for_among_sixty() -> None:
    from hypothesis import strategies as st

    seen = []

    def only_nine_refutes(p: int) -> tuple[float, float]:
        seen.append(p)
        return (0.0, 5.0) if p == 9 else (5.0, 0.0)

    given = {"p": st.integers(100, 10**9)}
    claim = saying(only_nine_refutes, always=({"p": 9},), given=given, shrink=True)
    found = examined(claim)

    assert found.smallest is found.trials[-1]
    assert len(seen) == 1 + 60 + 1  # the last one tells what was got


@pytest.mark.parametrize("options", [{"shrink": False}, {"given": {}}])
def test_where_nothing_is_drawn_or_shrunk_the_refuting_one_stays(options: dict[str, Any]) -> None:
    from hypothesis import strategies as st

    given = {"given": {"p": st.integers(0, 20)}, "shrink": True, **options}
    found = examined(saying(refuting_from(3), always=({"p": 9},), **given))

    assert found.smallest is found.trials[-1]
