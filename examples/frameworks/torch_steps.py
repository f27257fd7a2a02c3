"""Steps of training as people write them in plain torch: loops, rates, groups, averages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from harness.declaration.not_applicable import NotApplicableError

Parts = Sequence[tuple[Tensor, Tensor, Tensor]]
Loss = Callable[[Tensor, Tensor], Tensor]


def plain(
    net: nn.Module, optimizer: Any, schedule: Any, microbatches: Parts, loss: Loss,
    max_norm: float = math.inf,
) -> float:  # fmt: skip
    """The loop of tutorials: zero_grad, backward for each part, clip, step, step."""
    net.train()
    optimizer.zero_grad(set_to_none=True)
    count = torch.cat([weight for _, _, weight in microbatches]).sum()
    losses = []
    for X, y, weight in microbatches:
        part = (loss(net(X), y) * weight).sum() / count
        part.backward()  # type: ignore[no-untyped-call]
        losses.append(part.item())
    if max_norm < math.inf:
        nn.utils.clip_grad_norm_(net.parameters(), max_norm)
    optimizer.step()
    schedule.step()
    return sum(losses)


def with_a_scaler(
    net: nn.Module, optimizer: Any, schedule: Any, microbatches: Parts, loss: Loss,
    max_norm: float = math.inf, scale: float = 65536.0, skip_nonfinite: bool = True,
) -> float:  # fmt: skip
    """As nanoGPT does: scaled losses, unscale_ before the clip, zero_grad at the end."""
    scaler = torch.amp.GradScaler("cpu", init_scale=scale)
    total = sum(float(weight.sum()) for _, _, weight in microbatches)
    mean = 0.0
    for X, y, weight in microbatches:
        part = (weight * loss(net(X), y)).sum() / total
        mean += part.item()
        scaler.scale(part).backward()  # type: ignore[no-untyped-call]
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(net.parameters(), max_norm)
    scaler.step(optimizer)
    scaler.update()
    if scaler.get_scale() >= scale:  # it shrinks where a step was skipped
        schedule.step()
    optimizer.zero_grad(set_to_none=True)
    return mean


class Loop:
    """A module that owns its loop, in the manner of trainers with hooks."""

    def training_step(self, net: nn.Module, batch: Any, loss: Loss) -> tuple[Tensor, Tensor]:
        """The sum of the weighted losses of one part, and of its weights."""
        X, y, weight = batch
        return weight @ loss(net(X), y), weight.sum()

    def __call__(
        self, net: nn.Module, optimizer: Any, schedule: Any, microbatches: Parts, loss: Loss
    ) -> float:
        """Everything in one closure, which the optimiser calls."""

        def closure() -> float:
            optimizer.zero_grad()
            sums = [self.training_step(net, batch, loss) for batch in microbatches]
            mean = torch.stack([s for s, _ in sums]).sum() / sum(float(w) for _, w in sums)
            mean.backward()  # type: ignore[no-untyped-call]
            return float(mean.detach())

        found = float(optimizer.step(closure))
        schedule.step()
        return found


in_a_class = Loop()


def sums_then_divides(
    net: nn.Module, optimizer: Any, schedule: Any, microbatches: Parts, loss: Loss
) -> float:
    """Gradients of sums are added up, and divided by the count before the step."""
    optimizer.zero_grad()
    total, count = 0.0, 0.0
    for X, y, weight in microbatches:
        part = torch.dot(weight, loss(net(X), y))
        part.backward()  # type: ignore[no-untyped-call]
        total, count = total + float(part.detach()), count + float(weight.sum())
    for w in net.parameters():
        if w.grad is not None:
            w.grad.div_(count)
    optimizer.step()
    schedule.step()
    return total / count


def nanogpt_rate(step: int, total: int, warmup: int, peak: float, floor: float = 0.0) -> float:
    """A function of the step, as in nanoGPT's training script."""
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if step > total:
        return floor
    ratio = (step - warmup) / (total - warmup)
    return floor + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (peak - floor)


def nanogpt_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """By the number of axes, as nanoGPT's configure_optimizers."""
    named = {name: w for name, w in net.named_parameters() if w.requires_grad}
    return [
        {"params": [w for w in named.values() if w.dim() >= 2], "weight_decay": weight_decay},
        {"params": [w for w in named.values() if w.dim() < 2], "weight_decay": 0.0},
    ]


