"""Whole runs as people write them in plain torch: checkpoints, training functions, shards."""

from __future__ import annotations

import copy
import pickle
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional


def through_a_file(running: Any, fresh: Any) -> None:
    """torch.save and torch.load, as tutorials have it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checkpoint.pt")
        checkpoint = {
            "model_state_dict": running["net"].state_dict(),
            "optimizer_state_dict": running["optimizer"].state_dict(),
            "scheduler": running["schedule"].state_dict(),
            "loader": running["batches"].state_dict(),
            "rng": running["generator"].get_state(),
        }
        torch.save(checkpoint, path)
        checkpoint = torch.load(path)
    fresh["net"].load_state_dict(checkpoint["model_state_dict"])
    fresh["optimizer"].load_state_dict(checkpoint["optimizer_state_dict"])
    fresh["schedule"].load_state_dict(checkpoint["scheduler"])
    fresh["batches"].load_state_dict(checkpoint["loader"])
    fresh["generator"].set_state(checkpoint["rng"])


def by_deep_copies(running: Any, fresh: Any) -> None:
    """Checkpoints kept in memory."""
    for name, part in running.items():
        if name == "generator":
            fresh[name].set_state(part.get_state().clone())
        else:
            fresh[name].load_state_dict(copy.deepcopy(part.state_dict()))


def by_pickle(running: Any, fresh: Any) -> None:
    """Standard pickles of every part."""
    for name, part in running.items():
        read, write = (
            ("get_state", "set_state") if name == "generator" else ("state_dict", "load_state_dict")
        )
        getattr(fresh[name], write)(pickle.loads(pickle.dumps(getattr(part, read)())))


def with_adamw(net: nn.Module, batches: Any, lr: float) -> list[float]:
    """train_ch3 of the book in short, with AdamW."""
    optimizer = torch.optim.AdamW(net.parameters(), lr)
    losses = []
    for X, y in batches:
        loss = functional.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return losses


def accumulates(
    net: nn.Module, batches: Any, lr: float, parts: int = 1, evaluated: bool = False
) -> list[float]:
    """RMSprop over sums that are divided by the count of what is not ignored."""
    optimizer = torch.optim.RMSprop([w for w in net.parameters() if w.requires_grad], lr)
    losses = []
    for X, y in batches:
        if evaluated:
            net.eval()
            with torch.no_grad():
                net(X)
        net.train()
        optimizer.zero_grad()
        count, total = (y != -100).sum(), 0.0
        for rows, labels in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True):
            part = functional.cross_entropy(net(rows), labels, reduction="sum") / count
            part.backward()
            total += part.item()
        optimizer.step()
        losses.append(total)
    return losses


def data_parallel(net: nn.Module, batches: Any, lr: float, ranks: int = 1) -> list[float]:
    """Gradients of every rank's sum are added up, as an all-reduce does, and divided by all."""
    trained = [w for w in net.parameters() if w.requires_grad]
    optimizer = torch.optim.SGD(trained, lr, momentum=0.9, nesterov=True)
    losses = []
    for X, y in batches:
        sums = [
            functional.cross_entropy(net(X[r::ranks]), y[r::ranks], reduction="sum")
            for r in range(ranks)
        ]
        grads = [torch.autograd.grad(s, trained, allow_unused=True) for s in sums]
        count = int((y != -100).sum())
        for w, *each in zip(trained, *grads, strict=True):
            w.grad = None if each[0] is None else torch.stack(each).sum(dim=0) / count
        optimizer.step()
        losses.append(sum(float(s.detach()) for s in sums) / count)
    return losses


def with_schedule(
    net: nn.Module, batches: Any, lr: float, scale: float = 1.0, resumed: int | None = None
) -> list[float]:
    """Adam with a schedule, a scaled loss and a checkpoint in memory."""
    trained = [w for w in net.parameters() if w.requires_grad]

    def made() -> tuple[Any, Any]:
        adam = torch.optim.Adam(trained, lr)
        return adam, torch.optim.lr_scheduler.LinearLR(adam, 0.5, total_iters=4)

    optimizer, schedule = made()
    losses = []
    for step, (X, y) in enumerate(batches):
        if step == resumed:
            states = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
            optimizer, schedule = made()
            optimizer.load_state_dict(states[0])
            schedule.load_state_dict(states[1])
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(X), y)
        (loss * scale).backward()  # type: ignore[no-untyped-call]
        for w in trained:
            if w.grad is not None:
                w.grad /= scale
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def stretches(
    n: int, rank: int, ranks: int, epoch: int, seed: int = 0, shuffle: bool = True,
    drop_last: bool = False,
) -> torch.Tensor:  # fmt: skip
    """One stretch of the order for each rank, the last one filled from the start."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
    order = torch.randperm(n, generator=generator) if shuffle else torch.arange(n)
    size = n // ranks if drop_last else (n + ranks - 1) // ranks
    places = torch.arange(rank * size, (rank + 1) * size)
    return order[places % n]
