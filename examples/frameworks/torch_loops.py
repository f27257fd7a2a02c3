"""Loops of plain torch that take batches from a loader: a short one, and nanoGPT's manner."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader

from examples.frameworks.torch_runs import with_adamw
from examples.frameworks.torch_steps import nanogpt_groups, nanogpt_rate
from harness.adapters.adapter import adapter

WARMUP, TOTAL, BOUND = 1, 8, 1.0  # steps of warm-up and in all, the largest norm of a gradient


def fit(net: nn.Module, batches: Any, lr: float) -> list[float]:
    """The loop of tutorials. A DataLoader draws from torch's global generator, shuffled or not."""
    return with_adamw(net, DataLoader(batches, batch_size=None), lr)


with_a_loader = adapter("trainer", fit)


def _made(net: nn.Module, lr: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(nanogpt_groups(net, 0.1), lr, betas=(0.9, 0.95))


def nanogpt(
    net: nn.Module, batches: Any, lr: float, parts: int = 1, scale: float = 1.0,
    resumed: int | None = None, evaluated: bool = False,
) -> list[float]:  # fmt: skip
    """Accumulated, clipped, warmed up to a cosine, with groups of decay, a scaler, a checkpoint."""
    scaler = torch.amp.GradScaler("cpu", init_scale=scale, enabled=scale != 1)
    optimizer, losses = _made(net, lr), []
    for step, (X, y) in enumerate(batches):
        if step == resumed:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "ckpt.pt")
                torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict()}, path)
                checkpoint = torch.load(path)
            optimizer = _made(net, lr)
            net.load_state_dict(checkpoint["model"])
            optimizer.load_state_dict(checkpoint["optimizer"])
        if evaluated:
            net.eval()
            with torch.no_grad():
                functional.cross_entropy(net(X), y)
            net.train()
        for group in optimizer.param_groups:
            group["lr"] = nanogpt_rate(step, TOTAL, WARMUP, lr, lr / 10)
        count, total = (y != -100).sum(), 0.0  # of the whole batch: parts may hold more or less
        for rows, labels in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True):
            with torch.autocast("cpu", enabled=False):
                loss = functional.cross_entropy(net(rows), labels, reduction="sum") / count
            total += loss.item()
            scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(net.parameters(), BOUND)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)
        losses.append(total)
    return losses
