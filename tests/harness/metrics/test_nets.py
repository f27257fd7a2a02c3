"""Tasks and measurements of nets, against torch and against counting."""

import dataclasses

import numpy as np
import torch

from harness.blocks.streams import block_stream
from harness.metrics import nets
from harness.training.nets.mlp import train_mlp
from harness.training.solver import Solver

STREAM = block_stream("salt", "test", "{}", "cpu", 0)


def _parameters(replicates: int = 3) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    shapes = ((8, 4), (8,), (6, 8), (6,))
    return [torch.randn(replicates, *shape, generator=generator) for shape in shapes]


def test_logits_and_losses_are_torch_s() -> None:
    parameters = _parameters()
    x = torch.randn(3, 7, 4, generator=torch.Generator().manual_seed(1))
    y = torch.arange(7).remainder(6).expand(3, 7)

    scores = nets.logits(parameters, x)

    W1, b1, W2, b2 = (part[1] for part in parameters)
    linear = torch.nn.functional.linear
    expected = linear(linear(x[1], W1, b1).relu(), W2, b2)
    torch.testing.assert_close(scores[1], expected)
    loss = torch.nn.functional.cross_entropy(expected.double(), y[1])
    np.testing.assert_allclose(nets.cross_entropy(scores, y)[1], loss.item(), rtol=1e-5)
    assert nets.accuracy(scores, scores.argmax(dim=-1)).tolist() == [1.0, 1.0, 1.0]


def test_the_worst_ablation_is_the_largest_rise_over_the_units() -> None:
    parameters = _parameters(1)
    x = torch.randn(1, 20, 4, generator=torch.Generator().manual_seed(2))
    y = torch.zeros(1, 20, dtype=torch.int64)
    whole = nets.cross_entropy(nets.logits(parameters, x), y)
    rises = []
    for unit in range(8):
        dead = [part.clone() for part in parameters]
        dead[0][:, unit], dead[1][:, unit] = 0.0, 0.0  # a unit without input is silent
        rises.append(nets.cross_entropy(nets.logits(dead, x), y) - whole)

    np.testing.assert_allclose(nets.worst_ablation(parameters, x, y), np.max(rises, axis=0))


def test_the_ranking_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(3)
    score, event = rng.integers(0, 5, (2, 40)), rng.random((2, 40)) < 0.3
    pairs = score[0][event[0]][:, None] - score[0][~event[0]][None, :]

    expected = (pairs > 0).mean() + (pairs == 0).mean() / 2

    np.testing.assert_allclose(nets.ranking(score, event)[0], expected)
    assert nets.ranking(score[:1], np.zeros((1, 40), dtype=bool))[0] == 0.5


def test_arms_on_one_stream_differ_by_their_options_alone() -> None:
    task = nets.clouds(2, 30, np.random.default_rng(4), tests=20)
    plain, other = (Solver(0.1, 2, 10, weight_decay) for weight_decay in (0.0, 0.5))

    first, second, decayed = (
        nets.train(train_mlp, task, solver, STREAM, hidden=(8, 8))
        for solver in (plain, plain, other)
    )

    assert first.train_loss.tolist() == second.train_loss.tolist()
    assert (decayed.train_loss != first.train_loss).all()


def test_noise_blurs_that_share_of_the_training_labels_only() -> None:
    rng = np.random.default_rng(5)
    task = nets.clouds(4, 5000, rng, separation=20.0, noise=0.5, tests=100)

    centres = torch.stack(
        [torch.stack([task.X_test[r][task.y_test[r] == k].mean(dim=0) for k in range(10)])
         for r in range(4)]
    )  # fmt: skip
    near = torch.cdist(task.X, centres).argmin(dim=-1)
    kept = float((near == task.y).double().mean())

    # Half are drawn anew, a tenth of these to the same label: 0.55, here within 6 deviations.
    assert abs(kept - 0.55) < 6 * 0.5 / np.sqrt(20000)


def test_a_class_that_only_the_training_labels_have_gets_its_output() -> None:
    task = nets.clouds(2, 40, STREAM.child("data").numpy(), tests=4)
    few = dataclasses.replace(task, y_test=task.y_test.clamp(max=3))
    assert int(task.y.max()) == 9

    run = nets.train(train_mlp, few, Solver(0.1, 1, batch_size=20), STREAM, hidden=(8,))

    assert np.isfinite(run.train_loss).all()
