"""Objects of users' own that remember: modules, optimisers, averages, samplers."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError
from harness.primitives.averages import average_weights
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


class Halved(nn.Module):
    """An average that is updated in place, by half of the way to the net."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.module = copy.deepcopy(net)

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        for mine, theirs in zip(self.module.parameters(), net.parameters(), strict=True):
            mine.lerp_(theirs, 0.5)


def test_an_average_leaves_the_state_that_it_was_given() -> None:
    average = adapter("average_weights", lambda net, decay: Halved(net))
    w = [torch.zeros(3)]
    _, state = average(w, None, 0.5)

    first, _ = average([torch.ones(3)], state, 0.5)
    again, _ = average([torch.ones(3)], state, 0.5)

    assert torch.equal(first[0], again[0])
    assert torch.equal(first[0], torch.full((3,), 0.5))


def test_an_average_that_knows_a_decay_alone_is_examined_with_one() -> None:
    def average(weights: Any, state: Any, decay: float | None = None) -> Any:
        if decay is None:
            raise NotApplicableError("it has a decay")
        return average_weights(weights, state, decay)

    records = check_implementation(average_weights=average)

    assert {record.claim: record.verdict for record in records} == {
        "tl-average": "CONFIRMED", "tl-average.equal": "NOT APPLICABLE",
        "tl-average.sixteen": "CONFIRMED",
    }  # fmt: skip


class Remembers:
    """Shuffles in place what the last epoch left, so that an epoch depends on those before it."""

    def __init__(self, data: Any, *, seed: int, **_: Any) -> None:
        self.order, self.seed = list(data), seed

    def set_epoch(self, epoch: int) -> None:
        self.generator = np.random.default_rng((self.seed, epoch))

    def __iter__(self) -> Any:
        self.generator.shuffle(self.order)
        return iter(self.order)


def test_a_sampler_has_been_through_another_epoch() -> None:
    sample = adapter("distributed_sampler", Remembers)

    fresh = Remembers(range(8), seed=1)
    fresh.set_epoch(3)

    assert sample(8, 0, 1, 3, 1) != list(fresh)
    theirs = adapter("distributed_sampler", torch.utils.data.DistributedSampler)
    assert theirs(8, 1, 2, 3, shuffle=False) == [1, 3, 5, 7]
