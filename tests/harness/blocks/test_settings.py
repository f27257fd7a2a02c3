"""Settings: a function of the claim and the salt, whatever else the process has loaded."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from harness.blocks import settings
from harness.blocks.settings import canonical, draw_settings, largest_number_of_settings
from harness.declaration.book import Cost
from harness.declaration.claim import Claim, claim
from harness.declaration.relations import more_often_than_not


def _numbers() -> Claim:
    @claim(
        "toy-numbers",
        "A number is drawn",
        "抽一个数",
        source="a test",
        given={"x": st.floats(0, 1), "n": st.integers(0, 10**9)},
        holds=more_often_than_not(),
    )
    def a_number_is_drawn(relu: object, x: float, n: int) -> None:
        return None

    return a_number_is_drawn


def test_literals_of_loaded_modules_do_not_reach_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [draw_settings(_numbers(), 40, salt) for salt in "abcdefgh"]
    file = tmp_path / "literals_of_a_project.py"
    file.write_text(
        f"X = {[i / 997 for i in range(1, 400)]}\nN = {list(range(10**6, 10**6 + 400))}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import importlib

    importlib.import_module("literals_of_a_project")
    try:
        after = [draw_settings(_numbers(), 40, salt) for salt in "abcdefgh"]
    finally:
        del sys.modules["literals_of_a_project"]

    assert after == before


def test_an_early_hypothesis_without_the_feature_needs_no_guard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = pytest.importorskip("hypothesis.internal.conjecture")
    # The lowest release that is allowed has no such module.
    monkeypatch.delattr(package, "providers", raising=False)
    monkeypatch.setitem(sys.modules, "hypothesis.internal.conjecture.providers", None)
    entered = False

    with settings._without_constants_of_the_code():
        entered = True

    assert entered


def test_a_plain_draw_does_take_literals_where_hypothesis_offers_them() -> None:
    # If this fails, Hypothesis has dropped the feature, and the guard in `settings` can go.
    providers = pytest.importorskip("hypothesis.internal.conjecture.providers")

    assert hasattr(providers.HypothesisProvider, "_local_constants")


def test_a_guard_is_not_needed_where_hypothesis_has_no_such_cache_or_hook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    providers = pytest.importorskip("hypothesis.internal.conjecture.providers")
    with monkeypatch.context() as changed:
        changed.setattr(providers, "CONSTANTS_CACHE", None, raising=False)
        without_cache = draw_settings(_numbers(), 3, "salt")
    with monkeypatch.context() as changed:
        changed.delattr(providers.HypothesisProvider, "_local_constants", raising=False)
        with settings._without_constants_of_the_code():
            pass

    assert len(without_cache) == 3


# What a claim's own numbers say


def _with(draws: int | None = None, always: tuple[dict[str, float], ...] = ()) -> Claim:
    return replace(_numbers(), spends=Cost(draws=draws), always=always)


FIXED = ({"x": 0.25, "n": 1}, {"x": 0.75, "n": 2})


@pytest.mark.parametrize(
    ("one", "draws", "drawn"),
    [(_with(), 4, 4), (_with(2), 4, 2), (_with(8), 4, 4), (_with(0), 4, 0), (_with(), 1, 1)],
)
def test_fixed_settings_come_first_and_no_more_are_drawn_than_said(
    one: Claim, draws: int, drawn: int
) -> None:
    one = replace(one, always=FIXED)
    examined = draw_settings(one, draws, "salt")

    assert examined[:2] == FIXED
    assert len(examined) == largest_number_of_settings(one, draws) == 2 + drawn
    assert len({canonical(setting) for setting in examined}) == len(examined)


def test_a_claim_without_strategies_is_examined_at_what_is_fixed_or_once() -> None:
    fixed, bare = replace(_with(always=FIXED), given={}), replace(_with(), given={})

    assert draw_settings(fixed, 4, "salt") == FIXED
    assert draw_settings(bare, 4, "salt") == ({},)
    assert largest_number_of_settings(fixed, 4) == 2
    assert largest_number_of_settings(bare, 4) == 1
    assert largest_number_of_settings(_with(0), 4) == 1


def test_a_setting_is_named_by_its_values_whatever_their_order() -> None:
    assert canonical({"b": [1, 2], "a": 0.5}) == '{"a":0.5,"b":[1,2]}'


def test_salts_draw_other_settings() -> None:
    drawn = {tuple(map(canonical, draw_settings(_numbers(), 4, salt))) for salt in "abcdefgh"}

    assert len(drawn) == 8


def test_a_profile_of_hypothesis_does_not_reach_a_setting() -> None:
    before = draw_settings(_numbers(), 4, "salt")
    hypothesis.settings.register_profile("a-project-s", derandomize=True, max_examples=3)
    hypothesis.settings.register_profile("as-it-was", hypothesis.settings())
    hypothesis.settings.load_profile("a-project-s")
    try:
        assert draw_settings(_numbers(), 4, "salt") == before
    finally:
        hypothesis.settings.load_profile("as-it-was")


def test_a_setting_that_no_record_could_hold_is_refused_without_advice_to_pick_an_example() -> None:
    endless = replace(_numbers(), given={"x": st.just(float("nan")), "n": st.just(1)})

    with pytest.raises(ValueError, match="JSON compliant") as caught:
        draw_settings(endless, 4, "salt")

    assert "reproduce_failure" not in "".join(getattr(caught.value, "__notes__", ()))
