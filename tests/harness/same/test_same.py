"""`same` from Python: answers, seeds, what is kept, and a sentence for every bad input."""

import functools
import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.blocks.streams import Stream
from harness.same import digests
from harness.same.comparison import same
from harness.statistics.comparison.sameness import Answer

WITHIN = {"loss": "5%"}


def train(seed: int, factor: float = 1.0) -> dict[str, Any]:
    noise = random.Random(seed)
    curve = [factor * noise.uniform(0.9, 1.1) / (epoch + 1) for epoch in range(4)]
    return {"loss": curve[-1], "curve": curve, "accuracy": 0.9}


bound: Any = functools.partial
worse = functools.partial(train, factor=1.2)
near = functools.partial(train, factor=1.0001)


class Calls:
    made = 0

    def train(self, seed: int) -> dict[str, Any]:
        self.made += 1
        return train(seed)


def test_a_drift_of_a_ten_thousandth_is_the_same() -> None:
    found = same(train, near, {**WITHIN, "accuracy": "1 point"})

    assert found.answer is Answer.SAME
    assert len(found.runs) == 11
    assert "SAME" in str(found)
    assert "loss: SAME, median +0.01 %" in str(found)


def test_a_fifth_more_has_changed_and_the_statistic_is_named() -> None:
    found = same(train, worse, {**WITHIN, "accuracy": "1 point"})

    assert found.answer is Answer.CHANGED
    assert "loss: CHANGED, median +20 % [+20 %, +20 %] within ±5 %: above in 13 pairs" in str(found)


def test_both_sides_of_a_pair_have_one_seed_unless_they_are_independent() -> None:
    def told(into: list[int]) -> Callable[[int], dict[str, float]]:
        return lambda seed: into.append(seed) or {"loss": 1.0}  # type: ignore[func-returns-value]

    one: list[int] = []
    other: list[int] = []
    same(told(one), told(other), WITHIN)
    assert one == other
    assert len(set(one)) == 11
    assert all(0 <= seed < 2**31 for seed in one)

    same(told([]), told(independent := []), WITHIN, paired=False)  # type: ignore[var-annotated]
    assert not set(independent) & set(one)


def test_a_function_of_a_stream_is_given_one() -> None:
    def of_stream(stream: Stream) -> dict[str, float]:
        return {"loss": float(stream.numpy().random())}

    assert same(of_stream, of_stream, WITHIN).answer is Answer.SAME


def test_the_points_of_a_curve_are_asked_alone_or_all() -> None:
    def late(seed: int) -> dict[str, Any]:
        found = train(seed)
        found["curve"][-1] *= 1.3
        return found

    assert same(train, late, {"curve[0]": "5%", "curve[-2]": "5%"}).answer is Answer.SAME
    whole = same(train, late, {"curve": "5%"})
    assert whole.answer is Answer.CHANGED
    assert "curve[3]: CHANGED" in str(whole)
    assert "(of 4 points)" in str(whole)


def test_arrays_and_scalars_of_libraries_are_numbers() -> None:
    def arrays(seed: int) -> dict[str, Any]:
        return {"loss": np.float32(0.5), "curve": np.array([1.0, 2.0])}

    assert same(arrays, arrays, {"loss": 0.1, "curve": 0.1}).answer is Answer.SAME


def test_an_undecided_comparison_says_how_many_more_and_goes_on(tmp_path: Path) -> None:
    file, calls = tmp_path / "runs.jsonl", Calls()
    counted = calls.train

    first = same(train, counted, WITHIN, pairs=6, file=file)
    assert first.answer is Answer.UNDECIDED
    assert "more pairs would decide" in str(first)

    second = same(train, counted, WITHIN, file=file)
    assert second.answer is Answer.SAME
    assert calls.made == 11
    assert str(same(train, counted, WITHIN, file=file)) == str(second)
    assert calls.made == 11


def test_a_killed_comparison_loses_half_a_line_at_most(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    whole = same(train, near, WITHIN, file=file)
    file.write_bytes(file.read_bytes()[:-20])

    assert str(same(train, near, WITHIN, file=file)) == str(whole)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"after": worse}, "holds runs of another after"),
        ({"before": near}, "holds runs of another before"),
        ({"within": {"loss": "4%"}}, "a margin that is chosen after a look"),
        ({"salt": "x"}, "was begun with salt=''"),
        ({"error": 0.05}, "was begun with same=0.001, changed=0.001"),
    ],
)
def test_another_comparison_does_not_go_on_from_the_file(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    file = tmp_path / "runs.jsonl"
    given: dict[str, Any] = {"before": train, "after": near, "within": WITHIN, "file": file}
    same(**given)
    before = file.read_bytes()

    with pytest.raises(ValueError, match=said):
        same(**(given | change))
    assert file.read_bytes() == before


def test_other_versions_do_not_go_on_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "runs.jsonl"
    same(train, near, WITHIN, file=file)
    monkeypatch.setattr(digests, "packages", lambda: {"torch": "0.0"})

    with pytest.raises(ValueError, match="holds runs of another before"):
        same(train, near, WITHIN, file=file)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bound(train, factor=Calls), bound(train, factor=Path)),
        (bound(train, 1, 1), bound(train, 1)),
        (bound(train, {1, 2}), bound(train, {1, 3})),
    ],
    ids=["classes", "equal numbers", "sets"],
)
def test_what_is_bound_to_a_function_is_part_of_its_digest(one: Any, other: Any) -> None:
    assert digests.code_of(one).digest != digests.code_of(other).digest
    assert digests.code_of(one).unseen == ""


