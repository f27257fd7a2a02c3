"""Two runs of one trainer: what may be between them, and when nothing may."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from claims.training_loop.experiments import relations
from harness.blocks.streams import Stream
from harness.primitives.trainers import trainer


def test_a_run_is_as_far_from_itself_as_a_change_within_the_allowance() -> None:
    plain = relations.plain_run(trainer, 0.1, Stream(b"a run"), "cpu")
    net = relations.net_of(plain.values)
    losses = trainer(net, plain.batches, 0.1)

    same = plain.ratios(net, losses)
    other = plain.ratios(net, [losses[0] + 2 * plain.allowed, *losses[1:]])

    assert not same.any()
    assert other.max() == pytest.approx(2)
    assert 0 < plain.allowed < 2.0**-26


def shifts(net: Any, losses: list[float]) -> list[float]:
    """A trainer that adds 1 to a parameter and has these losses."""
    with torch.no_grad():
        net.first.bias.add_(1)
    return losses


@pytest.mark.parametrize("end", [math.inf, math.nan])
def test_a_response_without_end_allows_nothing(end: float) -> None:
    told = iter([[0.5, 0.4], [0.5, end]])
    plain = relations.plain_run(
        lambda net, *_: shifts(net, next(told)), 0.1, Stream(b"a run"), "cpu"
    )
    net = relations.net_of(plain.values)
    shifts(net, [])

    ratios = plain.ratios(net, [0.5, 0.4 + 1e-15])

    assert np.isinf(ratios[-1])
    assert not ratios[:-1].any()


def test_a_trainer_that_trains_nothing_is_told_so() -> None:
    with pytest.raises(ValueError, match="as 'trainer' left every parameter as it was"):
        relations.plain_run(lambda *_: [0.5, 0.4], 0.1, Stream(b"a run"), "cpu")


def test_a_loss_too_few_is_another_run() -> None:
    plain = relations.plain_run(trainer, 0.1, Stream(b"a run"), "cpu")

    assert np.isinf(plain.ratios(relations.net_of(plain.values), [0.5])).all()


def keeps(kind: Any) -> Any:
    """The reference with losses that are kept in a narrower dtype."""

    def call(net: Any, batches: Any, lr: float, **options: Any) -> list[float]:
        return [float(kind(loss)) for loss in trainer(net, batches, lr, **options)]

    return call


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_losses_are_compared_as_exactly_as_they_are_kept(kind: Any) -> None:
    plain = relations.plain_run(keeps(kind), 0.1, Stream(b"a run"), "cpu")
    net = relations.net_of(plain.values)
    parts = trainer(net, plain.batches, 0.1, parts=3)
    kept = [float(kind(loss)) for loss in parts]
    unit = float(np.finfo(kind).eps) / 2

    assert plain.ratios(net, kept).max() <= 1
    assert plain.ratios(net, [loss * (1 - 8 * unit) for loss in kept]).max() <= 1
    assert plain.ratios(net, [kept[0] * (1 + 32 * unit), kept[1]]).max() > 1


def test_losses_of_double_precision_are_not_forgiven_the_roundings_of_a_single() -> None:
    plain = relations.plain_run(trainer, 0.1, Stream(b"a run"), "cpu")
    net = relations.net_of(plain.values)
    kept = keeps(np.float32)(net, plain.batches, 0.1)

    assert plain.ratios(net, kept).max() > 1


def test_parameters_are_compared_in_full_where_losses_are_not() -> None:
    plain = relations.plain_run(keeps(np.float16), 0.1, Stream(b"a run"), "cpu")
    net = relations.net_of(plain.values)
    kept = keeps(np.float16)(net, plain.batches, 0.1)
    with torch.no_grad():
        net.first.bias.mul_(1 + 2.0**-24)

    assert plain.ratios(net, kept).max() > 1