def timm_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """By axes and by name, the spared ones first."""
    decay, spared = list[Tensor](), list[Tensor]()
    for name, w in net.named_parameters():
        if w.requires_grad:
            (spared if w.ndim <= 1 or name.endswith(".bias") else decay).append(w)
    return [
        {"params": spared, "weight_decay": 0.0},
        {"params": decay, "weight_decay": weight_decay},
    ]


def group_for_each(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """A group for every parameter."""
    return [
        {"params": [w], "weight_decay": weight_decay * (w.ndim > 1)}
        for w in net.parameters()
        if w.requires_grad
    ]


def stochastic_rounding(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    weight_decay: float = 0.0, generator: torch.Generator | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """The 16-bit neighbours of the new weight, each as likely as it is near."""
    stepped = []
    for w, g in zip(params, grads, strict=True):
        new = w.double() * (1 - lr * weight_decay) - lr * g.double()
        near = new.to(w.dtype)
        away = torch.where(near.double() > new, -torch.inf, torch.inf).to(w.dtype)
        other = torch.nextafter(near, away)
        step = (other.double() - near.double()).abs()
        odds = (new - near.double()).abs() / step
        draw = torch.rand(new.shape, generator=generator, dtype=torch.float64)
        stepped.append(torch.where(draw < odds, other, near))
    return stepped, ()


def compensated(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    weight_decay: float = 0.0, generator: Any = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """Kahan's summation: what was rounded off is kept beside the weight."""
    lost = [torch.zeros_like(w, dtype=torch.float32) for w in params] if state is None else state
    stepped, kept = [], []
    for w, g, c in zip(params, grads, lost, strict=True):
        new = (w.float() + c) * (1 - lr * weight_decay) - lr * g.float()
        stepped.append(new.to(w.dtype))
        kept.append(new - stepped[-1].float())
    return stepped, kept


def master_weights(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    weight_decay: float = 0.0, generator: Any = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """torch's SGD on float32 copies, whose values are copied to the 16-bit weights."""
    masters = [w.detach().float() for w in params] if state is None else state
    masters = [w.clone() for w in masters]
    optimizer = torch.optim.SGD(masters, lr, weight_decay=weight_decay)
    for w, g in zip(masters, grads, strict=True):
        w.grad = g.float()
    optimizer.step()
    return [w.to(p.dtype) for w, p in zip(masters, params, strict=True)], masters


def shadowed(weights: Sequence[Tensor], state: Any, decay: float | None = None) -> Any:
    """Shadows in float32, multiplied and added to in place, as most projects have them."""
    if decay is None:
        raise NotApplicableError("it has a decay")
    shadow = {i: w.detach().clone() for i, w in enumerate(weights)}
    for i, w in shadow.items():
        if w.is_floating_point():
            shadow[i] = w.float() if w.dtype in (torch.bfloat16, torch.float16) else w
            if state is not None:
                shadow[i] = state[i].clone().mul_(decay).add_(shadow[i], alpha=1 - decay)
    return [w.clone() for w in shadow.values()], shadow


def corrected(weights: Sequence[Tensor], state: Any, decay: float | None = None) -> Any:
    """From zeros, divided by 1 - decay^k, as Adam corrects its moments."""
    if decay is None:
        raise NotApplicableError("it has a decay")
    count, sums = (0, [0.0] * len(weights)) if state is None else state
    with torch.no_grad():
        sums = [
            decay * old + (1 - decay) * w.to(torch.promote_types(w.dtype, torch.float32))
            for old, w in zip(sums, weights, strict=True)
        ]
    averages = [
        s / (1 - decay ** (count + 1)) if w.is_floating_point() else w.clone()
        for s, w in zip(sums, weights, strict=True)
    ]
    return averages, (count + 1, sums)


def summed(weights: Sequence[Tensor], state: Any) -> Any:
    """The sum of all weights over their count, for stochastic weight averaging."""
    count, sums = (0, [0] * len(weights)) if state is None else state
    with torch.no_grad():
        sums = [s + w for s, w in zip(sums, weights, strict=True)]
        averages = [
            s / (count + 1) if w.is_floating_point() else w.clone()
            for s, w in zip(sums, weights, strict=True)
        ]
    return averages, (count + 1, sums)
