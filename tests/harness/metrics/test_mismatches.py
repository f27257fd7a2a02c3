"""What was got and what is right: the first comparison that does not hold, its worst element."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.metrics import arrays
from harness.metrics.dropout_masks import off_support
from harness.metrics.mismatches import Mismatch, kept_mismatches
from harness.primitives.dropout import dropout
from harness.run.api import check_implementation
from harness.run.terminal import failure_text


def test_the_first_comparison_that_fails_gives_its_worst_element() -> None:
    with kept_mismatches() as kept:
        arrays.rounding_ratio([1.0, 2.0], [1.0, 2.0], 1.0, 4)
        arrays.rounding_ratio([[1.0, 2.5], [3.1, 4.0]], [[1.0, 2.0], [3.0, 4.0]], 1.0, 4)
        arrays.mismatch([9.0], [8.0])

    allowed = arrays.gamma(4)
    assert kept == [Mismatch(2.5, 2.0, allowed, (0, 1), (2, 2), 2)]


def test_it_says_by_which_call_of_the_claim_and_where_its_loops_were() -> None:
    with kept_mismatches() as kept:
        for training in (True, False):
            arrays.rounding_ratio(
                [float(training)], [1.0],
                1.0, 4,
            )  # fmt: skip

    place, _, call = kept[0].compared.partition(": ")
    assert place.startswith("test_mismatches.py:")
    assert call == ("arrays.rounding_ratio([float(training)], [1.0], 1.0, 4,) with training=False")


def test_a_call_through_a_function_of_the_claims_own_is_told_with_it() -> None:
    def centres_nothing(x: Any, gain: Any, bias: Any, eps: float) -> Any:
        return gain * x / (x.square().mean(-1, keepdim=True) + eps).sqrt() + bias

    (record,) = check_implementation(claims="tl-norm.layer", layer_norm=centres_nothing)

    assert record.mismatch is not None
    inner, own = record.mismatch.compared.split(", of ")
    assert inner.endswith(": arrays.bounded_ratio(found, right, bound)")
    assert ": _ratios(found, right, " in own


def test_code_without_a_source_says_nothing_of_its_call() -> None:
    with kept_mismatches() as kept:
        exec("arrays.mismatch([1.0], [2.0])", {"arrays": arrays})
    assert (kept[0].got, kept[0].off) == (1.0, 1)
    assert "arrays.mismatch" not in kept[0].compared


def test_a_source_that_was_broken_meanwhile_hides_neither_what_was_got_nor_what_is_right(
    tmp_path: Path,
) -> None:
    file = tmp_path / "broken.py"
    file.write_text("while it is being edited (\n")
    with kept_mismatches() as kept:
        exec(compile("arrays.mismatch([1.0], [2.0])", file, "exec"), {"arrays": arrays})
    assert (kept[0].got, kept[0].right) == (1.0, 2.0)
    assert "broken.py" not in kept[0].compared


def test_numbers_take_the_place_of_a_fact() -> None:
    with kept_mismatches() as kept:
        arrays.truth(True, [[True, False], [False, False]])
        (fact,) = kept
        arrays.truth(False)
        assert kept == [fact]
        arrays.mismatch([9.0], [8.0])

    assert fact == Mismatch(0.0, 1.0, 0.0, (0, 1), (2, 2), 3, fact=True)
    assert [(one.got, one.fact) for one in kept] == [(9.0, False)]


def test_nan_is_furthest_off() -> None:
    with kept_mismatches() as kept:
        arrays.rounding_ratio([5.0, np.nan], [1.0, 2.0], 1.0, 4)
    assert np.isnan(kept[0].got)
    assert (kept[0].place, kept[0].off) == ((1,), 2)


def test_a_dropped_unit_is_held_against_what_a_kept_one_is() -> None:
    h = torch.ones(2, 3)
    with kept_mismatches() as kept:
        off_support(torch.tensor([[0.0, 2.0, 1.0], [2.0, 0.0, 2.0]]), h, 0.5)
    assert (kept[0].got, kept[0].right, kept[0].place) == (1.0, 2.0, (0, 2))


def test_nothing_is_kept_while_nobody_asks() -> None:
    assert not arrays.mismatch([1.0], [1.0])[0]
    with kept_mismatches() as kept:
        pass
    arrays.mismatch([1.0], [2.0])
    assert kept == []


def decays_twice(params: Any, grads: Any, lr: float, weight_decay: float = 0.0) -> Any:
    return [w - lr * (g + 2 * weight_decay * w) for w, g in zip(params, grads, strict=True)]


def hides(h: Any, p: float, generator: Any, training: bool = True) -> Any:
    return torch.full_like(h, torch.inf) if training else h


def keeps_all(h: Any, p: float, generator: Any, training: bool = True) -> Any:
    return 2 * h


def hides_nothing(h: Any, p: float, generator: Any, training: bool = True) -> Any:
    return dropout(h, p, generator, training)


@pytest.mark.parametrize(("claim", "role", "fault", "got"), [
    ("wd-default", "sgd", decays_twice, " ± "),
    ("do-keep-rule.infinite", "dropout", hides, "false where true is right"),
    ("do-layer-expectation", "dropout", keeps_all, None),
])  # fmt: skip
def test_a_refutation_that_nobody_expected_says_what_was_got(
    claim: str, role: str, fault: Any, got: str | None
) -> None:
    (record,) = check_implementation(claims=claim, **{role: fault})

    told = [line for line in failure_text(record).splitlines() if line.startswith("  got ")]

    assert record.verdict == "REFUTED"
    assert bool(told) == (record.mismatch is not None) == (got is not None)
    assert got is None or got in told[0]


def test_what_is_expected_to_be_refuted_is_not_looked_into() -> None:
    (record,) = check_implementation(
        claims="do-unbiased.outside", dropout="harness.primitives.dropout:dropout"
    )
    assert record.mismatch is None
