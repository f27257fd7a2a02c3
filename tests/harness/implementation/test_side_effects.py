"""What a call leaves as it was, seen without touching it."""

from typing import Any

import numpy as np
import pytest
import torch

from harness.implementation.contracts import WATCHED, ContractError, guarded
from harness.implementation.side_effects import broken_rule, side_effects_of
from harness.metrics.gradient_steps import element_operations
from harness.primitives.optimizers import sgd

LAYOUTS = {
    "contiguous": torch.arange(12.0).reshape(3, 4),
    "transposed": torch.arange(12.0).reshape(3, 4).mT,
    "strided": torch.arange(24.0).reshape(3, 8)[:, ::2],
    "expanded": torch.zeros(1).expand(5),
    "empty": torch.zeros(0, 3),
    "bits": torch.arange(4.0).to(torch.bfloat16),
    "leaf": torch.arange(4.0).requires_grad_(),
    "array": np.arange(4.0),
}


def rule(before: Any, after: Any) -> str | None:
    return broken_rule(before, after, None, ())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_input_that_is_left_alone_is_the_same(layout: str) -> None:
    given = LAYOUTS[layout]

    assert rule(side_effects_of(given), side_effects_of(given)) is None


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "empty"])
def test_a_write_is_seen_though_torch_does_not_count_it(layout: str) -> None:
    given: Any = LAYOUTS[layout]
    given = given.copy() if layout == "array" else given.detach().clone()
    before = side_effects_of([given])
    if layout == "array":
        given[0] = 7.0
    else:
        given.data.view(torch.int16 if layout == "bits" else torch.int32).flatten()[0] += 1
        given.data.fill_(5.0)

    assert "changed its input" in str(rule(before, side_effects_of([given])))


def test_watching_a_call_adds_no_operation_to_it() -> None:
    """Every WATCHED-th call is watched: a claim that counts operations must not see which."""
    watched = guarded("sgd", lambda *given, **options: sgd(*given, **options), "mine:sgd", sgd)
    w, g = [torch.ones(3, 4)], [torch.ones(3, 4)]

    counts = {element_operations(lambda: watched(w, g, 0.1)) for _ in range(3 * WATCHED)}

    assert counts == {element_operations(lambda: sgd(w, g, 0.1))}


def test_a_write_in_a_watched_call_breaks_the_contract() -> None:
    def writes(params: Any, grads: Any, lr: float, **options: Any) -> Any:
        params[0].data += 1
        return [params[0].clone()]

    with pytest.raises(ContractError, match="changed its input"):
        guarded("sgd", writes, "mine:sgd", sgd)([torch.ones(3)], [torch.ones(3)], 0.1)


def test_a_write_is_seen_in_a_list_within_a_state() -> None:
    moment = torch.ones(3)
    call: Any = (([], (1, [], [moment])), {})
    before = side_effects_of(call)
    moment.zero_()

    told = rule(before, side_effects_of(call))

    assert told is not None
    assert "changed its input" in told


def test_a_buffer_that_every_call_fills_anew_breaks_the_contract() -> None:
    kept = torch.empty(3)

    def fills(params: Any, grads: Any, lr: float, **options: Any) -> Any:
        return [torch.sub(params[0], grads[0], alpha=lr, out=kept)]

    call = guarded("sgd", fills, "mine:sgd", sgd)
    call([torch.ones(3)], [torch.ones(3)], 0.1)

    with pytest.raises(ContractError, match="what it had returned before"):
        call([torch.ones(3)], [torch.ones(3)], 0.2)


def test_what_the_caller_does_with_a_result_is_no_breach() -> None:
    call = guarded("sgd", lambda *given, **options: sgd(*given, **options), "mine:sgd", sgd)
    for _ in range(3):
        (w,) = call([torch.ones(3)], [torch.ones(3)], 0.1)
        w.zero_()