def test_an_answer_says_that_the_state_of_an_object_is_not_known(tmp_path: Path) -> None:
    file, counted = tmp_path / "runs.jsonl", Calls().train

    assert "other code" not in str(same(train, counted, WITHIN, file=file))
    again = str(same(train, counted, WITHIN, file=file))
    assert (
        "kept runs may be of other code: tests.harness.same.test_same.Calls.train: a Calls" in again
    )
    assert again.count("other code") == 1


def test_runs_that_diverge_count_and_never_vanish() -> None:
    def diverges(seed: int) -> dict[str, float]:
        return {"loss": math.nan if seed % 2 else train(seed)["loss"]}

    def loss(seed: int) -> dict[str, float]:
        return {"loss": train(seed)["loss"]}

    found = same(loss, diverges, WITHIN)
    assert found.answer is Answer.UNDECIDED
    assert "one side alone diverged in" in str(found)
    assert same(loss, lambda seed: {"loss": math.inf}, WITHIN).answer is Answer.CHANGED


def test_stored_runs_are_a_side_and_give_the_other_their_seeds(tmp_path: Path) -> None:
    golden = tmp_path / "golden.jsonl"
    lines = [json.dumps({"seed": seed, **train(seed)}) for seed in range(16)]
    golden.write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert same(golden, near, WITHIN).answer is Answer.SAME
    assert same(golden, worse, WITHIN).answer is Answer.CHANGED
    assert same(golden, golden, WITHIN).answer is Answer.SAME
    kept = tmp_path / "runs.jsonl"
    seeds: list[int] = []
    same(golden, lambda seed: seeds.append(seed) or train(seed), {"loss": 9}, paired=False)  # type: ignore[func-returns-value]
    assert not set(seeds) & set(range(16))
    same(train, worse, WITHIN, file=kept)
    assert same(f"{kept}:before", f"{kept}:after", WITHIN).answer is Answer.CHANGED


def test_one_seed_stored_twice_is_one_run_and_refused(tmp_path: Path) -> None:
    golden = tmp_path / "golden.jsonl"
    golden.write_text('{"seed": 3, "loss": 1.0}\n' * 11, encoding="utf-8")

    with pytest.raises(ValueError, match=r"several runs of seed 3.*keep one line of each seed"):
        same(golden, lambda seed: {"loss": 1.0}, WITHIN)


def test_stored_runs_that_are_used_up_are_told(tmp_path: Path) -> None:
    golden = tmp_path / "golden.jsonl"
    lines = [json.dumps({"seed": seed, **train(seed)}) for seed in range(6)]
    golden.write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert "the stored runs are used up: record 1" in str(same(golden, near, WITHIN))


def test_of_many_statistics_those_that_changed_are_told_first() -> None:
    def many(seed: int, last: float = 1.0) -> dict[str, float]:
        return {f"loss {number}": 1.0 for number in range(20)} | {"loss 19": last}

    changed = functools.partial(many, last=2.0)
    within = dict.fromkeys(many(0), "5%")

    _, first, *_, rest = str(same(many, changed, within)).split("\n")
    assert "loss 19: CHANGED" in first
    assert rest == "  and 8 more SAME"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"after": lambda seed: {"other": 1.0}}, "'loss', 'other' are returned by .* alone; let both"),
    ({"after": lambda seed: None}, "returned nothing; a run returns a mapping"),
    ({"after": lambda seed: {}}, "returned an empty mapping; a run returns a mapping"),
    ({"after": lambda seed: 0.3}, "returned float 0.3; a run returns a mapping"),
    ({"after": lambda seed: {"loss": "low"}}, "'loss' is str 'low'; a run returns"),
    ({"after": lambda seed: {"loss": []}}, "is a curve of 0 points"),
    ({"after": lambda seed: {"loss": [1.0, 2.0]}}, "one number in a run of .* and 2 points"),
    ({"after": lambda seed: {"loss": 1 / 0}}, "raised ZeroDivisionError.*return NaN"),
    ({"after": lambda seed: {"loss": -1.0}}, "a ratio asks for numbers that are not below 0"),
    ({"within": {}}, "no margin was given"),
    ({"within": {"loss": 0}}, "'loss 0': a margin is a ratio"),
    ({"within": {"loss": "a lot"}}, "a margin is a ratio"),
    ({"within": {"los": "5%"}}, "no run returned 'los'.*there are: loss"),
    ({"within": {"loss[-1]": "5%"}}, "a point of a curve, and a run returned one number"),
    ({"pairs": 0}, "at least one pair"),
    ({"error": 0.0}, "a rate of errors"),
    ({"before": "nowhere.jsonl"}, "cannot be read .*name a file of stored runs"),
]


@pytest.mark.parametrize(("change", "said"), BAD, ids=[said for _, said in BAD])
def test_bad_input_is_told_in_one_sentence_and_runs_are_kept(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    file = tmp_path / "runs.jsonl"
    given: dict[str, Any] = {
        "before": lambda seed: {"loss": 1.0},
        "after": lambda seed: {"loss": 1.0},
        "within": WITHIN,
        "file": file,
    }

    with pytest.raises(ValueError, match=said) as caught:
        same(**(given | change))

    assert "\n" not in str(caught.value)
    if "after" in change:
        assert b'"before"' in file.read_bytes()
        assert str(caught.value).endswith(f"; runs are kept in {str(file)!r}")


def test_a_damaged_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    same(train, near, WITHIN, file=file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b'{"side":"left"}\n', *lines[1:]]))

    with pytest.raises(ValueError, match="line 2 is no run"):
        same(train, near, WITHIN, file=file)
