"""Training functions that draw from global generators: begun alike, and left as if never drawn."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from harness.adapters.adapter import adapter
from harness.run.api import check_implementation
from harness.run.unjudged import NothingJudgedError


def draws(net: nn.Module, batches: Any, lr: float) -> list[float]:
    if not batches:
        raise ValueError("no batches")
    return [random.random(), np.random.random(), float(torch.rand(()))]  # noqa: NPY002


def shuffles(net: nn.Module, batches: Any, lr: float) -> list[float]:
    """Trains on the rows that a permutation of the global generator puts first."""
    optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr)
    losses = []
    for X, y in batches:
        kept = torch.randperm(len(y))[:-1]
        loss = nn.functional.cross_entropy(net(X[kept]), y[kept])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return losses


def states() -> tuple[Any, ...]:
    return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()  # noqa: NPY002


X, Y = torch.arange(6.0).reshape(3, 2), torch.tensor([0, 1, -100])


@pytest.mark.parametrize("batches", [[(X, Y)], []], ids=["returns", "raises"])
def test_every_call_begins_alike_and_puts_the_generators_back(batches: list[Any]) -> None:
    trainer, net, drawn = adapter("trainer", draws), nn.Linear(1, 1), []

    for _ in range(2):
        random.random()
        before = states()
        with contextlib.suppress(ValueError):
            drawn.append(trainer(net, batches, 0.1))
        assert states() == before

    assert drawn == 2 * drawn[:1]
    assert len(drawn) == 2 * len(batches)


def test_runs_that_are_compared_begin_alike_and_no_others() -> None:
    trainer, net, order = adapter("trainer", draws), nn.Linear(1, 1), torch.tensor([2, 0, 1])
    right = trainer(net, [(X, Y), (X, Y)], 0.1)
    compared = [
        [(X[order], Y[order])], [(X, 1 - Y)], [(X[[0, 1, 2, 0]], Y[[0, 1, 2, 2]])],
    ]  # fmt: skip
    others = [([(2 * X, Y)], 0.1), ([(X, Y)], 0.2)]

    assert all(trainer(nn.Linear(1, 1), batches, 0.1) == right for batches in compared)
    assert all(trainer(net, batches, lr) != right for batches, lr in others)


def test_what_a_loop_does_not_take_is_not_asked_of_it() -> None:
    with pytest.raises(NothingJudgedError, match="takes no argument 'ranks'"):
        check_implementation(trainer=adapter("trainer", shuffles), claims="tl-relation.ranks")


def test_a_row_that_is_left_out_at_random_is_refuted_behind_the_adapter() -> None:
    record = check_implementation(
        trainer=adapter("trainer", shuffles), claims=("tl-relation.permuted",)
    )[0]

    assert record.verdict == "REFUTED"


def test_a_loop_that_draws_is_told_of_the_adapter() -> None:
    record = check_implementation(trainer=shuffles, claims=("tl-relation.permuted",))[0]

    assert record.verdict == "ERROR"
    assert record.error is not None
    assert "changed the state of torch's global generator; give adapter('trainer', ...)" in (
        record.error.message
    )
