"""Oracles for the roles of the training loop: torch's own, or a closed form."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from harness.primitives.attention import attention
from harness.primitives.averages import average_weights
from harness.primitives.checkpoints import resume
from harness.primitives.initial_nets import module_init
from harness.primitives.losses import token_loss
from harness.primitives.normalization import batch_norm, layer_norm, rms_norm
from harness.primitives.parameter_groups import decay_groups
from harness.primitives.ranks import data_parallel_step
from harness.primitives.schedules import lr_schedule
from harness.primitives.shards import distributed_sampler
from harness.primitives.sixteen_bits import sixteen_bit_sgd
from harness.primitives.trainers import trainer
from harness.primitives.training_steps import train_step


def half_square(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (y_hat - y).square().sum(dim=-1) / 2


def net_of(seed: int) -> tuple[Any, Any, Any]:
    generator = torch.Generator().manual_seed(seed)
    net = nn.Linear(3, 1, dtype=torch.float64)
    for w in net.parameters():
        w.data = torch.randn(w.shape, generator=generator, dtype=torch.float64)
    optimizer = torch.optim.Adam(net.parameters(), 0.1)
    return net, optimizer, torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)


@pytest.mark.parametrize("options", [{}, {"scale": 1024.0, "max_norm": 1e3}])
def test_parts_are_stepped_on_as_the_whole_is(options: dict[str, Any]) -> None:
    X, y = torch.arange(18.0, dtype=torch.float64).reshape(6, 3).sin(), torch.ones(6, 1).double()
    weight = torch.arange(6, dtype=torch.float64)
    mine, theirs = net_of(1), net_of(1)

    loss = train_step(
        *mine, [(X[:1], y[:1], weight[:1]), (X[1:], y[1:], weight[1:])], half_square, **options
    )

    net, optimizer, _ = theirs
    whole = (weight * half_square(net(X), y)).sum() / weight.sum()
    torch.autograd.backward(whole)
    optimizer.step()
    assert loss == pytest.approx(float(whole.detach()))
    assert torch.allclose(mine[0].weight, net.weight)
    assert mine[2].get_last_lr() == [0.05]


def test_a_step_with_an_infinite_gradient_moves_nothing() -> None:
    net, optimizer, schedule = net_of(1)
    before = net.weight.detach().clone()
    X, ones = torch.full((2, 3), math.inf, dtype=torch.float64), torch.ones(2, dtype=torch.float64)

    train_step(net, optimizer, schedule, [(X, ones[:, None], ones)], half_square,
               skip_nonfinite=True)  # fmt: skip

    assert torch.equal(net.weight, before)
    assert not optimizer.state
    assert schedule.last_epoch == 0


def test_the_rate_after_the_warm_up_is_torchs_cosine() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8, 0.1)

    for step in range(4, 13):
        assert lr_schedule(step, 12, 4, 0.5, 0.1) == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_the_loss_over_tokens_is_torchs_where_padding_is_ignored() -> None:
    logits = torch.arange(40.0).reshape(2, 4, 5).sin()
    labels = torch.tensor([[1, 2, -100, 0], [3, 0, 0, 0]])
    padded = torch.tensor([[1, 2, -100, 0], [3, 0, -100, -100]])

    found = token_loss(logits, labels, torch.tensor([4, 2]), smoothing=0.1)

    flat = logits.reshape(-1, 5), padded.reshape(-1)
    theirs = nn.functional.cross_entropy(*flat, label_smoothing=0.1)
    assert float(found) == pytest.approx(float(theirs))


def test_an_optimizer_takes_the_groups_and_decays_weights_alone() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
    before = {name: w.detach().clone() for name, w in net.named_parameters()}
    optimizer = torch.optim.SGD(decay_groups(net, 0.5), lr=0.1)
    for w in net.parameters():
        w.grad = torch.zeros_like(w)

    optimizer.step()

    moved = {name for name, w in net.named_parameters() if not torch.equal(w, before[name])}
    assert moved == {"0.weight"}


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_torchs(causal: bool) -> None:
    q, k, v = (torch.arange(120.0).reshape(2, 3, 5, 4).add(i).mul(i).cos() for i in (1, 2, 3))

    found = attention(q, k, v, causal=causal)

    theirs = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
    assert torch.allclose(found, theirs, atol=1e-6)


def test_normalisation_is_torchs() -> None:
    x = torch.arange(20.0).reshape(4, 5).sin()
    gain, bias = torch.arange(5.0), torch.arange(5.0).cos()
    mean, var = torch.zeros(5), torch.ones(5)

    batch, running = batch_norm(x, gain, bias, None, 1e-5)

    theirs = nn.functional
    assert torch.allclose(rms_norm(x, gain, 1e-5), theirs.rms_norm(x, (5,), gain, 1e-5))
    assert torch.allclose(
        layer_norm(x, gain, bias, 1e-5), theirs.layer_norm(x, (5,), gain, bias), atol=1e-6
    )
    assert torch.allclose(batch, theirs.batch_norm(x, mean, var, gain, bias, True), atol=1e-6)
    assert torch.allclose(torch.stack(running), torch.stack([mean, var]))


class Nothing:
    """Data without a state."""

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        assert state == {}


def test_a_resumed_run_has_what_was_saved() -> None:
    runs = [
        dict(zip(("net", "optimizer", "schedule"), net_of(seed), strict=True)) for seed in (1, 2)
    ]
    for seed, run in enumerate(runs):
        run |= {"batches": Nothing(), "generator": torch.Generator().manual_seed(seed)}
    runs[0]["optimizer"].step()
    runs[0]["schedule"].step()

    resume(*runs)

    assert torch.equal(runs[0]["net"].weight, runs[1]["net"].weight)
    assert runs[1]["schedule"].get_last_lr() == [0.05]
    assert torch.equal(*(torch.rand(3, generator=run["generator"]) for run in runs))


def test_a_step_below_the_spacing_is_kept_until_it_counts() -> None:
    ones = [torch.ones(1, dtype=torch.bfloat16)]
    w, state = ones, None
    for _ in range(8):
        w, state = sixteen_bit_sgd(w, ones, state, 2.0**-11)

    assert float(w[0]) == 1 - 2.0**-8


def test_a_trainer_lowers_the_loss() -> None:
    net, _, _ = net_of(1)
    wide = nn.Sequential(net, nn.Linear(1, 2, dtype=torch.float64))
    X = torch.arange(12.0, dtype=torch.float64).reshape(4, 3).sin()
    batch = X, torch.tensor([0, 1, -100, 1])

    losses = trainer(wide, [batch] * 30, 0.2, parts=2, ranks=2)

    theirs = nn.functional.cross_entropy(wide(X), batch[1])
    assert losses[-1] < losses[0]
    assert float(theirs.detach()) < losses[0]


def test_ranks_step_with_the_gradient_of_the_whole_batch() -> None:
    net, _, _ = net_of(1)
    X, y = torch.arange(18.0, dtype=torch.float64).reshape(6, 3).sin(), torch.ones(6, 1).double()

    def gradients(rows: slice) -> list[torch.Tensor]:
        return list(
            torch.autograd.grad(half_square(net(X[rows]), y[rows]).mean(), net.parameters())
        )

    found = data_parallel_step([gradients(slice(1)), gradients(slice(1, 6))], [1, 5])

    for rank in found:
        for g, whole in zip(rank, gradients(slice(6)), strict=True):
            assert torch.allclose(g, whole)


def test_a_net_is_drawn_module_by_module() -> None:
    net: Any = nn.ModuleDict({
        "words": nn.Embedding(400, 100, padding_idx=0), "norm": nn.LayerNorm(100),
        "c_fc": nn.Linear(100, 400), "c_proj": nn.Linear(400, 100),
    })  # fmt: skip

    module_init(net, 8, torch.Generator().manual_seed(0))

    sizes = {name: float(w.detach().std()) for name, w in net.named_parameters() if w.dim() == 2}
    assert sizes["words.weight"] == pytest.approx(0.02, rel=0.02)
    assert sizes["c_fc.weight"] == pytest.approx(0.02, rel=0.02)
    assert sizes["c_proj.weight"] == pytest.approx(0.005, rel=0.02)
    assert not net["words"].weight[0].any()
    assert torch.equal(net["norm"].weight, torch.ones(100))
    assert not any(net[name].bias.any() for name in ("norm", "c_fc", "c_proj"))


@pytest.mark.parametrize("decay", [None, 0.9])
def test_averages_are_torchs(decay: float | None) -> None:
    utils: Any = torch.optim.swa_utils
    net: Any = nn.BatchNorm1d(3)
    average = None if decay is None else utils.get_ema_multi_avg_fn(decay)
    theirs, state = utils.AveragedModel(net, multi_avg_fn=average), None
    for step in range(4):
        net.weight.data.add_(torch.arange(3.0).add(step).sin())
        net.num_batches_tracked.add_(1)
        theirs.update_parameters(net)
        mine, state = average_weights([net.weight, net.num_batches_tracked], state, decay)

    assert torch.allclose(mine[0], theirs.module.weight)
    assert int(mine[1]) == 4


def test_a_small_step_of_an_average_is_kept_until_it_counts() -> None:
    ones, twos = ([torch.full((1,), value, dtype=torch.bfloat16)] for value in (1.0, 2.0))
    averages, state = average_weights(ones, None, 0.999)
    for _ in range(8):
        averages, state = average_weights(twos, state, 0.999)

    assert float(averages[0]) == 1 + 2.0**-7  # 1.00797, rounded to bfloat16


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("n", "ranks"), [(10, 4), (12, 4), (3, 8)])
def test_the_shards_of_what_is_not_shuffled_are_torchs(n: int, ranks: int, drop_last: bool) -> None:
    for rank in range(ranks):
        mine = distributed_sampler(n, rank, ranks, 5, 1, False, drop_last)
        theirs: Any = torch.utils.data.DistributedSampler
        sampler = theirs(range(n), ranks, rank, shuffle=False, drop_last=drop_last)
        assert mine.tolist() == list(sampler)


def test_shuffled_shards_are_one_order_in_turn() -> None:
    order = np.random.default_rng((1, 5)).permutation(6)
    shards = [distributed_sampler(6, rank, 2, 5, 1) for rank in range(2)]

    assert np.array_equal(np.stack(shards, axis=1).ravel(), order)
