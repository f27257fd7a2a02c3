"""Modules and optimisers of users' own: one object through both modes, groups of many tensors."""

from typing import Any

import pytest
import torch
from torch import nn

from harness.adapters.adapter import adapter
from harness.run.api import check_implementation
from harness.run.unjudged import NothingJudgedError


class Silent(nn.Module):
    """Drops nothing any more once it has been evaluated."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.evaluated = p, False

    def forward(self, h: Any) -> Any:
        self.evaluated |= not self.training
        return h if self.evaluated else nn.functional.dropout(h, self.p, True)


class Ruled(torch.optim.Optimizer):
    """Momentum SGD with an attribute of its own, which torch's pickling leaves out."""

    def __init__(
        self, params: Any, lr: float = 0.1, momentum: float = 0.9, weight_decay: float = 0.0
    ) -> None:
        self.rule = "plain"
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        assert self.rule == "plain"
        for group in self.param_groups:
            for w in group["params"]:
                g = w.grad + group["weight_decay"] * w
                before = self.state[w].get("velocity")
                now = g.clone() if before is None else group["momentum"] * before + g
                self.state[w]["velocity"] = now
                w.sub_(group["lr"] * now)


class DecaysForEveryTensor(torch.optim.Optimizer):
    """Decays a parameter once for every tensor of its group that has the same dtype."""

    def __init__(self, params: Any, lr: float = 0.1, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for w in group["params"]:
                times = sum(other.dtype == w.dtype for other in group["params"])
                w.mul_((1 - group["lr"] * group["weight_decay"]) ** times)
                w.sub_(group["lr"] * w.grad)


def verdict(claim: str, **roles: Any) -> str:
    (record,) = check_implementation(claims=claim, **roles)
    return record.verdict


def test_one_module_lives_through_both_modes() -> None:
    assert verdict("do-eval", dropout=adapter("dropout", Silent)) == "REFUTED"
    assert verdict("do-eval", dropout=adapter("dropout", Silent(0.5))) == "REFUTED"
    assert verdict("do-eval", dropout=adapter("dropout", nn.Dropout)) == "CONFIRMED"


def test_what_a_module_remembers_reaches_no_other_claim() -> None:
    records = check_implementation(
        claims=("do-unbiased", "do-eval", "do-printed"), dropout=adapter("dropout", Silent)
    )
    assert {record.claim: record.verdict for record in records} == {
        "do-unbiased": "CONFIRMED", "do-printed": "CONFIRMED", "do-eval": "REFUTED",
    }  # fmt: skip
    assert verdict("do-printed", dropout=adapter("dropout", Silent)) == "CONFIRMED"


def test_an_optimiser_keeps_its_own_attributes() -> None:
    records = check_implementation(momentum_sgd=adapter("momentum_sgd", Ruled))
    assert [record.claim for record in records if not record.as_expected] == []


def test_tensors_of_one_rate_are_in_one_group() -> None:
    assert verdict("wd-default", sgd=adapter("sgd", DecaysForEveryTensor)) == "REFUTED"
    assert verdict("wd-default", sgd=adapter("sgd", torch.optim.SGD)) == "CONFIRMED"


def test_a_step_leaves_the_state_that_it_was_given() -> None:
    step = adapter("momentum_sgd", Ruled)
    w, g = [torch.zeros(3)], [torch.ones(3)]
    w, state = step(w, g, None, 0.1)

    first, _ = step(w, g, state, 0.1)
    again, _ = step(w, g, state, 0.1)

    assert torch.equal(first[0], again[0])
    assert state[1].rule == "plain"


def test_a_step_that_does_not_decay_is_still_refuted_where_operations_are_counted() -> None:
    def step(params: Any, grads: Any, lr: float, weight_decay: float = 0.0, **_: Any) -> Any:
        return [w - lr * g for w, g in zip(params, grads, strict=True)]

    assert verdict("wd-free.corrected", sgd=step) == "REFUTED"


def test_a_step_that_costs_the_same_with_decay_is_not_blamed_for_it() -> None:
    def step(params: Any, grads: Any, lr: float, weight_decay: float = 0.0, **_: Any) -> Any:
        return [w - lr * (g + weight_decay * w) for w, g in zip(params, grads, strict=True)]

    with pytest.raises(NothingJudgedError) as found:
        check_implementation(claims=("wd-free", "wd-free.corrected"), sgd=step)
    assert {record.verdict for record in found.value.records} == {"NOT APPLICABLE"}
