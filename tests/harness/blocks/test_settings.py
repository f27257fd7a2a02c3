"""Settings: a function of the claim and the salt, whatever else the process has loaded."""

import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from examples import toys
from harness.blocks.settings import canonical, draw_settings, largest_number_of_settings
from harness.declaration.book import Cost
from harness.declaration.claim import Claim


def _numbers() -> Claim:
    given = {"x": st.floats(0, 1), "n": st.integers(0, 10**9)}

    @toys.toy("toy-numbers", "A number is drawn", "抽一个数", given=given)
    def a_number_is_drawn(relu: object, x: float, n: int) -> None:
        return None

    return a_number_is_drawn


def test_literals_of_loaded_modules_do_not_reach_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [draw_settings(_numbers(), 40, salt) for salt in "abcdefgh"]
    file = tmp_path / "literals_of_a_project.py"
    floats, integers = [i / 997 for i in range(1, 400)], list(range(10**6, 10**6 + 400))
    file.write_text(f"X = {floats}\nN = {integers}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import importlib

    importlib.import_module("literals_of_a_project")
    try:
        after = [draw_settings(_numbers(), 40, salt) for salt in "abcdefgh"]
    finally:
        del sys.modules["literals_of_a_project"]

    assert after == before


# What a claim's own numbers say


def _with(draws: int | None = None, always: tuple[dict[str, float], ...] = ()) -> Claim:
    return replace(_numbers(), spends=Cost(draws=draws), always=always)


FIXED = ({"x": 0.25, "n": 1}, {"x": 0.75, "n": 2})


@pytest.mark.parametrize(
    ("one", "draws", "drawn"),
    [(_with(), 4, 4), (_with(2), 4, 2), (_with(8), 4, 4), (_with(0), 4, 0), (_with(), 1, 1)],
)
def test_fixed_settings_come_first_and_few_are_drawn(one: Claim, draws: int, drawn: int) -> None:
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
