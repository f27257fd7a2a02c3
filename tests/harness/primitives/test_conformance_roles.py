"""Oracles for the roles that the conformance kit adds: torch's own, or a closed form."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from harness.primitives.clipping import clipped_sgd
from harness.primitives.convolutions import he_kernel, xavier_kernel
from harness.primitives.evaluation import evaluate_loss
from harness.primitives.folds import stratified_k_fold
from harness.primitives.keys import folded_uniforms, split_uniforms
from harness.primitives.losses import mean_over_microbatches, smoothed_cross_entropy
from harness.primitives.optimizers import adamw, nesterov_sgd
from harness.primitives.shared_dropout import channel_dropout, path_dropout


@pytest.mark.parametrize(("layer", "arguments"), [
    (torch.nn.Conv2d(16, 48, 3), ("convolution", 16, 48, [3, 3], 1)),
    (torch.nn.Conv1d(32, 64, 5, groups=4), ("convolution", 32, 64, [5], 4)),
    (torch.nn.Linear(32, 240), ("packed", 32, 80, [3], 1)),
])  # fmt: skip
def test_shape_and_fan_in_are_torchs(layer: Any, arguments: tuple[Any, ...]) -> None:
    generator = torch.Generator().manual_seed(1)
    kind, inputs, outputs, window, groups = arguments
    w = he_kernel(kind, inputs, outputs, window, groups, generator, 64)

    fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(layer.weight)
    assert w.shape[1:] == layer.weight.shape
    assert w.std().item() == pytest.approx(math.sqrt(2 / fan_in), rel=0.02)


def test_a_transposed_kernel_counts_what_one_output_sees() -> None:
    layer = torch.nn.ConvTranspose2d(64, 16, 3, bias=False)
    generator = torch.Generator().manual_seed(1)
    w = he_kernel("transposed", 64, 16, [3, 3], 1, generator)[0]
    assert w.shape == layer.weight.shape

    with torch.no_grad():
        layer.weight.copy_(w)
        seen = layer(torch.ones(1, 64, 9, 9) * 0 + 1)[0, :, 4, 4]

    # An inner output is the sum of the 576 weights that it sees, each of variance 2 / 576.
    assert seen.std().item() == pytest.approx(math.sqrt(2), rel=0.5)


def test_parts_average_like_the_whole() -> None:
    losses = torch.arange(24.0).reshape(2, 12)
    parts = mean_over_microbatches(torch.split(losses, [5, 1, 6], dim=-1))
    assert torch.allclose(parts, losses.mean(dim=-1))


def test_adamw_is_torchs() -> None:
    generator = torch.Generator().manual_seed(1)
    w = torch.randn(7, dtype=torch.float64, generator=generator)
    theirs = torch.nn.Parameter(w.clone())
    optimizer = torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.3)
    mine, state = [w], None

    for _ in range(3):
        g = torch.randn(7, dtype=torch.float64, generator=generator)
        theirs.grad = g.clone()
        optimizer.step()
        mine, state = adamw(mine, [g], state, 0.1, weight_decay=0.3)

    assert torch.allclose(mine[0], theirs.detach(), rtol=1e-12)


def test_strata_are_even() -> None:
    labels = np.array([0] * 7 + [1] * 5 + [2] * 3)

    folds = stratified_k_fold(labels, 3, np.random.default_rng(1))

    assert sorted(np.concatenate([valid for _, valid in folds])) == list(range(15))
    counts = np.array([np.bincount(labels[valid], minlength=3) for _, valid in folds])
    assert np.ptp(counts, axis=0).max() <= 1
    assert [len(valid) for _, valid in folds] == [5, 5, 5]


def test_nesterov_is_torchs() -> None:
    generator = torch.Generator().manual_seed(2)
    w = torch.randn(5, 3, generator=generator, dtype=torch.float64)
    theirs = w.clone().requires_grad_()
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.2)
    state = None
    for _ in range(4):
        g = torch.randn(w.shape, generator=generator, dtype=torch.float64)
        theirs.grad = g.clone()
        optimizer.step()
        (w,), state = nesterov_sgd([w], [g], state, 0.1, 0.9, 0.2)

    torch.testing.assert_close(w, theirs.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_smoothed_cross_entropy_is_torchs(smoothing: float) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(1, 12, 5, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 5, (1, 12), generator=generator)
    y[0, :4] = -100

    expected = torch.nn.functional.cross_entropy(logits[0], y[0], label_smoothing=smoothing)
    torch.testing.assert_close(smoothed_cross_entropy(logits, y, smoothing)[0], expected)


@pytest.mark.parametrize(("dropout", "own"), [(channel_dropout, 2), (path_dropout, 1)])
def test_a_shared_mask_is_one_number_for_each_channel_or_path(dropout: Any, own: int) -> None:
    h = torch.ones(64, 8, 3, 2)

    dropped = dropout(h, 0.25, torch.Generator().manual_seed(4))

    units = dropped.reshape(*h.shape[:own], -1)
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert bool((units == units[..., :1]).all())
    assert dropout(h, 0.25, torch.Generator(), training=False) is h


def test_a_clipped_step_is_a_plain_one_under_the_bound() -> None:
    w, g = torch.ones(2, 3, dtype=torch.float64), torch.full((2, 3), 2.0, dtype=torch.float64)

    (free,) = clipped_sgd([w], [g], 0.1, 100.0, 0.5)
    (short,) = clipped_sgd([w], [g], 0.1, 1.0, 0.5)

    torch.testing.assert_close(free, w - 0.1 * (g + 0.5 * w))
    torch.testing.assert_close((w - short).norm(dim=1), torch.full((2,), 0.1, dtype=torch.float64))


def test_split_and_folded_streams_are_numpys() -> None:
    sequence = np.random.SeedSequence(7)
    second = np.random.Generator(np.random.SFC64(sequence.spawn(2)[1])).random(5)

    np.testing.assert_array_equal(split_uniforms(7, 2, 5)[1], second)
    np.testing.assert_array_equal(folded_uniforms(7, [1], 5), second)


def test_a_data_set_is_evaluated_as_one_batch_would_be() -> None:
    generator = torch.Generator().manual_seed(1)
    X, y = torch.randn(11, 3, generator=generator), torch.randn(11, generator=generator)
    net = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(3, 1))

    def loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (y_hat.squeeze(1) - y).abs()

    parts = evaluate_loss(net, [(X[:8], y[:8]), (X[8:], y[8:])], loss)

    assert net.training
    assert parts == pytest.approx(float(loss(net.eval()(X), y).mean().detach()))


def test_a_net_is_put_back_where_the_evaluation_fails() -> None:
    net = torch.nn.Linear(3, 1)

    with pytest.raises(RuntimeError):
        evaluate_loss(net, [(torch.zeros(2, 4), torch.zeros(2))], torch.sub)

    assert net.training


@pytest.mark.parametrize(("layer", "arguments"), [
    (torch.nn.Conv2d(16, 48, 3), ("convolution", 16, 48, [3, 3], 1)),
    (torch.nn.ConvTranspose2d(64, 16, 3), ("transposed", 64, 16, [3, 3], 1)),
    (torch.nn.Linear(32, 240), ("packed", 32, 80, [3], 1)),
])  # fmt: skip
def test_both_fans_are_torchs_without_groups(layer: Any, arguments: tuple[Any, ...]) -> None:
    generator = torch.Generator().manual_seed(1)
    kind, inputs, outputs, window, groups = arguments
    w = xavier_kernel(kind, inputs, outputs, window, groups, generator, 64)

    fans = torch.nn.init._calculate_fan_in_and_fan_out(layer.weight)
    assert w.shape[1:] == layer.weight.shape
    assert w.std().item() == pytest.approx(math.sqrt(2 / sum(fans)), rel=0.02)


def test_nothing_to_evaluate_and_an_unknown_kernel_are_told() -> None:
    with pytest.raises(ValueError, match="no example"):
        evaluate_loss(torch.nn.Linear(3, 1), [], torch.sub)
    with pytest.raises(ValueError, match="there are: convolution"):
        xavier_kernel("conv", 3, 3, [3], 1, torch.Generator())
