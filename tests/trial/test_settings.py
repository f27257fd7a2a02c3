"""Settings: a function of the claim and the salt, whatever else the process has loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

from harness.trial import settings
from harness.trial.claim import Claim, claim
from harness.trial.relations import more_often_than_not
from harness.trial.settings import draw_settings
from tests.trial import toys


def _numbers() -> Claim:
    @claim(
        "toy-numbers",
        "A number is drawn",
        zh="抽一个数",
        section=toys.SECTION,
        source="a test",
        given={"x": st.floats(0, 1), "n": st.integers(0, 10**9)},
        holds=more_often_than_not(),
        mutants=("relu=tests.mutants.toy:nothing",),
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
